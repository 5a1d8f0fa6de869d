"""Is a trace the function it was made from, and is what cannot be followed named?

Expected values: the functions themselves; SymPy's Jacobians through formulas; mpmath; closed forms.
"""

import pickle
import time

import mpmath
import numpy as np
import pytest

import nlsolve
from nlsolve import demo
from nlsolve.systems.entries import TraceError
from nlsolve.systems.errors import FormulaError
from nlsolve.systems.printed import text_of
from nlsolve.systems.trace import traced
from tests.systems.tapes import high_values
from tests.systems.traced_functions import FOLLOWED, REFUSED, A, jitted_loop
from tests.test_demo import exact_residual


@pytest.fixture(autouse=True)
def nothing_is_changed():
    """Tracing must leave NumPy and the functions' modules as they were."""
    before = np.zeros, np.empty, np.array, np.linalg.norm, max, A.copy()
    yield
    after = np.zeros, np.empty, np.array, np.linalg.norm, max
    assert before[:5] == after
    np.testing.assert_array_equal(A, before[5])


@pytest.mark.parametrize("name", FOLLOWED)
def test_formulas_have_the_values_of_the_function(name):
    F, m = FOLLOWED[name]
    tape = traced(F, m, check=False)
    rng = np.random.default_rng(3)
    low, high = (1.1, 3.0) if name == "beyond one" else (0.05, 0.95)
    for w in rng.uniform(low, high, (4, m)):
        expected = np.atleast_1d(F(w))
        found = np.array(high_values(tape, w), dtype=float)
        np.testing.assert_allclose(found, expected, rtol=2e-13, atol=2e-14)


@pytest.mark.parametrize("name", FOLLOWED)
def test_a_right_trace_passes_its_check(name):
    F, m = FOLLOWED[name]
    assert nlsolve.trace(F, m).tape.m == m


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_followed_is_named(name):
    F, message = REFUSED[name]
    with pytest.raises(TraceError, match=r"(?s)" + message):
        nlsolve.trace(F, 2)


def test_the_line_of_the_function_is_shown():
    with pytest.raises(TraceError, match=r"traced_functions.py, line \d+, in branch: if w"):
        nlsolve.trace(REFUSED["branch"][0], 2)


def test_near_a_point():
    def F(w):
        return np.log(w - 100)

    system = nlsolve.trace(F, 2, check=[101.0, 102.0])
    np.testing.assert_allclose(system([101.0, 102.0]), [0.0, np.log(2.0)], rtol=1e-15)


@pytest.mark.parametrize("change", [1e-9, -1e-12])
def test_small_differences_are_found(change):
    class Twice:
        calls = 0

        def __call__(self, w):
            Twice.calls += 1
            return w * w + (change if Twice.calls > 1 else 0.0)

    with pytest.raises(TraceError, match="does not repeat"):
        nlsolve.trace(Twice(), 2)


def test_rounding_is_no_difference():
    """Sums in another order, and cancellation: errors of F are 1e16 times its values."""
    rng = np.random.default_rng(0)
    B = rng.standard_normal((30, 60)) * np.exp(6 * rng.standard_normal((30, 60)))
    nlsolve.trace(lambda w: np.tanh(B @ w / 1e6) + (w[:30] + 1e12) - 1e12, 60)
    nlsolve.trace(lambda w: (1.0 - np.cos(1e-7 * w)) / 1e-14, 3)
    nlsolve.trace(lambda w: np.exp(30 * np.sin(50 * w)), 3)


def test_numbers_are_the_doubles_they_are():
    tape = traced(lambda w: 0.1 * w, 1)
    assert [float(c) for c in tape.constants] == [0.1]
    assert tape.constants[0].denominator == 2**55


def test_squares_are_powers_and_zeros_vanish():
    tape = traced(lambda w: np.array([[1.0, 0.0], [0.0, 2.0]]) @ w * w[0] + w @ w, 2, names="x y")
    assert text_of(tape).splitlines()[-2:] == ["x**2 + _1 = 0", "x*(2*y) + _1 = 0"]


def test_zero_times_what_may_be_undefined_stays():
    assert text_of(traced(lambda w: 0 * np.log(w) + w, 1)) == "w0 + 0*log(w0) = 0"


def test_arguments_are_constants():
    def F(w, B, *, shift):
        return B @ w - shift

    B = np.array([[2.0, 1.0]])
    tape = traced(F, 2, args=(B,), kwargs={"shift": 3.0}, names=["x", "y"])
    assert text_of(tape) == "y + 2*x = 3"
    assert traced(lambda w, k: k * w, 1, args=2.0).constants == (2,)


def test_default_names():
    assert traced(lambda w: w, 3).unknowns == ("w0", "w1", "w2")


@pytest.mark.parametrize(
    ("keywords", "error", "message"),
    [
        ({"names": "x"}, ValueError, "1 names for m = 2"),
        ({"names": ["x", "1"]}, FormulaError, "'1' is not a name"),
        ({"check": [1.0]}, ValueError, "reshape"),
    ],
)
def test_arguments_that_are_not_right(keywords, error, message):
    with pytest.raises(error, match=message):
        nlsolve.trace(lambda w: w, 2, **keywords)


@pytest.mark.parametrize("m", [0, -1, 2.0, "2"])
def test_m_must_be_a_positive_integer(m):
    with pytest.raises(ValueError, match="m must be a positive integer"):
        nlsolve.trace(lambda w: w, m)


def test_an_entry_kept_from_an_earlier_trace():
    kept = []

    def F(w):
        kept.append(w[0])
        return w * kept[0]

    traced(F, 2, check=False)
    with pytest.raises(TraceError, match="an entry of an earlier trace"):
        traced(F, 2, check=False)


def test_the_function_itself_is_not_changed():
    expected = jitted_loop(np.ones(3))
    source = jitted_loop.py_func
    names = dict(source.__globals__)
    nlsolve.trace(jitted_loop, 3)
    assert source.__globals__["np"] is np
    assert names.keys() == source.__globals__.keys()
    np.testing.assert_array_equal(jitted_loop(np.ones(3)), expected)


def test_the_pose_of_the_robot_arm_is_traced():
    (target,) = demo.random_targets(0, 1)
    system = nlsolve.trace(demo.residual, 7, args=(target,))
    q = np.random.default_rng(1).uniform(demo.LOWER_LIMITS, demo.UPPER_LIMITS)
    np.testing.assert_allclose(system(q), demo.residual(q, target), rtol=1e-13, atol=1e-14)
    np.testing.assert_allclose(system.jacobian(q), demo.jacobian(q, target), rtol=1e-11, atol=1e-13)
    assert len(system.tape) < 1_000
    found = nlsolve.solve(system, 0.0, demo.READY)
    with mpmath.workdps(40):
        exact = exact_residual(found.w.tolist(), target)
        assert max(map(abs, exact)) < 1e-12


def test_a_traced_system_is_sent_without_its_function():
    system = nlsolve.trace(lambda w: w**2 - 2, 1)
    assert pickle.loads(pickle.dumps(system))([2.0])[0] == 2.0


def test_two_hundred_equations_take_less_than_a_second():
    def F(w):
        return w[:200] ** 2 * w[200:] - np.sin(w[:200]) + 0.5 * w[100:300]

    start = time.process_time()
    tape = traced(F, 400)
    assert time.process_time() - start < 1.0
    assert (tape.n, tape.m) == (200, 400)
