"""What does the user ask of `certify`, and does it make sense?

The words become a Request (theorems, what they must know, limits) and a source of constants. What
no theorem covers is no error: it gives a certificate that does not hold and says why.
"""

import math
import numbers
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from nlsolve.certificates import coverage, search
from nlsolve.certificates.certificate import Certificate
from nlsolve.certificates.constants.point import Point
from nlsolve.certificates.constants.sampled import Sampled
from nlsolve.certificates.constants.supplied import Source, Supplied
from nlsolve.certificates.theorems import REGISTRY, Theorem

CLAIMS = ("convergence", "existence", "conditioning", "pl-star-eps")
BEST = {
    "existence": ("existence", "existence-delta", "right-inverse"),
    "conditioning": ("conditioning", "conditioning-delta", "liu-zhu-belkin-kernel"),
    "pl-star-eps": ("pl-star-eps",),
    "gauss-newton": ("gauss-newton",),
    "gd": ("gd", "liu-zhu-belkin-gd"),
    "sgd": ("sgd", "liu-zhu-belkin-sgd"),
}


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


def certify_point(
    point: Point, method: str | None, options: Mapping[str, Any], asked: Asked
) -> Certificate:
    """Return the certificate asked for at a point.

    Raises
    ------
    TypeError, ValueError
        If a word is not one of those that are known, or a number is out of its range.
    """
    _check(asked)
    moving = coverage.iteration(method, options)
    claim = _claim(asked, moving)
    theorems = _theorems(asked, claim, moving)
    if claim in ("convergence", "pl-star-eps") and moving.refusal:
        return search.refused(point, theorems[0] if theorems else None, moving.refusal)
    words: dict[str, Any] = {"batch": _batch(moving.batch)}
    for name, value in (("step", moving.step), ("loss", asked.loss)):
        if value is not None:
            words[name] = _positive(name, value)
    source = source_of(point, asked)
    request = search.Request(
        theorems, words, asked.radius, asked.precondition, _box(asked.bounds, point.m)
    )
    return search.certificate(point, source, request)


def source_of(point: Point, asked: Asked) -> Source:
    """Return where the constants on balls come from: the user, else samples."""
    if asked.lipschitz is None and asked.hessian_bound is None:
        return Sampled(point)
    return Supplied(point, asked.lipschitz, asked.hessian_bound, asked.radius)


def _claim(asked: Asked, moving: coverage.Iteration) -> str:
    if asked.theorem != "best":
        return REGISTRY[asked.theorem].claim
    if asked.claim is not None:
        return "conditioning" if asked.claim == "pl-star" else asked.claim
    return "existence" if moving.method is None else "convergence"


def _theorems(asked: Asked, claim: str, moving: coverage.Iteration) -> tuple[Theorem, ...]:
    if asked.theorem != "best":
        return (REGISTRY[asked.theorem],)
    if claim == "convergence":
        if moving.method is None:
            raise ValueError("claim='convergence' needs a method, got method=None")
        return tuple(REGISTRY[name] for name in BEST.get(moving.method, ()))
    return tuple(REGISTRY[name] for name in BEST[claim])


def _check(asked: Asked) -> None:
    known = (*CLAIMS, "pl-star")
    if asked.claim is not None and asked.claim not in known:
        raise ValueError(f"claim must be one of {known} or None, got {asked.claim!r}")
    if asked.theorem != "best" and asked.theorem not in REGISTRY:
        raise ValueError(f"theorem must be 'best' or one of {[*REGISTRY]}, got {asked.theorem!r}")
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


def _batch(value: Any) -> int:
    whole = isinstance(value, numbers.Integral) and not isinstance(value, (bool, np.bool_))
    if not (whole and value >= 1):
        raise ValueError(f"batch must be a positive integer, got {value!r}")
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
