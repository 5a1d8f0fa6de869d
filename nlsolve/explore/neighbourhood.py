"""How do F and J look at w and at a few points near it, and how well are they known there?

What is so at w alone may be an accident of w. Each unknown is therefore moved by up to an eighth of
its size, at random with a fixed seed, or by less where F is not defined there. The size of an
unknown that is 0 comes from the units in which J has entries of like size (scaling.py).

Rows that depend with constant coefficients do so in the slopes of F between any two points, however
far apart: c^T F constant is c^T (F(v) - F(w)) = 0. Where J comes from differences, such relations
are therefore looked for in slopes over steps of 1/64 of the unknowns, in which rounding is a
millionth of what it is in J.

Errors, entry by entry, with u the unit roundoff and h the step of a difference: 16 u of an exact
derivative; in slopes, what rounding of F can make, divided by h; in J by differences, at w, also by
how much J changes as the step is doubled. An entry is zero to rounding if moving w_j by its
size moves F_i by less than rounding beside what others do, and the entry is also that small itself.
"""

from typing import NamedTuple

import numpy as np

from nlsolve.explore.scaling import FloatArray, scale_exponents
from nlsolve.systems.differences import relative_step
from nlsolve.systems.errors import EvaluationError
from nlsolve.systems.problem import Problem

FEWEST = 3  # points beside w
MOVE = 2.0**-3  # of the size of each unknown
NEARER = 2.0**-4  # times that where F is not defined
ATTEMPTS = 8
LONG = 2.0**-6  # step of slopes, relative to max(1, |w_j|)
LARGEST = 1e10  # size of an unknown that is 0, over that of others


class Sample(NamedTuple):
    """F and J at a point: residual r, its error (n,), J and its errors (n, m)."""

    w: FloatArray
    r: FloatArray
    r_error: FloatArray
    J: FloatArray
    J_error: FloatArray


class Neighbourhood(NamedTuple):
    """Samples, the first at w itself, and slopes (n, k) with their errors."""

    samples: list[Sample]
    slopes: FloatArray
    slopes_error: FloatArray


@np.errstate(all="ignore")  # what is not finite is left out
def neighbourhood(problem: Problem, w: FloatArray, r: FloatArray, J: FloatArray) -> Neighbourhood:
    """Evaluate F and J near w, where they are r and J.

    At max(3, n / m + 1) points beside w, so that there are more slopes than equations; fewer
    where F is not defined there.
    """
    first = _sample(problem, w, r, J)
    first = first._replace(J_error=first.J_error + _truncation(problem, first))
    count = max(FEWEST, -(-problem.n // problem.m) + 1)
    rng, sizes = np.random.default_rng(0), _sizes(w, J)
    moved = [_nearby(problem, w, sizes * rng.uniform(-1.0, 1.0, w.size)) for _ in range(count)]
    samples = [first, *(one for one in moved if one is not None)]
    slopes = [_slopes(problem, one) for one in samples]
    return Neighbourhood(samples, *(np.hstack(parts) for parts in zip(*slopes, strict=True)))


def _sizes(w: FloatArray, J: FloatArray) -> FloatArray:
    """Return the size of each unknown: |w_j| where it is not 0."""
    units = np.ldexp(1.0, scale_exponents(J)[1])
    here = w != 0.0
    typical = float(np.median(np.abs(w[here]) / units[here])) if here.any() else 1.0
    largest = LARGEST * (float(np.abs(w).max()) or 1.0)
    return np.where(here, np.abs(w), np.clip(typical * units, 1.0 / LARGEST, largest))


def _nearby(problem: Problem, w: FloatArray, move: FloatArray) -> Sample | None:
    """Return a sample at w + move / 8, or nearer; None where F is defined at w alone."""
    for attempt in range(ATTEMPTS):
        moved = w + MOVE * NEARER**attempt * move
        try:
            r = problem.residual(moved)
            J = problem.jacobian(moved, r)
        except EvaluationError:
            continue
        if np.isfinite(r).all() and np.isfinite(J).all():
            return _sample(problem, moved, r, J)
    return None


def _sample(problem: Problem, w: FloatArray, r: FloatArray, J: FloatArray) -> Sample:
    u = 0.5 * problem.precision
    J = _without_rounding(J, w, u)
    r_error = 16.0 * u * (np.abs(J) @ np.abs(w) + np.abs(r) + 2.0 * np.abs(problem.y))
    J_error = 8.0 * problem.jacobian_error * np.abs(J)
    if _differenced(problem):
        J_error = problem.jacobian_error * np.abs(J) + _rounding(problem, r_error, w, problem.step)
    return Sample(w, r, r_error, J, J_error)


def _without_rounding(J: FloatArray, w: FloatArray, u: float) -> FloatArray:
    """Return J without entries that are rounding in the user's units and in those of w."""
    size, effect = np.abs(J), np.abs(J) * np.abs(w)
    small = size <= 8.0 * u * size.max(axis=1, keepdims=True)
    small &= (effect <= 8.0 * u * effect.sum(axis=1, keepdims=True)) & (w != 0.0)
    return np.where(small, 0.0, J)


def _differenced(problem: Problem) -> bool:
    return problem.kind in ("2-point", "3-point")


def _rounding(problem: Problem, r_error: FloatArray, w: FloatArray, step: float) -> FloatArray:
    """Return what rounding of F makes of an entry: 2 u (...) / h."""
    return np.asarray(0.125 * r_error[:, None] / (step * np.maximum(1.0, np.abs(w))))


def _jacobian_of_step(problem: Problem, at: Sample, stretch: float) -> FloatArray:
    """Return J by differences of another step; not finite where F is not defined."""
    problem.stretch = stretch
    try:
        return problem.jacobian(at.w, at.r)
    except EvaluationError:
        return np.full(at.J.shape, np.nan)
    finally:
        problem.stretch = 1.0


def _truncation(problem: Problem, at: Sample) -> FloatArray:
    """Return how much J changes as the step is doubled; 0 where it is exact."""
    if not _differenced(problem):
        return np.zeros(at.J.shape)
    change = np.abs(_jacobian_of_step(problem, at, 2.0) - at.J)
    return np.where(np.isfinite(change), change, 0.0)


def _slopes(problem: Problem, at: Sample) -> tuple[FloatArray, FloatArray]:
    """Return slopes of F from a sample, (n, k), and their errors; J itself where it is exact."""
    if not _differenced(problem):
        return at.J, at.J_error
    S = _jacobian_of_step(problem, at, LONG / relative_step(problem.kind, problem.precision))
    error = _rounding(problem, at.r_error, at.w, LONG) + 4.0 * problem.precision * np.abs(S)
    defined = np.isfinite(S).all(axis=0)
    return S[:, defined], error[:, defined]
