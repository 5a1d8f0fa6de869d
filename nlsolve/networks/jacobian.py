"""How are products with a network's Jacobian, and its tangent kernel, had without the Jacobian?

From one forward pass. Going back through the layers gives D, the derivatives of every equation by
what each layer computes before its activation; layers.py says what each layer then adds. D is found
when first needed and kept: n x width numbers a layer, where J has n x width^2.

Equation e is output `output[e]` of sample `sample[e]`.
"""

from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.linalg import cho_factor, cho_solve
from scipy.sparse import csr_array

from nlsolve.networks import layers
from nlsolve.networks.layers import Array, Layer, Passed
from nlsolve.systems.jacobians import KernelOperator

if TYPE_CHECKING:
    from nlsolve.networks.network import Network

NEARLY = 1e-12  # of its trace, added to a kernel that only preconditions


class NetworkJacobian(KernelOperator):
    """J of a network at one point, a LinearOperator that knows its tangent kernel.

    Parameters
    ----------
    network : Network
    parameters : (k,) ndarray
        All parameters, those that are not trained among them.
    passed : list of Passed
        What the layers kept of the forward pass.
    sample, output : (n,) ndarray of int
        Which entry of the network's output each equation is.
    """

    def __init__(
        self, network: "Network", parameters: Array, passed: list[Passed], sample: Any, output: Any
    ) -> None:
        super().__init__(np.dtype(np.float64), (sample.size, network.m))  # type: ignore[call-arg]
        self.network, self.parameters, self.passed = network, parameters, passed
        self.sample, self.output = sample, output

    @property
    def samples(self) -> int:
        """Number of samples."""
        return int(self.passed[-1].q.shape[0])

    @cached_property
    def D(self) -> list[Array]:
        """Derivatives of the equations by z, layer by layer from the first that is trained."""
        top = np.zeros((self.sample.size, self.network.outputs), dtype=self.parameters.dtype)
        top[np.arange(self.sample.size), self.output] = 1.0
        return self._back(top, self.sample)

    def _back(self, out: Array, sample: Any) -> list[Array]:
        """Return D for derivatives `out` by the output, a row for each entry of `sample`."""
        network, found = self.network, []
        for number in range(len(network.layers) - 1, network.lowest - 1, -1):
            layer, slope = network.layers[number], self.passed[number].slope
            D = out * _of_samples(slope, layer.positions, sample, self.samples)
            found.append(D)
            if number > network.lowest:
                channels = network.layers[number - 1].outputs
                own = network.own(self.parameters, number)
                out = layers.backward(layer, own, D, out, channels)
        return found[::-1]

    def _trained(self) -> list[tuple[int, Layer, slice]]:
        """Return (number, layer, entries of w) of the layers that are trained."""
        return self.network.trained

    def gram(self) -> Array:
        """Return the tangent kernel K = J J^T, (n, n)."""
        return self._gram(slice(None))

    def _gram(self, of: slice) -> Array:
        """Return K of some equations."""
        sample = self.sample[of]
        K = np.zeros((sample.size,) * 2, dtype=self.parameters.dtype)
        for number, layer, _ in self._trained():
            D = self.D[number - self.network.lowest]
            rows = D.reshape(self.sample.size, -1)[of].reshape(-1, layer.outputs)
            layers.add_gram(layer, self.passed[number], rows, sample, K)
        return K.astype(np.float64, copy=False)

    def near_inverse(self, damping: float) -> Callable[[Array], Array] | None:
        """Return what nearly applies (K + damping I)^{-1} where there are several outputs.

        Output e of a wide network meets the layers below through weights of its own, at random and
        so almost orthogonal to those of other outputs: K is near to I x K', K' the mean of the
        tangent kernels of single outputs, samples x samples.
        """
        samples, outputs = self.samples, self.network.outputs
        whole = self.sample.size == samples * outputs
        if outputs == 1 or not (whole and layers.in_order(self.sample[::outputs], samples)):
            return None
        mean = np.zeros((samples, samples))
        for k in range(outputs):
            mean += self._gram(slice(k, None, outputs)) / outputs
        mean.flat[:: samples + 1] += damping + NEARLY * np.trace(mean)
        factor = cho_factor(mean, lower=True, overwrite_a=True, check_finite=False)
        return lambda v: cho_solve(factor, v.reshape(-1, outputs), check_finite=False).ravel()

    def _rmatvec(self, u: Any) -> Array:
        """Return J^T u."""
        u = u.ravel().astype(self.parameters.dtype, copy=False)
        U = self._weighted(u) if "D" in self.__dict__ else self._passed_back(u)
        found = np.empty(self.shape[1], dtype=self.parameters.dtype)
        for (number, layer, entries), D in zip(self._trained(), U, strict=True):
            layers.gradient(layer, self.passed[number], D, found[entries])
        return found.astype(np.float64, copy=False)

    def _passed_back(self, u: Array) -> list[Array]:
        """Return sum_e u_e D_e, a row for every position of every sample, by one pass back."""
        out = np.zeros((self.samples, self.network.outputs), dtype=u.dtype)
        np.add.at(out, (self.sample, self.output), u)
        found = self._back(out, np.arange(self.samples))
        return [found[number - self.network.lowest] for number, _, _ in self._trained()]

    def _weighted(self, u: Array) -> list[Array]:
        """Return the same from D, where that is known."""
        weigh = csr_array((u, (self.sample, np.arange(u.size))), shape=(self.samples, u.size))
        found = []
        for number, layer, _ in self._trained():
            D = self.D[number - self.network.lowest]
            rows = weigh @ D.reshape(u.size, -1)
            found.append(rows.reshape(-1, layer.outputs))
        return found

    def _matvec(self, v: Any) -> Array:
        """Return J v."""
        found = np.zeros(self.shape[0])
        v = v.ravel().astype(self.parameters.dtype, copy=False)
        for number, layer, entries in self._trained():
            moved = layers.tangent(layer, self.passed[number], v[entries])
            D = self.D[number - self.network.lowest]
            moved = _of_samples(moved, layer.positions, self.sample, self.samples)
            found += np.einsum("ij,ij->i", D, moved).reshape(found.size, -1).sum(axis=1)
        return found

    def array(self) -> Array:
        """Return J as an array."""
        parts = []
        for number, layer, _ in self._trained():
            D = self.D[number - self.network.lowest]
            parts.append(layers.rows(layer, self.passed[number], D, self.sample))
        return np.hstack(parts).astype(np.float64, copy=False)


def _of_samples(rows: Array, positions: int, sample: Any, samples: int) -> Array:
    """Return the rows that belong to the samples of the equations."""
    if layers.in_order(sample, samples):
        return rows
    found: Array = rows.reshape(samples, positions, -1)[sample]
    return found.reshape(sample.size * positions, -1)
