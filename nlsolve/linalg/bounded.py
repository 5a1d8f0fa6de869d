"""How is a minimum-norm step computed that must stay between bounds?

The shortest d with r + J d = 0 and low <= d <= high, where 0 is within the bounds, is

    d = clip(-J^T s, low, high)   for some s (n,)

(the conditions of Karush, Kuhn and Tucker; with damping, (r + J d) = lambda s). Which entries are
clipped is found by active sets: those that are free are solved for with the others fixed at their
bounds, the s of that solution says which entries are free next, and where that is again the same
set, d is the shortest. The free ones are a minimum-norm step of fewer unknowns, so that nothing
larger than n x n is factored, however many unknowns there are.

Where r + J d = 0 cannot be met between the bounds, or the sets do not settle, the step is that of
least |r + J d|^2 + lambda |d|^2 between them, by scipy's lsq_linear.

Sources: M. Hintermuller, K. Ito, K. Kunisch, "The primal-dual active set strategy as a semismooth
Newton method", SIAM J. Optim. 13 (2002) 865-888; F. Flacco, A. De Luca, O. Khatib, "Prioritized
multi-task motion control of redundant robots under hard joint constraints", IROS 2012.
"""

import math
from typing import Any

import numpy as np
from scipy import sparse
from scipy.linalg import lstsq
from scipy.optimize import lsq_linear
from scipy.sparse.linalg import LinearOperator, aslinearoperator, lsmr

from nlsolve.linalg.step import EXACT, FloatArray, Inner, least_norm_step

PASSES = 24
MET = 1e-9  # |r + J d| relative to |r| that counts as 0
SETTLED = 1e-12  # of |d|: by so much a free entry may pass its bound before it is clipped
NEAR = 1e-8  # of |d|: an entry that ends so near to a bound, and falls, ends at it
SMALL = 300  # unknowns up to which lsq_linear solves exactly


def least_norm_within(
    J: Any, r: FloatArray, damping: float, rank_tolerance: float, low: FloatArray, high: FloatArray,
    inner: Inner = EXACT,
) -> tuple[FloatArray, float]:  # fmt: skip
    """Return `least_norm_step` between bounds, low <= 0 <= high; the same where it is within them.

    Raises
    ------
    TypeError
        For Jacobians of other types than arrays, sparse arrays and LinearOperators.
    """
    d, sigma = least_norm_step(J, r, damping, rank_tolerance, inner)
    if ((low <= d) & (d <= high)).all() or not np.isfinite(d).all():
        return d, sigma
    found = None
    if J.shape[0] <= J.shape[1]:
        found = _by_active_sets(J, r, damping, rank_tolerance, low, high, d)
    if found is None:
        found = _least_squares(J, r, damping, low, high)
    return np.clip(found, low, high), sigma


def _by_active_sets(
    J: Any, r: FloatArray, damping: float, rank_tolerance: float, low: FloatArray, high: FloatArray,
    wanted: FloatArray,
) -> FloatArray | None:  # fmt: skip
    """Return d: the shortest, else one that meets the equations, else None."""
    met = None
    for _ in range(PASSES):
        free = (low <= wanted) & (wanted <= high)
        ends = np.clip(wanted, low, high)
        found = _with_fixed(J, r, damping, rank_tolerance, free, ends) if free.any() else None
        if found is None:
            return met
        d, wanted = found
        moves = np.abs(np.clip(wanted, low, high) - d) > SETTLED * float(np.linalg.norm(d))
        if not moves.any():
            return d
        if damping == 0.0 and not moves[free].any():
            met = d
    return met


def _with_fixed(
    J: Any, r: FloatArray, damping: float, rank_tolerance: float, free: Any, ends: FloatArray
) -> tuple[FloatArray, FloatArray] | None:
    """Return d, its entries that are not free at `ends`, and -J^T s; None where r + J d != 0."""
    d = np.where(free, 0.0, ends)
    part = _columns(J, free)
    d[free] = least_norm_step(part, r + J @ d, damping, rank_tolerance)[0]
    rest = r + J @ d
    reached = damping > 0.0 or np.linalg.norm(rest) <= MET * np.linalg.norm(r)
    if not (reached and np.isfinite(d).all()):
        return None
    few = damping > 0.0 and part.shape[1] < part.shape[0]  # d alone does not say s then
    wanted = -(J.T @ (rest / damping if few else _multipliers(part, d[free])))
    wanted[free] = d[free]  # which is the same but for rounding
    return d, wanted


def _multipliers(J: Any, d: FloatArray) -> FloatArray:
    """Return s with d = -J^T s."""
    if isinstance(J, np.ndarray):
        return lstsq(J.T, -d, check_finite=False)[0]
    return lsmr(J.T, -d, atol=1e-15, btol=1e-15, conlim=0.0)[0]


def _columns(J: Any, free: Any) -> Any:
    """Return some columns of J, in the form of J."""
    if not isinstance(J, LinearOperator):
        return J[:, free]
    m, count = J.shape[1], int(np.count_nonzero(free))

    def forth(v: FloatArray) -> Any:
        whole = np.zeros(m)
        whole[free] = v.ravel()
        return J.matvec(whole)

    return LinearOperator((J.shape[0], count), forth, lambda u: J.rmatvec(u)[free], dtype=float)


def _least_squares(
    J: Any, r: FloatArray, damping: float, low: FloatArray, high: FloatArray
) -> FloatArray:
    """Return d of least |r + J d|^2 + damping |d|^2 between bounds; those without room stay 0."""
    m = J.shape[1]
    room = low < high
    d = np.zeros(m)
    if not room.any():
        return d
    A, b = _stacked(_columns(J, room), -r, damping)
    solver: Any = "exact" if isinstance(A, np.ndarray) and m <= SMALL else "lsmr"
    d[room] = lsq_linear(A, b, (low[room], high[room]), tol=1e-13, lsq_solver=solver).x
    slope, near = J.T @ (r + J @ d) + damping * d, NEAR * float(np.linalg.norm(d))
    d = np.where((slope > 0.0) & (d - low <= near), low, d)  # lsq_linear stays inside
    return np.where((slope < 0.0) & (high - d <= near), high, d)


def _stacked(J: Any, b: FloatArray, damping: float) -> tuple[Any, FloatArray]:
    """Return J above sqrt(damping) I, and b above 0."""
    if damping == 0.0:
        return J, b
    m, root = J.shape[1], math.sqrt(damping)
    right = np.concatenate([b, np.zeros(m)])
    if isinstance(J, np.ndarray):
        return np.vstack([J, root * np.eye(m)]), right
    if sparse.issparse(J):
        blocks: Any = [J, root * sparse.eye_array(m)]
        return sparse.vstack(blocks, format="csr"), right
    n, operator = J.shape[0], aslinearoperator(J)
    return LinearOperator(
        (n + m, m),
        lambda v: np.concatenate([operator.matvec(v.ravel()), root * v.ravel()]),
        lambda u: operator.rmatvec(u[:n]) + root * u[n:],
        dtype=float,
    ), right
