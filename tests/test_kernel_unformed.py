"""The tangent kernel of systems that know K and not J, beside that of J."""

import numpy as np
import pytest

import nlsolve
from nlsolve.distributed import hidden_units
from nlsolve.kernel import TangentKernel
from nlsolve.kernel_unformed import UnformedKernel
from nlsolve.networks import Convolutional, Dense, Residual

X = np.random.default_rng(0).standard_normal((12, 6))
NETWORKS = {
    "dense": Dense(X, [100], outputs=2),
    "convolutional": Convolutional(X[:, :, None], [20, 20]),
    "residual": Residual(X, 50, blocks=1, bias=True),
}


@pytest.mark.parametrize("name", NETWORKS)
def test_it_says_what_the_formed_jacobian_says(name, monkeypatch):
    network = NETWORKS[name]
    w = network.initial(0)
    operator = network.values(w)[1]
    J = operator.array()
    expected = TangentKernel(J, 1e-14)
    with monkeypatch.context() as patched:
        patched.setattr(type(operator), "array", _refused)
        found = nlsolve.tangent_kernel(network, w)
        assert isinstance(found, UnformedKernel)
        np.testing.assert_allclose(found.matrix, J @ J.T, rtol=1e-10, atol=1e-12)
        gap = np.abs(found.singular_values - expected.singular_values).max()
        assert gap <= found.error + expected.error
        assert found.rank == expected.rank == network.n
        np.testing.assert_allclose(found.condition, expected.condition, rtol=1e-8)
        assert f"{found.n} x {found.n}" in repr(found) or str(found.n) in repr(found)
    np.testing.assert_array_equal(found.jacobian, J)


def _refused(self):
    raise AssertionError("J has been formed")


def test_a_repeated_sample_is_seen_and_the_error_says_what_cannot_be():
    repeated = Dense(np.vstack([X, X[:1]]), [100])
    w = repeated.initial(0)
    found = nlsolve.tangent_kernel(repeated, w)
    exact = np.linalg.svd(repeated.values(w)[1].array(), compute_uv=False)
    assert found.rank == repeated.n - 1
    assert found.sigma_min <= found.error < 1e-5 * found.sigma_max
    assert np.abs(found.singular_values - exact).max() <= found.error
    assert found.condition == np.inf


def test_systems_in_blocks_have_one():
    network = hidden_units(X, [30, 40], rng=0)
    w = network.vector(None, "w0")
    found = nlsolve.tangent_kernel(network, w)
    J = network.values(w)[1].array()
    expected = np.linalg.svd(J, compute_uv=False)
    np.testing.assert_allclose(found.singular_values, expected, rtol=1e-9)
