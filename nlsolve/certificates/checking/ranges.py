"""Between which numbers does an expression lie while its operands move between theirs?

A range is a pair of arb balls, lo and hi: it holds every real number from the lower end of lo to
the upper end of hi. Both carry 128 bits and their own rounding errors. One ball alone would do for
points; on wide boxes it is far too wide, because a ball knows one radius for both sides.

A monotone function takes the ends to the ends; any other one has its extrema at the ends or at
critical points that are listed: `through` covers both. Where ends are one and the same ball the
range is thin, and so is what is made of it.
"""

from collections.abc import Callable, Iterable
from fractions import Fraction
from functools import cache
from typing import Any

import flint

BITS = 128
LARGEST_ANGLE = 2.0**100  # beyond it sin and cos are anywhere in [-1, 1], unless at a point

Number = Any  # flint.arb, which has no types


class Undefined(ArithmeticError):
    """Raised where an expression is not defined, or not smooth, somewhere in its ranges."""


class Range:
    """All real numbers from lo to hi."""

    __slots__ = ("hi", "lo")

    def __init__(self, lo: Number, hi: Number) -> None:
        self.lo, self.hi = lo, hi

    @property
    def thin(self) -> bool:
        """Whether both ends are the same ball."""
        return self.lo is self.hi

    @property
    def ends(self) -> tuple[Number, ...]:
        """The ends, once where they are the same."""
        return (self.lo,) if self.lo is self.hi else (self.lo, self.hi)

    def __neg__(self) -> "Range":
        return point(-self.lo) if self.lo is self.hi else Range(-self.hi, -self.lo)

    def __add__(self, other: "Range") -> "Range":
        low = self.lo + other.lo
        thin = self.lo is self.hi and other.lo is other.hi
        return Range(low, low if thin else self.hi + other.hi)

    def __sub__(self, other: "Range") -> "Range":
        low = self.lo - other.hi
        thin = self.lo is self.hi and other.lo is other.hi
        return Range(low, low if thin else self.hi - other.lo)

    def __mul__(self, other: "Range") -> "Range":
        a, b, c, d = self.lo, self.hi, other.lo, other.hi
        if a is b and c is d:
            return point(a * c)
        if c is d:
            a, b, c, d = c, d, a, b
        if a is b:
            return Range(a * c, a * d) if a >= ZERO else hull((a * c, a * d))
        if a >= ZERO and c >= ZERO:
            return Range(a * c, b * d)
        if b <= ZERO and d <= ZERO:
            return Range(b * d, a * c)
        return hull((a * c, a * d, b * c, b * d))

    def __truediv__(self, other: "Range") -> "Range":
        return self * over(other)

    @property
    def size(self) -> Number:
        """The largest magnitude."""
        return abs(self.lo) if self.lo is self.hi else larger(abs(self.lo), abs(self.hi))

    @property
    def finite(self) -> bool:
        """Whether there are such numbers, with bounds."""
        return bool(self.lo.is_finite() and self.hi.is_finite())


ZERO, ONE, TWO = (flint.arb(k) for k in range(3))


def point(x: Number) -> Range:
    """Return the range of one number that is known as a ball."""
    return Range(x, x)


def exact(number: Fraction | float | str) -> Number:
    """Return a ball about a rational, a double, 'pi' or 'e'."""
    if isinstance(number, str):
        return flint.arb.pi() if number == "pi" else flint.arb.const_e()
    if isinstance(number, float):
        return flint.arb(number)
    return flint.arb(flint.fmpq(number.numerator, number.denominator))


def smaller(a: Number, b: Number) -> Number:
    """Return a ball about the smaller of two numbers."""
    return a if a <= b else b if b <= a else a.min(b)


def larger(a: Number, b: Number) -> Number:
    """Return a ball about the larger of two numbers."""
    return a if a >= b else b if b >= a else a.max(b)


def hull(numbers: Iterable[Number]) -> Range:
    """Return the smallest range of all these numbers."""
    first, *others = numbers
    lo = hi = first
    for number in others:
        lo, hi = smaller(lo, number), larger(hi, number)
    return Range(lo, hi)


def through(
    function: Callable[[Number], Number], a: Range, critical: Iterable[Number] = ()
) -> Range:
    """Return the range of a function that is monotone between its critical points."""
    if a.thin:
        return point(function(a.lo))
    inside = [p for p in critical if not (p < a.lo or p > a.hi)]
    return hull([function(p) for p in (*a.ends, *inside)])


def over(a: Range) -> Range:
    """Return 1 / a."""
    if not (a.lo > ZERO or a.hi < ZERO):
        raise Undefined("a divisor may be 0")
    return through(lambda x: ONE / x, a)


def square(a: Range) -> Range:
    """Return a^2."""
    return through(lambda x: x * x, a, (ZERO,))


def power(a: Range, n: int) -> Range:
    """Return a^n for an integer n."""
    if n == 0:
        return point(ONE)
    if n < 0:
        return over(power(a, -n))
    return through(lambda x: _repeated(x, n), a, () if n % 2 else (ZERO,))


def _repeated(x: Number, n: int) -> Number:
    """Return x^n by squaring; arb's own power of a ball about 0 is not a number."""
    result = None
    while n:
        if n % 2:
            result = x if result is None else result * x
        n //= 2
        x = x * x if n else x
    return result


def positive(a: Range, name: str) -> Range:
    """Return a range that is positive for certain, or raise Undefined."""
    if not a.lo > ZERO:
        raise Undefined(f"{name} of what may not be positive")
    return a


def within_one(a: Range, name: str) -> Range:
    """Return a range strictly inside [-1, 1], or raise Undefined."""
    if not (a.lo > -ONE and a.hi < ONE):
        raise Undefined(f"{name} of what may not lie inside [-1, 1]")
    return a


def without_zero(a: Range, name: str) -> Range:
    """Return a range that has one sign for certain, or raise Undefined."""
    if not (a.lo > ZERO or a.hi < ZERO):
        raise Undefined(f"{name} where it may not be smooth")
    return a


def sine(a: Range) -> Range:
    """Return sin a: extrema at (k + 1/2) pi."""
    return _wave(lambda x: x.sin(), a, 0.5)


def cosine(a: Range) -> Range:
    """Return cos a: extrema at k pi."""
    return _wave(lambda x: x.cos(), a, 0.0)


def tangent(a: Range) -> Range:
    """Return tan a between two poles."""
    if a.thin:
        return point(a.lo.tan())
    if not _moderate(a) or any(not (p < a.lo or p > a.hi) for p in _turns(a, 0.5)):
        raise Undefined("tan of what may be a pole")
    return through(lambda x: x.tan(), a)


def _wave(function: Callable[[Number], Number], a: Range, shift: float) -> Range:
    if a.thin:
        return point(function(a.lo))
    if not _moderate(a):
        return Range(-ONE, ONE)
    return through(function, a, _turns(a, shift))


def _moderate(a: Range) -> bool:
    """Return whether less than a turn, and not so far out that turns could not be told."""
    return bool(a.size < LARGEST_ANGLE and a.hi - a.lo < 6)


def _turns(a: Range, shift: float) -> list[Number]:
    """Return (k + shift) pi for the k that may lie in a range shorter than a turn."""
    first = int((a.lo / pi() - shift).lower().floor().unique_fmpz())
    return [(k + flint.arb(shift)) * pi() for k in range(first, first + 4)]


def pi() -> Number:
    """Return a ball about pi."""
    return _remembered(flint.ctx.prec)


@cache
def _remembered(_bits: int) -> Number:
    return flint.arb.pi()
