"""Does jit_solver, called from compiled code, do what solve() does?"""

import functools
import threading

import numba
import numpy as np
import pytest

import nlsolve
from nlsolve import Status
from tests.zoo import STANDARD, WIDE

COMPARED = [p for p in (*STANDARD, *WIDE) if len(p.w0) <= 4][::4]  # each costs two seconds


@numba.njit
def sphere(x):
    return np.array([x[0] * x[0] + x[1] * x[1] + x[2] * x[2], x[0] - x[1]])


@numba.njit
def sphere_jac(x):
    return np.array([[2 * x[0], 2 * x[1], 2 * x[2]], [1.0, -1.0, 0.0]])


@numba.njit
def both(x):
    return sphere(x), sphere_jac(x)


@numba.njit
def scaled(x, A, b, shift, square):
    return A @ x * b - shift if square else A @ x


@numba.njit
def picky(x):
    if x[0] > 5.0:
        raise ValueError("x[0] is too large")
    return np.array([x[0] - 10.0])


@functools.cache
def sphere_solver(J=sphere_jac, **words):
    return nlsolve.jit_solver(sphere, J, **words)


W0 = np.array([2.0, 0.5, 1.0])


@numba.njit
def follow(solver, count):
    """Solve a family, each from the solution before."""
    W, w = np.empty((count, 3)), W0.copy()
    for i in range(count):
        w, status, _ = solver(np.array([1.0 + i, 0.0]), w)
        if status > 1:
            break
        W[i] = w
    return W


def test_solutions_inside_compiled_code_are_those_of_solve():
    expected, w = [], W0
    for i in range(5):
        w = nlsolve.solve(sphere, [1.0 + i, 0.0], w, jac=sphere_jac, method="gauss-newton").w
        expected.append(w)
    np.testing.assert_array_equal(follow(sphere_solver(), 5), expected)


@pytest.mark.parametrize("problem", COMPARED, ids=lambda p: p.name)
def test_jitted_problems_of_the_zoo_end_as_in_solve(problem):
    F, J = numba.njit(problem.F), numba.njit(problem.jac)
    w0 = np.array(problem.w0, dtype=float)
    result = nlsolve.solve(F, 0.0, w0, jac=J, method="gauss-newton", check_jac=False)
    w, status, iterations = nlsolve.jit_solver(F, J)(np.zeros(result.fun.size), w0)
    assert Status.from_code(status) is result.status
    np.testing.assert_array_equal(w, result.w)
    assert iterations == result.nit


@pytest.mark.parametrize("J", [True, "2-point", "3-point"])
def test_other_jacobians(J):
    solver = nlsolve.jit_solver(both if J is True else sphere, J)
    w, status, _ = solver(np.array([1.0, 0.0]), W0)
    exact = nlsolve.solve(sphere, [1.0, 0.0], W0, jac=sphere_jac, method="gauss-newton")
    assert status <= 1
    np.testing.assert_allclose(w, exact.w, rtol=0.0, atol=1e-8)


def test_arguments_of_every_kind_travel():
    A, b = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 7.0]]), 2.0
    solver = nlsolve.jit_solver(scaled)
    y = np.array([1.0, 2.0])
    w, status, _ = solver(y, np.zeros(3), A, b, 1, True)
    assert status <= 1
    np.testing.assert_allclose(w, np.linalg.pinv(A) @ ((y + 1.0) / b), atol=1e-8)
    w, status, _ = solver(y, np.zeros(3), A, b, 1, False)
    np.testing.assert_allclose(w, np.linalg.pinv(A) @ y, atol=1e-8)


def test_w0_is_not_changed_and_may_be_any_vector_of_numbers():
    w0 = np.array([2, 9, 0, 9, 1])[::2]
    w, status, _ = sphere_solver()(np.array([1, 0]), w0)
    assert status <= 1
    assert w0.tolist() == [2, 0, 1]
    assert np.allclose(sphere(w), [1.0, 0.0], rtol=0.0, atol=1e-9)


def test_an_exception_of_the_user_is_a_status():
    w, status, _ = nlsolve.jit_solver(picky)(np.zeros(1), np.zeros(1))
    assert Status.from_code(status) is Status.EVALUATION_ERROR
    assert w.shape == (1,)


def test_a_limit_is_a_status():
    solver = sphere_solver(max_iter=1)
    _, status, iterations = solver(np.array([1.0, 0.0]), W0)
    assert Status.from_code(status) is Status.MAX_ITER
    assert iterations == 1


def test_no_root_is_reported_where_there_is_none():
    w, status, _ = sphere_solver(damping="backtracking")(np.array([-1.0, 0.0]), W0)
    expected = nlsolve.solve(sphere, [-1.0, 0.0], W0, jac=sphere_jac, method="gauss-newton",
                             damping="backtracking")  # fmt: skip
    assert Status.from_code(status) is expected.status
    assert not expected.success
    assert np.isfinite(w).all()


def test_levenberg_marquardt_runs_too():
    solver = nlsolve.jit_solver(sphere, sphere_jac, method="levenberg-marquardt")
    w, status, iterations = solver(np.array([1.0, 0.0]), W0)
    result = nlsolve.solve(sphere, [1.0, 0.0], W0, jac=sphere_jac, method="levenberg-marquardt")
    assert (Status.from_code(status), iterations) == (result.status, result.nit)
    np.testing.assert_allclose(w, result.w, rtol=0.0, atol=1e-14)


def test_threads_do_not_disturb_each_other():
    solver, found = sphere_solver(), {}

    @numba.njit(nogil=True)
    def work(count):
        return follow(solver, count)

    work(1)
    threads = [threading.Thread(target=lambda k=k: found.update({k: work(200)})) for k in (0, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    np.testing.assert_array_equal(found[0], found[1])


def test_callers_are_not_cached_with_addresses_of_this_process(tmp_path, monkeypatch):
    monkeypatch.setattr(numba.config, "CACHE_DIR", str(tmp_path))
    solver = sphere_solver()

    @numba.njit(cache=True)
    def call(y, w0):
        return solver(y, w0)

    with pytest.warns(numba.core.errors.NumbaWarning, match="cannot be cached|Cannot cache"):
        call(np.array([1.0, 0.0]), W0)


def test_bad_arguments_are_named():
    with pytest.raises(TypeError, match=r"jitted by numba\.njit"):
        nlsolve.jit_solver(lambda w: w)
    with pytest.raises(ValueError, match="method='auto'"):
        nlsolve.jit_solver(sphere, method="auto")
    with pytest.raises(ValueError, match="method='sgd'"):
        nlsolve.jit_solver(sphere, method="sgd")
    with pytest.raises(TypeError, match="dampin"):
        nlsolve.jit_solver(sphere, dampin="none")
    with pytest.raises(ValueError, match="tol must be"):
        nlsolve.jit_solver(sphere, tol=-1.0)
    with pytest.raises(numba.core.errors.TypingError, match="y of jit_solver's function"):
        sphere_solver()(0.0, W0)
    with pytest.raises(numba.core.errors.TypingError, match=r"args\[0\] of jit_solver"):
        nlsolve.jit_solver(scaled)(np.zeros(2), W0, np.eye(3)[:, ::2], 1.0, 1, True)
