"""Small networks of every kind, and the same networks written again in plain numpy or JAX."""

import itertools

import numpy as np

from nlsolve.networks import Convolutional, Dense, Residual

ACTIVATIONS = ("linear", "tanh", "sigmoid", "erf", "softplus", "gelu", "silu", "relu")


def data(*shape):
    return np.random.default_rng(7).standard_normal(shape)


def dense(**keywords):
    return Dense(data(6, 4), [8, 3, 6], rng=1, **keywords)


def residual(**keywords):
    return Residual(data(6, 4), 6, blocks=2, rng=1, **keywords)


def line(**keywords):
    return Convolutional(data(6, 7, 2), [4, 6], stride=2, rng=1, **keywords)


def image(**keywords):
    settings = {"kernel": (3, 2), "padding": "valid", "rng": 1}
    return Convolutional(data(6, 5, 4, 2), [6, 4], **settings, **keywords)


KINDS = {"dense": dense, "residual": residual, "line": line, "image": image}

VARIANTS = [
    {"outputs": 3, "bias": True},
    {"outputs": 3, "output": "tanh", "train": "hidden"},
    {"output": "sigmoid", "bias": True, "train": ["hidden 2"]},
    {"train": "output", "parameterization": "standard"},
]

# every kind with every activation; and with every other setting, by one activation
CASES = [
    *(
        (kind, {"activation": name, "outputs": 2})
        for kind, name in itertools.product(KINDS, ACTIVATIONS)
    ),
    *itertools.product(KINDS, VARIANTS),
]


def case(kind, keywords):
    """Return a network and a point."""
    network = KINDS[kind](**keywords)
    return network, network.initial(3) + 0.1 * np.random.default_rng(5).standard_normal(network.m)


def label(value):
    if isinstance(value, dict):
        return "-".join(map(str, value.values()))
    return None
