"""Are limits kept, interrupts heard, observers called and runs continued, in both lanes?"""

import os
import pickle
import signal
import threading
import time

import numba
import numpy as np
import pytest

import nlsolve
from nlsolve import Status
from nlsolve.methods import REGISTRY

W0 = np.array([0.5, -1.0, 2.0])


def F(w):
    return np.array([w @ w - 1.0, w[0] - w[1]])


def jac(w):
    return np.array([[2 * w[0], 2 * w[1], 2 * w[2]], [1.0, -1.0, 0.0]])


LANES = {"interpreted": (F, jac), "compiled": (numba.njit(F), numba.njit(jac))}
METHODS = [*REGISTRY, "auto"]


@pytest.fixture(params=LANES)
def lane(request):
    return request.param


def solve(lane, **keywords):
    function, jacobian = LANES[lane]
    result = nlsolve.solve(function, 0.0, keywords.pop("w0", W0), jac=jacobian, **keywords)
    assert result.lane == lane
    return result


@pytest.mark.parametrize("limit", [1, 2, 4])
def test_iteration_limit(lane, limit):
    result = solve(lane, max_iter=limit)
    assert (result.status, result.nit) == (Status.MAX_ITER, limit)
    assert f"{limit} iterations" in result.message


def test_evaluation_limit(lane):
    result = solve(lane, max_nfev=4)
    assert result.status is Status.MAX_NFEV
    assert 4 <= result.nfev <= 5  # one more where the best point is evaluated again
    assert "evaluations" in result.message


def rootless(w):
    return np.array([w[0] ** 2 + w[1] ** 2 + 1.0 + 1e-3 * np.sin(w[0])])


SLOW = {"interpreted": rootless, "compiled": numba.njit(rootless)}


def test_time_limit(lane):
    kwargs = {"method": "gd", "step": 1e-12, "max_iter": 10**9}
    nlsolve.solve(SLOW[lane], 0.0, [1.0, 2.0], **{**kwargs, "max_iter": 5})  # compile first
    began = time.process_time()  # of the processor: other programs must not count
    result = nlsolve.solve(SLOW[lane], 0.0, [1.0, 2.0], max_time=0.3, **kwargs)
    assert result.status is Status.MAX_TIME
    assert result.lane == lane
    assert time.process_time() - began < 1.3


def test_ctrl_c_is_heard_within_a_second(lane, listening):
    kwargs = {"method": "gd", "step": 1e-12, "max_iter": 10**9, "max_time": 20.0}
    nlsolve.solve(SLOW[lane], 0.0, [1.0, 2.0], **{**kwargs, "max_iter": 5})
    pressed = []

    def press():
        pressed.append(time.process_time())
        os.kill(os.getpid(), signal.SIGINT)

    timer = threading.Timer(0.3, press)
    timer.start()
    with pytest.raises(KeyboardInterrupt) as caught:
        nlsolve.solve(SLOW[lane], 0.0, [1.0, 2.0], **kwargs)
    assert time.process_time() - pressed[0] < 1.0
    partial = caught.value.partial_result
    assert partial.status is Status.INTERRUPTED
    assert partial.nit > 0
    timer.join()


def test_callback_sees_every_iteration(lane):
    seen = []

    def callback(intermediate_result):
        seen.append((intermediate_result.nit, intermediate_result.residual_norm))

    result = solve(lane, callback=callback)
    assert [nit for nit, _ in seen] == list(range(1, result.nit + 1))
    np.testing.assert_allclose([r for _, r in seen], result.history.residual_norm[1:])


def test_callback_may_stop_the_run(lane):
    def callback(intermediate_result):
        if intermediate_result.nit == 3:
            raise StopIteration

    result = solve(lane, callback=callback)
    assert (result.status, result.nit) == (Status.CALLBACK, 3)
    assert not result.success


def test_history_is_that_of_the_path(lane):
    result = solve(lane, method="levenberg-marquardt", store_path=True)
    path, history = result.path, result.history
    assert len(path) == len(history) == result.nit + 1
    np.testing.assert_array_equal(path[0], W0)
    np.testing.assert_array_equal(path[-1], result.w)
    steps = np.linalg.norm(np.diff(path, axis=0), axis=1)
    np.testing.assert_allclose(history.step[1:], steps, rtol=1e-12)
    np.testing.assert_allclose(history.path_length, np.cumsum([0.0, *steps]), rtol=1e-12)
    np.testing.assert_allclose(history.distance, np.linalg.norm(path - W0, axis=1), rtol=1e-12)
    residuals = [np.linalg.norm(F(w)) for w in path]
    np.testing.assert_allclose(history.residual_norm, residuals, rtol=1e-9, atol=1e-15)


def test_sigma_min_of_the_history_bounds_the_singular_value(lane):
    result = solve(lane, method="gauss-newton", store_path=True)
    smallest = [np.linalg.svd(jac(w), compute_uv=False)[-1] for w in result.path[:-1]]
    assert np.isnan(result.history.sigma_min[-1])
    measured = result.history.sigma_min[:-1]
    assert np.all(measured >= np.array(smallest) * (1 - 1e-9))
    np.testing.assert_allclose(measured, smallest, rtol=0.2)


@pytest.mark.parametrize("method", METHODS)
def test_a_run_in_pieces_is_the_run(lane, method):
    whole = solve(lane, method=method, rng=5)
    part = solve(lane, method=method, rng=5, max_iter=2)
    assert part.nit == 2
    state = pickle.loads(pickle.dumps(part.state))
    rest = solve(lane, method=method, state=state, w0=None)
    np.testing.assert_array_equal(rest.w, whole.w)
    assert part.nit + rest.nit == whole.nit
    assert rest.history.path_length[-1] == whole.history.path_length[-1]
    assert rest.history.distance[-1] == whole.history.distance[-1]


@pytest.mark.parametrize("limit", [{"max_iter": 3}, {"max_nfev": 9}])
def test_a_run_that_returned_to_its_best_point_goes_on_from_its_last(lane, limit):
    keywords = {"method": "sgd", "step": 0.2, "rng": 1}  # far too long a step: |r| rises and falls
    whole = solve(lane, **keywords, max_iter=12)
    part = solve(lane, **keywords, **limit)
    rest = solve(lane, **keywords, max_iter=12 - part.nit, state=part.state, w0=None)
    assert part.nit + rest.nit == whole.nit
    np.testing.assert_array_equal(rest.state.state.w, whole.state.state.w)
    assert rest.state.row[0, 3] == whole.state.row[0, 3]


def brown(w):  # Brown's almost linear system: full Gauss-Newton steps use up their stage
    F = w + np.sum(w) - (w.size + 1.0)
    F[w.size - 1] = np.prod(w) - 1.0
    return F


def steep(w):  # full Gauss-Newton steps diverge
    return np.arctan(w)


STAGED = {("interpreted", f.__name__): f for f in (brown, steep)}
STAGED |= {("compiled", f.__name__): numba.njit(f) for f in (brown, steep)}


@pytest.mark.parametrize(("name", "w0"), [("brown", np.full(10, 0.5)), ("steep", [3.0, 5.0])])
@pytest.mark.parametrize("piece", [1, 7])
def test_auto_in_pieces_is_the_run_through_its_stages(lane, name, w0, piece):
    function = STAGED[lane, name]
    whole = nlsolve.solve(function, 0.0, w0, lane=lane)
    assert whole.success
    assert len(whole.stages) > 1
    state, nit, result = None, 0, None
    while result is None or result.nit == piece:
        result = nlsolve.solve(function, 0.0, w0, state=state, max_iter=piece, lane=lane)
        state, nit = result.state, nit + result.nit
        assert nit <= whole.nit
        if result.success:
            break
    np.testing.assert_array_equal(result.w, whole.w)
    assert nit == whole.nit


def test_saddle_points_are_left_by_one_kick(lane):
    # J = 0 at the start, an exact saddle of the loss
    product = {"interpreted": saddle, "compiled": numba.njit(saddle)}[lane]
    result = nlsolve.solve(product, 0.0, [0.0, 0.0, 0.0])
    assert result.success
    assert abs(result.w[0] * result.w[1] - 1.0 + result.w[2] ** 2) < 1e-10
    again = nlsolve.solve(product, 0.0, [0.0, 0.0, 0.0])
    np.testing.assert_array_equal(again.w, result.w)


def saddle(w):
    return np.array([w[0] * w[1] - 1.0 + w[2] ** 2])


def test_a_failed_run_returns_the_best_point_seen(lane):
    def cycle(w):  # Newton's method on x^3 - 2 x + 2 from 0 alternates between 0 and 1
        return np.array([w[0] ** 3 - 2.0 * w[0] + 2.0])

    function = cycle if lane == "interpreted" else numba.njit(cycle)
    result = nlsolve.solve(function, 0.0, 0.1, method="gauss-newton", max_iter=6)
    assert not result.success
    assert result.residual_norm == pytest.approx(np.min(result.history.residual_norm))
    assert result.residual_norm == pytest.approx(abs(result.w[0] ** 3 - 2 * result.w[0] + 2))


def test_a_start_that_is_a_root_takes_no_step(lane):
    result = solve(lane, w0=[0.0, 0.0, 1.0])
    assert result.success
    assert result.nit == 0
    assert result.nfev <= 2
