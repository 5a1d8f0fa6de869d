"""What does a solve cost beyond the products it makes, where J is never formed?

Equation i sees a band of unknowns: with k = 0, 1, ... within its band

    F_i(w) = sum over the band of c_k (w_j + w_j^2 / 2),    c_k = 1 / (1 + k mod 16).

F, J v and J^T u are numba kernels that pass over the bands once. The time of a whole solve(), with
its checks and its result, is compared with that of as many bare calls of the three functions as it
made. Where an unknown is in few equations, a product costs hardly more than any other pass over w,
so that the first line is the hardest case.
"""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numba import njit

import nlsolve
from benchmarks.table import table, verdict
from benchmarks.timing import alternate, ratio

WANTED = 1.5


@njit(cache=True)
def values(w: np.ndarray, n: int, width: int, out: np.ndarray) -> None:
    m = w.size
    for i in range(n):
        total, first = 0.0, i * (m - width) // (n - 1)
        for k in range(width):
            x = w[first + k]
            total += (x + 0.5 * x * x) / (1 + (k & 15))
        out[i] = total


@njit(cache=True)
def forth(w: np.ndarray, v: np.ndarray, width: int, out: np.ndarray) -> None:
    n, m = out.size, w.size
    for i in range(n):
        total, first = 0.0, i * (m - width) // (n - 1)
        for k in range(width):
            total += (1.0 + w[first + k]) * v[first + k] / (1 + (k & 15))
        out[i] = total


@njit(cache=True)
def back(w: np.ndarray, u: np.ndarray, width: int, out: np.ndarray) -> None:
    n, m = u.size, w.size
    out[:] = 0.0
    for i in range(n):
        first = i * (m - width) // (n - 1)
        for k in range(width):
            out[first + k] += (1.0 + w[first + k]) * u[i] / (1 + (k & 15))


class Bands:
    """n equations, each in a band of m unknowns.

    Parameters
    ----------
    n, m : int
    share : float
        Equations an unknown is in, on average.
    """

    def __init__(self, n: int, m: int, share: float) -> None:
        self.n, self.m, self.width = n, m, min(m, round(share * m / n))
        self.w0 = np.random.default_rng(0).uniform(-0.1, 0.1, m)
        self.y = self.F(self.w0) + np.cos(np.arange(n))
        self.calls = {"F": 0, "jvp": 0, "vjp": 0}

    def F(self, w: np.ndarray) -> np.ndarray:
        out = np.empty(self.n)
        values(w, self.n, self.width, out)
        return out

    def jvp(self, w: np.ndarray, v: np.ndarray) -> np.ndarray:
        out = np.empty(self.n)
        forth(w, v, self.width, out)
        return out

    def vjp(self, w: np.ndarray, u: np.ndarray) -> np.ndarray:
        out = np.empty(self.m)
        back(w, u, self.width, out)
        return out

    def counted(self, name: str) -> Callable[..., Any]:
        function = getattr(self, name)

        def call(*arguments: Any) -> Any:
            self.calls[name] += 1
            return function(*arguments)

        return call

    def solve(self, method: str) -> Any:
        """Return the result, products counted."""
        self.calls = dict.fromkeys(self.calls, 0)
        F, jvp, vjp = map(self.counted, self.calls)
        return nlsolve.solve(
            F, self.y, self.w0, jvp=jvp, vjp=vjp, method=method, certify=False, tol=1e-8
        )

    def bare(self, calls: dict[str, int]) -> None:
        """Make as many calls."""
        u, w = np.cos(np.arange(self.n)), self.w0
        for _ in range(calls["F"]):
            self.F(w)
        for _ in range(calls["jvp"]):
            self.jvp(w, w)
        for _ in range(calls["vjp"]):
            self.vjp(w, u)


def report(quick: bool) -> Iterator[str]:
    """Yield the table."""
    n, m, rounds = (100, 20_000, 3) if quick else (1_000, 1_000_000, 7)
    head = ["method", "equations an unknown is in", "equations", "unknowns", "steps", "F", "J v",
            "J^T u", "|r|", "times the bare calls", "target"]  # fmt: skip
    cases = [(method, share) for method in ("gauss-newton", "gd") for share in (1.5, 4.0, 10.0)]
    yield table(head, [line(method, Bands(n, m, share), share, rounds) for method, share in cases])


def line(method: str, system: Bands, share: float, rounds: int) -> list[Any]:
    """Return a line of the table."""
    sol = system.solve(method)
    calls = dict(system.calls)
    sides = {"solve": lambda: system.solve(method), "bare": lambda: system.bare(calls)}
    times = ratio(alternate(sides, rounds), "solve", "bare")
    return [method, share, f"{system.n:,}", f"{system.m:,}", sol.nit, calls["F"], calls["jvp"],
            calls["vjp"], f"{sol.residual_norm:.1e}", f"{times:.2f}",
            f"<= {WANTED} {verdict(times <= WANTED)}"]  # fmt: skip
