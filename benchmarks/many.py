"""How long do very many Panda poses take, beside scipy in a loop and optimistix under vmap?

Inverse kinematics of nlsolve.demo's arm, 6 equations in 7 angles, from the ready pose to random
ones. All sides have exact Jacobians and double precision. solved: the demo's own residual is at
most 1e-9, asked of every row of every side. scipy is least_squares dogbox with jitted F and J in a
loop, with the loosest xtol = ftol = gtol of 1e-4, 1e-6, ..., 1e-12 that solves as many of 40 poses
as the strictest; of the poses it gets the first ones. optimistix is its LevenbergMarquardt with
autodiff, jitted and vmapped over the first 10,000 poses, its rtol = atol chosen in the same way; a
vmapped solve goes on until the last of its rows has ended, or 100 steps. Times are on the wall,
since several threads work; all sides may use all cores. The sides run in turn; a ratio is the
median over the rounds, of seconds a system.
"""

import time
from collections.abc import Callable, Iterator
from statistics import median
from typing import Any

import numpy as np
from numba import njit
from scipy.optimize import least_squares

import nlsolve
from benchmarks.table import table, verdict
from benchmarks.timing import Times, ratio
from nlsolve import demo

REACHED = 1e-9
Side = Callable[[np.ndarray], np.ndarray]
TOLERANCES = [10.0**-k for k in range(4, 13, 2)]
HEAD = ["side", "tolerance", "systems", "solved", "[us] a system", "times as long as solve_many",
        "target"]  # fmt: skip


@njit
def frames(q):
    table, reached = demo_table, np.empty((8, 4, 4))
    frame = np.eye(4)
    for i in range(8):
        a, alpha, d = table[i, 0], table[i, 1], table[i, 2]
        theta = q[i] if i < 7 else 0.0
        ca, sa, ct, st = np.cos(alpha), np.sin(alpha), np.cos(theta), np.sin(theta)
        for k in range(4):
            x, y, z, o = frame[k, 0], frame[k, 1], frame[k, 2], frame[k, 3]
            reached[i, k, 0] = x * ct + (y * ca + z * sa) * st
            reached[i, k, 1] = -x * st + (y * ca + z * sa) * ct
            reached[i, k, 2] = z * ca - y * sa
            reached[i, k, 3] = x * a + (z * ca - y * sa) * d + o
        frame = reached[i]
    return reached


demo_table = demo.DENAVIT_HARTENBERG


@njit
def rotation(reached, target):
    E = np.zeros((3, 3))
    for i in range(3):
        for j in range(3):
            for k in range(3):
                E[i, j] += reached[i, k] * target[j, k]
    scale = 1.0 + E[0, 0] + E[1, 1] + E[2, 2]
    g = np.empty(3)
    g[0], g[1], g[2] = E[2, 1] - E[1, 2], E[0, 2] - E[2, 0], E[1, 0] - E[0, 1]
    return g / scale


@njit
def residual(q, target):
    flange, r = frames(q)[7], np.empty(6)
    r[3:] = rotation(flange, target)
    for i in range(3):
        r[i] = flange[i, 3] - target[i, 3]
    return r


@njit
def cross(a, b, out):
    out[0] = a[1] * b[2] - a[2] * b[1]
    out[1] = a[2] * b[0] - a[0] * b[2]
    out[2] = a[0] * b[1] - a[1] * b[0]


@njit
def jacobian(q, target):
    reached = frames(q)
    g = rotation(reached[7], target)
    J, turned = np.empty((6, 7)), np.empty(3)
    for i in range(7):
        axis = reached[i, :3, 2]
        cross(axis, reached[7, :3, 3] - reached[i, :3, 3], J[:3, i])
        cross(axis, g, turned)
        along = g[0] * axis[0] + g[1] * axis[1] + g[2] * axis[2]
        for k in range(3):
            J[3 + k, i] = (axis[k] + turned[k] + along * g[k]) / 2
    return J


def targets(count: int) -> np.ndarray:
    return np.array(demo.random_targets(0, count))


def solved(W: np.ndarray, goals: np.ndarray) -> int:
    """Return how many rows reach their pose."""
    return sum(
        float(np.linalg.norm(demo.residual(q, goal))) <= REACHED
        for q, goal in zip(W, goals, strict=True)
    )


def ours(goals: np.ndarray) -> np.ndarray:
    return nlsolve.solve_many(residual, 0.0, demo.READY, jac=jacobian, each=(goals,)).W


def scipys(tolerance: float) -> Side:
    words = dict.fromkeys(("xtol", "ftol", "gtol"), tolerance)

    def side(goals: np.ndarray) -> np.ndarray:
        return np.array([
            least_squares(
                residual, demo.READY, jacobian, method="dogbox", args=(goal,), **words
            ).x
            for goal in goals
        ])  # fmt: skip

    return side


def optimistixs(tolerance: float) -> Side:
    """Return the vmapped solver; ImportError where it is not installed."""
    import jax
    import jax.numpy as jnp
    import optimistix

    jax.config.update("jax_enable_x64", True)
    rows = demo.DENAVIT_HARTENBERG

    def pose(q: Any) -> Any:
        frame = jnp.eye(4)
        for i, (a, alpha, d) in enumerate(rows):
            theta = q[i] if i < 7 else 0.0
            ca, sa, ct, st = np.cos(alpha), np.sin(alpha), jnp.cos(theta), jnp.sin(theta)
            frame = frame @ jnp.array([
                [ct, -st, 0.0, a], [st * ca, ct * ca, -sa, -d * sa],
                [st * sa, ct * sa, ca, d * ca], [0.0, 0.0, 0.0, 1.0],
            ])  # fmt: skip
        return frame

    def error(q: Any, goal: Any) -> Any:
        reached = pose(q)
        E = reached[:3, :3] @ goal[:3, :3].T
        skew = jnp.array([E[2, 1] - E[1, 2], E[0, 2] - E[2, 0], E[1, 0] - E[0, 1]])
        return jnp.concatenate([reached[:3, 3] - goal[:3, 3], skew / (1.0 + jnp.trace(E))])

    solver = optimistix.LevenbergMarquardt(rtol=tolerance, atol=tolerance)

    def one(goal: Any) -> Any:
        start = jnp.asarray(demo.READY)
        found = optimistix.least_squares(
            error, solver, start, args=goal, max_steps=100, throw=False
        )
        return found.value

    many = jax.jit(jax.vmap(one))
    return lambda goals: np.asarray(many(goals))


def loosest(make: Callable[[float], Side], goals: np.ndarray) -> float:
    """Return the loosest tolerance that solves as many as the strictest."""
    counts = [solved(make(tolerance)(goals), goals) for tolerance in TOLERANCES]
    return next(t for t, count in zip(TOLERANCES, counts, strict=True) if count >= counts[-1])


def in_turn(sides: dict[str, tuple[Side, np.ndarray]], rounds: int) -> tuple[Times, Any]:
    """Return seconds a system of each side in each round, and the last answers."""
    times: Times = {name: [] for name in sides}
    answers = {}
    for k in range(rounds):
        for name in list(sides)[:: 1 if k % 2 == 0 else -1]:
            side, goals = sides[name]
            start = time.perf_counter()
            answers[name] = side(goals)
            times[name].append((time.perf_counter() - start) / len(goals))
    return times, answers


def chosen(
    name: str, make: Callable[[float], Side], some: np.ndarray, goals: np.ndarray
) -> tuple[str, Side]:
    """Return a peer's name with its tolerance, compiled for its poses."""
    tolerance = loosest(make, some)
    side = make(tolerance)
    side(goals[:1] if name == "scipy" else goals)
    return f"{tolerance:.0e}", side


def report(quick: bool) -> Iterator[str]:
    """Yield the table."""
    count = 200 if quick else 100_000
    goals = targets(count)
    some, share = goals[: 10 if quick else 40], goals[: count // 250 + 3]
    ours(goals[:100])
    sides, tolerances = {"solve_many": (ours, goals)}, {"solve_many": "1e-10"}
    tolerances["scipy"], side = chosen("scipy", scipys, some, share)
    sides["scipy"] = side, share
    if not quick:
        try:
            tolerances["optimistix"], side = chosen("optimistix", optimistixs, some, goals[:10_000])
            sides["optimistix"] = side, goals[:10_000]
        except ImportError as error:
            yield f"optimistix is not measured: {error}.\n"
    times, answers = in_turn(sides, 1 if quick else 3)
    yield table(HEAD, [
        line(name, tolerances[name], sides[name][1], times, answers[name]) for name in sides
    ])  # fmt: skip


WANTED = {"scipy": 50.0, "optimistix": 3.0}


def line(
    name: str, tolerance: str, goals: np.ndarray, times: Times, W: np.ndarray
) -> list[Any]:  # fmt: skip
    share = ratio(times, name, "solve_many")
    target = f"{WANTED[name]:g} {verdict(share >= WANTED[name])}" if name in WANTED else ""
    return [name, tolerance, len(goals), solved(W, goals), f"{1e6 * median(times[name]):.4g}",
            f"{share:.3g}", target]  # fmt: skip
