"""How is a minimum-norm step computed for a numpy array J?

Cholesky of K squares the condition number, so it is taken only where its diagonal says that it is
safe: pivot i over K_ii is the squared sine of the angle between row i and the rows before it,
whatever the rows' scales. One step of refinement then brings d to the accuracy of J. Otherwise the
rows are scaled to length one and J^T (with sqrt(lambda) I below it) is factored by QR with column
pivoting; rows whose remainder is below the rank tolerance depend on earlier ones. With n > m the
damping is m more equations, sqrt(lambda) d = 0.
"""

import math
from typing import Any

import numpy as np
import scipy.linalg
from scipy.linalg import blas, lapack, qr

from nlsolve.linalg.step import EXACT, FloatArray, Inner, least_norm_step, sigma_bound

SAFE = 1e-8


@least_norm_step.register
@np.errstate(over="ignore", invalid="ignore")  # what overflows becomes no step
def _(
    J: np.ndarray, r: FloatArray, damping: float, rank_tolerance: float, inner: Inner = EXACT
) -> Any:
    n, m = J.shape
    if n > m and damping > 0.0:  # sqrt(damping) d = 0 are m more equations
        stacked = np.vstack([J, math.sqrt(damping) * np.eye(m)])
        right = np.concatenate([r, np.zeros(m)])
        return least_norm_by_qr(stacked, right, 0.0, rank_tolerance), math.nan
    if n <= m:
        K = lower_kernel(J)
        K.flat[:: n + 1] += damping
        L, safe = cholesky(K)
        if safe:
            return _by_cholesky(J, r, damping, L)
    return least_norm_by_qr(J, r, damping, rank_tolerance), math.nan


def lower_kernel(J: FloatArray) -> FloatArray:
    """Return K = J J^T, its lower triangle alone; no copy of J in C or Fortran order."""
    if J.flags.c_contiguous:  # BLAS reads it as J^T in its own order
        return blas.dsyrk(1.0, J.T, trans=1, lower=1)
    return blas.dsyrk(1.0, J, lower=1)


def cholesky(K: FloatArray) -> tuple[FloatArray, bool]:
    """Return (L, whether every pivot kept enough of its diagonal entry); reads K's lower part."""
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
    solve = lambda b: lapack.dpotrs(L, b, lower=1)[0]  # noqa: E731
    return -(J.T @ s), sigma_bound(solve, r.size, damping)


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
