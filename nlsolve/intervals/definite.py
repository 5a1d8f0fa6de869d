"""How small can the smallest eigenvalue of a symmetric matrix be that is known up to intervals?

Cholesky proves it [Rump, Verification of positive definiteness, BIT 46 (2006)]. Let B be symmetric
in doubles, and let floating Cholesky run to the end with R, u = 2^-53, eta = 2^-1074. Then
R^T R = B + E, where E is bounded as follows.

Entry (i, j), i < j, solves r_ii r_ij = b_ij - sum_{k<i} r_ki r_kj, and r_jj^2 = b_jj - sum. In
whatever order the sums are taken, fused or not, blocked or not, dividing the errors of the path of
b_ij out leaves at most i roundings on each term, one of them its product's; the quotient adds one,
or two where it is computed as a product with 1/r_ii, and the root two. Hence, without underflow,

    |E_ij| <= gamma_{n+2} sum_k |r_ki r_kj| <= gamma_{n+2} |r_i| |r_j|,  r_j the columns of R.

For i = j, |r_j|^2 <= b_jj / (1 - gamma_{n+2}), so that |E_ij| <= d_i d_j with d_j^2 =
gamma/(1 - gamma) b_jj, and |E|_2 <= sum_j d_j^2 = gamma/(1 - gamma) trace B <= (n + 4) u trace B
as long as 2 (n + 4)^2 u <= 1.

Underflow adds at most eta/2 for each of fewer than n products, and r_ii eta/2 for the quotient; the
root and 1/r_ii cannot underflow. All of it, with the factors 1 + gamma it passes through, stays
below eta (n + r_ii) <= eta (n + 1 + b_ii) (1 + ...) an entry, 2 eta (n + 1 + max b) generously; it
also enters d_j^2 with b_jj + 2 eta (n + 1 + max b). Together

    lambda_min(B) >= lambda_min(R^T R) - |E|_2 >= -e,
    e = (n + 4) u trace B + 4 n eta (n + 1 + max_j b_jj).

B = fl(K_c - s I) differs from K_c on the diagonal only, by what is computed as a lower bound t of
k_ii - b_ii. With |K - K_c| <= K_r entrywise, lambda_min(K) >= t - e - |K_r|_2.

The shift s is chosen from an eigensolver's value, which proves nothing: a wrong one makes Cholesky
fail or the bound poor.

From above: where Cholesky of B = fl(a I - K_c) succeeds, lambda_max(K) <= a + e + |K_r|_2 and what
rounding did to the diagonal; a is chosen a little above an approximate largest eigenvalue. For any
M, |M|_2^2 = lambda_max of M M^T or M^T M, whichever is smaller.
"""

import math
from typing import Any

import numpy as np

from nlsolve.intervals.interval import Interval, known, midpoint
from nlsolve.intervals.matrices import LONGEST, matmul, perron_upper, total
from nlsolve.intervals.rounding import SUBNORMAL, UNIT, FloatArray, check_arithmetic, down, up
from nlsolve.intervals.sets import radius

ABOVE = (1e-12, 1e-9, 1e-6, 1e-3, 0.03, 0.3)  # what is added to a largest eigenvalue, tried in turn
DEAR = 1_500  # from this size on a largest eigenvalue is approximated by the power method
SHARES = (1.0, 1.0 - 2.0**-20, 0.999, 0.9, 0.5, 0.1)  # of the eigensolver's value, tried in turn


def symmetric_eigenvalue_lower(K_c: FloatArray, K_r: Any = 0.0) -> float:
    """Return a lower bound of lambda_min K, 0.0 where none above that is found.

    Parameters
    ----------
    K_c : (n, n) ndarray
        Only the lower triangle is read.
    K_r : (n, n) ndarray or float
        K is any symmetric matrix with |K - K_c| <= K_r in the lower triangle.

    Raises
    ------
    EnclosureError
        If this thread's arithmetic is not as it must be.
    """
    check_arithmetic()
    K_c, K_r = np.broadcast_arrays(np.asarray(K_c, dtype=np.float64), np.asarray(K_r, np.float64))
    n = K_c.shape[0]
    if n == 0 or n > LONGEST or not (np.isfinite(K_c).all() and np.isfinite(K_r).all()):
        return 0.0
    K, spread = _mirrored(K_c), perron_upper(_mirrored(K_r))
    with np.errstate(all="ignore"):
        size = np.diagonal(K).max()
        near = _approximately(K) - 2.0 * (_error(K) + 8.0 * UNIT * size) - spread
        for share in SHARES:
            found = _proved(K, share * near + spread) - spread if near > 0.0 else 0.0
            if found > 0.0:
                return float(down(found))
    return 0.0


def symmetric_eigenvalue_upper(K_c: FloatArray, K_r: Any = 0.0) -> float:
    """Return an upper bound of lambda_max K, infinite where an entry is.

    Parameters
    ----------
    K_c, K_r
        As for `symmetric_eigenvalue_lower`.

    Raises
    ------
    EnclosureError
        If this thread's arithmetic is not as it must be.
    """
    check_arithmetic()
    K_c, K_r = np.broadcast_arrays(np.asarray(K_c, dtype=np.float64), np.asarray(K_r, np.float64))
    K, whole = _mirrored(K_c), _mirrored(K_r)
    if not (np.isfinite(K).all() and np.isfinite(whole).all()):
        return math.inf
    spread = perron_upper(whole)
    with np.errstate(all="ignore"):
        near = _largest(K) if K.shape[0] <= LONGEST else math.inf
        for share in ABOVE if 0.0 < near < math.inf else ():
            found = _proved_above(K, up(near * (1.0 + share)))
            if found < math.inf:
                return float(up(found + spread))
        return perron_upper(up(abs(K) + whole))


def singular_value_upper(M: Any) -> float:
    """Return an upper bound of the spectral norm of every matrix in M, close where M is narrow."""
    M = known(M)
    G = matmul(M, M.T) if M.shape[0] <= M.shape[1] else matmul(M.T, M)
    return float(up(math.sqrt(symmetric_eigenvalue_upper(*centred(G)))))


def centred(K: Interval) -> tuple[FloatArray, FloatArray]:
    """Return midpoints and radii of intervals."""
    middle = np.asarray(midpoint(K))
    return middle, np.asarray(radius(K, middle))


def _largest(K: FloatArray) -> float:
    """Return about the largest eigenvalue."""
    if K.shape[0] <= DEAR:
        return float(np.linalg.eigvalsh(K)[-1])
    x, size = np.ones(K.shape[0]), 0.0
    for _ in range(60):
        x = K @ (x / np.linalg.norm(x))
        size = float(np.linalg.norm(x))
    return size


def _proved_above(K: FloatArray, bound: float) -> float:
    """Return what lambda_max K is proved not to exceed, inf where Cholesky does not run on."""
    B = -K
    diagonal = bound - np.diagonal(K)
    np.fill_diagonal(B, diagonal)
    rounded = up(UNIT * float(abs(diagonal).max()))
    return float(up(up(bound + rounded) - _proved(B, 0.0)))


def _mirrored(K: FloatArray) -> FloatArray:
    """Return the symmetric matrix with this lower triangle."""
    return np.tril(K) + np.tril(K, -1).T


def _approximately(K: FloatArray) -> float:
    try:
        return float(np.linalg.eigvalsh(K)[0])
    except np.linalg.LinAlgError:
        return 0.0


def _proved(K: FloatArray, shift: float) -> float:
    """Return t - e for this shift, -inf where Cholesky does not run to the end."""
    B = K.copy()
    diagonal = np.diagonal(K) - shift
    np.fill_diagonal(B, diagonal)
    try:
        R = np.linalg.cholesky(B)
    except np.linalg.LinAlgError:
        return -math.inf
    if not np.isfinite(R).all():
        return -math.inf
    return float(down(down(np.diagonal(K) - diagonal).min() - _error(B)))


def _error(B: FloatArray) -> float:
    """Return e, rounded up."""
    n, diagonal = B.shape[0], np.diagonal(B)
    trace, largest = float(total(diagonal).hi), float(diagonal.max())
    underflow = up(4.0 * n * up(up(n + 1.0 + largest) * SUBNORMAL))
    return float(up(up((n + 4) * UNIT * trace) + up(underflow)))
