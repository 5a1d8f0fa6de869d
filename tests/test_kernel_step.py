"""Steps that fit the tangent kernel: the rates of linear systems, lanes, and no Jacobian."""

import itertools

import numba
import numpy as np
import pytest

import nlsolve
from nlsolve.kernel_step import kernel_step, largest_eigenvalue
from nlsolve.networks import Convolutional, Dense, Residual
from nlsolve.networks.jacobian import NetworkJacobian
from nlsolve.systems import as_system
from nlsolve.systems.checks import first_evaluation

A = np.random.default_rng(0).standard_normal((5, 9))
EIGENVALUES = np.linalg.eigvalsh(A @ A.T)
Y = np.arange(5.0)
X = np.random.default_rng(1).standard_normal((40, 6))


def linearization(matrix):
    system = as_system(lambda w: matrix @ w, {"jac": lambda w: matrix})
    return first_evaluation(system, 0.0, np.ones(matrix.shape[1]), None)[2]


def test_gradient_descent_loses_what_the_spectrum_says():
    sol = nlsolve.solve(
        lambda w: A @ w, Y, np.zeros(9), jac=lambda w: A, method="gd", step="kernel"
    )
    assert sol.success
    rate = (1.0 - EIGENVALUES[0] / EIGENVALUES[-1]) ** 2
    losses = sol.history.residual_norm**2
    seen = losses[1:] > 1e-12  # below it rounding of F shows
    assert (losses[1:] <= rate * losses[:-1] * (1.0 + 1e-7))[seen].all()
    first = A.T @ Y / EIGENVALUES[-1]  # w after one step
    once = nlsolve.solve(
        lambda w: A @ w, Y, np.zeros(9), jac=lambda w: A, method="gd", step="kernel", max_iter=1
    )
    np.testing.assert_allclose(once.w, first, rtol=1e-6)


@pytest.mark.parametrize("batch", [1, 2, 3])
def test_the_mean_over_all_batches_shrinks_as_derived(batch):
    eta = kernel_step(linearization(A), "sgd", batch)
    random = np.random.default_rng(2)
    for _ in range(20):
        e = A.T @ random.standard_normal(5)
        squares = [
            np.sum((e - eta * A[list(drawn)].T @ (A[list(drawn)] @ e)) ** 2)
            for drawn in itertools.product(range(5), repeat=batch)
        ]
        assert np.mean(squares) <= (1.0 - eta * batch * EIGENVALUES[0] / 5) * (e @ e) + 1e-12


def test_one_equation_a_draw_has_the_step_of_the_longest_row():
    longest = np.max(np.sum(A**2, axis=1))
    np.testing.assert_allclose(kernel_step(linearization(A), "sgd", 1), 1.0 / longest)


def test_where_only_products_are_known_no_row_is_longer_than_assumed():
    B = np.random.default_rng(4).standard_normal((80, 90))
    B[7] *= 20.0
    words = {"jvp": lambda w, v: B @ v, "vjp": lambda w, u: B.T @ u}
    system = as_system(lambda w: B @ w, words)
    J = first_evaluation(system, 0.0, np.ones(90), None)[2]
    eta = kernel_step(J, "sgd", 4)
    largest = np.linalg.norm(B, 2) ** 2
    np.testing.assert_allclose(eta, 1.0 / (largest * (1.0 + 3.0 / 80)), rtol=2e-6)
    assert eta <= kernel_step(linearization(B), "sgd", 4) * (1.0 + 1e-5)


@pytest.mark.parametrize("n", [1, 2, 31, 60])
def test_the_largest_eigenvalue_is_numpys(n):
    B = np.random.default_rng(n).standard_normal((n, 70))
    expected = np.linalg.norm(B, 2) ** 2
    np.testing.assert_allclose(largest_eigenvalue(linearization(B)), expected, rtol=2e-6)


@numba.njit
def bent(w):
    return np.array([w[0] + 0.1 * w[1] ** 2 + w[2], w[1] - 0.2 * w[0] * w[2]])


@pytest.mark.parametrize(("method", "words"), [("gd", {}), ("sgd", {"batch": 2, "rng": 1})])
def test_both_lanes_take_the_same_step(method, words):
    runs = [
        nlsolve.solve(
            bent, [0.3, 0.1], np.zeros(3), method=method, step="kernel", lane=lane, **words
        )
        for lane in ("compiled", "interpreted")
    ]
    assert all(run.success for run in runs)
    np.testing.assert_allclose(runs[0].w, runs[1].w, rtol=0.0, atol=1e-12)
    assert runs[0].nit == runs[1].nit


@pytest.mark.parametrize("step", ["kernel", "certified"])
def test_every_one_of_many_finds_its_own_step(step):
    W0 = np.array([[0.0, 0.0, 0.0], [0.3, -0.2, 0.1]])
    words = {"method": "gd", "step": step}
    many = nlsolve.solve_many(bent, [0.03, 0.01], W0, **words)
    for w, w0 in zip(many.W, W0, strict=True):
        alone = nlsolve.solve(bent, [0.03, 0.01], w0, **words)
        np.testing.assert_allclose(w, alone.w, rtol=0.0, atol=1e-12)


NETWORKS = {
    "dense": lambda: Dense(X, [200]),
    "convolutional": lambda: Convolutional(X[:, :, None], [20, 20]),
    "residual": lambda: Residual(X, 100, blocks=1),
}


@pytest.mark.parametrize("name", NETWORKS)
@pytest.mark.parametrize(("method", "words"), [("gd", {}), ("sgd", {"batch": 8, "rng": 0})])
def test_networks_descend_without_a_jacobian(name, method, words, monkeypatch):
    network = NETWORKS[name]()
    w0 = network.initial(0)
    J = network.values(w0)[1].array()
    monkeypatch.setattr(NetworkJacobian, "array", _refused)
    target = network(w0) + 0.1 * np.sin(X[:, 0])
    sol = nlsolve.solve(network, target, w0, method=method, step="kernel", max_iter=30, **words)
    losses = sol.history.residual_norm
    assert losses[-1] < 0.7 * losses[0]
    if method == "gd":
        assert (np.diff(losses) < 0.0).all()
    first = nlsolve.solve(network, target, w0, method="gd", step="kernel", max_iter=1)
    eta = 1.0 / np.linalg.norm(J, 2) ** 2
    np.testing.assert_allclose(
        first.w - w0, eta * J.T @ (target - network(w0)), rtol=1e-5, atol=1e-9
    )


def _refused(self):
    raise AssertionError("J has been formed")


def test_a_kernel_of_zero_gives_no_step():
    with pytest.raises(ValueError, match=r"step='kernel': .* largest eigenvalue 0"):
        nlsolve.solve(lambda w: w**2, 1.0, np.zeros(2), method="gd", step="kernel",
                      jac=lambda w: 2.0 * np.diag(w))  # fmt: skip


def test_a_certificate_wants_the_number():
    found = nlsolve.certify(bent, [0.3, 0.1], np.zeros(3), method="gd", step="kernel")
    assert not found.holds
    assert "not step='kernel'" in found.reason


def test_other_methods_have_no_such_step():
    with pytest.raises(TypeError, match="unknown keyword 'step'"):
        nlsolve.solve(bent, 0.0, np.zeros(3), method="gauss-newton", step="kernel")
