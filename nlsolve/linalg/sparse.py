"""How is a minimum-norm step computed where J is sparse?

Two factorisations, by fill. K + lambda I is factored without pivoting (it is symmetric positive
definite) in minimum-degree order where J J^T stays sparse; its pivots say whether that is safe, as
in dense.py. A column that many equations share fills K. Then, with rows of J scaled to length one,

    [ a I   J^T          ] [ d ]   [  0 ]
    [ J     -lambda/a E^2] [ s ] = [ -r ],    E the scaling of the rows,

is factored in the same order, off the diagonal only where that has less than a hundredth of the
largest pivot: full pivoting would give up the order, and fill the factors. It has the same d,
whatever a > 0, and condition number about that of J where a is near sigma_min(J) (Bjorck). Either
is followed by refinement.

Where K is so well conditioned that conjugate gradients, scaled by its diagonal, reduce the
remainder to PASS within QUICK products with K, they do so twice, for less than a factorisation
would take.

Neither decides what depends on what. Where rows are dependent to rounding, small systems go on in
dense.py, and large ones by LSMR (products.py).

Sources: A. Bjorck, "Numerical Methods for Least Squares Problems", 1996, sections 2.5.3 and 7.7;
X. S. Li, "An overview of SuperLU", ACM Trans. Math. Softw. 31 (2005) 302-325.
"""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from scipy import sparse
from scipy.linalg import lapack
from scipy.sparse.linalg import cg, splu

from nlsolve.linalg.dense import SAFE, cholesky
from nlsolve.linalg.products import DENSE, least_norm_by_lsmr
from nlsolve.linalg.step import EXACT, FloatArray, Inner, least_norm_step, sigma_bound

SMALL = 1_500  # equations up to which a full K is no trouble
FULL = 0.1  # of the entries of K: from here on it is treated as full
FILL = 40.0  # times the entries of J that forming K may cost where n is large
SCALE = 2.0**-6  # a
THRESHOLD = 0.01  # a diagonal pivot this large beside the largest is taken
REFINEMENTS = 3
QUICK, PASS, ROUGH = 60, 1e-8, 1e-2  # of conjugate gradients
EXACTLY = 1e-14  # remainder of an exact step, relative to |r|
GOOD = 1e-10  # |r + J d| relative to |r| after refinement, by rows of length one and as they are
UNFACTORED = (RuntimeError, MemoryError, SystemError)  # singular; too much fill; more than indices

Solve = Callable[[Any], Any]


@least_norm_step.register(sparse.sparray)
@least_norm_step.register(sparse.spmatrix)
@np.errstate(over="ignore", invalid="ignore")
def _(
    J: Any, r: FloatArray, damping: float, rank_tolerance: float, inner: Inner = EXACT
) -> tuple[FloatArray, float]:
    n, m = J.shape
    if not (np.isfinite(J.data).all() and np.isfinite(r).all()):
        return np.full(m, np.nan), math.nan
    if n <= m:
        found = _by_kernel(J, r, damping) or _by_augmented(J, r, damping, rank_tolerance)
        if found is not None:
            return found
    if n * m <= DENSE:
        return least_norm_step(J.toarray(), r, damping, rank_tolerance)
    return least_norm_by_lsmr(J, r, damping, rank_tolerance)[0], math.nan


def _by_kernel(J: Any, r: FloatArray, damping: float) -> tuple[FloatArray, float] | None:
    """Return the step from K + damping I, None where K is full or its pivots are not safe."""
    n = J.shape[0]
    columns = np.bincount(J.tocsr().indices, minlength=J.shape[1]).astype(float)
    if n > SMALL and float(columns @ columns) > FILL * J.nnz:
        return None
    K = sparse.csr_array(J @ J.T)
    if damping > 0.0:
        K = K + damping * sparse.eye_array(n, format="csr")
    quick = _by_iterations(J, r, damping, K) if n > SMALL else None
    if quick is not None:
        return quick
    solve = _factored_full(K.toarray()) if K.nnz > FULL * n * n else _factored(K)
    if solve is None:
        return None
    s = solve(r)
    s += solve(r - J @ (J.T @ s) - damping * s)
    return -(J.T @ s), sigma_bound(solve, n, damping)


def _by_iterations(
    J: Any, r: FloatArray, damping: float, K: Any
) -> tuple[FloatArray, float] | None:
    """Return the step by conjugate gradients, None where they are not soon as exact as factors.

    Any s bounds the smallest eigenvalue of K from above by s . K s / |s|^2.
    """
    diagonal = K.diagonal()
    if not (diagonal > 0.0).all():
        return None
    M = sparse.diags_array(1.0 / diagonal)

    def solve(b: FloatArray, tolerance: float) -> FloatArray:
        found: FloatArray = cg(K, b, rtol=tolerance, maxiter=QUICK, M=M)[0]
        return found

    s, remainder, size = np.zeros(r.size), r, np.linalg.norm(r)
    for _ in range(2):
        before = np.linalg.norm(remainder)
        s = s + solve(remainder, PASS)
        remainder = r - J @ (J.T @ s) - damping * s
        if not np.linalg.norm(remainder) <= max(10.0 * PASS * before, EXACTLY * size):
            return None
    x = solve(solve(np.full(r.size, r.size**-0.5), ROUGH), ROUGH)
    smallest = float(x @ (K @ x)) / float(x @ x)
    return -(J.T @ s), math.sqrt(max(smallest - damping, 0.0))


def _factored_full(K: FloatArray) -> Solve | None:
    L, safe = cholesky(K)
    return (lambda b: lapack.dpotrs(L, b, lower=1)[0]) if safe else None


def _factored(K: Any) -> Solve | None:
    """Return K^{-1} as a function, None where a pivot is too small or was exchanged."""
    try:
        factor = splu(
            sparse.csc_array(K),
            permc_spec="MMD_AT_PLUS_A",
            diag_pivot_thresh=0.0,
            options={"SymmetricMode": True},
        )
    except UNFACTORED:
        return None
    pivots = factor.U.diagonal()[factor.perm_c]
    symmetric = bool((factor.perm_r == factor.perm_c).all())
    safe = symmetric and bool((pivots > SAFE * K.diagonal()).all())
    return factor.solve if safe else None


def _by_augmented(
    J: Any, r: FloatArray, damping: float, rank_tolerance: float
) -> tuple[FloatArray, float] | None:
    """Return the step from the augmented matrix, None where rows depend on each other."""
    n, m = J.shape
    lengths: Any = sparse.linalg.norm(J, axis=1)
    if not (lengths > 0.0).all():
        return None
    scale: FloatArray = 1.0 / lengths
    E = sparse.diags_array(scale)
    rows = (E @ J).tocsr()
    lower = sparse.diags_array(-damping / SCALE * scale**2)
    whole = sparse.block_array([[SCALE * sparse.eye_array(m), rows.T], [rows, lower]], format="csc")
    try:
        factor = splu(whole, permc_spec="MMD_AT_PLUS_A", diag_pivot_thresh=THRESHOLD)
    except UNFACTORED:
        return None
    solve = lambda b: -factor.solve(np.concatenate([np.zeros(m), b]))[m:] / SCALE  # noqa: E731
    sigma = sigma_bound(solve, n, 0.0)
    if not sigma > rank_tolerance:
        return None
    d = _refined(rows, scale * r, damping * scale**2, solve, lengths)
    return None if d is None else (d, math.nan)


def _refined(
    rows: Any, r: FloatArray, damping: FloatArray, solve: Solve, lengths: FloatArray
) -> FloatArray | None:
    """Return d = -J^T s with (K + damping) s = r, refined; None where that does not succeed."""
    d, s, remainder = np.zeros(rows.shape[1]), np.zeros(r.size), r
    for _ in range(1 + REFINEMENTS):
        further = solve(remainder)
        d, s = d - rows.T @ further, s + further
        remainder = r + rows @ d - damping * s
    sizes = [
        (np.linalg.norm(unit * remainder), np.linalg.norm(unit * r)) for unit in (1.0, lengths)
    ]
    return d if all(left <= GOOD * whole for left, whole in sizes) else None
