"""How is a minimum-norm step computed inside compiled code, for small dense J?

Loops instead of LAPACK: below a few dozen equations the calls cost more than the arithmetic, and
np.linalg inside numba costs seconds to compile. The algorithms are those of linalg/dense.py, to
which the tests compare them:

- K + lambda I = L L^T by Cholesky. Pivot i divided by K_ii is the squared sine of the angle between
  row i and the rows before it, whatever the rows' scales; where one falls below `safe`, too many
  digits of K are gone and Cholesky is not used. One step of refinement follows.
- otherwise the rows are scaled to length one and J^T (with sqrt(lambda) I below it) is factored by
  Householder QR with column pivoting. Rows whose remainder is below `rank` depend on earlier ones;
  the least-squares solution of least norm then comes from a second QR, of the n x rank factor.
"""

import math
from functools import cache
from typing import Any

import numpy as np
from numba import carray, cfunc, njit, types

# called from compiled code only: wrappers for calls from Python would double the compile time
kernel = njit(error_model="numpy", no_cpython_wrapper=True, no_cfunc_wrapper=True)

SAFE = 1e-8
TINY, HUGE = 1e-290, 1e290


@kernel
def norm(v: Any) -> Any:
    total = 0.0
    for value in v:
        total += value * value
    if TINY < total < HUGE:
        return math.sqrt(total)
    total = 0.0  # the square over- or underflowed
    for value in v:
        total = math.hypot(total, value)
    return total


@kernel
def distance(v: Any, u: Any) -> Any:
    return norm(v - u)


@kernel
def copy(v: Any, u: Any) -> None:
    for i in range(v.size):
        v[i] = u[i]


@kernel
def copy_matrix(A: Any, B: Any) -> None:
    for i in range(A.shape[0]):
        for k in range(A.shape[1]):
            A[i, k] = B[i, k]


@kernel
def largest_row(J: Any) -> float:
    """Return the largest diagonal entry of K."""
    largest = 0.0
    for i in range(J.shape[0]):
        total = 0.0
        for k in range(J.shape[1]):
            total += J[i, k] * J[i, k]
        largest = max(largest, total)
    return largest


@kernel
def divide(J: Any, j: int, right: Any, left: Any, h: float) -> None:
    for i in range(right.size):
        J[i, j] = (right[i] - left[i]) / h


@kernel
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


@kernel
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


@kernel
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


@kernel
def vjp(J: Any, u: Any) -> Any:
    n, m = J.shape
    product = np.zeros(m)
    for i in range(n):
        for k in range(m):
            product[k] += J[i, k] * u[i]
    return product


@kernel
def jvp(J: Any, v: Any) -> Any:
    n, m = J.shape
    product = np.empty(n)
    for i in range(n):
        total = 0.0
        for k in range(m):
            total += J[i, k] * v[k]
        product[i] = total
    return product


@kernel
def sigma_bound(L: Any, damping: float) -> float:
    """Return an upper bound of sigma: sigma^2 + damping <= 1 / |K^{-1} x| for every unit x."""
    n = L.shape[0]
    x, length = np.full(n, 1.0 / math.sqrt(n)), 1.0
    for _ in range(2):
        x = cholesky_solve(L, x)
        length = norm(x)
        if not 0.0 < length < HUGE:
            return math.nan
        for i in range(n):
            x[i] /= length
    return math.sqrt(max(1.0 / length - damping, 0.0))


@kernel
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


@kernel
def reflect(A: Any, j: int, b: Any) -> None:
    """Apply the reflector kept in column j of A to b."""
    total = 0.0
    for i in range(j, A.shape[0]):
        total += A[i, j] * b[i]
    for i in range(j, A.shape[0]):
        b[i] -= total * A[i, j]


@kernel
def pivoted_qr(A: Any, rank_tolerance: float) -> Any:
    """Factor A in place with the longest remaining column first.

    Returns the diagonal of R, the order of the columns and the numerical rank.
    """
    rows, columns = A.shape
    diagonal, order = np.zeros(columns), np.arange(columns)
    for j in range(min(rows, columns)):
        longest, pivot = -1.0, j
        for k in range(j, columns):
            length = 0.0
            for i in range(j, rows):
                length += A[i, k] * A[i, k]
            if length > longest:
                longest, pivot = length, k
        if not longest > rank_tolerance * rank_tolerance:
            return diagonal, order, j
        for i in range(rows):
            A[i, j], A[i, pivot] = A[i, pivot], A[i, j]
        order[j], order[pivot] = order[pivot], order[j]
        householder(A, diagonal, j)
    return diagonal, order, min(rows, columns)


@kernel
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


@kernel
def triangle_right_side(r: Any, lengths: Any, order: Any) -> Any:
    """Return -r in the order of the pivots, scaled as the rows of J were."""
    b = np.empty(r.size)
    for i in range(r.size):
        b[i] = -r[order[i]] / lengths[order[i]]
    return b


@kernel
def solve_triangle(A: Any, diagonal: Any, b: Any, z: Any) -> None:
    """Write z with R^T z = b, R the upper triangle above the reflectors."""
    for i in range(b.size):
        total = b[i]
        for k in range(i):
            total -= A[k, i] * z[k]
        z[i] = total / diagonal[i]


@kernel
def transposed_trapezoid(A: Any, diagonal: Any, lengths: Any, order: Any, rank: int) -> Any:
    """Return R^T, n x rank, with the scale of J's rows put back."""
    n = A.shape[1]
    T = np.zeros((n, rank))
    for j in range(rank):
        T[j, j] = diagonal[j] * lengths[order[j]]
        for i in range(j + 1, n):
            T[i, j] = A[j, i] * lengths[order[i]]
    return T


@kernel
def solve_deficient(T: Any, b: Any, z: Any) -> None:
    """Write the z with |T z - b| least, T n x k of full rank k < n, by QR; b is overwritten."""
    k = T.shape[1]
    diagonal = np.zeros(k)
    for j in range(k):
        householder(T, diagonal, j)
        reflect(T, j, b)
    for i in range(k - 1, -1, -1):
        total = b[i]
        for j in range(i + 1, k):
            total -= T[i, j] * z[j]
        z[i] = total / diagonal[i]


@kernel
def least_norm_by_qr(J: Any, r: Any, damping: float, rank_tolerance: float) -> Any:
    n, m = J.shape
    A, lengths = scaled_transpose(J, damping)
    if not norm(lengths) < HUGE:  # NaN, or too large to be squared: no step
        return np.full(m, math.nan)
    diagonal, order, rank = pivoted_qr(A, rank_tolerance)
    d = np.zeros(A.shape[0])
    b = triangle_right_side(r, lengths, order)
    if rank == n:
        solve_triangle(A, diagonal, b, d)
    elif rank > 0:
        for i in range(n):
            b[i] *= lengths[order[i]]
        solve_deficient(transposed_trapezoid(A, diagonal, lengths, order, rank), b, d)
    for j in range(rank - 1, -1, -1):
        reflect(A, j, d)
    step = np.empty(m)
    for k in range(m):
        step[k] = d[k]
    return step


@kernel
def least_norm_by_cholesky(J: Any, r: Any, damping: float, L: Any) -> Any:
    s = cholesky_solve(L, r)
    remainder = jvp(J, vjp(J, s))
    for i in range(r.size):
        remainder[i] = r[i] - remainder[i] - damping * s[i]
    correction = cholesky_solve(L, remainder)
    for i in range(r.size):
        s[i] = -s[i] - correction[i]
    return vjp(J, s)


@kernel
def damped_least_squares(J: Any, r: Any, damping: float, rank_tolerance: float) -> Any:
    """Return d for n > m: sqrt(damping) d = 0 are m more equations."""
    n, m = J.shape
    stacked, right = np.zeros((n + m, m)), np.zeros(n + m)
    for i in range(n):
        right[i] = r[i]
        for k in range(m):
            stacked[i, k] = J[i, k]
    for k in range(m):
        stacked[n + k, k] = math.sqrt(damping)
    return least_norm_by_qr(stacked, right, 0.0, rank_tolerance)


@kernel
def least_norm(J: Any, r: Any, damping: float, rank_tolerance: float) -> Any:
    """Return (d, sigma bound), d the shortest minimiser of |r + J d|^2 + damping |d|^2."""
    n, m = J.shape
    if n > m and damping > 0.0:
        return damped_least_squares(J, r, damping, rank_tolerance), math.nan
    if n <= m:
        L, ok = cholesky(gram(J, damping), SAFE)
        if ok:
            return least_norm_by_cholesky(J, r, damping, L), sigma_bound(L, damping)
    return least_norm_by_qr(J, r, damping, rank_tolerance), math.nan


@cache
def least_norm_address() -> int:
    """Return the address of least_norm as a C function of (J, r, d, numbers, n, m).

    `numbers` holds damping and rank tolerance, and receives the sigma bound. Compiled once per
    installation, so that the loops that call it compile fast; it may be cached because everything
    it is made of stands in this file.
    """
    floats = types.CPointer(types.float64)
    signature = types.int64(floats, floats, floats, floats, types.int64, types.int64)
    try:
        function = cfunc(signature, cache=True, error_model="numpy")(_least_norm_call)
    except RuntimeError:  # no folder for a cache can be written
        function = cfunc(signature, error_model="numpy")(_least_norm_call)
    _ALIVE.append(function)
    return int(function.address)


_ALIVE: list[Any] = []


def _least_norm_call(J: Any, r: Any, d: Any, numbers: Any, n: int, m: int) -> int:
    values = carray(numbers, 2)
    step, sigma = least_norm(carray(J, (n, m)), carray(r, n), values[0], values[1])
    copy(carray(d, m), step)
    values[0] = sigma
    return 0
