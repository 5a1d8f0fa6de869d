"""How far may F and J as computed be from the true ones, judged from neighbours of w?

Where terms of F cancel inside, F errs by far more than |J| |w| says: x^2 - 2 x + 1 near x = 1 by u,
however small J is. Beside w + d with d of a few units in the last place a smooth F changes by
J d, and what it changes otherwise, its scatter, is error of evaluation. Each unknown moves by 1 to
2 units of its own, with random signs; then by 16, 16^2, 16^3 times as much.

An F that is a staircase (single precision inside; (10^8 + f) - 10^8) does not move at all at first,
so that its scatter is |J d|, growing with d. Therefore moves grow until each equation is settled:
its scatter is below a quarter of what is taken as its error anyway, or below a thousandth of its
change, or no longer grows as that does. An equation that settles at no size has no known error.
What an error of J can explain is no scatter.

Curvature spoils nothing: with moves d that reach the error e of F, e ~ |J d|, it adds
(beta/2) (16 d)^2 at most before the scatter settles, which is more than 4 e only where
beta e/J^2 > 1/32, near the limit h = 1/2 of what can be certified at all.

What is the same at all neighbours is not seen: a constant that is wrong, a scatter that happens to
be small at all of them. So it remains an assumption, that four times the largest scatter is enough.
"""

from typing import Any

import numpy as np

from nlsolve.certificates.evidence import FloatArray
from nlsolve.systems.errors import EvaluationError

SAFETY = 4.0  # times the largest scatter seen
GROWTH = 16.0  # of the moves
USUAL, MOST = 4, 28  # sizes of moves: always, and where an equation does not settle
PAIR, MORE = 2, 8  # neighbours of each size: usually, and where an equation does not settle
LARGE = 200_000  # entries of J from which one neighbour tells how J errs
RESOLVED = 2.0**-10  # of the change of F: a scatter that is nothing
STEADY = 4.0  # times smaller a share of the change than before: a scatter that has settled


class Neighbours:
    """Points beside w, where the residual is r and the Jacobian J."""

    def __init__(self, problem: Any, w: FloatArray, r: FloatArray, J: FloatArray) -> None:
        self.problem, self.w, self.r, self.J = problem, w, r, J
        self.random = np.random.default_rng(0)
        unit, largest = float(problem.precision), float(np.abs(w).max())
        sizes = np.where(w == 0.0, unit * (largest or 1.0), np.abs(w))
        self.units = np.maximum(unit * sizes, np.finfo(float).smallest_subnormal)

    def scatter(self, small: FloatArray, row_errors: FloatArray) -> FloatArray:
        """Return the largest scatter of each equation, (n,); infinite where it does not settle.

        Parameters
        ----------
        small : (n,) ndarray
            Scatters that do not matter.
        row_errors : (n,) ndarray
            Errors of the rows of J, in norm.
        """
        seen, share = np.zeros(self.r.size), np.full(self.r.size, np.inf)
        growing = np.ones(self.r.size, dtype=bool)
        for k in range(MOST):
            found, change = self._changes(GROWTH**k, PAIR if k < USUAL else MORE, row_errors)
            seen = np.where(growing, np.maximum(seen, found), seen)
            before, share = share, found / change
            settled = (found <= small) | (share <= np.maximum(RESOLVED, before / STEADY))
            if k + 1 >= USUAL:
                growing &= ~settled & np.isfinite(found)
            if not growing.any():
                return seen
        seen[growing] = np.inf
        return seen

    def _changes(
        self, size: float, count: int, row_errors: FloatArray
    ) -> tuple[FloatArray, FloatArray]:
        """Return the scatter of each equation, infinite where no neighbour tells, and |J d|."""
        points = [self._moved(size) for _ in range(count)]
        moves = np.array([point - self.w for point in points])
        change = moves @ self.J.T
        gaps = np.abs(np.array([self._residual(point) for point in points]) - self.r - change)
        gaps -= np.outer(np.linalg.norm(moves, axis=1), row_errors)
        finite = np.isfinite(gaps)
        scatter = np.where(finite, gaps, 0.0).max(axis=0, initial=0.0)
        scatter[~finite.any(axis=0)] = np.inf
        return scatter, np.abs(change).max(axis=0)

    def _moved(self, size: float) -> FloatArray:
        """Return w with each unknown moved by 1 to 2 units times `size`, up or down."""
        signs = self.random.choice((-1.0, 1.0), self.w.size)
        moved: FloatArray = self.w + signs * self.random.uniform(1.0, 2.0, self.w.size) * (
            size * self.units
        )
        return moved

    def _residual(self, point: FloatArray) -> FloatArray:
        try:
            r: FloatArray = self.problem.residual(point)
        except EvaluationError:
            return np.full(self.r.size, np.nan)
        return r

    def row_changes(self) -> FloatArray:
        """Return how much the rows of J change under moves of a unit, in norm, (n,)."""
        seen = np.zeros(self.r.size)
        for _ in range(PAIR if self.J.size <= LARGE else 1):  # a long row is many samples
            point = self._moved(1.0)
            try:
                gap = self.problem.jacobian(point, self._residual(point)) - self.J
            except EvaluationError:
                continue
            seen = np.fmax(seen, np.sqrt(np.einsum("ij,ij->i", gap, gap)))
        return seen
