"""How is a minimum-norm step computed where only products J v and J^T u are known?

With n <= m by conjugate gradients on (K + lambda I) s = r (Craig's method), d = -J^T s, so that d
lies in the range of J^T however early the iteration ends. Each pass reduces the remainder
r + J d - lambda s, which is then computed anew from d: repeated, that brings |r + J d| down to
rounding of |J| |d|, as iterative refinement does. With `inner.tolerance` one pass is enough.

Where the rows of J can be had in blocks, the inverses of the diagonal blocks of K + lambda I
precondition the iteration (block Jacobi).

With n > m: LSMR, which goes to the shortest least-squares step. Where iterations do not converge
(rank lost, r outside the range of J, K ill-conditioned), a J of moderate size is formed and left to
dense.py, which costs fewer products than going on; a large one is left to LSMR.

Sources: E. J. Craig, "The N-step iteration procedures", 1955; D. C.-L. Fong, M. Saunders, "LSMR:
an iterative algorithm for sparse least-squares problems", SIAM J. Sci. Comput. 33 (2011) 2950-2971.
"""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from scipy.linalg import cho_factor, cho_solve
from scipy.sparse.linalg import LinearOperator, cg, lsmr

from nlsolve.linalg.step import EXACT, Blocks, FloatArray, Inner, least_norm_step

Inverse = Callable[[FloatArray], FloatArray]

DENSE = 4_000_000  # entries up to which a difficult J is made a numpy array
PASS = 1e-8  # by which one pass of conjugate gradients reduces the remainder
PASSES = 6
CONVERGED = 1e-11  # remainder relative to |r|; above it, a J of moderate size is formed
USABLE = 1e-6  # above it, iterations by another method begin
ROUNDOFF = 2.0**-53
UNCONVERGED = (3, 6, 7)  # reasons for which lsmr ends: condition numbers, and its last iteration


@least_norm_step.register
@np.errstate(over="ignore", invalid="ignore", divide="ignore")  # K may be singular
def _(
    J: LinearOperator, r: FloatArray, damping: float, rank_tolerance: float, inner: Inner = EXACT
) -> Any:
    n, m = J.shape
    rest = (r, damping, rank_tolerance)
    if n > m:
        d, converged = least_norm_by_lsmr(J, *rest)
    else:
        blocks = None if inner.blocks is None else _block_inverse(inner.blocks(), damping)
        d, left = by_conjugate_gradients(J, r, damping, inner.tolerance, blocks)
        converged = left <= (max(CONVERGED, 2.0 * inner.tolerance) if n * m <= DENSE else USABLE)
    if not converged and n * m <= DENSE:
        return least_norm_step(_formed(J), *rest)
    if not converged and n <= m:
        d, _ = least_norm_by_lsmr(J, *rest)
    return d, math.nan


def _formed(J: LinearOperator) -> FloatArray:
    n, m = J.shape
    whole = J.rmatmat(np.eye(n)).T if n <= m else J.matmat(np.eye(m))
    return np.ascontiguousarray(whole)


def by_conjugate_gradients(
    J: LinearOperator, r: FloatArray, damping: float, tolerance: float, inverse: Inverse | None
) -> tuple[FloatArray, float]:
    """Return d, and the remainder relative to |r|; `inverse` nearly applies (K + damping I)^-1."""
    n, m = J.shape
    d, s, remainder = np.zeros(m), np.zeros(n), r
    size = left = float(np.linalg.norm(r))
    if not 0.0 < size < math.inf:
        return (d if size == 0.0 else np.full(m, np.nan)), 0.0
    K = LinearOperator((n, n), lambda v: J.matvec(J.rmatvec(v)) + damping * v, dtype=float)
    M = None if inverse is None else LinearOperator((n, n), inverse, dtype=float)
    for _ in range(PASSES):
        further = cg(K, remainder, rtol=tolerance or PASS, maxiter=2 * n + 20, M=M)[0]
        d, s = d - J.rmatvec(further), s + further
        remainder, before = r + J.matvec(d) - damping * s, left
        left = float(np.linalg.norm(remainder))
        if left <= tolerance * size or not left <= 0.5 * before:
            break
    return d, left / size


def _block_inverse(blocks: Blocks, damping: float) -> Inverse:
    """Return what applies the inverse of the diagonal blocks of K + damping I."""
    factors = [(rows, factor_of(J @ J.T, damping)) for rows, J in blocks]

    def apply(v: FloatArray) -> FloatArray:
        found = np.empty(v.size)
        for rows, factor in factors:
            found[rows] = cho_solve(factor, v.ravel()[rows], check_finite=False)
        return found

    return apply


def factor_of(K: FloatArray, damping: float) -> Any:
    """Return the Cholesky factor of K + damping I, kept away from singular ones; K is changed."""
    K.flat[:: K.shape[0] + 1] += damping + 1e-12 * max(float(np.trace(K)), 1e-290)
    return cho_factor(K, lower=True, check_finite=False)


def least_norm_by_lsmr(
    J: Any, r: FloatArray, damping: float, rank_tolerance: float
) -> tuple[FloatArray, bool]:
    """Return the shortest minimiser of |r + J d|^2 + damping |d|^2, and whether it was reached."""
    if not np.isfinite(r).all():
        return np.full(J.shape[1], np.nan), True
    d, reason, *_ = lsmr(
        J, -r, damp=math.sqrt(damping), atol=4.0 * ROUNDOFF, btol=4.0 * ROUNDOFF,
        conlim=1.0 / rank_tolerance, maxiter=8 * min(J.shape) + 100,
    )  # fmt: skip
    return d, reason not in UNCONVERGED
