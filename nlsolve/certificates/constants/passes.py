"""What does a network compute at a point, and how does it depend on its layers there, enclosed?

The forward and the backward pass of layers.py in outward-rounded intervals: matrix products with
their rounding, activations by Taylor tables, never numpy's. Numbers are exact as they are stored,
also those of a network that computes in single precision: what is enclosed is the function that
exact arithmetic would find, with weights scaled by 1 / sqrt(inputs).

With q = (scale times the patch, and 1 where there is a bias) and D = d f_e / d z, both a row for
every position, the row of J that belongs to a layer is sum_p D_p q_p^T, and

    K = sum over layers of (D D^T) o (q q^T)

where there is one position (layers.py); with several, the rows of J are formed, some channels at a
time.
"""

from functools import cached_property
from typing import Any

import numpy as np

from nlsolve.certificates.constants.activations import activated
from nlsolve.certificates.evidence import FloatArray
from nlsolve.intervals import Interval, matmul
from nlsolve.intervals.rounding import down, up
from nlsolve.networks.layers import CHUNK, Layer
from nlsolve.networks.network import Network


class Passes:
    """A network at one point.

    Attributes
    ----------
    values : Interval
        F(w), (n,).
    patches, slopes : list of Interval
        q, a row for every position of every sample, and act'(z), layer by layer.
    weights : list of ndarray
        W of every layer.
    """

    def __init__(self, network: Network, w: FloatArray) -> None:
        self.network = network
        whole = network.fixed.astype(np.float64)
        for number, _, entries in network.trained:
            network.own(whole, number)[...] = w[entries]
        self.patches: list[Interval] = []
        self.slopes: list[Interval] = []
        self.weights: list[FloatArray] = []
        a = Interval(network.X.reshape((-1, network.X.shape[-1])).astype(np.float64))
        for number, layer in enumerate(network.layers):
            a = self._forward(layer, network.own(whole, number), a)
        self.values = a.reshape(-1)

    def _forward(self, layer: Layer, parameters: FloatArray, a: Interval) -> Interval:
        W, b = layer.split(parameters)
        q = scaled(layer, patched(layer, a))
        z = matmul(q, W.T) if b is None else matmul(q, W.T) + b
        value, slope = activated(layer.act, z)
        self.patches.append(q if b is None else with_ones(q))
        self.slopes.append(slope)
        self.weights.append(W)
        return a + value if layer.skip else value

    @cached_property
    def backward(self) -> tuple[list[Interval], list[Interval]]:
        """(B, D): derivatives of every equation by what each layer puts out, and by its z.

        For the layers from the first that is trained; a row for every position of every equation.
        """
        network, samples = self.network, self.network.X.shape[0]
        B, every, by_z = Interval(np.tile(np.eye(network.outputs), (samples, 1))), [], []
        for number in range(len(network.layers) - 1, network.lowest - 1, -1):
            D = B * self._of_equations(self.slopes[number])
            every.append(B)
            by_z.append(D)
            if number > network.lowest:
                B = self._through(number, D, B)
        return every[::-1], by_z[::-1]

    def _through(self, number: int, D: Interval, B: Interval) -> Interval:
        """Return derivatives by the input of a layer."""
        layer, channels = self.network.layers[number], self.network.layers[number - 1].outputs
        by_patch = scaled(layer, matmul(D, self.weights[number]))
        if layer.patches is None:
            found = by_patch.reshape((-1, channels))
        else:
            index = layer.patches.index.ravel()
            seen = (index == np.arange(layer.patches.inputs)[:, None]).astype(np.float64)
            taps = by_patch.reshape((self.network.n, index.size, channels))
            found = matmul(seen, taps).reshape((-1, channels))
        return found + B if layer.skip else found

    def _of_equations(self, rows: Interval) -> Interval:
        """Return the rows of samples as rows of equations."""
        outputs, samples = self.network.outputs, self.network.X.shape[0]
        if outputs == 1:
            return rows
        width = rows.shape[-1]
        whole = rows.reshape((samples, -1, width))
        return whole[np.repeat(np.arange(samples), outputs)].reshape((-1, width))

    def kernel(self) -> Interval:
        """Return K = J J^T, (n, n)."""
        n, network = self.network.n, self.network
        K = Interval(np.zeros((n, n)))
        for number, layer, _ in network.trained:
            D = self.backward[1][number - network.lowest]
            q = self._of_equations(self.patches[number])
            if layer.positions == 1:
                K = K + matmul(D, D.T) * matmul(q, q.T)
                continue
            for G in _rows(
                layer, D.reshape((n, layer.positions, -1)), q.reshape((n, -1, q.shape[-1]))
            ):
                K = K + matmul(G, G.T)
        return K


def _rows(layer: Layer, D: Interval, q: Interval) -> Any:
    """Yield the layer's columns of J, some output channels at a time."""
    n, step = D.shape[0], max(1, CHUNK // (D.shape[0] * q.shape[-1]))
    for first in range(0, layer.outputs, step):
        part = D[:, :, first : first + step]
        turned = Interval(part.lo.transpose(0, 2, 1), part.hi.transpose(0, 2, 1))
        yield matmul(turned, q).reshape((n, -1))


def patched(layer: Layer, a: Interval) -> Interval:
    """Return the patches around each position; (0, ..., 0) beyond the edge."""
    if layer.patches is None:
        return a.reshape((-1, layer.inputs))
    return Interval(layer.patches.gather(a.lo), layer.patches.gather(a.hi))


def scaled(layer: Layer, x: Interval) -> Interval:
    """Return x times the layer's scale, 1 or 1 / sqrt(inputs) to two roundings."""
    if layer.scale == 1.0:
        return x
    return x * Interval(down(down(layer.scale)), up(up(layer.scale)))


def with_ones(q: Interval) -> Interval:
    """Return q with a column of ones."""
    ones = np.ones((q.shape[0], 1))
    return Interval(np.hstack([q.lo, ones]), np.hstack([q.hi, ones]))
