"""Does `solve(..., state=result.state)` go on as if the run had never been cut?

The expected value is the uninterrupted run of the same call: equal to the last bit, in its point,
its status, its history and the number of its iterations.
"""

import pickle

import numpy as np
import pytest
from numba import njit

import nlsolve
from nlsolve import Status
from tests.systems.functions import LANES, METHODS, jitted


@njit
def broyden(w):
    """Broyden's tridiagonal function."""
    r = (3.0 - 2.0 * w) * w + 1.0
    r[1:] -= w[:-1]
    r[:-1] -= 2.0 * w[1:]
    return r


@njit
def freudenstein_roth(w):
    return np.array(
        [
            -13.0 + w[0] + ((5.0 - w[1]) * w[1] - 2.0) * w[1],
            -29.0 + w[0] + ((w[1] + 1.0) * w[1] - 14.0) * w[1],
        ]
    )


@njit
def rootless(w):
    return w * w + 1.0


def stay_quiet_about_overflow():
    return np.errstate(over="ignore")


def assert_goes_on(cut, rest, whole):
    assert rest.status is whole.status
    assert cut.nit + rest.nit == whole.nit
    np.testing.assert_array_equal(rest.w, whole.w)
    np.testing.assert_array_equal(rest.fun, whole.fun)
    before, after = cut.history.residual_norm[: cut.nit + 1], rest.history.residual_norm[1:]
    np.testing.assert_array_equal([*before, *after], whole.history.residual_norm)


@pytest.mark.parametrize("lane", LANES)
@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("k", [1, 2, 3, 4, 9, 17])
def test_cut_after_k_iterations(method, lane, k):
    words = {"method": method, "lane": lane}
    start = np.full(5, -1.0)
    whole = nlsolve.solve(broyden, 0.0, start, **words)
    k = min(k, whole.nit - 1)
    cut = nlsolve.solve(broyden, 0.0, start, max_iter=k, **words)
    rest = nlsolve.solve(broyden, 0.0, state=pickle.loads(pickle.dumps(cut.state)), **words)
    assert cut.status is Status.MAX_ITER
    assert_goes_on(cut, rest, whole)


@pytest.mark.parametrize("lane", LANES)
@pytest.mark.parametrize("k", [1, 17, 41])
def test_cut_in_the_middle_of_a_wandering_run(lane, k):
    whole = nlsolve.solve(freudenstein_roth, 0.0, [0.5, -2.0], lane=lane)
    k = min(k, whole.nit - 1)
    cut = nlsolve.solve(freudenstein_roth, 0.0, [0.5, -2.0], max_iter=k, lane=lane)
    rest = nlsolve.solve(freudenstein_roth, 0.0, state=cut.state, lane=lane)
    assert whole.success
    assert_goes_on(cut, rest, whole)


@pytest.mark.parametrize("lane", LANES)
@pytest.mark.parametrize("k", [1, 49, 50, 51, 60, 66, 100, 200, 201])
def test_cut_at_and_between_the_stages_of_auto(lane, k):
    with stay_quiet_about_overflow():
        whole = nlsolve.solve(rootless, 0.0, [0.7], lane=lane)
        cut = nlsolve.solve(rootless, 0.0, [0.7], max_iter=k, lane=lane)
        rest = nlsolve.solve(rootless, 0.0, state=cut.state, lane=lane)
    assert rest.status is whole.status
    assert cut.nit + rest.nit == whole.nit
    np.testing.assert_array_equal(rest.w, whole.w)


@pytest.mark.parametrize("lane", LANES)
@pytest.mark.parametrize("method", METHODS)
def test_a_looser_tolerance_first(method, lane):
    words = {"method": method, "lane": lane}
    whole = nlsolve.solve(broyden, 0.0, np.full(5, -1.0), **words)
    cut = nlsolve.solve(broyden, 0.0, np.full(5, -1.0), tol=1e-3, **words)
    rest = nlsolve.solve(broyden, 0.0, state=cut.state, **words)
    assert cut.success
    assert cut.nit < whole.nit
    assert_goes_on(cut, rest, whole)


@pytest.mark.parametrize("lane", LANES)
@pytest.mark.parametrize("method", METHODS)
def test_evaluations_run_out_first(method, lane):
    words = {"method": method, "lane": lane}
    whole = nlsolve.solve(broyden, 0.0, np.full(5, -1.0), **words)
    cut = nlsolve.solve(broyden, 0.0, np.full(5, -1.0), max_nfev=whole.nfev // 2, **words)
    rest = nlsolve.solve(broyden, 0.0, state=cut.state, **words)
    assert cut.status is Status.MAX_NFEV
    assert_goes_on(cut, rest, whole)


@pytest.mark.parametrize("method", METHODS)
def test_limits_are_those_of_the_new_call(method):
    words = {"method": method, "max_iter": 2, "tol": 0.0}
    with stay_quiet_about_overflow():
        whole = nlsolve.solve(rootless, 0.0, [0.7], **{**words, "max_iter": 6})
        part = nlsolve.solve(rootless, 0.0, [0.7], **words)
        for _ in range(2):
            part = nlsolve.solve(rootless, 0.0, state=part.state, **words)
            assert (part.status, part.nit) == (Status.MAX_ITER, 2)
    np.testing.assert_array_equal(part.state.state.w, whole.state.state.w)


def test_a_run_that_used_up_the_default_limit_can_go_on():
    with stay_quiet_about_overflow():
        first = nlsolve.solve(rootless, 0.0, [0.7], method="gauss-newton")
        second = nlsolve.solve(rootless, 0.0, state=first.state, method="gauss-newton", max_iter=7)
    assert first.status is Status.MAX_ITER
    assert second.nit == 7


@pytest.mark.parametrize("lane", LANES)
def test_what_goes_on_knows_its_own_residual(lane):
    """The state stands at the last point, which need not be the best one that the result shows."""
    with stay_quiet_about_overflow():
        first = nlsolve.solve(rootless, 0.0, [0.7], method="gauss-newton", max_iter=23, lane=lane)
        second = nlsolve.solve(
            rootless,
            0.0,
            state=first.state,
            method="gauss-newton",
            tol=1.1,
            max_iter=500,
            lane=lane,
        )
    assert np.linalg.norm(second.fun) == pytest.approx(second.residual_norm, rel=1e-12)
    assert second.history.residual_norm[-1] == pytest.approx(second.residual_norm, rel=1e-12)
    assert second.success == (second.w[0] ** 2 + 1.0 <= 1.1)


def leap(w):
    """From -20 Newton leaps to 5e5, where exp overflows."""
    with np.errstate(over="ignore"):
        return np.exp(w) - 1e-3


@pytest.mark.parametrize("method", ["auto", "gauss-newton"])
def test_cut_where_values_are_not_finite(method):
    words = {"method": method, "jac": "3-point"}
    with stay_quiet_about_overflow():
        whole = nlsolve.solve(leap, 0.0, [-20.0], **words)
        cut = nlsolve.solve(leap, 0.0, [-20.0], max_iter=1, **words)
        rest = nlsolve.solve(leap, 0.0, state=cut.state, **words)
    assert cut.status is Status.NON_FINITE
    assert rest.status is whole.status
    np.testing.assert_array_equal(rest.w, whole.w)


@pytest.mark.parametrize("lane", LANES)
def test_changing_a_result_does_not_change_its_state(lane):
    words = {"method": "gauss-newton", "lane": lane}
    cut, spoilt = (
        nlsolve.solve(jitted["rosenbrock"], 0.0, [-1.2, 1.0], max_iter=1, **words) for _ in range(2)
    )
    for name in ("w", "x", "fun", "jac", "grad"):
        spoilt[name][...] = 50.0
    clean = nlsolve.solve(jitted["rosenbrock"], 0.0, state=cut.state, **words)
    rest = nlsolve.solve(jitted["rosenbrock"], 0.0, state=spoilt.state, **words)
    np.testing.assert_array_equal(rest.w, clean.w)
    assert rest.nit == clean.nit


@pytest.mark.parametrize("lane", LANES)
def test_a_state_can_be_used_twice(lane):
    words = {"method": "sgd", "lane": lane}
    cut = nlsolve.solve(broyden, 0.0, np.full(5, -1.0), max_iter=3, **words)
    first, second = (nlsolve.solve(broyden, 0.0, state=cut.state, **words) for _ in range(2))
    np.testing.assert_array_equal(first.w, second.w)
    np.testing.assert_array_equal(first.history.table, second.history.table)


def test_distance_and_path_length_are_counted_from_the_first_start():
    whole = nlsolve.solve(broyden, 0.0, np.full(5, -1.0), method="gd")
    cut = nlsolve.solve(broyden, 0.0, np.full(5, -1.0), method="gd", max_iter=5)
    rest = nlsolve.solve(broyden, 0.0, state=cut.state, method="gd")
    np.testing.assert_array_equal(rest.history.table[1:, 1:4], whole.history.table[6:, 1:4])


def test_what_does_not_fit_is_refused():
    state = nlsolve.solve(broyden, 0.0, np.full(5, -1.0), method="gd", max_iter=2).state
    with pytest.raises(ValueError, match=r"state belongs to method='gd', not to 'auto'"):
        nlsolve.solve(broyden, 0.0, state=state)
    with pytest.raises(ValueError, match=r"w0"):
        nlsolve.solve(broyden, 0.0, np.zeros(4), state=state, method="gd")
    with pytest.raises(ValueError, match=r"state.* 5 .*3"):
        nlsolve.solve(lambda w: w[:3], 0.0, state=state, method="gd")
