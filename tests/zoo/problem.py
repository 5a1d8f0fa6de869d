"""What is a problem of the zoo, and from where is it started?

Every F and every Jacobian is a plain function of a float64 array that numba compiles as it stands,
and F also accepts a complex array, so that its derivative can be checked by a complex step.
That is why F allocates with the dtype of w, and why no formula calls another.
"""

from collections.abc import Callable, Iterable
from typing import NamedTuple

import numpy as np

Function = Callable[[np.ndarray], np.ndarray]


class Problem(NamedTuple):
    """A system F(w) = 0 of n equations in m unknowns, its exact Jacobian and a start."""

    name: str
    F: Function
    jac: Function
    w0: tuple[float, ...]
    n: int
    m: int
    solution: tuple[float, ...] | None  # one root, where a closed form or a published one exists
    source: str
    singular: bool = False  # the Jacobian loses rank at the solution (but not around it)


def as_floats(values: Iterable[float]) -> tuple[float, ...]:
    return tuple(float(value) for value in np.ravel(np.asarray(values)))


def entry(
    name: str,
    F: Function,
    jac: Function,
    w0: Iterable[float],
    source: str,
    solution: Iterable[float] | None = None,
    singular: bool = False,
) -> Problem:
    """A Problem whose sizes are read off F and its start."""
    start = as_floats(w0)
    root = None if solution is None else as_floats(solution)
    n = F(np.array(start)).size
    return Problem(name, F, jac, start, n, len(start), root, source, singular)


def scaled_starts(problem: Problem) -> list[tuple[float, tuple[float, ...]]]:
    """The standard start times 1, 10 and 100; a zero start becomes factor * ones, as in MINPACK."""
    w0 = np.array(problem.w0)
    away = w0 if np.any(w0) else np.ones(problem.m)
    return [(1.0, problem.w0)] + [(c, as_floats(c * away)) for c in (10.0, 100.0)]


def points(problem: Problem) -> list[np.ndarray]:
    """The start and two points near it."""
    rng = np.random.default_rng(0)
    w0 = np.array(problem.w0)
    scale = np.where(w0 == 0.0, 1.0, np.abs(w0))
    return [w0] + [w0 + 0.1 * scale * rng.standard_normal(problem.m) for _ in range(2)]
