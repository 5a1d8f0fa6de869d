"""Are derivatives through a solve in JAX those of the nearest solution, however they are taken?"""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import nlsolve
from nlsolve.interop import jax_solve
from tests.interop import wide


def F(w, p):
    return wide.A @ jnp.tanh(p[0] * (wide.B @ w)) + p[1] * w[:3] ** 2


def loss(y, p):
    return wide.WEIGHTS @ jax_solve(F, y, wide.W0, p)


def sphere(w):
    return w @ w


@pytest.fixture
def doubles():
    with jax.enable_x64(True):
        yield


@pytest.fixture(scope="module")
def differences():
    w = nlsolve.solve(wide.values, wide.Y, wide.W0, jac=wide.jacobian, args=(wide.P,)).w
    return wide.gradients(w)


@pytest.mark.parametrize(
    "gradient",
    [
        jax.grad(loss, (0, 1)),
        jax.jit(jax.grad(loss, (0, 1))),
        jax.grad(jax.jit(loss), (0, 1)),
        jax.jacfwd(loss, (0, 1)),
    ],
    ids=["grad", "jit-of-grad", "grad-of-jit", "jacfwd"],
)
def test_gradients_are_those_of_solving_again_from_the_solution(doubles, differences, gradient):
    by_y, by_p = gradient(wide.Y, wide.P)
    np.testing.assert_allclose(by_y, differences[0], rtol=1e-6)
    np.testing.assert_allclose(by_p, differences[1], rtol=1e-6)


def test_in_single_precision_they_have_its_digits(differences):
    by_y, by_p = jax.jit(jax.grad(loss, (0, 1)))(jnp.asarray(wide.Y), jnp.asarray(wide.P))
    assert by_y.dtype == np.float32
    np.testing.assert_allclose(by_y, differences[0], rtol=1e-4)
    np.testing.assert_allclose(by_p, differences[1], rtol=1e-4)


def test_a_loss_that_is_constant_along_the_solutions_has_the_derivative_from_any_start(doubles):
    """|w|^2 and a w are p0 and p1 at every solution: their product has gradient (p1, p0)."""
    a = np.array([1.0, 2.0, -1.0])

    def product(p):
        w = jax_solve(
            lambda w, p: jnp.stack([w @ w, a @ w]) - p, 0.0, jnp.array([3.0, 1.0, 2.0]), p
        )
        return (w @ w) * (a @ w)

    np.testing.assert_allclose(jax.grad(product)(jnp.array([4.0, 1.5])), [1.5, 4.0], rtol=1e-9)


def test_as_many_equations_as_unknowns_need_no_choice(doubles):
    """w^2 = y: dw/dy = 1 / (2 w), and w0 does not matter."""
    by_y, by_w0 = jax.grad(lambda y, w0: jax_solve(jnp.square, y, w0).sum(), (0, 1))(
        np.array([4.0, 9.0]), np.array([1.0, 2.0])
    )
    np.testing.assert_allclose(by_y, [1 / 4, 1 / 6], rtol=1e-10)
    np.testing.assert_array_equal(by_w0, 0.0)


def test_vmap_solves_one_after_the_other(doubles):
    scales = jnp.array([1.0, 2.0, 3.0])
    batch = jax.vmap(jax.grad(loss), (0, None))(scales[:, None] * wide.Y / 3, wide.P)
    single = [jax.grad(loss)(scale * wide.Y / 3, wide.P) for scale in scales]
    np.testing.assert_allclose(batch, np.array(single), rtol=1e-12)


def test_pytrees_keep_their_structure(doubles):
    def F(w, p):
        return {"radius": w["a"] @ w["a"], "height": w["b"] - p["c"]}

    start = {"a": jnp.array([3.0, 4.0]), "b": jnp.zeros(())}
    w = jax_solve(F, 1.0, start, {"c": 2.0})
    np.testing.assert_allclose(w["a"], [0.6, 0.8], rtol=1e-9)
    by_c = jax.grad(lambda c: jax_solve(F, 1.0, start, {"c": c})["b"])(2.0)
    np.testing.assert_allclose((w["b"], by_c), (3.0, 1.0), rtol=1e-9)


def test_what_cannot_be_differentiated_is_refused():
    w0 = jnp.array([1.0, 2.0, 2.0])
    with pytest.raises(ValueError, match=r"jax.lax.stop_gradient\(w0\)"):
        jax.grad(lambda w0: jax_solve(sphere, 1.0, w0).sum())(w0)
    with pytest.raises(TypeError, match="can be differentiated once"):
        jax.hessian(lambda y: jax_solve(sphere, y, w0).sum())(1.0)
    with pytest.raises(TypeError, match="pass it as a further argument"):
        jax.grad(lambda p: jax_solve(lambda w: p * sphere(w), 1.0, w0).sum())(2.0)
    with pytest.raises(ValueError, match="y has 2 entries, but F returns 1"):
        jax_solve(sphere, jnp.ones(2), w0)


def test_there_is_no_derivative_where_j_has_lost_rank():
    w0 = jnp.array([1.0, 2.0, 2.0])
    with pytest.raises(np.linalg.LinAlgError, match="not settled"):
        jax.grad(lambda y: jax_solve(sphere, y, w0).sum())(0.0)
    assert np.isnan(jax.grad(lambda y: jax_solve(sphere, y, w0, throw=False).sum())(0.0))

    def twice(w):
        return jnp.stack([sphere(w), 2.0 * sphere(w)])

    with pytest.raises(np.linalg.LinAlgError, match="rank 1 for 2 equations"):
        jax.grad(lambda y: jax_solve(twice, y, w0).sum())(jnp.array([1.0, 2.0]))


def test_a_failed_solve_is_an_error_or_nan():
    w0 = jnp.array([1.0, 2.0, 2.0])
    with pytest.raises(nlsolve.SolveError, match="not a root"):
        jax_solve(sphere, -1.0, w0)
    with pytest.raises(jax.errors.JaxRuntimeError, match="not a root"):
        jax.jit(lambda y: jax_solve(sphere, y, w0))(-1.0)
    found = jax.vmap(lambda y: jax_solve(sphere, y, w0, throw=False))(
        jnp.array([-1.0, 9.0, jnp.nan])
    )
    np.testing.assert_array_equal(np.isnan(found), [[True] * 3, [False] * 3, [True] * 3])
    np.testing.assert_allclose(found[1], w0, rtol=1e-6)
