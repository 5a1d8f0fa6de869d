"""What must be remembered of a run, so that its certificates can be computed when they are read?

The problem, where the run began, and how it moved. Nothing is evaluated until a certificate is
asked for; evaluations made then are not counted in the result.
"""

import copy
from collections.abc import Mapping
from typing import Any

import numpy as np

from nlsolve.certificates import promise, search
from nlsolve.certificates.asked import Asked, certify_at
from nlsolve.certificates.certificate import Certificate
from nlsolve.certificates.constants.point import norm
from nlsolve.certificates.coverage import COVERED, FOUND, iteration
from nlsolve.certificates.evidence import FloatArray, Refusal
from nlsolve.certificates.sources import on_the_way, without_array
from nlsolve.systems.jacobians import LARGEST, too_large
from nlsolve.systems.scaled import scaled_problem


def uncounted(problem: Any, arrays: bool = True) -> Any:
    """Return a problem like this one that counts its own evaluations and needs no workers."""
    own = problem.with_arrays() if arrays else copy.copy(problem)
    own.counts, own.mapper = np.zeros_like(problem.counts), None
    return own


def evaluated(problem: Any, w: FloatArray) -> tuple[FloatArray, FloatArray, Any]:
    """Return w, F(w) - y and J(w)."""
    r = problem.residual(w)
    return w, r, problem.jacobian(w, r)


class Case:
    """A run as its certificates see it; `made` is what the result remembers (result.Made)."""

    def __init__(self, made: Any) -> None:
        self.made, self.asked = made, made.asked or Asked()
        self.problem = uncounted(made.problem, arrays=not arrayless(made))
        self.method, self.options = made.method, made.options
        self.moving = scaled_problem(self.problem, made.scale)  # in v = w / scale, as steps were
        self.began = made.start / made.scale

    def at_start(self) -> Certificate:
        """Return the promise: of convergence where a theorem covers the method, else existence."""
        if not self._covered(self.method, self.options):
            return self.at(self.made.start)
        at = evaluated(self.moving, self.began)
        return certify_at(self.moving, at, self.method, self.options, self.asked)

    def at(self, w: FloatArray) -> Certificate:
        """Return the certificate of a solution near a point."""
        return certify_at(self.problem, evaluated(self.problem, w), None, {}, self.asked)

    def certified_from(self, w: FloatArray, history: Any) -> int | None:
        """Return the first row of the history from which convergence was guaranteed."""
        if self.made.stage is None:
            return None
        method = self.made.stage.method.name
        options = named(self.made.stage.options)
        if method == "sgd" or not self._covered(method, options):
            return None
        if self.moving is not self.problem and self.asked.constants_given:
            return None  # they are of F in w, and steps were those of v
        if self.problem.box is not None:
            return None  # nothing says that the balls of all rows are within the bounds
        at = evaluated(self.moving, w / self.made.scale)
        step = iteration(method, options).step
        try:
            point, source = on_the_way(self.moving, at, self.asked)
        except (Refusal, ArithmeticError):  # of a network that cannot be enclosed
            return None
        return promise.certified_from(point, source, history, self.made.begun, method, step)

    def check(self, certificate: Certificate, history: Any) -> promise.PromiseReport:
        """Compare the run with the promise made at its start."""
        at, rounding = evaluated(self.moving, self.began), 0.0
        if certificate.holds:
            rounding = norm(on_the_way(self.moving, at, self.asked)[0].residual_error)
        own = history.until(self.made.steered)  # nothing is promised of a choice made afterwards
        return promise.check(certificate, own, rounding, self._epoch)

    def envelope(self, certificate: Certificate, history: Any) -> FloatArray:
        """Return the bounds of |r| promised for the entries of the history that are its own."""
        own = history.until(self.made.steered)
        return promise.envelope(certificate, len(own), self._epoch)

    @property
    def _epoch(self) -> int:
        """Steps between two entries of the history."""
        batch = min(self.options.get("batch", 1), self.problem.n)
        return -(-self.problem.n // batch) if self.method == "sgd" else 1

    def _covered(self, method: str, options: Mapping[str, Any]) -> bool:
        if method not in COVERED:
            return False
        return not iteration(method, options).refusal


def named(lowered: Any) -> dict[str, Any]:
    """Return the options of a stage as the user would say them: a step of 0 is one of its own."""
    options: dict[str, Any] = lowered._asdict()
    if options.get("step") == 0.0:
        options["step"] = FOUND
    return options


class Lost:
    """Stands for a case of which nothing can be certified, for a reason."""

    def __init__(self, reason: str) -> None:
        self.reason = reason

    def at_start(self) -> Certificate:
        """Return a certificate that says so."""
        return search.without_point(self.reason)

    def at(self, w: FloatArray) -> Certificate:
        """Return a certificate that says so."""
        return search.without_point(self.reason, w)

    def certified_from(self, w: FloatArray, history: Any) -> int | None:
        """Return None: nothing is known."""
        return None

    def check(self, certificate: Certificate, history: Any) -> promise.PromiseReport:
        """Return a report of nothing."""
        return promise.PromiseReport(None, (), certificate)


def case_of(made: Any) -> Case | Lost:
    """Return the run as certificates see it; `made` is None where its system is lost."""
    if made is None:
        return Lost(NOT_PICKLED)
    n, m = made.problem.n, made.problem.m
    return Lost(too_large(n, m)) if n * m > LARGEST and not arrayless(made) else Case(made)


def arrayless(made: Any) -> bool:
    """Return whether certificates of the run do without J as an array, in its own unknowns."""
    return without_array(made.problem, made.asked or Asked()) and bool(np.all(made.scale == 1.0))


NOT_PICKLED = (
    "the system could not be pickled with the result: certify where it is at hand, or define F at "
    "the top level of a module"
)
