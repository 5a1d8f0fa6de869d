"""What is a fully connected network?

    a_0 = x,
    a_l = act(W_l a_{l-1} / sqrt(width_{l-1}) + b_l),
    f = output(W_L a_{L-1} / sqrt(width_{L-1}) + b_L),

with weights that are standard normal at the start (NTK parameterization; 'standard' has the square
root in the start instead). The first layer divides too: give sqrt(d) X for act(u . x).

Source: C. Liu, L. Zhu, M. Belkin, arXiv 2003.00307, section 4.1; a bottleneck is a small width.
"""

from itertools import pairwise
from typing import Any

import numpy as np

from nlsolve.networks import shapes
from nlsolve.networks.layers import Layer, ntk_scale
from nlsolve.networks.network import Network


class Dense(Network):
    """A fully connected network on given samples, as a system F(w) = y in its weights.

    Parameters
    ----------
    X : (N, d) array_like
        Samples.
    widths : int or sequence of int
        Of the hidden layers.
    outputs : int, optional
        Per sample; F has N * outputs equations, those of a sample one after another.
    activation : str, optional
        'tanh', 'sigmoid', 'erf', 'softplus', 'gelu', 'silu', 'relu' or 'linear'.
    output : str, optional
        Applied to the outputs; one of the same.
    bias : bool, optional
        Whether hidden and output layers have biases.
    parameterization : {'ntk', 'standard'}, optional
    train : {'all', 'hidden', 'output'} or sequence of str, optional
        Which layers ('hidden 1', ..., 'output') are unknowns. The others keep a random draw; the
        output weights, where they are not trained, are signs.
    antisymmetric : bool, optional
        Start with the last hidden units equal two by two and their output weights opposite, so that
        F(w0) = 0.
    dtype : {'float64', 'float32'}, optional
        In which the network is stored and evaluated.
    rng : int or numpy.random.Generator, optional
        Draws the layers that are not trained.

    Raises
    ------
    ValueError
        If an argument is not of these kinds.

    Examples
    --------
    >>> import numpy as np, nlsolve
    >>> X = np.linspace(-1.0, 1.0, 10)[:, None]
    >>> network = nlsolve.networks.Dense(X, [64, 64], bias=True)
    >>> network
    Dense(10 equations, 4353 unknowns, layers 64-64-1, tanh)
    >>> sol = nlsolve.solve(network, np.sin(3.0 * X[:, 0]), network.initial(0))
    >>> sol.success
    True
    """

    def __init__(
        self,
        X: Any,
        widths: Any,
        *,
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
        data = shapes.samples(X, dtype, (2,), "(N, d)")
        hidden, (out,) = shapes.counts(widths, "widths"), shapes.counts(outputs, "outputs", 1)
        sizes = (data.shape[1], *hidden, out)
        shapes.check_names(activation, output, parameterization)
        acts = [activation] * (len(sizes) - 2) + [output]
        chain = [
            Layer(inputs, width, act, ntk_scale(inputs, parameterization), bias)
            for (inputs, width), act in zip(pairwise(sizes), acts, strict=True)
        ]
        super().__init__(
            data, chain, train=train, parameterization=parameterization,
            antisymmetric=antisymmetric, rng=rng,
        )  # fmt: skip
