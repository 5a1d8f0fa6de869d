"""What is a residual network?

    a_1 = act(W_1 x / sqrt(d)),
    a_l = a_{l-1} + act(W_l a_{l-1} / sqrt(width)),
    f = output(W_L a_{L-1} / sqrt(width)).

Source: C. Liu, L. Zhu, M. Belkin, arXiv 2003.00307, section 4 and its appendix on ResNets.
"""

from typing import Any

import numpy as np

from nlsolve.networks import shapes
from nlsolve.networks.layers import Layer, ntk_scale
from nlsolve.networks.network import Network


class Residual(Network):
    """A residual network on given samples, as a system F(w) = y in its weights.

    Parameters
    ----------
    X : (N, d) array_like
        Samples.
    width : int
        Of every hidden layer.
    blocks : int, optional
        Layers whose input is added to what they put out, after a first one that has no such input.
    outputs, activation, output, bias, parameterization, train, antisymmetric, dtype, rng
        As in `Dense`.

    Raises
    ------
    ValueError
        If an argument is not of these kinds.

    Examples
    --------
    >>> import numpy as np, nlsolve
    >>> X = np.linspace(-1.0, 1.0, 10)[:, None]
    >>> network = nlsolve.networks.Residual(X, 64, blocks=2, bias=True)
    >>> nlsolve.solve(network, np.sin(3.0 * X[:, 0]), network.initial(0)).success
    True
    """

    def __init__(
        self,
        X: Any,
        width: int,
        *,
        blocks: int = 2,
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
        (wide,), (many,) = shapes.counts(width, "width", 1), shapes.counts(blocks, "blocks", 1)
        (out,) = shapes.counts(outputs, "outputs", 1)
        shapes.check_names(activation, output, parameterization)
        first, scale = data.shape[1], ntk_scale(wide, parameterization)
        chain = [
            Layer(first, wide, activation, ntk_scale(first, parameterization), bias),
            *(Layer(wide, wide, activation, scale, bias, skip=True) for _ in range(many)),
            Layer(wide, out, output, scale, bias),
        ]
        super().__init__(
            data, chain, train=train, parameterization=parameterization,
            antisymmetric=antisymmetric, rng=rng,
        )  # fmt: skip
