"""How soon is |r| = 1e-10 reached where J is sparse, and does the cost grow as a factorisation's?

The Brusselator of examples/brusselator.py on finer and finer grids. Beside solve() stands the bare
factorisation of J J^T at the start, once, by the same SuperLU in the same order, the product not
counted; and scipy's trf and dogbox with the exact sparse J and lsmr, stopped by a callback at
their first point with |r| <= 1e-10, or when they have taken PATIENCE times as long as solve().
Exponents are slopes of log time against log m.

F has terms of size alpha |w| / h^2, h the distance of grid points: on fine grids their rounding is
above 1e-10. Where solve() ends above it, scipy is asked for twice the residual
that solve() left, and no target is claimed to be met. The evaluations of F and J that solve() makes
are timed alone as well: no method that makes as many is faster than that.
"""

import time
from collections.abc import Iterator
from statistics import median
from typing import Any

import numpy as np
from scipy import sparse
from scipy.optimize import least_squares
from scipy.sparse.linalg import splu

import nlsolve
from benchmarks.table import table, verdict
from benchmarks.timing import alternate, ratio

REACHED, PATIENCE, WANTED = 1e-10, 20.0, 5.0
NOISE = 0.1  # of an exponent
A, B, ALPHA = 3.4, 1.0, 10.0


class Brusselator:
    """The steady equations at every third point of a periodic grid."""

    def __init__(self, points: int) -> None:
        self.seen = np.arange(0, points**2, 3)
        edge = np.linspace(0.0, 1.0, points)
        x, y = (axis.ravel() for axis in np.meshgrid(edge, edge, indexing="ij"))
        self.source = 5.0 * ((x - 0.3) ** 2 + (y - 0.6) ** 2 <= 0.1**2)[self.seen]
        self.w0 = np.concatenate([22.0 * (y * (1.0 - y)) ** 1.5, 27.0 * (x * (1.0 - x)) ** 1.5])
        second = sparse.diags_array(
            [1.0, 1.0, -2.0, 1.0, 1.0], offsets=[1 - points, -1, 0, 1, points - 1],
            shape=(points, points),
        )  # fmt: skip
        identity = sparse.eye_array(points)
        laplacian = sparse.kron(second, identity) + sparse.kron(identity, second)
        self.diffusion = ALPHA * (points - 1) ** 2 * laplacian.tocsr()[self.seen]

    def F(self, w: np.ndarray) -> np.ndarray:
        u, v = w.reshape(2, -1)
        at = u[self.seen]
        reaction = at**2 * v[self.seen]
        first = self.diffusion @ u + B + reaction - (A + 1.0) * at + self.source
        return np.concatenate([first, self.diffusion @ v + A * at - reaction])

    def jac(self, w: np.ndarray) -> Any:
        u, v = w.reshape(2, -1)[:, self.seen]
        by_u, by_v = self.at_seen(2.0 * u * v), self.at_seen(u**2)
        one = self.at_seen(np.ones(u.size))
        blocks = [[self.diffusion + by_u - (A + 1.0) * one, by_v],
                  [A * one - by_u, self.diffusion - by_v]]  # fmt: skip
        return sparse.block_array(blocks, format="csr")

    def at_seen(self, values: np.ndarray) -> Any:
        rows = np.arange(values.size)
        return sparse.csr_array((values, (rows, self.seen)), shape=self.diffusion.shape)


def report(quick: bool) -> Iterator[str]:
    """Yield the tables."""
    grids, rounds = ([8, 16], 1) if quick else ([32, 64, 128, 256], 3)
    found = [measured(Brusselator(points), rounds) for points in grids]
    head = ["equations", "unknowns", "iterations", "|r|", "solve [s]", "factorisation [s]",
            "times as long"]  # fmt: skip
    yield table(head, [line for line, _ in found]) + "\n"
    ours, bare = np.polyfit(
        np.log([2 * points**2 for points in grids]), np.log([both for _, both in found]), 1
    )[0]
    yield (
        f"Time grows as m to the power {ours:.2f}, the factorisation's {bare:.2f}; target: no "
        f"faster ({verdict(ours <= bare + NOISE)}, up to {NOISE} for noise).\n"
    )
    yield f"### To |r| = {REACHED:g}, or where rounding of F ends, beside scipy\n"
    head = ["unknowns", "side", "[s]", "F", "|r|", "times as long", "target"]
    yield table(head, [row for points in grids for row in race(Brusselator(points))])


def measured(system: Brusselator, rounds: int) -> tuple[list[Any], tuple[float, float]]:
    """Return a line of the first table, and seconds of solve() and of the factorisation."""
    J = system.jac(system.w0)
    K = sparse.csc_array(J @ J.T)
    sides = {"solve": lambda: ours(system), "bare": lambda: factorised(K)}
    times, sol = alternate(sides, rounds), ours(system)
    solve, bare = (median(times[name]) for name in sides)
    line = [f"{J.shape[0]:,}", f"{J.shape[1]:,}", sol.nit, f"{sol.residual_norm:.1e}",
            f"{solve:.3g}", f"{bare:.3g}", f"{ratio(times, 'solve', 'bare'):.2f}"]  # fmt: skip
    return line, (solve, bare)


def factorised(K: Any) -> Any:
    return splu(
        K, permc_spec="MMD_AT_PLUS_A", diag_pivot_thresh=0.0, options={"SymmetricMode": True}
    )


def ours(system: Brusselator) -> Any:
    return nlsolve.solve(system.F, 0.0, system.w0, jac=system.jac, tol=REACHED)


def race(system: Brusselator) -> Iterator[list[Any]]:
    """Yield the lines of one size: ours, and scipy's two."""
    size = f"{system.w0.size:,}"
    began = time.process_time()
    sol = ours(system)
    spent, wanted = time.process_time() - began, max(REACHED, 2.0 * sol.residual_norm)
    yield [size, "nlsolve", f"{spent:.3g}", sol.nfev, f"{sol.residual_norm:.1e}", "1", ""]
    bare = evaluated(system, sol) / spent
    yield [size, "its F and J alone", f"{bare * spent:.3g}", sol.nfev, "", f"{bare:.3g}", ""]
    for name in ("trf", "dogbox"):
        began = time.process_time()
        found = scipys(system, name, PATIENCE * spent, wanted)
        share, left = (time.process_time() - began) / spent, float(np.linalg.norm(found.fun))
        over = "over " if left > wanted else ""
        met = verdict(share >= WANTED and sol.residual_norm <= REACHED)
        yield [size, name, f"{share * spent:.3g}", found.nfev, f"{left:.1e}", f"{over}{share:.3g}",
               f">= {WANTED:g} {met}"]  # fmt: skip


def evaluated(system: Brusselator, sol: Any) -> float:
    """Return the processor time of as many evaluations of F and J as a run made."""
    began = time.process_time()
    for _ in range(sol.nfev):
        system.F(sol.w)
    for _ in range(sol.njev):
        system.jac(sol.w)
    return time.process_time() - began


def scipys(system: Brusselator, method: str, patience: float, wanted: float) -> Any:
    """Return what least_squares reaches, stopped where |r| <= wanted or when time is up."""
    end = time.process_time() + patience

    def stop(intermediate_result: Any) -> None:
        if np.linalg.norm(intermediate_result.fun) <= wanted or time.process_time() > end:
            raise StopIteration

    return least_squares(
        system.F, system.w0, system.jac, method=method, tr_solver="lsmr", callback=stop,
        xtol=1e-15, ftol=1e-15, gtol=1e-15,
    )  # fmt: skip
