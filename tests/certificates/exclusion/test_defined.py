"""Do the values of formulas over a box hold every value that is defined there? By mpmath.

The boxes are wide: they reach beyond domains, across poles and kinks.
"""

import flint
import mpmath
import numpy as np
import pytest

import nlsolve
from nlsolve.certificates.checking import defined as checked
from nlsolve.certificates.checking import extents
from nlsolve.certificates.checking.formulas import Structure
from nlsolve.certificates.checking.ranges import Range
from nlsolve.certificates.exclusion.defined import Formulas, Nowhere, intervals
from nlsolve.systems.evaluation import run
from tests.systems.formulas_at_random import MPMATH

EVERY = [
    "sqrt(x)", "exp(x)", "log(x)", "sin(x)", "cos(x)", "tan(x)", "asin(x)", "acos(x)", "atan(x)",
    "sinh(x)", "cosh(x)", "tanh(x)", "asinh(x)", "erf(x)", "abs(x)", "sign(x)", "x**-1", "x**-2",
    "x**5", "x/y", "atan2(x, y)", "max(x, y)", "min(x, y)", "x**y", "(x*y)**1.5", "x*y", "-x",
    "x**0.3", "1/x + 1/y", "1/(x*y)", "exp(-1/x)", "atan(1/x)*y", "tanh(1/x)", "log(x)*y",
    "log(x)**2", "log(x)**3", "sqrt(1/x)", "(1/x)*(1/y)", "exp(1/x)", "cosh(1/x)", "abs(1/x)",
    "max(1/x, y)", "min(1/x, 1/y)", "sign(1/x)", "sin(1/x)", "(1/x)**y", "erf(1/x)",
    "asinh(log(x))", "sinh(log(x))", "acos(1/x)", "asin(y/x)", "(1/x)**-3", "sqrt(x)**-1",
]  # fmt: skip


def boxes(seed):
    """Yield boxes, some with an end at 0 or 1, or without width, and points in them."""
    random = np.random.default_rng(seed)
    for scale in (0.5, 1.0, 4.0, 4.0):
        ends = np.sort(random.uniform(-scale, scale, (2, 2)), axis=0)
        for k in range(2):
            ends[k, random.integers(2)] = random.choice([0.0, ends[k, 0], 1.0, -1.0])
        lo, hi = ends.min(axis=0), ends.max(axis=0)
        yield lo, hi, [lo, hi, *random.uniform(lo, hi, (6, 2))]


def value(tape, w):
    """The value in mpmath, None where there is none."""
    try:
        found = run(tape, [mpmath.mpf(float(x)) for x in w], [], MPMATH)[0]
    except (ArithmeticError, ValueError, TypeError):
        return None
    real = isinstance(found, mpmath.mpf) and mpmath.isfinite(found)
    return found if real else None


def assert_between(number, lo, hi):
    slack = mpmath.mpf(10) ** -30 * (1 + abs(number))
    assert (-mpmath.inf if lo is None else mpmath.mpf(lo)) - slack <= number
    assert number <= (mpmath.inf if hi is None else mpmath.mpf(hi)) + slack


def ends_of(extent):
    """The ends of an extent in digits."""
    return [None if end is None else end.mid().str(60, radius=False) for end in extent]


@pytest.mark.parametrize("text", EVERY)
def test_values_are_held(text):
    system = nlsolve.parse(text, unknowns=["x", "y"])
    formulas, structure = Formulas(system), Structure(system.tape)
    met = 0
    for seed in range(8):
        for lo, hi, points in boxes(seed):
            with flint.ctx.workprec(128), mpmath.workdps(50):
                numbers = [v for v in (value(system.tape, w) for w in points) if v is not None]
                met += len(numbers)
                assert_held(formulas, structure, lo, hi, numbers)
    assert met > 20


def assert_held(formulas, structure, lo, hi, numbers):
    try:
        found = formulas.values(0, intervals(lo, hi))[formulas.ends[0]]
    except Nowhere:
        assert not numbers
    else:
        for number in numbers:
            assert_between(number, found.lo, found.hi)
    sides = [Range(flint.arb(a), flint.arb(b)) for a, b in zip(lo, hi, strict=True)]
    try:
        extent = checked.values_at(structure, 0, sides, [])
    except extents.Nowhere:
        assert not numbers
    else:
        for number in numbers:
            assert_between(number, *ends_of(extent))


@pytest.mark.parametrize(
    ("text", "lo", "hi", "least", "most"),
    [
        ("sqrt(x)", -1.0, 4.0, 0.0, 2.0),
        ("log(x)", -1.0, 1.0, -np.inf, 0.0),
        ("1/x", 0.0, 2.0, 0.5, np.inf),
        ("1/x", -2.0, 0.0, -np.inf, -0.5),
        ("1/x", -1.0, 1.0, -np.inf, np.inf),
        ("x**-2", -2.0, 1.0, 0.25, np.inf),
        ("acos(x)", -9.0, 9.0, 0.0, np.pi),
        ("exp(1/x)", 0.0, 1.0, np.e, np.inf),
        ("exp(1/x)", -1.0, 0.0, 0.0, 1 / np.e),
        ("tanh(1/x)", -0.5, 0.5, -1.0, 1.0),
        ("x**0.5", -3.0, 9.0, 0.0, 3.0),
        ("atan(log(x))", 0.0, 1.0, -np.pi / 2, 0.0),
    ],
)
def test_known_ranges(text, lo, hi, least, most):
    system = nlsolve.parse(text, unknowns=["x"])
    formulas = Formulas(system)
    found = formulas.values(0, intervals([lo], [hi]))[formulas.ends[0]]
    np.testing.assert_allclose([found.lo, found.hi], [least, most], rtol=1e-14, atol=1e-300)
    with flint.ctx.workprec(128):
        side = Range(flint.arb(lo), flint.arb(hi))
        ends = checked.values_at(Structure(system.tape), 0, [side], [])
        low, high = (None if end is None else float(end) for end in ends)
    np.testing.assert_allclose(-np.inf if low is None else low, least, rtol=1e-14, atol=1e-30)
    np.testing.assert_allclose(np.inf if high is None else high, most, rtol=1e-14, atol=1e-30)


@pytest.mark.parametrize("text", ["log(x)", "sqrt(x)", "asin(x)", "acos(x)", "x**0.5", "1/(x - x)"])
def test_nowhere(text):
    system = nlsolve.parse(text, unknowns=["x"])
    lo, hi = (-3.0, -2.0) if text != "1/(x - x)" else (1.0, 1.0)
    with pytest.raises(Nowhere):
        Formulas(system).values(0, intervals([lo], [hi]))
    side, structure = Range(flint.arb(lo), flint.arb(hi)), Structure(system.tape)
    with pytest.raises(extents.Nowhere):
        checked.values_at(structure, 0, [side], [])
