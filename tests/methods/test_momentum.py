"""Is momentum what Polyak and Nesterov wrote, restarted as it should be, and is it faster?"""

import pickle

import numba
import numpy as np
import pytest

import nlsolve
from tests.zoo import WIDE

MOMENTA = ["heavy-ball", "nesterov"]


def linear(condition, n=20, m=40):
    """Return A, with singular values from 1 to `condition`, and b."""
    rng = np.random.default_rng(2)
    U, _ = np.linalg.qr(rng.standard_normal((n, n)))
    V, _ = np.linalg.qr(rng.standard_normal((m, n)))
    return U @ np.diag(np.geomspace(1.0, condition, n)) @ V.T, rng.standard_normal(n)


def solve(A, b, **words):
    return nlsolve.solve(
        lambda w: A @ w, b, np.zeros(A.shape[1]), jac=lambda w: A, method="gd", **words
    )


def nesterov(gradient, step, w, count):
    """FISTA's x and y with the gradient scheme, as published; the points y."""
    x, y, t, path, restarts = w, w, 1.0, [w], 0
    for _ in range(count):
        g = gradient(y)
        following = y - step * g
        if g @ (following - x) > 0.0:
            x, t, restarts = y, 1.0, restarts + 1
        longer = (1.0 + np.sqrt(1.0 + 4.0 * t * t)) / 2.0
        x, y, t = following, following + (t - 1.0) / longer * (following - x), longer
        path.append(y)
    return np.array(path), restarts


def heavy_ball(gradient, step, w, count):
    """Polyak's w + beta (w - before) - step g with the same beta and scheme."""
    before, t, beta, path, restarts = w, 1.0, 0.0, [w], 0
    for _ in range(count):
        g = gradient(w)
        move = beta * (w - before) - step * g
        if g @ move > 0.0:
            move, t, restarts = -step * g, 1.0, restarts + 1
        longer = (1.0 + np.sqrt(1.0 + 4.0 * t * t)) / 2.0
        before, w, t, beta = w, w + move, longer, (t - 1.0) / longer
        path.append(w)
    return np.array(path), restarts


@pytest.mark.parametrize("momentum", MOMENTA)
def test_a_constant_step_gives_the_published_iterates(momentum):
    A, b = linear(10.0)
    result = solve(A, b, step=0.01, momentum=momentum, max_iter=150, store_path=True)
    published = {"nesterov": nesterov, "heavy-ball": heavy_ball}[momentum]
    path, restarts = published(lambda w: A.T @ (A @ w - b), 0.01, np.zeros(40), 150)
    assert restarts >= 2
    np.testing.assert_allclose(result.path, path, atol=1e-11)


@pytest.mark.parametrize("momentum", MOMENTA)
def test_with_a_constant_step_it_is_many_times_faster(momentum):
    A, b = linear(20.0)  # the condition number of K is 400
    plain = solve(A, b, step=20.0**-2)
    with_momentum = solve(A, b, step=20.0**-2, momentum=momentum)
    assert plain.success
    assert with_momentum.success
    assert with_momentum.nit < plain.nit / 10


@pytest.mark.parametrize("momentum", MOMENTA)
def test_its_own_step_needs_fewer_evaluations_on_a_bad_condition(momentum):
    A, b = linear(100.0)  # the condition number of K is 10,000
    plain, with_momentum = solve(A, b), solve(A, b, momentum=momentum)
    assert plain.success
    assert with_momentum.success
    assert with_momentum.nfev < plain.nfev / 1.5


@pytest.mark.parametrize("momentum", MOMENTA)
@pytest.mark.parametrize("problem", WIDE[::4], ids=lambda p: p.name)
def test_with_its_own_step_the_residual_never_rises(problem, momentum):
    with np.errstate(all="ignore"):
        result = nlsolve.solve(
            problem.F, 0.0, problem.w0, jac=problem.jac, method="gd", momentum=momentum,
            max_iter=300,
        )  # fmt: skip
    assert np.all(np.diff(result.history.residual_norm) <= 0)
    assert result.residual_norm < result.history.residual_norm[0]


@numba.njit
def bowl(w):
    return np.array([w @ w - 1.0, w[0] - 3.0 * w[1], np.sin(w[2]) + 0.1 * w[3]])


@numba.njit
def bowl_jacobian(w):
    J = np.zeros((3, 4))
    J[0] = 2.0 * w
    J[1, 0], J[1, 1] = 1.0, -3.0
    J[2, 2], J[2, 3] = np.cos(w[2]), 0.1
    return J


def solve_bowl(**words):
    return nlsolve.solve(bowl, 0.0, [0.5, -1.0, 2.0, 1.0], jac=bowl_jacobian, method="gd", **words)


@pytest.mark.parametrize("step", ["auto", 0.02])
@pytest.mark.parametrize("momentum", MOMENTA)
def test_both_lanes_do_the_same(momentum, step):
    words = {"momentum": momentum, "step": step, "max_iter": 60}
    compiled, plain = (solve_bowl(lane=lane, **words) for lane in ("compiled", "interpreted"))
    assert compiled.nit == plain.nit == 60
    np.testing.assert_allclose(compiled.w, plain.w, atol=1e-10)
    np.testing.assert_allclose(compiled.state.state.v, plain.state.state.v, atol=1e-10)


@pytest.mark.parametrize("lane", ["compiled", "interpreted"])
@pytest.mark.parametrize("momentum", MOMENTA)
def test_a_run_that_is_continued_keeps_its_momentum(momentum, lane):
    whole = solve_bowl(momentum=momentum, lane=lane, max_iter=40)
    half = solve_bowl(momentum=momentum, lane=lane, max_iter=23)
    kept = pickle.loads(pickle.dumps(half.state))
    rest = solve_bowl(momentum=momentum, lane=lane, max_iter=17, state=kept)
    np.testing.assert_array_equal(rest.w, whole.w)


def test_without_momentum_nothing_moves_by_itself():
    result = solve_bowl(max_iter=20)
    np.testing.assert_array_equal(result.state.state.v, np.zeros(4))
