"""Which rows of a matrix are combinations of others, and which columns can no row move?

Ranks are told in the matrix's own units (scaling.py), rows at length one, A = U diag(s) V^T: a
singular value is taken for zero up to a multiple of what the errors of the entries can make it. The
left null space N, n x k, is then written with one row for each relation: with P the k rows at which
it is large (the last such, so that a later equation repeats earlier ones),

    N N_P^{-1}    has the identity in the rows P,

so each column names one row p of P and the independent rows it is a combination of. There is only
one such combination, so the zeros in it mean something.

A small singular value alone names nothing. Those of smooth families (a model at many times, the
Hilbert matrix) fall to rounding without a gap, and no row depends on others: there must be a gap.
The matrix with 1 on the diagonal and -1 right of it has one of about 2^-n: a relation
A_p = x A_others is accepted only if every column j agrees that terms cancel there,

    |A_pj - sum x_i A_ij|  <<  |A_pj| + sum |x_i| |A_ij|,

which again does not depend on units.

Unknown j is determined by the rows (to first order) if the unit vector e_j is in their span. Its
distance from the span is sqrt(1 - |V_j|^2), V_j the entries of the first `rank` right vectors: no
basis of the null space, m x (m - rank), is formed.

Source: G. H. Golub, C. F. Van Loan, "Matrix Computations", 2013, sections 2.7 and 5.5.
"""

from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from scipy.linalg import qr

from nlsolve.explore.scaling import FloatArray, IntegerArray, equilibrated
from nlsolve.linalg import svd

ROUNDOFF = 2.0**-53
SAFETY = 32.0  # times the error of a row: as problem.rank_tolerance
LOOSEST = 1e-5  # tolerance that no error of the entries may exceed: angles of 1e-4 are angles
CLEAR = 1e3  # times the tolerance: what is not zero must be larger for relations to be clear
NOISE = 2.0  # times its error: an entry that is not larger is zero
LARGE = 0.3  # of the largest: a row at which the null space may be pivoted
STILL = 1e-6  # distance from the span that rounding gives to an unknown within it


class Combination(NamedTuple):
    """Row `row` is the sum of `coefficients` times the rows `others`; without others, zero."""

    row: int
    others: tuple[int, ...]
    coefficients: tuple[float, ...]

    @property
    def rows(self) -> tuple[int, ...]:
        """All rows that take part, in order."""
        return tuple(sorted((self.row, *self.others)))


class Dependence:
    """Rank and relations of the rows of a matrix known up to errors.

    Parameters
    ----------
    A : (n, m) ndarray
        Finite entries, in any units.
    error : (n, m) ndarray
        Their absolute errors.

    Attributes
    ----------
    tolerance : float
        Singular values of the scaled matrix below it (times the largest) are zero.
    rank : int
    combinations : tuple of Combination
        Rows that were verified to depend on others; n - rank of them, or fewer.
    clear : bool
        Whether the rank is more than a matter of rounding: entries are known well enough, there
        is a gap between the singular values that are zero and the others, and all n - rank
        relations were verified.
    uncertainty : float
        Relative error of their coefficients to be expected.

    Examples
    --------
    >>> import numpy as np
    >>> A = np.array([[1.0, 0.0, 2.0], [0.0, 1e8, 0.0], [2.0, 1e8, 4.0]])
    >>> Dependence(A, 1e-16 * abs(A)).combinations
    (Combination(row=2, others=(0, 1), coefficients=(2.0, 1.0)),)
    """

    def __init__(self, A: FloatArray, error: FloatArray) -> None:
        known = np.where(np.abs(A) > NOISE * error, A, 0.0)
        self.scaled = equilibrated(known)
        self.matrix = self.scaled.matrix
        errors = np.linalg.norm(np.where(known != 0.0, self.scaled.scaled(error), 0.0), axis=1)
        worst = float(errors.max()) + ROUNDOFF
        self.tolerance = min(SAFETY * worst, LOOSEST)
        self._known = SAFETY * worst <= LOOSEST
        self._blur = max(self.tolerance ** (1 / 3), 1e-4)

    @cached_property
    def _svd(self) -> tuple[FloatArray, FloatArray, FloatArray]:
        return svd(self.matrix)

    @cached_property
    def rank(self) -> int:
        """Number of singular values that are not zero."""
        values = self._svd[1]
        return int(np.sum(values > self.tolerance * float(values[0])))

    @property
    def condition(self) -> float:
        """Largest singular value over the smallest that is not zero; 1 where all are."""
        values = self._svd[1]
        return float(values[0] / values[self.rank - 1]) if self.rank else 1.0

    @property
    def clear(self) -> bool:
        """Whether the rank is more than a matter of rounding."""
        return self._distinct and self.rank + len(self.combinations) == self.matrix.shape[0]

    @property
    def _distinct(self) -> bool:
        """Whether the rank would be the same at a thousand times the tolerance."""
        full = self.rank == self.matrix.shape[0]
        gap = CLEAR * self.tolerance * self.condition < 1.0
        return bool(full or gap) and self._known

    @property
    def uncertainty(self) -> float:
        """Relative error of coefficients to be expected."""
        return float(min(self.tolerance * self.condition, 1e-3))

    @cached_property
    def combinations(self) -> tuple[Combination, ...]:
        """Rows that depend on others."""
        n = self.matrix.shape[0]
        if self.rank == n or not self._distinct:
            return ()
        N: Any = np.eye(n)
        if self.rank:
            N = qr(self._svd[0][:, : self.rank], check_finite=False)[0][:, self.rank :]
        pivots = _pivots(N)
        X: Any = np.linalg.solve(N[pivots].T, N.T).T
        found = [self._combination(p, X[:, k]) for k, p in enumerate(pivots.tolist())]
        return tuple(sorted(one for one in found if one is not None))

    def _combination(self, row: int, x: FloatArray) -> Combination | None:
        """Return the relation with A_row + x A_others = 0 if it holds."""
        large = np.abs(x) > self.uncertainty
        large[row] = False
        others = np.flatnonzero(large)
        if not others.size:
            return Combination(row, (), ()) if not self.matrix[row].any() else None
        U, values, _ = self._svd
        spanned = U[:, : self.rank] * values[: self.rank]
        refined = np.linalg.lstsq(spanned[others].T, spanned[row], rcond=None)[0]
        if not self._holds(row, others, refined):
            return None
        c = self.scaled.coefficients(refined, others, row)
        return Combination(row, tuple(others.tolist()), tuple(c.tolist()))

    def _holds(self, row: int, others: IntegerArray, x: FloatArray) -> bool:
        """Return whether the terms cancel in every column, and well in all together."""
        A = np.where(np.abs(self.matrix) > self.tolerance, self.matrix, 0.0)
        gap = np.abs(A[row] - x @ A[others])
        size = np.abs(A[row]) + np.abs(x) @ np.abs(A[others])
        small = np.linalg.norm(gap) <= 4.0 * self.tolerance * (1.0 + np.abs(x).sum())
        return bool(small and (gap <= self._blur * size).all())

    @cached_property
    def movable(self) -> FloatArray:
        """Return for each unknown whether it can move while no row changes, to first order."""
        V = self._svd[2][: self.rank]
        distance = np.sqrt(np.maximum(1.0 - np.sum(V * V, axis=0), 0.0))
        return np.asarray(distance > max(STILL, self.uncertainty))

    @cached_property
    def parameters(self) -> tuple[int, ...]:
        """A set of m - rank unknowns that can be prescribed, the rows then giving the others."""
        m = self.matrix.shape[1]
        if not 0 < self.rank < m:
            return tuple(range(m)) if self.rank == 0 else ()
        V = self._svd[2][: self.rank]
        order = qr(V, mode="r", pivoting=True, check_finite=False)[1]
        return tuple(sorted(order[self.rank :].tolist()))


def _pivots(N: FloatArray) -> IntegerArray:
    """Return k rows at which N, (n, k) with orthonormal columns, is well conditioned; late ones."""
    remaining, pivots = N.copy(), []
    for _ in range(N.shape[1]):
        lengths = np.linalg.norm(remaining, axis=1)
        p = int(np.flatnonzero(lengths >= LARGE * lengths.max())[-1])
        pivots.append(p)
        direction = remaining[p] / lengths[p]
        remaining -= np.outer(remaining @ direction, direction)
        remaining[pivots] = 0.0
    return np.array(pivots, dtype=np.int64)
