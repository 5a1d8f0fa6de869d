"""Are jets what mpmath finds by numerical differentiation? They are the truth of other tests."""

import mpmath
import numpy as np
import pytest

from nlsolve.systems.parse import parse
from tests.systems.formulas_at_random import random_point, random_tape
from tests.systems.jets import Undefined, jets

EVERY = [
    "sqrt(x*y)", "exp(x*y)", "log(x*y)", "sin(x*y)", "cos(x*y)", "tan(x*y)", "asin(x*y/9)",
    "acos(x*y/9)", "atan(x*y)", "sinh(x*y)", "cosh(x*y)", "tanh(x*y)", "asinh(x*y)", "erf(x*y)",
    "abs(x*y - 9)", "sign(x)*x*y", "-(x*y)", "x**y", "x**(1/3)", "x**y**x", "x**3", "x**(-4)",
    "(x*y)**0*x", "(x - y)*(x + y)", "x/y", "y/(x - 3)", "max(x*x, y)", "min(x*x, y)",
    "atan2(x, y)", "atan2(y, x*x)", "atan2(x - 3, y - 3)", "atan2(x - 3, y*y)", "pi*x + e*y",
]  # fmt: skip


def differences(tape, w):
    """Value, gradient and second derivatives of the first equation, by mpmath.diff."""
    m = len(w)

    def value(*at):
        return jets(tape, at)[0].value

    def partial(*by):
        return mpmath.diff(value, tuple(w), tuple(by.count(j) for j in range(m)))

    slopes = [partial(j) for j in range(m)]
    return value(*w), slopes, [partial(j, k) for j in range(m) for k in range(j, m)]


def assert_jets_are_differences(tape, w):
    with mpmath.workdps(60):
        w = [mpmath.mpf(x) for x in w]
        jet, (value, slopes, bends) = jets(tape, w)[0], differences(tape, w)
        assert jet.value == value
        for ours, theirs in zip([*jet.slopes, *jet.bends], [*slopes, *bends], strict=True):
            assert abs(ours - theirs) < mpmath.mpf(10) ** -20 * (1 + abs(theirs))


@pytest.mark.parametrize("text", EVERY)
def test_every_function(text):
    assert_jets_are_differences(parse(text, unknowns="x y").tape, [1.25, 0.75])


@pytest.mark.parametrize("seed", range(25))
def test_random_formulas(seed):
    tape = random_tape(seed, equations=1, unknowns=2, operations=5, smooth=True)
    assert_jets_are_differences(tape, random_point(seed, 2).tolist())


@pytest.mark.parametrize("text", EVERY)
def test_values_are_those_of_the_interpreter(text):
    system = parse(text, unknowns="x y")
    w = np.random.default_rng(len(text)).uniform(0.5, 1.5, 2)
    value = float(jets(system.tape, [mpmath.mpf(x) for x in w.tolist()])[0].value)
    assert system.values(w)[0][0] == pytest.approx(value, rel=1e-14)


@pytest.mark.parametrize(
    "text", ["1/x", "log(x)", "x**0.3", "asin(x - 2)", "atan2(x, x - 1)", "sqrt(x - 1)", "(1/x)**0"]
)
def test_no_value_outside_the_domain(text):
    with pytest.raises(Undefined):
        jets(parse(text).tape, [mpmath.mpf(0)])


@pytest.mark.parametrize("text", ["abs(x)", "sqrt(x)", "max(x, 0)", "sign(x)", "asin(x + 1)"])
def test_no_slope_at_a_kink(text):
    jet = jets(parse(text).tape, [mpmath.mpf(0)])[0]
    assert mpmath.isnan(jet.slopes[0])
    assert mpmath.isnan(jet.bends[0])


def test_whole_powers_are_exact():
    with mpmath.workdps(60):
        assert jets(parse("4**x").tape, [mpmath.mpf(1)])[0].value == 4
