"""How are real numbers added and multiplied of which only bounds are known, or one bound?

An end that is None is not there: the numbers go on without bound. Division leaves out 0, where it
is not defined.
"""

from collections.abc import Callable
from typing import NamedTuple

from nlsolve.certificates.checking.ranges import ONE, ZERO, Number, Range, point, power


class Nowhere(ArithmeticError):
    """Raised where an operation is not defined anywhere in its operands."""


class Extent(NamedTuple):
    """All real numbers from lo to hi; None: from or to nowhere."""

    lo: Number | None
    hi: Number | None

    @property
    def range(self) -> Range | None:
        """The same as a Range, where it has both ends."""
        if self.lo is None or self.hi is None:
            return None
        return point(self.lo) if self.lo is self.hi else Range(self.lo, self.hi)

    def without(self, number: Number) -> bool:
        """Return whether a number is certainly not in it."""
        below = self.lo is not None and number < self.lo
        return bool(below or (self.hi is not None and number > self.hi))


EVERYTHING = Extent(None, None)


def of(found: Range) -> Extent:
    """Return a Range as an Extent."""
    return Extent(found.lo, found.hi)


def added(a: Extent, b: Extent) -> Extent:
    """Return a + b."""
    lo = None if a.lo is None or b.lo is None else a.lo + b.lo
    hi = None if a.hi is None or b.hi is None else a.hi + b.hi
    return Extent(lo, hi)


def negative(a: Extent) -> Extent:
    """Return -a."""
    return Extent(None if a.hi is None else -a.hi, None if a.lo is None else -a.lo)


def not_negative(a: Extent) -> bool:
    """Return whether all numbers are certainly 0 or more."""
    return a.lo is not None and bool(a.lo >= ZERO)


def product(a: Extent, b: Extent) -> Extent:
    """Return a b; 0 times what has no end is 0, since no number is infinite."""
    one, other = a.range, b.range
    if one is not None and other is not None:
        return of(one * other)
    if is_zero(a) or is_zero(b):
        return Extent(ZERO, ZERO)
    for x, y, sign in ((a, b, 1), (negative(a), b, -1), (a, negative(b), -1)):
        if not_negative(x) and not_negative(y):
            hi = None if x.hi is None or y.hi is None else x.hi * y.hi
            found = Extent(x.lo * y.lo, hi)  # type: ignore[operator]
            return found if sign == 1 else negative(found)
    if not_negative(negative(a)) and not_negative(negative(b)):
        return product(negative(a), negative(b))
    return EVERYTHING


def is_zero(a: Extent) -> bool:
    """Return whether the only number is 0."""
    return a.lo is not None and a.hi is not None and bool(a.lo.is_zero() and a.hi.is_zero())


def reciprocal(b: Extent) -> Extent:
    """Return 1 / b wherever b is not 0."""
    if is_zero(b):
        raise Nowhere("division by 0")
    if b.hi is not None and b.hi <= ZERO:
        return negative(reciprocal(negative(b)))
    if not not_negative(b):
        return EVERYTHING
    hi = None if b.lo is None or not b.lo > ZERO else ONE / b.lo
    return Extent(ZERO if b.hi is None else ONE / b.hi, hi)


def raised(a: Extent, n: int) -> Extent:
    """Return a^n for an integer n."""
    if n < 0:
        return reciprocal(raised(a, -n))
    known = a.range
    if known is not None or n == 0:
        return of(power(point(ONE) if known is None else known, n))
    if n % 2:
        return by_ends(a, lambda x: power(point(x), n).lo)
    return Extent(power(point(least_size(a)), n).lo, None)


def least_size(a: Extent) -> Number:
    """Return a lower bound of the absolute values."""
    if a.lo is not None and a.lo > ZERO:
        return a.lo
    return -a.hi if a.hi is not None and a.hi < ZERO else ZERO


def by_ends(
    a: Extent,
    function: Callable[[Number], Number],
    first: Number | None = None,
    last: Number | None = None,
) -> Extent:
    """Return an increasing function, with its limits."""
    lo = first if a.lo is None else function(a.lo)
    return Extent(lo, last if a.hi is None else function(a.hi))
