"""How is a minimum-norm step computed with numpy and scipy?

d = -J^T (K + lambda I)^{-1} r, K = J J^T (n x n). Of all minimisers of |r + J d|^2 + lambda |d|^2
it is the shortest, also where J loses rank or n > m.

Cholesky of K squares the condition number, so it is taken only where its diagonal says that it is
safe: pivot i over K_ii is the squared sine of the angle between row i and the rows before it,
whatever the rows' scales. One step of refinement then brings d to the accuracy of J. Otherwise the
rows are scaled to length one and J^T (with sqrt(lambda) I below it) is factored by QR with column
pivoting; rows whose remainder is below the rank tolerance depend on earlier ones. With n > m the
damping is m more equations, sqrt(lambda) d = 0.

What kind of matrix J is, is asked here and nowhere else: `least_norm_step` dispatches on its type.
"""

import math
from functools import singledispatch
from typing import Any

import numpy as np
import numpy.typing as npt
import scipy.linalg
from scipy.linalg import blas, lapack, qr

FloatArray = npt.NDArray[np.float64]

SAFE = 1e-8


@singledispatch
def least_norm_step(
    J: Any, r: FloatArray, damping: float, rank_tolerance: float
) -> tuple[FloatArray, float]:
    """Return (d, sigma): the shortest minimiser of |r + J d|^2 + damping |d|^2.

    Parameters
    ----------
    J : (n, m) ndarray
        Jacobian.
    r : (n,) ndarray
        Residual.
    damping : float
        lambda >= 0.
    rank_tolerance : float
        A row whose part outside the span of others is below this, relative to the row's length,
        counts as dependent.

    Returns
    -------
    d : (m,) ndarray
    sigma : float
        Upper bound of the n-th singular value of J, up to rounding; NaN where none was a
        by-product.
    """
    raise TypeError(
        f"no minimum-norm step for a Jacobian of type {type(J).__name__}; expected a numpy array"
    )


@least_norm_step.register
@np.errstate(over="ignore", invalid="ignore")  # what overflows becomes no step
def _(J: np.ndarray, r: FloatArray, damping: float, rank_tolerance: float) -> Any:
    n, m = J.shape
    if n > m and damping > 0.0:  # sqrt(damping) d = 0 are m more equations
        stacked = np.vstack([J, math.sqrt(damping) * np.eye(m)])
        right = np.concatenate([r, np.zeros(m)])
        return least_norm_by_qr(stacked, right, 0.0, rank_tolerance), math.nan
    if n <= m:
        K = J @ J.T
        K.flat[:: n + 1] += damping
        L, safe = cholesky(K)
        if safe:
            return _by_cholesky(J, r, damping, L)
    return least_norm_by_qr(J, r, damping, rank_tolerance), math.nan


def cholesky(K: FloatArray) -> tuple[FloatArray, bool]:
    """Return (L, whether every pivot kept enough of its diagonal entry)."""
    L, failed = lapack.dpotrf(K, lower=1, clean=0)
    if failed != 0:
        return L, False
    pivots = L.diagonal()
    return L, bool((pivots * pivots > SAFE * K.diagonal()).all())


def _by_cholesky(
    J: FloatArray, r: FloatArray, damping: float, L: FloatArray
) -> tuple[FloatArray, float]:
    s = lapack.dpotrs(L, r, lower=1)[0]
    remainder = r - J @ (J.T @ s) - damping * s
    s += lapack.dpotrs(L, remainder, lower=1)[0]
    return -(J.T @ s), sigma_bound(L, damping)


def sigma_bound(L: FloatArray, damping: float) -> float:
    """Return an upper bound of sigma: sigma^2 + damping <= 1 / |K^{-1} x| for every unit x."""
    n = L.shape[0]
    x, length = np.full(n, 1.0 / math.sqrt(n)), 1.0
    for _ in range(2):
        x = lapack.dpotrs(L, x, lower=1)[0]
        length = float(blas.dnrm2(x))
        if not 0.0 < length < math.inf:
            return math.nan
        x /= length
    return math.sqrt(max(1.0 / length - damping, 0.0))


def least_norm_by_qr(
    J: FloatArray, r: FloatArray, damping: float, rank_tolerance: float
) -> FloatArray:
    """Return the shortest minimiser of |r + J d|^2 + damping |d|^2 by pivoted QR of J^T."""
    n, m = J.shape
    A = np.vstack([J.T, math.sqrt(damping) * np.eye(n)]) if damping > 0.0 else J.T
    lengths = np.linalg.norm(A, axis=0)
    if not np.isfinite(lengths).all():  # NaN, or too large to be squared: no step
        return np.full(m, np.nan)
    lengths[lengths == 0.0] = 1.0
    Q, R, order = qr(A / lengths, mode="economic", pivoting=True, check_finite=False)
    rank = int(np.sum(np.abs(R.diagonal()) > rank_tolerance))
    b = -r[order]
    if rank == 0:
        return np.zeros(m)
    if rank == n:
        z = solve_triangle(R, b / lengths[order], transposed=True)
    else:
        full, triangle = qr(R[:rank].T * lengths[order, None], mode="economic", check_finite=False)
        z = solve_triangle(triangle, full.T @ b)
    return np.ascontiguousarray((Q[:, :rank] @ z)[:m])


def solve_triangle(R: FloatArray, b: FloatArray, transposed: bool = False) -> FloatArray:
    """Return z with R z = b or R^T z = b, R upper triangular; NaN where a diagonal entry is 0."""
    z, singular = lapack.dtrtrs(R, b, trans=int(transposed))
    return np.full(b.size, np.nan) if singular else z


def svd(A: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return (U, values, V^T), economic; by QR iteration where divide and conquer fails.

    It does fail, rarely, on ordinary finite matrices that have lost rank.
    """
    try:
        U, values, V = np.linalg.svd(A, full_matrices=False)
    except np.linalg.LinAlgError:
        U, values, V = scipy.linalg.svd(A, full_matrices=False, lapack_driver="gesvd")
    return U, values, V
