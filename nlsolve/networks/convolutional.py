"""What is a convolutional network?

Samples are lines (length, channels) or images (height, width, channels). A layer sees, around each
of its positions p, k entries with all their channels, and has the same weights everywhere:

    a_l[p, c] = act(sum_{t, c'} W_l[c, t, c'] a_{l-1}[p + t, c'] / sqrt(k channels)).

The last layer is dense and takes all positions and channels.

Source: C. Liu, L. Zhu, M. Belkin, arXiv 2003.00307, section 4 and the appendix on such networks.
"""

import math
from typing import Any

import numpy as np

from nlsolve.networks import shapes
from nlsolve.networks.layers import Layer, ntk_scale
from nlsolve.networks.network import Network
from nlsolve.networks.patches import Patches


class Convolutional(Network):
    """A convolutional network on given samples, as a system F(w) = y in its weights.

    Parameters
    ----------
    X : (N, length, c) or (N, height, width, c) array_like
        Samples, channels last.
    channels : int or sequence of int
        Of the convolutional layers; a dense layer follows.
    kernel, stride : int or sequence of int, optional
        One for each dimension, or one for all; the same in every layer.
    padding : {'same', 'valid'}, optional
        'same' pads with zeros, so that only the stride makes a layer smaller.
    outputs, activation, output, bias, parameterization, train, antisymmetric, dtype, rng
        As in `Dense`.

    Raises
    ------
    ValueError
        If an argument is not of these kinds, or nothing is left of the samples.

    Examples
    --------
    >>> import numpy as np, nlsolve
    >>> X = np.random.default_rng(0).standard_normal((10, 12, 1))
    >>> network = nlsolve.networks.Convolutional(X, [16, 16], kernel=3, stride=2)
    >>> nlsolve.solve(network, X[:, 0, 0], network.initial(0)).success
    True
    """

    def __init__(
        self,
        X: Any,
        channels: Any,
        *,
        kernel: Any = 3,
        stride: Any = 1,
        padding: str = "same",
        outputs: int = 1,
        activation: str = "tanh",
        output: str = "linear",
        bias: bool = False,
        parameterization: str = "ntk",
        train: Any = "all",
        antisymmetric: bool = False,
        dtype: Any = np.float64,
        rng: Any = None,
    ) -> None:
        data = shapes.samples(X, dtype, (3, 4), "(N, length, c) or (N, height, width, c)")
        shapes.one_of(padding, "padding", ("same", "valid"))
        shapes.check_names(activation, output, parameterization)
        shape, seen, chain = data.shape[1:-1], data.shape[-1], []
        taps = shapes.counts(kernel, "kernel", len(shape))
        steps = shapes.counts(stride, "stride", len(shape))
        for width in shapes.counts(channels, "channels"):
            patches = Patches(shape, seen, taps, steps, padding)
            inputs = math.prod(taps) * seen
            scale = ntk_scale(inputs, parameterization)
            chain.append(Layer(inputs, width, activation, scale, bias, patches=patches))
            shape, seen = patches.shape, width
        (out,) = shapes.counts(outputs, "outputs", 1)
        inputs = math.prod(shape) * seen
        chain.append(Layer(inputs, out, output, ntk_scale(inputs, parameterization), bias))
        super().__init__(
            data, chain, train=train, parameterization=parameterization,
            antisymmetric=antisymmetric, rng=rng,
        )  # fmt: skip
