"""Does the interpreter give the values and derivatives of the formulas, to rounding?

mpmath at 50 digits runs the same tape and differentiates it by differences, sympy single
operations: the interpreter's derivatives are not among the sources.
"""

import math
import os
import pickle
import subprocess
import sys
from fractions import Fraction

import mpmath
import numpy as np
import pytest
import sympy

from nlsolve.systems import interpreter, operations
from nlsolve.systems.evaluation import run
from nlsolve.systems.interpreter import Program
from nlsolve.systems.tape import OPERATIONS, Builder
from tests.systems.formulas_at_random import (
    MPMATH,
    NONSMOOTH,
    SYMPY,
    random_point,
    random_tape,
)

NOTHING = np.empty(0)
a, b = sympy.symbols("a b", real=True)
WIDE = (-2.5, -0.75, 0.3, 1.7, 12.0)
POSITIVE = (1e-3, 0.4, 1.0, 2.5, 40.0)
POINTS = {"sqrt": POSITIVE, "log": POSITIVE}
POINTS |= dict.fromkeys(("asin", "acos", "tan"), (-0.999, -0.3, 0.2, 0.95))
SMOOTH = [n for n, o in OPERATIONS.items() if o.code >= OPERATIONS["sqrt"].code and o.smooth]


def program_of(name, *exponent):
    """Return the program of one operation on the unknowns."""
    write = Builder(["a", "b"])
    x, y = write.unknown(0), write.unknown(1)
    if name == "pow":
        return Program(write.build([write.power(x, *exponent)]))
    pair = (x, y) if OPERATIONS[name].operands == 2 else (x,)
    return Program(write.build([write.apply(name, *pair)]))


def expected(formula, at, *symbols):
    """Return a derivative of a formula as sympy has it, correctly rounded."""
    derivative = sympy.diff(formula, *symbols) if symbols else formula
    exact = {symbol: sympy.Rational(value) for symbol, value in zip((a, b), at, strict=True)}
    return float(sympy.N(derivative.subs(exact), 40))


def compare(program, formula, at):
    """Compare value, gradient and Hessian at a point with sympy."""
    w = np.array(at)
    close = {"rtol": 4e-15, "atol": 1e-300}
    np.testing.assert_allclose(program.values(w, NOTHING), [expected(formula, at)], **close)
    slopes = [expected(formula, at, s) for s in (a, b)]
    np.testing.assert_allclose(program.jacobian(w, NOTHING), [slopes], **close)
    ((columns, H),) = program.hessians(w, NOTHING)
    bends = [[expected(formula, at, s, t) for t in (a, b)] for s in (a, b)]
    np.testing.assert_allclose(H, np.array(bends)[np.ix_(columns, columns)], **close)


@pytest.mark.parametrize("name", [n for n in SMOOTH if OPERATIONS[n].operands == 1])
def test_functions_of_one_number(name):
    for value in POINTS.get(name, WIDE):
        compare(program_of(name), SYMPY.of(name, a), (value, 0.0))


@pytest.mark.parametrize("exponent", [-3, -1, 2, 3, 4, 7, 40])
def test_integer_powers(exponent):
    for value in (-1.75, 0.3, 1.0, 3.1):
        compare(program_of("pow", exponent), a**exponent, (value, 0.0))


@pytest.mark.parametrize(
    ("name", "formula"),
    [
        ("add", a + b), ("sub", a - b), ("mul", a * b), ("div", a / b), ("neg", -a),
        ("real_power", a**b), ("atan2", sympy.atan2(a, b)),
    ],
)  # fmt: skip
def test_functions_of_two_numbers(name, formula):
    for value in (0.3, 1.75):
        for other in (-2.5, 0.6, 3.0):
            compare(program_of(name), formula, (value, other))


@pytest.mark.parametrize("name", NONSMOOTH)
def test_nonsmooth_functions_away_from_their_kinks(name):
    for at in ((0.3, -1.5), (-2.0, 0.7), (1.25, 1.5)):
        given = (a, b) if OPERATIONS[name].operands == 2 else (a,)
        compare(program_of(name), SYMPY.of(name, *given), at)


@pytest.mark.parametrize(
    ("name", "at", "slopes"),
    [
        ("abs", (0.0, 0.0), (1.0, 0.0)), ("abs", (-2.0, 0.0), (-1.0, 0.0)),
        ("sign", (0.0, 0.0), (0.0, 0.0)), ("sign", (-2.0, 0.0), (0.0, 0.0)),
        ("max", (1.0, 1.0), (1.0, 0.0)), ("max", (1.0, 2.0), (0.0, 1.0)),
        ("min", (1.0, 1.0), (1.0, 0.0)), ("min", (1.0, 2.0), (1.0, 0.0)),
        ("min", (2.0, 1.0), (0.0, 1.0)),
    ],
)  # fmt: skip
def test_one_sided_derivatives(name, at, slopes):
    np.testing.assert_array_equal(program_of(name).jacobian(np.array(at), NOTHING), [slopes])


@pytest.mark.parametrize(
    ("name", "at"),
    [
        ("sqrt", (-1.0, 0.0)), ("log", (-1.0, 0.0)), ("log", (0.0, 0.0)), ("div", (1.0, 0.0)),
        ("div", (0.0, 0.0)), ("asin", (1.5, 0.0)), ("acos", (-1.5, 0.0)), ("exp", (1e3, 0.0)),
        ("real_power", (-2.0, 2.0)), ("real_power", (0.0, -1.0)), ("max", (math.nan, 1.0)),
        ("max", (1.0, math.nan)), ("min", (math.nan, 1.0)), ("sign", (math.nan, 0.0)),
    ],
)  # fmt: skip
def test_outside_its_domain_an_operation_is_not_finite(name, at):
    assert not np.isfinite(program_of(name).values(np.array(at), NOTHING)).any()


def in_mpmath(tape, i, parameters):
    """Return equation i as a function of mpmath numbers."""
    given = [mpmath.mpf(p) for p in parameters]
    return lambda *x: run(tape, x, given, MPMATH)[i]


@pytest.mark.parametrize("seed", range(8))
def test_random_formulas_against_differences_in_high_precision(seed):
    tape = random_tape(seed, equations=2, unknowns=3, parameters=1, smooth=seed % 2 == 0)
    w, parameters = random_point(seed, 3), random_point(seed + 100, 1)
    program = Program(tape)
    F, J = program.values(w, parameters), program.jacobian(w, parameters)
    H = np.zeros((2, 3, 3))
    for i, (columns, block) in enumerate(program.hessians(w, parameters)):
        H[i][np.ix_(columns, columns)] = block
    with mpmath.workdps(50):
        at = tuple(mpmath.mpf(x) for x in w)
        for i in range(2):
            formula = in_mpmath(tape, i, parameters)
            assert F[i] == pytest.approx(float(formula(*at)), rel=1e-13, abs=1e-14)
            for j in range(3):
                order = tuple(np.eye(3, dtype=int)[j])
                slope = float(mpmath.diff(formula, at, order))
                assert J[i, j] == pytest.approx(slope, rel=1e-13, abs=1e-14)
                for k in range(j + 1):
                    order = tuple(np.eye(3, dtype=int)[j] + np.eye(3, dtype=int)[k])
                    bend = float(mpmath.diff(formula, at, order))
                    assert H[i, j, k] == pytest.approx(bend, rel=1e-12, abs=1e-13)
                    assert H[i, k, j] == pytest.approx(bend, rel=1e-12, abs=1e-13)


@pytest.mark.parametrize("seed", range(20))
def test_products_and_rows_are_those_of_the_jacobian(seed):
    tape = random_tape(seed, equations=6, unknowns=9, parameters=2, each=4)
    program, random = Program(tape), np.random.default_rng(seed)
    w, parameters = random_point(seed, 9), random_point(seed, 2)
    v, u = random.standard_normal(9), random.standard_normal(6)
    J = program.jacobian(w, parameters)
    forward, backward = program.jvp(w, v, parameters), program.vjp(w, u, parameters)
    np.testing.assert_allclose(forward, J @ v, rtol=1e-12, atol=1e-13)
    np.testing.assert_allclose(backward, J.T @ u, rtol=1e-12, atol=1e-13)
    assert u @ forward == pytest.approx(backward @ v, rel=1e-12)
    batch = np.array([5, 0, 5, 2])
    values, rows = program.rows(w, batch, parameters)
    np.testing.assert_array_equal(values, program.values(w, parameters)[batch])
    np.testing.assert_array_equal(rows, J[batch])


def test_each_equation_has_its_own_nodes_and_unknowns_only():
    write = Builder([f"x{j}" for j in range(5)])
    x = [write.unknown(j) for j in range(5)]
    common = write.apply("mul", x[3], x[1])
    equations = [write.apply("sin", common), write.apply("add", common, x[4]), x[2]]
    program = Program(write.build([*equations, write.constant(1), equations[0]]))
    assert np.diff(program.starts).tolist() == [4, 5, 1, 1, 4]
    assert np.diff(program.ends).tolist() == [2, 3, 1, 0, 2]
    assert program.columns.tolist() == [1, 3, 1, 3, 4, 2, 1, 3]
    assert program.entry_rows.tolist() == [0, 0, 1, 1, 1, 2, 4, 4]
    w = np.arange(1.0, 6.0)
    expected_J = np.zeros((5, 5))
    expected_J[0, [1, 3]] = expected_J[4, [1, 3]] = np.cos(8.0) * np.array([4.0, 2.0])
    expected_J[1, [1, 3, 4]], expected_J[2, 2] = (4.0, 2.0, 1.0), 1.0
    np.testing.assert_allclose(program.jacobian(w, NOTHING), expected_J, rtol=1e-15)
    np.testing.assert_allclose(program.vjp(w, np.ones(5), NOTHING), expected_J.sum(0), rtol=1e-15)
    blocks = [block.shape for _, block in program.hessians(w, NOTHING)]
    assert blocks == [(2, 2), (3, 3), (1, 1), (0, 0), (2, 2)]


@pytest.mark.parametrize(
    ("number", "double"),
    [
        (Fraction(9, 50), 0.18), (Fraction(1, 3), 1 / 3), (Fraction(10**30 + 1, 10**30), 1.0),
        (Fraction(10**400), math.inf), (Fraction(-(10**400)), -math.inf),
        (Fraction(1, 10**400), 0.0), ("pi", math.pi), ("e", math.e),
    ],
)  # fmt: skip
def test_constants_are_correctly_rounded(number, double):
    assert interpreter.rounded(number) == double


def test_codes_are_those_of_the_tape():
    for name, operation in OPERATIONS.items():
        assert getattr(operations, name.upper()) == operation.code


def test_a_program_can_be_pickled():
    tape = random_tape(3)
    program, w = Program(tape), random_point(3, 4)
    again = pickle.loads(pickle.dumps(program))
    np.testing.assert_array_equal(again.jacobian(w, NOTHING), program.jacobian(w, NOTHING))


CODE = """
import sys
import nlsolve, nlsolve.systems.formulas, nlsolve.systems.evaluation
assert not {{"numba", "sympy"}} & set(sys.modules)
import numba
{prepare}
from nlsolve.systems import interpreter, operations
from nlsolve.systems.formulas import FormulaSystem
from nlsolve.systems.tape import Builder
write = Builder(["x"])
system = FormulaSystem(write.build([write.power(write.unknown(0), 2)]))
print(*system([3.0]))
kernels = operations.values, interpreter.reach
print(sum(sum(kernel.stats.cache_hits.values()) for kernel in kernels))
"""


def fresh(folder, prepare=""):
    """Evaluate in a new process; return F and how many kernels came from the disk."""
    done = subprocess.run(
        [sys.executable, "-c", CODE.format(prepare=prepare)],
        capture_output=True, text=True, check=True,
        env={**os.environ, "NUMBA_CACHE_DIR": str(folder)},
    )  # fmt: skip
    return list(map(float, done.stdout.split()))


def test_nothing_is_compiled_twice_on_a_machine(tmp_path):
    assert fresh(tmp_path) == [9.0, 0]
    assert fresh(tmp_path) == [9.0, 2]


def test_without_a_folder_for_the_cache_it_compiles_in_memory(tmp_path):
    nowhere = "from numba.core import caching; caching.CacheImpl._locator_classes = []"
    assert fresh(tmp_path, nowhere) == [9.0, 0]
    assert list(tmp_path.iterdir()) == []
