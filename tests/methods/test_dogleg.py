"""Does the dogleg step where Powell's path leaves the ball, and does it solve what others solve?"""

import numpy as np
import pytest
from scipy import optimize

import nlsolve
from tests.zoo import STANDARD, WIDE

SHAPES = {"wide": (3, 7, 3), "square": (4, 4, 4), "rank two of three": (3, 7, 2), "tall": (6, 3, 3)}


def linear(shape):
    """Return A of a given rank, b and w0."""
    n, m, rank = SHAPES[shape]
    rng = np.random.default_rng(sum(SHAPES[shape]))
    A = rng.standard_normal((n, rank)) @ rng.standard_normal((rank, m))
    return A, rng.standard_normal(n), rng.standard_normal(m)


def first_step(shape, radius):
    A, b, w0 = linear(shape)
    result = nlsolve.solve(
        lambda w: A @ w, b, w0, jac=lambda w: A,
        method="dogleg", initial_radius=radius, max_iter=1, store_path=True,
    )  # fmt: skip
    return result.path[1] - w0


def on_the_path(shape, s):
    """Return the point of the path at 0 <= s <= 2: Cauchy point at 1, Gauss-Newton step at 2."""
    A, b, w0 = linear(shape)
    r = A @ w0 - b
    g = A.T @ r
    cauchy = -(g @ g) / np.sum((A @ g) ** 2) * g
    newton = -np.linalg.pinv(A, rcond=1e-12) @ r
    return s * cauchy if s <= 1.0 else cauchy + (s - 1.0) * (newton - cauchy)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("share", [0.01, 0.3, 0.7, 0.99, 1.01, 50.0])
def test_the_step_ends_where_the_path_leaves_the_ball(shape, share):
    radius = share * np.linalg.norm(on_the_path(shape, 2.0))
    end = 2.0
    if share < 1.0:
        end = optimize.brentq(
            lambda s: np.linalg.norm(on_the_path(shape, s)) - radius, 0.0, 2.0, xtol=1e-14
        )
    np.testing.assert_allclose(first_step(shape, radius), on_the_path(shape, end), atol=1e-10)


@pytest.mark.parametrize("shape", SHAPES)
def test_longer_steps_promise_more(shape):
    A, b, w0 = linear(shape)
    radii = np.linspace(0.05, 1.0, 20) * np.linalg.norm(on_the_path(shape, 2.0))
    steps = [first_step(shape, radius) for radius in radii]
    np.testing.assert_allclose(np.linalg.norm(steps, axis=1), radii, rtol=1e-9)
    assert np.all(np.diff([np.linalg.norm(A @ (w0 + d) - b) for d in steps]) < 0.0)


def test_the_radius_doubles_where_the_model_is_right():
    result = nlsolve.solve(
        lambda w: w, 100.0, 0.0, jac=lambda w: np.eye(1), method="dogleg", initial_radius=1.0
    )
    np.testing.assert_allclose(result.history.step[1:7], [1.0, 2.0, 4.0, 8.0, 16.0, 32.0])
    assert result.success


def test_a_refused_step_is_tried_again_at_a_quarter_of_its_length():
    tried = []

    def F(w):
        tried.append(w[0])
        return np.arctan(w)

    result = nlsolve.solve(
        F, 0.0, 10.0, jac=lambda w: np.diag(1.0 / (1.0 + w * w)), check_jac=False,
        method="dogleg", initial_radius=1e3, max_iter=1,
    )  # fmt: skip
    newton = 10.0 - np.arctan(10.0) * 101.0
    # beyond -10 the loss is higher than before, and so is each trial there
    expected = [10.0 + 4.0**-k * (newton - 10.0) for k in range(4)]
    np.testing.assert_allclose(tried[1:], [w for w in expected if w < -10.0] + [result.w[0]])
    assert abs(result.w[0]) < 10.0


@pytest.mark.parametrize("problem", WIDE[::4], ids=lambda p: p.name)
def test_the_residual_never_rises(problem):
    with np.errstate(all="ignore"):
        result = nlsolve.solve(problem.F, 0.0, problem.w0, jac=problem.jac, method="dogleg")
    assert np.all(np.diff(result.history.residual_norm) <= 0)


def solved(problem, method):
    """Return whether max|F| < 1e-8 at the point that comes back, as the robustness benchmark."""
    keywords = {"jac": problem.jac, "method": method}
    with np.errstate(all="ignore"):
        if method == "hybr":
            w = optimize.root(problem.F, problem.w0, tol=1e-15, **keywords).x
        else:
            w = nlsolve.solve(problem.F, 0.0, problem.w0, **keywords).w
        return bool(np.max(np.abs(problem.F(w))) < 1e-8)


@pytest.mark.parametrize("other", ["levenberg-marquardt", "hybr"])
def test_it_solves_more_standard_problems_than_others(other):
    found = sum(solved(problem, "dogleg") for problem in STANDARD)
    assert found >= 20
    assert found > sum(solved(problem, other) for problem in STANDARD)


def test_it_solves_every_wide_problem():
    assert [problem.name for problem in WIDE if not solved(problem, "dogleg")] == []


def test_convergence_is_quadratic_near_a_regular_root():
    result = nlsolve.solve(
        lambda w: np.array([w @ w - 1.0, w[0] - w[1]]), 0.0, [0.1, 0.2, 1.1],
        method="dogleg", jac=lambda w: np.array([2.0 * w, [1.0, -1.0, 0.0]]), tol=1e-13,
    )  # fmt: skip
    r = result.history.residual_norm
    r = r[r > 1e-14]
    assert result.success
    assert np.log(r[-1] / r[-2]) / np.log(r[-2] / r[-3]) > 1.7


def test_trial_points_outside_the_domain_are_refused():
    def F(w):
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.log(w) + 5.0

    result = nlsolve.solve(F, 0.0, 1.0, method="dogleg")  # the full step leads to -4
    assert result.success
    assert result.w[0] == pytest.approx(np.exp(-5.0), rel=1e-9)
