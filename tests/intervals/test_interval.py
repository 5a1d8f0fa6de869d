"""Does every result of arithmetic contain what rational arithmetic finds, and little more?"""

import math
import operator
import pickle
from fractions import Fraction

import numpy as np
import pytest

from nlsolve.intervals import (
    EnclosureError,
    Interval,
    magnitude,
    mignitude,
    stacked,
)
from tests.intervals.truth import (
    LARGEST,
    SPECIAL,
    doubles,
    intervals,
    lies_in,
    members,
    pairs,
    steps_apart,
)

INF = math.inf
OPERATIONS = {
    "add": operator.add, "sub": operator.sub, "mul": operator.mul, "div": operator.truediv,
}  # fmt: skip


def operands(name, seed, count=1500):
    """Pairs of intervals; divisors without zero."""
    rng = np.random.default_rng(seed)
    a, b = intervals(rng, count), intervals(rng, count)
    if name == "div":
        good = (b.lo > 0.0) | (b.hi < 0.0)
        a, b = a[good], b[good]
    return rng, a, b


def check_operation(name, seed=1, count=1500):
    """Every member of a with every member of b: 9 rational results for each pair."""
    operation = OPERATIONS[name]
    rng, a, b = operands(name, seed, count)
    c = operation(a, b)
    for one, other in pairs(members(rng, a), members(rng, b)):
        for p, q, lo, hi in zip(one, other, c.lo, c.hi, strict=True):
            assert lies_in(operation(Fraction(p), Fraction(q)), lo, hi), (p, q)


@pytest.mark.parametrize("name", OPERATIONS)
def test_results_of_members_lie_in_the_result(name):
    check_operation(name)


@pytest.mark.parametrize("name", OPERATIONS)
def test_single_intervals_give_what_arrays_give(name):
    _, a, b = operands(name, 2, 600)
    c = OPERATIONS[name](a, b)
    for k in range(a.size):
        one = OPERATIONS[name](a[k], b[k])
        assert (type(one.lo), one.lo, one.hi) == (float, c.lo[k], c.hi[k])


@pytest.mark.parametrize("name", OPERATIONS)
def test_results_of_points_are_two_doubles_wide(name):
    rng = np.random.default_rng(3)
    a, b = doubles(rng, 2000), doubles(rng, 2000)
    b = np.where(b == 0.0, 1.0, b) if name == "div" else b
    c = OPERATIONS[name](Interval(a), Interval(b))
    assert all(steps_apart(lo, hi) <= 2 for lo, hi in zip(c.lo, c.hi, strict=True))


@pytest.mark.parametrize("name", OPERATIONS)
@pytest.mark.parametrize("p", SPECIAL)
def test_special_numbers(name, p):
    for q in SPECIAL:
        if name == "div" and q == 0.0:
            continue
        c = OPERATIONS[name](Interval(p), Interval(q))
        assert lies_in(OPERATIONS[name](Fraction(p), Fraction(q)), c.lo, c.hi), (p, q)


def test_sums_and_products_with_zero_are_exact():
    zero, x = Interval(0.0), Interval(-1.0, 3.0)
    for found in (zero * x, x * zero, zero * Interval(-INF, INF), zero / Interval(1.0, INF)):
        assert found.lo == found.hi == 0.0
    assert (Interval(1.5) - Interval(1.5)).hi == 0.0
    assert not (zero + zero)
    assert not (Interval([0.0]) * Interval([1e308]))[0]


def test_underflow_keeps_the_sign():
    tiny = Interval(1e-200)
    assert (tiny * tiny).lo == 0.0 < (tiny * tiny).hi
    assert (tiny * -tiny).hi == 0.0 > (tiny * -tiny).lo
    assert (Interval(0.0, 1.0) * Interval(0.0, 1.0)).lo == 0.0
    assert (Interval([0.0, -1.0], [1.0, 0.0]) * Interval(-2.0, 0.0)).hi.tolist()[0] == 0.0


def test_intervals_without_end():
    whole, positive = Interval(-INF, INF), Interval(1.0, INF)
    assert repr(whole + whole) == repr(whole * positive) == "Interval(-inf, inf)"
    assert (positive / positive).lo == 0.0
    assert (positive / positive).hi == INF
    assert (positive * positive).lo < 1.0
    assert (Interval(0.0, 1.0) * positive).hi == INF
    assert (Interval(-INF, -1.0) / positive).hi == 0.0
    large = Interval(LARGEST) + Interval(LARGEST)
    assert (large.lo, large.hi) == (LARGEST, INF)
    assert (large - large).lo == -INF
    assert (large - large).hi == INF


def test_division_by_an_interval_with_zero_is_refused():
    for divisor in (Interval(0.0), Interval(-1.0, 1.0), Interval(0.0, 1.0), Interval(-1.0, -0.0)):
        with pytest.raises(EnclosureError, match="division by an interval that contains 0"):
            1.0 / divisor
    with pytest.raises(EnclosureError, match="contains 0"):
        Interval([1.0, 1.0]) / Interval([1.0, -1.0], [1.0, 1.0])


def check_powers(seed=4, count=400):
    rng = np.random.default_rng(seed)
    for n in (-5, -2, -1, 0, 1, 2, 3, 4, 7, 8):
        x = intervals(rng, count)
        x = x[(x.lo > 0.0) | (x.hi < 0.0)] if n < 0 else x
        y = x**n
        for one in members(rng, x):
            for p, lo, hi in zip(one, y.lo, y.hi, strict=True):
                assert lies_in(Fraction(p) ** n, lo, hi), (p, n)
        for k in range(0, x.size, 7):
            assert ((x[k] ** n).lo, (x[k] ** n).hi) == (y.lo[k], y.hi[k])


def test_powers_of_members_lie_in_the_power():
    check_powers()


@pytest.mark.parametrize("n", [2, 3, 4, 5, 8, 13, 100])
def test_powers_of_points_are_narrow(n):
    x = np.random.default_rng(5).normal(size=300)
    y = Interval(x) ** n
    widths = [steps_apart(lo, hi) for lo, hi in zip(y.lo, y.hi, strict=True)]
    assert max(widths) <= 4 * n - 4


def test_even_powers_are_of_magnitudes():
    assert (Interval(-1.0, 2.0) ** 2).lo == 0.0
    assert steps_apart(4.0, (Interval(-1.0, 2.0) ** 2).hi) == 1
    assert (Interval(-3.0, 2.0) ** 4).lo == 0.0
    assert (Interval(0.0) ** 2).hi == 0.0
    assert (Interval(-2.0, 1.0) ** 3).lo < -8.0 + 1e-14
    assert (Interval(-INF, 1.0) ** 2).hi == INF
    assert (Interval(-INF, 1.0) ** 3).lo == -INF
    with pytest.raises(EnclosureError, match="contains 0"):
        Interval(-1.0, 2.0) ** -2
    with pytest.raises(TypeError):
        Interval(1.0) ** 0.5


def test_absolute_values_are_exact():
    x = Interval([-2.0, -2.0, 1.0, 0.0], [-1.0, 3.0, 4.0, 0.0])
    assert (abs(x).lo.tolist(), abs(x).hi.tolist()) == ([1, 0, 1, 0], [2, 3, 4, 0])
    assert magnitude(x).tolist() == abs(x).hi.tolist()
    assert mignitude(x).tolist() == abs(x).lo.tolist()


@pytest.mark.parametrize("other", [2, 0.5, Fraction(1, 3), np.float64(0.5), np.float32(0.5)])
def test_other_numbers_are_the_numbers_they_are(other):
    exact = Fraction(float(other)) if isinstance(other, np.floating) else Fraction(other)
    x = Interval(0.7)
    p = Fraction(0.7)
    for found, true in (
        (x + other, p + exact), (other + x, p + exact), (x - other, p - exact),
        (other - x, exact - p), (x * other, p * exact), (other * x, p * exact),
        (x / other, p / exact), (other / x, exact / p),
    ):  # fmt: skip
        assert lies_in(true, found.lo, found.hi)


def test_arrays_of_doubles_take_part():
    w = np.array([0.1, 0.2])
    for found in (w + Interval(1.0), Interval(1.0) + w, w * Interval(w), w - Interval(1.0, 2.0)):
        assert isinstance(found, Interval)
        assert found.shape == (2,)
    assert Interval([[1.0], [2.0]]).T.shape == (1, 2)
    assert (Interval([[1.0], [2.0]]) * w).shape == (2, 2)
    assert Interval(np.eye(2)).reshape(4)[1:3].shape == (2,)
    assert [x.lo for x in Interval(w)] == w.tolist()
    assert stacked([Interval(w), Interval(w)]).shape == (2, 2)


@pytest.mark.parametrize("other", ["1", 1j, None, [1.0], np.array(["a"]), np.array([1j])])
def test_what_is_no_number_is_refused(other):
    with pytest.raises(TypeError):
        Interval(1.0) + other


@pytest.mark.parametrize("bad", [(2.0, 1.0), (math.nan,), (1.0, math.nan), (INF,), (-INF, -INF)])
def test_what_is_no_interval_is_refused(bad):
    with pytest.raises(ValueError, match="not an interval"):
        Interval(*bad)
    with pytest.raises(ValueError, match="not an interval"):
        Interval(*([0.0, end] for end in bad))


def test_infinity_is_no_number():
    for number in (INF, math.nan, np.array([1.0, INF]), np.float64(-INF)):
        with pytest.raises(ValueError, match="no number"):
            Interval(1.0) + number
    with pytest.raises(TypeError, match="from 2\\^53 on"):
        Interval(np.array([2**53 + 1]))


def test_an_interval_never_changes_and_is_never_taken_for_an_array():
    w = np.array([1.0, 2.0])
    x = Interval(w)
    w[0] = 5.0
    assert x.lo[0] == 1.0
    with pytest.raises(AttributeError):
        x.lo = w
    with pytest.raises(ValueError, match="read-only"):
        x.hi[0] = 3.0
    with pytest.raises(TypeError, match="no array"):
        np.asarray(x)
    with pytest.raises(TypeError):
        np.sin(x)
    copy = pickle.loads(pickle.dumps(x))
    assert (copy.lo == x.lo).all()


def test_comparisons_are_certain():
    a, b = Interval(1.0, 2.0), Interval(2.0, 3.0)
    assert (a < b, a <= b, b > a, b >= a) == (False, True, False, True)
    assert (a < 2.5, a > 0.5, a <= 1.5, a >= 1.5) == (True, True, False, False)
    assert (a < a, a <= a, Interval(1.0) <= Interval(1.0)) == (False, False, True)
    assert min(3.0, a) is a
    assert (Interval([1.0, 5.0]) < b).tolist() == [True, False]


@pytest.mark.parametrize(
    "check", [check_powers, *(lambda n=n: check_operation(n) for n in OPERATIONS)]
)
def test_without_outward_rounding_the_checks_fail(check, monkeypatch):
    monkeypatch.setattr(np, "nextafter", lambda x, _: x)
    monkeypatch.setattr(math, "nextafter", lambda x, _: x)
    with pytest.raises(AssertionError):
        check()
