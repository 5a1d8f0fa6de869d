"""How long do very many Panda poses take, beside scipy in a loop and optimistix under vmap?

Inverse kinematics of nlsolve.demo's arm, 6 equations in 7 angles, from the ready pose to random
ones. All sides have exact Jacobians and double precision, and what they reach is checked by the
demo's own residual. scipy is least_squares dogbox with jitted F and J, a share of the poses in a
loop; optimistix is its LevenbergMarquardt, jitted and vmapped. Times are on the wall, since several
threads work; each side may use all cores.
"""

import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numba import njit
from scipy.optimize import least_squares

import nlsolve
from benchmarks.table import table, verdict
from nlsolve import demo

REACHED = 1e-9
HEAD = ["side", "systems", "solved", "[us] a system", "times as long as solve_many", "target"]


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


def scipys(goals: np.ndarray) -> np.ndarray:
    words = dict.fromkeys(("xtol", "ftol", "gtol"), 1e-12)
    return np.array([
        least_squares(residual, demo.READY, jacobian, method="dogbox", args=(goal,), **words).x
        for goal in goals
    ])  # fmt: skip


def optimistixs() -> Callable[[np.ndarray], np.ndarray]:
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

    solver = optimistix.LevenbergMarquardt(rtol=1e-10, atol=1e-10)

    def one(goal: Any) -> Any:
        start = jnp.asarray(demo.READY)
        found = optimistix.least_squares(
            error, solver, start, args=goal, max_steps=100, throw=False
        )
        return found.value

    many = jax.jit(jax.vmap(one))
    return lambda goals: np.asarray(many(goals))


def measured(side: Callable[[np.ndarray], np.ndarray], goals: np.ndarray) -> tuple[float, int]:
    """Return seconds a system, after one call that compiles, and how many were solved."""
    side(goals)
    start = time.perf_counter()
    W = side(goals)
    return (time.perf_counter() - start) / len(goals), solved(W, goals)


def report(quick: bool) -> Iterator[str]:
    """Yield the table."""
    count = 200 if quick else 100_000
    goals = targets(count)
    sides: dict[str, Any] = {"solve_many": (ours, goals), "scipy": (scipys, goals[: count // 50])}
    if not quick:
        try:
            sides["optimistix"] = (optimistixs(), goals)
        except ImportError as error:
            yield f"optimistix is not measured: {error}.\n"
    found = {name: measured(*side) for name, side in sides.items()}
    wanted = {"scipy": 50.0, "optimistix": 3.0}
    rows = []
    for name, (seconds, reached) in found.items():
        share = seconds / found["solve_many"][0]
        target = f"{wanted[name]:g} {verdict(share >= wanted[name])}" if name in wanted else ""
        rows.append([name, len(sides[name][1]), reached, f"{1e6 * seconds:.4g}", f"{share:.3g}",
                     target])  # fmt: skip
    yield table(HEAD, rows)
