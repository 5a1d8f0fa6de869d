"""Can F harm the solver, and is anything lost when F fails?

The functions here overwrite their arguments, hand out the same buffer each time, change the length
of their answer or raise in the middle of a run. A solve must give what the well-behaved function
gives, or an error that names what happened, is chained to the user's own and keeps what had been
computed.
"""

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
)

START = [1.0, 5.0]


def assert_solves_squares(result):
    assert result.success
    np.testing.assert_allclose(np.abs(result.w), ROOT_OF_TWO, rtol=1e-9)
    np.testing.assert_allclose(result.fun, result.w**2 - 2.0, atol=1e-14)
    assert result.residual_norm == pytest.approx(np.linalg.norm(result.fun), abs=1e-14)


@pytest.mark.parametrize("lane", LANES)
@pytest.mark.parametrize("kind", [None, "3-point"])
def test_F_that_overwrites_its_argument(lane, kind):
    assert_solves_squares(nlsolve.solve(jitted["overwriting"], 0.0, START, jac=kind, lane=lane))


@pytest.mark.parametrize("lane", LANES)
@pytest.mark.parametrize("method", METHODS)
def test_F_and_jac_that_overwrite_their_argument(lane, method):
    functions = jitted["overwriting"], jitted["overwriting_jacobian"]
    result = nlsolve.solve(functions[0], 0.0, START, jac=functions[1], method=method, lane=lane)
    assert_solves_squares(result)


@pytest.mark.parametrize("lane", LANES)
def test_F_that_returns_the_same_array_each_time(lane):
    result = nlsolve.solve(jitted["buffered"], 0.0, START, args=(np.empty(2),), lane=lane)
    assert_solves_squares(result)


def test_F_that_returns_its_argument():
    result = nlsolve.solve(lambda w: w, 2.0, START)
    np.testing.assert_allclose(result.w, 2.0, rtol=1e-9)


@pytest.mark.parametrize("method", METHODS)
def test_values_and_jacobian_in_the_same_arrays_each_time(method):
    values, J = np.empty(2), np.empty((2, 2))

    def buffered(w):
        values[:], J[:] = rosenbrock(w), rosenbrock_jacobian(w)
        return values, J

    result = nlsolve.solve(buffered, 0.0, [-1.2, 1.0], jac=True, method=method)
    clean = nlsolve.solve(
        lambda w: (rosenbrock(w), rosenbrock_jacobian(w)), 0.0, [-1.2, 1.0], jac=True, method=method
    )
    assert (result.success, result.nit, result.nfev) == (clean.success, clean.nit, clean.nfev)
    np.testing.assert_array_equal(result.w, clean.w)


@pytest.mark.parametrize("word", ["jvp", "vjp"])
@pytest.mark.parametrize("method", METHODS)
def test_products_in_the_same_array_each_time(word, method):
    buffer = np.empty(2)

    def product(w, v):
        buffer[:] = 2.0 * w * v
        return buffer

    assert_solves_squares(nlsolve.solve(squares, 0.0, START, method=method, **{word: product}))


@pytest.mark.parametrize("word", ["jvp", "vjp"])
@pytest.mark.parametrize("victim", [0, 1])
@pytest.mark.parametrize("method", ["levenberg-marquardt", "gd", "auto"])
def test_products_that_overwrite_an_argument(word, victim, method):
    def product(*arguments):
        image = 2.0 * arguments[0] * arguments[1]
        arguments[victim][:] = 99.0
        return image

    assert_solves_squares(nlsolve.solve(squares, 0.0, START, method=method, **{word: product}))


def test_the_start_is_left_alone():
    w0 = np.array(START)
    result = nlsolve.solve(jitted["overwriting"], 0.0, w0, lane="interpreted")
    np.testing.assert_array_equal(w0, START)
    assert not np.shares_memory(result.w, w0)


@pytest.mark.parametrize("lane", LANES)
@pytest.mark.parametrize("method", METHODS)
def test_F_of_another_length_later(lane, method):
    with pytest.raises(nlsolve.EvaluationError, match=r"F returned.*\(3,\).*expected \(2,\)"):
        nlsolve.solve(jitted["growing"], 0.0, START, method=method, lane=lane)


def good_steps(error):
    """Return the partial result of a run of `raising`, checked for consistency."""
    partial = error.partial_result
    assert isinstance(partial, nlsolve.SolveResult)
    assert not partial.success
    assert partial.status is nlsolve.Status.INTERRUPTED
    np.testing.assert_allclose(partial.fun, partial.w**2 - 2.0, rtol=1e-12)
    assert len(partial.history) == partial.nit + 1
    assert partial.history.residual_norm[-1] == pytest.approx(np.linalg.norm(partial.fun))
    return partial


@pytest.mark.parametrize("lane", LANES)
def test_an_error_in_F_is_chained_and_nothing_is_lost(lane):
    """w <- w - 0.2 w (w^2 - 2) from 1.3 gives 1.3806, 1.4066, then 1.4126, where F is undefined."""
    with pytest.raises(
        nlsolve.EvaluationError, match="F raised ValueError: out of range"
    ) as caught:
        nlsolve.solve(jitted["raising"], 0.0, [1.3, 1.3], lane=lane, method="gd", step=0.1)
    assert isinstance(caught.value.__cause__, ValueError)
    partial = good_steps(caught.value)
    expected = 1.3
    for _ in range(2):
        expected -= 0.2 * expected * (expected**2 - 2.0)
    assert (partial.lane, partial.nit) == (lane, 2)
    np.testing.assert_allclose(partial.w, expected, rtol=1e-7)
    np.testing.assert_allclose(partial.history.step[1], np.sqrt(2.0) * 0.0806, rtol=1e-6)


def counting(function, limit, error):
    """Return `function`, raising from call number `limit` on."""
    calls = []

    def F(w):
        calls.append(1)
        if len(calls) >= limit:
            raise error
        return function(w)

    return F


@pytest.mark.parametrize("kind", [ValueError, MemoryError, KeyboardInterrupt])
@pytest.mark.parametrize("method", METHODS)
def test_an_error_at_any_evaluation_keeps_what_was_computed(method, kind):
    """F goes on raising, so that a partial result that evaluates F again would fail too."""
    words = {"y": 0.5, "w0": [-1.2, 1.0], "method": method, "max_iter": 4}
    whole = nlsolve.solve(rosenbrock, **words)
    raised = KeyboardInterrupt if kind is KeyboardInterrupt else nlsolve.EvaluationError
    for limit in range(2, whole.nfev + 1):
        error = kind("boom")
        with pytest.raises(raised) as caught:
            nlsolve.solve(counting(rosenbrock, limit, error), **words)
        partial = getattr(caught.value, "partial_result", None)
        assert isinstance(partial, nlsolve.SolveResult), f"nothing left of {limit - 1} evaluations"
        assert error in (caught.value, caught.value.__cause__)


def test_an_error_at_the_first_evaluation_has_no_partial_result():
    with pytest.raises(nlsolve.EvaluationError, match=r"F raised ValueError: boom") as caught:
        nlsolve.solve(counting(squares, 1, ValueError("boom")), 0.0, START)
    assert caught.value.partial_result is None


def test_the_message_counts_evaluations_from_one():
    with pytest.raises(nlsolve.EvaluationError, match=r"\(evaluation 1, w = \[1\. 5\.\]\)"):
        nlsolve.solve(counting(squares, 1, ValueError("boom")), 0.0, START)
    with pytest.raises(nlsolve.EvaluationError, match=r"\(evaluation 4, "):
        nlsolve.solve(counting(squares, 4, ValueError("boom")), 0.0, START)


@pytest.mark.parametrize("word", ["jac", "jvp", "vjp"])
def test_an_error_in_a_derivative_names_it(word):
    def failing(*arguments):
        raise ZeroDivisionError("by zero")

    with pytest.raises(
        nlsolve.EvaluationError, match=rf"{word} raised ZeroDivisionError"
    ) as caught:
        nlsolve.solve(squares, 0.0, START, **{word: failing})
    assert isinstance(caught.value.__cause__, ZeroDivisionError)


@pytest.mark.parametrize("method", METHODS)
def test_huge_but_finite_values_cause_no_warning_of_ours(method):
    """|r|^2 overflows where r does not; warnings are errors here."""

    def steep(w):
        return np.sinh(np.clip(w, -600.0, 600.0)) - 1.0

    def far_too_flat(w):
        return np.diag(np.exp(-np.minimum(np.abs(w), 600.0)))

    result = nlsolve.solve(steep, 0.0, [1e-3, 5.0], jac=far_too_flat, check_jac=False,
                           method=method, max_iter=30)  # fmt: skip
    assert np.all(np.isfinite(result.w))
