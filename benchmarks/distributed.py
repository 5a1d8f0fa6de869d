"""What does a Gauss-Newton step over four Dask workers cost beyond the same blocks in one process?

F(w) = sum of exp(A_p w_p) from four blocks, and exp(A w) in four blocks of rows: no step brings
them to 0, each takes about e off |F|, so that a run is as long as one likes. Read on the wall, for
workers are processes of their own; with fewer cores than workers their work is done one after
another, as in one process, and the difference of the two times is what the cluster costs.

Bytes are those of the loopback interface of the machine, over which all of the cluster's messages
go, divided by the steps; docs/explanation/scaling.md says how many there should be.
"""

import time
from collections.abc import Iterator
from statistics import median
from typing import Any

import numpy as np

import nlsolve
from benchmarks.table import table, verdict
from benchmarks.workers import Fading, FadingRows, bytes_moved, workers
from nlsolve.distributed import columns, rows

BLOCKS, ALLOWED, CLOSE = 4, 0.040, 0.2
STEPS = 12


def report(quick: bool) -> Iterator[str]:
    """Yield the tables."""
    n, m, rounds = (100, 400, 1) if quick else (500, 2_000, 7)
    with workers(BLOCKS) as client:
        lines = [
            measured("columns", columns, Fading(n, m), n, client, rounds),
            measured("rows", rows, FadingRows(n // BLOCKS, m), n, client, rounds),
        ]
    head = [
        "blocks", "equations", "unknowns", "here [ms]", "on workers [ms]", "overhead a step [ms]",
        "target [ms]", "bytes a step", "as derived", "within 20%",
    ]  # fmt: skip
    yield table(head, lines)


def measured(name: str, made: Any, factory: Any, n: int, client: Any, rounds: int) -> list[Any]:
    """Return a line: seconds and bytes a step."""
    here, there = (made(factory, range(BLOCKS), client=c) for c in (None, client))
    m = factory.shape[1] * (BLOCKS if name == "columns" else 1)
    start = None if name == "columns" else np.zeros(m)
    times: dict[str, list[float]] = {"here": [], "there": []}
    moved = []
    for _ in range(rounds + 1):
        for side, system in (("here", here), ("there", there)):
            before, began = bytes_moved(), time.perf_counter()
            steps(system, start)
            times[side].append((time.perf_counter() - began) / STEPS)
            moved.append(bytes_moved() - before)
    one, other = (median(times[side][1:]) for side in ("here", "there"))
    over = median(b - a for a, b in zip(times["here"][1:], times["there"][1:], strict=True))
    found = median(moved[3::2]) / STEPS
    derived = expected(name, n, m)
    target = f"<= {1e3 * ALLOWED:.0f} {verdict(over <= ALLOWED)}" if name == "columns" else ""
    close = verdict(abs(found - derived) <= CLOSE * derived)
    seconds = [f"{1e3 * value:.1f}" for value in (one, other, over)]
    return [name, n, f"{m:,}", *seconds, target, f"{found:,.0f}", f"{derived:,.0f}", close]


def steps(system: Any, start: Any) -> None:
    """Take STEPS full Gauss-Newton steps."""
    sol = nlsolve.solve(system, 0.0, start, method="gauss-newton", max_iter=STEPS)
    assert sol.nit == STEPS, sol.message


def expected(name: str, n: int, m: int) -> float:
    """Return the bytes of a step, docs/explanation/scaling.md."""
    number, P = 8.0, BLOCKS
    if name == "columns":
        return number * (P * n * n + 2 * P * n)
    rows_sent, kernel_sent = 0.5 * (P - 1) * n * m, 0.5 * (P + 1) / P * n * n
    return number * (rows_sent + kernel_sent + 2 * P * m + 2 * n)
