"""Which combination of equations is farthest from vanishing over a box? A linear program.

Over a box the equations are r + M u + v, u in [-1, 1]^K, |v| <= s: their first-order terms, and
products of unknowns taken for new unknowns. If for some a

    |a^T r| > |M^T a|_1 + |a|^T s,

the combination a^T F of them has no zero. The a with the largest gap, |a|_inf <= 1, solves the dual
of: which u and v leave the smallest sum of |r + M u + v|? (Farkas.) The program runs in doubles and
proves nothing; the a it gives is tried by intervals.

A linear program tells 0 from 1e-7 only. What of r lies outside the range of M, for nearly dependent
rows, comes from singular values instead.
"""

from typing import Any

import numpy as np
from scipy.optimize import linprog

from nlsolve.certificates.evidence import FloatArray

DEPENDENT = 1e-10  # relative size of a singular value that counts as zero


def combinations(r: FloatArray, M: FloatArray, s: FloatArray) -> list[FloatArray]:
    """Return vectors a worth trying, the most promising first."""
    scale = np.abs(r) + np.abs(M).sum(axis=1) + s
    if not np.isfinite(scale).all():
        return []
    scale = np.maximum(scale, 1e-200)
    r, M, s = r / scale, M / scale[:, None], s / scale
    found = [_from_program(r, M, s), _outside_range(r, M), _largest(r, M, s)]
    scaled = [a * (scale.min() / scale) for a in found if a is not None]
    return [a for a in scaled if np.abs(a).max() > 0.0]


def _from_program(r: FloatArray, M: FloatArray, s: FloatArray) -> FloatArray | None:
    n, K = M.shape
    if n == 1:
        return np.ones(1)
    A = np.hstack([M, np.diag(s), np.eye(n), -np.eye(n)])
    cost = np.concatenate([np.zeros(K + n), np.ones(2 * n)])
    bounds: Any = np.array([[-1.0, 1.0]] * (K + n) + [[0.0, np.inf]] * (2 * n))
    solution: Any = linprog(cost, A_eq=A, b_eq=-r, bounds=bounds, method="highs-ds")
    if solution.status != 0 or not solution.fun > 1e-9:
        return None
    return np.asarray(solution.eqlin.marginals)


def _outside_range(r: FloatArray, M: FloatArray) -> FloatArray | None:
    """Return the part of r to which M adds nothing."""
    U, sizes, _ = np.linalg.svd(M, full_matrices=True)
    rank = int((sizes > DEPENDENT * max(float(sizes[0]), 1e-300)).sum())
    null = U[:, rank:]
    return null @ (null.T @ r) if null.shape[1] else None


def _largest(r: FloatArray, M: FloatArray, s: FloatArray) -> FloatArray:
    """Return the single equation that is farthest from vanishing."""
    gap = np.abs(r) - np.abs(M).sum(axis=1) - s
    a = np.zeros(r.size)
    a[int(gap.argmax())] = 1.0
    return a
