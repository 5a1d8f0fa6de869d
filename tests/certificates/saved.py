"""Which certificate files do tests of the verifier share? Proved ones, as dicts to be changed.

Each is about a point some way off a solution, so that no number in it is only rounding.
"""

import copy
from functools import cache

import numpy as np

import nlsolve
from nlsolve.certificates.record import record

SYSTEMS = {  # equations, a rough solution
    "circle": ("x**2 + y**2 = 4; x = y", [1.4, 1.4]),
    "sphere": ("x**2 + y**2 + z**2 = 1; x*y = z", [0.8, 0.5, 0.4]),
    "exponential": ("exp(x) + y = 2; sin(x*y) = 0.1", [0.1, 0.9]),
    "wide tanh": ("tanh(x) + y*z = 0.5; cos(z) + x/(1 + y**2) = 1", [0.2, 0.5, 0.6]),
    "roots": ("sqrt(x)*y = 2; log(y) + x = 3", [2.4, 1.3]),
    "inverse": ("atan(x) + erf(y) = 0.7; asinh(z)*x = 0.2; x**3 - y = 0.1", [0.7, 0.2, 0.3]),
    "angles": ("atan2(x, y) + z**2 = 1; x**y = 1.2; z - tan(x/2) = 0.1", [1.2, 1.1, 0.7]),
    "arcs": ("asin(x/2) + acos(y/3) = 1.5; sinh(x) = cosh(y)/4", [0.4, 0.8]),
    "kinks": ("abs(x)*x + max(y, z - 9) = 2; min(x, y + 9) = sign(z)*y", [1.0, 1.0, 3.0]),
    "one": ("x**2 + 2*y**2 - x*y*z + 3*u = 1", [0.1, 0.2, 0.3, 0.4]),
    "quotient": ("x/(y + 3) + y**-2 = 1; 0.1*x - pi*y + e = 0.5*x**3", [0.5, 0.9]),
}
QUESTIONS = {
    "existence": {"method": None},
    "gauss-newton": {"method": "gauss-newton"},
    "gd": {"method": "gd"},
    "conditioning": {"claim": "conditioning", "radius": 0.01},
}
BY_NAME = {  # system, question
    "existence": ("circle", {"theorem": "existence"}),
    "existence of F": ("circle", {"theorem": "existence", "precondition": False}),
    "existence-delta": ("inverse", {"theorem": "existence-delta"}),
    "right-inverse": ("quotient", {"theorem": "right-inverse"}),
    "right-inverse, wide": ("wide tanh", {"theorem": "right-inverse"}),
    "gauss-newton": ("circle", {"method": "gauss-newton"}),
    "gauss-newton, wide": ("sphere", {"method": "gauss-newton"}),
    "gauss-newton of F": ("sphere", {"method": "gauss-newton", "precondition": False}),
    "gd": ("wide tanh", {"method": "gd"}),
    "gd, short steps": ("wide tanh", {"method": "gd", "step": 0.01}),
    "sgd": ("one", {"method": "sgd", "batch": 2}),
    "conditioning": ("sphere", {"theorem": "conditioning", "radius": 0.01}),
    "conditioning-delta": ("sphere", {"theorem": "conditioning-delta", "radius": 0.01}),
    "paper kernel": ("sphere", {"theorem": "liu-zhu-belkin-kernel", "radius": 0.01}),
    "paper gd": ("one", {"method": "gd", "theorem": "liu-zhu-belkin-gd"}),
    "paper sgd": ("one", {"method": "sgd", "theorem": "liu-zhu-belkin-sgd", "batch": 3}),
}


@cache
def system(name):
    return nlsolve.parse(SYSTEMS[name][0])


@cache
def solution(name):
    return nlsolve.solve(system(name), 0.0, SYSTEMS[name][1], tol=1e-13).raise_if_failed().w


def certificate(name, distance=1e-3, **question):
    """Return a proved certificate about a point at some distance from a solution."""
    w = solution(name)
    away = np.cos(1.0 + np.arange(w.size))
    at = w + distance * away / np.linalg.norm(away)
    found = nlsolve.certify(system(name), 0.0, at, evidence="proved", **question)
    assert found.holds, found.reason
    return found


@cache
def _saved(label):
    name, question = BY_NAME[label]
    return record(certificate(name, **question), system(name))


def saved(label):
    """Return a copy of what is in a file, to be changed."""
    return copy.deepcopy(_saved(label))


def scaled(text, factor):
    """Return a hexadecimal double times a factor; 0 becomes 1e-3 where it must grow."""
    number = float.fromhex(text)
    return float(number * factor if number or factor < 1.0 else 1e-3).hex()
