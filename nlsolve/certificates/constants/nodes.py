"""Where do the operations of a tape lie over a box, and their partial derivatives?

+ - * run compiled (systems/outward.py), whatever else one node at a time by the functions of
`intervals`. Partial derivatives follow from the values by the rules of systems/rules.py, for all
nodes of one kind at once; those by operands that depend on no unknown are 0 and not asked for.
"""

import operator
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from nlsolve.certificates.evidence import FloatArray
from nlsolve.intervals import FUNCTIONS, Interval, enclosed
from nlsolve.systems.rules import RULES, Arithmetic, Rule, power_rules
from nlsolve.systems.tape import NAMES, PARAMETER, POW, UNKNOWN, IntegerArray, operands

INTERVALS = Arithmetic(enclosed, {**FUNCTIONS, "pow": operator.pow, "side": FUNCTIONS["sign"]})


class Kind(NamedTuple):
    """Nodes of one operation, with the rules of their partial derivatives."""

    nodes: IntegerArray
    slopes: list[Rule]
    bends: list[Rule]


class Formulas:
    """What of a system's formulas is the same for all boxes."""

    def __init__(self, system: Any) -> None:
        self.system, self.tape, self.program = system, system.tape, system.program
        self.constants = _ends([enclosed(number) for number in self.tape.constants])
        self.parameters = _ends([enclosed(value) for value in system.parameters])

    @cached_property
    def kinds(self) -> list[Kind]:
        """All nodes that depend on unknowns, by what they are and which operands do."""
        active = self._active()
        left, right = (active[nodes] for nodes in (self.program.first, self.program.second))
        exponents = np.where(self.tape.op == POW, self.tape.right, 0)
        nodes = np.flatnonzero(active[:-1] & (self.tape.op > PARAMETER))
        keys = ((exponents * len(NAMES) + self.tape.op) * 4 + 2 * left + right)[nodes]
        found, place = np.unique(keys, return_inverse=True)
        order = np.split(np.argsort(place, kind="stable"), np.cumsum(np.bincount(place))[:-1])
        return [self._kind(nodes[chosen], active) for chosen in order if found.size]

    def _active(self) -> Any:
        """Return which nodes depend on unknowns; T, a missing operand, does not."""
        active = [False] * (len(self.tape) + 1)
        columns = (self.tape.op, self.program.first, self.program.second)
        for k, (op, a, b) in enumerate(zip(*(c.tolist() for c in columns), strict=True)):
            active[k] = op == UNKNOWN or active[a] or active[b]
        return np.array(active)

    def _kind(self, nodes: IntegerArray, active: Any) -> Kind:
        k = int(nodes[0])
        op, left, right = (int(column[k]) for column in self.tape[:3])
        slopes, bends = power_rules(right) if op == POW else RULES[NAMES[op]]
        depends = [bool(active[operand]) for operand in operands(op, left, right)]
        both = [depends[0], all(depends), depends[-1]][: len(bends)]
        return Kind(nodes, _chosen(slopes, depends), _chosen(bends, both))


class Nodes:
    """The nodes of a tape over a box.

    Parameters
    ----------
    formulas : Formulas
    w : (m, 2) ndarray
        The box.

    Attributes
    ----------
    values : (T + 1, 2) ndarray
        Lower and upper bounds; the last entry is nothing.

    Raises
    ------
    EnclosureError
        Where a node is not defined, or not smooth, everywhere in the box.
    """

    def __init__(self, formulas: Formulas, w: FloatArray) -> None:
        from nlsolve.systems import outward  # loads numba

        self.formulas, program = formulas, formulas.program
        self.values = np.zeros((program.size + 1, 2))
        arrays = (program.op, program.left, program.right, formulas.constants, w)
        given = (*arrays, formulas.parameters, self.values)
        k = outward.values(0, *given)
        while k < program.size:
            self._run(k)
            k = outward.values(k + 1, *given)

    def _run(self, k: int) -> None:
        op, left, right = (int(column[k]) for column in self.formulas.tape[:3])
        value = self._interval(left)
        if op == POW:
            found = INTERVALS.power(value, right)
        elif NAMES[op] == "div":
            found = value / self._interval(right)
        else:
            others = [self._interval(operand) for operand in operands(op, left, right)[1:]]
            found = INTERVALS.of(NAMES[op], value, *others)
        self.values[k] = found.lo, found.hi

    @cached_property
    def slopes(self) -> FloatArray:
        """First partial derivatives, (T + 1, 2, 2): of node, by operand."""
        slope = np.zeros((len(self.values), 2, 2))
        for kind in self.formulas.kinds:
            given = self._given(kind)
            _fill(slope, kind, kind.slopes, [*given, given[-1]])
        return slope

    @cached_property
    def bends(self) -> FloatArray:
        """Second partial derivatives, (T + 1, 3, 2): of node, by aa, ab and bb."""
        bend = np.zeros((len(self.values), 3, 2))
        for kind in self.formulas.kinds:
            slope = _interval(self.slopes[kind.nodes, 0])
            _fill(bend, kind, kind.bends, [*self._given(kind), slope])
        return bend

    def _given(self, kind: Kind) -> list[Interval]:
        """Return what rules take first: operands and value."""
        program = self.formulas.program
        sides = [program.first, program.second][: len(kind.slopes)]
        return [self._interval(nodes[kind.nodes]) for nodes in sides] + [self._interval(kind.nodes)]

    def _interval(self, nodes: Any) -> Interval:
        return _interval(self.values[nodes])


def _fill(found: FloatArray, kind: Kind, rules: list[Rule], given: list[Interval]) -> None:
    """Write partial derivatives; rules of two operands take (a, b, v), of one (a, v, slope)."""
    for position, rule in enumerate(rules):
        if isinstance(rule, int):
            found[kind.nodes, position] = float(rule)
        else:
            entry = rule(INTERVALS, *given[:3])
            found[kind.nodes, position, 0] = entry.lo
            found[kind.nodes, position, 1] = entry.hi


def _chosen(rules: tuple[Rule, ...], wanted: list[bool]) -> list[Rule]:
    return [rule if wants else 0 for rule, wants in zip(rules, wanted, strict=True)]


def _ends(numbers: list[Interval]) -> FloatArray:
    return np.array([(x.lo, x.hi) for x in numbers], dtype=np.float64).reshape(-1, 2)


def _interval(ends: FloatArray) -> Interval:
    """Return intervals of their ends; a single one in floats, which cost less."""
    if ends.size == 2:
        return Interval(float(ends.flat[0]), float(ends.flat[1]))
    return Interval(ends[:, 0], ends[:, 1])
