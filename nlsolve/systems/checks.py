"""Is what the user gave a system at all? The first evaluation is the check.

Shapes, dtypes and finiteness of w0, F(w0), y and J(w0); one directional difference of F against a
given Jacobian, or one found by differences along a given pattern; the adjoint of products; and one
comparison of `rows` with F. Each error names the argument, what was expected, what came and what
to do.
"""

from typing import Any

import numpy as np

from nlsolve.systems.base import FloatArray, System
from nlsolve.systems.box import Box
from nlsolve.systems.errors import EvaluationError, warn
from nlsolve.systems.jacobians import is_operator, not_finite
from nlsolve.systems.linearization import Linearization
from nlsolve.systems.problem import Problem
from nlsolve.systems.vectors import is_finite, real_vector


def target(y: Any, n: int) -> FloatArray:
    """Return y as a vector of n numbers."""
    if type(y) is float and y == 0.0:
        return np.zeros(n)
    vector = real_vector(y, "y")
    if np.ndim(y) == 0:
        return np.full(n, vector[0])
    if vector.size != n:
        raise ValueError(
            f"y has {vector.size} entries, but F returns {n}; expected a number or {n} entries"
        )
    return vector


_UNKNOWN = np.zeros(1)


def checked_values(values: FloatArray) -> FloatArray:
    """Return F(w0) as a vector, checked for shape and finiteness."""
    array = values if values.ndim == 1 else np.atleast_1d(values)
    if array.ndim != 1 or array.size == 0:
        raise EvaluationError(
            f"F must return a vector of n >= 1 values, got shape {array.shape}; "
            "use ravel() if the equations stand in a matrix"
        )
    if not is_finite(array):
        place = int(np.argmin(np.isfinite(array)))
        raise EvaluationError(
            f"F(w0) must be finite, but F(w0)[{place}] is {array[place]}; start from another w0"
        )
    return array


def first_evaluation(
    system: System, y: Any, w0: FloatArray, mapper: Any, bounds: Box | None = None
) -> tuple[Problem, FloatArray, Linearization]:
    """Return the problem, r(w0) and the checked linearization there."""
    problem = Problem(system, _UNKNOWN, w0.size, mapper, bounds)
    problem.counts[0] = 1
    values = checked_values(problem.values(w0))
    problem.n = values.size
    problem.y = target(y, values.size)
    r = values - problem.y
    J = problem.linearize(w0, r)
    check_derivatives(problem, J)
    bad = not_finite(J.jacobian) if J.formed else None
    if bad is not None:
        raise EvaluationError(
            f"jac(w0) must be finite, but entry ({bad[0]}, {bad[1]}) is {bad[2]}; "
            "start from another w0"
        )
    return problem, r, J


def check_derivatives(problem: Problem, J: Linearization) -> None:
    """Compare the given derivatives with one directional difference, once per System."""
    system = problem.system
    if system.given_jac is not None or system.returns_both:
        J.jacobian  # noqa: B018  (its shape is checked even where its values are not)
    if system.check_jac is False or system.checked:
        return
    complaint = _complaint(problem, J)
    if complaint and system.check_jac == "raise":
        raise EvaluationError(complaint)
    if complaint:
        warn(complaint)  # again at the next solve, until it is mended
    else:
        system.mark_checked()


def _complaint(problem: Problem, J: Linearization) -> str:
    """Return what is wrong with the derivatives, or an empty string."""
    system = problem.system
    compared = not system.differenced or system.pattern is not None
    if compared and not problem.agrees(J.w, J.r, J.jvp):
        what, source = "the Jacobian", system.source
        if system.differenced:
            what, source = (
                "J by differences along jac_sparsity",
                "that no entry of J is missing there",
            )
        return (
            f"{what} disagrees with a directional difference of F at w0 by more than 0.1%; "
            f"check {source}, or pass check_jac=False if F is nonsmooth there"
        )
    back = "vjp" if system.given_vjp is not None else "rmatvec of jac(w0)"
    two_sided = system.given_vjp is not None or (J.formed and is_operator(J.jacobian))
    if two_sided and not _adjoint(problem, J):
        return f"{back} is not the adjoint of the Jacobian at w0: <u, J v> differs from <J^T u, v>"
    if system.given_rows is not None and not _rows_agree(problem, J):
        return "rows(w0, batch) disagrees with the same equations of F and jac at w0"
    return ""


def _adjoint(problem: Problem, J: Linearization) -> bool:
    """Compare <u, J v> with <J^T u, v>; u and v are fixed and random."""
    random = np.random.default_rng(1)
    u, v = random.standard_normal(problem.n), random.standard_normal(problem.m)
    given = problem.product("vjp", J.w, u, problem.m)
    back = J.vjp(u) if given is None else given
    image = J.jvp(v)
    left, right = float(u @ image), float(back @ v)
    size = float(np.linalg.norm(u) * np.linalg.norm(image) + np.linalg.norm(back))
    return abs(left - right) <= 1e-6 * size


def _rows_agree(problem: Problem, J: Linearization) -> bool:
    """Compare two equations with F and, where J is exact, with J."""
    batch = np.array([problem.n - 1, 0], dtype=np.int64)
    r, rows = problem.rows(J.w, batch)
    tolerance = 1e-8 * (1.0 + float(np.max(np.abs(J.r))))
    close = np.allclose(r, J.r[batch], rtol=1e-6, atol=tolerance)
    if problem.system.differenced or not close:
        return close
    v = np.random.default_rng(2).standard_normal(problem.m)
    whole = J.jvp(v)
    scale = float(np.max(np.abs(whole)))
    return np.allclose(rows.jvp(v), whole[batch], rtol=1e-6, atol=1e-6 * scale)
