"""Does `tangent_kernel` take a system as `solve` does, and name what is wrong?"""

import numpy as np
import pytest

import nlsolve
from tests.certificates.small import F, W, jac


def test_tangent_kernel_of_a_system():
    J = jac(W)
    kernel = nlsolve.tangent_kernel(F, W, jac=jac)
    np.testing.assert_allclose(kernel.matrix, J @ J.T, rtol=1e-14)
    np.testing.assert_allclose(kernel.singular_values, np.linalg.svd(J, compute_uv=False))
    assert (kernel.n, kernel.m, kernel.rank) == (2, 3, 2)
    np.testing.assert_allclose(J @ kernel.null_space(), 0.0, atol=1e-14)
    by_differences = nlsolve.tangent_kernel(F, list(W))
    np.testing.assert_allclose(by_differences.matrix, J @ J.T, rtol=1e-6, atol=1e-7)


def test_tangent_kernel_takes_arguments_of_the_system():
    def scaled(w, a, b=1.0):
        return a * F(w) * b

    kernel = nlsolve.tangent_kernel(scaled, W, args=(2.0,), kwargs={"b": 3.0})
    expected = np.linalg.svd(6.0 * jac(W), compute_uv=False)
    np.testing.assert_allclose(kernel.singular_values, expected, rtol=1e-6)
    products = nlsolve.tangent_kernel(
        F, W, jvp=lambda w, v: jac(w) @ v, vjp=lambda w, u: jac(w).T @ u
    )
    np.testing.assert_allclose(products.matrix, jac(W) @ jac(W).T, rtol=1e-14)
    one = nlsolve.tangent_kernel(lambda w: w**2, 3.0)
    assert one.sigma_min == pytest.approx(6.0, rel=1e-6)


def test_tangent_kernel_of_dependent_equations():
    kernel = nlsolve.tangent_kernel(lambda w: np.array([w[0] - w[1], 2 * w[1] - 2 * w[0]]), [1, 2])
    assert kernel.rank == 1


@pytest.mark.parametrize(
    ("words", "error", "message"),
    [
        ({"w": None}, TypeError, "w is missing"),
        ({"w": [np.inf, 0.0, 0.0]}, ValueError, r"w must be finite, but w\[0\] is inf"),
        ({"w": "x"}, ValueError, "w must hold real numbers"),
        ({"w": []}, ValueError, "w is empty"),
        ({"jac": 3}, (TypeError, ValueError), "jac"),
        ({"check_jac": "maybe"}, (TypeError, ValueError), "check_jac"),
        ({"jac": lambda w: np.eye(2)}, (TypeError, ValueError, nlsolve.EvaluationError), "jac"),
        ({"radius": 1.0}, TypeError, "radius"),
    ],
    ids=lambda x: str(x)[:30],
)
def test_tangent_kernel_names_what_is_wrong(words, error, message):
    with pytest.raises(error, match=message):
        nlsolve.tangent_kernel(F, **{"w": W, **words})
