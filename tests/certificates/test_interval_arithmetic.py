"""Do the theorems run in intervals, and is what they conclude around the exact value?

The theorems' own formulas are run three times: in floats, in intervals, and in mpmath at 60 digits
with exact comparisons. Radii and theta are the same in all runs, so that the same ball is chosen.
"""

import contextlib
import math
from fractions import Fraction

import mpmath
import numpy as np
import pytest

from nlsolve.certificates import arithmetic, interval_arithmetic
from nlsolve.certificates.arithmetic import (
    at_upper_end,
    certainly_at_most,
    certainly_less,
    in_range,
    lesser,
    lower_end,
    no_more_than,
    outward_down,
    outward_up,
    quotient_of_logarithms,
    remaining,
    square_root,
    steps_for,
    upper_end,
)
from nlsolve.certificates.evidence import Refusal
from nlsolve.certificates.theorems import REGISTRY
from nlsolve.certificates.theorems.existence import no_solution_within
from nlsolve.intervals import Interval
from tests.certificates.given import GENTLE, NEEDS, ingredients, setting

INF = math.inf
mpf = mpmath.mpf
CHOICES = [k / 64.0 for k in (3, 8, 15, 24, 40)]  # of radii and of theta: c = 1 - theta is exact
NEAR = [k * 2.0**-13 for k in (2, 3, 4, 8)]  # radii of some |r0|
MODULES = (
    "stochastic_gradient", "liu_zhu_belkin_gd", "liu_zhu_belkin_sgd",
)  # fmt: skip
NUMBERS = ("h", "radius", "mu", "step", "rate", "probability", "unique_within", "loss")
INSTANCES = 40


EXACT = {
    certainly_less: lambda a, b: bool(a < b),
    certainly_at_most: lambda a, b: bool(a <= b),
    no_more_than: lambda a, b: bool(a <= b),
    in_range: lambda a: True,
    outward_up: lambda a: a,
    outward_down: lambda a: a,
    square_root: mpmath.sqrt,
    lesser: min,
    remaining: lambda a: min(1 - a, mpf(1)),
    quotient_of_logarithms: lambda a, b: 2 * mpmath.log(a) / mpmath.log1p(-b),
    at_upper_end: lambda a: a,
}
for _function, _rule in EXACT.items():
    _function.register(mpf, _rule)


@pytest.fixture(autouse=True)
def sixty_digits():
    with mpmath.workdps(60):
        yield


@pytest.fixture
def same_choices(monkeypatch):
    base = "nlsolve.certificates.theorems"
    for module in MODULES:
        monkeypatch.setattr(f"{base}.{module}.radii", lambda *_: CHOICES)
    monkeypatch.setattr(f"{base}.gradient_descent.thetas", lambda _: CHOICES)
    monkeypatch.setattr(f"{base}.pl_star_eps.THETAS", CHOICES)
    monkeypatch.setattr(f"{base}.pl_star_eps.radii", lambda _: NEAR)
    for module in ("existence", "gradient_descent"):  # what is published lies beyond the exact one
        monkeypatch.setattr(f"{base}.{module}.at_upper_end", lambda a: a)


def instances(name, count=INSTANCES):
    """Constants the theorem holds with, of which no two are the same."""
    rng = np.random.default_rng(sum(map(ord, name)))
    for _ in range(count):
        values = {quantity: GENTLE[quantity] for quantity in NEEDS[name]}
        yield {q: float(value * rng.uniform(0.7, 1.3)) for q, value in values.items()}


def conclude(name, values, number, **words):
    place = setting(name)
    given = ingredients({q: number(value) for q, value in values.items()}, place)
    return REGISTRY[name].conclude(given, **words)


def encloses(x, true):
    """Whether a number of an interval run holds the exact one."""
    if isinstance(x, Interval):
        return mpf(x.lo) <= true <= mpf(x.hi)
    return x == true if x is None or true is None else mpf(float(x)) == true


def check_theorem(name, **words):
    held = 0
    for values in instances(name):
        runs = [conclude(name, values, number, **words) for number in (float, Interval, mpf)]
        plain, found, exact = runs
        assert plain.holds == found.holds == exact.holds, values
        held += exact.holds
        for field in NUMBERS:
            x, true = getattr(found, field), getattr(exact, field)
            assert encloses(x, true), (field, x, true)
            if isinstance(x, Interval):
                assert x.hi - x.lo <= 1e-11 * abs(x.hi)
                assert float(getattr(plain, field)) == pytest.approx(float(x), rel=1e-6)
    return held


@pytest.mark.parametrize("name", NEEDS)
def test_conclusions_enclose_the_exact_ones(name, same_choices):
    assert check_theorem(name) > INSTANCES // 2


@pytest.mark.parametrize("name", ["existence", "gauss-newton", "gd"])
def test_published_ball_holds_the_exact_one_and_mu_holds_on_it(name):
    for values in instances(name):
        found, exact = (conclude(name, values, number) for number in (Interval, mpf))
        if exact.holds and name != "gd":  # gd chooses among balls, rounding may change which
            assert mpf(found.radius.hi) >= exact.radius
        assert found.radius.lo == found.radius.hi
        left = mpf(values["sigma0"]) - mpf(values["beta"]) * mpf(found.radius.hi)
        assert mpf(found.mu.lo) <= left**2


@pytest.mark.parametrize("name", NEEDS)
def test_without_outward_rounding_the_check_fails(name, same_choices, monkeypatch):
    monkeypatch.setattr(math, "nextafter", lambda x, _: x)
    with pytest.raises(AssertionError):
        check_theorem(name)


@pytest.mark.parametrize("name", ["gd", "sgd", "liu-zhu-belkin-gd"])
def test_a_given_step(name, same_choices):
    assert check_theorem(name, step=2.0**-16) > INSTANCES // 2


@pytest.mark.parametrize("name", ["gauss-newton", "gd", "liu-zhu-belkin-gd", "sgd"])
def test_numbers_of_steps_are_enough_and_one_too_many_at_most(name, same_choices):
    for values in instances(name, 10):
        found, exact = (conclude(name, values, number) for number in (Interval, mpf))
        for tol in (1e-5, 1e-9):
            counts = [run.promise.steps_to(tol) for run in (found, exact)]
            assert 0 <= counts[0] - counts[1] <= 1
        published = found.published()
        assert all(
            type(getattr(published, field)) is float
            for field in NUMBERS
            if getattr(found, field) is not None
        )


def test_published_numbers_are_on_the_safe_side(same_choices):
    for values in instances("existence"):
        found = conclude("existence", values, Interval).published()
        exact = conclude("existence", values, mpf)
        assert mpf(found.radius) >= exact.radius
        assert mpf(found.h) >= exact.h
        assert mpf(found.mu) <= exact.mu


def test_no_solution_within():
    rng = np.random.default_rng(61)
    for _ in range(200):
        values = {
            q: float(GENTLE[q] * rng.uniform(0.7, 1.3)) for q in ("rho0", "sigma_max", "beta")
        }
        found, exact = (
            no_solution_within(_with_lower_residual(values, number)) for number in (Interval, mpf)
        )
        assert encloses(found, exact)


def _with_lower_residual(values, number):
    from tests.certificates.given import bound

    place = setting("existence")
    given = ingredients({q: number(v) for q, v in values.items() if q != "rho0"}, place)
    rho0 = bound("rho0", number(values["rho0"]), place.ball, side="lower")
    given.bounds = (*given.bounds, rho0)
    return given


@pytest.mark.parametrize("name", NEEDS)
def test_what_is_not_certain_is_not_concluded(name):
    """Constants that are hardly known: nothing may be claimed of the worst of them."""
    values = {quantity: GENTLE[quantity] for quantity in NEEDS[name]}
    wide = {q: Interval(0.0, 1e9 * v) for q, v in values.items()}
    for quantity in ("sigma0", "sigma_m"):
        if quantity in wide:
            wide[quantity] = Interval(1e-9, 1.0)
    with contextlib.suppress(Refusal):
        assert not conclude(name, wide, lambda x: x).holds


# --- the functions of arithmetic ---------------------------------------------------------------

A, B, WIDE = Interval(1.0, 2.0), Interval(2.0, 3.0), Interval(-INF, INF)


def test_comparisons_are_certain():
    assert certainly_less(A, B) is certainly_less(B, A) is certainly_less(A, A) is False
    assert certainly_at_most(A, B) is no_more_than(A, B) is True
    assert certainly_less(A, 2.1) is certainly_less(0.9, A) is certainly_less(0, A) is True
    assert certainly_less(A, INF) is certainly_at_most(A, INF) is True
    assert certainly_less(WIDE, INF) is certainly_less(-INF, WIDE) is False
    assert certainly_less(math.nan, A) is certainly_less(A, math.nan) is False
    assert certainly_less(1.0, 1.1) is True, "floats as ever"
    assert no_more_than(1.0, A) is True
    assert no_more_than(1.5, A) is False


def test_ends_and_ranges():
    assert (upper_end(A), lower_end(A)) == (2.0, 1.0)
    assert outward_up(A) is outward_down(A) is A
    assert in_range(A)
    assert in_range(Interval(0.0, 1.0))
    assert not in_range(WIDE)
    assert not in_range(Interval(1e-150, 1.0))
    assert not in_range(Interval(1.0, 1e150))


def test_lesser_of_any_two():
    for found in (lesser(A, Interval(0.5, 9.0)), lesser(Interval(0.5, 9.0), A)):
        assert (found.lo, found.hi) == (0.5, 2.0)
    for found in (lesser(1.5, A), lesser(A, 1.5)):
        assert (found.lo, found.hi) == (1.0, 1.5)
    assert (lesser(INF, A).lo, lesser(INF, A).hi) == (1.0, 2.0)
    assert lesser(2.0, 1.0) == 1.0


def test_square_roots_of_what_rounding_left_below_zero():
    assert square_root(Interval(-1e-20, 4.0)).lo == 0.0
    assert square_root(Interval(-2.0, -1.0)).hi == 0.0
    assert square_root(Interval(-2.0, 4.0)).hi >= 2.0
    assert remaining(Interval(-1e-3, 0.25)).hi == 1.0
    assert remaining(Interval(0.25)).lo <= 0.75 <= remaining(Interval(0.25)).hi


def test_steps_against_mpmath():
    rng = np.random.default_rng(62)
    for _ in range(500):
        ratio, decrease = (float(x) for x in 10.0 ** rng.uniform([-15.0, -14.0], [0.0, 0.0]))
        needed = 2 * mpmath.log(mpf(ratio)) / mpmath.log1p(-mpf(decrease))
        for t in (
            steps_for(Interval(ratio), Interval(decrease)),
            steps_for(ratio, Interval(decrease)),
            steps_for(Interval(ratio), decrease),
        ):
            assert isinstance(t, int)
            assert needed <= t <= mpmath.ceil(needed * (1 + mpf(1e-14)))
    assert Fraction(1, 4) ** steps_for(Interval(2.0**-9), Interval(0.75)) <= Fraction(1, 4**9)
    assert steps_for(Interval(0.1, 2.0), Interval(0.5, 0.9)) == steps_for(Interval(0.1), 0.5)


def test_steps_that_need_none_or_never_end():
    assert steps_for(Interval(1.0, 2.0), Interval(0.5)) == 0
    assert steps_for(Interval(0.5), Interval(1.0)) == 1
    for ratio, decrease in ((0.0, 0.5), (0.5, 0.0), (0.5, -0.1), (0.5, 1e-145)):
        with pytest.raises(ValueError, match="steps"):
            steps_for(Interval(ratio), Interval(decrease))


def test_every_function_of_arithmetic_knows_intervals():
    dispatched = [f for f in vars(arithmetic).values() if hasattr(f, "dispatch")]
    assert len(dispatched) >= 11
    for function in dispatched:
        assert function.dispatch(Interval) is not function.dispatch(object), function.__name__
    assert interval_arithmetic.__doc__
