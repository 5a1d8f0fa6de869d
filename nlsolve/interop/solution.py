"""What is a solve as a function of y and parameters, and what is its derivative?

A wide system has many solutions, and w(y, p) is a function only once it is said which of them is
meant: the one nearest to the solution w found (sensitivity.py), so that

    dw = J^+ (dy - dF/dp dp),    J^+ = J^T (J J^T)^{-1},

whatever the method and the way to w. That is the derivative of the map "solve again from w for the
moved y and p" with any method whose first step is J^+ times the residual, as Gauss-Newton's is; it
is not that of "solve again from w0". Functions of w that are constant along the solutions have the
same derivative for both.

w is a solution up to the tolerance only, and J^+ may change much over that distance where J is
close to losing rank. It is therefore computed at w and again one Gauss-Newton step nearer, which is
what is returned; if the two differ by more than `SETTLED`, there is no derivative to be relied on.
"""

from typing import Any

import numpy as np

from nlsolve.api import solve
from nlsolve.explore.sensitivity import regular
from nlsolve.explore.tangent import Tangent
from nlsolve.systems import System
from nlsolve.systems.base import FloatArray
from nlsolve.systems.checks import first_evaluation
from nlsolve.systems.errors import EvaluationError
from nlsolve.systems.vectors import is_finite

SETTLED = 1e-3  # the error of what is returned is about its square


def solution(system: System, y: Any, w0: Any, throw: bool, options: dict[str, Any]) -> FloatArray:
    """Return a solution, (m,); NaN where there is none and `throw` is False."""
    start, target = np.asarray(w0, dtype=np.float64), np.asarray(y, dtype=np.float64)
    lost = np.full(start.size, np.nan)
    if not throw and not (is_finite(start) and is_finite(target)):
        return lost
    try:
        result = solve(system, target, start, **options)
    except EvaluationError:
        if throw:
            raise
        return lost
    if throw:
        result.raise_if_failed()
    return result.w if result.success else lost


def pseudo_inverse(system: System, y: Any, w: Any, throw: bool) -> FloatArray:
    """Return J^+, (m, n), at a solution; NaN where there is none and `throw` is False.

    Raises
    ------
    numpy.linalg.LinAlgError
        If J has lost rank there, or nearly so.
    """
    point, target = np.asarray(w, dtype=np.float64), np.asarray(y, dtype=np.float64)
    try:
        return _settled(system, target, point)
    except (EvaluationError, np.linalg.LinAlgError, ValueError):
        if throw:
            raise
        return np.full((point.size, target.size), np.nan)


def _settled(system: System, y: FloatArray, w: FloatArray) -> FloatArray:
    problem = first_evaluation(system, y, w, None)[0].with_arrays()
    unit = np.eye(problem.n)

    def inverse(w: FloatArray, r: FloatArray) -> FloatArray:
        tangent = regular(Tangent(problem.jacobian(w, r), problem.rank_tolerance), problem)
        return tangent.shortest(unit)

    r = problem.residual(w)
    before = inverse(w, r)
    nearer = w - before @ r
    after = inverse(nearer, problem.residual(nearer))
    change = float(np.linalg.norm(after - before) / np.linalg.norm(after))
    if not change <= SETTLED:
        raise np.linalg.LinAlgError(
            f"the derivative of the solution is not settled: J^+ changes by {change:.1e} of its "
            f"size over one more Gauss-Newton step; J is close to losing rank there, or tol is "
            f"too large"
        )
    return after
