"""Are the words of a command line read as they are meant, and refused where they mean nothing?"""

import argparse
import math
from fractions import Fraction

import pytest

from nlsolve.cli import words


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("x=1,y=-2.5", {"x": 1.0, "y": -2.5}),
        (" x = 1 ", {"x": 1.0}),
        ("1,-2.5", [1.0, -2.5]),
        ("1e3", 1000.0),
    ],
)
def test_points(text, meant):
    assert words.point(text) == meant
    assert words.sizes(text) == meant
    assert words.sizes("jac") == "jac"


def test_parameters_are_exact():
    read = words.exact_numbers("a=0.1,b=1/3,c=-1e-3")
    assert read == {"a": Fraction(1, 10), "b": Fraction(1, 3), "c": Fraction(-1, 1000)}


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("x=0:1,y=-2:", {"x": (0.0, 1.0), "y": (-2.0, math.inf)}),
        ("-2:2", (-2.0, 2.0)),
        (":1,0:1", [(-math.inf, 1.0), (0.0, 1.0)]),
    ],
)
def test_ranges(text, meant):
    assert words.ranges(text) == meant


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("damping=backtracking", ("damping", "backtracking")),
        ("step=0.1", ("step", 0.1)),
        ("restart=true", ("restart", True)),
    ],
)
def test_options(text, meant):
    assert words.option(text) == meant


@pytest.mark.parametrize(
    ("read", "text", "complaint"),
    [
        (words.point, "x=1,x=2", "each name once: 'x=2'"),
        (words.point, "x=1,2", "must be name=number"),
        (words.point, "x=one", "'one' is not a number"),
        (words.point, "1,,2", "'' is not a number"),
        (words.exact_numbers, "a=1/0", "'1/0' is not a number such as 0.1 or 1/3"),
        (words.exact_numbers, "a=1e999999999", "'1e999999999' is not a number"),
        (words.exact_numbers, "0.1", "must be name=number"),
        (words.ranges, "x=1", "must be low:high, is '1'"),
        (words.ranges, "x=0:b", "'b' is not a number"),
        (words.option, "damping", "must be name=value"),
        (words.positive_number, "0", "must be at least 1, is 0"),
        (words.positive_real, "0", "must be above 0, is 0"),
        (words.positive_real, "inf", "must be above 0, is inf"),
    ],
)
def test_what_means_nothing_is_named(read, text, complaint):
    with pytest.raises(argparse.ArgumentTypeError, match=complaint):
        read(text)


def test_a_minus_after_an_option_belongs_to_its_number():
    given = ["solve", "x = 1", "--at", "-1,2", "--box", "-.5:1", "--json", "--y", "-inf", "-h"]
    assert words.joined(given) == [
        "solve", "x = 1", "--at=-1,2", "--box=-.5:1", "--json", "--y=-inf", "-h"
    ]  # fmt: skip
