"""What does the user ask of `certify`, and does it make sense?

The words become a Request (theorems, what they must know, limits) and a source of constants. What
no theorem covers is no error: it gives a certificate that does not hold and says why.
"""

import math
import numbers
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from nlsolve.certificates import coverage, search
from nlsolve.certificates.certificate import Certificate
from nlsolve.certificates.constants.point import Point
from nlsolve.certificates.evidence import FloatArray, Refusal
from nlsolve.certificates.formulas import NO_FORMULAS, formulas_of, of_code
from nlsolve.certificates.sources import enclosed_at, is_network, point_of, source_of
from nlsolve.certificates.theorems import REGISTRY, Theorem
from nlsolve.systems.box import Box
from nlsolve.systems.errors import EvaluationError
from nlsolve.systems.jacobians import as_array

CLAIMS = ("convergence", "existence", "conditioning", "pl-star-eps", "empty")
BEST = {
    "existence": ("existence", "existence-delta", "right-inverse"),
    "conditioning": ("conditioning", "conditioning-delta", "liu-zhu-belkin-kernel"),
    "pl-star-eps": ("pl-star-eps",),
    "gauss-newton": ("gauss-newton",),
    "gd": ("gd", "liu-zhu-belkin-gd"),
    "sgd": ("sgd", "liu-zhu-belkin-sgd"),
}
FIRST_RIGHT_INVERSE = {**BEST, "existence": ("right-inverse", "existence", "existence-delta")}

EMPTY = ("emptiness", "exclusion")


class Asked(NamedTuple):
    """The keywords of `certify` that are about what is claimed; see there."""

    claim: str | None = None
    theorem: str = "best"
    lipschitz: Any = None
    hessian_bound: Any = None
    radius: float | None = None
    precondition: bool = True
    bounds: Any = None
    loss: float | None = None
    evidence: str | None = None
    box: Any = None
    max_boxes: int = 4096
    max_time: float = 30.0

    @property
    def constants_given(self) -> bool:
        """Whether the user supplies constants of F."""
        return self.lipschitz is not None or self.hessian_bound is not None

    @property
    def empty(self) -> bool:
        """Whether a region is claimed to be empty."""
        return self.claim == "empty" or (self.claim is None and self.theorem in EMPTY)


def certify_at(
    problem: Any,
    at: tuple[FloatArray, FloatArray, Any],
    method: str | None,
    options: Mapping[str, Any],
    asked: Asked,
) -> Certificate:
    """Return the certificate asked for at a point: proved where there are formulas, else not.

    Parameters
    ----------
    problem : Problem
    at : tuple
        w, r and the Linearization (or J) there.
    method, options
        What moves, in the user's words.
    asked : Asked

    Raises
    ------
    TypeError, ValueError
        If a word is not one of those that are known, or a number is out of its range.
    """
    check(asked)
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):  # told by what comes out
        if problem.system.plain is None:
            return _found(problem, at, method, options, asked)
        return _in_units(problem, at, method, options, asked)


def _in_units(problem: Any, at: Any, method: Any, options: Any, asked: Asked) -> Certificate:
    """Return a certificate of a scaled system: it speaks of v = w / x_scale, and says so."""
    if asked.constants_given:
        return search.without_point(OTHER_UNITS, at[0])
    if asked.bounds is not None:
        box = Box(*_box(asked.bounds, problem.m)).scaled(problem.system.scale)
        asked = asked._replace(bounds=box)
    found = _found(problem, at, method, options, asked)
    claim = f"in v = w / x_scale, for which w stands: {found.claim}" if found.holds else ""
    return replace(found, claim=claim).resting_on(UNITS)


OTHER_UNITS = (
    "lipschitz= and hessian_bound= are of F in w, and the steps are those of v = w / x_scale: give "
    "F in units of its own instead of x_scale"
)
UNITS = "points, distances and derivatives are those of v = w / x_scale, in which steps were taken"


def _found(
    problem: Any, at: Any, method: str | None, options: Mapping[str, Any], asked: Asked
) -> Certificate:
    w, r, J = at
    if problem.system.constants_at is not None:
        return _of_blocks(problem, at, method, options, asked)
    if is_network(problem, asked):
        at = w, r, getattr(J, "jacobian", J)
        found, why_not = _proved(problem, at, method, options, asked)
        return search.without_point(why_not, w) if found is None else found
    try:
        problem, J = problem.with_arrays(), as_array(getattr(J, "jacobian", J))
    except EvaluationError as error:
        return search.without_point(str(error), w)
    known, why_not = formulas_of(problem, w, asked, method)
    if known is not None:
        found, why_not = _proved(known, (w, r, J), method, options, asked)
        if found is not None and known is not problem:
            found, why_not = of_code(found, problem.system, known.system.tape)
        if found is not None and (found.holds or asked.evidence == "proved"):
            return found
    point = point_of(problem, w, r, J, None if known is None else known.system)
    if asked.evidence == "proved":
        return search.refused(point, None, why_not or NO_FORMULAS)
    found = _certified(point, source_of(point, asked), method, options, asked, BEST)
    return found.resting_on(f"no proof was found: {why_not}") if why_not else found


def _of_blocks(
    problem: Any, at: Any, method: str | None, options: Mapping[str, Any], asked: Asked
) -> Certificate:
    """Return the certificate that a system with constants of its own gives."""
    from nlsolve.certificates import interval_arithmetic  # noqa: F401  (registers the type)
    from nlsolve.intervals import EnclosureError

    try:
        point, source = problem.system.constants_at(problem, at, asked)
        return _certified(point, source, method, options, asked, BEST)
    except (EnclosureError, Refusal, EvaluationError) as error:
        return search.without_point(str(error), at[0])


def _proved(
    problem: Any, at: Any, method: str | None, options: Mapping[str, Any], asked: Asked
) -> tuple[Certificate | None, str]:
    """Return the certificate that enclosures give, or None, and why it is none."""
    from nlsolve.certificates import interval_arithmetic  # noqa: F401  (registers the type)
    from nlsolve.intervals import EnclosureError

    try:
        point, source = enclosed_at(problem, at, asked)
        best = BEST if is_network(problem, asked) else FIRST_RIGHT_INVERSE
        found = _certified(point, source, method, options, asked, best)
    except (EnclosureError, Refusal) as error:
        return None, str(error)
    return found, found.reason


def _certified(
    point: Point,
    source: Any,
    method: str | None,
    options: Mapping[str, Any],
    asked: Asked,
    best: Mapping[str, tuple[str, ...]],
) -> Certificate:
    """Return the certificate that one source of constants gives."""
    moving = coverage.iteration(method, options)
    claim = _claim(asked, moving)
    theorems = _theorems(asked, claim, moving, best)
    if claim in ("convergence", "pl-star-eps") and moving.refusal:
        return search.refused(point, theorems[0] if theorems else None, moving.refusal)
    words: dict[str, Any] = {"batch": _whole("batch", moving.batch)}
    for name, value in (("step", moving.step), ("loss", asked.loss)):
        if value is not None:
            words[name] = _positive(name, value)
    box = _box(asked.bounds, point.m)
    request = search.Request(theorems, words, asked.radius, asked.precondition, box)
    return search.certificate(point, source, request)


def _claim(asked: Asked, moving: coverage.Iteration) -> str:
    if asked.theorem != "best":
        return _of_theorem(asked, REGISTRY[asked.theorem], moving)
    if asked.claim is not None:
        return "conditioning" if asked.claim == "pl-star" else asked.claim
    return "existence" if moving.method is None else "convergence"


def _of_theorem(asked: Asked, theorem: Theorem, moving: coverage.Iteration) -> str:
    """Return the claim of a theorem asked for by name; it must not contradict the other words."""
    said = "conditioning" if asked.claim == "pl-star" else asked.claim
    if said not in (None, theorem.claim):
        raise ValueError(f"claim={asked.claim!r} is not what theorem={theorem.name!r} is about")
    if moving.method in ("gd", "sgd") and theorem.method not in (None, moving.method):
        raise ValueError(f"theorem={theorem.name!r} is not about method={moving.method!r}")
    return theorem.claim


def _theorems(
    asked: Asked, claim: str, moving: coverage.Iteration, best: Mapping[str, tuple[str, ...]]
) -> tuple[Theorem, ...]:
    if asked.theorem != "best":
        return (REGISTRY[asked.theorem],)
    if claim == "convergence":
        if moving.method is None:
            raise ValueError("claim='convergence' needs a method, got method=None")
        return tuple(REGISTRY[name] for name in best.get(moving.method, ()))
    return tuple(REGISTRY[name] for name in best[claim])


def check(asked: Asked) -> None:
    """Refuse words that are not known, and numbers out of their range.

    Raises
    ------
    ValueError
    """
    known = (*CLAIMS, "pl-star")
    if asked.claim is not None and asked.claim not in known:
        raise ValueError(f"claim must be one of {known} or None, got {asked.claim!r}")
    theorems = (*REGISTRY, "exclusion")
    if asked.theorem != "best" and asked.theorem not in theorems:
        raise ValueError(f"theorem must be 'best' or one of {theorems}, got {asked.theorem!r}")
    if asked.theorem in EMPTY and asked.claim not in (None, "empty"):
        raise ValueError(f"claim={asked.claim!r} is not what theorem={asked.theorem!r} is about")
    if asked.evidence not in (None, "proved", "estimated"):
        raise ValueError(f"evidence must be None, 'proved' or 'estimated', got {asked.evidence!r}")
    if asked.box is not None and not asked.empty:
        raise ValueError("box= is that of claim='empty'; a ball is kept within bounds by bounds=")
    _whole("max_boxes", asked.max_boxes)
    _positive("max_time", asked.max_time)
    if asked.radius is not None:
        _positive("radius", asked.radius)
    elif "conditioning" in (asked.claim, getattr(REGISTRY.get(asked.theorem), "claim", None)) or (
        asked.claim == "pl-star"
    ):
        raise ValueError("claim='conditioning' needs radius=, that of the ball it is about")


def _positive(name: str, value: Any) -> float:
    real = isinstance(value, numbers.Real) and not isinstance(value, (bool, np.bool_))
    if not (real and math.isfinite(value) and value > 0.0):
        raise ValueError(f"{name} must be a positive number, got {value!r}")
    return float(value)


def _whole(name: str, value: Any) -> int:
    whole = isinstance(value, numbers.Integral) and not isinstance(value, (bool, np.bool_))
    if not (whole and value >= 1):
        raise ValueError(f"{name} must be a positive integer, got {value!r}")
    return int(value)


def _box(bounds: Any, m: int) -> Any:
    """Return bounds as two vectors, as scipy.optimize.least_squares spells them."""
    if bounds is None:
        return None
    try:
        low, high = (np.broadcast_to(np.asarray(side, dtype=float), (m,)) for side in bounds)
    except (TypeError, ValueError) as error:
        raise ValueError(
            f"bounds must be a pair (low, high) of numbers or of {m} numbers, got {bounds!r}"
        ) from error
    if np.isnan(low).any() or np.isnan(high).any() or (low > high).any():
        raise ValueError(f"bounds must have low <= high and no NaN, got {bounds!r}")
    return low, high
