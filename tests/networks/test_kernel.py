"""Are the tangent kernel and the products those of J, and is J never formed on the way?"""

import numpy as np
import pytest

import nlsolve
from nlsolve.linalg import kernels, least_norm_step
from nlsolve.linalg.step import Inner
from nlsolve.networks import Convolutional, Dense
from nlsolve.networks.jacobian import NetworkJacobian
from tests.networks.given import CASES, KINDS, case, data, label

EXACT = 1e-12


def relative(found, expected):
    return np.abs(found - expected).max() / np.abs(expected).max()


@pytest.mark.parametrize(("kind", "keywords"), CASES, ids=label)
def test_kernel_and_products(kind, keywords):
    network, w = case(kind, keywords)
    _, J = network.values(w)
    A, random = J.array(), np.random.default_rng(2)
    u, v = random.standard_normal(network.n), random.standard_normal(network.m)
    assert relative(J.rmatvec(u), A.T @ u) < EXACT  # by a pass back
    assert relative(J.matvec(v), A @ v) < EXACT
    assert relative(J.gram(), A @ A.T) < EXACT
    assert relative(J.rmatvec(u), A.T @ u) < EXACT  # by what gram has left


@pytest.mark.parametrize("batch", [[4, 0, 4, 1], [4, 1, 2, 5], [5, 4, 3, 0]])
@pytest.mark.parametrize(("kind", "keywords"), CASES, ids=label)
def test_rows(kind, keywords, batch):
    network, w = case(kind, keywords)
    values, J = network.values(w)
    A, batch = J.array(), np.array(batch)
    found, some = network.rows(w, batch)
    np.testing.assert_allclose(found, values[batch], rtol=1e-14)
    assert relative(some.array(), A[batch]) < EXACT
    assert relative(some.gram(), A[batch] @ A[batch].T) < EXACT
    u = np.array([1.0, -2.0, 0.5, 3.0])
    assert relative(some.rmatvec(u), A[batch].T @ u) < EXACT


@pytest.mark.parametrize("channels", [[2, 40], [40, 2]])  # by positions, and by rows of J
@pytest.mark.parametrize("bias", [False, True])
def test_both_ways_to_the_kernel_of_a_convolution(channels, bias):
    network = Convolutional(data(5, 4, 1), channels, bias=bias, outputs=2)
    _, J = network.values(network.initial(0))
    A = J.array()
    assert relative(J.gram(), A @ A.T) < EXACT


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("method", ["gauss-newton", "levenberg-marquardt", "dogleg", "auto"])
def test_solves_without_the_jacobian(kind, method, monkeypatch):
    monkeypatch.setattr(NetworkJacobian, "array", None)
    network, _ = case(kind, {})
    y = 0.1 * np.arange(network.n)
    sol = nlsolve.solve(network, y, network.initial(0), method=method)
    assert sol.success
    np.testing.assert_allclose(network(sol.w), y, atol=1e-9)


@pytest.mark.parametrize("method", ["gd", "sgd", "block-kaczmarz"])
def test_first_order_methods_and_batches(method, monkeypatch):
    monkeypatch.setattr(NetworkJacobian, "array", None)
    network = Dense(data(6, 4), 400)
    y = 0.1 * np.arange(6)
    sol = nlsolve.solve(network, y, network.initial(0), method=method, tol=1e-6, max_iter=20_000)
    assert sol.success


def test_a_kernel_that_is_not_safe():
    """Two equal samples with one value: consistent, of rank n - 1."""
    X = data(12, 3)
    X[5] = X[2]
    network = Dense(X, 200)
    w, y = network.initial(0), np.sin(X[:, 0])
    sol = nlsolve.solve(network, y, w, method="gauss-newton")
    assert sol.success
    np.testing.assert_allclose(network(sol.w), y, atol=1e-9)


def test_one_step_is_that_of_a_dense_jacobian():
    network = Dense(data(9, 3), [50, 40], bias=True)
    w, y = network.initial(0), np.zeros(9)
    f, J = network.values(w)
    expected = w - np.linalg.pinv(J.array()) @ (f - y)
    sol = nlsolve.solve(network, y, w, method="gauss-newton", max_iter=1)
    np.testing.assert_allclose(sol.w, expected, rtol=0, atol=1e-12)


@pytest.mark.parametrize("damping", [0.0, 0.1])
@pytest.mark.parametrize("kind", KINDS)
def test_steps_by_products_are_those_by_the_kernel(kind, damping, monkeypatch):
    network, w = case(kind, {"outputs": 3})
    values, J = network.values(w)
    r = values - 1.0
    expected = least_norm_step(J, r, damping, 1e-13)[0]
    monkeypatch.setattr(kernels, "LARGEST", 0)
    monkeypatch.setattr(NetworkJacobian, "gram", None)  # not called any more
    assert relative(least_norm_step(J, r, damping, 1e-13)[0], expected) < 1e-8
    some = least_norm_step(J, r, damping, 1e-13, Inner(0.1))[0]
    assert 1e-8 < relative(some, expected) < 1.0


def test_what_is_near_to_the_kernel_of_a_wide_network():
    X = np.random.default_rng(0).standard_normal((6, 4))
    network = Dense(X, [4096], outputs=3)
    _, J = network.values(network.initial(1))
    inverse, u = J.near_inverse(0.0), np.random.default_rng(2).standard_normal(18)
    assert relative(inverse(J.gram() @ u), u) < 0.2
    assert network.rows(network.initial(1), np.array([0, 1, 5]))[1].near_inverse(0.0) is None
    single = Dense(X, [8])
    assert single.values(single.initial(1))[1].near_inverse(0.0) is None
