"""Is it certain that no solution lies in a region? What `certify(..., claim='empty')` does.

About a ball the mean-value bound of the residual may say so (theorems/emptiness.py), with constants
of any evidence. With formulas the region is searched besides (exclusion/), which proves it empty,
or ends where a solution is proved to lie inside, or leaves it undecided.
"""

import math
from typing import Any

import numpy as np

from nlsolve.certificates import search, wording
from nlsolve.certificates.asked import EMPTY, Asked, check
from nlsolve.certificates.certificate import Certificate
from nlsolve.certificates.constants.point import Point
from nlsolve.certificates.evidence import Evidence, FloatArray
from nlsolve.certificates.exclusion.region import Region, ball, box
from nlsolve.certificates.formulas import NO_FORMULAS, formulas_of, of_code
from nlsolve.certificates.sources import source_of
from nlsolve.certificates.theorems import REGISTRY
from nlsolve.intervals import EnclosureError, Interval, norm_upper
from nlsolve.systems.checks import first_evaluation, target
from nlsolve.systems.jacobians import as_array
from nlsolve.systems.problem import Problem

EXISTENCE = ("right-inverse", "existence", "existence-delta")
STEPS = 40  # of Gauss-Newton towards a solution
NEAR = 1e-6  # residual norm, relative to y, from which a solution is worth proving


def certify_empty(system: Any, y: Any, w: FloatArray | None, asked: Asked) -> Certificate:
    """Return the certificate that a ball about w, or a box, holds no solution.

    Parameters
    ----------
    system : System
    y : array_like
    w : (m,) ndarray or None
        The centre; of a box by default the midpoint.
    asked : Asked

    Raises
    ------
    TypeError, ValueError
        If a word is not one of those that are known, or a number is out of its range.
    EvaluationError
        If F is not known as formulas and cannot be evaluated at w.
    """
    _check_words(asked)
    region = _region(system, w, asked)
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        problem, known, why_not = _problems(system, y, region.centre, asked)
        found = None if known is None else _proved(known, region, asked)
        if found is not None and known is not problem:
            found, why_not = of_code(found, system, known.system.tape)
        if found is not None:
            return found
        if asked.evidence == "proved" or asked.theorem == "exclusion":
            return _refused(region, problem, why_not or NO_FORMULAS)
        r = problem.residual(region.centre)
        point = Point(problem, region.centre, r, problem.jacobian(region.centre, r))
        found = _by_theorem(point, source_of(point, asked), region, asked)
    return found.resting_on(f"no proof was found: {why_not}") if why_not else found


def _check_words(asked: Asked) -> None:
    check(asked)
    if asked.theorem not in ("best", *EMPTY):
        raise ValueError(f"claim={asked.claim!r} is not what theorem={asked.theorem!r} is about")
    if (asked.radius is None) == (asked.box is None):
        raise ValueError("claim='empty' needs either radius=, of a ball about w, or box=(lo, hi)")
    if asked.bounds is not None:
        raise ValueError("claim='empty' is about box=(lo, hi) or a ball, not about bounds=")


def _region(system: Any, w: FloatArray | None, asked: Asked) -> Region:
    if asked.box is not None:
        return box(asked.box, w, None if system.tape is None else system.tape.m)
    if w is None:
        raise TypeError("w is missing: give the centre of the ball, or box=(lo, hi)")
    return ball(w, float(asked.radius or 0.0))


def _problems(system: Any, y: Any, w: FloatArray, asked: Asked) -> tuple[Problem, Any, str]:
    """Return the problem, the problem as formulas or None, and why it is None.

    Formulas need not be defined at w.
    """
    if system.tape is not None:
        if w.size != system.tape.m:
            raise ValueError(f"w and box need {system.tape.m} entries, one an unknown: {w.size}")
        problem = Problem(system, target(y, system.tape.n), w.size)
    else:
        problem = first_evaluation(system, y, w, None)[0].with_arrays()
    return problem, *formulas_of(problem, w, asked, None)


def _proved(problem: Problem, region: Region, asked: Asked) -> Certificate:
    """Return what enclosures say: empty, not empty, or undecided."""
    if asked.theorem == "emptiness" or (asked.theorem == "best" and region.radius is not None):
        found = _by_enclosed_theorem(problem, region, asked)
        if found.holds or asked.theorem == "emptiness":
            return found
    from nlsolve.certificates.exclusion.subdivision import Exclusion

    try:
        exclusion = Exclusion(problem, region, lambda w: _solution(problem, region, w))
        outcome = exclusion.search(asked.max_boxes, asked.max_time)
    except EnclosureError as error:
        return _refused(region, problem, f"undecided: {error}")
    if outcome.solution is not None:
        return _not_empty(problem, region, outcome.solution)
    if outcome.left:
        return _refused(region, problem, _undecided(outcome, asked))
    return _written(problem, region, outcome)


def _by_enclosed_theorem(problem: Problem, region: Region, asked: Asked) -> Certificate:
    try:
        return _by_theorem(*_enclosed(problem, region.centre), region, asked)
    except EnclosureError as error:
        return _refused(region, problem, str(error))


def _by_theorem(point: Point, source: Any, region: Region, asked: Asked) -> Certificate:
    """Apply the mean-value bound to the ball, or to one about w that contains the box."""
    theorem = REGISTRY["emptiness"]
    request = search.Request((theorem,), {}, region.farthest, asked.precondition)
    return search.certificate(point, source, request)


def _enclosed(problem: Problem, w: FloatArray) -> tuple[Point, Any]:
    """Return the enclosures at a point, and where those on balls about it come from."""
    from nlsolve.certificates import interval_arithmetic  # noqa: F401  (registers the type)
    from nlsolve.certificates.constants.enclosed import Enclosed, EnclosedPoint

    point = EnclosedPoint(problem, w, *_evaluated(problem, w))
    return point, Enclosed(point)


def _evaluated(problem: Problem, w: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return r and J, which may not be finite."""
    system: Any = problem.system
    return system(w) - problem.y, as_array(system.jacobian(w))


def _solution(problem: Problem, region: Region, w: FloatArray) -> Certificate | None:
    """Return the proof that a solution lies near w in the region, None where there is none."""
    near = _approached(problem, region, w) if problem.n <= problem.m else None
    room = 0.0 if near is None else region.room(near)
    if near is None or not room > 0.0:
        return None
    theorems = tuple(REGISTRY[name] for name in EXISTENCE)
    try:
        request = search.Request(theorems, {}, room)
        found = search.certificate(*_enclosed(problem, near), request)
    except EnclosureError:
        return None
    return found if found.holds else None


def _approached(problem: Problem, region: Region, w: FloatArray) -> FloatArray | None:
    """Return where Gauss-Newton steps that stay in the region lead to, None if to no solution."""
    for _ in range(STEPS):
        r, J = _evaluated(problem, w)
        if not (np.isfinite(r).all() and np.isfinite(J).all()):
            return None
        moved = region.nearest(w - np.linalg.lstsq(J, r)[0])
        if np.abs(moved - w).max() <= 1e-15 * np.abs(w).max():
            break
        w = moved
    size = float(np.linalg.norm(r))
    return w if size <= NEAR * (1.0 + float(np.linalg.norm(problem.y))) else None


def _written(problem: Problem, region: Region, outcome: Any) -> Certificate:
    system = problem.system
    claim, sides = wording.empty_ball(region.farthest), None
    if region.radius is None:
        sides = region.lo, region.hi
        claim = wording.empty_box(system.tape.unknowns, *sides)
    return _certificate(
        region, problem, holds=True, evidence=outcome.evidence, claim=claim,
        distance=(region.room(region.centre), math.inf), box=sides, parts=tuple(outcome.reasons),
        system=system, y=problem.y,
    )  # fmt: skip


def _not_empty(problem: Problem, region: Region, found: Certificate) -> Certificate:
    distance = found.distance[1]
    reason = (
        f"not empty: an exact solution is proved to lie in the region, within "
        f"{wording.shown(distance, 'upper')} of {_shown(found.w)}"
    )
    away = norm_upper(Interval(found.w) - Interval(region.centre))
    upper = (Interval(away) + Interval(distance)).hi
    return _certificate(
        region, problem, evidence=found.evidence, reason=reason, distance=(0.0, upper)
    )


def _undecided(found: Any, asked: Asked) -> str:
    size, where = found.nearest
    met = f"; the smallest |F - y| met is {size:.4g}, at {_shown(where)}" * (size < math.inf)
    count = len(found.left)
    what = f"{count} part{'s' * (count > 1)} of the region {'are' if count > 1 else 'is'} left"
    if found.stuck:
        return (
            f"undecided: {what}, one too small to be divided further{met}: a solution may lie "
            f"there, on the edge or where J loses rank; ask for a region that ends before it"
        )
    return (
        f"undecided: {what} after {found.examined} were examined{met}; try a smaller region, or "
        f"max_boxes above {asked.max_boxes} and max_time above {asked.max_time:g}"
    )


def _refused(region: Region, problem: Problem, reason: str) -> Certificate:
    return _certificate(region, problem, reason=reason)


def _certificate(region: Region, problem: Problem, **found: Any) -> Certificate:
    """Return a certificate about a region, with what was found of it."""
    known = {
        "holds": False, "evidence": Evidence.ESTIMATED, "claim": "", "theorem": "exclusion",
        "method": None, "reason": "", "assumptions": (), "w": region.centre, "n": problem.n,
        "m": problem.m, "radius": region.farthest,
    }  # fmt: skip
    return Certificate(**{**known, **found})


def _shown(w: FloatArray) -> str:
    return np.array2string(w, precision=6, threshold=8, max_line_width=10_000)
