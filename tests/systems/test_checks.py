"""Does the first evaluation find what is wrong, and only what is wrong?"""

import numpy as np
import pytest

import nlsolve
from tests.systems.functions import (
    LANES,
    METHODS,
    ROOT_OF_TWO,
    jitted,
    squares,
    squares_jacobian,
)

START = [1.0, 5.0]

BAD_VALUES = {
    "complex": (lambda w: w * 1j, r"F returned complex values"),
    "object": (lambda w: np.array([w[0], None]), r"F must return real numbers, got dtype object"),
    "string": (lambda w: ["1", "2"], r"F must return real numbers, got dtype <U1"),
    "nothing": (lambda w: None, r"F must return real numbers, got dtype object"),
    "ragged": (lambda w: [[1.0, 2.0], [3.0]], r"^F "),
    "empty": (lambda w: [], r"F must return a vector of n >= 1 values, got shape \(0,\)"),
    "column": (lambda w: w[:, None], r"got shape \(2, 1\); use ravel\(\)"),
    "matrix": (lambda w: np.outer(w, w), r"got shape \(2, 2\); use ravel\(\)"),
    "NaN": (lambda w: np.array([1.0, np.nan]), r"F\(w0\) must be finite, but F\(w0\)\[1\] is nan"),
    "infinite": (
        lambda w: np.array([-np.inf, 1.0]),
        r"but F\(w0\)\[0\] is -inf; start from another",
    ),
}


@pytest.mark.parametrize("case", BAD_VALUES)
def test_values_that_are_no_vector_of_real_numbers(case):
    F, message = BAD_VALUES[case]
    with pytest.raises(nlsolve.EvaluationError, match=message):
        nlsolve.solve(F, 0.0, START)


BAD_JACOBIANS = {
    "shape": (lambda w: np.ones((3, 2)), r"jac returned shape \(3, 2\), expected.*\(2, 2\)"),
    "flat": (lambda w: np.ones(4), r"jac returned shape \(4,\)"),
    "number": (lambda w: 1.0, r"jac returned shape \(\)"),
    "NaN": (
        lambda w: np.full((2, 2), np.nan),
        r"jac\(w0\) must be finite, but entry \(0, 0\) is nan",
    ),
    "complex": (lambda w: np.eye(2) * 1j, r"jac returned complex values"),
    "nothing": (lambda w: None, r"jac must return real numbers"),
}


@pytest.mark.parametrize("case", BAD_JACOBIANS)
@pytest.mark.parametrize("check", ["warn", False])
def test_jacobians_that_are_no_matrix(case, check):
    jac, message = BAD_JACOBIANS[case]
    with pytest.raises(nlsolve.EvaluationError, match=message):
        nlsolve.solve(squares, 0.0, START, jac=jac, check_jac=check)


def test_a_single_row_or_column_may_come_flat():
    row = nlsolve.solve(lambda w: w @ w - 1.0, 0.0, [3.0, 4.0], jac=lambda w: 2.0 * w)
    np.testing.assert_allclose(row.w, [0.6, 0.8], rtol=1e-9)
    column = nlsolve.solve(
        lambda w: [w[0] ** 2 - 4.0, w[0] - 2.0], 0.0, 5.0, jac=lambda w: np.array([2.0 * w[0], 1.0])
    )
    np.testing.assert_allclose(column.w, [2.0], rtol=1e-9)


@pytest.mark.parametrize("values", [squares, lambda w: (squares(w),), lambda w: [squares(w), 1, 2]])
def test_jac_true_needs_a_pair(values):
    with pytest.raises(nlsolve.EvaluationError, match=r"jac=True, F must return a tuple"):
        nlsolve.solve(values, 0.0, START, jac=True)


BAD_PRODUCTS = {
    "longer": lambda w, v: np.ones(3),
    "number": lambda w, v: 1.0,
    "None": lambda w, v: None,
}


@pytest.mark.parametrize("word", ["jvp", "vjp"])
@pytest.mark.parametrize("case", BAD_PRODUCTS)
def test_products_of_a_wrong_shape_are_named(word, case):
    with pytest.raises(nlsolve.EvaluationError, match=rf"{word} (returned|must return|raised)"):
        nlsolve.solve(squares, 0.0, START, **{word: BAD_PRODUCTS[case]})


WRONG = {
    "jac": {"jac": lambda w: squares_jacobian(w) * [[1.0], [1.01]]},
    "one entry": {"jac": lambda w: squares_jacobian(w) + np.diag([0.1], -1)},
    "sign": {"jac": lambda w: -squares_jacobian(w)},
    "jvp": {"jvp": lambda w, v: 2.02 * w * v},
    "vjp": {"vjp": lambda w, u: 2.02 * w * u},
    "vjp beside jac": {"jac": squares_jacobian, "vjp": lambda w, u: 2.02 * w * u},
    "values of rows": {
        "jac": squares_jacobian,
        "rows": lambda w, batch: (squares(w)[batch] + 1.0, squares_jacobian(w)[batch]),
    },
    "jacobian of rows": {
        "jac": squares_jacobian,
        "rows": lambda w, batch: (squares(w)[batch], 2.0 * squares_jacobian(w)[batch]),
    },
    "values of rows, J differenced": {
        "rows": lambda w, batch: (squares(w)[batch] + 1.0, squares_jacobian(w)[batch]),
    },
}


@pytest.mark.parametrize("case", WRONG)
def test_wrong_derivatives_are_warned_of_where_solve_was_called(case):
    with pytest.warns(nlsolve.JacobianWarning) as caught:
        nlsolve.solve(squares, 0.0, START, method="gd", max_iter=1, **WRONG[case])
    assert [warning.filename for warning in caught] == [__file__]


@pytest.mark.parametrize("case", WRONG)
def test_wrong_derivatives_are_an_error_on_request_each_time(case):
    system = nlsolve.System(squares, check_jac="raise", **WRONG[case])
    for _ in range(2):
        with pytest.raises(nlsolve.EvaluationError, match=r"disagrees|adjoint"):
            nlsolve.solve(system, 0.0, START, method="gd", max_iter=1)


@pytest.mark.parametrize("case", WRONG)
def test_no_check_no_complaint(case):
    nlsolve.solve(squares, 0.0, START, method="gd", max_iter=1, check_jac=False, **WRONG[case])


@pytest.mark.parametrize("lane", LANES)
def test_a_wrong_jitted_jacobian_is_found_in_either_lane(lane):
    with pytest.warns(nlsolve.JacobianWarning, match="disagrees"):
        nlsolve.solve(
            jitted["rosenbrock"], 0.0, START, jac=jitted["squares_jacobian"], lane=lane, max_iter=1
        )


RIGHT = {
    "scales 1e-7 and 300": (
        lambda w: np.array([w[0] - 301.0, 1e14 * w[1] ** 2 - 2.0]),
        lambda w: np.array([[1.0, 0.0], [0.0, 2e14 * w[1]]]),
        [300.0, 1e-7],
    ),
    "steep": (lambda w: np.exp(w) - 1.0, lambda w: np.diag(np.exp(w)), [-3.0, 2.0]),
    "cancelling": (lambda w: (w + 1e6) - 1e6, lambda w: np.eye(2), [1.0, 2.0]),
    "oscillating": (
        lambda w: np.sin(1e4 * w),
        lambda w: np.diag(1e4 * np.cos(1e4 * w)),
        [0.1, 0.2],
    ),
    "square at its double root": (lambda w: w**2, lambda w: np.diag(2.0 * w), [0.0, 0.0]),
    "flat": (lambda w: w**3, lambda w: np.diag(3.0 * w**2), [0.0, 0.0]),
    "huge": (lambda w: 1e60 * (w - 1.0), lambda w: 1e60 * np.eye(2), [0.3, 0.7]),
    "tiny": (lambda w: 1e-200 * (w - 1.0), lambda w: 1e-200 * np.eye(2), [0.3, 0.7]),
    "far": (lambda w: w * w, lambda w: np.diag(2.0 * w), [1e10, -1e-10]),
}


@pytest.mark.parametrize("case", RIGHT)
def test_right_jacobians_are_not_suspected(case):
    F, jac, w0 = RIGHT[case]
    nlsolve.solve(F, 0.0, w0, jac=jac, check_jac="raise", max_iter=1)


@pytest.mark.parametrize("method", METHODS)
def test_jacobian_that_is_right_at_w0_only_never_makes_a_false_root(method):
    def jac(w):
        return squares_jacobian(w) if tuple(w) == tuple(START) else -squares_jacobian(w)

    result = nlsolve.solve(squares, 0.0, START, jac=jac, method=method, max_iter=25)
    assert result.success == (np.abs(squares(result.w)).max() <= 1e-10)


def test_a_check_is_made_once_for_a_System():
    calls = []

    def F(w):
        calls.append(1)
        return squares(w)

    system = nlsolve.System(F, jac=squares_jacobian)
    first = nlsolve.solve(system, 0.0, START)
    second = nlsolve.solve(system, 0.0, START)
    assert first.nfev == second.nfev + 1
    assert len(calls) == first.nfev + second.nfev
    np.testing.assert_allclose(second.w, ROOT_OF_TWO, rtol=1e-9)
