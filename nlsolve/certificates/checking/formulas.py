"""Where do the equations of a tape and their derivatives lie over a box?

Values and partial derivatives of all nodes come from rules.py in one pass. Gradients go backwards
from an equation, adjoint of operand += adjoint of node * partial. For second derivatives let d_a be
the gradient of node a, known forwards: the Hessian is the sum over the nodes v of

    adjoint of v * (v_aa d_a d_a^T + v_ab (d_a d_b^T + d_b d_a^T) + v_bb d_b d_b^T).

Gradients are dicts unknown -> Range; what is left out is 0 everywhere.
"""

from collections.abc import Iterable
from functools import cached_property
from typing import Any

from nlsolve.certificates.checking.ranges import ONE, Range, exact, point, square
from nlsolve.certificates.checking.rules import (
    ONE_OPERAND,
    TWO_OPERANDS,
    Partial,
    is_zero,
    raised,
)
from nlsolve.systems.tape import CONSTANT, NAMES, PARAMETER, POW, UNKNOWN, Tape, operands

MOST_WORK = 20_000_000  # products of ranges; some minutes
MOST_NODES = 4_000_000  # of all equations, shared ones counted for each
LARGEST_DEGREE = 1e6  # of powers: exponents of numbers are kept small

Gradient = dict[int, Range]
_LEAVES = (CONSTANT, UNKNOWN, PARAMETER)
_PAIRS = ((), ((0, 0),), ((0, 0), (0, 1), (1, 1)))  # of operands, by second partial derivatives


class TooLarge(ValueError):
    """Raised where a system is too large to be checked."""


class Structure:
    """What of a tape does not depend on the box."""

    def __init__(self, tape: Tape) -> None:
        self.tape = tape
        rows = zip(tape.op.tolist(), tape.left.tolist(), tape.right.tolist(), strict=True)
        self.nodes: list[tuple[int, int, int]] = list(rows)
        self.operands = [operands(*node) for node in self.nodes]
        self.active = [False] * len(self.nodes)
        for k, (op, _, _) in enumerate(self.nodes):
            self.active[k] = op == UNKNOWN or any(self.active[a] for a in self.operands[k])
        self._needed: dict[int, list[int]] = {}
        self._check_degrees()

    def _check_degrees(self) -> None:
        """Refuse towers of powers, whose values have exponents of any length."""
        degrees: list[float] = []
        for k, (op, _, right) in enumerate(self.nodes):
            given = [degrees[a] for a in self.operands[k]]
            name = NAMES[op]
            if op == POW:
                degrees.append(given[0] * max(abs(right), 1))
            elif name in ("add", "sub", "neg", "abs", "max", "min"):
                degrees.append(max(given))
            else:
                degrees.append(sum(given) if name in ("mul", "div") else 1.0)
            if not degrees[-1] <= LARGEST_DEGREE:
                raise TooLarge(f"powers of degree above {LARGEST_DEGREE:g}")

    @cached_property
    def cones(self) -> list[list[int]]:
        """The nodes of each equation that depend on unknowns, last first."""
        cones, nodes = [], 0
        for end in self.tape.outputs:
            cones.append(self._cone(int(end)))
            nodes += len(cones[-1])
            if nodes > MOST_NODES:
                raise TooLarge("the equations have too many operations")
        return cones

    def needed(self, i: int) -> list[int]:
        """Return all nodes of an equation, first ones first."""
        if i not in self._needed:
            end = int(self.tape.outputs[i])
            found, stack = {end}, [end]
            while stack:
                further = set(self.operands[stack.pop()]) - found
                found |= further
                stack += further
            self._needed[i] = sorted(found)
        return self._needed[i]

    def _cone(self, end: int) -> list[int]:
        found, stack = {end}, [end]
        while stack:
            further = {a for a in self.operands[stack.pop()] if self.active[a]} - found
            found |= further
            stack += further
        return sorted((k for k in found if self.active[k]), reverse=True)


class Over:
    """A system's values and derivatives over one box.

    Parameters
    ----------
    structure : Structure
    box : list of Range
        One for each unknown.
    parameters : iterable of Fraction
    """

    def __init__(self, structure: Structure, box: list[Range], parameters: Iterable[Any]) -> None:
        self.structure, self.box, self.work = structure, box, 0
        self._parameters = [point(exact(value)) for value in parameters]
        self._values: list[Range] = []
        self._slopes: list[tuple[Partial, ...]] = []
        self._bends: list[tuple[Partial, ...]] = []
        for k in range(len(structure.nodes)):
            self._visit(k)
        self._tangents: dict[int, Gradient] = {}
        self._adjoints: dict[int, dict[int, Partial]] = {}

    def _visit(self, k: int) -> None:
        op, left, right = self.structure.nodes[k]
        slopes: tuple[Partial, ...] = ()
        bends: tuple[Partial, ...] = ()
        given = [self._values[a] for a in self.structure.operands[k]]
        if op in _LEAVES:
            value = self._leaf(op, left)
        elif len(given) == 2:
            value, slopes, bends = TWO_OPERANDS[NAMES[op]](*given)
        else:
            rule = ONE_OPERAND.get(NAMES[op])
            value, slope, bend = rule(given[0]) if rule else raised(given[0], right)
            slopes, bends = (slope,), (bend,)
        self._values.append(value)
        self._slopes.append(slopes)
        self._bends.append(() if all(is_zero(bend) for bend in bends) else bends)

    def _leaf(self, op: int, number: int) -> Range:
        if op == CONSTANT:
            return point(exact(self.structure.tape.constants[number]))
        return (self.box if op == UNKNOWN else self._parameters)[number]

    @cached_property
    def values(self) -> list[Range]:
        """F, entry by entry."""
        return [self._values[int(end)] for end in self.structure.tape.outputs]

    @cached_property
    def jacobian(self) -> list[Gradient]:
        """J, row by row."""
        return [self._by_unknowns(self._adjoint(i), i) for i in range(len(self.values))]

    @cached_property
    def hessians(self) -> list[dict[tuple[int, int], Range]]:
        """The second derivatives of each equation by its unknowns j <= k."""
        return [self._hessian(i) for i in range(len(self.values))]

    def _adjoint(self, i: int) -> dict[int, Partial]:
        """Return the derivatives of equation i by its nodes."""
        if i not in self._adjoints:
            found: dict[int, Partial] = {int(self.structure.tape.outputs[i]): 1}
            for k in self.structure.cones[i]:
                for a, slope in zip(self.structure.operands[k], self._slopes[k], strict=True):
                    if self.structure.active[a] and k in found:
                        self._add(found, a, found[k], slope)
            self._adjoints[i] = found
        return self._adjoints[i]

    def _by_unknowns(self, found: dict[int, Any], i: int) -> dict[int, Any]:
        nodes, cone = self.structure.nodes, self.structure.cones[i]
        leaves = [k for k in cone if nodes[k][0] == UNKNOWN and k in found]
        return {nodes[k][1]: _ranged(found[k]) for k in leaves}

    def _hessian(self, i: int) -> dict[tuple[int, int], Range]:
        entries: dict[tuple[int, int], Partial] = {}
        for k in (node for node in self.structure.cones[i] if self._bends[node]):
            below, adjoint = self.structure.operands[k], self._adjoint(i).get(k, 0)
            for (x, y), bend in zip(
                _PAIRS[len(below)], self._bends[k], strict=False
            ):  # no bends: all 0
                factor = self._product(adjoint, bend)
                if not is_zero(factor):
                    self._add_outer(entries, factor, below[x], below[y], x == y)
        return {pair: _ranged(entry) for pair, entry in entries.items()}

    def _add_outer(
        self, entries: dict[tuple[int, int], Partial], factor: Partial, a: int, b: int, same: bool
    ) -> None:
        """Add factor * d_a d_a^T, or factor * (d_a d_b^T + d_b d_a^T), for j <= k."""
        one, other = self._tangent(a), self._tangent(b)
        for j, entry in one.items():
            scaled = self._product(factor, entry)
            if same:
                self._add(entries, (j, j), factor, _squared(entry))
            for k, further in other.items():
                for _ in range(j < k if same else 1 + (j == k)):
                    self._add(entries, (min(j, k), max(j, k)), scaled, further)

    def _tangent(self, k: int) -> dict[int, Any]:
        """Return the gradient of node k, forwards; that of nodes below it is computed first."""
        stack = [k]
        while stack:
            node = stack[-1]
            below = [a for a in self.structure.operands[node] if self.structure.active[a]]
            missing = [a for a in below if a not in self._tangents]
            if node not in self._tangents and not missing:
                self._tangents[node] = self._forward(node)
            stack = stack[:-1] if node in self._tangents else stack + missing
        return self._tangents[k]

    def _forward(self, k: int) -> dict[int, Any]:
        op, left, _ = self.structure.nodes[k]
        sums: dict[int, dict[int, Partial]] = {0: {left: 1} if op == UNKNOWN else {}}
        for a, slope in zip(self.structure.operands[k], self._slopes[k], strict=True):
            if self.structure.active[a]:
                self._add_all(sums, 0, self._tangents[a], slope)
        return sums[0]

    def _add_all(self, sums: dict[int, Any], k: int, row: dict[int, Any], factor: Partial) -> None:
        """Add a multiple of a row to the row of k; rows are never changed, only replaced."""
        if is_zero(factor):
            return
        if not sums.get(k) and isinstance(factor, int) and factor == 1:
            sums[k] = row
            return
        whole = dict(sums.get(k, {}))
        self.work += len(whole) // 8
        for j, entry in row.items():
            self._add(whole, j, entry, factor)
        sums[k] = whole

    def _add(self, sums: dict[Any, Any], k: Any, a: Partial, b: Partial) -> None:
        """Add a * b to the sum of k, unless it is 0 everywhere."""
        term = self._product(a, b)
        if not is_zero(term):
            sums[k] = _ranged(sums[k]) + _ranged(term) if k in sums else term

    def _product(self, a: Partial, b: Partial) -> Partial:
        self.work += 1
        if self.work > MOST_WORK:
            raise TooLarge("the derivatives need too many operations")
        if is_zero(a) or is_zero(b):
            return 0
        if isinstance(a, int):
            a, b = b, a
        if isinstance(a, int) or isinstance(b, int):  # b is 1 or -1
            return a if b == 1 else -a
        return a * b


def _ranged(value: Partial) -> Range:
    """Return a Range of an integer."""
    return point(ONE * value) if isinstance(value, int) else value


def _squared(value: Partial) -> Partial:
    return 1 if isinstance(value, int) else square(value)
