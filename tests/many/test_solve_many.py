"""Is every row of solve_many what solve() returns for it, whoever solves it?"""

import _thread
import threading

import numba
import numpy as np
import pytest

import nlsolve
from nlsolve import Status
from nlsolve.many.blocks import Blocks
from nlsolve.many.family import Family


@numba.njit
def F(x, weight, shift):
    if weight[0] < 0.0:
        raise ValueError("weights are positive")
    return np.array(
        [weight[0] * x[0] ** 2 + weight[1] * x[1] ** 2 + x[2] ** 2, x[0] - x[1] - shift]
    )


@numba.njit
def J(x, weight, shift):
    return np.array([[2 * weight[0] * x[0], 2 * weight[1] * x[1], 2 * x[2]], [1.0, -1.0, 0.0]])


N = 60
RANDOM = np.random.default_rng(5)
Y = np.column_stack([RANDOM.uniform(1.0, 4.0, N), np.zeros(N)])
Y[7, 0] = -1.0  # without a root
W0 = RANDOM.standard_normal((N, 3))
WEIGHTS, SHIFT = RANDOM.uniform(0.5, 2.0, (N, 2)), 0.25
FIELDS = ("W", "success", "status", "residual_norm", "nit", "nfev", "njev")


def many(**words):
    return nlsolve.solve_many(F, Y, W0, jac=J, each=(WEIGHTS,), args=(SHIFT,), **words)


@pytest.fixture(scope="module")
def solved():
    return many(workers=1)


def assert_row_is(result, i, one):
    np.testing.assert_array_equal(result.W[i], one.w)
    assert Status.from_code(result.status[i]) is one.status
    assert result.success[i] == one.success
    assert result.residual_norm[i] == one.residual_norm
    assert (result.nit[i], result.njev[i]) == (one.nit, one.njev)
    assert i == 0 or result.nfev[i] == one.nfev  # J is compared with differences in row 0


def test_rows_are_what_solve_returns(solved):
    for i in range(N):
        one = nlsolve.solve(F, Y[i], W0[i], jac=J, args=(WEIGHTS[i], SHIFT), check_jac=False)
        assert_row_is(solved, i, one)


@numba.njit
def waves(x):
    a, b = np.sin(3.0 * x[0]) + x[1] * x[2], np.cos(2.0 * x[1]) * x[0]
    return np.array([a * a - b, a * b + 0.1 * x[2]])


@numba.njit
def sphere(x):
    return np.array([x[0] * x[0] + x[1] * x[1] + x[2] * x[2] - 1.0])


@numba.njit
def sphere_slope(x):
    return 2.0 * x.reshape((1, 3))


@pytest.mark.parametrize(
    ("system", "jac", "starts", "stages"),
    [
        (waves, None, 4.0 * np.random.default_rng(3).standard_normal((300, 3)), {1, 2, 3}),
        (sphere, sphere_slope, np.diag([1.0, 0.0, 2.0]), {1, 5}),
    ],
)
def test_rows_go_through_later_stages_as_solve_does(monkeypatch, system, jac, starts, stages):
    """At the centre of the sphere J = 0: only the kicked stage leaves it."""
    alone = []
    monkeypatch.setattr(Family, "outcome", lambda family, i: alone.append(i))
    result = nlsolve.solve_many(system, 0.0, starts, jac=jac)
    found = [nlsolve.solve(system, 0.0, start, jac=jac, check_jac=False) for start in starts]
    for i, one in enumerate(found):
        assert_row_is(result, i, one)
    assert {len(one.stages) for one in found} >= stages
    assert alone == []


def test_roots_are_roots_and_the_others_are_marked(solved):
    assert np.flatnonzero(~solved.success).tolist() == [7]
    for i in np.flatnonzero(solved.success):
        assert np.allclose(F(solved.W[i], WEIGHTS[i], SHIFT), Y[i], rtol=0.0, atol=1e-9)
    assert sum(solved.statuses.values()) == len(solved) == N


@pytest.mark.parametrize("workers", [2, None])
def test_threads_change_nothing(solved, workers):
    other = many(workers=workers)
    for name in FIELDS:
        np.testing.assert_array_equal(getattr(other, name), getattr(solved, name))


def test_what_was_solved_before_changes_no_count():
    assert len({tuple(many(workers=1).nfev) for _ in range(3)}) == 1


def test_python_functions_are_solved_too(solved):
    part = slice(5, 9)
    plain = nlsolve.solve_many(F.py_func, Y[part], W0[part], jac=J.py_func, each=(WEIGHTS[part],),
                               args=(SHIFT,))  # fmt: skip
    np.testing.assert_array_equal(plain.success, solved.success[part])
    roots = np.flatnonzero(plain.success)
    np.testing.assert_allclose(plain.W[roots], solved.W[part][roots], rtol=0.0, atol=1e-9)


def test_one_start_one_y_and_scalar_arguments_serve_all_rows():
    weight = np.array([1.0, 1.0])
    shifts = np.linspace(0.0, 0.5, 20)
    jitted = numba.njit(lambda x, shift, weight: F(x, weight, shift))
    result = nlsolve.solve_many(jitted, [1.0, 0.0], [1.0, 1.0, 1.0], each=(shifts,), args=(weight,))
    assert result.W.shape == (20, 3)
    np.testing.assert_allclose(result.W[:, 0] - result.W[:, 1], shifts, atol=1e-9)
    np.testing.assert_allclose(np.linalg.norm(result.W, axis=1), 1.0, atol=1e-9)


def test_an_error_of_F_in_a_row_is_kept_there():
    weights = WEIGHTS.copy()
    weights[3, 0] = -1.0
    result = nlsolve.solve_many(F, Y[:6], W0[:6], jac=J, each=(weights[:6],), args=(SHIFT,))
    assert result.success.tolist() == [True, True, True, False, True, True]
    assert Status.from_code(result.status[3]) is Status.EVALUATION_ERROR
    assert "F raised ValueError: weights are positive" in str(result.errors[3])
    assert np.isnan(result.W[3]).all()


def test_interruption_keeps_what_is_done(monkeypatch):
    blocks = Blocks.begin

    def begin(self):
        blocks(self)
        self.size = 4
        raise KeyboardInterrupt

    monkeypatch.setattr(Blocks, "begin", begin)
    with pytest.raises(KeyboardInterrupt) as caught:
        many(workers=1)
    partial = caught.value.partial_result
    done = np.flatnonzero(partial.success)
    assert 10 < len(done) < N
    assert np.isfinite(partial.W[done]).all()
    assert Status.from_code(partial.status[-1]) is Status.INTERRUPTED


def test_ctrl_c_is_heard_between_blocks(solved, listening):
    count, halfway = 400_000, threading.Timer(0.4, _thread.interrupt_main)
    starts, weights = np.ones((count, 3)), np.ones((count, 2))
    halfway.start()
    with pytest.raises(KeyboardInterrupt) as caught:
        nlsolve.solve_many(F, [3.0, 0.0], starts, jac=J, each=(weights,), args=(SHIFT,), tol=0.0)
    assert len(caught.value.partial_result) == count


def test_certificates_hold_at_the_distance_they_say():
    result = nlsolve.solve_many(F, Y[:4], W0[:4], jac=J, each=(WEIGHTS[:4],), args=(SHIFT,),
                                certify={"evidence": "estimated"})  # fmt: skip
    assert set(result.evidence) == {"estimated"}
    assert (result.h < 1.0).all()
    for i in range(4):
        better = nlsolve.solve(F, Y[i], result.W[i], jac=J, args=(WEIGHTS[i], SHIFT), tol=0.0)
        assert np.linalg.norm(better.w - result.W[i]) <= result.distance[i, 1] + 1e-14


def test_bad_arguments_are_named():
    with pytest.raises(TypeError, match="W0 is missing"):
        nlsolve.solve_many(F, Y)
    with pytest.raises(ValueError, match="Y has 60, W0 has 59"):
        nlsolve.solve_many(F, Y, W0[1:], jac=J, each=(WEIGHTS,), args=(SHIFT,))
    with pytest.raises(TypeError, match="each must be a tuple"):
        nlsolve.solve_many(F, Y, W0, each=WEIGHTS)
    with pytest.raises(ValueError, match=r"W0 must be finite, but its entry \(2, 1\)"):
        nlsolve.solve_many(F, Y, np.where(np.arange(N * 3).reshape(N, 3) == 7, np.nan, W0))
    with pytest.raises(TypeError, match="dampin"):
        many(method="gauss-newton", dampin="none")
    with pytest.raises(ValueError, match="workers must be"):
        many(workers=0)
