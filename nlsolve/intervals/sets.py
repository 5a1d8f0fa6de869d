"""What do intervals have in common with exact numbers, and with one another?"""

import math
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from nlsolve.intervals.exact import alike, around
from nlsolve.intervals.interval import Interval, known, made
from nlsolve.intervals.rounding import EnclosureError, choose, greatest, least, quiet, somewhere, up


def enclosed(number: Any) -> Interval:
    """Return the tightest interval about a number that is known exactly.

    Parameters
    ----------
    number : Fraction, int, float, 'pi' or 'e'

    Examples
    --------
    >>> from fractions import Fraction
    >>> enclosed(Fraction(1, 10))
    Interval(0.09999999999999999, 0.1)
    >>> enclosed(0.1)
    Interval(0.1, 0.1)
    """
    if isinstance(number, float) and not math.isfinite(number):
        raise ValueError(f"{number} is no real number")
    return made(*around(number if isinstance(number, str) else Fraction(number)))


def stacked(items: Sequence[Interval]) -> Interval:
    """Return intervals of one shape as an array of them."""
    return made(np.array([x.lo for x in items]), np.array([x.hi for x in items]))


def radius(x: Interval, middle: Any) -> Any:
    """Return upper bounds of |y - middle| over the intervals; inf where one has no end."""
    with quiet(x.lo, x.hi):
        farthest = up(greatest(x.hi - middle, middle - x.lo))
    return choose((x.lo == middle) & (x.hi == middle), 0.0, farthest)


def contains(x: Interval, y: Any) -> Any:
    """Return whether y, a double or an interval, lies in x."""
    y = known(y)
    return (x.lo <= y.lo) & (y.hi <= x.hi)


def hull(a: Any, b: Any) -> Interval:
    """Return the smallest interval that contains both."""
    a, b = known(a), known(b)
    return made(*alike(least(a.lo, b.lo), greatest(a.hi, b.hi)))


def intersection(a: Any, b: Any) -> Interval:
    """Return what both contain.

    Raises
    ------
    EnclosureError
        If they have no number in common: no number can be in both.
    """
    a, b = known(a), known(b)
    lo, hi = greatest(a.lo, b.lo), least(a.hi, b.hi)
    if somewhere(lo > hi):
        raise EnclosureError("intersection of intervals that have no number in common")
    return made(lo, hi)
