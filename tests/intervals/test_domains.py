"""What are elementary functions at the ends of their domains, and is leaving these refused?"""

import math

import pytest

from nlsolve.intervals import FUNCTIONS, EnclosureError, Interval, points
from nlsolve.intervals import functions as module
from tests.intervals.truth import LARGEST, SMALLEST

INF = math.inf


@pytest.mark.parametrize(
    ("name", "x", "expected"),
    [
        ("exp", Interval(-INF, INF), (0.0, INF)),
        ("exp", Interval(1e308), (LARGEST, INF)),
        ("exp", Interval(-1e308), (0.0, SMALLEST)),
        ("exp", Interval(0.0), (1.0, 1.0)),
        ("sinh", Interval(-1e300, 1e300), (-INF, INF)),
        ("sinh", Interval(1e300), (LARGEST, INF)),
        ("cosh", Interval(-1e300, 1.0), (1.0, INF)),
        ("cosh", Interval(0.0), (1.0, 1.0)),
        ("tanh", Interval(-INF, INF), (-1.0, 1.0)),
        ("tanh", Interval(1e300), (1.0 - 2.0**-53, 1.0)),
        ("tanh", Interval(-SMALLEST, 0.0), (-2.0 * SMALLEST, 0.0)),
        ("erf", Interval(-INF, INF), (-1.0, 1.0)),
        ("erf", Interval(-1e300), (-1.0, -1.0 + 2.0**-53)),
        ("log", Interval(1.0, INF), (0.0, INF)),
        ("asinh", Interval(-INF, INF), (-INF, INF)),
        (
            "atan",
            Interval(-INF, INF),
            (-math.nextafter(math.pi / 2, 2), math.nextafter(math.pi / 2, 2)),
        ),
        (
            "asin",
            Interval(-1.0, 1.0),
            (-math.nextafter(math.pi / 2, 2), math.nextafter(math.pi / 2, 2)),
        ),
        ("acos", Interval(-1.0, 1.0), (0.0, math.nextafter(math.pi, 4))),
        ("sqrt", Interval(0.0, INF), (0.0, INF)),
        ("sqrt", Interval(0.0), (0.0, 0.0)),
        ("sin", Interval(0.0), (0.0, 0.0)),
        ("cos", Interval(0.0), (1.0, 1.0)),
        ("sign", Interval(-2.0, -1.0), (-1.0, -1.0)),
    ],
)
def test_limits_and_exact_values(name, x, expected):
    y = FUNCTIONS[name](x)
    assert (y.lo, y.hi) == expected


VIOLATIONS = [
    ("sqrt", (Interval(-SMALLEST, 1.0),), "sqrt of an interval that is not >= 0"),
    ("log", (Interval(0.0, 1.0),), "log of an interval that is not positive"),
    ("log", (Interval(-2.0, -1.0),), "log of an interval that is not positive"),
    ("asin", (Interval(0.0, math.nextafter(1.0, 2.0)),), r"asin of an interval that leaves"),
    ("acos", (Interval(-INF, 0.0),), r"acos of an interval that leaves \[-1, 1\]"),
    ("tan", (Interval(1.0, 2.0),), "tan of an interval that may contain a pole"),
    ("tan", (Interval(0.0, 3.2),), "pole"),
    ("tan", (Interval(0.0, INF),), "pole"),
    ("sign", (Interval(0.0, 1.0),), "sign of an interval that contains 0"),
    ("sign", (Interval(0.0),), "not smooth"),
    ("max", (Interval(0.0, 1.0), Interval(1.0, 2.0)), "max of intervals that overlap"),
    ("min", (Interval(1.0), Interval(1.0)), "min of intervals that overlap"),
    ("atan2", (Interval(-1.0, 1.0), Interval(-1.0, 1.0)), "atan2 of intervals that meet its cut"),
    ("atan2", (Interval(0.0), Interval(-1.0)), "cut"),
    ("atan2", (Interval(0.0), Interval(0.0)), "cut"),
    ("atan2", (Interval(1.0, INF), Interval(1.0)), "without end"),
    ("real_power", (Interval(0.0, 1.0), Interval(0.5)), "real power of an interval"),
    ("real_power", (Interval(1.0, INF), Interval(0.5)), "without end"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "operands", "words"), VIOLATIONS)
def test_leaving_the_domain_is_refused(name, operands, words):
    with pytest.raises(EnclosureError, match=words):
        FUNCTIONS[name](*operands)
    several = [Interval([0.5, x.lo], [0.5, x.hi]) for x in operands]
    with pytest.raises(EnclosureError, match=words):
        FUNCTIONS[name](*several)


def test_log1p_below_minus_one_is_refused():
    with pytest.raises(EnclosureError, match="log1p of an interval that is not above -1"):
        module.log1p(Interval(-1.0, 0.0))


def test_max_and_min_where_they_are_smooth():
    a, b = Interval([0.0, 5.0], [1.0, 6.0]), Interval(2.0, 3.0)
    assert FUNCTIONS["max"](a, b).lo.tolist() == [2.0, 5.0]
    assert FUNCTIONS["max"](a, b).hi.tolist() == [3.0, 6.0]
    assert FUNCTIONS["min"](a, b).lo.tolist() == [0.0, 2.0]
    assert FUNCTIONS["min"](a, b).hi.tolist() == [1.0, 3.0]


def test_what_arb_cannot_enclose_is_refused():
    with pytest.raises(EnclosureError, match="f could not be enclosed"):
        points.computed(80, lambda arb: points.doubles("f", arb(-1).log()))
