"""The networks of nlsolve, written again with JAX from their formulas alone."""

import jax
import jax.numpy as jnp
from jax.scipy.special import erf

ACTIVATIONS = {
    "linear": lambda z: z,
    "tanh": jnp.tanh,
    "sigmoid": jax.nn.sigmoid,
    "erf": erf,
    "softplus": jax.nn.softplus,
    "gelu": lambda z: jax.nn.gelu(z, approximate=False),
    "silu": jax.nn.silu,
    "relu": jax.nn.relu,
}


def affine(parameters, name, a, parameterization):
    W = parameters[f"{name} weights"]
    scale = 1.0 / jnp.sqrt(W.shape[1]) if parameterization == "ntk" else 1.0
    return scale * a @ W.T + parameters.get(f"{name} biases", 0.0)


def patches(a, kernel, stride, padding):
    """Return the patches of a (N, *shape, c), taps before channels, by XLA's own convolution."""
    dimensions = a.ndim - 2
    spec = (
        "NHWC"[: 1 + dimensions] + "C",
        "HWIO"[:dimensions] + "IO",
        "NHWC"[: 1 + dimensions] + "C",
    )
    found = jax.lax.conv_general_dilated_patches(
        a, kernel, stride, padding.upper(), dimension_numbers=spec
    )  # channels before taps
    split = found.reshape(*found.shape[:-1], a.shape[-1], -1)
    return jnp.swapaxes(split, -1, -2).reshape(found.shape)


def outputs(parameters, X, hidden, *, activation, output, parameterization, convolution=None,
            skips=False):  # fmt: skip
    """Return the outputs of a network with `hidden` hidden layers, (N * outputs,)."""
    a = jnp.asarray(X)
    for number in range(1, hidden + 1):
        seen = a if convolution is None else patches(a, *convolution)
        z = affine(parameters, f"hidden {number}", seen, parameterization)
        value = ACTIVATIONS[activation](z)
        a = a + value if skips and number > 1 else value
    z = affine(parameters, "output", a.reshape(a.shape[0], -1), parameterization)
    return ACTIVATIONS[output](z).ravel()
