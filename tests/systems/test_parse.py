"""Is a text of equations read as Python would read it, and is any other text only refused?

Expected values: Python's own parser, with decimals as 40-digit numbers of mpmath.
"""

import contextlib
import re
import time
from fractions import Fraction

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import nlsolve
from nlsolve.systems.errors import FormulaError
from nlsolve.systems.language import FUNCTIONS
from nlsolve.systems.parse import read
from nlsolve.systems.tape import NAMES, OPERATIONS
from tests.systems.refused_texts import REFUSED
from tests.systems.tapes import canonical, high_values

POINT = {"x": "0.7", "y": "1.3", "z": "-0.4"}
DECIMAL = re.compile(r"(?<![\w.])(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")


def by_python(text):
    """Return the value of an expression of x, y, z as Python reads it, in mpmath."""
    names = {name: getattr(mpmath, name) for name in ("sqrt", "exp", "log", "sin", "atan2", "pi")}
    names |= {name: mpmath.mpf(value) for name, value in POINT.items()}
    names |= {"max": max, "abs": abs, "mpf": mpmath.mpf, "e": mpmath.e}
    exact = DECIMAL.sub(lambda match: f"mpf('{match.group()}')", text)
    return +mpmath.mpmathify(eval(exact, {"__builtins__": {}}, names))


def by_us(text):
    tape = read(text, unknowns=tuple(POINT))
    return high_values(tape, POINT.values())[0]


EXPRESSIONS = [
    "x - y - z - 1",
    "x/y/z*2/3",
    "-x**2",
    "2**-x**2",
    "x**2**y",
    "(x**2)**y",
    "-x**-2*y",
    "x*-y",
    "--x - +-y",
    "x - -y**2",
    "1e-3*x + .5*y - 3.*z + 1E2",
    "1/3*x + x/3 - 2/3/5",
    "sin(x)**2 + exp(-x*y)/log(y + 1)",
    "max(x, y, z**2) - max(-x, 2)",
    "atan2(y, z) + abs(z) - sqrt(x + y)",
    "pi*e**x - e",
    "x**0.5 + x**(3/2) + x**(-1/2) + x**(1/3) + y**1.7",
    "(x + (y - (z - (x * (y / (z))))))",
    "((x))**((2))",
    "2**3**2 + (2**3)**2 - 2**-1",
]


@pytest.mark.parametrize("text", EXPRESSIONS)
def test_value_is_that_of_python(text):
    with mpmath.workdps(40):
        assert abs(by_us(text) - by_python(text)) <= mpmath.mpf(10) ** -35


LEAVES = st.sampled_from(["x", "y", "z", "2", "0.1", "3", "1.5", "pi"])


def larger(inner):
    infix = st.tuples(inner, st.sampled_from([" + ", "-", " * ", "/", "*", "+"]), inner)
    return st.one_of(
        infix.map("".join),
        inner.map("({})".format),
        inner.map("-{}".format),
        inner.map("sin({})".format),
        st.tuples(inner, st.sampled_from(["2", "3", "-1", "-2"])).map("({0[0]})**{0[1]}".format),
    )


@settings(max_examples=300, derandomize=True, deadline=None)
@given(st.recursive(LEAVES, larger, max_leaves=12))
def test_random_expressions_have_the_value_of_python(text):
    with mpmath.workdps(40):
        try:
            expected = by_python(text)
        except ZeroDivisionError:
            return
        scale = 1 + abs(expected)
        assert abs(by_us(text) - expected) <= mpmath.mpf(10) ** -28 * scale**2


def test_equations_of_the_sphere():
    system = nlsolve.parse("x**2 + y**2 + z**2 = 1; x*y = z")
    assert system.unknowns == ("x", "y", "z")
    w = np.array([2.0, 3.0, 5.0])
    np.testing.assert_array_equal(system(w), [37.0, 1.0])
    np.testing.assert_array_equal(system.jacobian(w), [[4.0, 6.0, 10.0], [3.0, 2.0, -1.0]])


def test_solution_by_name():
    system = nlsolve.parse("a*x = 1; x + y = a", parameters={"a": 4})
    found = system.named(nlsolve.solve(system, 0.0, [1.0, 1.0]).w)
    assert found == pytest.approx({"x": 0.25, "y": 3.75}, abs=1e-12)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0.1*x", Fraction(1, 10)),
        ("1e-3*x", Fraction(1, 1000)),
        ("(1/3)*x", Fraction(1, 3)),
        ("-1.25e2*x", Fraction(-125)),
        ("(2**-3 + 1/8)*x", Fraction(1, 4)),
        (".5*x", Fraction(1, 2)),
        ("1e300*x", Fraction(10**300)),
        ("(0.1 + 0.2)*x", Fraction(3, 10)),
    ],
)
def test_numbers_are_exact(text, value):
    assert read(text).constants == (value,)


def test_roots_of_even_order_two_are_sqrt():
    operations = [NAMES[op] for op in read("x**(1/2) + x**1.5 + y**(1/3)").op]
    assert operations.count("sqrt") == 1
    assert operations.count("pow") == 1
    assert operations.count("real_power") == 1


def test_every_function_and_alias_is_read():
    for name, operation in FUNCTIONS.items():
        arguments = ", ".join("xy"[: OPERATIONS[operation].operands])
        assert NAMES[read(f"{name}({arguments})").op[-1]] == operation


@pytest.mark.parametrize(
    "text",
    ["x=1;y=2", "x=1\ny=2", " x = 1 \r\n\n y=2 ;; ", "x=1 # first; z\ny=2 # z", "x = (1\n)\ry=2;"],
)
def test_ways_to_separate_equations(text):
    assert canonical(read(text)) == canonical(read("x - 1; y - 2"))


def test_order_of_unknowns():
    assert read("b*a + c = 1").unknowns == ("b", "a", "c")
    assert read("b*a = 1", unknowns="a, b c").unknowns == ("a", "b", "c")
    assert read("b*a = k", parameters=["k"]).parameters == ("k",)


def test_an_unknown_given_by_name_may_be_e():
    assert read("e + pi", unknowns=["e"]).constants == ("pi",)
    assert read("exp(1)*x").constants == ("e",)


def test_definitions_are_shared_parts():
    given = read("_s := x + y # both\n_t := sin(_s)\n_t**2 + _s = _t")
    assert canonical(given) == canonical(read("sin(x + y)**2 + (x + y) = sin(x + y)"))


def test_long_sums_are_read():
    terms = [f"{j + 2}*x{j}" for j in range(20_000)]
    tape = read(" + ".join(terms))
    assert (tape.m, len(tape)) == (20_000, 79_999)


@pytest.mark.parametrize("text", REFUSED, ids=lambda text: repr(text[:30]))
def test_refused_at_once_with_a_reason(text):
    start = time.process_time()
    with pytest.raises(FormulaError, match=re.escape(REFUSED[text])):
        read(text)
    assert time.process_time() - start < 1.0


def test_error_points_at_the_place():
    with pytest.raises(FormulaError) as caught:
        nlsolve.parse("x + y = 1\n\tx - 2 y = 0 # slip")
    assert (caught.value.line, caught.value.column) == (2, 8)
    _, line, caret = str(caught.value).splitlines()
    assert line[caret.index("^")] == "y"


def test_error_in_a_long_line_shows_the_part_around_it():
    with pytest.raises(FormulaError) as caught:
        read("x + " * 10_000 + "sin(x, y)" + " + x" * 10_000)
    assert (caught.value.line, caught.value.column) == (1, 40_004)
    _, line, caret = str(caught.value).splitlines()
    assert len(line) < 80
    assert line[caret.index("^") :].startswith("(x, y)")


@pytest.mark.parametrize(
    ("keywords", "message"),
    [
        ({"unknowns": ["x"]}, "unknown name 'y'; unknowns are x"),
        ({"unknowns": ["x", "x"]}, "'x' comes twice"),
        ({"unknowns": ["x", "2y"]}, "'2y' is not a name"),
        ({"unknowns": ["x", "_y"]}, "'_y' is not a name"),
        ({"unknowns": ["x", "sin"]}, "'sin' is not a name"),
        ({"unknowns": ["x", 3]}, "3 is not a name"),
        ({"unknowns": ["x", "y"], "parameters": ["x"]}, "both an unknown and a parameter"),
        ({"parameters": ["x", "y"]}, "the equations have no unknowns"),
    ],
)
def test_names_that_are_not_right(keywords, message):
    with pytest.raises(FormulaError, match=message):
        read("x + y", **keywords)


def test_text_must_be_text():
    with pytest.raises(TypeError, match="text must be a str, got bytes"):
        nlsolve.parse(b"x = 1")


WORDS = ["x", "y", "_a", "1", "0.5", "1e9", "e", "sin", "max", "(", ")", "**", "*", "/", "+", "-"]
WORDS += [",", ";", "=", ":=", "\n", " ", "#", ".", "^", "'", "lambda", "[", "9**9", "é", "\\"]


@settings(max_examples=600, derandomize=True, deadline=1000)
@given(
    st.one_of(
        st.text(max_size=60),
        st.lists(st.sampled_from(WORDS), max_size=30).map("".join),
        st.lists(st.sampled_from(WORDS), max_size=30).map(" ".join),
    )
)
def test_random_text_is_read_or_refused(text):
    try:
        tape = read(text)
    except FormulaError:
        return
    assert tape.n >= 1
    assert tape.m >= 1


def test_largest_texts_take_time_in_proportion():
    """A million characters of the worst: many words, and large numbers again and again."""
    large = "_a := 9**600 - 1; _b := 7**700/_a; x" + " + _b*_a - _a/_b" * 6_000
    for text in ("x+" * 30_000 + "x", "x;" * 30_000, "x=\n" + "(\n" * 900, large):
        start = time.process_time()
        with contextlib.suppress(FormulaError):
            read(text)
        assert time.process_time() - start < 5.0
