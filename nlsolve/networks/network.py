"""What is a wide network as a system of equations?

F(w) are the outputs of the network on its samples, one after another, and w its weights. What the
package asks of a system is answered from one forward pass: the residual, products with J, the
tangent kernel (jacobian.py). J itself is never formed unless somebody asks for it.

Source: C. Liu, L. Zhu, M. Belkin, arXiv 2003.00307, sections 2 and 4, for the parameterization.
"""

import os
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from nlsolve.networks import layers
from nlsolve.networks.jacobian import NetworkJacobian
from nlsolve.networks.layers import Layer, Passed
from nlsolve.systems.base import System
from nlsolve.systems.errors import EvaluationError

Array = npt.NDArray[Any]
TRAIN = ("all", "hidden", "output")


class Network(System):
    """A network on given samples as a System; `Dense`, `Convolutional` and `Residual` make one.

    Attributes
    ----------
    layers : tuple of Layer
    names : tuple of str
        'hidden 1', ..., 'output'.
    n, m : int
        Equations (samples times outputs), and parameters that are trained.
    outputs : int
        Outputs per sample; equation i * outputs + o is output o of sample i.
    """

    def __init__(
        self,
        X: Array,
        chain: Sequence[Layer],
        *,
        train: Any,
        parameterization: str,
        antisymmetric: bool,
        rng: Any,
    ) -> None:
        self.X, self.layers = X, tuple(chain)
        self.names = (*(f"hidden {k}" for k in range(1, len(chain))), "output")
        self.outputs, self.parameterization = self.layers[-1].outputs, parameterization
        self.antisymmetric = antisymmetric
        self._check_pairs()
        self.ends = np.cumsum([0, *(layer.size for layer in self.layers)])
        self.trained = self._entries(_chosen(train, self.names))
        self.lowest = self.trained[0][0]
        self.n = X.shape[0] * self.outputs
        self.m = self.trained[-1][2].stop
        self.fixed = self._drawn(np.random.default_rng(rng))
        super().__init__(self.__call__, jac=True, rows=self.rows, check_jac=False)

    def __repr__(self) -> str:
        widths = "-".join(str(layer.outputs) for layer in self.layers)
        return (
            f"{type(self).__name__}({self.n} equations, {self.m} unknowns, layers {widths}, "
            f"{self.layers[0].act})"
        )

    def __call__(self, w: Any) -> Array:
        """Return F(w), the outputs one sample after another."""
        return self._forward(self._parameters(w), self.X)[0].ravel()

    def values(self, w: Array) -> tuple[Array, NetworkJacobian]:
        """Return (F(w), J), J as products and tangent kernel that share the forward pass."""
        parameters = self._parameters(w)
        values, passed = self._forward(parameters, self.X)
        sample, output = np.divmod(np.arange(self.n), self.outputs)
        return values.ravel(), NetworkJacobian(self, parameters, passed, sample, output)

    def rows(self, w: Array, batch: Any) -> tuple[Array, NetworkJacobian]:
        """Return values and J of the equations in `batch`, at the cost of their samples."""
        samples, sample = np.unique(batch // self.outputs, return_inverse=True)
        output, parameters = batch % self.outputs, self._parameters(w)
        values, passed = self._forward(parameters, self.X[samples])
        return values[sample, output], NetworkJacobian(self, parameters, passed, sample, output)

    def initial(self, rng: Any = None) -> Array:
        """Return a random start: standard normal weights ('ntk'), or of variance 1 / inputs.

        Biases are 0. With ``antisymmetric=True``, F is 0 there.

        Parameters
        ----------
        rng : int or numpy.random.Generator, optional

        Returns
        -------
        (m,) ndarray
        """
        drawn = self._drawn(np.random.default_rng(rng))
        return np.concatenate([drawn[self._place(k)] for k, _, _ in self.trained]).astype(float)

    def predict(self, w: Any, X_new: Any) -> Array:
        """Return the network's outputs on other samples.

        Parameters
        ----------
        w : (m,) array_like
        X_new : array_like
            Samples, of the shape those of the system have.

        Returns
        -------
        (N,) ndarray, or (N, outputs) where there are several
        """
        X = np.asarray(X_new, dtype=self.X.dtype)
        if X.shape[1:] != self.X.shape[1:]:
            raise ValueError(
                f"X_new must be samples of shape {self.X.shape[1:]}, got shape {X.shape}"
            )
        found = self._forward(self._parameters(w), X)[0].astype(float)
        return found[:, 0] if self.outputs == 1 else found

    def unpack(self, w: Array) -> dict[str, Array]:
        """Return the trained parameters by name, as views of w.

        'hidden 1 weights' is (width, inputs), 'hidden 1 biases' (width,), and so on to 'output'.
        """
        found = {}
        for number, layer, entries in self.trained:
            W, b = layer.split(w[entries])
            found[f"{self.names[number]} weights"] = W
            if b is not None:
                found[f"{self.names[number]} biases"] = b
        return found

    def save(self, path: str | os.PathLike[str], w: Array) -> None:
        """Write the trained parameters to a .npz file, by their names."""
        named: Any = self.unpack(np.asarray(w))
        with open(path, "wb") as file:
            np.savez(file, **named)

    def load(self, path: str | os.PathLike[str]) -> Array:
        """Return parameters from a file written by `save`.

        Raises
        ------
        ValueError
            If they are not those of a network of these layers.
        """
        w = np.empty(self.m)
        views = self.unpack(w)
        with np.load(path, allow_pickle=False) as file:
            shapes = {name: file[name].shape for name in file.files}
            wanted = {name: view.shape for name, view in views.items()}
            if shapes != wanted:
                raise ValueError(f"path holds parameters {shapes}, but the network has {wanted}")
            for name, view in views.items():
                view[...] = file[name]
        return w

    def own(self, parameters: Array, number: int) -> Array:
        """Return the parameters of a layer out of all."""
        return parameters[self._place(number)]

    def _place(self, number: int) -> slice:
        return slice(int(self.ends[number]), int(self.ends[number + 1]))

    def _entries(self, numbers: Sequence[int]) -> list[tuple[int, Layer, slice]]:
        """Return (number, layer, entries of w) of the layers with these numbers."""
        found, first = [], 0
        for number in numbers:
            layer = self.layers[number]
            found.append((number, layer, slice(first, first + layer.size)))
            first += layer.size
        return found

    def _parameters(self, w: Any) -> Array:
        """Return all parameters, of the trained ones w."""
        w = np.asarray(w)
        if w.shape != (self.m,):
            raise EvaluationError(
                f"w has shape {w.shape}, but the network has {self.m} trained parameters; "
                "start from initial(rng)"
            )
        if len(self.trained) == len(self.layers):
            found: Array = w.astype(self.X.dtype, copy=False)
            return found
        whole = self.fixed.copy()
        for number, _, entries in self.trained:
            whole[self._place(number)] = w[entries]
        return whole

    def _forward(self, parameters: Array, X: Array) -> tuple[Array, list[Passed]]:
        """Return the outputs, (samples, outputs), and what each layer keeps."""
        a, kept = X.reshape(-1, X.shape[-1]), []
        for number, layer in enumerate(self.layers):
            a, passed = layers.forward(layer, self.own(parameters, number), a)
            kept.append(passed)
        return a, kept

    def _drawn(self, rng: np.random.Generator) -> Array:
        """Return random parameters; the output weights are signs where they are not trained."""
        whole = np.zeros(self.ends[-1], dtype=self.X.dtype)
        for number, layer in enumerate(self.layers):
            W, _ = layer.split(self.own(whole, number))
            W[...] = rng.standard_normal(W.shape)
            if self.parameterization == "standard":
                W /= np.sqrt(layer.inputs)
        if self.trained[-1][0] < len(self.layers) - 1:
            W, _ = self.layers[-1].split(self.own(whole, len(self.layers) - 1))
            W[...] = np.where(W < 0.0, -1.0, 1.0)
        if self.antisymmetric:
            self._paired(whole)
        return whole

    def _check_pairs(self) -> None:
        if not self.antisymmetric:
            return
        if self.layers[-2].outputs % 2:
            raise ValueError(
                "antisymmetric=True needs an even width of the last hidden layer, "
                f"got {self.layers[-2].outputs}"
            )
        if self.layers[-1].activation.value(np.zeros(1)) != 0.0:
            raise ValueError(
                f"antisymmetric=True starts at F = 0, but output={self.layers[-1].act!r} "
                "is not 0 at 0; choose another output"
            )

    def _paired(self, whole: Array) -> None:
        """Give the last hidden units equal weights two by two, and opposite output weights."""
        number = len(self.layers) - 1
        output, _ = self.layers[number].split(self.own(whole, number))
        output = output.reshape(self.outputs, -1, self.layers[number - 1].outputs)
        output[..., 1::2] = -output[..., ::2]
        skip = True
        while skip:  # what is added to units that come in pairs must be so too
            number -= 1
            hidden, _ = self.layers[number].split(self.own(whole, number))
            hidden[1::2] = hidden[::2]
            skip = self.layers[number].skip


def _chosen(train: Any, names: tuple[str, ...]) -> list[int]:
    """Return the numbers of the layers that are trained."""
    named = {"all": names, "hidden": names[:-1], "output": names[-1:]}
    chosen = named.get(train) if isinstance(train, str) else tuple(train)
    if not chosen or not set(chosen) <= set(names):
        raise ValueError(
            f"train must be one of {', '.join(map(repr, TRAIN))}, or a list of layers out of "
            f"{', '.join(names)}; got {train!r}"
        )
    return [number for number, name in enumerate(names) if name in chosen]
