"""Which doubles enclose a number that is known exactly?

Doubles are themselves; any other rational lies between two neighbours, found by comparing the
nearest double with it in rational arithmetic. pi = 3.14159265358979323846... lies just above
3.141592653589793115997..., and e = 2.71828182845904523536... just above 2.718281828459045090795...,
which are the doubles next to them.
"""

import math
from fractions import Fraction
from typing import Any

import numpy as np

from nlsolve.intervals.rounding import LARGEST, down, up

NAMED = {"pi": (math.pi, up(math.pi)), "e": (math.e, up(math.e))}

Ends = tuple[Any, Any]


def around(number: Fraction | str) -> tuple[float, float]:
    """Return the doubles next to a rational, 'pi' or 'e', below and above."""
    if isinstance(number, str):
        if number not in NAMED:
            raise ValueError(f"unknown constant {number!r}, expected 'pi' or 'e'")
        return NAMED[number]
    try:
        near = float(number)
    except OverflowError:
        return (LARGEST, math.inf) if number > 0 else (-math.inf, -LARGEST)
    if near.as_integer_ratio() == (number.numerator, number.denominator):
        return near, near
    exact = Fraction(near)
    return down(near) if exact > number else near, up(near) if exact < number else near


def ends(value: Any) -> Ends:
    """Return lower and upper ends of what is a number, or an array of numbers.

    Raises
    ------
    TypeError
        If it is neither, or its numbers are not exactly float64.
    """
    if isinstance(value, float):
        return float(value), float(value)
    if isinstance(value, (int, Fraction)):
        return around(Fraction(value))
    array = np.asarray(value)
    if array.dtype.kind not in "biuf" or array.dtype.itemsize > 8:
        raise TypeError(f"intervals are made of float64, got {array.dtype}")
    exact = np.array(array, dtype=np.float64)
    if array.dtype.kind != "f" and exact.size and np.abs(exact).max() >= 2.0**53:
        raise TypeError("integers from 2^53 on may be no doubles: enclose each of them")
    return (exact, exact) if exact.ndim else (float(exact), float(exact))


def alike(lo: Any, hi: Any) -> Ends:
    """Return ends of one shape, which share no memory with others."""
    if type(lo) is float and type(hi) is float:
        return lo, hi
    low, high = np.broadcast_arrays(lo, hi)
    return low.copy(), high.copy()
