"""How does the time of a run grow with the numbers of equations and unknowns?

Each family is solved at sizes that double, a fixed number of iterations at each, with F, J, checks
and the result included. The exponent is the slope of log time against log size by least squares,
with the standard error of that slope. Beside it is the exponent the operations promise:

    dense         n^2 m for K, n^3 / 3 for its factor: 1 in m, 2 in n while n is much less than m
    network       n^2 width for K, n width^2 for the passes, n^3 / 3: at most 1 in m, which is about
                  width^2, and at most 3 in n
    matrix-free   gradient descent, products over bands of 10 m entries in all: 1 in m, 0 in n
    sparse        the factorisation of K, which is measured in the same rounds

Whole runs also draw growth.png.
"""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

import numpy as np
from scipy import sparse

import nlsolve
from benchmarks.dense import Waves
from benchmarks.free import Bands
from benchmarks.networks import case
from benchmarks.sparse import Brusselator, factorised
from benchmarks.table import table, verdict
from benchmarks.timing import alternate

ITERATIONS, SHARE = 3, 10.0
NOISE = 0.1  # of an exponent
FIGURE = Path(__file__).with_name("growth.png")

Run = Callable[[], Any]


class Sweep(NamedTuple):
    """A family over sizes.

    Attributes
    ----------
    family, against : str
        Against 'm' or 'n'.
    fixed : str
        What does not change, in words.
    promised : float or None
        The exponent; None for that of the runs `bare`.
    sizes : sequence of int
        n or m.
    runs, bare : sequence of callable
        What is timed at each size.
    """

    family: str
    against: str
    fixed: str
    promised: float | None
    sizes: Sequence[int]
    runs: Sequence[Run]
    bare: Sequence[Run] = ()


def report(quick: bool) -> Iterator[str]:
    """Yield the table, and draw the figure."""
    scale, rounds = (64, 1) if quick else (1, 5)
    found = [measured(sweep, rounds) for sweep in sweeps(scale)]
    head = ["family", "fixed", "against", "from", "to", "exponent", "promised", "target"]
    yield table(head, [line(one) for one in found])
    if not quick:
        yield "\n" + drawn(found)


def sweeps(scale: int) -> Iterator[Sweep]:
    """Yield all families; sizes are divided by `scale`, or by its root."""
    root = round(scale**0.5)
    wide = [2_000 * 2**k // root for k in range(6)]
    tall = [50 * 2**k // root for k in range(5)]
    yield dense("m", f"n = {200 // root}", 1.0, [(200 // root, m) for m in wide])
    yield dense("n", f"m = {32_000 // root:,}", 2.0, [(n, 32_000 // root) for n in tall])
    yield network("m", f"n = {200 // root}", 1.0, [(200 // root, 128 * 2**k // root)
                                                   for k in range(5)])  # fmt: skip
    yield network("n", f"width {512 // root}", 3.0, [(n, 512 // root) for n in tall])
    long = [62_500 * 2**k // scale for k in range(5)]
    yield free("m", "n = 100", 1.0, [(100, m) for m in long])
    yield free("n", f"m = {500_000 // scale:,}", 0.0, [(n, 500_000 // scale) for n in tall])
    yield brusselator([8, 12, 16] if scale > 1 else [32, 45, 64, 90, 128, 181, 256])


def dense(against: str, fixed: str, promised: float, sizes: list[tuple[int, int]]) -> Sweep:
    def run(n: int, m: int) -> Run:
        system = Waves(n, m)
        return lambda: system.solve("gauss-newton", max_iter=ITERATIONS, tol=1e-300)

    own = [size["nm".index(against)] for size in sizes]
    return Sweep("dense", against, fixed, promised, own, [run(*size) for size in sizes])


def network(against: str, fixed: str, promised: float, sizes: list[tuple[int, int]]) -> Sweep:
    cases = [case(*size) for size in sizes]

    def run(net: Any, y: Any, w0: Any) -> Run:
        return lambda: nlsolve.solve(
            net, y, w0, method="gauss-newton", max_iter=ITERATIONS, tol=1e-300
        )

    own = [net.m if against == "m" else y.size for net, y, _ in cases]
    return Sweep("network", against, fixed, promised, own, [run(*one) for one in cases])


def free(against: str, fixed: str, promised: float, sizes: list[tuple[int, int]]) -> Sweep:
    def run(n: int, m: int) -> Run:
        bands = Bands(n, m, SHARE)
        return lambda: nlsolve.solve(
            bands.F, bands.y, bands.w0, jvp=bands.jvp, vjp=bands.vjp, method="gd",
            max_iter=2 * ITERATIONS, tol=1e-300, certify=False,
        )  # fmt: skip

    own = [size["nm".index(against)] for size in sizes]
    return Sweep("matrix-free", against, fixed, promised, own, [run(*size) for size in sizes])


def brusselator(grids: list[int]) -> Sweep:
    systems = [Brusselator(points) for points in grids]

    def run(system: Brusselator) -> Run:
        return lambda: nlsolve.solve(
            system.F, 0.0, system.w0, jac=system.jac, method="gauss-newton",
            max_iter=ITERATIONS, tol=1e-300, certify=False,
        )  # fmt: skip

    def bare(system: Brusselator) -> Run:
        J = system.jac(system.w0)
        K = sparse.csc_array(J @ J.T)
        return lambda: factorised(K)

    sizes = [system.w0.size for system in systems]
    runs, beside = [run(one) for one in systems], [bare(one) for one in systems]
    return Sweep("sparse", "m", "n = 2 m / 3", None, sizes, runs, beside)


class Growth(NamedTuple):
    """A sweep, its seconds, their exponent and its error, and what it is compared with."""

    sweep: Sweep
    seconds: list[float]
    exponent: float
    error: float
    promised: float


def measured(sweep: Sweep, rounds: int) -> Growth:
    """Return what a sweep takes; all sizes are timed in turn."""
    sides = {f"run {k}": run for k, run in enumerate(sweep.runs)}
    sides |= {f"bare {k}": run for k, run in enumerate(sweep.bare)}
    times = {name: median(found) for name, found in alternate(sides, rounds).items()}
    seconds = [times[f"run {k}"] for k in range(len(sweep.runs))]
    exponent, error = slope(sweep.sizes, seconds)
    promised = sweep.promised
    if promised is None:
        promised, _ = slope(sweep.sizes, [times[f"bare {k}"] for k in range(len(sweep.bare))])
    return Growth(sweep, seconds, exponent, error, promised)


def slope(sizes: Sequence[int], seconds: list[float]) -> tuple[float, float]:
    """Return the slope of log seconds against log size, and its standard error."""
    x, y = np.log(np.array(sizes, dtype=float)), np.log(seconds)
    found, start = np.polyfit(x, y, 1)
    left = float(np.sum((y - found * x - start) ** 2))
    spread = float(np.sum((x - x.mean()) ** 2))
    return float(found), float(np.sqrt(left / max(len(sizes) - 2, 1) / spread))


def line(found: Growth) -> list[Any]:
    """Return a line of the table."""
    sweep, met = found.sweep, found.exponent - found.error <= found.promised + NOISE
    return [sweep.family, sweep.fixed, sweep.against, f"{sweep.sizes[0]:,}",
            f"{sweep.sizes[-1]:,}", f"{found.exponent:.2f} +- {found.error:.2f}",
            f"{found.promised:.2f}", f"no faster: {verdict(met)}"]  # fmt: skip


def drawn(found: list[Growth]) -> str:
    """Draw time against m and against n, and return where the figure is."""
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        return f"No figure: {error}; it needs matplotlib."
    figure = Figure(figsize=(10.0, 4.2), layout="constrained")
    for against, axes in zip("mn", figure.subplots(1, 2, sharey=True), strict=True):
        for one in found:
            if one.sweep.against == against:
                label = f"{one.sweep.family}, {one.sweep.fixed}: {one.exponent:.2f}"
                axes.loglog(one.sweep.sizes, one.seconds, "o-", label=label)
        if against == "n":
            ticks = next(one.sweep.sizes for one in found if one.sweep.against == "n")
            axes.set_xticks(ticks, [f"{n:,}" for n in ticks])
            axes.minorticks_off()
        axes.set_xlabel({"m": "unknowns m", "n": "equations n"}[against])
        axes.grid(True, which="major", alpha=0.3)
        axes.legend(title="fitted exponent", fontsize=8, frameon=False)
    figure.axes[0].set_ylabel("seconds of processor time, a run")
    figure.savefig(FIGURE, dpi=110)
    return f"Figure: {FIGURE.name}"
