"""Which unknowns of a box can an equation not be met with? Forward and backward over its formula.

Forward, every operation's values are enclosed over the box. Backward, from f = y, each operation
leaves its operands only those values with which its own can be had: from a + b = v, a in v - b
(HC4-revise; F. Benhamou, F. Goualard, L. Granvilliers, J.-F. Puget, ICLP 1999). What is found here
is a proposal, in ordinary doubles. It is made true by evaluating the equation over what would be
cut off: if a cannot be had there, forward evaluation says so too.
"""

import math
from collections.abc import Callable

from nlsolve.certificates.exclusion.defined import (
    EVERYTHING,
    Formulas,
    Values,
    power,
    reciprocal,
)
from nlsolve.intervals import Interval, contains, intersection
from nlsolve.systems.tape import ADD, DIV, MUL, NAMES, NEG, PARAMETER, POW, SUB, UNKNOWN

Operands = list[Interval]


def narrowed(formulas: Formulas, i: int, values: Values, target: float) -> dict[int, Interval]:
    """Return what equation i leaves of its unknowns, by number; nothing where that is not known."""
    end = formulas.ends[i]
    wanted = dict(values)
    try:
        wanted[end] = intersection(values[end], Interval(target))
        for k in reversed(formulas.cones[i]):
            _backward(formulas, k, wanted)
    except (ArithmeticError, ValueError):  # nothing is left, or no end is known
        return {}
    leaves = ((formulas.code[k], k) for k in formulas.cones[i])
    return {left: wanted[k] for (op, left, _), k in leaves if op == UNKNOWN}


def _backward(formulas: Formulas, k: int, wanted: Values) -> None:
    op, _, exponent = formulas.code[k]
    if op <= PARAMETER:
        return
    nodes = formulas.operands[k]
    given = [wanted[a] for a in nodes]
    if op == POW:
        found = [_root(wanted[k], given[0], exponent)]
    elif NAMES[op] in BACKWARD:
        found = BACKWARD[NAMES[op]](wanted[k], given)
    else:
        return
    for a, one in zip(nodes, found, strict=True):
        wanted[a] = intersection(wanted[a], one)


def _factor(v: Interval, other: Interval) -> Interval:
    """Return x of x * other = v."""
    if contains(v, 0.0) and contains(other, 0.0):
        return EVERYTHING
    return v * reciprocal(other)


def _root(v: Interval, a: Interval, n: int) -> Interval:
    """Return x of x^n = v near a."""
    if n < 0:
        v, n = reciprocal(v), -n
    if n == 0:
        return EVERYTHING
    if n % 2:
        return Interval(_odd_root(v.lo, n), _odd_root(v.hi, n))
    most, least = _odd_root(max(v.hi, 0.0), n), _odd_root(max(v.lo, 0.0), n)
    if a.lo > -least:
        return Interval(least, max(least, most))
    return Interval(-most, min(-least, most) if a.hi < least else most)


def _odd_root(x: float, n: int) -> float:
    return x if math.isinf(x) else math.copysign(abs(x) ** (1.0 / n), x)


def _by(inverse: Callable[[float], float], lo: float, hi: float) -> Callable[..., Operands]:
    """Return the backward rule of an increasing function with values between lo and hi."""

    def at(x: float) -> float:
        try:
            return inverse(x)
        except OverflowError:
            return math.copysign(math.inf, x)
        except ValueError:
            return -math.inf if x <= lo else math.inf

    return lambda v, _: [Interval(at(max(v.lo, lo)), at(min(v.hi, hi)))]


_QUARTER = 0.5 * math.pi

BACKWARD: dict[str, Callable[[Interval, Operands], Operands]] = {
    NAMES[ADD]: lambda v, ab: [v - ab[1], v - ab[0]],
    NAMES[SUB]: lambda v, ab: [v + ab[1], ab[0] - v],
    NAMES[MUL]: lambda v, ab: [_factor(v, ab[1]), _factor(v, ab[0])],
    NAMES[DIV]: lambda v, ab: [v * ab[1], _factor(ab[0], v)],
    NAMES[NEG]: lambda v, _: [-v],
    "sqrt": lambda v, _: [power(Interval(max(v.lo, 0.0), max(v.hi, 0.0)), 2)],
    "exp": _by(math.log, 0.0, math.inf),
    "log": _by(math.exp, -math.inf, math.inf),
    "asin": _by(math.sin, -_QUARTER, _QUARTER),
    "atan": _by(math.tan, -_QUARTER, _QUARTER),
    "sinh": _by(math.asinh, -math.inf, math.inf),
    "asinh": _by(math.sinh, -math.inf, math.inf),
    "tanh": _by(math.atanh, -1.0, 1.0),
    "abs": lambda v, _: [Interval(-max(v.hi, 0.0), max(v.hi, 0.0))],
}
