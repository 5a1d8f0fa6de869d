"""Does the door of the package keep its word: arguments, limits, callbacks, output, outcomes?"""

import time

import numpy as np
import pytest
from numba import njit

import nlsolve
from nlsolve import Status
from tests.systems.functions import LANES, METHODS, ROOT_OF_TWO, jitted, rosenbrock, squares

START = [1.0, 5.0]

UNKNOWN = {
    "maxiter": r"unknown keyword 'maxiter'; did you mean max_iter\?",
    "call_back": r"'call_back'; did you mean callback\?",
    "methods": r"'methods'; did you mean method\?",
    "dampin": r"'dampin'; did you mean damping\?",
    "damping": r"unknown keyword 'damping' for method='auto' \(options: none\)",
    "qqq": r"unknown keyword 'qqq' for method='auto'",
}


@pytest.mark.parametrize("word", UNKNOWN)
def test_unknown_keywords(word):
    with pytest.raises(TypeError, match=UNKNOWN[word]):
        nlsolve.solve(squares, 0.0, START, **{word: 3})


OPTIONS = {
    "gauss-newton": (nlsolve.GaussNewton, {"damping": "backtracking"}),
    "levenberg-marquardt": (nlsolve.LevenbergMarquardt, {"initial_damping": 0.5}),
    "gd": (nlsolve.GradientDescent, {"step": 1e-3}),
    "sgd": (nlsolve.StochasticGradient, {"batch": 2, "step": 1e-3}),
    "dogleg": (nlsolve.Dogleg, {"initial_radius": 0.1}),
    "block-kaczmarz": (nlsolve.BlockKaczmarz, {"batch": 1}),
}


@pytest.mark.parametrize("method", OPTIONS)
def test_options_by_keyword_and_by_object_are_the_same(method):
    kind, options = OPTIONS[method]
    w0 = [-1.2, 1.0]
    by_word = nlsolve.solve(rosenbrock, 0.0, w0, method=method, max_iter=5, **options)
    by_object = nlsolve.solve(rosenbrock, 0.0, w0, method=kind(**options), max_iter=5)
    plain = nlsolve.solve(rosenbrock, 0.0, w0, method=method, max_iter=1)
    np.testing.assert_array_equal(by_word.w, by_object.w)
    assert by_word.method == by_object.method == method
    assert abs(by_word.history.step[1] - plain.history.step[1]) > 1e-3


@pytest.mark.parametrize("method", OPTIONS)
def test_options_of_another_method_are_refused_with_those_allowed(method):
    fields = ", ".join(OPTIONS[method][0]._fields)
    word = "damping" if "step" in OPTIONS[method][0]._fields else "step"
    with pytest.raises(TypeError, match=rf"'{word}' for method='{method}' \(options: {fields}\)"):
        nlsolve.solve(squares, 0.0, START, method=method, **{word: 1.0})


BAD = {
    "tol": [-1.0, np.nan, "small", None, True, 1j],
    "max_iter": [0, -1, 1.5, "many", True],
    "max_nfev": [0, 1.5, "many", True],
    "max_time": [-1.0, np.nan, "long", True],
    "callback": [3, "print"],
    "verbose": ["loud"],
    "rng": ["seed", 1.5],
    "lane": ["gpu", 3],
    "state": [3, {}],
    "method": [3, None, "newton", nlsolve.GaussNewton],
    "jac": ["4-point", 3],
    "kwargs": [3],
    "workers": [0, "two"],
    "check_jac": ["never"],
}


@pytest.mark.parametrize(("name", "value"), [(name, value) for name in BAD for value in BAD[name]])
def test_bad_values_are_named_with_what_was_expected_and_what_came(name, value):
    with pytest.raises((TypeError, ValueError), match=rf"^{name} must be .*got ") as caught:
        nlsolve.solve(squares, 0.0, START, **{name: value})
    assert repr(value) in str(caught.value) or type(value).__name__ in str(caught.value)


@pytest.mark.parametrize(
    ("method", "name", "value"),
    [
        ("gauss-newton", "damping", "strong"),
        ("gauss-newton", "damping", 1),
        ("levenberg-marquardt", "initial_damping", 0.0),
        ("levenberg-marquardt", "initial_damping", "auto"),
        ("gd", "step", -0.1),
        ("gd", "step", np.inf),
        ("gd", "step", "kaczmarz"),
        ("gd", "momentum", "polyak"),
        ("gd", "momentum", 0.9),
        ("dogleg", "initial_radius", 0.0),
        ("dogleg", "initial_radius", "large"),
        ("block-kaczmarz", "batch", "auto"),
        ("sgd", "batch", 1.5),
        ("sgd", "batch", 0),
        ("sgd", "step", np.nan),
    ],
)
def test_bad_options_are_named(method, name, value):
    with pytest.raises(ValueError, match=rf"^{name} must be .*got ") as caught:
        nlsolve.solve(squares, 0.0, START, method=method, **{name: value})
    assert repr(value) in str(caught.value)


@pytest.mark.parametrize("step", [np.float32(0.25), np.float64(0.25), 1, np.int64(1)])
def test_numpy_numbers_are_numbers(step):
    result = nlsolve.solve(lambda w: w - 2.0, 0.0, 5.0, method="gd", step=step, max_iter=3)
    assert result.w[0] == pytest.approx(2.0 + 3.0 * (1.0 - float(step)) ** result.nit, abs=1e-6)


BAD_VECTORS = {
    "NaN": ([1.0, np.nan], r"must be finite, but {}\[1\] is nan"),
    "infinite": ([np.inf, 1.0], r"must be finite, but {}\[0\] is inf"),
    "complex": ([1j, 0.0], r"has complex values"),
    "string": ("abc", r"must hold real numbers, got dtype <U3"),
    "object": ([None, 1.0], r"must hold real numbers, got dtype object"),
    "matrix": ([[1.0, 2.0]], r"must be a number or a vector, got shape \(1, 2\)"),
    "ragged": ([[1.0, 2.0], 3.0], r"must be a list or array of real numbers"),
    "empty": ([], r"is empty"),
}


@pytest.mark.parametrize("case", BAD_VECTORS)
@pytest.mark.parametrize("name", ["w0", "y"])
def test_bad_vectors(name, case):
    value, message = BAD_VECTORS[case]
    with pytest.raises(ValueError, match=rf"^{name} {message.format(name)}"):
        nlsolve.solve(squares, **{"y": 0.0, "w0": START, name: value})


def test_w0_left_out():
    with pytest.raises(TypeError, match=r"w0 is missing"):
        nlsolve.solve(squares)


@pytest.mark.parametrize(
    "w0", [5, 5.0, np.float32(5), np.array(5), [5], (5,), np.array([5]), [True]]
)
def test_w0_is_any_number_or_vector(w0):
    result = nlsolve.solve(squares, 0.0, w0)
    assert result.w.shape == (1,)
    np.testing.assert_allclose(result.w, ROOT_OF_TWO, rtol=1e-9)


@pytest.mark.parametrize("y", [2, 2.0, np.float32(2), np.array(2.0), [2, 2], np.full(2, 2.0)])
def test_y_is_a_number_or_a_vector(y):
    result = nlsolve.solve(squares, y, START)
    np.testing.assert_allclose(result.w, 2.0, rtol=1e-9)
    np.testing.assert_allclose(result.fun, result.w**2 - 4.0, atol=1e-14)


def test_y_of_another_length():
    with pytest.raises(ValueError, match=r"y has 3 entries, but F returns 2; expected"):
        nlsolve.solve(squares, [1.0, 2.0, 3.0], START)


def test_tolerance_is_relative_to_y():
    """|w^3 - y| <= tol (1 + |y|): with tol = 1e-3 and y = 1e6 a root within 1000.001."""
    result = nlsolve.solve(lambda w: w**3, 1e6, 300.0, tol=1e-3)
    assert result.status is Status.ROOT
    assert result.residual_norm <= 1e-3 * (1.0 + 1e6)
    assert result.history.residual_norm[-2] > 1e-3 * (1.0 + 1e6)


@pytest.mark.parametrize("lane", LANES)
@pytest.mark.parametrize("method", ["gauss-newton", "levenberg-marquardt", "auto"])
def test_tolerance_zero_ends_at_the_rounding_floor(method, lane):
    result = nlsolve.solve(jitted["squares"], 0.0, START, tol=0, method=method, lane=lane)
    assert result.success
    assert result.status in (Status.ROOT, Status.ROOT_TO_ROUNDING)
    np.testing.assert_allclose(result.w, ROOT_OF_TWO, rtol=4.5e-16)


@pytest.mark.parametrize("lane", LANES)
@pytest.mark.parametrize("method", METHODS)
def test_max_iter(method, lane):
    result = nlsolve.solve(
        jitted["squares"], 0.0, [1.0, 99.0], max_iter=3, method=method, lane=lane
    )
    assert (result.status, result.nit, result.success) == (Status.MAX_ITER, 3, False)
    assert "3 iterations" in result.message
    assert len(result.history) == 4


@pytest.mark.parametrize("lane", LANES)
@pytest.mark.parametrize("method", METHODS)
def test_max_nfev_is_overrun_by_an_iteration_at_most(method, lane):
    words = {"method": method, "lane": lane, "jac": jitted["squares_jacobian"]}
    result = nlsolve.solve(jitted["squares"], 0.0, [1.0, 1e4], max_nfev=9, **words)
    one_less = nlsolve.solve(jitted["squares"], 0.0, [1.0, 1e4], max_iter=result.nit - 1, **words)
    assert result.status is Status.MAX_NFEV
    assert result.nfev >= 9 > one_less.nfev
    assert f"{result.nfev} evaluations" in result.message


@njit
def slow(w, turns):
    total = 0.0
    for i in range(turns):
        total += np.sin(i * w[0])
    return w - 2.0 + 1e-300 * total


@pytest.mark.parametrize("lane", LANES)
def test_max_time_is_heard_within_a_second(lane):
    """A value costs about 50 ms, an iteration 200 ms: a compiled chunk must not hide many."""
    slow(np.ones(3), 10)
    clock = time.perf_counter()
    slow(np.ones(3), 1_000_000)
    turns = int(1_000_000 * 0.05 / (time.perf_counter() - clock))
    words = {"args": (turns,), "method": "gd", "step": 1e-6, "lane": lane}
    nlsolve.solve(slow, 0.0, [1.0, 3.0, 4.0], max_iter=1, **words)  # compiles
    clock = time.process_time()  # of the processor: other programs must not count
    result = nlsolve.solve(slow, 0.0, [1.0, 3.0, 4.0], max_time=0.1, **words)
    assert result.status is Status.MAX_TIME
    assert time.process_time() - clock < 0.1 + 1.0


def test_max_time_zero_stops_after_an_iteration():
    result = nlsolve.solve(rosenbrock, 0.0, [-1.2, 1.0], max_time=0, method="gd")
    assert (result.status, result.nit) == (Status.MAX_TIME, 1)


@pytest.mark.parametrize("lane", LANES)
@pytest.mark.parametrize("method", METHODS)
def test_a_root_at_the_start_costs_one_evaluation_of_F(method, lane):
    result = nlsolve.solve(
        jitted["squares"], 2.0, [2.0, -2.0], jac=jitted["squares_jacobian"], check_jac=False,
        method=method, lane=lane,
    )  # fmt: skip
    assert (result.status, result.nit, result.nfev) == (Status.ROOT, 0, 1)
    np.testing.assert_array_equal(result.w, [2.0, -2.0])
    assert len(result.history) == 1


def test_lane_that_cannot_be_had_is_an_error():
    with pytest.raises(ValueError, match=r"lane='compiled'.*jit"):
        nlsolve.solve(squares, 0.0, START, lane="compiled")


def test_formulas_have_no_compiled_lane_of_their_own():
    circle = nlsolve.parse("x**2 + y**2 = 1")
    with pytest.raises(ValueError, match=r"lane='compiled'.*formulas .* compiled already"):
        nlsolve.solve(circle, 0.0, [1.0, 2.0], lane="compiled")
