"""Who evaluates independent points: this process, a pool, or whatever the user brought?"""

from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager
from typing import Any


@contextmanager
def mapping(workers: Any) -> Iterator[Any]:
    """Give a map-like function for `workers` as scipy spells it; None for this process.

    Parameters
    ----------
    workers : None, int, map-like callable or Executor
        An int starts that many processes for the duration of the block, -1 one per core.
    """
    if workers is None or (isinstance(workers, int) and workers == 1):
        yield None
    elif isinstance(workers, Executor):
        yield workers.map
    elif callable(workers):
        yield workers
    elif isinstance(workers, int) and (workers > 1 or workers == -1):
        with ProcessPoolExecutor(None if workers == -1 else workers) as pool:
            yield pool.map
    else:
        raise ValueError(
            "workers must be a positive int, -1, a map-like callable or an Executor, "
            f"got {workers!r}"
        )
