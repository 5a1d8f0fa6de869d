"""Which directions keep F as it is to first order, and which is the shortest that changes it?

With the rows of J scaled to length one, J = D A^T, pivoted QR gives A P = Q R with orthonormal
columns Q that span the range of J^T. Where J has full row rank everything asked here is read off:

    J^+ s = Q R^{-T} P^T D^{-1} s         the shortest d with J d = s, normal to the solutions
    J^{+T} v = D^{-1} P R^{-1} Q^T v      its adjoint: multipliers of the equations
    v - Q Q^T v                           the part of v tangent to the solutions

Where it has not, Q is cut to the numerical rank and only the tangent part has a meaning. K = J J^T
is not formed: squaring would cost half the digits of a badly conditioned J.

`retracted` brings a point near the solution manifold {F(w) = y} back to it by minimum-norm
Gauss-Newton steps, `lifted` a point of a tangent space by Newton's method along the normals there.
Both go on as far as it helps, past the tolerance towards the rounding floor, since descent along
the manifold compares values that a residual of the tolerance's size would blur.

Source: G. H. Golub, C. F. Van Loan, "Matrix Computations", 2013, sections 5.4 and 5.5.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from scipy.linalg import qr, solve_triangular

from nlsolve import linalg
from nlsolve.systems.base import FloatArray
from nlsolve.systems.errors import EvaluationError

STEPS = 20  # of Gauss-Newton back to the manifold; from nearby it takes 2 to 4


class Tangent:
    """J at one point, factored.

    Parameters
    ----------
    J : (n, m) ndarray
    rank_tolerance : float
        A row whose part outside the span of others is below this, relative to the row's length,
        counts as dependent.

    Attributes
    ----------
    n, m, rank : int
    """

    def __init__(self, J: FloatArray, rank_tolerance: float) -> None:
        self.n, self.m = J.shape
        largest = np.abs(J).max(axis=1)
        largest[largest == 0.0] = 1.0
        unit = J.T / largest  # first, so that no square over- or underflows
        lengths = np.linalg.norm(unit, axis=0)
        lengths[lengths == 0.0] = 1.0
        self.lengths = largest * lengths
        Q, R, self.order = qr(unit / lengths, mode="economic", pivoting=True, check_finite=False)
        self.parts = np.abs(R.diagonal())  # of each row outside the span of those before it
        self.rank = int(np.sum(self.parts > rank_tolerance))
        self.normal: FloatArray = np.ascontiguousarray(Q[:, : self.rank])
        self._R = R[: self.rank, : self.rank]

    @property
    def dependent(self) -> int | None:
        """The equation found to depend on others, None where J has full row rank."""
        return None if self.rank == self.n else int(self.order[self.rank])

    def shortest(self, s: FloatArray) -> FloatArray:
        """Return J^+ s, (m,) or for columns (m, k); J must have full row rank."""
        scaled = (s.T / self.lengths).T[self.order]
        z = solve_triangular(self._R, scaled, trans=1, check_finite=False)
        return np.asarray(self.normal @ z)

    def multipliers(self, v: FloatArray) -> FloatArray:
        """Return J^{+T} v, (n,) or for columns (n, k); J must have full row rank."""
        found = np.empty((self.n, *v.shape[1:]))
        found[self.order] = solve_triangular(self._R, self.normal.T @ v, check_finite=False)
        return np.asarray((found.T / self.lengths).T)

    def part(self, v: FloatArray) -> FloatArray:
        """Return the tangent part of v: what is left without the range of J^T."""
        once = v - self.normal @ (self.normal.T @ v)
        return once - self.normal @ (self.normal.T @ once)  # twice is enough, where most cancels

    def basis(self) -> FloatArray:
        """Return an orthonormal basis of the tangent space, (m, m - rank)."""
        complete = qr(self.normal, mode="full", check_finite=False)[0]
        return np.ascontiguousarray(complete[:, self.rank :])


class Root(NamedTuple):
    """A point of the solution manifold with what is known there."""

    w: FloatArray
    r: FloatArray
    J: FloatArray
    tangent: Tangent

    @property
    def residual_norm(self) -> float:
        """|r|."""
        return float(np.linalg.norm(self.r))


def root_at(problem: Any, w: FloatArray, r: FloatArray) -> Root:
    """Return what is known at a point."""
    J = problem.linearize(w, r).jacobian
    return Root(w, r, J, Tangent(J, problem.rank_tolerance))


def retracted(problem: Any, w: FloatArray, tol: float) -> Root | None:
    """Return a root near w, None where Gauss-Newton finds none or F is not defined on the way.

    Parameters
    ----------
    problem : Problem
    w : (m,) ndarray
    tol : float
        Largest |r| of a root.
    """

    def shortest(J: FloatArray, r: FloatArray) -> FloatArray:
        return linalg.least_norm_step(J, r, 0.0, problem.rank_tolerance)[0]

    return _polished(problem, w, shortest, tol)


def lifted(problem: Any, root: Root, v: FloatArray, tol: float) -> Root | None:
    """Return the root w + v + N c, N normal to the solutions at w; None where none is found."""
    N = root.tangent.normal

    def normal(J: FloatArray, r: FloatArray) -> FloatArray:
        return np.asarray(N @ np.linalg.lstsq(J @ N, -r)[0])

    return _polished(problem, root.w + v, normal, tol)


def _polished(
    problem: Any, w: FloatArray, step: Callable[[FloatArray, FloatArray], FloatArray], tol: float
) -> Root | None:
    """Return the root that steps of a kind lead to, past the tolerance as far as they help."""
    try:
        r = problem.residual(w)
        length = np.linalg.norm(r)
        for _ in range(STEPS):
            if not np.isfinite(length):
                return None
            J = problem.linearize(w, r).jacobian
            trial = w + step(J, r)
            moved = problem.residual(trial)
            after = np.linalg.norm(moved)
            if length <= tol and not after <= 0.25 * length:
                return Root(w, r, J, Tangent(J, problem.rank_tolerance))
            w, r, length = trial, moved, after
        return root_at(problem, w, r) if length <= tol else None
    except EvaluationError:
        return None
