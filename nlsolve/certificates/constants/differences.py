"""What is J when its steps are as long as a ball is wide?

Forward differences with one and the same step for all unknowns and at all points, so that what they
leave out of J is the same everywhere, up to how D^2F changes within a step. Steps relative to |w_j|
differ from point to point, and so would J.
"""

from typing import Any

import numpy as np

from nlsolve.certificates.evidence import FloatArray


def jacobian(problem: Any, w: FloatArray, r: FloatArray, h: float) -> FloatArray:
    """Return the (n, m) matrix of (F(w + h e_j) - F(w)) / h.

    Parameters
    ----------
    problem : Problem
    w, r : (m,) and (n,) ndarray
        Point, and the residual there.
    h : float
    """
    m = w.size
    if problem.system.vectorized:
        points = w[:, None] + h * np.eye(m)
        rises = problem._many(points) - problem.y[:, None] - r[:, None]
        return np.asarray(rises / (points.diagonal() - w))
    J = np.empty((r.size, m))
    for j in range(m):
        moved = w.copy()
        moved[j] += h
        J[:, j] = (problem.residual(moved) - r) / (moved[j] - w[j])
    return J
