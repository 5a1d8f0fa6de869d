"""Do processes, pools and maps give what this process gives, and do their errors come home?"""

import multiprocessing
import os
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor

import numpy as np
import pytest

import nlsolve
from nlsolve.systems.workers import mapping
from tests.systems.functions import METHODS, ROOT_OF_TWO, squares


def raising_elsewhere(w):
    """`squares` in this process, an error in any other."""
    if multiprocessing.parent_process() is not None:
        raise ValueError("not here")
    return squares(w)


@pytest.mark.parametrize("kind", ["2-point", "3-point", "cs"])
def test_two_processes(kind):
    result = nlsolve.solve(squares, 0.0, [1.0, 5.0], jac=kind, workers=2)
    alone = nlsolve.solve(squares, 0.0, [1.0, 5.0], jac=kind)
    assert result.success
    np.testing.assert_allclose(result.w, ROOT_OF_TWO, rtol=1e-9)
    np.testing.assert_allclose(result.w, alone.w, rtol=0, atol=1e-12)
    assert (result.nfev, result.nit) == (alone.nfev, alone.nit)


@pytest.mark.parametrize("method", METHODS)
def test_a_pool_that_ends_with_the_solve_serves_every_method(method):
    result = nlsolve.solve(squares, 0.0, [1.0, 5.0], method=method, workers=2)
    assert result.success
    np.testing.assert_allclose(result.jac, np.diag(2.0 * result.w), atol=1e-6)


def test_one_worker_is_this_process():
    threads = []

    def F(w):
        threads.append(os.getpid())
        return squares(w)

    assert nlsolve.solve(F, 0.0, [1.0, 5.0], workers=1).success
    assert set(threads) == {os.getpid()}


@pytest.mark.parametrize("pool", [ThreadPoolExecutor, ProcessPoolExecutor])
def test_an_executor_stays_open(pool):
    with pool(2) as executor:
        result = nlsolve.solve(squares, 0.0, [1.0, 5.0], workers=executor)
        assert executor.submit(abs, -3).result() == 3
    np.testing.assert_allclose(result.w, ROOT_OF_TWO, rtol=1e-9)


def test_a_map_sees_every_point_of_a_jacobian_at_once():
    batches = []

    def counting(function, points):
        points = list(points)
        batches.append(len(points))
        return map(function, points)

    result = nlsolve.solve(squares, 0.0, [1.0, 5.0, 2.0], workers=counting, jac="3-point")
    assert result.success
    assert batches == [6] * result.njev


def test_arguments_go_along():
    result = nlsolve.solve(
        lambda w, a, *, b: w - a - b, 0.0, [1.0, 5.0], workers=map, args=(2.0,), kwargs={"b": 3.0}
    )
    np.testing.assert_allclose(result.w, 5.0, rtol=1e-9)


def test_an_error_in_a_worker_is_chained_and_nothing_is_lost():
    with pytest.raises(nlsolve.EvaluationError, match=r"F raised ValueError: not here") as caught:
        nlsolve.solve(raising_elsewhere, 0.0, [1.0, 5.0], workers=2)
    assert isinstance(caught.value.__cause__, ValueError)
    assert isinstance(caught.value.partial_result, nlsolve.SolveResult)


def test_a_function_that_cannot_be_sent_is_told_as_such():
    with pytest.raises(nlsolve.EvaluationError, match=r"pickle"):
        nlsolve.solve(lambda w: squares(w), 0.0, [1.0, 5.0], workers=2)


def differently_elsewhere(change):
    start = (1.0, 5.0)
    return lambda w: change(w) if tuple(w) != start else squares(w)


@pytest.mark.parametrize(
    "change",
    [lambda w: np.zeros(3), lambda w: np.zeros(3) if w[0] > 1 else squares(w), lambda w: w * 1j],
    ids=["always longer", "longer once", "complex"],
)
@pytest.mark.parametrize("words", [{}, {"workers": map}])
def test_values_of_another_kind_at_the_moved_points(change, words):
    with pytest.raises(nlsolve.EvaluationError, match=r"F (returned|raised)"):
        nlsolve.solve(differently_elsewhere(change), 0.0, [1.0, 5.0], **words)


@pytest.mark.parametrize("workers", [0, -2, "two", 1.5])
def test_bad_workers_are_named(workers):
    with pytest.raises(ValueError, match=r"^workers must be a positive int.*got ") as caught:
        nlsolve.solve(squares, 0.0, [1.0, 5.0], workers=workers)
    assert repr(workers) in str(caught.value)


def test_no_workers_no_mapping():
    with mapping(None) as mapper:
        assert mapper is None
    with mapping(1) as mapper:
        assert mapper is None
