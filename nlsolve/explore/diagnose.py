"""What is the matter with a system at a point?

With J_k and r_k at w and points near it (neighbourhood.py), and ranks and relations in units of the
matrix's own (dependence.py), the questions are asked in this order:

1. Which equations are combinations of others with constant coefficients, c^T [J_0 J_1 ...] = 0? The
   same must be seen in values, c^T (r_k - r_0) = 0. Then c^T r is the same number everywhere, and
   the equations agree if it is zero to rounding, and contradict each other if it is not.
2. Which of the rest depend at every point? In a neighbourhood of a point of constant rank one is
   then a function of the others (rank theorem).
3. Which of the rest depend at w only? w is then a singular point of the system.

That there are more equations than unknowns is no answer to any of these: it says that some depend,
not which.
"""

from typing import Any

import numpy as np

from nlsolve.explore.dependence import Combination, Dependence
from nlsolve.explore.diagnosis import Diagnosis, Relation
from nlsolve.explore.neighbourhood import (
    Neighbourhood,
    Sample,
    differenced,
    far_away,
    neighbourhood,
)
from nlsolve.explore.scaling import FloatArray, IntegerArray
from nlsolve.explore.structure import structure
from nlsolve.systems import FormulaSystem
from nlsolve.systems.errors import EvaluationError
from nlsolve.systems.jacobians import as_array
from nlsolve.systems.linearization import Linearization
from nlsolve.systems.problem import Problem

TOL = 1e-10  # of a root, as solve's
UNEVEN = 1e-6  # of the moves of its terms, by which a constant may seem to change
STATIONARY = 1e-5  # |J^T r| over what its terms could be: as where solve calls a point stationary


def diagnose_at(problem: Problem, r: FloatArray, J: Linearization) -> Diagnosis:
    """Return the diagnosis of a system at a point, where its first evaluation went well."""
    problem = problem.with_arrays()
    J = Linearization(problem, J.w, r, as_array(J.jacobian))
    _check_finite(problem, J.jacobian)
    near = neighbourhood(problem, J.w, r, J.jacobian)
    constant = _constant(problem, near)
    gone = np.array([one.equation for one in constant], dtype=np.int64)
    at = [_dependence(one, gone) for one in near.samples]
    best = max(range(len(at)), key=lambda k: at[k].rank)
    lost = _lost(near, at)
    root = bool(np.linalg.norm(r) <= TOL * (1.0 + np.linalg.norm(problem.y)) or J.at_floor())
    return Diagnosis(
        n=problem.n,
        m=problem.m,
        points=len(at),
        rank=at[0].rank,
        generic_rank=at[best].rank,
        redundant=tuple(one for one in constant if one.gap == 0.0),
        inconsistent=tuple(one for one in constant if one.gap != 0.0),
        functional=_functional(at[best], gone) if len(at) > 1 and not lost else (),
        flat=_flat(at, gone),
        singular=_singular(at, near.samples[best], gone),
        movable=tuple(np.flatnonzero(at[best].movable).tolist()),
        parameters=at[best].parameters,
        condition=at[0].condition,
        clear=at[0].clear and at[best].clear and not lost,
        residual_norm=float(np.linalg.norm(r)),
        root=root,
        stationary=not root and _stationary(near),
        exact=not differenced(problem),
        **_patterns(problem, near, gone),
        **_scales(near),
        system=problem.system,
    )


def _check_finite(problem: Problem, J: FloatArray) -> None:
    if np.isfinite(J).all():
        return
    i, j = np.argwhere(~np.isfinite(J))[0]
    raise EvaluationError(
        f"J(w) must be finite, but the derivative of equation {i} by unknown {j} is {J[i, j]} "
        f"({problem.system.source}, {problem.kind}); diagnose at another w"
    )


def _constant(problem: Problem, near: Neighbourhood) -> tuple[Relation, ...]:
    """Return equations that are combinations of others with constant coefficients."""
    n, columns = near.slopes.shape
    if len(near.samples) == 1 or columns < n:
        return ()
    dependence = Dependence(near.slopes, near.slopes_error)
    if not dependence.combinations:
        return ()
    r, r_error = far_away(problem, near)
    r = np.vstack([*(one.r for one in near.samples), r])
    r_error = np.vstack([*(one.r_error for one in near.samples), r_error])
    errors = r_error, dependence.uncertainty
    found = [_related(one, r, errors) for one in dependence.combinations]
    return tuple(one for one in found if one is not None)


def _related(one: Combination, r: FloatArray, errors: tuple[FloatArray, float]) -> Relation | None:
    """Return the relation if values show it too, with its gap.

    r holds residuals, a row for each point; `errors` are those of r and of the coefficients. Where
    r_row - sum of c_i r_i differs from point to point, by more than rounding of the terms but by
    little beside what the terms do, F itself is evaluated with that error: then so is the gap.
    """
    others, c = np.array(one.others, dtype=np.int64), np.array(one.coefficients)
    error, uncertainty = errors
    gaps = r[:, one.row] - r[:, others] @ c
    terms = error[:, others] + uncertainty * np.abs(r[:, others])
    rounding = error[:, one.row] + terms @ np.abs(c)
    best = int(np.argmin(rounding))
    moved = np.abs(r - r[best])
    moves = moved[:, one.row] + moved[:, others] @ np.abs(c)
    spread, explained = np.abs(gaps - gaps[best]), rounding + rounding[best]
    if (spread > explained + UNEVEN * moves).any():
        return None
    same = np.abs(gaps[best]) <= rounding[best] + spread[spread > explained].max(initial=0.0)
    return Relation(one.row, one.others, one.coefficients, 0.0 if same else float(gaps[best]))


def _dependence(sample: Sample, gone: IntegerArray) -> Dependence:
    """Return the dependence of the equations that are no combinations, the others being zero."""
    J = sample.J.copy()
    J[gone] = 0.0
    return Dependence(J, sample.J_error)


def _functional(at: Dependence, gone: IntegerArray) -> tuple[Relation, ...]:
    """Return which equations depend where the rank is highest: at all points then."""
    found = [one for one in at.combinations if one.row not in gone]
    return tuple(Relation(one.row, one.others) for one in found if one.others)


def _lost(near: Neighbourhood, at: list[Dependence]) -> bool:
    """Return whether all derivatives by an unknown that matters are lost in their errors."""
    seen = np.any([one.matrix.any(axis=0) for one in at], axis=0)
    return bool((near.depends.any(axis=0) & ~seen).any())


def _flat(at: list[Dependence], gone: IntegerArray) -> tuple[int, ...]:
    """Return equations that are no constants, and whose gradients are zero wherever seen."""
    zero = ~np.any([one.matrix.any(axis=1) for one in at], axis=0)
    zero[gone] = False
    return tuple(np.flatnonzero(zero).tolist()) if len(at) > 1 else ()


def _singular(at: list[Dependence], best: Sample, gone: IntegerArray) -> tuple[Relation, ...]:
    """Return which equations depend at w, but not at the point where the rank is highest.

    Where F is defined at w alone, all that depend there.
    """
    found = [one for one in at[0].combinations if one.row not in gone]
    if len(at) > 1:
        higher = at[0].rank < max(one.rank for one in at)
        found = [one for one in found if higher and _independent(best, list(one.rows))]
    return tuple(Relation(one.row, one.others, one.coefficients) for one in found)


def _independent(sample: Sample, rows: list[int]) -> bool:
    return Dependence(sample.J[rows], sample.J_error[rows]).rank == len(rows)


def _patterns(problem: Problem, near: Neighbourhood, gone: IntegerArray) -> dict[str, Any]:
    """Return what is told by which unknowns the equations have: as seen, where no formulas tell."""
    pattern = near.depends.copy()
    if isinstance(problem.system, FormulaSystem):
        pattern[:] = False
        pattern[problem.system.sparsity] = True
    free = tuple(np.flatnonzero(~near.depends.any(axis=0)).tolist())
    rank = structure(pattern).rank
    pattern[gone] = False
    part = structure(pattern)
    left = tuple(i for i in part.equations if i not in gone)
    return {
        "structural_rank": rank, "free": free, "overdetermined": part._replace(equations=left)
    }  # fmt: skip


def _scales(near: Neighbourhood) -> dict[str, Any]:
    """Return the units of rows and columns of J: of its entries where they are largest."""
    errors = np.max([one.J_error for one in near.samples], axis=0)
    scaled = Dependence(_sizes(near), errors).scaled
    known = scaled.matrix != 0.0
    return {
        "row_scale": np.exp2(_beside_others(scaled.rows, known.any(axis=1))),
        "column_scale": np.exp2(_beside_others(scaled.columns, known.any(axis=0))),
    }


def _beside_others(exponents: IntegerArray, nonzero: Any) -> IntegerArray:
    """Return exponents relative to the (lower) median of those that are known; 0 for the rest."""
    if not nonzero.any():
        return np.zeros_like(exponents)
    known = np.sort(exponents[nonzero])
    return np.where(nonzero, exponents - known[(known.size - 1) // 2], 0)


def _stationary(near: Neighbourhood) -> bool:
    """Return whether the terms of every entry of J^T r cancel, beside those of J around w."""
    r, J = near.samples[0].r, near.samples[0].J
    return bool((np.abs(r @ J) <= STATIONARY * (np.abs(r) @ _sizes(near))).all())


def _sizes(near: Neighbourhood) -> FloatArray:
    """Return the entries of |J| where they are largest: those at w may vanish by accident."""
    return np.asarray(np.max([np.abs(one.J) for one in near.samples], axis=0))
