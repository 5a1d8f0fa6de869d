"""How is a wide network split into blocks of hidden units?

    f(x) = sum over hidden units k of v_k act(u_k . x / sqrt(d)) / sqrt(H)

is a sum over units, and so over blocks of them: each block is a network of its own with H_p units,
whose output is divided by sqrt(H), not by sqrt(H_p). Its K_p never needs J_p (networks/), and is
enclosed for certificates as that of any network.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from nlsolve.distributed.column_blocks import ColumnSystem, columns
from nlsolve.networks import shapes
from nlsolve.networks.layers import Layer, ntk_scale
from nlsolve.networks.network import Network


class HiddenUnits:
    """Makes the block of some hidden units; spec is (units, seed).

    Parameters
    ----------
    X : (N, d) ndarray, or callable that returns it
    width : int
        Hidden units of the whole network.
    activation : str
    words : mapping
        Further words of `networks.network.Network`.
    """

    def __init__(self, X: Any, width: int, activation: str, words: dict[str, Any]) -> None:
        self.X, self.width, self.activation, self.words = X, width, activation, words

    def __call__(self, spec: tuple[int, Any]) -> tuple[Network, Any]:
        """Return (network, w0)."""
        units, seed = spec
        draw, start = seed.spawn(2)
        X = self.X() if callable(self.X) else self.X
        chain = [
            Layer(X.shape[1], units, self.activation, ntk_scale(X.shape[1], "ntk")),
            Layer(units, 1, "linear", ntk_scale(self.width, "ntk")),
        ]
        network = Network(X, chain, parameterization="ntk", rng=draw, **self.words)
        return network, network.initial(start)


def hidden_units(
    X: Any,
    widths: Sequence[int],
    *,
    activation: str = "tanh",
    train: str = "all",
    antisymmetric: bool = False,
    dtype: Any = np.float64,
    rng: Any = None,
    client: Any = None,
) -> "WideNetwork":
    """Return a network with one hidden layer as a system in blocks of hidden units.

    Parameters
    ----------
    X : (N, d) array_like, or callable that returns one
        Samples. A callable is called where a block lives: the data need not be sent.
    widths : sequence of int
        Hidden units of each block.
    activation, train, antisymmetric, dtype
        As of `nlsolve.networks.Dense`; of a callable X the dtype is its own.
    rng : int, optional
        Seed of the starts, and of what is not trained.
    client : dask.distributed.Client, optional
        Whose workers hold the blocks.

    Returns
    -------
    WideNetwork
        A `ColumnSystem` with ``predict(w, X_new)``.

    Examples
    --------
    >>> import numpy as np, nlsolve
    >>> X = np.linspace(-1.0, 1.0, 8)[:, None] * [3.0, 1.0] + [0.0, 1.0]
    >>> network = nlsolve.distributed.hidden_units(X, [100] * 4, rng=0)
    >>> network
    WideNetwork(8 equations, 1,200 unknowns in 4 blocks)
    >>> sol = nlsolve.solve(network, np.sin(X[:, 0]))
    >>> sol.success
    True
    >>> np.allclose(network.predict(sol.w, X), np.sin(X[:, 0]), atol=1e-8)
    True
    """
    if not callable(X):
        X = shapes.samples(X, dtype, (2,), "(N, d)")
    shapes.check_names(activation, "linear", "ntk")
    words = {"train": train, "antisymmetric": antisymmetric}
    factory = HiddenUnits(X, sum(widths), activation, words)
    seeds = np.random.SeedSequence(rng).spawn(len(widths))
    made = columns(factory, list(zip(widths, seeds, strict=True)), client=client)
    return WideNetwork(made.engine)


class WideNetwork(ColumnSystem):
    """A network with one hidden layer, its hidden units in blocks."""

    def predict(self, w: Any, X_new: Any) -> Any:
        """Return the network's outputs on other samples.

        Parameters
        ----------
        w : Shards or (m,) array_like
        X_new : (N, d) array_like

        Returns
        -------
        (N,) ndarray
        """
        handle = self.vector(w, "w").handle
        return self.ledger.total("predicted", (handle,), handle.key, np.asarray(X_new))
