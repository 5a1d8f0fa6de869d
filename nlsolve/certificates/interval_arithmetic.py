"""How do theorems count in intervals?

The theorems' formulas run in `Interval` as they stand: an interval holds the formula's exact value
for every number its operands hold, so that nothing is moved outward beyond that, comparisons need
no margin, and an upper bound is the upper end of what comes out, a lower bound the lower end.

Importing this file registers the type with `arithmetic`. Functions of two numbers are dispatched by
the first alone; a float before an interval is an interval too (one that may be infinite).
"""

import math
from collections.abc import Callable
from typing import Any

from nlsolve.certificates import arithmetic
from nlsolve.certificates.arithmetic import (
    at_upper_end,
    in_range,
    lower_end,
    outward_down,
    outward_up,
    remaining,
    square_root,
    upper_end,
)
from nlsolve.intervals.functions import log, log1p, sqrt
from nlsolve.intervals.interval import Interval


@in_range.register
def _(a: Interval) -> bool:
    return in_range(a.lo) and in_range(a.hi)


@outward_up.register
@outward_down.register
def _(a: Interval) -> Interval:
    return a


@square_root.register
def _(a: Interval) -> Interval:
    return sqrt(Interval(max(a.lo, 0.0), max(a.hi, 0.0)))


@upper_end.register
def _(a: Interval) -> float:
    return float(a.hi)


@lower_end.register
def _(a: Interval) -> float:
    return float(a.lo)


@at_upper_end.register
def _(a: Interval) -> Interval:
    return Interval(a.hi)


@remaining.register
def _(a: Interval) -> Interval:
    left = 1.0 - a
    return Interval(min(left.lo, 1.0), min(left.hi, 1.0))


def _low(a: Any) -> float:
    return a.lo if isinstance(a, Interval) else float(a)


def _high(a: Any) -> float:
    return a.hi if isinstance(a, Interval) else float(a)


def certainly_less(a: Any, b: Any) -> bool:
    """Return whether every number of a is below every one of b."""
    return math.isfinite(_high(a)) and _high(a) < _low(b)


def certainly_at_most(a: Any, b: Any) -> bool:
    """Return whether no number of a is above any of b."""
    return math.isfinite(_high(a)) and _high(a) <= _low(b)


def no_more_than(a: Any, bound: Any) -> bool:
    """Return whether no number of a is above any of `bound`."""
    return _high(a) <= _low(bound)


def lesser(a: Any, b: Any) -> Interval:
    """Return min(a, b)."""
    return Interval(min(_low(a), _low(b)), min(_high(a), _high(b)))


def quotient_of_logarithms(ratio: Any, decrease: Any) -> float:
    """Return the quotient's upper end for the smallest ratio and the smallest decrease."""
    least = Interval(-_low(decrease))
    return float((2.0 * log(Interval(_low(ratio))) / log1p(least)).hi)


def _register(rule: Callable[[Any, Any], Any]) -> None:
    function: Any = getattr(arithmetic, rule.__name__)
    plain = function.dispatch(object)

    def either(a: Any, b: Any) -> Any:
        return rule(a, b) if isinstance(b, Interval) else plain(a, b)

    function.register(Interval, rule)
    for number in (float, int):
        function.register(number, either)


for _rule in (certainly_less, certainly_at_most, no_more_than, lesser, quotient_of_logarithms):
    _register(_rule)
