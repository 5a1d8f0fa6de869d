"""How is a tape run and differentiated in any kind of numbers: rationals, arb, mpmath, symbols?

As in interpreter.py (reverse accumulation; forward over reverse for second derivatives), with the
partial derivatives of rules.py. Factors that are 0, 1 or -1 whatever the point stay Python integers
and cost neither time nor rounding; what depends on no unknown is not differentiated.

Where something is not defined or not smooth over the numbers given, a function of the arithmetic
should raise, or return what is not finite. A value may fail where a derivative does not (1 / 0 + x
by x): an enclosure counts only if value, gradient and Hessian of the equation are all finite.
"""

import operator
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from nlsolve.systems.rules import RULES, Arithmetic, power_rules
from nlsolve.systems.tape import CONSTANT, NAMES, PARAMETER, POW, UNKNOWN, Tape, operands


def run(tape: Tape, w: Sequence[Any], parameters: Sequence[Any], arithmetic: Arithmetic) -> Any:
    """Return the list of the n equations' values at w."""
    evaluation = Evaluation(tape, w, parameters, arithmetic)
    return [evaluation.value(i) for i in range(tape.n)]


class Evaluation:
    """A tape at one point, or over one region; everything is computed when first asked for, once.

    Parameters
    ----------
    tape : Tape
    w, parameters : sequence
        Numbers of the kind that `arithmetic` speaks of.
    arithmetic : Arithmetic
    """

    def __init__(
        self, tape: Tape, w: Sequence[Any], parameters: Sequence[Any], arithmetic: Arithmetic
    ) -> None:
        self.tape, self.w, self.parameters, self.arithmetic = tape, w, parameters, arithmetic
        rows = zip(tape.op.tolist(), tape.left.tolist(), tape.right.tolist(), strict=True)
        self._code = list(rows)
        self._operands = [operands(*row) for row in self._code]
        self._active = [False] * len(tape)
        for k, (op, _, _) in enumerate(self._code):
            self._active[k] = op == UNKNOWN or any(self._active[o] for o in self._operands[k])
        self._nodes: dict[int, list[int]] = {}
        self._values: dict[int, Any] = {}
        self._slopes: dict[int, tuple[Any, ...]] = {}
        self._bends: dict[int, tuple[Any, ...]] = {}
        self._curved: dict[int, list[Any]] = {}
        self._latest: tuple[int, dict[int, Any]] = (-1, {})

    def nodes(self, i: int) -> list[int]:
        """Return the nodes equation i needs, ascending."""
        if i not in self._nodes:
            self._nodes[i] = self._found(i)
        return self._nodes[i]

    def _found(self, i: int) -> list[int]:
        stack = [int(self.tape.outputs[i])]
        needed = set(stack)
        while stack:
            further = set(self._operands[stack.pop()]) - needed
            needed |= further
            stack += further
        return sorted(needed)

    def value(self, i: int) -> Any:
        """Return equation i."""
        for k in self.nodes(i):
            if k not in self._values:
                self._values[k] = self._computed(k)
        return self._values[int(self.tape.outputs[i])]

    def gradient(self, i: int) -> dict[int, Any]:
        """Return the derivatives of equation i by its unknowns; others are exactly 0."""
        nodes = self._differentiable(i)
        return self._by_unknowns(nodes, self._adjoints(i, nodes))

    def hessian(self, i: int) -> dict[tuple[int, int], Any]:
        """Return the second derivatives of equation i; entries that are left out are exactly 0."""
        nodes = self._differentiable(i)
        adjoints, entries = self._adjoints(i, nodes), {}
        one = self.arithmetic.whole(1)
        for k in (self._code[node][1] for node in nodes if self._code[node][0] == UNKNOWN):
            for j, entry in self._along(nodes, adjoints, {k: one}).items():
                entries[j, k] = entry
        return entries

    def _computed(self, k: int) -> Any:
        op, left, right = self._code[k]
        if op <= PARAMETER:
            return self._leaf(op, left)
        given = [self._values[operand] for operand in self._operands[k]]
        if op == POW:
            return self.arithmetic.power(given[0], right)
        simple = _OPERATORS.get(NAMES[op])
        return simple(*given) if simple else self.arithmetic.of(NAMES[op], *given)

    def _leaf(self, op: int, number: int) -> Any:
        if op == CONSTANT:
            return self.arithmetic.number(self.tape.constants[number])
        return (self.w if op == UNKNOWN else self.parameters)[number]

    def _differentiable(self, i: int) -> list[int]:
        """Return the nodes of equation i that depend on unknowns; values of all are known then."""
        self.value(i)
        return [k for k in self.nodes(i) if self._active[k]]

    def _slope(self, k: int) -> tuple[Any, ...]:
        """Return the partial derivatives of node k by its operands; 0 for inactive ones."""
        if k not in self._slopes:
            rules = self._rules(k)[0]
            wanted = [self._active[operand] for operand in self._operands[k]]
            self._slopes[k] = self._by_rules(k, _chosen(rules, wanted))
        return self._slopes[k]

    def _bend(self, k: int) -> tuple[Any, ...]:
        """Return the second partial derivatives (aa) or (aa, ab, bb) of node k, after its slope."""
        if k not in self._bends:
            self._bends[k] = self._by_rules(k, self._bend_rules(k))
        return self._bends[k]

    def _bend_rules(self, k: int) -> list[Any]:
        """Return the rules of the second partial derivatives, none where they are all 0."""
        if k not in self._curved:
            active = [self._active[operand] for operand in self._operands[k]]
            wanted = [active[0], all(active), active[-1]] if len(active) == 2 else active
            rules = _chosen(self._rules(k)[1], wanted)
            self._curved[k] = rules if any(not _is(0, rule) for rule in rules) else []
        return self._curved[k]

    def _rules(self, k: int) -> Any:
        op, _, exponent = self._code[k]
        return power_rules(exponent) if op == POW else RULES[NAMES[op]]

    def _by_rules(self, k: int, rules: list[Any]) -> tuple[Any, ...]:
        given = [self._values[operand] for operand in self._operands[k]] + [self._values[k]]
        if len(given) == 2:
            given.append(self._slopes.get(k, (None,))[0])
        return tuple(r if type(r) is int else r(self.arithmetic, *given) for r in rules)

    def _adjoints(self, i: int, nodes: list[int]) -> dict[int, Any]:
        if self._latest[0] != i:
            adjoints: dict[int, Any] = {int(self.tape.outputs[i]): 1}
            for k in reversed(nodes):
                for operand, slope in zip(self._operands[k], self._slope(k), strict=True):
                    self._add(adjoints, operand, adjoints.get(k, 0), slope)
            self._latest = i, adjoints
        return self._latest[1]

    def _along(
        self, nodes: list[int], adjoints: dict[int, Any], direction: Mapping[int, Any]
    ) -> dict[int, Any]:
        d, moved = self._pushed(nodes, direction), dict[int, Any]()
        for k in reversed(nodes):
            for position, operand in enumerate(self._operands[k]):
                self._add(moved, operand, moved.get(k, 0), self._slope(k)[position])
                if self._bend_rules(k):
                    change = self._slope_along(k, position, d)
                    self._add(moved, operand, adjoints.get(k, 0), change)
        return self._by_unknowns(nodes, moved)

    def _pushed(self, nodes: list[int], direction: Mapping[int, Any]) -> dict[int, Any]:
        """Return the derivatives of what is curved along a direction; 0 where left out."""
        wanted, d = set[int](), dict[int, Any]()
        for k in reversed(nodes):
            if k in wanted or self._bend_rules(k):
                wanted.update(self._operands[k])
        for k in (node for node in nodes if node in wanted):
            op, left, _ = self._code[k]
            if op == UNKNOWN and left in direction:
                d[k] = direction[left]
            for operand, slope in zip(self._operands[k], self._slope(k), strict=True):
                self._add(d, k, d.get(operand, 0), slope)
        return d

    def _slope_along(self, k: int, position: int, d: dict[int, Any]) -> Any:
        """Return f_aa d_a + f_ab d_b, or f_ab d_a + f_bb d_b, of node k."""
        sums: dict[int, Any] = {}
        for other, operand in enumerate(self._operands[k]):
            if operand in d:
                self._add(sums, 0, self._bend(k)[position + other], d[operand])
        return sums.get(0, 0)

    def _add(self, sums: dict[int, Any], k: int, a: Any, b: Any) -> None:
        """Add a * b to a sum, unless it is exactly 0."""
        term = self._product(a, b)
        if not _is(0, term):
            sums[k] = self._number(sums[k]) + self._number(term) if k in sums else term

    def _product(self, a: Any, b: Any) -> Any:
        if _is(0, a) or _is(0, b):
            return 0
        if type(a) is int:
            a, b = b, a
        if _is(1, b) or _is(-1, b):
            return a if b == 1 else -a
        return self._number(a) * self._number(b)

    def _number(self, value: Any) -> Any:
        return self.arithmetic.whole(value) if type(value) is int else value

    def _by_unknowns(self, nodes: list[int], sums: dict[int, Any]) -> dict[int, Any]:
        leaves = [k for k in nodes if self._code[k][0] == UNKNOWN and k in sums]
        return {self._code[k][1]: self._number(sums[k]) for k in leaves}


def _chosen(rules: Any, wanted: list[bool]) -> list[Any]:
    return [rule if wants else 0 for rule, wants in zip(rules, wanted, strict=True)]


def _is(integer: int, value: Any) -> bool:
    return type(value) is int and value == integer


_OPERATORS: dict[str, Callable[..., Any]] = {
    "add": operator.add,
    "sub": operator.sub,
    "mul": operator.mul,
    "div": operator.truediv,
    "neg": operator.neg,
}
