"""What do the benchmarks of systems in blocks run on? A LocalCluster, and its two systems."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from distributed import Client, LocalCluster

import nlsolve


@contextmanager
def workers(count: int) -> Iterator[Client]:
    """Give the client of a cluster of single-thread processes."""
    cluster = LocalCluster(
        n_workers=count, threads_per_worker=1, dashboard_address=":0", silence_logs=50
    )
    with cluster, Client(cluster) as client:
        yield client


class Bent:
    """Makes a block of F(w) = z + sin(z) / 2, z = A w: n equations in m unknowns of its own."""

    def __init__(self, n: int, m: int) -> None:
        self.shape = (n, m)

    def __call__(self, seed: int) -> tuple[nlsolve.System, np.ndarray]:
        A = self.matrix(seed)

        def F(w: np.ndarray) -> np.ndarray:
            z = A @ w
            return z + 0.5 * np.sin(z)

        system = nlsolve.System(F, jac=lambda w: (1.0 + 0.5 * np.cos(A @ w))[:, None] * A)
        return system, np.zeros(self.shape[1])

    def matrix(self, seed: int) -> np.ndarray:
        return np.random.default_rng(seed).standard_normal(self.shape) / np.sqrt(self.shape[1])


class Fading(Bent):
    """Makes a block of exp(A w), which no step brings to 0: Gauss-Newton steps without end."""

    def __call__(self, seed: int) -> tuple[nlsolve.System, np.ndarray]:
        A = self.matrix(seed)
        system = nlsolve.System(lambda w: np.exp(A @ w), jac=lambda w: np.exp(A @ w)[:, None] * A)
        return system, np.zeros(self.shape[1])


class FadingRows(Fading):
    """Makes a block of such equations in all unknowns."""

    def __call__(self, seed: int) -> Any:
        return super().__call__(seed)[0]


def bytes_moved() -> int:
    """Return the bytes that have gone over the machine's loopback interface, headers too."""
    for line in Path("/proc/net/dev").read_text().splitlines():
        name, _, numbers = line.partition(":")
        if name.strip() == "lo":
            return int(numbers.split()[0])
    return 0
