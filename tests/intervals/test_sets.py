"""Are exact numbers enclosed by themselves or neighbours, and sets of numbers what they say?"""

import math
from fractions import Fraction

import mpmath
import numpy as np
import pytest

from nlsolve.intervals import (
    EnclosureError,
    Interval,
    contains,
    enclosed,
    hull,
    intersection,
    midpoint,
    radius,
)
from tests.intervals.truth import LARGEST, SMALLEST, SPECIAL, intervals, lies_in, steps_apart

INF = math.inf


def test_middle_and_radius():
    rng = np.random.default_rng(6)
    x = intervals(rng, 2000)
    m = midpoint(x)
    assert ((x.lo <= m) & (m <= x.hi)).all()
    r = radius(x, m)
    for lo, hi, middle, spread in zip(x.lo, x.hi, m, r, strict=True):
        true = max(Fraction(hi) - Fraction(middle), Fraction(middle) - Fraction(lo))
        assert true <= spread
    assert float(Interval(1.0, 3.0)) == 2.0
    assert float(Interval(-INF, INF)) == 0.0
    assert midpoint(Interval(SMALLEST)) == SMALLEST
    assert radius(Interval(0.0, INF), 1.0) == INF


def test_sets():
    a, b = Interval(1.0, 3.0), Interval(2.0, 4.0)
    assert repr(hull(a, b)) == "Interval(1.0, 4.0)"
    assert repr(intersection(a, b)) == "Interval(2.0, 3.0)"
    assert contains(a, 3.0)
    assert not contains(a, b)
    assert contains(hull(a, b), b)
    with pytest.raises(EnclosureError, match="no number in common"):
        intersection(a, 5.0)
    both = hull(Interval([0.0, 2.0]), 1.0)
    assert both.lo.tolist() == [0.0, 1.0]


def test_rationals_are_enclosed_by_neighbours():
    rng = np.random.default_rng(7)
    for _ in range(500):
        p, q = (int(rng.integers(1, 2**62)) * 10 ** int(rng.integers(0, 320)) for _ in range(2))
        number = Fraction(int(rng.choice([-1, 1])) * p, q)
        x = enclosed(number)
        assert lies_in(number, x.lo, x.hi)
        assert steps_apart(x.lo, x.hi) <= 1
        assert (x.lo == x.hi) == (Fraction(x.lo if x.lo > -INF else 0) == number)


def test_doubles_are_enclosed_by_themselves():
    for number in (*SPECIAL, 7, 2**60, Fraction(3, 8)):
        assert enclosed(number).lo == enclosed(number).hi == number


def test_numbers_out_of_range_are_enclosed():
    assert (enclosed(10**400).lo, enclosed(10**400).hi) == (LARGEST, INF)
    assert (enclosed(-(10**400)).lo, enclosed(-(10**400)).hi) == (-INF, -LARGEST)
    tiny = enclosed(Fraction(1, 10**400))
    assert (tiny.lo, tiny.hi) == (0.0, SMALLEST)
    for number in (INF, math.nan):
        with pytest.raises(ValueError, match="no real number"):
            enclosed(number)


@pytest.mark.parametrize(("name", "true"), [("pi", mpmath.pi), ("e", mpmath.e)])
def test_constants(name, true):
    with mpmath.workdps(60):
        assert enclosed(name).lo < +true < enclosed(name).hi
    assert steps_apart(enclosed(name).lo, enclosed(name).hi) == 1
    with pytest.raises(ValueError, match="unknown constant"):
        enclosed("tau")
