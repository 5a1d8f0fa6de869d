"""Where do the operations of a tape lie over a box, and their partial derivatives?

+ - * run compiled (systems/outward.py), whatever else one node at a time by the functions of
`intervals`. Partial derivatives follow from the values by the rules of systems/rules.py, for all
nodes of one kind at once; those by operands that depend on no unknown are 0 and not asked for.
"""

import operator
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from nlsolve.certificates.evidence import FloatArray
from nlsolve.intervals import FUNCTIONS, Interval, enclosed
from nlsolve.intervals.exact import around
from nlsolve.systems.rules import RULES, Arithmetic, Rule, power_rules
from nlsolve.systems.tape import NAMES, PARAMETER, POW, IntegerArray, Number, operands

INTERVALS = Arithmetic(enclosed, {**FUNCTIONS, "pow": operator.pow, "side": FUNCTIONS["sign"]})


class Kind(NamedTuple):
    """Nodes of one operation, with the rules of their partial derivatives."""

    nodes: IntegerArray
    slopes: list[Rule]
    bends: list[Rule]


class Formulas:
    """What of a system's formulas is the same for all boxes."""

    def __init__(self, system: Any) -> None:
        self.tape, self.program = system.tape, system.program
        self.constants = _ends(self.tape.constants)
        self.parameters = _ends(system.parameters)

    @cached_property
    def kinds(self) -> list[Kind]:
        """All nodes that depend on unknowns, by what they are and which operands do."""
        from nlsolve.systems import outward  # loads numba

        active = np.zeros(self.program.size + 1, dtype=bool)  # T, a missing operand, is not
        outward.depends(self.program.op, self.program.first, self.program.second, active)
        left, right = (active[nodes] for nodes in (self.program.first, self.program.second))
        exponents = np.where(self.tape.op == POW, self.tape.right, 0)
        nodes = np.flatnonzero(active[:-1] & (self.tape.op > PARAMETER))
        keys = ((exponents * len(NAMES) + self.tape.op) * 4 + 2 * left + right)[nodes]
        return [self._kind(nodes[keys == key], active) for key in np.unique(keys)]

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
            _fill(slope, kind, kind.slopes, self._given)
        return slope

    @cached_property
    def bends(self) -> FloatArray:
        """Second partial derivatives, (T + 1, 3, 2): of node, by aa, ab and bb."""
        bend = np.zeros((len(self.values), 3, 2))
        for kind in self.formulas.kinds:
            _fill(bend, kind, kind.bends, self._given_and_slope)
        return bend

    def _given(self, kind: Kind) -> list[Interval]:
        """Return what rules of slopes take, (a, v, nothing) or (a, b, v)."""
        program, own = self.formulas.program, self._interval(kind.nodes)
        sides = [program.first, program.second][: len(kind.slopes)]
        return [*(self._interval(side[kind.nodes]) for side in sides), own, own][:3]

    def _given_and_slope(self, kind: Kind) -> list[Interval]:
        """Return what rules of second derivatives take, (a, v, slope) or (a, b, v)."""
        given = self._given(kind)
        return (
            given if len(kind.slopes) == 2 else [*given[:2], _interval(self.slopes[kind.nodes, 0])]
        )

    def _interval(self, nodes: Any) -> Interval:
        return _interval(self.values[nodes])


def _fill(
    found: FloatArray, kind: Kind, rules: list[Rule], given: Callable[[Kind], list[Interval]]
) -> None:
    """Write the partial derivatives of nodes of one kind; all are 0 before."""
    known = given(kind) if any(map(callable, rules)) else []
    for position, rule in enumerate(rules):
        if callable(rule):
            entry = rule(INTERVALS, *known)
            found[kind.nodes, position, 0] = entry.lo
            found[kind.nodes, position, 1] = entry.hi
        elif rule != 0:
            found[kind.nodes, position] = float(rule)


def _chosen(rules: tuple[Rule, ...], wanted: list[bool]) -> list[Rule]:
    return [rule if wants else 0 for rule, wants in zip(rules, wanted, strict=True)]


def _ends(numbers: Sequence[Number]) -> FloatArray:
    return np.array([around(number) for number in numbers], dtype=np.float64).reshape(-1, 2)


def _interval(ends: FloatArray) -> Interval:
    """Return intervals of their ends; a single one in floats, which cost less."""
    if ends.size == 2:
        return Interval(float(ends.flat[0]), float(ends.flat[1]))
    return Interval(ends[:, 0], ends[:, 1])
