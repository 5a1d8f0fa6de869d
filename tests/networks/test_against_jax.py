"""Are values and Jacobians those that JAX finds for the same formulas?"""

import numpy as np
import pytest

from nlsolve.systems.jacobians import as_array
from tests.networks.given import CASES, KINDS, case, label

jax = pytest.importorskip("jax")

CONVOLUTIONS = {"line": ((3,), (2,), "same"), "image": ((3, 2), (1, 1), "valid")}


def all_parameters(network, w):
    """Return every parameter by name, trained or not."""
    found = {}
    for name, layer, own in zip(
        network.names, network.layers, np.split(network._parameters(w), network.ends[1:-1]),
        strict=True,
    ):  # fmt: skip
        W, b = layer.split(own)
        found[f"{name} weights"] = W
        if b is not None:
            found[f"{name} biases"] = b
    return found


@pytest.mark.parametrize(("kind", "keywords"), CASES, ids=label)
def test_values_and_jacobian(kind, keywords):
    from tests.networks import in_jax

    network, w = case(kind, keywords)
    fixed, trained = all_parameters(network, w), network.unpack(w)
    settings = {"activation": "tanh", "output": "linear", "parameterization": "ntk"}
    settings |= {name: keywords[name] for name in settings if name in keywords}
    settings |= {"convolution": CONVOLUTIONS.get(kind), "skips": kind == "residual"}

    def F(own):
        hidden = len(network.layers) - 1
        return in_jax.outputs({**fixed, **own}, network.X, hidden, **settings)

    with jax.enable_x64(True):
        values, parts = F(trained), jax.jit(jax.jacrev(F))(trained)
    expected = np.hstack([np.asarray(parts[name]).reshape(network.n, -1) for name in trained])
    found, J = network.values(w)
    np.testing.assert_allclose(found, values, rtol=1e-13, atol=1e-14)
    np.testing.assert_allclose(as_array(J), expected, rtol=1e-12, atol=1e-13)


def test_every_kind_is_compared():
    assert {kind for kind, _ in CASES} == set(KINDS)
