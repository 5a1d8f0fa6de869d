"""Do tables enclose activation functions and their slopes, as mpmath knows them, and closely?"""

import mpmath
import numpy as np
import pytest

from nlsolve.certificates.constants.activations import activated, suprema
from nlsolve.certificates.evidence import Refusal
from nlsolve.intervals import EnclosureError, Interval, tables
from nlsolve.intervals.points import computed, expanded

TRUE = {
    "linear": lambda z: z,
    "tanh": mpmath.tanh,
    "sigmoid": lambda z: 1 / (1 + mpmath.exp(-z)),
    "erf": mpmath.erf,
    "softplus": lambda z: mpmath.log1p(mpmath.exp(z)),
    "gelu": lambda z: z * mpmath.erfc(-z / mpmath.sqrt(2)) / 2,
    "silu": lambda z: z / (1 + mpmath.exp(-z)),
}
EDGES = np.array([k / 32 + 1 / 64 for k in range(-60, 60, 7)])
PLACES = np.concatenate([
    np.random.default_rng(0).uniform(-5.0, 5.0, 60),
    EDGES, np.nextafter(EDGES, 9.0), np.nextafter(EDGES, -9.0),
    [0.0, -0.0, 1e-300, 1.0, -1.0, 63.99, -63.99, 64.0, 64.1, -64.1, 700.0, -700.0, 1e6, -1e6],
])  # fmt: skip


def within(enclosures, values):
    pairs = zip(enclosures.lo.tolist(), values, enclosures.hi.tolist(), strict=True)
    return all(low <= value <= high for low, value, high in pairs)


@pytest.mark.parametrize("name", TRUE)
def test_values_and_slopes_are_enclosed(name):
    value, slope = activated(name, Interval(PLACES))
    with mpmath.workdps(60):
        points = [mpmath.mpf(z) for z in PLACES]
        assert within(value, [TRUE[name](z) for z in points])
        assert within(slope, [mpmath.diff(TRUE[name], z) for z in points])
    units = 1e-14 * (1.0 + abs(PLACES))
    assert (value.hi - value.lo < units).all()
    assert (slope.hi - slope.lo < units).all()


@pytest.mark.parametrize("name", TRUE)
def test_intervals_are_enclosed_with_their_ends(name):
    middle = np.linspace(-4.0, 4.0, 40)
    wide = Interval(middle - 0.2, middle + 0.2)
    value, slope = activated(name, wide)
    for z in (wide.lo, wide.hi, middle):
        with mpmath.workdps(60):
            points = [mpmath.mpf(x) for x in z]
            assert within(value, [TRUE[name](x) for x in points])
            assert within(slope, [mpmath.diff(TRUE[name], x) for x in points])


@pytest.mark.parametrize("name", TRUE)
def test_suprema_of_derivatives(name):
    steepest, sharpest = suprema(name)
    grid = [*np.linspace(-6.0, 6.0, 241), -40.0, 40.0]
    with mpmath.workdps(30):
        first = max(abs(mpmath.diff(TRUE[name], mpmath.mpf(z))) for z in grid)
        second = max(abs(mpmath.diff(TRUE[name], mpmath.mpf(z), 2)) for z in grid)
    assert first <= steepest <= float(first) * 1.001 + 1e-300
    assert second <= sharpest <= float(second) * 1.001 + 1e-20


@pytest.mark.parametrize(
    ("name", "place", "order"),
    [
        ("tanh", lambda: mpmath.atanh(1 / mpmath.sqrt(3)), 2),
        ("sigmoid", lambda: 2 * mpmath.atanh(1 / mpmath.sqrt(3)), 2),
        ("erf", lambda: 1 / mpmath.sqrt(2), 2),
        ("erf", lambda: mpmath.mpf(0), 1),
        ("gelu", lambda: mpmath.sqrt(2), 1),
        ("gelu", lambda: mpmath.mpf(0), 2),
        ("silu", lambda: mpmath.findroot(lambda z: 2 - z * mpmath.tanh(z / 2), 2.4), 1),
        ("silu", lambda: mpmath.mpf(0), 2),
    ],
)
def test_suprema_are_not_rounded_below_the_maximum(name, place, order):
    with mpmath.workdps(60):
        most = abs(mpmath.diff(TRUE[name], place(), order))
        assert most <= suprema(name)[order - 1] <= most * (1 + mpmath.mpf(10) ** -14)


def test_what_the_polynomials_leave_out_is_enclosed(monkeypatch):
    monkeypatch.setattr(tables, "TERMS", 3)  # lines: what they leave out is seen
    tables._cell.cache_clear()
    value, slope = activated("tanh", Interval(PLACES))
    tables._cell.cache_clear()
    with mpmath.workdps(60):
        points = [mpmath.mpf(z) for z in PLACES]
        assert within(value, [mpmath.tanh(z) for z in points])
        assert within(slope, [mpmath.sech(z) ** 2 for z in points])
    assert (value.hi - value.lo).max() < 1e-3


def test_relu_has_no_bound():
    with pytest.raises(Refusal, match="relu has no second derivative"):
        suprema("relu")


def test_numbers_that_overflowed_are_refused():
    with pytest.raises(EnclosureError, match="overflow"):
        activated("tanh", Interval(np.array([0.0]), np.array([np.inf])))


def test_series_are_as_long_as_asked_for():
    found = computed(80, lambda arb: expanded(lambda z: 1 / (1 - z), arb(0), 40))
    assert [float(a) for a in found] == [1.0] * 40  # the library's own limit is 10
