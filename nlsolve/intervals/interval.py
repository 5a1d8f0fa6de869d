"""Which numbers can a real result be? Lower and upper bounds, rounded outward.

An `Interval` is a closed interval of real numbers, or an array of them: `lo` and `hi`, doubles that
may be infinite (the interval then has no end on that side). If x lies in a and y in b, x + y lies
in a + b, and so for every operation: always, whatever rounding does. Where an operation is not
defined on the whole of its operands, EnclosureError is raised.

Sums go by ends. The extreme values of a product of intervals are among the four products of ends,
where 0 * inf counts as 0 (no number is infinite) and may be left out, since some other product of
ends is 0 then, or the result is the whole line, or the operand is zero itself. Likewise inf / inf.
Powers go by the powers of magnitudes, so that [-1, 2]^2 is [0, 4]: repeated multiplication of ends
rounded one way, |n| - 1 units in the last place at most on each side. See `rounding` for the step
outward.

A comparison is True only where it is certain: a < b says that every number of a is below every one
of b, and `not a < b` says nothing. `float(a)` is a number in the middle, to be shown or to choose
by; it is a bound of nothing.
"""

import math
import operator
from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Any

import numpy as np

from nlsolve.intervals.exact import alike, ends
from nlsolve.intervals.powers import odd_power, power
from nlsolve.intervals.rounding import (
    LARGEST,
    EnclosureError,
    choose,
    down,
    down_unless_zero,
    greatest,
    least,
    quiet,
    somewhere,
    up,
    up_unless_zero,
)


class Interval:
    """Closed intervals of real numbers: one, or an array of any shape; they never change.

    Parameters
    ----------
    lo, hi : float, Fraction, int or array_like of float64
        Lower and upper ends, lo <= hi, lo < inf and hi > -inf. Without `hi`, a number: exactly it
        where it is a double, else the doubles next to it.

    Attributes
    ----------
    lo, hi : float or ndarray
        Floats for a single interval, read-only arrays of one shape otherwise.

    Raises
    ------
    TypeError, ValueError
        If the ends are not such numbers.

    Examples
    --------
    >>> from nlsolve.intervals import Interval
    >>> Interval(1.0, 2.0) - Interval(1.0, 2.0)
    Interval(-1.0000000000000002, 1.0000000000000002)
    >>> Interval([-1.0, 1.0], [2.0, 2.0]) ** 2
    Interval([0. 1.], [4. 4.])
    """

    __slots__ = ("hi", "lo")
    __array_ufunc__ = None  # so that ndarray + Interval asks Interval
    lo: Any
    hi: Any

    def __init__(self, lo: Any, hi: Any = None) -> None:
        low, high = ends(lo) if hi is None else (ends(lo)[0], ends(hi)[1])
        low, high = alike(low, high)
        unordered = (low != low) | (high != high) | (low > high)
        if somewhere(unordered | (low == math.inf) | (high == -math.inf)):
            raise ValueError(f"not an interval: lo = {low}, hi = {high}")
        _set(self, low, high)

    def __setattr__(self, name: str, value: Any) -> None:
        raise AttributeError("intervals never change")

    def __reduce__(self) -> tuple[Any, ...]:
        return Interval, (self.lo, self.hi)

    def __array__(self, *_: Any, **__: Any) -> Any:
        raise TypeError("an Interval is no array: take lo, hi or midpoint(...)")

    def __repr__(self) -> str:
        return f"Interval({self.lo}, {self.hi})"

    # --- as an array ---------------------------------------------------------------------------

    @property
    def shape(self) -> tuple[int, ...]:
        """Its shape; () for a single interval."""
        return np.shape(self.lo)

    @property
    def ndim(self) -> int:
        """Number of dimensions."""
        return len(self.shape)

    @property
    def size(self) -> int:
        """Number of intervals."""
        return math.prod(self.shape)

    @property
    def T(self) -> "Interval":
        """The transpose."""
        return made(np.transpose(self.lo), np.transpose(self.hi))

    def reshape(self, *shape: Any) -> "Interval":
        """Return the same intervals in another shape."""
        return made(np.reshape(self.lo, *shape), np.reshape(self.hi, *shape))

    def __len__(self) -> int:
        return len(self.lo)

    def __iter__(self) -> Iterator["Interval"]:
        return (self[k] for k in range(len(self)))

    def __getitem__(self, index: Any) -> "Interval":
        return made(self.lo[index], self.hi[index])

    # --- as one number -------------------------------------------------------------------------

    def __float__(self) -> float:
        return float(midpoint(self))

    def __bool__(self) -> bool:
        """Return False for zero itself only."""
        return bool(self.lo != 0.0 or self.hi != 0.0)

    def __lt__(self, other: Any) -> Any:
        b = as_interval(other)
        return NotImplemented if b is None else self.hi < b.lo

    def __le__(self, other: Any) -> Any:
        b = as_interval(other)
        return NotImplemented if b is None else self.hi <= b.lo

    def __gt__(self, other: Any) -> Any:
        b = as_interval(other)
        return NotImplemented if b is None else self.lo > b.hi

    def __ge__(self, other: Any) -> Any:
        b = as_interval(other)
        return NotImplemented if b is None else self.lo >= b.hi

    # --- arithmetic ----------------------------------------------------------------------------

    def __pos__(self) -> "Interval":
        return self

    def __neg__(self) -> "Interval":
        return made(-self.hi, -self.lo)

    def __abs__(self) -> "Interval":
        return made(mignitude(self), magnitude(self))

    def __add__(self, other: Any) -> "Interval":
        b = as_interval(other)
        if b is None:
            return NotImplemented
        with quiet(self.lo, b.lo):
            return made(down_unless_zero(self.lo + b.lo), up_unless_zero(self.hi + b.hi))

    __radd__ = __add__

    def __sub__(self, other: Any) -> "Interval":
        b = as_interval(other)
        return NotImplemented if b is None else self + -b

    def __rsub__(self, other: Any) -> "Interval":
        return (-self).__add__(other)

    def __mul__(self, other: Any) -> "Interval":
        b = as_interval(other)
        return NotImplemented if b is None else _by_ends(operator.mul, self, b)

    __rmul__ = __mul__

    def __truediv__(self, other: Any) -> "Interval":
        b = as_interval(other)
        if b is None:
            return NotImplemented
        if somewhere((b.lo <= 0.0) & (b.hi >= 0.0)):
            raise EnclosureError("division by an interval that contains 0")
        return _by_ends(operator.truediv, self, b)

    def __rtruediv__(self, other: Any) -> "Interval":
        a = as_interval(other)
        return NotImplemented if a is None else a / self

    def __pow__(self, exponent: int) -> "Interval":
        n = operator.index(exponent)
        if n < 0:
            return (1.0 / self) ** -n  # the reciprocal first: a power may underflow to 0
        if n == 0:
            return made(0.0 * mignitude(self) + 1.0, 0.0 * mignitude(self) + 1.0)
        if n == 1:
            return self
        with quiet(self.lo):
            if n % 2 == 0:
                return made(power(mignitude(self), n, down), power(magnitude(self), n, up))
            return made(odd_power(self.lo, n, down, up), odd_power(self.hi, n, up, down))


def made(lo: Any, hi: Any) -> Interval:
    """Return the interval of ends that are known to be right."""
    x: Interval = _new(Interval)
    _set(x, lo, hi)
    return x


def _set(x: Interval, lo: Any, hi: Any) -> None:
    if type(lo) is not float:
        lo, hi = _single_or_frozen(lo), _single_or_frozen(hi)
    _put(x, "lo", lo)
    _put(x, "hi", hi)


_new, _put = object.__new__, object.__setattr__


def _single_or_frozen(end: Any) -> Any:
    if type(end) is np.ndarray and end.ndim:
        end.setflags(write=False)
        return end
    return float(end)


def as_interval(value: Any) -> Interval | None:
    """Return an interval for what can be added to one, None for anything else."""
    if type(value) is Interval:
        return value
    if type(value) is float and math.isfinite(value):
        return made(value, value)
    if not isinstance(value, (int, float, Fraction, np.ndarray, np.number)):
        return None
    lo, hi = ends(value)
    if not isinstance(value, (int, Fraction)) and not np.all(np.isfinite(lo)):
        raise ValueError("infinity and NaN are no numbers: give Interval(lo, hi)")
    return made(lo, hi)


def known(value: Any) -> Interval:
    """Return an interval for what is one, or is an exact number.

    Raises
    ------
    TypeError
        For anything else.
    """
    x = as_interval(value)
    if x is None:
        raise TypeError(f"expected an Interval or float64, got {type(value).__name__}")
    return x


def magnitude(x: Interval) -> Any:
    """Return the largest absolute values, exactly."""
    return greatest(abs(x.lo), abs(x.hi))


def mignitude(x: Interval) -> Any:
    """Return the smallest absolute values, exactly."""
    inside = (x.lo <= 0.0) & (x.hi >= 0.0)
    return choose(inside, 0.0, least(abs(x.lo), abs(x.hi)))


def midpoint(x: Interval) -> Any:
    """Return numbers of the intervals, near the middle; an infinite end counts as the largest."""
    lo, hi = greatest(x.lo, -LARGEST), least(x.hi, LARGEST)
    middle = lo + (0.5 * hi - 0.5 * lo)
    return least(greatest(middle, lo), hi)


def _by_ends(operation: Callable[[Any, Any], Any], a: Interval, b: Interval) -> Interval:
    """Return the hull of products or quotients of ends; their signs survive underflow."""
    with quiet(a.lo, b.lo):
        found = [operation(one, other) for one in (a.lo, a.hi) for other in (b.lo, b.hi)]
        low, high = least(*found), greatest(*found)
        lower, upper = down(low), up(high)
    if not somewhere((low == 0.0) | (high == 0.0) | (low != low)):
        return made(lower, upper)
    zero = (a.lo == 0.0) & (a.hi == 0.0) | (b.lo == 0.0) & (b.hi == 0.0)
    above = (a.lo >= 0.0) & (b.lo >= 0.0) | (a.hi <= 0.0) & (b.hi <= 0.0)
    below = (a.lo >= 0.0) & (b.hi <= 0.0) | (a.hi <= 0.0) & (b.lo >= 0.0)
    lower = choose(zero, 0.0, choose(above, greatest(lower, 0.0), lower))
    return made(lower, choose(zero, 0.0, choose(below, least(upper, 0.0), upper)))
