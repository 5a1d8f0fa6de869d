"""Does Levenberg-Marquardt take damped steps in the space of equations, and stay globalised?"""

import numpy as np
import pytest

import nlsolve
from tests.zoo import WIDE


def test_the_first_step_is_that_of_the_damped_normal_equations():
    rng = np.random.default_rng(1)
    A, b, w0 = rng.standard_normal((3, 7)), rng.standard_normal(3), rng.standard_normal(7)
    result = nlsolve.solve(
        lambda w: A @ w, b, w0, jac=lambda w: A,
        method="levenberg-marquardt", initial_damping=0.5, max_iter=1, store_path=True,
    )  # fmt: skip
    damping = 0.5 * np.max(np.sum(A * A, axis=1))
    step = np.linalg.solve(A.T @ A + damping * np.eye(7), -A.T @ (A @ w0 - b))
    np.testing.assert_allclose(result.path[1] - w0, step, atol=1e-12)


@pytest.mark.parametrize("problem", WIDE[::4], ids=lambda p: p.name)
def test_the_residual_never_rises(problem):
    with np.errstate(all="ignore"):
        result = nlsolve.solve(
            problem.F, 0.0, problem.w0, jac=problem.jac, method="levenberg-marquardt"
        )
    assert np.all(np.diff(result.history.residual_norm) <= 0)


def test_convergence_is_quadratic_near_a_regular_root():
    result = nlsolve.solve(
        lambda w: [w @ w - 1.0, w[0] - w[1]], 0.0, [0.1, 0.2, 1.1],
        method="levenberg-marquardt", jac="3-point", tol=1e-13,
    )  # fmt: skip
    r = result.history.residual_norm
    r = r[r > 1e-14]
    order = np.log(r[-1] / r[-2]) / np.log(r[-2] / r[-3])
    assert result.success
    assert order > 1.5


def test_more_equations_than_unknowns_end_at_the_least_squares_minimum():
    rng = np.random.default_rng(2)
    A, b = rng.standard_normal((12, 3)), rng.standard_normal(12)
    result = nlsolve.solve(
        lambda w: A @ w, b, np.zeros(3), jac=lambda w: A, method="levenberg-marquardt"
    )
    assert result.status is nlsolve.Status.LEAST_SQUARES
    np.testing.assert_allclose(result.w, np.linalg.lstsq(A, b, rcond=None)[0], atol=1e-7)


def test_it_never_forms_a_matrix_of_unknowns_by_unknowns():
    m = 200_000  # m x m would be 320 GB

    def F(w):
        return np.array([w @ w - 4.0, np.sum(w[:3]) - 1.0])

    def jac(w):
        ones = np.zeros(m)
        ones[:3] = 1.0
        return np.vstack([2 * w, ones])

    w0 = np.zeros(m)
    w0[:5] = 1.0
    result = nlsolve.solve(F, 0.0, w0, jac=jac, method="levenberg-marquardt")
    assert result.success
    np.testing.assert_allclose(F(result.w), 0.0, atol=1e-9)
