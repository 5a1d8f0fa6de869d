"""Do enclosures of elementary functions contain mpmath's values, and little more?

Values at members of the intervals are computed with 60 digits (more for huge angles); extrema of
sin and cos inside are found by mpmath from the multiples of pi/2.
"""

import math
import threading

import mpmath
import numpy as np
import pytest

from nlsolve.intervals import FUNCTIONS, EnclosureError, Interval
from nlsolve.intervals import functions as module
from nlsolve.systems.tape import OPERATIONS
from tests.intervals.truth import (
    doubles,
    intervals,
    lies_in,
    members,
    next_up,
    pairs,
    steps_apart,
)

INF = math.inf
TRUE = {
    "sqrt": mpmath.sqrt, "exp": mpmath.exp, "log": mpmath.log, "sin": mpmath.sin,
    "cos": mpmath.cos, "tan": mpmath.tan, "asin": mpmath.asin, "acos": mpmath.acos,
    "atan": mpmath.atan, "sinh": mpmath.sinh, "cosh": mpmath.cosh, "tanh": mpmath.tanh,
    "asinh": mpmath.asinh, "erf": mpmath.erf, "abs": abs, "log1p": mpmath.log1p,
    "sign": mpmath.sign,
}  # fmt: skip
UNARY = {**{name: FUNCTIONS[name] for name in TRUE if name in FUNCTIONS}, "log1p": module.log1p}
CUTS = {"exp": 760.0, "sinh": 760.0, "cosh": 760.0, "tanh": 760.0, "erf": 30.0, "log1p": 1e300}
COUNT = 500


@pytest.fixture(autouse=True)
def sixty_digits():
    with mpmath.workdps(60):
        yield


def domain(name, x):
    """Which intervals a function is defined (and smooth) on."""
    if name in ("asin", "acos"):
        return (x.lo >= -1.0) & (x.hi <= 1.0)
    if name in ("log", "sqrt"):
        return (x.lo > 0.0) | ((x.lo == 0.0) & (name == "sqrt"))
    if name == "log1p":
        return x.lo > -1.0
    if name == "sign":
        return (x.lo > 0.0) | (x.hi < 0.0)
    if name == "tan":
        with mpmath.workdps(400):
            return np.array([_no_pole(lo, hi) for lo, hi in zip(x.lo, x.hi, strict=True)])
    return x.lo <= x.hi


def _no_pole(lo, hi):
    turns = [mpmath.floor(mpmath.mpf(end) / mpmath.pi + mpmath.mpf(1) / 2) for end in (lo, hi)]
    return turns[0] == turns[1]


def arguments(name, seed, count=COUNT):
    """Intervals in the domain: points, narrow and wide ones, of moderate and of every size."""
    rng = np.random.default_rng(seed)
    x = intervals(rng, 4 * count, 0.3) if name in ("asin", "acos") else intervals(rng, 4 * count)
    if name in ("log", "sqrt"):
        x = abs(x)
    if name in CUTS:
        cut = CUTS[name]
        x = Interval(np.clip(x.lo, -cut, cut), np.clip(x.hi, -cut, cut))
    return rng, x[domain(name, x)][:count]


def true_value(name, p):
    with mpmath.workdps(400 if name in ("sin", "cos", "tan") and abs(p) > 1e20 else 60):
        return TRUE[name](mpmath.mpf(p))


def check_function(name, seed=11, count=COUNT):
    rng, x = arguments(name, seed, count)
    y = UNARY[name](x)
    assert x.size > count // 2
    for one in members(rng, x):
        for p, lo, hi in zip(one.tolist(), y.lo.tolist(), y.hi.tolist(), strict=True):
            assert lies_in(true_value(name, p), lo, hi), (name, p)


@pytest.mark.parametrize("name", UNARY)
def test_values_at_members_lie_in_the_enclosure(name):
    check_function(name)


@pytest.mark.parametrize("name", UNARY)
def test_single_intervals_give_what_arrays_give(name):
    _, x = arguments(name, 12, 40)
    y = UNARY[name](x)
    for k in range(x.size):
        one = UNARY[name](x[k])
        assert (type(one.lo), one.lo, one.hi) == (float, y.lo[k], y.hi[k])


@pytest.mark.parametrize("name", UNARY)
def test_values_of_points_are_neighbours(name):
    rng = np.random.default_rng(13)
    x = rng.uniform(0.01, 0.99, 200) if name in ("asin", "acos", "log") else rng.normal(size=200)
    x = np.abs(x) if name in ("sqrt", "log", "log1p") else x
    y = UNARY[name](Interval(x))
    allowed = 2 if name == "sqrt" else 1
    assert all(steps_apart(lo, hi) <= allowed for lo, hi in zip(y.lo, y.hi, strict=True))


@pytest.mark.parametrize("name", ["sin", "cos"])
def test_ranges_of_waves_are_exact(name):
    """The maximum is 1 exactly where an extremum lies inside, else the larger end's value."""
    rng = np.random.default_rng(14)
    lo = rng.uniform(-30.0, 30.0, 600)
    hi = lo + rng.choice([0.01, 1.0, 3.0, 5.0, 6.2, 6.5], 600)
    y = UNARY[name](Interval(lo, hi))
    seen = set()
    for a, b, low, high in zip(lo, hi, y.lo, y.hi, strict=True):
        top, bottom = extreme(name, a, b, 0), extreme(name, a, b, 1)
        ends = [TRUE[name](mpmath.mpf(p)) for p in (a, b)]
        assert (high == 1.0) == top
        assert (low == -1.0) == bottom
        assert top or steps_apart(float(max(ends)), high) in (0, 1)
        assert bottom or steps_apart(low, float(min(ends))) in (0, 1)
        seen.add((top, bottom))
    assert len(seen) == 4


def extreme(name, a, b, odd):
    """Whether an extremum of this sign lies in [a, b]: at (2 k + odd + s) pi, s = 1/2 or 0."""
    shift = mpmath.mpf(odd) + (mpmath.mpf(1) / 2 if name == "sin" else 0)
    first = mpmath.ceil((mpmath.mpf(a) / mpmath.pi - shift) / 2)
    return (2 * first + shift) * mpmath.pi <= mpmath.mpf(b)


@pytest.mark.parametrize("name", ["sin", "cos", "tan"])
def test_huge_angles(name):
    rng = np.random.default_rng(15)
    x = np.ldexp(rng.uniform(0.5, 1.0, 60), rng.integers(60, 1024, 60))
    y = UNARY[name](Interval(x))
    for p, lo, hi in zip(x, y.lo, y.hi, strict=True):
        assert lies_in(true_value(name, float(p)), lo, hi)
        assert steps_apart(lo, hi) <= 1
    if name != "tan":
        wide = UNARY[name](Interval(x, next_up(x)))  # neighbours are many turns apart
        assert (wide.lo == -1.0).all()
        assert (wide.hi == 1.0).all()
        assert repr(UNARY[name](Interval(0.0, INF))) == "Interval(-1.0, 1.0)"


def test_angles_next_to_extrema_and_poles():
    """The doubles on both sides of k pi/2, the nearest that there are."""
    for k in range(1, 200):
        with mpmath.workdps(80):
            near = float(mpmath.mpf(k) * mpmath.pi / 2)
        below, above = math.nextafter(near, 0.0), math.nextafter(near, INF)
        x = Interval(below, above)
        whole = module.sin(x) if k % 2 else module.cos(x)
        assert 1.0 in (whole.hi, -whole.lo)
        for name in ("sin", "cos"):
            y = UNARY[name](x)
            assert all(lies_in(true_value(name, p), y.lo, y.hi) for p in (below, near, above))
        if k % 2:
            with pytest.raises(EnclosureError, match="pole"):
                module.tan(x)
        else:
            assert module.tan(x).lo < 0.0 < module.tan(x).hi


def check_corners(name, true, a, b, rng):
    y = FUNCTIONS[name](a, b)
    for one, other in pairs(members(rng, a), members(rng, b)):
        for p, q, lo, hi in zip(*(v.tolist() for v in (one, other, y.lo, y.hi)), strict=True):
            assert lies_in(true(mpmath.mpf(p), mpmath.mpf(q)), lo, hi), (p, q)


def test_atan2_against_mpmath():
    rng = np.random.default_rng(16)
    y, x = intervals(rng, 700), intervals(rng, 700)
    good = (x.lo > 0.0) | (y.lo > 0.0) | (y.hi < 0.0)
    check_corners("atan2", mpmath.atan2, y[good], x[good], rng)


def test_real_powers_against_mpmath():
    rng = np.random.default_rng(17)
    base = abs(intervals(rng, 500))
    exponent = Interval(np.clip(intervals(rng, 500, 2.0).lo, -9.0, 9.0)) + Interval(0.0, 0.5)
    good = base.lo > 0.0
    check_corners("real_power", mpmath.power, base[good], exponent[good], rng)


def test_every_operation_of_a_tape_has_its_enclosure():
    by_operators = {"constant", "unknown", "parameter", "add", "sub", "mul", "div", "neg", "pow"}
    assert set(OPERATIONS) - by_operators == set(FUNCTIONS)


def test_precision_of_arb_is_left_as_it_was():
    flint = pytest.importorskip("flint")
    with flint.ctx.workprec(71):
        module.exp(Interval(np.linspace(0.1, 0.2, 50)))
        assert flint.ctx.prec == 71


def test_threads_agree():
    """Four threads at once, another precision of arb in each; nothing is remembered yet."""
    x = np.random.default_rng(18).uniform(3.0, 4.0, 400)
    found = []

    def run():
        found.append((module.tanh(Interval(x)), module.sin(Interval(x))))

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 4
    for tanh, sine in found:
        assert (tanh.lo == found[0][0].lo).all()
        assert (sine.hi == found[0][1].hi).all()


@pytest.mark.parametrize("name", ["exp", "tanh", "sin", "atan", "erf"])
def test_values_of_the_library_without_a_margin_fail_the_check(name, monkeypatch):
    """What the check must not let pass: the library's doubles, taken for both ends."""
    library = {"erf": math.erf}.get(name) or getattr(np, name)

    def at(_, p):
        with np.errstate(over="ignore"):
            return float(library(p)), float(library(p))

    monkeypatch.setattr(module, "at", at)
    monkeypatch.setattr("nlsolve.intervals.points.at", at)
    module.turns.cache_clear()
    with pytest.raises(AssertionError):
        check_function(name, seed=19, count=100)
    module.turns.cache_clear()


def test_sqrt_without_outward_rounding_fails_the_check(monkeypatch):
    monkeypatch.setattr(np, "nextafter", lambda x, _: x)
    with pytest.raises(AssertionError):
        check_function("sqrt")


def test_subnormal_and_special_arguments():
    rng = np.random.default_rng(20)
    x = np.minimum(np.abs(doubles(rng, 300)) * 2.0**-1000, 1e-290)
    for name in ("sin", "tanh", "asinh", "atan", "erf", "sinh", "log1p", "tan", "asin"):
        y = UNARY[name](Interval(x))
        for p, lo, hi in zip(x.tolist(), y.lo.tolist(), y.hi.tolist(), strict=True):
            assert lies_in(TRUE[name](mpmath.mpf(p)), lo, hi), (name, p)
