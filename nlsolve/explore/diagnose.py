"""What is the matter with a system at a point?

With J_k and r_k at w and points near it (neighbourhood.py), and ranks and relations in units of the
matrix's own (dependence.py), the questions are asked in this order:

1. Which equations are combinations of others with constant coefficients, c^T [J_0 J_1 ...] = 0? The
   same must be seen in values, c^T (r_k - r_0) = 0. Then c^T r is the same number everywhere, and
   the equations agree if it is zero to rounding, and contradict each other if it is not.
2. Which of the rest depend at every point, with coefficients that change? In a neighbourhood of a
   point of constant rank one is then a function of the others (rank theorem).
3. Which of the rest depend at w only? w is then a singular point of the system.

That there are more equations than unknowns is no answer to any of these: it says that some depend,
not which.
"""

from typing import Any

import numpy as np

from nlsolve.explore.dependence import Combination, Dependence
from nlsolve.explore.diagnosis import Diagnosis, Relation
from nlsolve.explore.neighbourhood import Neighbourhood, Sample, neighbourhood
from nlsolve.explore.scaling import FloatArray, IntegerArray
from nlsolve.explore.structure import structure
from nlsolve.systems.errors import EvaluationError
from nlsolve.systems.printed import text_of
from nlsolve.systems.problem import Linearization, Problem

TOL = 1e-10  # of a root, as solve's
STATIONARY = 1e-5  # |J^T r| over what its terms could be: as where solve calls a point stationary
FAR = 1e4  # from the scale of the others


def diagnose_at(problem: Problem, r: FloatArray, J: Linearization) -> Diagnosis:
    """Return the diagnosis of a system at a point, where its first evaluation went well."""
    _check_finite(problem, J.jacobian)
    near = neighbourhood(problem, J.w, r, J.jacobian)
    constant = _constant(near)
    kept = _without(problem.n, constant)
    at = [Dependence(one.J, one.J_error) for one in near.samples]
    best = max(at, key=lambda one: one.rank)
    seen = np.any([one.J != 0.0 for one in near.samples], axis=0)
    pattern = _pattern(problem, seen)
    scaled, known = at[0].scaled, at[0].matrix != 0.0
    root = bool(np.linalg.norm(r) <= TOL * (1.0 + np.linalg.norm(problem.y)) or J.at_floor())
    return Diagnosis(
        n=problem.n,
        m=problem.m,
        points=len(near.samples),
        rank=at[0].rank,
        generic_rank=best.rank,
        structural_rank=structure(pattern).rank,
        redundant=tuple(one for one in constant if one.gap == 0.0),
        inconsistent=tuple(one for one in constant if one.gap != 0.0),
        **_varying(near, kept, at[0].rank < best.rank),
        overdetermined=_overdetermined(pattern, kept),
        free=tuple(np.flatnonzero(~seen.any(axis=0)).tolist()),
        movable=tuple(np.flatnonzero(best.movable).tolist()),
        parameters=best.parameters,
        row_scale=np.ldexp(1.0, scaled.rows),
        column_scale=np.ldexp(1.0, scaled.columns),
        badly_scaled_rows=_far_from_others(scaled.rows, known.any(axis=1)),
        badly_scaled_columns=_far_from_others(scaled.columns, known.any(axis=0)),
        condition=at[0].condition,
        residual_norm=float(np.linalg.norm(r)),
        root=root,
        stationary=not root and _stationary(near),
        exact=not problem.system.differenced,
        **_names(problem),
    )


def _check_finite(problem: Problem, J: FloatArray) -> None:
    if np.isfinite(J).all():
        return
    i, j = np.argwhere(~np.isfinite(J))[0]
    raise EvaluationError(
        f"J(w) must be finite, but the derivative of equation {i} by unknown {j} is {J[i, j]} "
        f"({problem.system.source}, {problem.kind}); diagnose at another w"
    )


def _constant(near: Neighbourhood) -> tuple[Relation, ...]:
    """Return equations that are combinations of others with constant coefficients."""
    n, columns = near.slopes.shape
    if len(near.samples) == 1 or columns < n:
        return ()
    dependence = Dependence(near.slopes, near.slopes_error)
    found = [_related(one, dependence.uncertainty, near.samples) for one in dependence.combinations]
    return tuple(one for one in found if one is not None)


def _related(one: Combination, uncertainty: float, samples: list[Sample]) -> Relation | None:
    """Return the relation if values show it too, with its gap."""
    gaps, errors = zip(*(_gap(one, uncertainty, sample) for sample in samples), strict=True)
    best = int(np.argmin(errors))
    spread = np.abs(np.array(gaps) - gaps[best])
    if (spread > np.array(errors) + errors[best]).any():
        return None
    gap = 0.0 if abs(gaps[best]) <= errors[best] else float(gaps[best])
    return Relation(one.row, one.others, one.coefficients, gap)


def _gap(one: Combination, uncertainty: float, sample: Sample) -> tuple[float, float]:
    """Return r_row - sum of c_i r_i at a sample, and its error."""
    others, c = np.array(one.others, dtype=np.int64), np.array(one.coefficients)
    gap = sample.r[one.row] - c @ sample.r[others]
    errors = sample.r_error[others] + uncertainty * np.abs(sample.r[others])
    return float(gap), float(sample.r_error[one.row] + np.abs(c) @ errors)


def _without(n: int, constant: tuple[Relation, ...]) -> IntegerArray:
    gone = {one.equation for one in constant}
    return np.array([i for i in range(n) if i not in gone], dtype=np.int64)


def _varying(near: Neighbourhood, kept: IntegerArray, singular: bool) -> dict[str, Any]:
    """Return which of the equations kept depend at all points, and which at w only."""
    if kept.size == 0:
        return {"functional": (), "singular": ()}
    here, *around = [_dependence(one, kept) for one in near.samples]
    at_w = [_numbered(one, kept) for one in here.combinations]
    if not around:
        return {"functional": (), "singular": tuple(at_w)}
    k = max(range(len(around)), key=lambda k: around[k].rank)
    generic, sample = around[k], near.samples[k + 1]
    if here.rank > generic.rank:
        generic, sample = here, near.samples[0]
    functional = [_numbered(one, kept) for one in generic.combinations]
    only = [one for one in at_w if singular and _independent(sample, one.equations)]
    return {
        "functional": tuple(Relation(one.equation, one.others) for one in functional),
        "singular": tuple(only),
    }


def _dependence(sample: Sample, rows: IntegerArray) -> Dependence:
    return Dependence(sample.J[rows], sample.J_error[rows])


def _independent(sample: Sample, equations: tuple[int, ...]) -> bool:
    return _dependence(sample, np.array(equations, dtype=np.int64)).rank == len(equations)


def _numbered(one: Combination, kept: IntegerArray) -> Relation:
    others = tuple(int(kept[i]) for i in one.others)
    return Relation(int(kept[one.row]), others, one.coefficients)


def _pattern(problem: Problem, seen: Any) -> Any:
    """Return which unknowns each equation has, (n, m) of bool: as seen, where no formulas tell."""
    if problem.system.tape is None:
        return seen
    pattern = np.zeros(seen.shape, dtype=bool)
    pattern[problem.system.sparsity] = True  # type: ignore[attr-defined]
    return pattern


def _overdetermined(pattern: Any, kept: IntegerArray) -> Any:
    """Return the part of the equations kept that has too few unknowns, in their own numbers."""
    part = structure(pattern[kept])
    return part._replace(equations=tuple(int(kept[i]) for i in part.equations))


def _far_from_others(exponents: IntegerArray, nonzero: Any) -> tuple[int, ...]:
    """Return where a scale is more than 1e4 from the (lower) median of those that are known."""
    if not nonzero.any():
        return ()
    known = np.sort(exponents[nonzero])
    median = known[(known.size - 1) // 2]
    far = nonzero & (np.abs(exponents - median) > np.log2(FAR))
    return tuple(np.flatnonzero(far).tolist())


def _stationary(near: Neighbourhood) -> bool:
    """Return whether the terms of every entry of J^T r cancel, beside those of J around w."""
    r = near.samples[0].r
    sizes = np.max([np.abs(one.J) for one in near.samples], axis=0)
    return bool((np.abs(r @ near.samples[0].J) <= STATIONARY * (np.abs(r) @ sizes)).all())


def _names(problem: Problem) -> dict[str, Any]:
    system = problem.system
    if system.tape is None:
        return {"unknowns": system.unknowns}
    lines = text_of(system.tape).splitlines()
    return {"unknowns": system.unknowns, "equations": tuple(lines[-problem.n :])}
