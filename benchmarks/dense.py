"""What does a Gauss-Newton step on a large dense J cost, and how soon is |r| = 1e-10 reached?

F(w) = z + sin(z) / 2 with z = A w + b, A random, n x m and m much larger than n, is regular
everywhere and far from linear. F and J cost a product with A and one pass over it.

A step: solve() with several iterations less solve() with one, without what F and J take. Beside it
stand dsyrk and dpotrf on the same J, in both orders of memory, and nothing else.

To |r| = 1e-10, at the first size: scipy's least_squares with the exact J, stopped by a callback at
its first such point, so that no tolerance is chosen for it, or when it has taken PATIENCE times as
long as nlsolve's dogleg; optimistix's fastest method with J by reverse mode and the loosest
tolerance that gets there (of a large J its Gauss-Newton alone: the others take more than 10 GB).
The targets are for dogleg, the default is shown beside it: full Gauss-Newton steps, its first
stage, wander on this system. Threads of JAX, if it has several, are added up.
"""

import time
from collections.abc import Callable, Iterator
from statistics import median
from typing import Any, NamedTuple

import numpy as np
from scipy.linalg import blas, lapack
from scipy.optimize import least_squares

import nlsolve
from benchmarks.table import table, verdict
from benchmarks.timing import clock

STEP_LIMIT, REACHED, WAVE, PATIENCE = 1.3, 1e-10, 0.5, 15
LARGE = 4_000_000  # entries of J
TOLERANCES = [1e-4, 1e-10]  # of optimistix
WANTED = {"trf": 10.0, "dogbox": 3.0, "optimistix": 3.0}


class Waves:
    """The system; it adds up the processor time of F and J."""

    def __init__(self, n: int, m: int, order: str = "C") -> None:
        rng = np.random.default_rng(0)
        self.A = np.asarray(rng.standard_normal((n, m)) * (2.0 / np.sqrt(m)), order=order)
        self.b = rng.standard_normal(n)
        self.w0 = rng.standard_normal(m)
        self.spent = 0.0
        self.y = self.F(rng.standard_normal(m))

    def F(self, w: np.ndarray) -> np.ndarray:
        began = time.process_time()
        z = self.A @ w + self.b
        value = z + WAVE * np.sin(z)
        self.spent += time.process_time() - began
        return value

    def jac(self, w: np.ndarray) -> np.ndarray:
        began = time.process_time()
        J = self.A * (1.0 + WAVE * np.cos(self.A @ w + self.b))[:, None]
        self.spent += time.process_time() - began
        return J

    def solve(self, method: str, **words: Any) -> Any:
        return nlsolve.solve(self.F, self.y, self.w0, jac=self.jac, method=method, **words)

    def outside(self, iterations: int) -> float:
        """Return the processor time of so many iterations, without that of F and J."""
        self.spent, began = 0.0, time.process_time()
        if self.solve("gauss-newton", max_iter=iterations, tol=1e-300).nit != iterations:
            raise AssertionError("solve() ends too early to be measured")
        return time.process_time() - began - self.spent


class Case(NamedTuple):
    """A size, how many iterations are measured, and how often."""

    n: int
    m: int
    iterations: int
    rounds: int


def report(quick: bool) -> Iterator[str]:
    """Yield the tables."""
    cases = [Case(50, 500, 2, 2)] if quick else [Case(500, 20_000, 4, 7), Case(1_000, 50_000, 3, 3)]
    yield "### A step, without F and J\n"
    head = ["J", "order", "step [ms]", "syrk + Cholesky [ms]", "times as long", "target"]
    yield table(head, [step(case, order) for case in cases for order in "CF"]) + "\n"
    yield f"### To |r| = {REACHED:g}\n"
    head = ["J", "side", "[s]", "F", "|r|", "times as long", "target"]
    yield table(head, list(race(cases[0], peers=not quick)))


def step(case: Case, order: str) -> list[Any]:
    """Return a line of the first table."""
    system = Waves(case.n, case.m, order)
    J, bare = system.jac(system.w0), syrk_and_cholesky
    bare(J)
    pairs = []
    for _ in range(case.rounds):
        more = system.outside(1 + case.iterations) - system.outside(1)
        pairs.append((more / case.iterations, clock(lambda: bare(J), 1)))
    ours, theirs = (1e3 * median(side) for side in zip(*pairs, strict=True))
    share = median(a / b for a, b in pairs)
    return [f"{case.n} x {case.m:,}", order, f"{ours:.4g}", f"{theirs:.4g}", f"{share:.2f}",
            f"<= {STEP_LIMIT} {verdict(share <= STEP_LIMIT)}"]  # fmt: skip


def syrk_and_cholesky(J: np.ndarray) -> Any:
    """Return the Cholesky factor of J J^T, and nothing else is done."""
    fortran = J.flags.f_contiguous
    K = blas.dsyrk(1.0, J if fortran else J.T, trans=int(not fortran), lower=1)
    return lapack.dpotrf(K, lower=1, overwrite_a=1)


def race(case: Case, peers: bool) -> Iterator[list[Any]]:
    """Yield the lines of one size: ours, scipy's, and of other peers the best of optimistix."""
    system, size = Waves(case.n, case.m), f"{case.n} x {case.m:,}"
    default, best = (timed(lambda name=name: ours(system, name)) for name in ("auto", "dogleg"))
    yield line(size, "nlsolve dogleg", best, best[0])
    yield line(size, "nlsolve", default, best[0])
    sides: dict[str, Callable[[], Any]] = {
        name: lambda name=name: scipys(system, name, PATIENCE * best[0])
        for name in ("trf", "dogbox")
    }
    try:
        if peers:
            sides["optimistix"] = fastest_optimistix(system)
    except ImportError as error:
        yield [size, "optimistix", f"not measured: {error}", "", "", "", ""]
    for name, side in sides.items():
        yield line(size, name, timed(side), best[0])


def line(size: str, name: str, found: "Found", ours: float) -> list[Any]:
    """Return a line of the second table."""
    share, early = found.seconds / ours, found.residual_norm > REACHED
    wanted = WANTED.get(name)
    target = "" if wanted is None else f">= {wanted:g} {verdict(share >= wanted)}"
    return [size, name, f"{found.seconds:.3g}", found.evaluations, f"{found.residual_norm:.1e}",
            f"{'over ' * early}{share:.3g}", target]  # fmt: skip


class Found(NamedTuple):
    """Processor seconds, evaluations of F or steps, and the residual norm reached."""

    seconds: float
    evaluations: int
    residual_norm: float


def timed(side: Callable[[], tuple[int, float]]) -> Found:
    began = time.process_time()
    evaluations, residual_norm = side()
    return Found(time.process_time() - began, evaluations, residual_norm)


def ours(system: Waves, method: str) -> tuple[int, float]:
    sol = system.solve(method)
    return sol.nfev, sol.residual_norm


def scipys(system: Waves, method: str, patience: float) -> tuple[int, float]:
    """Return what least_squares reaches, stopped where |r| <= 1e-10 or when time is up."""
    end = time.process_time() + patience

    def stop(intermediate_result: Any) -> None:
        if np.linalg.norm(intermediate_result.fun) <= REACHED or time.process_time() > end:
            raise StopIteration

    words = dict.fromkeys(("xtol", "ftol", "gtol"), 1e-15)
    found = least_squares(
        lambda w: system.F(w) - system.y, system.w0, system.jac, method=method, callback=stop,
        **words,
    )  # fmt: skip
    return found.nfev, float(np.linalg.norm(found.fun))


def fastest_optimistix(system: Waves) -> Callable[[], tuple[int, float]]:
    """Return the fastest of its solvers, compiled; ImportError where it is not installed."""
    import jax
    import jax.numpy as jnp
    import optimistix

    jax.config.update("jax_enable_x64", True)
    A, b, y, start = map(jnp.asarray, (system.A, system.b, system.y, system.w0))

    def error(w: Any, _: Any) -> Any:
        z = A @ w + b
        return z + WAVE * jnp.sin(z) - y

    def call(solver: Any) -> Callable[[], tuple[int, float]]:
        run = jax.jit(lambda w: optimistix.least_squares(
            error, solver, w, options={"jac": "bwd"}, max_steps=60, throw=False))  # fmt: skip

        def side() -> tuple[int, float]:
            found = run(start)
            r = error(found.value, None)
            return int(found.stats["num_steps"]), float(jnp.linalg.norm(r))

        return side

    kinds = (optimistix.GaussNewton, optimistix.LevenbergMarquardt, optimistix.Dogleg)
    kinds = kinds if system.A.size <= LARGE else kinds[:1]
    sides = [loosest(lambda t, kind=kind: call(kind(rtol=t, atol=t))) for kind in kinds]
    return min((side for side in sides if side), key=lambda side: timed(side).seconds)


def loosest(side: Callable[[float], Any]) -> Any:
    """Return the side of the loosest tolerance that reaches |r| <= 1e-10, called once."""
    for tolerance in TOLERANCES:
        made = side(tolerance)
        if made()[1] <= REACHED:
            return made
    return None
