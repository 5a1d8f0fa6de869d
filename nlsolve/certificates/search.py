"""On which ball does a theorem hold? The acceptance rule.

Choose a radius, compute every constant on that ball, evaluate the radius the theorem needs with
them; accept if it certainly lies in the ball. Otherwise take another radius and all constants anew;
no constant is ever kept from a smaller ball.

In units of d = rho0/sigma0: theorem E's radius R* is between d and 2 d, so that with the constants
of a ball of radius 2 d nothing is lost but by curvature that grows outward; then smaller balls are
tried. GD and SGD may need larger ones.
"""

import math
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from nlsolve.certificates import wording
from nlsolve.certificates.arithmetic import lower_end, upper_end
from nlsolve.certificates.certificate import Certificate
from nlsolve.certificates.constants.point import Point, Preconditioner
from nlsolve.certificates.constants.supplied import Source
from nlsolve.certificates.evidence import (
    Ball,
    Bound,
    Evidence,
    FloatArray,
    Ingredients,
    Refusal,
)
from nlsolve.certificates.theorems import REGISTRY, existence
from nlsolve.certificates.theorems.base import Conclusion, Theorem

FIRST_DERIVATIVES = ("right-inverse", "existence-delta")  # all that these theorems need
SLACK = 1.0 + 1e-6  # a ball is this much larger than the radius that is hoped for


class Request(NamedTuple):
    """What is asked: theorems in order, the words they need, and limits of the ball."""

    theorems: tuple[Theorem, ...]
    words: dict[str, Any]
    radius: float | None = None
    precondition: bool = True
    box: tuple[FloatArray, FloatArray] | None = None

    def room(self, w: FloatArray) -> float:
        """Return the radius of the largest ball about w that stays within the bounds."""
        if self.box is None:
            return math.inf
        room = min(float((w - self.box[0]).min()), float((self.box[1] - w).min()))
        return max(math.nextafter(room, 0.0), 0.0)  # the differences are rounded

    def where(self, w: FloatArray) -> str:
        """Return of which unknown the bounds are nearest, in words."""
        if self.box is None:
            return ""
        nearest = np.argmin(np.minimum(w - self.box[0], self.box[1] - w))
        return f" of w[{nearest}]"


class Attempt(NamedTuple):
    """A theorem applied to one ball."""

    theorem: Theorem
    given: Ingredients
    conclusion: Conclusion


def certificate(point: Point, source: Source, request: Request) -> Certificate:
    """Return the first theorem's certificate that holds, else the reason the nearest one fails."""
    if not request.room(point.w) > 0.0:
        cut = f"w lies on or outside the bounds{request.where(point.w)}, which cut every ball"
        return refused(point, request.theorems[0], cut)
    failed: list[Certificate] = []
    for theorem in request.theorems:
        attempts = list(_attempts(point, source, request, theorem))
        holding = [a for a in attempts if a.conclusion.holds]
        if holding:
            return _written(point, min(holding, key=_rank))
        failed.append(_written(point, min(attempts, key=_nearness)))
    return failed[0]


def refused(point: Point, theorem: Theorem | None, reason: str) -> Certificate:
    """Return the certificate of a question no theorem answers."""
    theorem = REGISTRY["existence"] if theorem is None else theorem
    nothing = Ingredients((), Ball(point.w, 0.0), point.n, point.m)
    return _written(point, Attempt(theorem, nothing, Conclusion(False, reason)))


def without_point(reason: str, w: FloatArray | None = None) -> Certificate:
    """Return the certificate of a point of which nothing is known any more."""
    w = np.zeros(0) if w is None else w
    return Certificate(
        holds=False, evidence=Evidence.ESTIMATED, claim="", theorem="existence", method=None,
        reason=reason, assumptions=(), w=w, n=0, m=w.size,
    )  # fmt: skip


def _attempts(
    point: Point, source: Source, request: Request, theorem: Theorem
) -> Iterator[Attempt]:
    """Yield what the theorem says on one ball after another, preconditioned first."""
    for equations in _equations(point, request, theorem):
        held = False
        for radius in _radii(point, source, request, theorem, equations):
            attempt = _attempt(point, source, request, theorem, Ball(point.w, radius, equations))
            yield attempt
            held = attempt.conclusion.holds
            if held and theorem.method not in ("gd", "sgd"):
                break  # the others look for the best of several
        if held and not source.given:
            break


def _equations(point: Point, request: Request, theorem: Theorem) -> Iterator[Preconditioner | None]:
    """Yield A, where it may and can be used, and None for F itself."""
    if request.precondition and theorem.preconditionable and point.preconditioner is not None:
        yield point.preconditioner
        if theorem is REGISTRY["right-inverse"]:
            return
    yield None


def _attempt(
    point: Point, source: Source, request: Request, theorem: Theorem, ball: Ball
) -> Attempt:
    """Apply a theorem on one ball; whatever speaks against it is the reason."""
    given = Ingredients((), ball, point.n, point.m)
    try:
        if theorem.name == "right-inverse" and ball.equations is None:
            raise Refusal("no right inverse of J is known: its rows are dependent to rounding")
        given = Ingredients(_bounds(point, source, theorem, ball), ball, point.n, point.m)
        words = {name: request.words[name] for name in theorem.words if name in request.words}
        found = theorem.conclude(given, **words)
    except (Refusal, ArithmeticError) as refusal:  # an enclosure, or a division, that failed
        found = Conclusion(False, str(refusal))
    if not found.holds and ball.radius == request.room(point.w):
        place = request.where(point.w)
        cut = f"the bounds{place} leave a ball of radius {ball.radius:.4g} about w, in which it"
        found = found._replace(reason=f"{cut} {found.reason}")
    return Attempt(theorem, given, found)


def _bounds(point: Point, source: Source, theorem: Theorem, ball: Ball) -> list[Bound]:
    """Return what is known of a ball and its centre, as far as the theorem may ask for it."""
    made = ball.equations
    bounds = list(point.bounds if made is None else made.bounds)
    if point.n >= point.m and theorem.claim == "pl-star-eps":
        bounds += point.column_bounds
    if made is None and _hopeless(point, theorem):  # no need to sample anything
        return bounds
    if not (source.lazy and theorem.name in FIRST_DERIVATIVES):
        bounds += source.bounds(ball)
    if theorem.name.endswith("delta"):
        bounds += source.changes(ball)
    if theorem.name == "right-inverse" and made is not None:
        bounds.append(source.contraction(ball))
        bounds.append(point.bound("X", made.X_size, "upper", "X = (A J)^T at w", made))
    return bounds


def _hopeless(point: Point, theorem: Theorem) -> bool:
    return theorem.claim not in ("pl-star-eps", "empty") and not point.sigma_min > 0.0


def _radii(
    point: Point, source: Source, request: Request, theorem: Theorem, equations: Any
) -> Iterator[float]:
    """Yield the balls to try, within the radius the user allows."""
    most = min(math.inf if request.radius is None else request.radius, request.room(point.w))
    d = _unit(point, theorem, equations)
    if theorem.claim in ("conditioning", "empty") or not math.isfinite(d):
        yield most if most < math.inf else source.smallest_radius or 1.0
        return
    least = max(source.smallest_radius, 1e-12 * d)
    tried = []
    for multiple in _multiples(source, theorem):
        radius = min(max(multiple * d * SLACK, least), most)
        if radius > 0.0 and radius not in tried:
            tried.append(radius)
            yield radius
    if not tried:
        yield min(1e-8 * (1.0 + float(np.linalg.norm(point.w, np.inf))), most)


def _unit(point: Point, theorem: Theorem, equations: Any) -> float:
    """Return d = rho0/sigma0, infinite where there is none."""
    if theorem.claim == "pl-star-eps":
        sigma = point.column_bounds[0].value if point.n >= point.m else 0.0
        return point.residual_norm / sigma if sigma > 0.0 else math.inf
    if equations is not None:
        return float(sum(equations.residual())) / float(equations.sigma)
    return point.residual_norm / point.sigma_min if point.sigma_min > 0.0 else math.inf


def _multiples(source: Source, theorem: Theorem) -> tuple[float, ...]:
    """Return radii in units of d: fewer where each costs samples."""
    varies = source.varies
    if theorem.method is None or theorem.method == "gauss-newton":
        return FINE if varies else (2.0,) if source.given else (2.0, 1.3)
    if theorem.claim == "pl-star-eps":
        return WIDE[:14] if varies else (64.0,) if source.given else (1.5, 2.5)
    if theorem.method == "gd":
        given = (64.0, FARTHEST)
        return WIDE if varies else given if source.given else (2.5, 6.0, 1.4)
    return WIDE if varies else (FARTHEST,) if source.given else (4.0, 20.0, 100.0, 500.0)


FINE = (2.0, 1.9, 1.8, 1.7, 1.6, 1.5, 1.4, 1.3, 1.2, 1.1, 1.05, 1.01, 1.001)
WIDE = (*FINE[::-2], *(2.0 * 1.4**k for k in range(1, 24)), *(4.0**k for k in range(6, 20)))
FARTHEST = 2.0**40


def _rank(attempt: Attempt) -> tuple[float, ...]:
    """Return what orders attempts that hold, the best first."""
    found, evidence = attempt.conclusion, -float(attempt.given.evidence)
    if attempt.theorem.claim == "pl-star-eps":
        return evidence, float(found.loss)
    if attempt.theorem.claim == "conditioning":
        return evidence, -float(found.mu)
    if attempt.theorem.method == "sgd":
        return evidence, float(found.probability)
    if attempt.theorem.method == "gd":
        return evidence, float(found.rate)
    return evidence, float(found.radius)


def _nearness(attempt: Attempt) -> float:
    """Return what orders attempts that fail: the smallest h is nearest to holding."""
    h = attempt.conclusion.h
    return math.inf if h is None else float(h)


def _written(point: Point, attempt: Attempt) -> Certificate:
    """Return an attempt as a certificate: every number as a float on its safe side."""
    theorem, given, found = attempt
    lower = _lower_distance(given)
    ends = theorem.claim in ("existence", "convergence") and found.holds
    found = found.published()
    distance = (lower, found.radius if ends else math.inf)
    ingredients = tuple(dict.fromkeys(given.used.values()))
    betas = [upper_end(b.value) for b in given.bounds if b.quantity == "beta"]
    formulas = point.problem.system.tape is not None
    return Certificate(
        holds=found.holds,
        evidence=given.evidence if ingredients else Evidence.ESTIMATED,
        claim=wording.claim(theorem, found, distance) if found.holds else "",
        theorem=theorem.name, method=theorem.method, reason=found.reason,
        assumptions=wording.assumptions(theorem, ingredients, point.known),
        w=point.w, n=point.n, m=point.m,
        preconditioned=given.ball.equations is not None,
        h=_number(found.h), mu=_number(found.mu), beta=betas[-1] if betas else math.nan,
        sigma_min=point.sigma_min, sigma_max=point.sigma_max, residual_norm=point.residual_norm,
        radius=_number(found.radius, math.inf), step=found.step, batch=found.batch, rate=found.rate,
        distance=distance, probability=found.probability, loss=found.loss,
        unique_within=found.unique_within, ingredients=ingredients, promise=found.promise,
        system=point.problem.system if formulas else None,
        y=point.problem.y if formulas else None,
    )  # fmt: skip


def _lower_distance(given: Ingredients) -> float:
    """Return R_lo, 0 where nothing is known."""
    try:
        return lower_end(existence.no_solution_within(given))
    except Refusal:
        return 0.0


def _number(value: float | None, missing: float = math.nan) -> float:
    return missing if value is None else value
