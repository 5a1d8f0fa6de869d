"""What can be asked once more of a run that has ended, to show it?

The result remembers its problem and where it began. What is evaluated here is not counted.
"""

import math
from typing import Any

import numpy as np

from nlsolve.certificates.case import Case
from nlsolve.certificates.evidence import Evidence, FloatArray
from nlsolve.systems.errors import EvaluationError


def case(result: Any, name: str) -> Case:
    """Return the run as certificates see it, in the units of its steps; `name` asks for it.

    Raises
    ------
    ValueError
        If the system was lost, or its Jacobian is too large to form.
    """
    found = result._case()
    if not isinstance(found, Case):
        raise ValueError(f"{name}: {found.reason}")
    return found


def tolerance(result: Any) -> float:
    """Return the |r| below which the run took a point for a root; NaN where it is not known."""
    made = result.__dict__.get("_made")
    return math.nan if made is None else float(made.tol)


def scaled(result: Any) -> bool:
    """Return whether steps were those of v = w / x_scale."""
    made = result.__dict__.get("_made")
    return made is not None and np.ndim(made.scale) > 0


def envelope(result: Any) -> FloatArray:
    """Return what the start certificate guarantees of |r| at each entry of the history.

    NaN at every entry of which nothing is promised.
    """
    bounds = np.full(len(result.history), math.nan)
    promised = result.start_certificate
    if promised.holds and promised.promise is not None:
        known = case(result, "envelope").envelope(promised, result.history)
        bounds[: known.size] = known
    return bounds


def evidence_of_certified_from(result: Any) -> Evidence:
    """Return what `certified_from` is worth: its constants are the user's, or sampled."""
    run = case(result, "certified_from")
    exact = not run.problem.system.differenced
    return Evidence.ASSUMED if exact and run.asked.constants_given else Evidence.ESTIMATED


def evaluated(problem: Any, w: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return r and J at a point, NaN where F cannot be evaluated."""
    try:
        r = problem.residual(w)
        J = problem.jacobian(w, r)
    except EvaluationError:
        return np.full(problem.n, math.nan), np.full((problem.n, problem.m), math.nan)
    return r, J


def kernel_eigenvalues(J: FloatArray) -> FloatArray:
    """Return the n eigenvalues of K = J J^T, descending, as squares of singular values of J.

    J may be one Jacobian or a stack of them (..., n, m); NaN where an entry is not finite.
    """
    n, m = J.shape[-2:]
    finite = np.asarray(np.isfinite(J).all(axis=(-2, -1)))
    whole = np.where(finite[..., None, None], J, 0.0)
    found = np.linalg.svd(whole, compute_uv=False) ** 2
    padded = np.pad(found, [(0, 0)] * (found.ndim - 1) + [(0, max(n - m, 0))])
    return np.where(finite[..., None], padded, math.nan)


def kernels(result: Any) -> tuple[FloatArray, FloatArray]:
    """Return the eigenvalues of the tangent kernel at the start and at the point returned."""
    run = case(result, "spectrum")
    problem = run.moving.with_arrays()
    ends = (run.began, result.w / run.made.scale)
    start, end = (kernel_eigenvalues(evaluated(problem, w)[1]) for w in ends)
    return start, end
