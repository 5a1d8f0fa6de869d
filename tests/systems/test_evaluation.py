"""Does a tape give the right values and derivatives in any kind of numbers?

mpmath and sympy differentiate the formulas themselves; the derivatives of rules.py are not theirs.
"""

import math
from fractions import Fraction

import mpmath
import numpy as np
import pytest
import sympy

from nlsolve.systems.evaluation import Evaluation, run
from nlsolve.systems.rules import RULES, Arithmetic
from nlsolve.systems.tape import NAMES, OPERATIONS, Builder
from tests.systems.formulas_at_random import MPMATH, SYMPY, random_point, random_tape

ARRAYS = Arithmetic(
    lambda exact: math.pi if exact == "pi" else float(exact),
    {name: getattr(np, name, None) for name in NAMES}
    | {"asin": np.arcsin, "acos": np.arccos, "atan": np.arctan, "atan2": np.arctan2}
    | {"asinh": np.arcsinh, "erf": np.vectorize(math.erf), "pow": lambda a, n: a ** float(n)}
    | {"real_power": np.power},
)


def in_sympy(tape):
    """Return symbols and expressions of a tape."""
    symbols = sympy.symbols(tape.unknowns)
    return symbols, run(tape, symbols, sympy.symbols(tape.parameters), SYMPY)


def compare(tape, w):
    """Compare an equation and its derivatives with sympy to 30 digits."""
    symbols, (formula,) = in_sympy(tape)
    at = dict(zip(symbols, map(sympy.Rational, w), strict=True))

    def agree(number, expression):
        return mpmath.almosteq(number, mpmath.mpf(sympy.N(expression.subs(at), 40)), 1e-30, 1e-30)

    with mpmath.workdps(40):
        evaluation = Evaluation(tape, [mpmath.mpf(x) for x in w], [], MPMATH)
        gradient, hessian = evaluation.gradient(0), evaluation.hessian(0)
        assert agree(evaluation.value(0), formula)
        for j, symbol in enumerate(symbols):
            slope = sympy.diff(formula, symbol)
            assert agree(gradient.get(j, mpmath.mpf(0)), slope)
            for k, other in enumerate(symbols):
                assert agree(hessian.get((j, k), mpmath.mpf(0)), sympy.diff(slope, other))


@pytest.mark.parametrize("seed", range(12))
def test_derivatives_are_those_of_sympy(seed):
    tape = random_tape(seed, equations=1, unknowns=2, operations=4, smooth=True)
    compare(tape, random_point(seed, 2))


@pytest.mark.parametrize("name", [n for n, o in OPERATIONS.items() if o.smooth and o.operands])
def test_derivatives_of_single_operations_are_those_of_sympy(name):
    write = Builder(["x", "y"])
    pair = (write.unknown(0), write.unknown(1))[: OPERATIONS[name].operands]
    if name == "pow":
        nodes = [write.power(pair[0], exponent) for exponent in (-3, -1, 2, 3, 6)]
    else:
        nodes = [write.apply(name, *pair)]
    for node in nodes:
        compare(write.build([node]), (0.375, -1.25))


def test_rules_cover_every_operation():
    assert set(RULES) | {"pow"} == set(NAMES)


def test_rationals_stay_exact():
    write = Builder(["x"])
    x = write.apply("mul", write.constant(Fraction(9, 50)), write.unknown(0))
    (formula,) = in_sympy(write.build([x]))[1]
    assert formula == sympy.Rational(9, 50) * sympy.Symbol("x")


def test_exact_numbers_give_exact_derivatives():
    write = Builder(["x", "y"])
    x, y = write.unknown(0), write.unknown(1)
    tape = write.build([write.apply("div", write.power(x, 3), y)])
    exact = Arithmetic(Fraction, {"pow": lambda a, n: a**n})
    evaluation = Evaluation(tape, [Fraction(2), Fraction(3)], [], exact)
    assert evaluation.value(0) == Fraction(8, 3)
    assert evaluation.gradient(0) == {0: 4, 1: Fraction(-8, 9)}
    assert evaluation.hessian(0) == {
        (0, 0): 4, (1, 0): Fraction(-4, 3), (0, 1): Fraction(-4, 3), (1, 1): Fraction(16, 27),
    }  # fmt: skip


def test_entries_left_out_are_exactly_zero():
    write = Builder(["x", "y", "z"])
    x, y, z = (write.unknown(j) for j in range(3))
    tape = write.build([write.total([write.apply("mul", x, y), z]), write.constant(1)])
    evaluation = Evaluation(tape, [2.0, 3.0, 5.0], [], ARRAYS)
    assert evaluation.hessian(0) == {(0, 1): 1.0, (1, 0): 1.0}
    assert evaluation.gradient(0) == {0: 3.0, 1: 2.0, 2: 1.0}
    assert evaluation.gradient(1) == {}
    assert evaluation.hessian(1) == {}


class Counted(float):
    """A number that counts the multiplications it takes part in."""

    products = 0

    def __mul__(self, other):
        Counted.products += 1
        return Counted(float(self) * float(other))

    def __add__(self, other):
        return Counted(float(self) + float(other))


def test_factors_of_one_are_not_multiplied():
    write = Builder(["x", "y"])
    tape = write.build([write.total([write.unknown(0), write.unknown(1), write.constant(2)])])
    evaluation = Evaluation(tape, [Counted(1), Counted(2)], [], Arithmetic(Counted, {}))
    Counted.products = 0
    assert evaluation.gradient(0) == {0: 1, 1: 1}
    assert evaluation.hessian(0) == {}
    assert Counted.products == 0


def test_only_the_equation_asked_for_is_evaluated():
    write = Builder(["x"])
    x = write.unknown(0)
    tape = write.build([write.apply("div", write.constant(1), x), write.power(x, 2)])
    evaluation = Evaluation(tape, [mpmath.mpf(0)], [], MPMATH)
    assert evaluation.value(1) == 0
    assert evaluation.hessian(1) == {(0, 0): 2}
    with pytest.raises(ZeroDivisionError):
        evaluation.value(0)


def test_equations_may_be_asked_for_in_turn():
    write = Builder(["x", "y"])
    x, y = write.unknown(0), write.unknown(1)
    product, cube = write.apply("mul", x, y), write.power(x, 3)
    evaluation = Evaluation(write.build([product, cube]), [2.0, 5.0], [], ARRAYS)
    for _ in range(2):
        assert evaluation.gradient(0) == {0: 5.0, 1: 2.0}
        assert evaluation.gradient(1) == {0: 12.0}
        assert evaluation.hessian(0) == {(0, 1): 1.0, (1, 0): 1.0}
        assert evaluation.hessian(1) == {(0, 0): 12.0}


def test_parameters_are_constants():
    write = Builder(["x"], ["p"])
    x, p = write.unknown(0), write.parameter(0)
    tape = write.build([write.apply("real_power", x, p)])
    without_log = {"real_power": lambda a, b: a**b}  # only the derivative by p needs log
    evaluation = Evaluation(tape, [2.0], [3.0], Arithmetic(float, without_log))
    assert evaluation.gradient(0) == {0: 12.0}
    assert evaluation.hessian(0) == {(0, 0): 12.0}


@pytest.mark.parametrize("name", ["abs", "sign", "max", "min"])
def test_where_an_operation_is_not_smooth_every_derivative_goes_through_side(name):
    write = Builder(["x"])
    x = write.unknown(0)
    second = (write.constant(0),) if name in ("max", "min") else ()
    tape = write.build([write.apply(name, x, *second)])
    undecided = {**ARRAYS.functions, "abs": abs, "max": max, "min": min, "side": lambda a: math.nan}
    evaluation = Evaluation(tape, [0.0], [], Arithmetic(float, undecided))
    assert math.isnan(evaluation.gradient(0)[0])
    assert math.isnan(evaluation.hessian(0)[0, 0])
    decided = {**undecided, "side": lambda a: math.copysign(1.0, a)}
    evaluation = Evaluation(tape, [3.0], [], Arithmetic(float, decided))
    assert evaluation.gradient(0) == {0: {"abs": 1.0, "sign": 0.0, "max": 1.0, "min": 0.0}[name]}
    assert evaluation.hessian(0) == {(0, 0): 0.0}
