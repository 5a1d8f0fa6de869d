"""How do F and J look at w and at a few points near it, and how well are they known there?

What is so at w alone may be an accident of w. Each unknown is therefore moved by up to an eighth of
its size, at random with a fixed seed, or by less where F is not defined there. The size of an
unknown that is 0 comes from the units in which J has entries of like size (scaling.py).

Rows that depend with constant coefficients do so in the slopes of F between any two points, however
far apart: c^T F constant is c^T (F(v) - F(w)) = 0. Where there is no exact J, such relations are
therefore looked for in slopes over 1/64 of the size of each unknown, which have 2,600 times less
rounding than J. J itself comes from central differences with steps relative to these sizes; those
of `solve` are relative to max(1, |w_j|), and tell nothing of an unknown of size 1e-8. An unknown
that seems to change nothing is also moved far away: beside large terms small ones are not seen.
Where something seems to be constant, F is evaluated far from w too: it must be constant there.

Errors, entry by entry, with u the unit roundoff and h the step: 16 u of an exact derivative; of
slopes what rounding of F can make, divided by h; of differences moreover their usual error and, at
w, by how much they change as h is doubled.
"""

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from nlsolve.explore.scaling import FloatArray, scale_exponents
from nlsolve.systems.differences import jacobian_error, relative_step
from nlsolve.systems.errors import EvaluationError
from nlsolve.systems.problem import Problem

FEWEST = 3  # points beside w
MOVE = 2.0**-3  # of the size of each unknown
NEARER = 2.0**-4  # times that where F is not defined
ATTEMPTS = 8
FAR = (2.0**10, 2.0**30)  # sizes by which unknowns are moved far away
LONG = 2.0**-6  # step of slopes, of the size of each unknown


class Sample(NamedTuple):
    """F and J at a point: residual r, its error (n,), J and its errors (n, m)."""

    w: FloatArray
    r: FloatArray
    r_error: FloatArray
    J: FloatArray
    J_error: FloatArray


class Neighbourhood(NamedTuple):
    """What was seen.

    Samples, the first at w; the sizes of the unknowns; which of them equations depend on, (n, m);
    slopes and their errors.
    """

    samples: list[Sample]
    sizes: FloatArray
    depends: npt.NDArray[np.bool_]
    slopes: FloatArray
    slopes_error: FloatArray


@np.errstate(all="ignore")  # what is not finite is left out
def neighbourhood(problem: Problem, w: FloatArray, r: FloatArray, J: FloatArray) -> Neighbourhood:
    """Evaluate F and J near w, where they are r and J.

    At max(3, n / m + 1) points beside w, so that there are more slopes than equations; fewer
    where F is not defined there. With a J by differences the cost is 3 m evaluations a point.
    """
    sizes = _sizes(problem, w, J)
    look: Any = _Differenced(problem, sizes) if differenced(problem) else _Exact(problem)
    rng = np.random.default_rng(0)
    count = max(FEWEST, -(-problem.n // problem.m) + 1)
    moves = sizes * rng.uniform(-1.0, 1.0, (count, w.size))
    moved = [_nearby(problem, look, w, move) for move in moves]
    samples = [look.at_start(w, r, J), *(one for one in moved if one is not None)]
    slopes = [look.slopes(one) for one in samples]
    depends = look.depends(samples)
    return Neighbourhood(samples, sizes, depends, *map(np.hstack, zip(*slopes, strict=True)))


@np.errstate(all="ignore")
def far_away(problem: Problem, near: Neighbourhood) -> tuple[FloatArray, FloatArray]:
    """Return residuals far from w, (k, n), and what rounding can make of them; finite ones only."""
    w, direction = near.samples[0].w, np.random.default_rng(2).uniform(-1.0, 1.0, problem.m)
    moves = [np.maximum(1.0, np.abs(w)), *(step * near.sizes for step in FAR)]
    moved = [w + side * move * direction for move in moves for side in (1.0, -1.0)]
    found = [_residual(problem, one) for one in moved]
    r = np.array([one for one in found if np.isfinite(one).all()]).reshape(-1, problem.n)
    return r, 8.0 * problem.precision * (np.abs(r) + 2.0 * np.abs(problem.y))


def differenced(problem: Problem) -> bool:
    """Return whether J comes from differences that have errors; the complex step has none."""
    return problem.kind in ("2-point", "3-point")


def _sizes(problem: Problem, w: FloatArray, J: FloatArray) -> FloatArray:
    """Return the size of each unknown: |w_j|, or of one that is 0 as units and others have it.

    The units are those of J at w and at another point, since entries may vanish at w by accident;
    and an unknown that is 0 is taken for no larger than others are.
    """
    here = w != 0.0
    if here.all():
        return np.abs(w)
    rough = np.where(here, np.abs(w), np.median(np.abs(w[here])) if here.any() else 1.0)
    direction = np.random.default_rng(1).uniform(-1.0, 1.0, w.size)
    near = _nearby(problem, _Exact(problem), w, rough * direction)
    largest = np.abs(J) if near is None else np.maximum(np.abs(J), np.abs(near.J))
    units = np.ldexp(1.0, scale_exponents(largest)[1])
    typical = np.median((rough / units)[here if here.any() else ~here])
    return np.where(here, np.abs(w), np.minimum(rough, typical * units))


def _nearby(problem: Problem, look: Any, w: FloatArray, move: FloatArray) -> Sample | None:
    """Return a sample at w + move / 8, or nearer; None where F is defined at w alone."""
    for attempt in range(ATTEMPTS):
        moved = w + MOVE * NEARER**attempt * move
        try:
            sample: Sample = look.at(moved, problem.residual(moved))
        except EvaluationError:
            continue
        if np.isfinite(sample.r).all() and np.isfinite(sample.J).all():
            return sample
    return None


def _residual(problem: Problem, w: FloatArray) -> FloatArray:
    """Return the residual, NaN where F is not defined."""
    try:
        return problem.residual(w)
    except EvaluationError:
        return np.full(problem.n, np.nan)


def _rounding(problem: Problem, w: FloatArray, r: FloatArray, J: FloatArray) -> FloatArray:
    """Return what rounding can make of r, sums of terms J_ij w_j allowed for."""
    size = np.abs(J) @ np.abs(w) + np.abs(r) + 2.0 * np.abs(problem.y)
    return np.asarray(8.0 * problem.precision * size)


class _Exact:
    """J as the system gives it."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem

    def at(self, w: FloatArray, r: FloatArray) -> Sample:
        return self.at_start(w, r, self.problem.jacobian(w, r))

    def at_start(self, w: FloatArray, r: FloatArray, J: FloatArray) -> Sample:
        error = 8.0 * self.problem.jacobian_error * np.abs(J)
        return Sample(w, r, _rounding(self.problem, w, r, J), J, error)

    def slopes(self, at: Sample) -> tuple[FloatArray, FloatArray]:
        return at.J, at.J_error

    def depends(self, samples: list[Sample]) -> npt.NDArray[np.bool_]:
        return np.asarray(np.any([one.J != 0.0 for one in samples], axis=0))


class _Differenced:
    """J by differences in the sizes of the unknowns."""

    def __init__(self, problem: Problem, sizes: FloatArray) -> None:
        self.problem, self.sizes = problem, sizes
        self.step = relative_step("3-point", problem.precision)
        self.error = jacobian_error("3-point", problem.precision)

    def at(self, w: FloatArray, r: FloatArray) -> Sample:
        J = self._central(w, r, self.step)
        r_error = _rounding(self.problem, w, r, J)
        error = self.error * np.abs(J) + self._noise(r_error, self.step)
        return Sample(w, r, r_error, J, error)

    def at_start(self, w: FloatArray, r: FloatArray, J: FloatArray) -> Sample:
        """Return the sample at w; where F is defined on one side only, J is the one given."""
        sample = self.at(w, r)
        change = np.abs(self._central(w, r, 2.0 * self.step) - sample.J)
        known = np.isfinite(change)
        coarse = self.problem.jacobian_error * np.abs(J)
        J = np.where(known, sample.J, J)
        error = np.where(known, sample.J_error + change, coarse)
        return Sample(w, r, _rounding(self.problem, w, r, J), J, error)

    def slopes(self, at: Sample) -> tuple[FloatArray, FloatArray]:
        S = self._quotients(at.w, at.r, LONG)
        error = self._noise(at.r_error, LONG) + 4.0 * self.problem.precision * np.abs(S)
        defined = np.isfinite(S).all(axis=0)
        return S[:, defined], error[:, defined]

    def depends(self, samples: list[Sample]) -> npt.NDArray[np.bool_]:
        """Return which entries are seen; of an unknown that none is seen of, also far away."""
        seen = np.any([one.J != 0.0 for one in samples], axis=0)
        for j in np.flatnonzero(~seen.any(axis=0)).tolist():
            for step in FAR:
                change = self._quotient(samples[0].w, samples[0].r, j, step)
                seen[:, j] |= np.isfinite(change) & (change != 0.0)
        return np.asarray(seen)

    def _noise(self, r_error: FloatArray, step: float) -> FloatArray:
        """Return what rounding of F makes of a quotient: 2 u (...) / h."""
        return np.asarray(0.125 * r_error[:, None] / (step * self.sizes))

    def _central(self, w: FloatArray, r: FloatArray, step: float) -> FloatArray:
        return 0.5 * (self._quotients(w, r, step) + self._quotients(w, r, -step))

    def _quotients(self, w: FloatArray, r: FloatArray, step: float) -> FloatArray:
        """Return (F(w + h_j e_j) - F(w)) / h_j in column j; NaN where F is not defined."""
        return np.array([self._quotient(w, r, j, step) for j in range(w.size)]).T

    def _quotient(self, w: FloatArray, r: FloatArray, j: int, step: float) -> FloatArray:
        moved = w.copy()
        moved[j] += step * self.sizes[j]
        return np.asarray((_residual(self.problem, moved) - r) / (moved[j] - w[j]))
