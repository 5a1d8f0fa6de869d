"""Does gradient descent descend: with the given step exactly, with its own without tuning?"""

import numpy as np
import pytest

import nlsolve
from tests.zoo import WIDE


def linear(seed, n=4, m=10, condition=3.0):
    rng = np.random.default_rng(seed)
    U, _ = np.linalg.qr(rng.standard_normal((n, n)))
    V, _ = np.linalg.qr(rng.standard_normal((m, n)))
    A = U @ np.diag(np.linspace(1.0, condition, n)) @ V.T
    return A, rng.standard_normal(n)


def test_a_given_step_is_used_as_it_is():
    A, b = linear(0)
    result = nlsolve.solve(
        lambda w: A @ w + np.sin(A @ w), b, np.zeros(10),
        jac=lambda w: (1 + np.cos(A @ w))[:, None] * A,
        method="gd", step=0.02, max_iter=5, store_path=True,
    )  # fmt: skip
    w = np.zeros(10)
    for k in range(5):
        J = (1 + np.cos(A @ w))[:, None] * A
        w = w - 0.02 * J.T @ (A @ w + np.sin(A @ w) - b)
        np.testing.assert_allclose(result.path[k + 1], w, atol=1e-13)


def test_theorem_gd_holds_on_a_linear_system():
    # beta = 0, eta = 1 / L_F^2, theta = 1/2: L falls by 1 - eta mu a step, R = 2 rho0 / sigma0
    A, b = linear(1)
    sigma = np.linalg.svd(A, compute_uv=False)
    eta = 1.0 / sigma[0] ** 2
    result = nlsolve.solve(lambda w: A @ w, b, np.zeros(10), jac=lambda w: A, method="gd", step=eta)
    loss = 0.5 * result.history.residual_norm**2
    assert result.success
    assert np.all(loss[1:] <= (1 - eta * sigma[-1] ** 2) * loss[:-1] * (1 + 1e-9))
    assert np.max(result.history.distance) <= 2 * np.linalg.norm(b) / sigma[-1]


def test_the_automatic_step_needs_no_tuning():
    solved = 0
    for problem in WIDE:
        with np.errstate(all="ignore"):
            result = nlsolve.solve(
                problem.F, 0.0, problem.w0, jac=problem.jac, method="gd", max_iter=3000
            )
        solved += result.success
        r = result.history.residual_norm
        assert r[-1] <= r[0], problem.name
    assert solved >= 0.6 * len(WIDE)


def test_the_automatic_step_beats_the_best_constant_one_on_a_bad_condition():
    A, b = linear(2, condition=100.0)
    sigma = np.linalg.svd(A, compute_uv=False)
    best = 2.0 / (sigma[0] ** 2 + sigma[-1] ** 2)
    runs = [
        nlsolve.solve(lambda w: A @ w, b, np.zeros(10), jac=lambda w: A, method="gd", step=step)
        for step in ("auto", best)
    ]
    assert runs[0].success
    assert runs[0].nit < runs[1].nit / 4


def test_products_are_enough():
    A, b = linear(3)
    result = nlsolve.solve(
        lambda w: A @ w, b, np.zeros(10), method="gd",
        jvp=lambda w, v: A @ v, vjp=lambda w, u: A.T @ u,
    )  # fmt: skip
    assert result.success
    assert result.jac is None  # it was never formed


def test_a_step_far_too_large_is_told_apart_from_a_root():
    A, b = linear(4)
    result = nlsolve.solve(
        lambda w: A @ w, b, np.zeros(10), jac=lambda w: A, method="gd", step=10.0
    )
    assert result.status in (nlsolve.Status.NON_FINITE, nlsolve.Status.DIVERGED)


@pytest.mark.parametrize("step", [0.0, -1.0, "fast", np.inf, True])
def test_bad_steps_are_refused(step):
    with pytest.raises(ValueError, match="step must be 'auto' or a positive number"):
        nlsolve.solve(lambda w: w, 0.0, 1.0, method="gd", step=step)
