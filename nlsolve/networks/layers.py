"""What does a layer compute, and what does it add to derivatives and to the tangent kernel?

A sample has positions (one, in a dense layer) and channels at each; a batch of samples is a matrix,
a row for every position of every sample. A layer gathers a patch q around each position it puts out
(dense: all there is), and computes

    z = scale W q + b,     out = act(z), or a + act(z) in a residual layer.

With D = d f_e / d z, a row for every position of every equation e (of sample s), the row of J that
belongs to W is scale sum_p D_p q_p^T, and that of b is sum_p D_p. So a layer adds to K = J J^T

    K_ef = scale^2 sum_{p, p'} (D_ep . D_fp') (q_sp . q_s'p')  +  sum_{p, p'} D_ep . D_fp',

which for dense layers is the Hadamard product of two Gram matrices, and never needs the rows of J.
"""

import math
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from nlsolve.networks.activations import ACTIVATIONS, Activation
from nlsolve.networks.patches import Patches

Array = npt.NDArray[Any]
CHUNK = 4_000_000  # entries of rows of J of one layer that are formed at a time


class Layer(NamedTuple):
    """One matrix of weights, and what is around it.

    Attributes
    ----------
    inputs, outputs : int
        Entries of a patch, and channels put out.
    act : str
        Name of the activation.
    scale : float
        Of the weights: 1 / sqrt(inputs) in the NTK parameterization, else 1.
    bias, skip : bool
        Whether b is there; whether the input is added to the output.
    patches : Patches or None
        None for a dense layer: the patch is the whole sample.
    """

    inputs: int
    outputs: int
    act: str
    scale: float
    bias: bool = False
    skip: bool = False
    patches: Patches | None = None

    @property
    def activation(self) -> Activation:
        """The function applied to z."""
        return ACTIVATIONS[self.act]

    @property
    def positions(self) -> int:
        """Positions put out."""
        return 1 if self.patches is None else self.patches.positions

    @property
    def size(self) -> int:
        """Number of its parameters."""
        return self.outputs * (self.inputs + self.bias)

    def split(self, parameters: Array) -> tuple[Array, Array | None]:
        """Return views (W, b) of the layer's parameters; b None where it has none."""
        weights = self.outputs * self.inputs
        W = parameters[:weights].reshape(self.outputs, self.inputs)
        return W, parameters[weights:] if self.bias else None


class Passed(NamedTuple):
    """What a layer keeps of a forward pass: its patches, and the slopes of the activation."""

    q: Array
    slope: Array


def forward(layer: Layer, parameters: Array, a: Array) -> tuple[Array, Passed]:
    """Return (out, what is kept) for inputs a, a row for every position of every sample."""
    W, b = layer.split(parameters)
    q = a.reshape(-1, layer.inputs) if layer.patches is None else layer.patches.gather(a)
    z = q @ W.T
    z *= layer.scale
    if b is not None:
        z += b
    value = layer.activation.value(z)
    passed = Passed(q, layer.activation.slope(z, value))
    return (a + value if layer.skip else value), passed


def backward(layer: Layer, parameters: Array, D: Array, out: Array, channels: int) -> Array:
    """Return the derivatives by the layer's input, of `channels` channels.

    D are those by z, `out` those by the layer's output.
    """
    W, _ = layer.split(parameters)
    by_patch = D @ W
    by_patch *= layer.scale
    if layer.patches is None:
        found = by_patch.reshape(-1, channels)
    else:
        found = layer.patches.scatter(by_patch)
    return found + out if layer.skip else found


def gradient(layer: Layer, passed: Passed, U: Array, out: Array) -> None:
    """Write sum_rows U^T q, the derivatives by the parameters, into the vector `out`."""
    W, b = layer.split(out)
    np.matmul(U.T, passed.q, out=W)
    W *= layer.scale
    if b is not None:
        np.sum(U, axis=0, out=b)


def tangent(layer: Layer, passed: Passed, direction: Array) -> Array:
    """Return how z moves with the layer's parameters alone."""
    W, b = layer.split(direction)
    z = passed.q @ W.T
    z *= layer.scale
    return z if b is None else z + b


def add_gram(layer: Layer, passed: Passed, D: Array, sample: Array, K: Array) -> None:
    """Add the layer's part of K for the equations with rows D, of the samples `sample`."""
    P, inputs, outputs = layer.positions, layer.inputs, layer.outputs
    if P * P * (inputs + outputs) <= outputs * inputs or P == 1:
        _by_positions(layer, passed, D, sample, K)
    else:
        _by_rows(layer, passed, D, sample, K)
    if layer.bias:
        total = D.reshape(-1, P, outputs).sum(axis=1)
        K += total @ total.T


def _by_positions(layer: Layer, passed: Passed, D: Array, sample: Array, K: Array) -> None:
    """Add sum_{p, p'} (D_p D_p'^T) o (q_p q_p'^T)."""
    P = layer.positions
    D = D.reshape(-1, P, layer.outputs)
    q = passed.q.reshape(-1, P, layer.inputs)
    for p in range(P):
        for other in range(P):
            part = q[:, p] @ q[:, other].T
            if not in_order(sample, q.shape[0]):
                part = part[np.ix_(sample, sample)]
            part *= D[:, p] @ D[:, other].T
            part *= layer.scale**2
            K += part


def in_order(sample: Array, samples: int) -> bool:
    """Return whether equation e is of sample e, for all of them."""
    return sample.size == samples and bool((sample == np.arange(samples)).all())


def _by_rows(layer: Layer, passed: Passed, D: Array, sample: Array, K: Array) -> None:
    """Add G G^T, G the layer's rows of J, some output channels at a time."""
    P = layer.positions
    D = D.reshape(-1, P, layer.outputs)
    q = passed.q.reshape(-1, P, layer.inputs)[sample]
    step = max(1, CHUNK // (D.shape[0] * layer.inputs))
    for first in range(0, layer.outputs, step):
        G = np.matmul(D[:, :, first : first + step].transpose(0, 2, 1), q)
        G = G.reshape(D.shape[0], -1)
        G *= layer.scale
        K += G @ G.T


def rows(layer: Layer, passed: Passed, D: Array, sample: Array) -> Array:
    """Return the layer's columns of J."""
    P = layer.positions
    D = D.reshape(-1, P, layer.outputs)
    q = passed.q.reshape(-1, P, layer.inputs)[sample]
    G = layer.scale * np.matmul(D.transpose(0, 2, 1), q).reshape(D.shape[0], -1)
    return np.hstack([G, D.sum(axis=1)]) if layer.bias else G


def ntk_scale(inputs: int, parameterization: str) -> float:
    """Return what the weights are multiplied by."""
    return 1.0 / math.sqrt(inputs) if parameterization == "ntk" else 1.0
