"""Is the system of SymPy expressions what SymPy says it is?

Expected values: SymPy's own evaluation with 40 digits, its derivatives, mpmath.
"""

import sys
import time
from fractions import Fraction

import mpmath
import numpy as np
import pytest
import sympy
from sympy import Eq, Float, IndexedBase, Matrix, Max, Min, Piecewise, Rational, Symbol

import nlsolve
from nlsolve.systems.errors import FormulaError
from nlsolve.systems.evaluation import run
from nlsolve.systems.printed import text_of
from tests.systems.formulas_at_random import SYMPY, random_point, random_tape
from tests.systems.tapes import high_values

x, y, z = XYZ = sympy.symbols("x y z")
POINT = {x: Rational(7, 10), y: Rational(13, 10), z: Rational(2, 5)}
A = IndexedBase("A")

EXPRESSIONS = [
    x - y + 3 * z - Rational(1, 3),
    -x - y,
    -(x + y) * (z - x) / 7,
    x / (3 * y) - 1.5 * x / z**2,
    1 / x + 2 / (3 * y) - 3 / z**3,
    sympy.sqrt(8) * (2 * x) ** Rational(-3, 2) + sympy.sqrt(x + y),
    x**0.5 + y**1.5 + x ** Rational(1, 3) + x**y + 2**x + x**-1.7,
    sympy.exp(-(x**2)) + sympy.log(x, 2) + sympy.E**2 - sympy.pi * x + sympy.exp(1),
    sympy.sin(x) * sympy.cos(y) + sympy.tan(z) + sympy.asin(x) + sympy.acos(z) + sympy.atan(y),
    sympy.sinh(x) + sympy.cosh(y) - sympy.tanh(z) + sympy.asinh(x) + sympy.erf(y),
    Max(x, y, z, 1) - Min(x, y, -z) + abs(x - y) + sympy.sign(x - y) + sympy.atan2(x, -y),
    sympy.Mul(2, 3, x, evaluate=False) + sympy.Add(1, 2, y, evaluate=False),
    sympy.expand((x + y + z) ** 5),
]


@pytest.mark.parametrize("expression", EXPRESSIONS, ids=str)
def test_value_is_that_of_sympy(expression):
    tape = nlsolve.from_sympy(expression, XYZ).tape
    with mpmath.workdps(40):
        w = [mpmath.mpf(int(v.p)) / int(v.q) for v in POINT.values()]
        expected = mpmath.mpf(str(_exact(expression).evalf(45, POINT)))
        assert abs(high_values(tape, w)[0] - expected) <= mpmath.mpf(10) ** -34


def _exact(expression):
    """Return the expression with every Float as the rational it is."""
    floats = expression.atoms(Float)
    return expression.xreplace({f: Rational(*float(f).as_integer_ratio()) for f in floats})


@pytest.mark.parametrize("seed", range(40))
def test_random_tapes_through_sympy(seed):
    """A random tape written as SymPy expressions, and back."""
    tape = random_tape(seed, operations=10)
    symbols = sympy.symbols(tape.unknowns, real=True)
    back = nlsolve.from_sympy(run(tape, symbols, [], SYMPY), symbols).tape
    w = random_point(seed, tape.m)
    with mpmath.workdps(40):
        pairs = zip(high_values(back, w), high_values(tape, w), strict=True)
        assert all(abs(a - b) <= mpmath.mpf(10) ** -28 * (1 + abs(b)) for a, b in pairs)


def test_jacobian_is_that_of_sympy():
    equations = Matrix([x**2 * y - sympy.sin(z), sympy.exp(x / y) + z])
    system = nlsolve.from_sympy(equations, XYZ)
    w = np.array([0.7, 1.3, 0.4])
    expected = np.array(equations.jacobian(XYZ).subs(dict(zip(XYZ, w, strict=True))), dtype=float)
    np.testing.assert_allclose(system.jacobian(w), expected, rtol=1e-14)


def test_equation_with_parameters():
    r = Symbol("r")
    system = nlsolve.from_sympy(Eq(x**2 + y**2, r**2), [x, y], parameters={r: Rational(1, 3)})
    assert system.parameters == (Fraction(1, 3),)
    assert system([0.5, 0.5])[0] == pytest.approx(0.5 - 1 / 9, rel=1e-15)
    later = nlsolve.from_sympy(Eq(x**2 + y**2, r**2), [x, y], parameters=[r])
    assert later.at(r=1)([0.6, 0.8])[0] == pytest.approx(0.0, abs=1e-15)


@pytest.mark.parametrize(
    ("equations", "printed"),
    [
        (x - y, "x = y"),
        (x - 1, "x = 1"),
        (Eq(x, y - 2), "x = y - 2"),
        (Eq(x, -2), "x + 2 = 0"),
        (Eq(x, 0), "x = 0"),
        (-x - y, "-(x + y) = 0"),
        (1 / x, "1/x = 0"),
        (x / 3, "x/3 = 0"),
        (2 * x / y, "2*x/y = 0"),
        (sympy.exp(-x), "exp(-x) = 0"),
        (Float(0.1) * x, "3602879701896397/2**55*x = 0"),
        (Rational(1, 10) * x - sympy.pi, "x/10 = pi"),
        ([[x, Eq(y, 1)], [Matrix([[x, y]])]], "x = 0\ny = 1\nx = 0\ny = 0"),
        (Eq(Matrix([x, y]), Matrix([1, z])), "x = 1\ny = z"),
        (sympy.MatMul(sympy.Identity(2), Matrix([x, y])), "x = 0\ny = 0"),
    ],
    ids=str,
)
def test_signs_and_quotients_are_written_as_such(equations, printed):
    assert text_of(nlsolve.from_sympy(equations, XYZ).tape) == printed


def test_unknowns_that_are_no_plain_symbols():
    t = Symbol("t")
    theta = sympy.Function("theta")(t)
    system = nlsolve.from_sympy([A[0] * A[1] - 1, A[0] - theta], [A[0], A[1], theta])
    assert system.unknowns == ("A_0", "A_1", "theta_t")
    np.testing.assert_array_equal(system([2.0, 3.0, 4.0]), [5.0, -2.0])


REFUSED = [
    (x + Symbol("b") + Symbol("a"), XYZ, "the equations use a, b, neither among unknowns"),
    (x + Symbol("y", real=True), XYZ, "a symbol with other assumptions is another symbol"),
    (sympy.gamma(x), XYZ, "gamma is not understood; functions are"),
    (Piecewise((x, x > 0), (y, True)), XYZ, "Piecewise is not understood"),
    (sympy.Integral(x, (x, 0, y)), XYZ, "Integral is not understood"),
    (sympy.I * x, XYZ, "ImaginaryUnit is not understood"),
    (x + sympy.oo, XYZ, "oo is not a finite real number"),
    (x + sympy.nan, XYZ, "nan is not a finite real number"),
    (x * sympy.zoo, XYZ, "ComplexInfinity is not understood"),
    (x**5000, XYZ, "an exponent is larger than 1000"),
    (x * Float("1e5000"), XYZ, "more than 4000 bits"),
    (x * Rational(1, 10) ** 2000, XYZ, "more than 4000 bits"),
    (A[0] * A[1], [A[0]], "Indexed is not understood"),
    (Eq(1, 1), XYZ, "True is no equation"),
    ([x, x < 1], XYZ, "x < 1 is no equation"),
    ([], XYZ, "there are no equations"),
    (x, [Symbol("sin")], "'sin' is not a name"),
    (x, [x, x], "'x' comes twice"),
]


@pytest.mark.parametrize(("equations", "unknowns", "message"), REFUSED, ids=lambda v: str(v)[:30])
def test_what_no_tape_holds_is_refused(equations, unknowns, message):
    with pytest.raises(FormulaError, match=message):
        nlsolve.from_sympy(equations, unknowns)


@pytest.mark.parametrize(
    ("equations", "unknowns", "message"),
    [("x = 1", XYZ, "use parse"), (x, "x", "are symbols"), (x, [1], "are symbols")],
)
def test_text_and_numbers_are_no_symbols(equations, unknowns, message):
    with pytest.raises(TypeError, match=message):
        nlsolve.from_sympy(equations, unknowns)


def test_deep_expressions_need_no_recursion():
    node = x
    for _ in range(sys.getrecursionlimit()):
        node = sympy.sin(node, evaluate=False)
    assert len(nlsolve.from_sympy([node], [x]).tape) == sys.getrecursionlimit() + 1


def test_two_hundred_equations_take_less_than_a_second():
    w = sympy.symbols("w:400")
    equations = [
        sympy.sin(w[i]) * w[i + 1] ** 2 + sympy.exp(-w[2 * i]) - Rational(i, 7) * w[i + 199] - 0.1
        for i in range(200)
    ]
    start = time.process_time()
    system = nlsolve.from_sympy(equations, w)
    assert time.process_time() - start < 1.0
    assert (system.tape.n, system.tape.m) == (200, 400)
