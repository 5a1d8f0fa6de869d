"""How is a minimum-norm step computed inside compiled code, for small dense J?

Loops instead of LAPACK: below a few dozen equations the calls cost more than the arithmetic, and
np.linalg inside numba costs seconds to compile. The algorithms are those of linalg.py, to which the
tests compare them:

- K + lambda I = L L^T by Cholesky. Pivot i divided by K_ii is the squared sine of the angle between
  row i and the rows before it, whatever the rows' scales; where one falls below `safe`, too many
  digits of K are gone and Cholesky is not used. One step of refinement follows.
- otherwise the rows are scaled to length one and J^T (with sqrt(lambda) I below it) is factored by
  Householder QR with column pivoting. Rows whose remainder is below `rank` depend on earlier ones;
  the least-squares solution of least norm then comes from a second QR, of the n x rank factor.
"""

import math
from typing import Any

import numpy as np
from numba import njit

SAFE = 1e-8


@njit(error_model="numpy")
def gram(J: Any, damping: float) -> Any:
    n, m = J.shape
    K = np.empty((n, n))
    for i in range(n):
        for j in range(i + 1):
            total = 0.0
            for k in range(m):
                total += J[i, k] * J[j, k]
            K[i, j] = total
            K[j, i] = total
        K[i, i] += damping
    return K


@njit(error_model="numpy")
def cholesky(K: Any, safe: float) -> Any:
    """Return (L, whether every pivot kept more than `safe` of its diagonal entry)."""
    n = K.shape[0]
    L = np.zeros((n, n))
    for i in range(n):
        for j in range(i):
            total = K[i, j]
            for k in range(j):
                total -= L[i, k] * L[j, k]
            L[i, j] = total / L[j, j]
        pivot = K[i, i]
        for k in range(i):
            pivot -= L[i, k] * L[i, k]
        if not pivot > safe * K[i, i]:
            return L, False
        L[i, i] = math.sqrt(pivot)
    return L, True


@njit(error_model="numpy")
def cholesky_solve(L: Any, b: Any) -> Any:
    n = b.size
    x = b.copy()
    for i in range(n):
        for k in range(i):
            x[i] -= L[i, k] * x[k]
        x[i] /= L[i, i]
    for i in range(n - 1, -1, -1):
        for k in range(i + 1, n):
            x[i] -= L[k, i] * x[k]
        x[i] /= L[i, i]
    return x


@njit(error_model="numpy")
def vjp(J: Any, u: Any) -> Any:
    n, m = J.shape
    product = np.zeros(m)
    for i in range(n):
        for k in range(m):
            product[k] += J[i, k] * u[i]
    return product


@njit(error_model="numpy")
def jvp(J: Any, v: Any) -> Any:
    n, m = J.shape
    product = np.empty(n)
    for i in range(n):
        total = 0.0
        for k in range(m):
            total += J[i, k] * v[k]
        product[i] = total
    return product


@njit(error_model="numpy")
def sigma_bound(L: Any, damping: float) -> float:
    """Return an upper bound of sigma: sigma^2 + damping <= 1 / |K^{-1} x| for every unit x."""
    n = L.shape[0]
    x = np.full(n, 1.0 / math.sqrt(n))
    length = 1.0
    for _ in range(3):
        x = cholesky_solve(L, x)
        length = math.sqrt(np.dot(x, x))
        x /= length
    return math.sqrt(max(1.0 / length - damping, 0.0))


@njit(error_model="numpy")
def householder(A: Any, offdiagonal: Any, j: int) -> None:
    """Reflect column j of A onto its entry j and apply the reflection to the columns after it.

    The reflector stays in A[j:, j], normalised so that H = I - v v^T; the diagonal of R goes to
    `offdiagonal[j]`.
    """
    rows, columns = A.shape
    length = 0.0
    for i in range(j, rows):
        length = math.hypot(length, A[i, j])
    if length == 0.0:
        offdiagonal[j] = 0.0
        return
    alpha = -length if A[j, j] > 0.0 else length
    A[j, j] -= alpha
    scale = 1.0 / math.sqrt(-alpha * A[j, j])
    for i in range(j, rows):
        A[i, j] *= scale
    offdiagonal[j] = alpha
    for k in range(j + 1, columns):
        total = 0.0
        for i in range(j, rows):
            total += A[i, j] * A[i, k]
        for i in range(j, rows):
            A[i, k] -= total * A[i, j]


@njit(error_model="numpy")
def reflect(A: Any, j: int, b: Any) -> None:
    """Apply the reflector kept in column j of A to b."""
    total = 0.0
    for i in range(j, A.shape[0]):
        total += A[i, j] * b[i]
    for i in range(j, A.shape[0]):
        b[i] -= total * A[i, j]


@njit(error_model="numpy")
def pivoted_qr(A: Any, rank_tolerance: float) -> Any:
    """Factor A in place with the longest remaining column first.

    Returns the diagonal of R, the order of the columns and the numerical rank.
    """
    rows, columns = A.shape
    diagonal, order = np.zeros(columns), np.arange(columns)
    for j in range(min(rows, columns)):
        longest, pivot = -1.0, j
        for k in range(j, columns):
            length = math.sqrt(np.sum(A[j:, k] ** 2))
            if length > longest:
                longest, pivot = length, k
        if not longest > rank_tolerance:
            return diagonal, order, j
        for i in range(rows):
            A[i, j], A[i, pivot] = A[i, pivot], A[i, j]
        order[j], order[pivot] = order[pivot], order[j]
        householder(A, diagonal, j)
    return diagonal, order, min(rows, columns)


@njit(error_model="numpy")
def scaled_transpose(J: Any, damping: float) -> Any:
    """Return [J^T; sqrt(damping) I] with unit columns, and the columns' lengths (1 where zero)."""
    n, m = J.shape
    extra = n if damping > 0.0 else 0
    A, lengths = np.zeros((m + extra, n)), np.ones(n)
    for i in range(n):
        for k in range(m):
            A[k, i] = J[i, k]
        if extra > 0:
            A[m + i, i] = math.sqrt(damping)
        length = 0.0
        for k in range(m + extra):
            length = math.hypot(length, A[k, i])
        if length > 0.0:
            lengths[i] = length
            for k in range(m + extra):
                A[k, i] /= length
    return A, lengths


@njit(error_model="numpy")
def solve_triangle(A: Any, diagonal: Any, b: Any) -> Any:
    """Return z with R^T z = b, R the upper triangle above the reflectors."""
    z = np.zeros(b.size)
    for i in range(b.size):
        total = b[i]
        for k in range(i):
            total -= A[k, i] * z[k]
        z[i] = total / diagonal[i]
    return z


@njit(error_model="numpy")
def solve_deficient(R: Any, b: Any) -> Any:
    """Return z with |R^T z - b| least, R k x n upper trapezoidal of full rank k < n, by QR."""
    k, n = R.shape
    A, c, diagonal = R.T.copy(), b.copy(), np.zeros(k)
    for j in range(k):
        householder(A, diagonal, j)
        reflect(A, j, c)
    z = np.zeros(k)
    for i in range(k - 1, -1, -1):
        total = c[i]
        for j in range(i + 1, k):
            total -= A[i, j] * z[j]
        z[i] = total / diagonal[i]
    return z


@njit(error_model="numpy")
def trapezoid(A: Any, diagonal: Any, lengths: Any, rank: int) -> Any:
    """Return the first rows of R with the scale of its columns put back."""
    R = np.zeros((rank, A.shape[1]))
    for i in range(rank):
        R[i, i] = diagonal[i] * lengths[i]
        for j in range(i + 1, A.shape[1]):
            R[i, j] = A[i, j] * lengths[j]
    return R


@njit(error_model="numpy")
def least_norm_by_qr(J: Any, r: Any, damping: float, rank_tolerance: float) -> Any:
    n, m = J.shape
    A, lengths = scaled_transpose(J, damping)
    diagonal, order, rank = pivoted_qr(A, rank_tolerance)
    b, lengths = -r[order], lengths[order]
    if rank == n:
        z = solve_triangle(A, diagonal, b / lengths)
    elif rank == 0:
        return np.zeros(m)
    else:
        z = solve_deficient(trapezoid(A, diagonal, lengths, rank), b)
    d = np.zeros(A.shape[0])
    d[:rank] = z
    for j in range(rank - 1, -1, -1):
        reflect(A, j, d)
    return d[:m].copy()


@njit(error_model="numpy")
def least_norm(J: Any, r: Any, damping: float, rank_tolerance: float) -> Any:
    """Return d, least |d| among the minimisers of |r + J d|^2 + damping |d|^2, and a sigma bound."""
    n, m = J.shape
    if n > m and damping == 0.0:
        return least_norm_by_qr(J, r, damping, rank_tolerance), math.nan
    L, ok = cholesky(gram(J, damping), max(SAFE, 1e4 * rank_tolerance * rank_tolerance))
    if not ok:
        return least_norm_by_qr(J, r, damping, rank_tolerance), math.nan
    s = cholesky_solve(L, r)
    remainder = r - jvp(J, vjp(J, s)) - damping * s
    s += cholesky_solve(L, remainder)
    return -vjp(J, s), sigma_bound(L, damping)
