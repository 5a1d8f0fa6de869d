"""Who evaluates independent points: this process, a pool, or whatever the user brought?

A pool's processes are made as Python does it by default, except where JAX is loaded: its threads do
not survive a fork, and a child that evaluates a function of JAX would wait for ever.
"""

import multiprocessing
import sys
from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any


def mapping(workers: Any) -> AbstractContextManager[Any]:
    """Give a map-like function for `workers` as scipy spells it; None for this process.

    Parameters
    ----------
    workers : None, int, map-like callable or Executor
        An int starts that many processes for the duration of the block, -1 one per core.
    """
    if workers is None or (type(workers) is int and workers == 1):
        return nullcontext()
    if isinstance(workers, Executor):
        return nullcontext(workers.map)
    if callable(workers):
        return nullcontext(workers)
    if type(workers) is int and (workers > 1 or workers == -1):
        return _pool(None if workers == -1 else workers)
    raise ValueError(
        f"workers must be a positive int, -1, a map-like callable or an Executor, got {workers!r}"
    )


@contextmanager
def _pool(size: int | None) -> Iterator[Any]:
    context = multiprocessing.get_context("spawn" if "jax" in sys.modules else None)
    with ProcessPoolExecutor(size, mp_context=context) as pool:
        yield pool.map
