"""Which bounds does each theorem ask for? Ingredients made of numbers, to try theorems by hand."""

from typing import Any, NamedTuple

import numpy as np

from nlsolve.certificates.evidence import Ball, Bound, Evidence, Ingredients

AT_POINT = ("sigma0", "sigma_max", "rho0", "row_max", "sigma_m", "v0", "tau0", "X", "A_inverse")
AT_POINT += ("A",)
LOWER = ("sigma0", "sigma_m")

# theorem -> what THEORY.md's formulas contain; another side than LOWER's is an upper bound
NEEDS = {
    "existence": ("sigma0", "rho0", "beta"),
    "existence-delta": ("sigma0", "rho0", "Delta"),
    "right-inverse": ("q", "X", "rho0"),
    "gauss-newton": ("sigma0", "rho0", "beta"),
    "gd": ("sigma0", "rho0", "beta", "sigma_max"),
    "liu-zhu-belkin-gd": ("sigma0", "rho0", "beta", "sigma_max"),
    "sgd": ("sigma0", "rho0", "beta", "sigma_max", "row_max"),
    "liu-zhu-belkin-sgd": ("sigma0", "rho0", "beta", "row_max", "H"),
    "conditioning": ("sigma0", "beta"),
    "conditioning-delta": ("sigma0", "Delta"),
    "liu-zhu-belkin-kernel": ("sigma0", "sigma_max", "beta", "H"),
    "pl-star-eps": ("sigma_m", "rho0", "beta", "sigma_max", "v0", "tau0"),
}
# what a theorem takes where it is there
MAY_USE = {
    "gd": ("L_F",),
    "liu-zhu-belkin-gd": ("L_F",),
    "sgd": ("L_F", "G"),
    "liu-zhu-belkin-sgd": ("G",),
    "liu-zhu-belkin-kernel": ("L_F",),
    "pl-star-eps": ("L_F",),
}
# constants every theorem holds with
GENTLE = {
    "sigma0": 1.0, "sigma_m": 1.0, "sigma_max": 1.5, "rho0": 1e-4, "beta": 0.1, "Delta": 0.1,
    "L_F": 1.6, "G": 1.2, "H": 0.1, "row_max": 1.1, "q": 0.25, "X": 1.0, "v0": 1e-4, "tau0": 1e-6,
    "A": 1.0, "A_inverse": 1.0,
}  # fmt: skip
OTHER = object()  # stands for a preconditioner
CENTRE = np.array([0.3, -1.0, 2.0])


class Setting(NamedTuple):
    """Where the constants are good: a ball, for n equations in m unknowns."""

    ball: Ball
    n: int
    m: int


def setting(name: str, radius: float = 1.0, equations: Any = None) -> Setting:
    """A ball for a theorem: square systems for pl-star-eps, wide ones for all others."""
    n = 3 if name == "pl-star-eps" else 2
    return Setting(Ball(CENTRE, radius, equations), n, 3)


def bound(quantity: str, value: Any, ball: Ball, **changes: Any) -> Bound:
    """A bound of the side theorems need, for the ball or its centre; `changes` replace fields."""
    region = Ball(ball.centre, 0.0, ball.equations) if quantity in AT_POINT else ball
    fields = {
        "quantity": quantity, "value": value, "region": region, "evidence": Evidence.ASSUMED,
        "side": "lower" if quantity in LOWER else "upper", "source": "test",
    }  # fmt: skip
    return Bound(**{**fields, **changes})


def ingredients(values: dict[str, Any], place: Setting) -> Ingredients:
    """Ingredients of bounds with these values, all good for the ball."""
    bounds = [bound(quantity, value, place.ball) for quantity, value in values.items()]
    return Ingredients(bounds, place.ball, place.n, place.m)
