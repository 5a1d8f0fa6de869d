"""Which equations does a method look at that draws them at random?"""

from typing import Any

import numpy as np

from nlsolve.methods.auto import Stage

NO_DRAWS = np.empty((1, 0, 0), dtype=np.int64)


def drawn(generator: np.random.Generator, stage: Stage, n: int, size: int) -> Any:
    """Return the equation numbers of `size` turns, (size, draws, batch)."""
    batch = min(stage.options.batch, n)
    if stage.method.draws == "reshuffled":
        return shuffled(generator, n, size, batch)
    return generator.integers(n, size=(size, -(-n // batch), batch))


def shuffled(generator: np.random.Generator, n: int, size: int, batch: int) -> Any:
    """Return `size` random orders of n equations, cut into batches, (size, ceil(n / batch), batch).

    Where n is no multiple, the last batch is filled up from the first.
    """
    orders = generator.permuted(np.tile(np.arange(n), (size, 1)), axis=1)
    filled = np.hstack([orders, orders[:, : -n % batch]])
    return filled.reshape(size, -(-n // batch), batch)
