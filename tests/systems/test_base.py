"""What may F be, and in which ways may its derivatives and arguments be given?"""

import numpy as np
import pytest

import nlsolve
from tests.systems.functions import (
    LANES,
    METHODS,
    ROOT_OF_TWO,
    jitted,
    rosenbrock,
    rosenbrock_jacobian,
    squares,
    squares_and_jacobian,
    squares_jacobian,
)


def two_lines(w):
    return w[0] + w[1] - 3.0, w[0] - w[1] - 1.0  # crossing at (2, 1)


FORMS = {
    "tuple": two_lines,
    "list": lambda w: list(two_lines(w)),
    "array": lambda w: np.array(two_lines(w)),
    "long double": lambda w: np.array(two_lines(w), dtype=np.longdouble),
    "every other entry": lambda w: np.array([*two_lines(w), 7.0])[[0, 2, 1]][::2],
    "Fortran row": lambda w: np.asfortranarray(np.array([two_lines(w)] * 2))[1],
}


@pytest.mark.parametrize("form", FORMS)
def test_F_may_return_any_sequence_of_real_numbers(form):
    result = nlsolve.solve(FORMS[form], 0.0, [0.0, 5.0])
    assert result.success
    np.testing.assert_allclose(result.w, [2.0, 1.0], rtol=0, atol=1e-9)


@pytest.mark.parametrize(
    "form", [float, np.float64, np.array, lambda value: [value], lambda value: np.array([value])]
)
def test_one_equation_may_be_a_number(form):
    result = nlsolve.solve(lambda w: form(w[0] * w[1] - 6.0), 0.0, [1.0, 3.0])
    assert result.success
    assert result.fun.shape == (1,)
    assert result.jac.shape == (1, 2)
    assert result.w[0] * result.w[1] == pytest.approx(6.0, abs=1e-9)


@pytest.mark.parametrize("values", [[0, 0], np.zeros(2, dtype=int), [False, False], (0, 0.0)])
def test_integers_and_booleans_are_numbers(values):
    result = nlsolve.solve(lambda w: values, 0.0, [1.0, 3.0])
    assert result.status is nlsolve.Status.ROOT
    assert result.fun.dtype == np.float64


@pytest.mark.parametrize("dtype", [np.float32, np.float16])
def test_single_precision_values_do_not_make_a_point_stationary(dtype):
    """2^-26 is below the spacing of float32: differences must not read that as a zero slope."""
    result = nlsolve.solve(lambda w: (w * w - 2.0).astype(dtype), 0.0, [1.0, 5.0])
    spacing = float(np.finfo(dtype).eps)
    assert result.status is not nlsolve.Status.STATIONARY
    np.testing.assert_allclose(result.w, ROOT_OF_TWO, rtol=8 * spacing)


@pytest.mark.parametrize("lane", LANES)
@pytest.mark.parametrize(
    "value", [2.5, 3, True, np.float64(2.5), np.int64(3), np.bool_(True), -70000]
)
def test_scalar_arguments(lane, value):
    result = nlsolve.solve(jitted["shifted"], 0.0, [1.0, 5.0], args=(value,), lane=lane)
    assert result.success
    assert result.lane == lane
    np.testing.assert_allclose(result.w, float(value), rtol=1e-9)


@pytest.mark.parametrize("value", [np.float32(2.5), np.int32(3), np.uint8(3), np.array(2.5)])
def test_scalars_of_other_sizes(value):
    result = nlsolve.solve(jitted["shifted"], 0.0, [1.0, 5.0], args=(value,))
    assert result.success
    np.testing.assert_allclose(result.w, float(value), rtol=1e-9)


ARRAYS = {
    "1-d": np.array([1.0, -2.0, 4.0]),
    "2-d": np.arange(6.0).reshape(2, 3),
    "3-d": np.arange(24.0).reshape(2, 3, 4),
    "int64": np.array([[1, 2], [3, 5]]),
    "int8": np.array([1, -2, 3], dtype=np.int8),
    "bool": np.array([True, False, True]),
    "Fortran": np.asfortranarray(np.arange(6.0).reshape(2, 3)),
    "strided": np.arange(24.0).reshape(4, 6)[::2, ::-2],
    "empty": np.empty((0, 3)),
}


@pytest.mark.parametrize("lane", LANES)
@pytest.mark.parametrize("kind", ARRAYS)
def test_array_arguments(lane, kind):
    array = ARRAYS[kind]
    result = nlsolve.solve(jitted["weighted"], 0.0, [1.0], args=(array,), lane=lane)
    expected = sum(k * float(value) for k, value in enumerate(array.ravel(), start=1))
    assert result.success
    assert result.lane == lane
    assert result.w[0] == pytest.approx(expected, rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("lane", LANES)
def test_new_values_of_arguments_are_seen_by_a_function_compiled_before(lane):
    system = jitted["shifted"]
    roots = [nlsolve.solve(system, 0.0, [1.0], args=(a,), lane=lane).w[0] for a in (2.0, -7.0)]
    np.testing.assert_allclose(roots, [2.0, -7.0], rtol=1e-9)


def test_many_arguments():
    """However many: where they cannot travel to compiled code, the run is interpreted."""
    from numba import njit

    last = njit(lambda w, *args: w - args[-1])
    result = nlsolve.solve(last, 0.0, [1.0], args=tuple(map(float, range(40))))
    np.testing.assert_allclose(result.w, 39.0, rtol=1e-9)


def mixed(w, scale, matrix, power, offsets, double, last):
    factor = 2.0 if double else 1.0
    return scale * factor * (matrix @ w) ** power - offsets - last


@pytest.mark.parametrize("lane", LANES)
def test_arguments_of_all_kinds_together_by_position_and_by_keyword(lane):
    from numba import njit

    function = njit(mixed)
    matrix, offsets = np.array([[2.0, 0.0], [0.0, 4.0]]), np.array([7, 199], dtype=np.int16)
    result = nlsolve.solve(
        function,
        0.0,
        [1.0, 1.0],
        args=(0.5, matrix),
        kwargs={"last": 1.0, "double": True, "offsets": offsets, "power": 3},
        lane=lane,
    )
    expected = [8.0 ** (1 / 3) / 2.0, 200.0 ** (1 / 3) / 4.0]  # (2 w0)^3 = 8, (4 w1)^3 = 200
    assert (result.success, result.lane) == (True, lane)
    np.testing.assert_allclose(result.w, expected, rtol=1e-9)


@pytest.mark.parametrize("kind", ["plain", "jitted"])
def test_keywords_reach_every_function(kind):
    def F(w, *, scale):
        return scale * (w * w - 2.0)

    def jac(w, *, scale):
        return scale * np.diag(2.0 * w)

    if kind == "jitted":
        from numba import njit

        F, jac = njit(F), njit(jac)
    result = nlsolve.solve(F, 0.0, [1.0, 5.0], jac=jac, kwargs={"scale": 3.0}, check_jac="raise")
    assert result.success
    np.testing.assert_allclose(result.w, ROOT_OF_TWO, rtol=1e-9)
    np.testing.assert_allclose(result.jac, 6.0 * np.diag(result.w), rtol=1e-12)


def test_an_argument_that_is_no_tuple_stands_for_itself():
    result = nlsolve.solve(lambda w, a: w - a, 0.0, [1.0, 5.0], args=3.0)
    np.testing.assert_allclose(result.w, 3.0, rtol=1e-9)


PRODUCTS = {
    "jac": {"jac": rosenbrock_jacobian},
    "jac as lists": {"jac": lambda w: rosenbrock_jacobian(w).tolist()},
    "jac in Fortran order": {"jac": lambda w: np.asfortranarray(rosenbrock_jacobian(w))},
    "jvp": {"jvp": lambda w, v: rosenbrock_jacobian(w) @ v},
    "vjp": {"vjp": lambda w, u: rosenbrock_jacobian(w).T @ u},
    "jvp and vjp": {
        "jvp": lambda w, v: list(rosenbrock_jacobian(w) @ v),
        "vjp": lambda w, u: tuple(rosenbrock_jacobian(w).T @ u),
    },
    "2-point": {"jac": "2-point"},
    "3-point": {"jac": "3-point"},
    "cs": {"jac": "cs"},
    "rows": {
        "jac": rosenbrock_jacobian,
        "rows": lambda w, batch: (rosenbrock(w)[batch], rosenbrock_jacobian(w)[batch]),
    },
}


def complex_rosenbrock(w):
    return np.stack([10.0 * (w[1] - w[0] ** 2), 1.0 - w[0]])


@pytest.mark.parametrize("method", [name for name in METHODS if name != "sgd"])
@pytest.mark.parametrize("words", PRODUCTS)
def test_derivatives_in_every_form_and_in_a_System(words, method):
    system = nlsolve.System(complex_rosenbrock, **{"check_jac": "raise", **PRODUCTS[words]})
    result = nlsolve.solve(system, 0.0, [-1.2, 1.0], method=method, tol=1e-9)
    again = nlsolve.solve(
        complex_rosenbrock, 0.0, [-1.2, 1.0], method=method, tol=1e-9, **PRODUCTS[words]
    )
    assert result.success
    np.testing.assert_allclose(result.w, 1.0, rtol=1e-6)
    np.testing.assert_array_equal(result.w, again.w)


@pytest.mark.parametrize("words", PRODUCTS)
def test_the_result_has_a_jacobian_however_it_was_given(words):
    result = nlsolve.solve(complex_rosenbrock, 0.0, [-1.2, 1.0], **PRODUCTS[words])
    np.testing.assert_allclose(result.jac, [[-20.0, 10.0], [-1.0, 0.0]], rtol=1e-6, atol=1e-6)
    np.testing.assert_allclose(result.grad, result.jac.T @ result.fun, rtol=1e-9, atol=1e-15)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("lane", LANES)
def test_values_and_jacobian_from_one_function(method, lane):
    function = jitted["squares_and_jacobian"] if lane == "compiled" else squares_and_jacobian
    result = nlsolve.solve(function, 0.0, [1.0, 5.0], jac=True, method=method, check_jac="raise")
    separate = nlsolve.solve(squares, 0.0, [1.0, 5.0], jac=squares_jacobian, method=method)
    assert (result.success, result.lane) == (True, lane)
    np.testing.assert_allclose(result.w, ROOT_OF_TWO, rtol=1e-9)
    np.testing.assert_allclose(result.jac, np.diag(2.0 * result.w), rtol=1e-14)
    assert result.nit == separate.nit
    assert result.nfev <= separate.nfev + 1


KEYWORDS = {
    "jac": squares_jacobian,
    "jvp": lambda w, v: 2.0 * w * v,
    "vjp": lambda w, u: 2.0 * w * u,
    "rows": lambda w, batch: (squares(w)[batch], squares_jacobian(w)[batch]),
    "args": (1.0,),
    "kwargs": {"a": 1.0},
    "vectorized": True,
    "workers": 2,
    "check_jac": "raise",
}


@pytest.mark.parametrize("word", KEYWORDS)
def test_a_System_refuses_the_keywords_it_has_already(word):
    with pytest.raises(TypeError, match=rf"F is a System already; give {word} to System"):
        nlsolve.solve(nlsolve.System(squares), 0.0, [1.0], **{word: KEYWORDS[word]})


BAD_WORDS = {
    "jac": ["4-point", 3, np.eye(2)],
    "jvp": [3],
    "vjp": ["exact"],
    "rows": [np.arange(3)],
    "kwargs": [3, "ab"],
    "check_jac": ["no", True],
}


@pytest.mark.parametrize(("word", "value"), [(w, v) for w in BAD_WORDS for v in BAD_WORDS[w]])
def test_bad_words_are_named_with_what_came(word, value):
    with pytest.raises((TypeError, ValueError), match=rf"^{word} must be") as caught:
        nlsolve.System(squares, **{word: value})
    assert type(value).__name__ in str(caught.value) or repr(value) in str(caught.value)


def test_F_must_be_callable():
    with pytest.raises(TypeError, match=r"F must be a callable or a nlsolve.System, got ndarray"):
        nlsolve.solve(np.eye(2), 0.0, [1.0, 2.0])


def test_repr_names_the_function_and_the_derivatives():
    assert repr(nlsolve.System(squares, jac="cs")) == "System(squares, derivatives: cs)"
