"""How long does solve() take on small systems, and how long the compiled call inside it?

Against scipy's fastest wide method: the faster of least_squares trf and dogbox, each with exact J,
and verified to end at |r| <= 1e-10 as nlsolve does by default. xtol = ftol = gtol are chosen in
its favour among 1e-2, 1e-3, ..., 1e-15, in two ways:

hindsight  the loosest value that gets there on this very system
one value  the loosest value that gets there on all systems of the table
"""

from collections.abc import Callable, Iterator
from functools import cache
from math import sqrt
from statistics import median
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

import numpy as np
from numba import njit
from scipy.optimize import least_squares

import nlsolve
from benchmarks.systems import Timed, random_system, zoo_systems
from benchmarks.table import table, verdict
from benchmarks.timing import Times, alternate, ratio

REACHED = 1e-10
SIZES = [(2, 3), (3, 5), (6, 7), (5, 10), (10, 20), (20, 40)]
TOLERANCES = [10.0**-k for k in range(2, 16)]
HEAD = ["system", "n x m", "nlsolve [us]", "F", "scipy [us]", "by", "tolerance", "F",
        "times faster, hindsight", "times faster, one value"]  # fmt: skip
METHODS = ("trf", "dogbox")

Call = Callable[[], Any]
Tolerances = dict[str, Any]  # of each method; None where it does not get there


def residual_norm(system: Timed, w: np.ndarray) -> float:
    r = system.F(w, *system.args)
    return sqrt(float(r @ r))


def our_side(system: Timed) -> Call:
    """Return the call of solve(), verified."""

    def call() -> Any:
        return nlsolve.solve(system.F, 0.0, system.w0, jac=system.jac, args=system.args)

    length = residual_norm(system, call().w)
    if not length <= REACHED:
        raise AssertionError(f"nlsolve ends at |r| = {length:g} on {system.name} {system.size}")
    return call


def loosest(system: Timed, method: str) -> float | None:
    """Return the loosest tolerance with which least_squares reaches |r| <= 1e-10."""
    for tolerance in TOLERANCES:
        if residual_norm(system, scipy_side(system, method, tolerance)().x) <= REACHED:
            return tolerance
    return None


def scipy_side(system: Timed, method: str, tolerance: float) -> Call:
    """Return a call of least_squares."""
    words = dict.fromkeys(("xtol", "ftol", "gtol"), tolerance)

    def call() -> Any:
        return least_squares(
            system.F, system.w0, system.jac, method=method, args=system.args, **words
        )

    return call


def compare(some: list[Timed], goal: float, rounds: int) -> str:
    """Return the table of nlsolve beside the faster of scipy's two."""
    tolerances = [{method: loosest(system, method) for method in METHODS} for system in some]
    strictest = {
        method: min((t for found in tolerances if (t := found[method])), default=None)
        for method in METHODS
    }
    return table(HEAD, [
        compare_one(system, found, strictest, goal, rounds)
        for system, found in zip(some, tolerances, strict=True)
    ])  # fmt: skip


def compare_one(
    system: Timed, hindsight: Tolerances, strictest: Tolerances, goal: float, rounds: int
) -> list[Any]:
    """Return a line of the table."""
    sides = {"nlsolve": our_side(system)}
    for name, tolerances in (("hindsight", hindsight), ("one value", strictest)):
        for method in METHODS:
            if hindsight[method] is not None:  # else it does not get there at all
                sides[f"{name}, {method}"] = scipy_side(system, method, tolerances[method])
    times = alternate(sides, rounds)
    kinds = ("hindsight", "one value")
    best = [fastest(times, kind) for kind in kinds]
    method = best[0].partition(", ")[2]
    faster = [ratio(times, side, "nlsolve") for side in best]
    return [
        system.name, system.size, microseconds(times, "nlsolve"), sides["nlsolve"]().nfev,
        microseconds(times, best[0]), method, f"{hindsight[method]:.0e}", sides[best[0]]().nfev,
        *(f"{share:.2f} {verdict(share >= goal)}" for share in faster),
    ]  # fmt: skip


def fastest(times: Times, kind: str) -> str:
    """Return the side of a kind with the shortest median."""
    found = [side for side in times if side.startswith(kind)]
    if not found:
        raise AssertionError("neither of scipy's wide methods reaches |r| <= 1e-10")
    return min(found, key=lambda side: median(times[side]))


def microseconds(times: Times, side: str) -> str:
    return f"{1e6 * median(times[side]):.4g}"


def systems(quick: bool) -> list[Timed]:
    if quick:
        return [random_system("sine", 2, 3)]
    dense = [random_system(formula, n, m) for formula in ("sine", "product") for n, m in SIZES]
    return [*zoo_systems(), *dense]


# ---- the compiled call inside solve() ----------------------------------------------------------


def inside(system: Timed) -> dict[str, Call]:
    """Return the compiled loop, alone and with what loop.Run puts around it.

    Both are calls that solve() itself makes, noted down while it runs and made again: they begin
    after its checks, at F(w0) and J(w0), and end at the root, since it makes no others.
    """
    from nlsolve import drivers
    from nlsolve.loop import Run

    kernels: list[Any] = []
    chunks: list[Any] = []
    driver, run_chunk = drivers.driver, Run._run_chunk

    def noting_driver(*which: Any) -> Any:
        kernel = driver(*which)

        def call(*arguments: Any) -> Any:
            kernels.append((kernel, arguments))
            return kernel.call(*arguments)

        return SimpleNamespace(call=call)

    def noting_chunk(run: Any, left: int) -> int:
        chunks.append((run, left, run.state, list(run.rows)))
        return run_chunk(run, left)

    solve = our_side(system)
    with (
        patch.object(drivers, "driver", noting_driver),
        patch.object(Run, "_run_chunk", noting_chunk),
    ):
        solve()
    if not len(kernels) == len(chunks) == 1:
        raise AssertionError(f"solve() makes {len(kernels)} compiled calls on {system.name}")
    kernel, arguments = kernels[0]
    return {"kernel": lambda: kernel.call(*arguments), "chunk": _chunk_call(*chunks[0])}


def _chunk_call(run: Any, left: int, state: Any, rows: list[Any]) -> Call:
    def call() -> Any:
        run.state, run.rows = state, list(rows)
        return run._run_chunk(left)

    return call


@cache
def followed(F: Call, jac: Call, count: int) -> Call:
    """Return compiled code that solves the same system `count` times by jit_solver."""
    solver = nlsolve.jit_solver(F, jac)

    @njit
    def many(y: Any, w0: Any, *args: Any) -> Any:
        worst = 0
        for _ in range(count):
            worst = max(worst, solver(y, w0, *args)[1])
        return worst

    return many  # type: ignore[no-any-return]


def called_inside(system: Timed) -> Call:
    """Return a hundred solves inside njit, verified."""
    many, y = followed(system.F, system.jac, 100), np.zeros(system.n)
    if many(y, system.w0, *system.args) > 1:
        raise AssertionError(f"jit_solver finds no root of {system.name} {system.size}")
    return lambda: many(y, system.w0, *system.args)


def inside_report(some: list[Timed], rounds: int) -> Iterator[str]:
    """Yield the table of the bare compiled call on the 2 x 3 systems."""
    yield "\n### The compiled call inside solve(), 2 x 3, jitted\n"
    yield (
        "`kernel` is the compiled loop from w0 to the root, `chunk` the same with what loop.Run "
        "does around it, `solve` the whole call; `jit_solver` is a whole solve in a loop inside "
        "the user's njit code. Ratios to sides of the same run.\n"
    )
    head = ["system", "kernel [us]", "target", "chunk [us]", "solve [us]", "solve / kernel",
            "dogbox / kernel", "lstsq / kernel", "jit_solver [us]", "target"]  # fmt: skip
    chosen = [system.jitted() for system in some if system.size == "2 x 3"]
    yield table(head, [inside_row(system, rounds) for system in chosen])


def inside_row(system: Timed, rounds: int) -> list[Any]:
    sides = inside(system)
    J, r = system.jac(system.w0, *system.args), system.F(system.w0, *system.args)
    sides |= {
        "solve": our_side(system),
        "dogbox": scipy_side(system, "dogbox", loosest(system, "dogbox") or TOLERANCES[-1]),
        "lstsq": lambda: np.linalg.lstsq(J, r, rcond=None),
        "hundred": called_inside(system),
    }
    times = alternate(sides, rounds)
    shares = [f"{ratio(times, side, 'kernel'):.3g}" for side in ("solve", "dogbox", "lstsq")]
    return [
        system.name, microseconds(times, "kernel"), verdict(median(times["kernel"]) <= 10e-6),
        microseconds(times, "chunk"), microseconds(times, "solve"), *shares,
        f"{1e4 * median(times['hundred']):.4g}", verdict(median(times["hundred"]) <= 1e-3),
    ]  # fmt: skip


def report(quick: bool) -> Iterator[str]:
    """Yield the tables."""
    rounds = 3 if quick else 15
    yield "### Jitted F and J: target at least 5 times faster than scipy's best\n"
    yield compare([system.jitted() for system in systems(quick)], 5.0, rounds)
    yield "\n### Plain Python F and J: target never slower\n"
    yield compare(systems(quick), 1.0, rounds)
    yield from inside_report(systems(quick), rounds)
