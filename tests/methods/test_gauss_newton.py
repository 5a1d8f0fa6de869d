"""Does Gauss-Newton take the steps its theorems speak of, and do its dampings do what they say?"""

import numpy as np
import pytest

import nlsolve


def quadratic(w):
    return np.array([w @ w - 1.0, w[0] - w[1]])


def quadratic_jacobian(w):
    return np.array([2.0 * w, [1.0, -1.0, 0.0]])


def test_a_linear_system_is_solved_by_one_step_of_least_norm():
    rng = np.random.default_rng(0)
    A, b, w0 = rng.standard_normal((4, 9)), rng.standard_normal(4), rng.standard_normal(9)
    result = nlsolve.solve(lambda w: A @ w, b, w0, jac=lambda w: A, method="gauss-newton")
    assert result.nit == 1
    np.testing.assert_allclose(result.w, w0 + np.linalg.pinv(A) @ (b - A @ w0), atol=1e-12)


def test_full_steps_are_those_of_the_pseudo_inverse():
    w0 = np.array([0.5, -1.0, 2.0])
    result = nlsolve.solve(
        quadratic, 0.0, w0, jac=quadratic_jacobian, method="gauss-newton", store_path=True
    )
    for here, there in zip(result.path[:-1], result.path[1:], strict=True):
        step = -np.linalg.pinv(quadratic_jacobian(here)) @ quadratic(here)
        np.testing.assert_allclose(there - here, step, atol=1e-12)


def test_theorem_gn_holds_along_the_run():
    # the scalar recursion rho <- beta d^2 / 2, sigma <- sigma - beta d, d = rho / sigma; J is
    # Lipschitz with beta = 2 for |w|^2 - 1, so 2 beta rho0 < sigma0^2 makes the bounds a promise
    w0 = np.array([0.1, 0.3, 1.15])
    result = nlsolve.solve(
        quadratic, 0.0, w0, jac=quadratic_jacobian, method="gauss-newton", tol=1e-14
    )
    rho = np.linalg.norm(quadratic(w0))
    sigma = np.linalg.svd(quadratic_jacobian(w0), compute_uv=False)[-1]
    beta = 2.0
    assert 2 * beta * rho < sigma**2
    for measured in result.history.residual_norm:
        assert measured <= rho * (1 + 1e-9) + 1e-14
        step = rho / sigma
        rho, sigma = beta * step**2 / 2, sigma - beta * step


@pytest.mark.parametrize("damping", ["backtracking", "adaptive"])
def test_damped_runs_never_let_the_residual_rise(damping):
    arctan = nlsolve.solve(np.arctan, 0.0, 10.0, method="gauss-newton", damping=damping)
    assert arctan.success
    assert np.all(np.diff(arctan.history.residual_norm) < 0)


def test_full_steps_diverge_where_damped_ones_converge():
    # Newton's method on arctan diverges from beyond 1.3917...
    result = nlsolve.solve(np.arctan, 0.0, 1.5, method="gauss-newton", max_iter=30)
    assert not result.success


@pytest.mark.parametrize("damping", ["backtracking", "adaptive"])
def test_trial_points_outside_the_domain_are_refused(damping):
    def F(w):
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.log(w) + 5.0

    # the full step from 1 leads to -4, where the logarithm is not a number
    result = nlsolve.solve(F, 0.0, 1.0, method="gauss-newton", damping=damping)
    assert result.success
    assert result.w[0] == pytest.approx(np.exp(-5.0), rel=1e-9)


def test_options_object_and_keywords_are_the_same():
    keywords = nlsolve.solve(np.arctan, 0.0, 10.0, method="gauss-newton", damping="adaptive")
    options = nlsolve.solve(np.arctan, 0.0, 10.0, method=nlsolve.GaussNewton(damping="adaptive"))
    np.testing.assert_array_equal(keywords.w, options.w)
    assert keywords.nit == options.nit
