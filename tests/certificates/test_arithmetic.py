"""Is a comparison True only where it is certain, and is a number of steps always enough?

Margins are compared with rational arithmetic, numbers of steps with mpmath at 60 digits.
"""

import math
from fractions import Fraction

import mpmath
import numpy as np
import pytest

from nlsolve.certificates.arithmetic import (
    LARGEST,
    MARGIN,
    SMALLEST,
    certainly_at_most,
    certainly_less,
    in_range,
    lesser,
    outward_down,
    outward_up,
    square_root,
    steps_for,
)

NAN, INF = math.nan, math.inf
COMPARISONS = (certainly_less, certainly_at_most)
NUMBERS = [-INF, -1e300, -1.0, -1e-300, 0.0, 1e-300, 1e-9, 1.0, 3.0, 1e300, INF]


def test_the_margin_is_the_stated_one():
    assert MARGIN == 1e-9


@pytest.mark.parametrize("compare", COMPARISONS)
@pytest.mark.parametrize("other", [*NUMBERS, NAN])
def test_nan_is_neither_below_nor_above_anything(compare, other):
    assert compare(NAN, other) is False
    assert compare(other, NAN) is False


@pytest.mark.parametrize("compare", COMPARISONS)
@pytest.mark.parametrize("a", NUMBERS)
@pytest.mark.parametrize("b", NUMBERS)
def test_never_true_where_rational_arithmetic_says_no(compare, a, b):
    if compare(a, b):
        assert a < b or (compare is certainly_at_most and a == b == 0.0)


@pytest.mark.parametrize("compare", COMPARISONS)
@pytest.mark.parametrize("scale", [1e-130, 1e-9, 1.0, 7.3, 1e130, -1e-130, -1.0, -1e130])
def test_a_difference_of_less_than_the_margin_is_not_certain(compare, scale):
    for part in (0.0, 1e-16, 1e-12, 0.99e-9):
        small, large = sorted((scale, scale * (1.0 + part)))
        assert compare(small, large) is False
        assert compare(large, small) is False


@pytest.mark.parametrize("compare", COMPARISONS)
@pytest.mark.parametrize("scale", [1e-130, 1e-9, 1.0, 7.3, 1e130, -1e-130, -1.0, -1e130])
def test_a_difference_of_more_than_the_margin_is_certain(compare, scale):
    for part in (1.01e-9, 1e-6, 0.5):
        small, large = sorted((scale, scale * (1.0 + part)))
        assert compare(small, large) is True
        assert compare(large, small) is False


def test_zero_and_infinity():
    assert certainly_at_most(0.0, 0.0) is True
    assert certainly_less(0.0, 0.0) is False
    assert certainly_less(0.0, 5e-324) is True
    assert certainly_less(1e300, INF) is True
    assert certainly_less(INF, INF) is certainly_at_most(INF, INF) is False
    assert certainly_less(-INF, 0.0) is False, "an infinite number is no bound"


def test_random_comparisons_against_rational_arithmetic():
    rng = np.random.default_rng(1)
    certain = 0
    for _ in range(2000):
        a = float(rng.choice([-1.0, 1.0]) * 10.0 ** rng.uniform(-20.0, 20.0))
        b = a * (1.0 + float(rng.choice([-1.0, 1.0]) * 10.0 ** rng.uniform(-12.0, -6.0)))
        margin = Fraction(MARGIN) * max(abs(Fraction(a)), abs(Fraction(b)))
        difference = Fraction(b) - Fraction(a)
        if certainly_less(a, b):
            assert difference > margin * Fraction(999_999, 1_000_000)
            certain += 1
        elif difference > 0:
            assert difference < margin * Fraction(1_000_001, 1_000_000)
    assert certain > 400


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_range_of_numbers_that_can_be_multiplied(sign):
    assert all(in_range(sign * a) for a in (0.0, SMALLEST, 1.0, LARGEST))
    assert not any(in_range(sign * a) for a in (SMALLEST / 1.01, 5e-324, LARGEST * 1.01, INF))
    assert in_range(NAN) is False


@pytest.mark.parametrize("a", [-3.0, -1e-140, 0.0, 1e-140, 1.0, 1e140])
def test_outward_moves_by_the_margin_on_either_side_of_zero(a):
    exact = Fraction(a)
    up, down = Fraction(outward_up(a)), Fraction(outward_down(a))
    size = abs(exact) * Fraction(MARGIN)
    assert abs(up - exact - size) <= size / 1_000_000
    assert abs(exact - down - size) <= size / 1_000_000


def test_square_root_of_what_rounding_left_below_zero():
    assert square_root(2.0) == math.sqrt(2.0)
    assert square_root(0.0) == square_root(-1e-17) == 0.0
    assert math.isnan(square_root(NAN))


def test_lesser():
    assert lesser(2.0, 1.0) == lesser(1.0, 2.0) == 1.0


def exact_steps(ratio, decrease):
    """The real number t with (1 - decrease)^(t/2) = ratio."""
    with mpmath.workdps(60):
        return 2 * mpmath.log(mpmath.mpf(ratio)) / mpmath.log1p(-mpmath.mpf(decrease))


def assert_enough_and_not_many_more(ratio, decrease):
    t = steps_for(ratio, decrease)
    assert isinstance(t, int)
    with mpmath.workdps(400):
        needed = exact_steps(ratio, decrease)
        assert t >= needed
        assert t <= mpmath.ceil(needed * (1 + mpmath.mpf(2e-9)))


@pytest.mark.parametrize("k", [1, 2, 3, 10, 50, 500])
def test_whole_numbers_of_steps(k):
    """1 - decrease = 1/4 halves |r| a step, exactly in binary: k steps, one more for rounding."""
    assert steps_for(2.0**-k, 0.75) in (k, k + 1)
    assert Fraction(1, 4) ** steps_for(2.0**-k, 0.75) <= Fraction(2.0**-k) ** 2


@pytest.mark.parametrize("decrease", [1e-130, 1e-30, 1e-17, 1e-16, 1e-9, 0.3, 1.0 - 2.0**-53])
@pytest.mark.parametrize("ratio", [1e-300, 1e-12, 0.5, 1.0 - 2.0**-53])
def test_steps_at_the_ends_of_the_range(ratio, decrease):
    assert_enough_and_not_many_more(ratio, decrease)


def test_random_steps():
    rng = np.random.default_rng(2)
    for _ in range(500):
        ratio, decrease = 10.0 ** rng.uniform([-15.0, -12.0], [0.0, 0.0])
        assert_enough_and_not_many_more(float(ratio), float(decrease))


@pytest.mark.parametrize("ratio", [1.0, 1.0 + 2.0**-52, 10.0, INF])
@pytest.mark.parametrize("decrease", [1e-300, 0.5, 1.0])
def test_nothing_to_do(ratio, decrease):
    assert steps_for(ratio, decrease) == 0


def test_all_at_once():
    assert steps_for(1e-300, 1.0) == 1


@pytest.mark.parametrize(
    ("ratio", "decrease"), [(1e-3, 5e-324), (0.0, 0.5), (1e-3, 0.0), (math.nan, 0.5)]
)
def test_what_no_number_of_steps_can_do_is_refused_in_words(ratio, decrease):
    with pytest.raises(ValueError, match=r"[a-z]{4,} [a-z]{2,}") as caught:
        steps_for(ratio, decrease)
    assert "math domain" not in str(caught.value)
