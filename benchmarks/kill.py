"""Is the root reached when a worker is killed at a random step?

z + sin(z) / 2 = y, z = sum of A_p w_p, from four blocks on four processes, by gradient descent and
by Gauss-Newton in turn. The worker of a random block gets SIGKILL at a random step. The root must
be that of the same blocks in one process, to the last bit, after as many steps.
"""

import os
import signal
from collections.abc import Iterator
from typing import Any

import numpy as np

import nlsolve
from benchmarks.table import table, verdict
from benchmarks.workers import Bent, workers
from nlsolve.distributed import columns

BLOCKS = 4
METHODS = ({"method": "gd"}, {"method": "gauss-newton", "damping": "adaptive"})


def report(quick: bool) -> Iterator[str]:
    """Yield the table."""
    runs, factory = (2, Bent(20, 50)) if quick else (20, Bent(100, 1_000))
    y = 0.5 * np.sin(np.arange(factory.shape[0]))
    here = [nlsolve.solve(columns(factory, range(BLOCKS)), y, **words) for words in METHODS]
    random = np.random.default_rng(0)
    with workers(BLOCKS) as client:
        found = [killed(client, factory, y, here[k % 2], k % 2, random) for k in range(runs)]
    right = sum(same for same, _ in found)
    again = sum(rebuilt for _, rebuilt in found)
    yield table(
        ["runs", "blocks made again", "same root, same steps"],
        [[runs, again, f"{right} of {runs} ({verdict(right == runs and again >= runs)})"]],
    )


def killed(
    client: Any, factory: Bent, y: np.ndarray, expected: Any, which: int, random: Any
) -> tuple[bool, int]:
    """Return whether a run with a kill is the one without, and how many blocks were made again."""
    system = columns(factory, range(BLOCKS), client=client)
    step, block = int(random.integers(1, expected.nit)), int(random.integers(BLOCKS))

    def kill(intermediate_result: Any) -> None:
        if intermediate_result.nit == step:
            place = system.engine.places[block]
            os.kill(client.run(os.getpid, workers=[place])[place], signal.SIGKILL)

    found = nlsolve.solve(system, y, callback=kill, **METHODS[which])
    client.wait_for_workers(BLOCKS)
    same = found.nit == expected.nit and np.array_equal(np.asarray(found.w), np.asarray(expected.w))
    return bool(found.success and same), system.engine.rebuilt
