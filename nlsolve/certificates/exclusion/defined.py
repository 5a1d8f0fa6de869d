"""Where do the values of formulas lie over a box, wherever in it they are defined?

At a solution every operation is defined. So what is outside an operation's domain may be left out:
sqrt of [-1, 4] is [0, 2], 1 / [0, 2] is [1/2, inf), and where nothing is left there is no solution
(`Nowhere`). Values may have no end, and kinks do no harm. Enclosures of derivatives need more: that
F is smooth on all of a box (constants/enclosure.py).

Equation i certainly has no solution in a box if y_i does not lie in its values there.
"""

import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from nlsolve.intervals import (
    FUNCTIONS,
    EnclosureError,
    Interval,
    check_arithmetic,
    contains,
    enclosed,
    hull,
)
from nlsolve.systems.tape import ADD, CONSTANT, DIV, MUL, NAMES, NEG, PARAMETER, POW, SUB, operands

Values = dict[int, Interval]
EVERYTHING = Interval(-math.inf, math.inf)
_HALF_TURN = Interval(-math.nextafter(math.pi, 4.0), math.nextafter(math.pi, 4.0))


class Nowhere(ArithmeticError):
    """Raised where an operation is not defined anywhere in its operands."""


class Formulas:
    """The formulas of a system, to be evaluated over boxes.

    Attributes
    ----------
    code, operands
        The nodes of the tape, and which nodes each one reads.
    cones : list of list of int
        The nodes each equation needs, ascending.
    """

    def __init__(self, system: Any) -> None:
        tape = system.tape
        rows = zip(tape.op.tolist(), tape.left.tolist(), tape.right.tolist(), strict=True)
        self.code: list[tuple[int, int, int]] = list(rows)
        self.operands = [operands(*row) for row in self.code]
        self.ends = [int(end) for end in tape.outputs]
        self.cones = [self._cone(end) for end in self.ends]
        given = {PARAMETER: system.parameters, CONSTANT: tape.constants}
        self._numbers = {
            k: enclosed(given[op][left]) for k, (op, left, _) in enumerate(self.code) if op in given
        }

    def _cone(self, end: int) -> list[int]:
        found, stack = {end}, [end]
        while stack:
            further = set(self.operands[stack.pop()]) - found
            found |= further
            stack += further
        return sorted(found)

    def values(self, i: int, box: Sequence[Interval]) -> Values:
        """Return the values of all nodes of equation i.

        Raises
        ------
        Nowhere
            If the equation is not defined at any point of the box.
        """
        check_arithmetic()
        found: Values = {}
        for k in self.cones[i]:
            found[k] = self._value(k, found, box)
        return found

    def _value(self, k: int, found: Values, box: Sequence[Interval]) -> Interval:
        op, left, right = self.code[k]
        if op <= PARAMETER:
            return self._numbers[k] if k in self._numbers else box[left]
        given = [found[a] for a in self.operands[k]]
        if op == POW:
            return power(given[0], right)
        return OPERATIONS[NAMES[op]](*given)

    def excludes(self, i: int, target: float, box: Sequence[Interval]) -> bool:
        """Return whether equation i certainly does not take a value anywhere in a box."""
        try:
            return not contains(self.values(i, box)[self.ends[i]], target)
        except Nowhere:
            return True


def intervals(lo: Iterable[float], hi: Iterable[float]) -> list[Interval]:
    """Return the sides of a box."""
    return [Interval(float(a), float(b)) for a, b in zip(lo, hi, strict=True)]


def reciprocal(b: Interval) -> Interval:
    """Return 1 / b wherever b is not 0."""
    if b.lo > 0.0 or b.hi < 0.0:
        return 1.0 / b
    if b.lo == b.hi:
        raise Nowhere("division by 0")
    if b.lo < 0.0:
        return -reciprocal(-b) if b.hi == 0.0 else EVERYTHING
    least = (1.0 / Interval(b.hi)).lo if b.hi < math.inf else 0.0
    return Interval(max(least, 0.0), math.inf)


def power(a: Interval, n: int) -> Interval:
    """Return a^n for an integer n."""
    return a**n if n >= 0 else reciprocal(a**-n)


def _within(x: Interval, lo: float, hi: float) -> Interval:
    """Return what of an interval lies in a domain."""
    if x.hi < lo or x.lo > hi:
        raise Nowhere(f"an argument that is not in [{lo:g}, {hi:g}]")
    return Interval(max(x.lo, lo), min(x.hi, hi))


def _log(x: Interval) -> Interval:
    if x.hi <= 0.0:
        raise Nowhere("log of what is not positive")
    if x.lo > 0.0:
        return _or_everything("log", x)
    return Interval(-math.inf, _log(Interval(x.hi)).hi if x.hi < math.inf else math.inf)


def _or_everything(name: str, *given: Interval) -> Interval:
    try:
        return FUNCTIONS[name](*given)
    except EnclosureError:
        return EVERYTHING


def _atan2(y: Interval, x: Interval) -> Interval:
    try:
        return FUNCTIONS["atan2"](y, x)
    except EnclosureError:
        return _HALF_TURN


def _sign(x: Interval) -> Interval:
    return Interval(float((x.lo > 0.0) - (x.lo < 0.0)), float((x.hi > 0.0) - (x.hi < 0.0)))


def _real_power(base: Interval, exponent: Interval) -> Interval:
    """Return base^exponent of what of the base is not negative.

    At 0, where the limit is 0, 1 or nothing, both are taken in: 0 <= base^p <= base.hi^p, p >= 0.
    On a tape powers of negative numbers are not defined; where the exponent may be an integer some
    would define them, and nothing is excluded.
    """
    if base.lo < 0.0 and (math.isinf(exponent.hi) or math.floor(exponent.hi) >= exponent.lo):
        return EVERYTHING
    base = _within(base, 0.0, math.inf)
    if base.lo > 0.0:
        found = _or_everything("real_power", base, exponent)
        return Interval(max(found.lo, 0.0), found.hi)
    if exponent.lo < 0.0 or base.hi == math.inf:
        return Interval(0.0, math.inf)
    most = Interval(1.0)
    if base.hi > 0.0:
        most = _or_everything("real_power", Interval(base.hi), exponent)
    return hull(Interval(0.0), most)


def _max(a: Interval, b: Interval) -> Interval:
    return Interval(max(a.lo, b.lo), max(a.hi, b.hi))


def _min(a: Interval, b: Interval) -> Interval:
    return Interval(min(a.lo, b.lo), min(a.hi, b.hi))


def _over_everything(name: str) -> Callable[[Interval], Interval]:
    return lambda x: _or_everything(name, x)


OPERATIONS: dict[str, Callable[..., Interval]] = {
    **{name: _over_everything(name) for name in FUNCTIONS},
    NAMES[ADD]: lambda a, b: a + b,
    NAMES[SUB]: lambda a, b: a - b,
    NAMES[MUL]: lambda a, b: a * b,
    NAMES[DIV]: lambda a, b: a * reciprocal(b),
    NAMES[NEG]: lambda a: -a,
    "sqrt": lambda x: _or_everything("sqrt", _within(x, 0.0, math.inf)),
    "log": _log,
    "asin": lambda x: _or_everything("asin", _within(x, -1.0, 1.0)),
    "acos": lambda x: _or_everything("acos", _within(x, -1.0, 1.0)),
    "atan2": _atan2,
    "real_power": _real_power,
    "sign": _sign,
    "max": _max,
    "min": _min,
}
