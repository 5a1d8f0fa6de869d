"""In which units do the rows and columns of a matrix have entries of like size?

Equations and unknowns come in units of the user's, and rank, as floats can tell it, must not depend
on them. Curtis and Reid choose factors 2^rho_i of rows and 2^gamma_j of columns that bring the
entries that are not 0 nearest to one, in logarithms:

    minimise  sum over (i, j) of (log2 |A_ij| + rho_i + gamma_j)^2

Rows or columns multiplied beforehand change the factors by just that, so whatever is concluded from
the scaled matrix holds in all units. (Factors that make largest entries or lengths one lack this:
sparse matrices have many of the former, and some have none of the latter.) With E the pattern of
0 and 1, a and b its row and column sums, s and t those of the logarithms, the normal equations

    a rho + E gamma = -s,   E^T rho + b gamma = -t

leave, with gamma eliminated, (diag(a) - E diag(1/b) E^T) rho = E (t / b) - s: symmetric, of the
size of the shorter side, and singular, because a factor may be moved from the rows to the columns
of any block; a small multiple of the identity decides. Factors are powers of two, and so exact.

An entry that is negligible in these units beside others of its row and of its column, as cos(pi/2)
is beside 1, would count for as much as they do. The factors are therefore found again without such
entries.

Source: A. R. Curtis, J. K. Reid, "On the automatic scaling of matrices for Gaussian elimination",
J. Inst. Maths Applics 10, 1972.
"""

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.linalg import solve

FloatArray = npt.NDArray[np.float64]
IntegerArray = npt.NDArray[np.int64]

NEGLIGIBLE = 2.0**-26  # of the largest entry of the row, and of that of the column
_RIDGE = 1e-8  # beside eigenvalues between 0 and 1


def scale_exponents(A: FloatArray) -> tuple[IntegerArray, IntegerArray]:
    """Return integers rho (n,) and gamma (m,): 2^rho_i A_ij 2^gamma_j are of like size.

    Those of rows and columns of zeros are 0.

    Examples
    --------
    >>> import numpy as np
    >>> rows, columns = scale_exponents(np.array([[1.0, 2.0**20], [2.0**-30, 2.0**-10]]))
    >>> rows[1] - rows[0], columns[1] - columns[0]
    (np.int64(30), np.int64(-20))
    """
    pattern = A != 0.0
    logarithms = np.log2(np.abs(A), out=np.full(A.shape, -np.inf), where=pattern)
    rows, columns = _factors(logarithms, pattern)
    scaled = logarithms + rows[:, None] + columns
    least = np.log2(NEGLIGIBLE) + np.minimum(
        scaled.max(axis=1, keepdims=True), scaled.max(axis=0, keepdims=True)
    )
    if (pattern & (scaled < least)).any():
        rows, columns = _factors(logarithms, pattern & (scaled >= least))
    return np.rint(rows).astype(np.int64), np.rint(columns).astype(np.int64)


def _factors(logarithms: FloatArray, pattern: Any) -> tuple[FloatArray, FloatArray]:
    """Return rho and gamma of the entries in a pattern."""
    known = np.where(pattern, logarithms, 0.0)
    if pattern.shape[0] <= pattern.shape[1]:
        return _by_rows(known, pattern)
    columns, rows = _by_rows(known.T, pattern.T)
    return rows, columns


def _by_rows(logarithms: FloatArray, pattern: Any) -> tuple[FloatArray, FloatArray]:
    E = pattern.astype(np.float64)
    a, b = np.maximum(E.sum(axis=1), 1.0), np.maximum(E.sum(axis=0), 1.0)
    s, t = logarithms.sum(axis=1), logarithms.sum(axis=0)
    root = np.sqrt(a)
    S = np.eye(a.size) - (E / b) @ E.T / np.outer(root, root)
    S.flat[:: a.size + 1] += _RIDGE
    rho = solve(S, (E @ (t / b) - s) / root, assume_a="pos") / root
    return rho, -(t + E.T @ rho) / b


class Equilibrated(NamedTuple):
    """A matrix in units of its own: rows have length one, or are zero.

    Attributes
    ----------
    matrix : (n, m) ndarray
        2^rows_i A_ij 2^columns_j / lengths_i.
    rows, columns : (n,), (m,) int64 ndarray
    lengths : (n,) ndarray
    """

    matrix: FloatArray
    rows: IntegerArray
    columns: IntegerArray
    lengths: FloatArray

    def scaled(self, B: FloatArray) -> FloatArray:
        """Return a matrix of the same shape in these units."""
        with np.errstate(over="ignore", under="ignore"):
            moved = np.ldexp(B, self.rows[:, None] + self.columns)
        return np.asarray(moved / self.lengths[:, None])

    def coefficients(self, x: FloatArray, others: IntegerArray, row: int) -> FloatArray:
        """Return c with A_row = c A_others, where x says it of the scaled rows."""
        with np.errstate(over="ignore", under="ignore"):
            moved = np.ldexp(x, self.rows[others] - self.rows[row])
        return np.asarray(moved * (self.lengths[row] / self.lengths[others]))


def equilibrated(A: FloatArray) -> Equilibrated:
    """Return A with rows and columns of like size, then rows of length one."""
    rows, columns = scale_exponents(A)
    with np.errstate(under="ignore"):
        B = np.ldexp(A, rows[:, None] + columns)
    lengths = np.linalg.norm(B, axis=1)
    lengths[lengths == 0.0] = 1.0
    return Equilibrated(np.asarray(B / lengths[:, None]), rows, columns, lengths)
