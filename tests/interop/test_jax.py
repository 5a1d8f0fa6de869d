"""Is a function of JAX the same system as its twin in NumPy, in doubles, whatever JAX is set to?"""

import pickle

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import nlsolve
from tests.interop import wide


def F(w, p):
    return wide.A @ jnp.tanh(p[0] * (wide.B @ w)) + p[1] * w[:3] ** 2


def network(net, X):
    return jnp.tanh(X @ net["A"] + net["b"]) @ net["c"]


def network_rows(net, batch, X):
    return network(net, X[batch])


X = np.linspace(-1.0, 1.0, 7)[:, None]
NET = {"A": np.ones((1, 20)), "b": np.linspace(-2.0, 2.0, 20), "c": np.full(20, 0.1)}


@pytest.fixture
def system():
    return nlsolve.from_jax(F, args=(wide.P,))


def test_values_and_derivatives_are_those_of_numpy(system):
    wide.assert_same(system)


def test_the_run_is_that_of_numpy_and_the_setting_of_jax_stays(system):
    by_jax = nlsolve.solve(system, wide.Y, wide.W0)
    by_hand = nlsolve.solve(wide.values, wide.Y, wide.W0, jac=wide.jacobian, args=(wide.P,))
    assert by_jax.success
    assert by_jax.nit == by_hand.nit
    np.testing.assert_allclose(by_jax.w, by_hand.w, rtol=1e-12)
    assert not jax.config.jax_enable_x64
    assert jnp.ones(2).dtype == np.float32


def test_sensitivity_to_an_argument_is_known(system):
    sol = nlsolve.solve(system, wide.Y, wide.W0)
    by_p = wide.WEIGHTS @ sol.sensitivity("args").matrix
    np.testing.assert_allclose(by_p, wide.gradients(sol.w)[1], rtol=1e-6)


@pytest.mark.parametrize("mode", ["forward", "reverse"])
def test_either_mode_alone_is_enough(mode):
    system = nlsolve.from_jax(F, args=(wide.P,), mode=mode)
    J = wide.jacobian(wide.W0, wide.P)
    np.testing.assert_allclose(system.jacobian(wide.W0, 3), J, rtol=1e-13, atol=1e-14)


def test_jacobians_found_in_blocks():
    points = np.linspace(0.0, 1.0, 70)
    tall = nlsolve.from_jax(lambda w: jnp.sin(points * w[0]) + w[1:].sum())
    flat = nlsolve.from_jax(lambda w: w[:70] ** 2 * w[70])
    w, v = np.full(67, 2.0), np.arange(1.0, 72.0)
    expected = np.ones((70, 67))
    expected[:, 0] = points * np.cos(2.0 * points)
    np.testing.assert_allclose(tall.jacobian(w, 70), expected, rtol=1e-13)
    expected = np.hstack([np.diag(2 * v[:70] * v[70]), v[:70, None] ** 2])
    np.testing.assert_allclose(flat.jacobian(v, 70), expected, rtol=1e-13)


def test_unknowns_may_be_a_pytree():
    system = nlsolve.from_jax(network, NET, args=(X,))
    sol = nlsolve.solve(system, np.sin(X[:, 0]), system.w0, method="gauss-newton")
    assert sol.success
    found = system.unravel(sol.w)
    assert {name: part.shape for name, part in found.items()} == {
        name: part.shape for name, part in NET.items()
    }
    by_numpy = np.tanh(X @ found["A"] + found["b"]) @ found["c"]
    np.testing.assert_allclose(by_numpy, np.sin(X[:, 0]), atol=1e-9)
    np.testing.assert_array_equal(system.ravel(found), sol.w)


def test_rows_are_those_of_the_whole():
    system = nlsolve.from_jax(network, NET, args=(X,), rows=network_rows)
    batch = np.array([6, 0, 6])
    values, J = system.rows(system.w0, batch)
    np.testing.assert_allclose(values, system.values(system.w0)[0][batch], rtol=1e-13)
    np.testing.assert_allclose(J, system.jacobian(system.w0, 7)[batch], rtol=1e-12)


def test_large_systems_are_solved_by_products():
    n = 2_100
    system = nlsolve.from_jax(lambda w: w[:n] ** 2 + 0.1 * w[n:] + 0.1 * jnp.roll(w[:n], 1))
    sol = nlsolve.solve(system, 1.0, np.ones(2 * n), method="gauss-newton")
    assert sol.success
    assert not isinstance(sol.jac, np.ndarray)
    u, free = sol.w[:n], sol.w[n:]
    np.testing.assert_allclose(u**2 + 0.1 * free + 0.1 * np.roll(u, 1), 1.0, atol=1e-7)


@pytest.mark.parametrize("cast_back", [True, False])
def test_tolerances_follow_a_cast_to_fewer_digits(cast_back):
    def narrow(w):
        found = jnp.sin(w[:2].astype(jnp.float32)) + w[2].astype(jnp.float32)
        return found.astype(float) if cast_back else found

    sol = nlsolve.solve(nlsolve.from_jax(narrow), 0.7, [1.0, 2.0, 0.3])
    assert sol.status is nlsolve.Status.ROOT_TO_ROUNDING
    assert sol.residual_norm < 1e-6


def test_float32_data_are_no_cast():
    scale = jnp.float32(2.5)
    sol = nlsolve.solve(nlsolve.from_jax(lambda w: scale * jnp.sin(w)), 0.5, [1.0], tol=1e-15)
    np.testing.assert_allclose(sol.w, np.arcsin(0.2), rtol=1e-14)


def test_systems_and_results_can_be_pickled(system):
    sol = nlsolve.solve(system, wide.Y, wide.W0)
    again = pickle.loads(pickle.dumps(sol))
    assert again.certificate.holds
    assert "JAX" in repr(again._made.problem.system)


@pytest.mark.parametrize(
    ("function", "words"),
    [
        (lambda w: w[:2] if w[0] > 0 else w[1:], "jax.lax.cond instead of if"),
        (lambda w: np.sin(w), "jax.numpy instead of numpy"),
        (lambda w: jnp.ones((2, 4)) @ w, "dot_general requires"),
        (lambda w: jnp.log(w - 5.0), r"F\(w0\) must be finite"),
    ],
)
def test_errors_in_f_say_what_to_do(function, words):
    with pytest.raises(nlsolve.EvaluationError, match=words):
        nlsolve.solve(nlsolve.from_jax(function), 0.0, [1.0, 2.0, 3.0])


def test_arguments_are_checked():
    with pytest.raises(TypeError, match="F must be callable, got int"):
        nlsolve.from_jax(3)
    with pytest.raises(ValueError, match="mode must be one of"):
        nlsolve.from_jax(F, mode="sideways")
    with pytest.raises(TypeError, match="rows must be callable"):
        nlsolve.from_jax(F, rows=[0])
    with pytest.raises(
        TypeError, match="w0 must be made of arrays of real numbers, got dtype compl"
    ):
        nlsolve.from_jax(F, np.ones(3, dtype=complex))
    with pytest.raises(nlsolve.EvaluationError, match="w has 3 entries, but F has 60 unknowns"):
        nlsolve.solve(nlsolve.from_jax(network, NET, args=(X,)), 0.0, np.ones(3))


def test_f_can_be_called_outside_afterwards(system):
    nlsolve.solve(system, wide.Y, wide.W0)
    w = jnp.asarray(wide.W0)
    np.testing.assert_allclose(jax.jit(F)(w, wide.P), wide.values(wide.W0, wide.P), rtol=1e-5)
