"""What does a block of unknowns know, and how does it answer?

F(w) = sum over blocks p of F_p(w_p), each on its own unknowns w_p. A block is made from a
specification where it is to live, and stays there with its data, its parts of the vectors and its
Jacobian; what it returns has n entries, or n x n.
"""

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from nlsolve.certificates.asked import Asked
from nlsolve.certificates.constants.point import Point
from nlsolve.certificates.constants.sampled import Sampled
from nlsolve.certificates.evidence import Ball, Bound, Refusal
from nlsolve.certificates.sources import enclosed_at, is_network
from nlsolve.distributed.constants import Part, part_of
from nlsolve.distributed.messages import (
    Combination,
    Constant,
    Given,
    LostError,
    Measure,
    Orders,
    Product,
    Start,
)
from nlsolve.lanes import norm
from nlsolve.linalg.gram import kernel_of
from nlsolve.systems import as_system
from nlsolve.systems.base import FloatArray
from nlsolve.systems.checks import first_evaluation
from nlsolve.systems.errors import EvaluationError
from nlsolve.systems.jacobians import as_array
from nlsolve.systems.linearization import Linearization
from nlsolve.systems.vectors import real_vector

Factory = Callable[[Any], tuple[Any, Any]]


class Block:
    """A block's part of F, and its part of every vector the driver has a name for.

    Parameters
    ----------
    number : int
        Which block, for messages.
    factory, spec
        ``factory(spec)`` returns (F_p, w_p): a System or a callable, and where it starts.
    keep : int
        Points at which values and Jacobian are kept, the last ones.
    """

    def __init__(self, number: int, factory: Factory, spec: Any, keep: int) -> None:
        self.begin(number, keep)
        F, start = _made(number, factory, spec)
        self.start = real_vector(start, f"the start of block {number}")
        self.problem, *_ = first_evaluation(as_system(F, {}), 0.0, self.start, None)

    def begin(self, number: int, keep: int) -> None:
        """Begin with no vectors."""
        self.number, self.keep = number, keep
        self.vectors: dict[int, FloatArray] = {}
        self.points: dict[int, tuple[FloatArray, Linearization]] = {}
        self.constants: dict[int, tuple[Any, Any]] = {}
        self.batch: tuple[int, Any, FloatArray, Linearization] | None = None

    def about(self) -> tuple[int, int]:
        """Return the numbers of equations and of unknowns."""
        return self.problem.n, self.problem.m

    def obey(self, orders: Orders) -> None:
        """Make and forget vectors; what is known already is left as it is."""
        for key, recipe in orders.make:
            if key not in self.vectors:
                self.vectors[key] = self._follow(recipe)
        for key in orders.drop:
            self.vectors.pop(key, None)
            self.points.pop(key, None)
            self.constants.pop(key, None)

    def values(
        self, orders: Orders, key: int, wanted: tuple[Measure, ...]
    ) -> tuple[FloatArray, list[float]]:
        """Return F_p at a vector, and this block's part of some measures."""
        self.obey(orders)
        return self._point(key)[0], self.measured(Orders(), wanted)

    def values_and_gram(
        self, orders: Orders, key: int, wanted: tuple[Measure, ...]
    ) -> tuple[tuple[FloatArray, list[float]], FloatArray]:
        """Return what `values` does, and the block's part of K."""
        return self.values(orders, key, wanted), self.gram(Orders(), key, None)

    def rows(self, orders: Orders, key: int, batch: Any) -> FloatArray:
        """Return some entries of F_p at a vector."""
        self.obey(orders)
        return self._rows(key, batch)[0]

    def gram(self, orders: Orders, key: int, batch: Any) -> FloatArray:
        """Return the block's part of K."""
        self.obey(orders)
        return kernel_of(self._linearization(key, batch).jacobian)

    def jvp(self, orders: Orders, key: int, batch: Any, v: int) -> FloatArray:
        """Return the block's part of J v, v a vector by its number."""
        self.obey(orders)
        return self._linearization(key, batch).jvp(self._vector(v))

    def array(self, orders: Orders, key: int, batch: Any) -> FloatArray:
        """Return the block's part of J as an array."""
        self.obey(orders)
        return as_array(self._linearization(key, batch).jacobian)

    def predicted(self, orders: Orders, key: int, X_new: Any) -> FloatArray:
        """Return the block's part of the outputs of a network on other samples."""
        self.obey(orders)
        return self.problem.system.predict(self._vector(key), X_new)  # type: ignore

    def part(self, orders: Orders, key: int) -> FloatArray:
        """Return the block's part of a vector."""
        self.obey(orders)
        return self._vector(key)

    def measured(self, orders: Orders, wanted: tuple[Measure, ...]) -> list[float]:
        """Return this block's part of some measures."""
        self.obey(orders)
        return [self._measure(measure) for measure in wanted]

    def known(self, orders: Orders, key: int, prove: bool) -> tuple[Part, float]:
        """Return what this block knows of itself at a vector, and its smallest radius of balls.

        Raises
        ------
        Refusal, EnclosureError
            Where it cannot be proved and is to be.
        """
        self.obey(orders)
        values, J = self._point(key)
        at = self._vector(key), values
        if prove:
            if self.problem.system.tape is None and not is_network(self.problem, Asked()):
                raise Refusal(f"block {self.number} is neither formulas nor a smooth network")
            found = enclosed_at(self.problem, (*at, J.jacobian), Asked())
        else:
            point = Point(self.problem.with_arrays(), *at, as_array(J.jacobian))
            found = point, Sampled(point)
        self.constants[key] = found
        return part_of(found[0]), float(found[1].smallest_radius)

    def on_ball(self, orders: Orders, key: int, radius: float) -> list[Bound]:
        """Return bounds on the ball of a radius about this block's part of a vector."""
        self.obey(orders)
        if key not in self.constants:
            raise LostError(key)
        point, source = self.constants[key]
        bounds = source.bounds(Ball(point.w, radius))
        nowhere = Ball(np.zeros(0), radius)  # its own centre is not to be sent
        return [replace(bound, region=nowhere) for bound in bounds]

    def _measure(self, measure: Measure) -> float:
        a = self._vector(measure.a)
        if measure.kind == "norm":
            return norm(a)
        if measure.kind == "largest":
            return float(np.max(np.abs(a)))
        b = self._vector(measure.b)
        return float(np.dot(a, b)) if measure.kind == "dot" else norm(a - b)

    def _vector(self, key: int) -> FloatArray:
        try:
            return self.vectors[key]
        except KeyError:
            raise LostError(key) from None

    def _follow(self, recipe: Any) -> FloatArray:
        if isinstance(recipe, Start):
            return self.start.copy()
        if isinstance(recipe, Constant):
            return np.full(self.problem.m, recipe.value)
        if isinstance(recipe, Given):
            return recipe.values
        if isinstance(recipe, Product):
            return self._linearization(recipe.point, recipe.batch).vjp(recipe.u)
        return self._combined(recipe)

    def _combined(self, recipe: Combination) -> FloatArray:
        """Return the sum, from left to right, as numpy would."""
        (first, term), *others = recipe.terms
        found = self._term(term) if first == 1.0 else first * self._term(term)
        for coefficient, term in others:
            v = self._term(term)
            if coefficient == -1.0:
                found = found - v
            else:
                found = found + (v if coefficient == 1.0 else coefficient * v)
        return found

    def _term(self, term: Any) -> FloatArray:
        return self._combined(term) if isinstance(term, Combination) else self._vector(term)

    def _point(self, key: int) -> tuple[FloatArray, Linearization]:
        """Return values and linearization at a vector."""
        if key in self.points:
            return self.points[key]
        w = self._vector(key)
        values = self._guarded(lambda: self.problem.residual(w))
        found = values, self.problem.linearize(w, values)
        for old in list(self.points)[: max(len(self.points) + 1 - self.keep, 0)]:
            del self.points[old]
        if self.keep:
            self.points[key] = found
        return found

    def _rows(self, key: int, batch: Any) -> tuple[FloatArray, Linearization]:
        known = self.batch
        if known is None or known[0] != key or not np.array_equal(known[1], batch):
            w = self._vector(key)
            r, J = self._guarded(lambda: self.problem.rows(w, batch))
            known = self.batch = (key, batch, r, J)
        return known[2:]

    def _linearization(self, key: int, batch: Any) -> Linearization:
        return self._point(key)[1] if batch is None else self._rows(key, batch)[1]

    def _guarded(self, evaluate: Callable[[], Any]) -> Any:
        try:
            return evaluate()
        except EvaluationError as error:
            raise EvaluationError(f"block {self.number}: {error}") from error


def _made(number: int, factory: Factory, spec: Any) -> tuple[Any, Any]:
    """Return what the factory makes, checked to be a pair."""
    found = factory(spec)
    if not (isinstance(found, tuple) and len(found) == 2):
        raise TypeError(
            f"factory must return (F, w0) for every spec: a System or a callable, and the start of "
            f"its unknowns; for spec {number} it returned {type(found).__name__}"
        )
    return found


def combined(kind: str, parts: list[float]) -> float:
    """Return a measure of the whole vector from those of its parts."""
    if kind == "dot":
        return math.fsum(parts)
    return max(parts) if kind == "largest" else norm(np.array(parts))
