"""How is a minimum-norm step computed where J is known by products and by its tangent kernel K?

d = -J^T s with (K + lambda I) s = r by Cholesky, where its pivots are safe as in dense.py; refined
once with K. So a step costs K, n^3 / 3 and one product J^T s, however many unknowns there are.

Where K is not safe, a J of moderate size is formed and left to dense.py. For a larger one the
eigenvectors of K give s in the part of the space where K is more than its rounding, which makes
d the shortest least-squares step there.

For very many equations an n x n matrix is itself too much. Where J offers something near to the
inverse of K that is cheap, it preconditions conjugate gradients as in products.py; K is built only
where those fail.
"""

import math
from typing import Any

import numpy as np
from scipy.linalg import eigh, lapack

from nlsolve.linalg.dense import SAFE
from nlsolve.linalg.products import DENSE, USABLE, by_conjugate_gradients
from nlsolve.linalg.step import EXACT, FloatArray, Inner, least_norm_step, sigma_bound
from nlsolve.systems.jacobians import KernelOperator

LARGEST = 4_000  # equations up to which K is always built
ROUNDOFF = 2.0**-53


@least_norm_step.register
@np.errstate(over="ignore", invalid="ignore")
def _(
    J: KernelOperator, r: FloatArray, damping: float, rank_tolerance: float, inner: Inner = EXACT
) -> tuple[FloatArray, float]:
    n, m = J.shape
    inverse = J.near_inverse(damping) if LARGEST < n <= m else None
    if inverse is not None:
        d, left = by_conjugate_gradients(J, r, damping, inner.tolerance, inverse)
        if left <= max(USABLE, 2.0 * inner.tolerance):
            return d, math.nan
    K = J.gram()
    K.flat[:: n + 1] += damping
    if not (np.isfinite(K).all() and np.isfinite(r).all()):
        return np.full(m, np.nan), math.nan
    L, failed = lapack.dpotrf(K, lower=1, clean=0)
    if failed == 0 and n <= m and _safe(L, K, rank_tolerance):
        return _by_cholesky(J, K, L, r, damping)
    if n * m <= DENSE:
        return least_norm_step(J.array(), r, damping, rank_tolerance)
    return -J.rmatvec(_by_eigenvectors(K, r, rank_tolerance)), math.nan


def _by_cholesky(
    J: KernelOperator, K: FloatArray, L: FloatArray, r: FloatArray, damping: float
) -> tuple[FloatArray, float]:
    def solve(b: FloatArray) -> Any:
        return lapack.dpotrs(L, b, lower=1)[0]

    s = solve(r)
    s += solve(r - K @ s)
    return -J.rmatvec(s), sigma_bound(solve, r.size, damping)


def _safe(L: FloatArray, K: FloatArray, rank_tolerance: float) -> bool:
    """Return whether every pivot kept enough of its diagonal entry, in the precision of K."""
    pivots = L.diagonal()
    return bool((pivots * pivots > max(SAFE, rank_tolerance) * K.diagonal()).all())


def _by_eigenvectors(K: FloatArray, r: FloatArray, rank_tolerance: float) -> FloatArray:
    """Return s with K s = r in the part of the space where K is more than rounding."""
    values, vectors = eigh(K)
    least = max(rank_tolerance, K.shape[0] * ROUNDOFF) * values[-1]
    kept = vectors[:, values > least]
    s: FloatArray = kept @ ((kept.T @ r) / values[values > least])
    return s
