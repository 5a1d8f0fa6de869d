"""Which numbers can an elementary function of an interval be?

Monotone functions go by their ends, which `points` encloses; cosh by magnitudes; sin, cos and tan
by their ends and the extrema and poles between them. atan2 and x^y are monotone in each argument
on the rectangles they are asked for, so that their extreme values are at corners. sqrt is rounded
correctly by the machine.

Arguments beyond what a double can tell from the limit are cut first: exp, sinh, cosh, tanh and erf
at 800, where exp(-800) < 2^-1074, exp(800) overflows and tanh and erf are 1 to 2^-1000.

abs is enclosed everywhere; max, min and sign only where they are smooth, so that no derivative is
ever taken across their kinks. `FUNCTIONS` has them all by the names they have on a tape.
"""

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from nlsolve.intervals.interval import Interval, known, made, magnitude, mignitude
from nlsolve.intervals.points import BITS, at, computed, doubles, no_pole, turns
from nlsolve.intervals.rounding import (
    LARGEST,
    EnclosureError,
    choose,
    down,
    greatest,
    least,
    somewhere,
    up,
)

CUT = 800.0


def _each(function: Callable[..., float], *ends: Any) -> Any:
    """Apply a function of floats to every entry of ends of one shape."""
    if type(ends[0]) is float:
        return function(*ends)
    values = map(function, *(end.ravel().tolist() for end in ends))
    return np.array(list(values), dtype=np.float64).reshape(ends[0].shape)


def _below(name: str, ends: Any) -> Any:
    return _each(lambda x: at(name, x)[0], ends)


def _above(name: str, ends: Any) -> Any:
    return _each(lambda x: at(name, x)[1], ends)


def sqrt(x: Interval) -> Interval:
    """Return the square root of intervals that are not negative."""
    x = _inside("sqrt", x, 0.0, math.inf, "is not >= 0")
    root = math.sqrt if type(x.lo) is float else np.sqrt
    low, high = root(x.lo), root(x.hi)
    return made(greatest(down(low), 0.0), choose(high == 0.0, high, up(high)))


def log(x: Interval) -> Interval:
    """Return the natural logarithm of positive intervals."""
    if somewhere(known(x).lo <= 0.0):
        raise EnclosureError("log of an interval that is not positive")
    return _increasing("log", x)


def log1p(x: Interval) -> Interval:
    """Return log(1 + x) of intervals above -1."""
    if somewhere(known(x).lo <= -1.0):
        raise EnclosureError("log1p of an interval that is not above -1")
    return _increasing("log1p", x)


def exp(x: Interval) -> Interval:
    """Return the exponential."""
    return _increasing("exp", x, CUT)


def sinh(x: Interval) -> Interval:
    """Return the hyperbolic sine."""
    return _increasing("sinh", x, CUT)


def cosh(x: Interval) -> Interval:
    """Return the hyperbolic cosine."""
    x = known(x)
    return _increasing("cosh", made(mignitude(x), magnitude(x)), CUT)


def tanh(x: Interval) -> Interval:
    """Return the hyperbolic tangent."""
    return _within_one(_increasing("tanh", x, CUT))


def erf(x: Interval) -> Interval:
    """Return the error function."""
    return _within_one(_increasing("erf", x, CUT))


def asinh(x: Interval) -> Interval:
    """Return the inverse hyperbolic sine."""
    return _increasing("asinh", x)


def atan(x: Interval) -> Interval:
    """Return the inverse tangent."""
    return _increasing("atan", x, LARGEST)


def asin(x: Interval) -> Interval:
    """Return the inverse sine of intervals within [-1, 1]."""
    return _increasing("asin", _inside("asin", x, -1.0, 1.0, "leaves [-1, 1]"))


def acos(x: Interval) -> Interval:
    """Return the inverse cosine of intervals within [-1, 1]."""
    x = _inside("acos", x, -1.0, 1.0, "leaves [-1, 1]")
    return made(_below("acos", x.hi), _above("acos", x.lo))


def sin(x: Interval) -> Interval:
    """Return the sine."""
    return _wave("sin", x, 0.5)


def cos(x: Interval) -> Interval:
    """Return the cosine."""
    return _wave("cos", x, 0.0)


def tan(x: Interval) -> Interval:
    """Return the tangent of intervals without a pole."""
    x = known(x)
    pole = "tan of an interval that may contain a pole"
    if not np.all(np.isfinite(x.lo) & np.isfinite(x.hi)):
        raise EnclosureError(pole)
    if not np.all(_each(no_pole, x.lo, x.hi)):
        raise EnclosureError(pole)
    return _increasing("tan", x)


def atan2(y: Interval, x: Interval) -> Interval:
    """Return the angle of (x, y), where that cannot be 0 or on the negative half of y = 0."""
    y, x = known(y), known(x)
    if somewhere((x.lo <= 0.0) & (y.lo <= 0.0) & (y.hi >= 0.0)):
        raise EnclosureError("atan2 of intervals that meet its cut x <= 0, y = 0")
    return _by_corners("atan2", lambda one, other: type(one).atan2(one, other), y, x)


def real_power(base: Interval, exponent: Interval) -> Interval:
    """Return base^exponent = exp(exponent log base) of positive bases."""
    base, exponent = known(base), known(exponent)
    if somewhere(base.lo <= 0.0):
        raise EnclosureError("real power of an interval that is not positive")
    found = _by_corners("real power", lambda one, other: one**other, base, exponent)
    return made(greatest(found.lo, 0.0), found.hi)


def sign(x: Interval) -> Interval:
    """Return the sign of intervals without 0."""
    x = known(x)
    if somewhere((x.lo <= 0.0) & (x.hi >= 0.0)):
        raise EnclosureError("sign of an interval that contains 0: it is not smooth there")
    signs = choose(x.lo > 0.0, 1.0, -1.0)
    return made(signs, signs)


def maximum(a: Interval, b: Interval) -> Interval:
    """Return the larger of two intervals of which one lies above the other."""
    a, b = known(a), known(b)
    first = a.lo > b.hi
    if somewhere((a.lo <= b.hi) & (b.lo <= a.hi)):
        raise EnclosureError("max of intervals that overlap: it is not smooth there")
    return made(choose(first, a.lo, b.lo), choose(first, a.hi, b.hi))


def minimum(a: Interval, b: Interval) -> Interval:
    """Return the smaller of two intervals of which one lies above the other."""
    a, b = known(a), known(b)
    first = a.hi < b.lo
    if somewhere((a.lo <= b.hi) & (b.lo <= a.hi)):
        raise EnclosureError("min of intervals that overlap: it is not smooth there")
    return made(choose(first, a.lo, b.lo), choose(first, a.hi, b.hi))


def _increasing(name: str, x: Interval, cut: float = math.inf) -> Interval:
    """Return an increasing function, of arguments cut at +-cut."""
    x = known(x)
    lo, hi = x.lo, x.hi
    if cut < math.inf:
        lo, hi = least(greatest(lo, -cut), cut), least(greatest(hi, -cut), cut)
    return made(_below(name, lo), _above(name, hi))


def _within_one(x: Interval) -> Interval:
    return made(greatest(x.lo, -1.0), least(x.hi, 1.0))


def _inside(name: str, x: Interval, least_end: float, most: float, words: str) -> Interval:
    x = known(x)
    if somewhere((x.lo < least_end) | (x.hi > most)):
        raise EnclosureError(f"{name} of an interval that {words}")
    return x


def _wave(name: str, x: Interval, shift: float) -> Interval:
    x = known(x)
    ends = [_each(lambda lo, hi, k=k: turns(name, shift, lo, hi)[k], x.lo, x.hi) for k in (0, 1)]
    return made(*ends)


def _by_corners(
    name: str, function: Callable[[Any, Any], Any], a: Interval, b: Interval
) -> Interval:
    """Return the hull of a function at the corners of rectangles."""
    finite = np.isfinite(a.lo) & np.isfinite(a.hi) & np.isfinite(b.lo) & np.isfinite(b.hi)
    if not np.all(finite):
        raise EnclosureError(f"{name} of an interval without end")
    shape = np.broadcast_shapes(a.shape, b.shape)
    lefts = [np.broadcast_to(end, shape).ravel().tolist() for end in (a.lo, a.hi)]
    rights = [np.broadcast_to(end, shape).ravel().tolist() for end in (b.lo, b.hi)]
    corners = [zip(one, other, strict=True) for one in lefts for other in rights]

    def enclose(arb: Any) -> list[list[tuple[float, float]]]:
        return [[doubles(name, function(arb(p), arb(q))) for p, q in pairs] for pairs in corners]

    found = np.array(computed(BITS, enclose), dtype=np.float64)  # (corner, entry, end)
    lo, hi = found[:, :, 0].min(axis=0), found[:, :, 1].max(axis=0)
    return made(lo.reshape(shape), hi.reshape(shape))


FUNCTIONS: dict[str, Callable[..., Interval]] = {
    "sqrt": sqrt, "exp": exp, "log": log, "sin": sin, "cos": cos, "tan": tan, "asin": asin,
    "acos": acos, "atan": atan, "sinh": sinh, "cosh": cosh, "tanh": tanh, "asinh": asinh,
    "erf": erf, "abs": abs, "sign": sign, "max": maximum, "min": minimum, "atan2": atan2,
    "real_power": real_power,
}  # fmt: skip
