"""Which methods are compared, and how is each of them asked for all the accuracy it can give?

A solver is handed F, its exact Jacobian, a start and the number of evaluations of F it may use, and
answers with its point and with whether it claims success. Nothing else of its answer is believed:
residuals and evaluations are the benchmark's own.
"""

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import numpy as np
from scipy import optimize

import nlsolve

TOLERANCE = 1e-15  # of scipy's xtol, ftol and gtol


class Answer(NamedTuple):
    w: Any
    success: bool


class Solver(NamedTuple):
    """A method; `needs` says which systems it takes."""

    name: str
    run: Callable[[Any, Any, Any, int], Answer]
    needs: str = "any n, m"

    def takes(self, n: int, m: int) -> bool:
        return {"any n, m": True, "n >= m": n >= m, "n = m": n == m}[self.needs]


def run_nlsolve(F: Any, jac: Any, w0: Any, limit: int, **words: Any) -> Answer:
    sol = nlsolve.solve(F, 0.0, w0, jac=jac, max_nfev=limit, **words)
    return Answer(sol.w, sol.success)


def run_least_squares(F: Any, jac: Any, w0: Any, limit: int, **words: Any) -> Answer:
    tolerances = dict.fromkeys(("xtol", "ftol", "gtol"), TOLERANCE)
    sol = optimize.least_squares(F, w0, jac, max_nfev=limit, **tolerances, **words)
    return Answer(sol.x, bool(sol.success))


def run_root(F: Any, jac: Any, w0: Any, limit: int, *, method: str) -> Answer:
    options = {
        "hybr": {"xtol": TOLERANCE, "maxfev": limit},
        "lm": {**dict.fromkeys(("xtol", "ftol", "gtol"), TOLERANCE), "maxiter": limit},
    }
    sol = optimize.root(F, w0, jac=jac, method=method, options=options[method])
    return Answer(np.asarray(sol.x), bool(sol.success))


NLSOLVE = [Solver("nlsolve auto", run_nlsolve)] + [
    Solver(f"nlsolve {name}", partial(run_nlsolve, method=name))
    for name in ("gauss-newton", "levenberg-marquardt", "dogleg", "gd", "sgd", "block-kaczmarz")
]

SCIPY = [
    Solver("least_squares trf", partial(run_least_squares, method="trf")),
    Solver("trf, x_scale='jac'", partial(run_least_squares, method="trf", x_scale="jac")),
    Solver("least_squares dogbox", partial(run_least_squares, method="dogbox")),
    Solver("least_squares lm", partial(run_least_squares, method="lm"), "n >= m"),
    Solver("root hybr", partial(run_root, method="hybr"), "n = m"),
    Solver("root lm", partial(run_root, method="lm"), "n >= m"),
]
