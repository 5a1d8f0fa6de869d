"""Which systems are timed? Dense random ones of any size with a known root, and some of the zoo's.

sine:     F(w) = A w + sin(B w) / 2 - c
product:  F_i(w) = (A w)_i (B w)_i - c_i

A and B are normal with rows of length about one, c puts a root at a random w*, and the start is w*
moved by half a unit a coordinate. A, B and c travel as `args`, so that numba compiles each formula
once for all sizes.
"""

from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

import numpy as np
from numba import njit

from tests.zoo import WIDE

ZOO = ("sphere and plane", "3R arm position", "5R arm pose", "eigenpair of a pencil",
       "free Broyden tridiagonal", "Bratu with control")  # fmt: skip


class Timed(NamedTuple):
    """A system as both sides are given it."""

    name: str
    F: Callable[..., Any]
    jac: Callable[..., Any]
    w0: np.ndarray
    n: int
    args: tuple[Any, ...] = ()

    @property
    def size(self) -> str:
        return f"{self.n} x {self.w0.size}"

    def jitted(self) -> "Timed":
        return self._replace(F=compiled(self.F), jac=compiled(self.jac))


@cache
def compiled(function: Callable[..., Any]) -> Callable[..., Any]:
    return njit(function)  # type: ignore[no-any-return]


def sine(w, A, B, c):
    return A @ w + 0.5 * np.sin(B @ w) - c


def sine_jac(w, A, B, c):
    slope = 0.5 * np.cos(B @ w)
    return A + slope.reshape(-1, 1) * B


def product(w, A, B, c):
    return (A @ w) * (B @ w) - c


def product_jac(w, A, B, c):
    u, v = A @ w, B @ w
    return v.reshape(-1, 1) * A + u.reshape(-1, 1) * B


FORMULAS = {"sine": (sine, sine_jac), "product": (product, product_jac)}


def random_system(formula: str, n: int, m: int, seed: int = 0) -> Timed:
    """Return the system of one of the formulas with n equations in m unknowns."""
    F, jac = FORMULAS[formula]
    rng = np.random.default_rng([seed, n, m])
    A, B = rng.standard_normal((2, n, m)) / np.sqrt(m)
    root = rng.standard_normal(m)
    args = (A, B, F(root, A, B, np.zeros(n)))
    return Timed(formula, F, jac, root + 0.5 * rng.standard_normal(m), n, args)


def zoo_systems() -> list[Timed]:
    """Return wide systems of the zoo: a circle, arms, an eigenpair, discretised equations."""
    by_name = {problem.name: problem for problem in WIDE}
    chosen = [by_name[name] for name in ZOO]
    return [Timed(p.name, p.F, p.jac, np.array(p.w0), p.n) for p in chosen]
