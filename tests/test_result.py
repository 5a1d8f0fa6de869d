"""Is a result what scipy's users expect, whole after a pickle, and are its numbers consistent?"""

import copy
import pickle

import numpy as np
import pytest
from scipy.optimize import OptimizeResult

import nlsolve
from nlsolve import SolveError, SolveResult, Status
from tests.systems.functions import LANES, METHODS, jitted, rosenbrock, squares

START = [1.0, 5.0]
FIELDS = {
    "w", "x", "fun", "jac", "cost", "grad", "optimality", "active_mask", "residual_norm", "success",
    "status", "message", "method", "lane", "stages", "nfev", "njev", "nit", "history", "path",
    "state",
}  # fmt: skip


@pytest.fixture(scope="module", params=[(m, lane) for m in METHODS for lane in LANES], ids="-".join)
def solved(request):
    """A path of `squares`, by every method in both lanes."""
    method, lane = request.param
    result = nlsolve.solve(
        jitted["squares"], 0.0, START, method=method, lane=lane, store_path=True, tol=1e-6
    )
    assert (result.success, result.method, result.lane) == (True, method, lane)
    return result


def test_it_is_an_OptimizeResult(solved):
    assert isinstance(solved, OptimizeResult)
    assert set(solved.keys()) == FIELDS
    assert all(solved[name] is getattr(solved, name) for name in FIELDS)
    assert set(dir(solved)) >= FIELDS
    with pytest.raises(AttributeError):
        solved.root  # noqa: B018
    np.testing.assert_array_equal(solved.x, solved.w)


def test_the_numbers_agree_with_each_other(solved):
    r = solved.w**2 - 2.0
    np.testing.assert_allclose(solved.fun, r, atol=1e-14)
    np.testing.assert_allclose(solved.jac, np.diag(2.0 * solved.w), atol=1e-6)
    np.testing.assert_allclose(solved.grad, solved.jac.T @ solved.fun, rtol=1e-12, atol=1e-16)
    assert solved.residual_norm == pytest.approx(np.linalg.norm(solved.fun), rel=1e-12)
    assert solved.cost == pytest.approx(solved.residual_norm**2 / 2.0, rel=1e-12)
    assert solved.optimality == np.abs(solved.grad).max()
    assert solved.success is True
    assert all(type(solved[name]) is int for name in ("nfev", "njev", "nit"))
    assert all(type(solved[name]) is float for name in ("cost", "optimality", "residual_norm"))


def test_the_path_is_every_iterate_from_w0_to_w(solved):
    assert solved.path.shape == (solved.nit + 1, 2)
    np.testing.assert_array_equal(solved.path[0], START)
    np.testing.assert_array_equal(solved.path[-1], solved.w)


def test_the_history_is_the_path_in_scalars(solved):
    history, path = solved.history, solved.path
    steps = np.linalg.norm(np.diff(path, axis=0), axis=1)
    assert len(history) == len(path)
    residuals = np.linalg.norm(path**2 - 2.0, axis=1)
    np.testing.assert_allclose(history.residual_norm, residuals, rtol=1e-9, atol=1e-14)
    np.testing.assert_allclose(history.step, [0.0, *steps], rtol=1e-12, atol=1e-15)
    np.testing.assert_allclose(history.distance, np.linalg.norm(path - START, axis=1), rtol=1e-12)
    np.testing.assert_allclose(history.path_length, np.cumsum([0.0, *steps]), rtol=1e-12)


def test_history_without_a_path(solved):
    """More iterations a chunk, the same history."""
    again = nlsolve.solve(
        jitted["squares"], 0.0, START, method=solved.method, lane=solved.lane, tol=1e-6
    )
    assert again.path is None
    np.testing.assert_array_equal(again.history.table, solved.history.table)
    assert np.all(np.diff(again.history.path_length) >= 0.0)
    assert np.all(again.history.path_length >= again.history.distance * (1.0 - 1e-12))


def test_sigma_min_bounds_the_smallest_singular_value_from_above(solved):
    smallest = 2.0 * np.abs(solved.path).min(axis=1)
    known = np.isfinite(solved.history.sigma_min)
    assert np.all(solved.history.sigma_min[known] >= smallest[known] * (1.0 - 1e-6))
    if solved.method in ("gauss-newton", "auto"):
        assert known[:-1].all()


def test_pickle_keeps_everything(solved):
    again = pickle.loads(pickle.dumps(solved))
    assert type(again) is SolveResult
    assert again.keys() == solved.keys()
    assert again.status is solved.status
    assert repr(again) == repr(solved)
    for name in ("w", "x", "fun", "jac", "grad", "path"):
        np.testing.assert_array_equal(again[name], solved[name])
    np.testing.assert_array_equal(again.history.table, solved.history.table)


@pytest.mark.parametrize("copier", [copy.copy, copy.deepcopy])
def test_copies_are_results(solved, copier):
    again = copier(solved)
    assert again is not solved
    assert isinstance(again, SolveResult)
    np.testing.assert_array_equal(again.w, solved.w)


def test_repr_shows_the_verdict_first_and_no_array_in_full(solved):
    lines = repr(solved).splitlines()
    assert lines[0] == solved.message
    assert f"{solved.nit}, {solved.nfev}, {solved.njev}" in repr(solved)
    assert solved.lane in repr(solved)
    assert str(solved) == repr(solved)
    many = nlsolve.solve(lambda w: w[:3] - 1.0, 0.0, np.zeros(1000))
    assert max(map(len, repr(many).splitlines())) < 200


@pytest.mark.parametrize("fields", [{}, {"x": np.zeros(2)}, {"success": True, "message": "ok"}])
def test_repr_of_what_is_left_of_a_result(fields):
    """scipy's results can be shown whatever was taken from them; debuggers do so."""
    assert isinstance(repr(SolveResult(fields)), str)


def test_message_is_the_status_with_its_number(solved):
    assert solved.message.startswith(solved.status.value)
    assert f"|r| = {solved.residual_norm:.3g} <= 1e-06" in solved.message


def test_status_sentences():
    values = [status.value for status in Status]
    assert len(set(values)) == len(values)
    assert {status for status in Status if status.success} == {Status.ROOT, Status.ROOT_TO_ROUNDING}
    for status in Status:
        assert (" root" in f" {status.value}") or not status.success
        assert pickle.loads(pickle.dumps(status)) is status


def test_raise_if_failed():
    good = nlsolve.solve(squares, 0.0, START)
    assert good.raise_if_failed() is good
    bad = nlsolve.solve(squares, 0.0, [1.0, 99.0], max_iter=2)
    with pytest.raises(SolveError, match="iteration limit reached") as caught:
        bad.raise_if_failed()
    assert caught.value.result is bad
    again = pickle.loads(pickle.dumps(caught.value))
    assert str(again) == bad.message
    np.testing.assert_array_equal(again.result.w, bad.w)


def test_results_do_not_share_memory_with_each_other_or_with_w0():
    w0 = np.array([-1.2, 1.0])
    result = nlsolve.solve(rosenbrock, 0.0, w0, store_path=True)
    path = result.path.copy()
    result.w[:] = 0.0
    np.testing.assert_array_equal(result.path, path)
    np.testing.assert_array_equal(w0, [-1.2, 1.0])


def test_history_repr_and_slices_of_a_start_only():
    result = nlsolve.solve(squares, 2.0, [2.0, 2.0])
    assert repr(result.history) == "History(1 entries, |r| from 0 to 0)"
    np.testing.assert_array_equal(result.history.path_length, [0.0])
