"""Is a tape exact, shared and free of what no equation needs?"""

import time
from fractions import Fraction

import numpy as np
import pytest

from nlsolve.systems.errors import FormulaError
from nlsolve.systems.formulas import FormulaSystem
from nlsolve.systems.printed import text_of
from nlsolve.systems.tape import NAMES, OPERATIONS, Builder, equation, operands


@pytest.fixture
def write():
    return Builder(["x", "y"], ["p"])


def test_equal_operations_are_one_node(write):
    x, y = write.unknown(0), write.unknown(1)
    first = write.apply("sin", write.apply("mul", x, y))
    size = len(write)
    assert write.apply("sin", write.apply("mul", y, x)) == first
    assert write.apply("add", x, y) == write.apply("add", y, x)
    assert len(write) == size + 1
    assert write.apply("sub", x, y) != write.apply("sub", y, x)
    assert write.apply("div", x, y) != write.apply("div", y, x)


def test_equations_share_nodes(write):
    common = write.apply("exp", write.unknown(0))
    tape = write.build([write.apply("add", common, write.unknown(1)), common, common])
    assert len(tape) == 4
    assert tape.outputs[1] == tape.outputs[2]
    assert (tape.n, tape.m) == (3, 2)


def test_one_equation_has_the_nodes_it_needs(write):
    common = write.apply("exp", write.unknown(0))
    sums = [write.apply("add", common, node) for node in (write.unknown(1), write.parameter(0))]
    tape = equation(write.build(sums), 1)
    assert (tape.n, tape.m, tape.parameters) == (1, 2, ("p",))
    assert len(tape) == 4
    assert text_of(tape) == "exp(x) + p = 0"


@pytest.mark.parametrize(
    ("name", "a", "b", "expected"),
    [
        ("add", Fraction(2, 3), Fraction(1, 3), 1),
        ("sub", 1, Fraction(41, 50), Fraction(9, 50)),
        ("mul", 0.1, 10, Fraction(0.1) * 10),
        ("div", 9, 50, Fraction(9, 50)),
        ("div", 0, 7, 0),
    ],
)
def test_rationals_are_computed_exactly(write, name, a, b, expected):
    node = write.apply(name, write.constant(a), write.constant(b))
    assert write.value(node) == expected


@pytest.mark.parametrize(
    ("base", "exponent", "expected"),
    [
        (Fraction(2, 3), 3, Fraction(8, 27)),
        (Fraction(2, 3), -2, Fraction(9, 4)),
        (0, 0, 1),
        (0, 5, 0),
        (-1, 1000, 1),
    ],
)
def test_powers_of_rationals_are_exact(write, base, exponent, expected):
    assert write.value(write.power(write.constant(base), exponent)) == expected


def test_a_decimal_on_the_tape_is_the_rational_it_says(write):
    tape = write.build([write.apply("mul", write.constant(Fraction(9, 50)), write.unknown(0))])
    assert Fraction(9, 50) in tape.constants
    assert Fraction(0.18) not in tape.constants


def test_identities_that_change_nothing(write):
    x, zero, one = write.unknown(0), write.constant(0), write.constant(1)
    for name, left, right in [
        ("add", x, zero), ("add", zero, x), ("sub", x, zero),
        ("mul", x, one), ("mul", one, x), ("div", x, one),
    ]:  # fmt: skip
        assert write.apply(name, left, right) == x
    assert write.apply("neg", write.apply("neg", x)) == x
    assert write.apply("sub", zero, x) == write.apply("neg", x)
    assert write.power(x, 1) == x
    assert write.value(write.power(x, 0)) == 1
    assert write.value(write.apply("neg", write.constant(3))) == -3


def test_what_may_be_undefined_is_kept(write):
    x, zero = write.unknown(0), write.constant(0)
    inverse = write.apply("div", write.constant(1), x)
    kept = [
        write.apply("mul", zero, inverse),
        write.apply("sub", inverse, inverse),
        write.apply("div", inverse, inverse),
        write.apply("div", write.constant(1), zero),
        write.power(zero, -1),
    ]
    assert [write.value(node) for node in kept] == [None] * 5


def test_build_leaves_out_what_no_equation_needs(write):
    x = write.unknown(0)
    write.apply("log", write.unknown(1))
    tape = write.build([write.apply("sin", x)])
    assert [NAMES[code] for code in tape.op] == ["unknown", "sin"]
    assert tape.unknowns == ("x", "y")


def test_build_leaves_out_numbers_that_were_folded_away(write):
    total = write.apply("add", write.constant(Fraction(2, 3)), write.constant(Fraction(1, 4)))
    half = write.constant(Fraction(1, 2))
    node = write.apply("mul", write.apply("sub", write.unknown(0), total), half)
    tape = write.build([node, write.apply("exp", half)])
    assert sorted(tape.constants) == [Fraction(1, 2), Fraction(11, 12)]
    is_constant = tape.op == OPERATIONS["constant"].code
    assert sorted(tape.left[is_constant]) == [0, 1]
    by_hand = [(0.25 - 11 / 12) / 2, np.exp(0.5)]
    np.testing.assert_allclose(FormulaSystem(tape).at(p=0)([0.25, 0.0]), by_hand, rtol=1e-15)


LONG, OTHER = Fraction(1, 3**2400), Fraction(3**2400)  # 3804 bits
TOO_LONG = {
    "a number": lambda write: write.constant(Fraction(1, 3**10_000)),
    "a sum": lambda write: write.apply("add", write.constant(LONG), write.constant(OTHER)),
    "a difference": lambda write: write.apply("sub", write.constant(LONG), write.constant(OTHER)),
    "a product": lambda write: write.apply("mul", write.constant(LONG), write.constant(LONG / 7)),
    "a quotient": lambda write: write.apply("div", write.constant(LONG), write.constant(OTHER)),
    "a power": lambda write: write.power(write.constant(LONG), -2),
}


@pytest.mark.parametrize("what", TOO_LONG)
def test_a_number_has_a_bounded_length(write, what):
    with pytest.raises(FormulaError, match=f"^{what} has more than 4000 bits$"):
        TOO_LONG[what](write)


@pytest.mark.parametrize("exponent", [1001, -1001, 10**9, 10**30])
@pytest.mark.parametrize("base", ["x", 3])
def test_an_exponent_has_a_bounded_size(write, base, exponent):
    node = write.unknown(0) if base == "x" else write.constant(base)
    with pytest.raises(FormulaError, match="an exponent is larger than 1000 in size"):
        write.power(node, exponent)


def test_nothing_long_is_computed_before_it_is_refused(write):
    digits = write.constant(Fraction(3**2400))
    with pytest.raises(FormulaError, match="a power has more than 4000 bits"):
        write.power(digits, 1000)
    start = time.process_time()
    with pytest.raises(FormulaError):
        write.power(write.constant(3), 10**8)
    assert time.process_time() - start < 1.0


def test_operands_come_first(write):
    x, y, p = write.unknown(0), write.unknown(1), write.parameter(0)
    total = write.total([write.power(x, 3), write.apply("atan2", y, p), x, y, p])
    tape = write.build([total, write.apply("neg", y)])
    for k, row in enumerate(zip(tape.op, tape.left, tape.right, strict=True)):
        assert all(0 <= operand < k for operand in operands(*row))
    exponent = tape.right[tape.op == OPERATIONS["pow"].code]
    np.testing.assert_array_equal(exponent, [3])


def test_a_sum_is_a_balanced_tree():
    write = Builder([f"x{j}" for j in range(64)])
    tape = write.build([write.total([write.unknown(j) for j in range(64)])])
    depth = np.zeros(len(tape), dtype=int)
    for k, row in enumerate(zip(tape.op, tape.left, tape.right, strict=True)):
        depth[k] = 1 + max((depth[operand] for operand in operands(*row)), default=-1)
    assert depth[-1] == 6
    assert write.value(write.total([])) == 0


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda write, x: write.apply("sinc", x), "no operation 'sinc'"),
        (lambda write, x: write.apply("pow", x, x), "no operation 'pow'"),
        (lambda write, x: write.apply("unknown", x), "no operation 'unknown'"),
        (lambda write, x: write.apply("sin", x, x), "sin takes 1 operand"),
        (lambda write, x: write.apply("add", x), "add takes 2 operands"),
        (lambda write, x: write.constant("tau"), "unknown constant 'tau'"),
        (lambda write, x: write.constant(float("nan")), "NaN"),
    ],
)
def test_errors_say_what_is_wrong(write, call, message):
    with pytest.raises(ValueError, match=message):
        call(write, write.unknown(0))
