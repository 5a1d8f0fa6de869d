"""From what size on is scipy's linear algebra faster than the compiled loop?

The same jitted F and J in both lanes of solve(), which take the same steps: what differs is the
linear algebra (our compiled kernels against BLAS and LAPACK) and the cost of an iteration in
Python. Two measures of size are tried, n m (entries of J) and n^2 m (operations to form K = J J^T).
For each, the threshold is sought up to which taking the compiled lane costs least: its regret is
the geometric mean, over the sizes measured, of the time taken over the time of the faster lane.
"""

from collections.abc import Callable, Iterator, Mapping
from math import exp, inf, log, sqrt
from typing import Any, NamedTuple

import numpy as np

import nlsolve
from benchmarks.small import residual_norm
from benchmarks.systems import Timed, random_system
from benchmarks.table import table
from benchmarks.timing import alternate, ratio
from nlsolve.lanes import LARGEST_COMPILED

SIZES = [
    (2, 3), (5, 10), (10, 20), (20, 40), (40, 80), (60, 120), (80, 160), (100, 200), (140, 280),
    (200, 400), (200, 800), (5, 100), (5, 1000), (10, 1000), (20, 100), (20, 500), (20, 2000),
    (30, 40), (50, 60), (50, 400), (100, 110), (150, 160),
]  # fmt: skip

MEASURES: dict[str, Callable[[int, int], int]] = {
    "n m": lambda n, m: n * m,
    "n^2 m": lambda n, m: n * n * m,
}


class Point(NamedTuple):
    """One size: how many times as long the interpreted lane takes."""

    n: int
    m: int
    ratio: float


def lanes(system: Timed) -> dict[str, Callable[[], Any]]:
    """Return solve() in each lane, verified to take the same iterations to a root."""

    def side(lane: str) -> Callable[[], Any]:
        return lambda: nlsolve.solve(
            system.F, 0.0, system.w0, jac=system.jac, args=system.args, lane=lane
        )

    sides = {lane: side(lane) for lane in ("compiled", "interpreted")}
    ends = {lane: call() for lane, call in sides.items()}
    for lane, end in ends.items():
        if end.lane != lane or not residual_norm(system, end.w) <= 1e-10 * sqrt(system.n):
            raise AssertionError(f"{system.size}: asked for {lane}, got {end}")
    if ends["compiled"].nit != ends["interpreted"].nit:
        raise AssertionError(f"{system.size}: the lanes take different iterations")
    return sides


def measured(n: int, m: int, rounds: int) -> tuple[Point, list[Any]]:
    """Return a size's ratio and its line of the table."""
    sides = lanes(random_system("sine", n, m).jitted())
    times = alternate(sides, rounds)
    found = Point(n, m, ratio(times, "interpreted", "compiled"))
    medians = [f"{1e6 * float(np.median(times[lane])):.4g}" for lane in sides]
    sizes = [measure(n, m) for measure in MEASURES.values()]
    return found, [f"{n} x {m}", *sizes, *medians, f"{found.ratio:.2f}"]


def regret(points: list[Point], takes_compiled: Callable[[int, int], bool]) -> float:
    """Return the geometric mean of time taken over the faster lane's time."""
    lost = [max(0.0, log(p.ratio) * (-1 if takes_compiled(p.n, p.m) else 1)) for p in points]
    return exp(sum(lost) / len(lost))


def best_threshold(
    points: list[Point], measure: Callable[[int, int], int]
) -> tuple[float, float, float]:
    """Return (low, high, regret): any threshold in [low, high) has the least regret."""
    values = sorted({measure(p.n, p.m) for p in points})
    edges = [0, *values, inf]
    losses = [regret(points, lambda n, m, t=t: measure(n, m) <= t) for t in edges[:-1]]
    k = int(np.argmin(losses))
    return edges[k], edges[k + 1], losses[k]


def rules(points: list[Point]) -> Iterator[list[str]]:
    """Yield the best threshold of each measure, then the package's own rule."""
    for name, measure in MEASURES.items():
        low, high, loss = best_threshold(points, measure)
        yield [f"compiled up to the best {name}", f"{low:.4g}", f"{high:.4g}", f"{loss:.3f}"]
    own = regret(points, lambda n, m: n * m <= LARGEST_COMPILED)
    yield ["lanes.LARGEST_COMPILED, n m", str(LARGEST_COMPILED), "", f"{own:.3f}"]
    always: Mapping[str, bool] = {"always compiled": True, "always interpreted": False}
    for name, compiled in always.items():
        yield [name, "", "", f"{regret(points, lambda n, m, c=compiled: c):.3f}"]


def report(quick: bool) -> Iterator[str]:
    """Yield the sizes and the rule that follows from them."""
    sizes = [(2, 3), (40, 80), (100, 200)] if quick else SIZES
    results = [measured(n, m, 3 if quick else 7) for n, m in sizes]
    head = ["n x m", *MEASURES, "compiled [us]", "interpreted [us]", "interpreted / compiled"]
    yield table(head, [line for _, line in results])
    yield "\nA regret of 1 means that the faster lane is always taken.\n"
    rule_head = ["rule", "threshold from", "to below", "regret"]
    yield table(rule_head, list(rules([point for point, _ in results])))
