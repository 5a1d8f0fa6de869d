"""Does parse read what text_of writes, as the same tape?"""

from fractions import Fraction

import mpmath
import pytest

from nlsolve.systems.errors import FormulaError
from nlsolve.systems.language import Writer
from nlsolve.systems.parse import read
from nlsolve.systems.printed import text_of
from nlsolve.systems.tape import Builder
from tests.systems.formulas_at_random import random_point, random_tape
from tests.systems.tapes import canonical, high_values


def again(tape):
    return read(text_of(tape), unknowns=tape.unknowns, parameters=tape.parameters)


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("x**2+y**2=1", "x**2 + y**2 = 1"),
        ("x-(y-1)-(x-y)", "x - (y - 1) = x - y"),
        ("x/(y*2)*(x/y)", "x/(2*y)*(x/y) = 0"),
        ("-x**2", "-x**2 = 0"),
        ("(-x)**2 + (x + y)**3", "(-x)**2 + (x + y)**3 = 0"),
        ("x**y**2 + (x**y)**2", "x**(y**2) + (x**y)**2 = 0"),
        ("x**-2 + 0.1*y - x/3", "x**(-2) + 0.1*y = x/3"),
        ("x + (-1)", "x + (-1) = 0"),
        ("sin(x)**(1/2) = 2/3*y", "sqrt(sin(x)) = 2/3*y"),
        ("max(x, y, 1) + e**x + pi*e", "max(max(x, y), 1) + exp(x) + pi*e = 0"),
        ("x/3*sin(x) + x*sin(x)", "_1 := sin(x)\nx/3*_1 + x*_1 = 0"),
        ("x; x", "x = 0\nx = 0"),
    ],
)
def test_reads_well(text, printed):
    tape = read(text)
    assert text_of(tape) == printed
    assert canonical(again(tape)) == canonical(tape)


@pytest.mark.parametrize("seed", range(150))
def test_random_tapes_come_back(seed):
    tape = random_tape(seed, parameters=2, operations=20)
    once = again(tape)
    assert canonical(again(once)) == canonical(once)
    w, p = random_point(seed, tape.m), random_point(seed + 1, 2)
    with mpmath.workdps(40):
        for found, expected in zip(high_values(once, w, p), high_values(tape, w, p), strict=True):
            assert abs(found - expected) <= mpmath.mpf(10) ** -30 * (1 + abs(expected))


NUMBERS = [0.1, -0.1, 1e300, 5e-324, 1.7976931348623157e308, -2.5, 1 / 3, 123456789012345678]
NUMBERS += [Fraction(1, 3), Fraction(-7, 60), Fraction(10**40, 3**90), Fraction(3**80, 2**1500)]
NUMBERS += [Fraction(1, 10**16), Fraction(1, 10**17), 2.0**-20, 2.0**60, 10**1200, 0.125]


@pytest.mark.parametrize("number", NUMBERS, ids=str)
def test_numbers_come_back_exactly(number):
    write = Writer(["x"])
    x, c = write.unknown(0), write.constant(number)
    parts = [write.apply("mul", c, write.apply("sin", x)), write.apply("div", x, c)]
    parts += [write.apply("sub", c, x), write.apply("sub", x, c), write.apply("real_power", c, x)]
    tape = write.build(parts)
    assert tape.constants == (Fraction(number),)
    assert canonical(again(tape)) == canonical(tape)


def test_shared_parts_do_not_multiply():
    write = Writer(["x"])
    node = write.unknown(0)
    for _ in range(200):  # 2**200 leaves, written out
        node = write.apply("sin", write.apply("add", node, write.power(node, 2)))
    tape = write.build([node])
    assert len(text_of(tape)) < 10_000
    assert canonical(again(tape)) == canonical(tape)


def test_deep_formulas_are_cut():
    write = Writer(["x", "y"])
    node = write.unknown(0)
    for _ in range(3_000):
        node = write.apply("tanh", write.apply("sub", write.unknown(1), node))
    tape = write.build([node])
    assert canonical(again(tape))[0] is not None
    assert text_of(again(tape)) == text_of(tape)


def test_long_sums_stay_short_lines():
    tape = read(" + ".join(f"{j + 2}*x{j}*x{j + 1}" for j in range(3_000)))
    assert max(map(len, text_of(tape).splitlines())) < 3_000
    assert text_of(again(tape)) == text_of(tape)


def test_constants_beside_unknowns_of_their_name():
    write = Writer(["e", "pi"])
    nodes = [write.constant("e"), write.unknown(0), write.constant("pi"), write.unknown(1)]
    tape = write.build([write.combined("add", nodes)])
    assert canonical(again(tape)) == canonical(tape)


def test_names_that_could_not_be_read():
    write = Builder(["x y"])
    with pytest.raises(FormulaError, match="'x y' is not a name"):
        text_of(write.build([write.unknown(0)]))
