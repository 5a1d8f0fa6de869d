"""What does the compiled lane hand to a step?

The same questions as in the interpreted lane, answered from `CompiledProblem`: the user's functions
are called through their addresses (cfunctions.py), plain integers, so that one compiled loop serves
all F.

Where the user's function raised, `residual` counts it in `counts[RAISED]`, keeps the point in
`failed` and answers NaN; the loop stops, and the caller evaluates once more in Python so that the
user's own error appears.
"""

import math
from functools import lru_cache
from typing import Any, NamedTuple

import numba
import numpy as np

from nlsolve import cfunctions, dense, wrapped
from nlsolve.methods import base
from nlsolve.systems import differences
from nlsolve.systems.linearization import LINEAR, NFEV, NJEV, RAISED

TWO_POINT, THREE_POINT = differences.TWO_POINT, differences.THREE_POINT

KINDS = {kind: index for index, kind in enumerate(differences.KINDS)}


class CompiledProblem(NamedTuple):
    """F(w) = y as numbers and arrays: what the compiled loop knows of it.

    F, J and rows are addresses (J is 0 where F gives both or differences are used, rows is 0 where
    the user gave none). `kept_w` and `kept_J` hold the last J that came together with a value of F.
    """

    F: int
    J: int
    rows: int
    least_norm: int
    kind: int
    y: Any
    block: Any
    counts: Any
    failed: Any
    kept_w: Any
    kept_J: Any
    rank_tolerance: float
    floor: float
    step: float


@dense.kernel
def residual(problem: Any, w: Any) -> Any:
    values = np.full(problem.y.size, math.nan)
    if not dense.norm(w) < math.inf:
        return values
    problem.counts[NFEV] += 1
    status = cfunctions.call_system(
        problem.F, w, values, problem.kept_J, problem.block, 0, problem.block
    )
    if status != 0:
        problem.counts[RAISED] += 1
        dense.copy(problem.failed, w)
    if problem.kept_w.size > 0:
        dense.copy(problem.kept_w, w)
    for i in range(values.size):
        values[i] = values[i] - problem.y[i] if status == 0 else math.nan
    return values


_two_point = dense.kernel(differences.make_two_point(residual, dense.divide))
_three_point = dense.kernel(differences.make_three_point(residual, dense.divide))


@dense.kernel
def _exact(problem: Any, w: Any) -> Any:
    if problem.kept_w.size > 0:
        if dense.distance(problem.kept_w, w) != 0.0:
            residual(problem, w)
        return problem.kept_J.copy()
    J = np.empty((problem.y.size, w.size))
    status = cfunctions.call_system(problem.J, w, w, J, problem.block, 0, problem.block)
    if status != 0:
        problem.counts[RAISED] += 1
        dense.copy(problem.failed, w)
    return J


@dense.kernel
def linearize(problem: Any, w: Any, r: Any) -> Any:
    problem.counts[NJEV] += 1
    if problem.kind == TWO_POINT:
        return _two_point(problem, w, r)
    if problem.kind == THREE_POINT:
        return _three_point(problem, w, r)
    return _exact(problem, w)


@dense.kernel
def pick(r: Any, J: Any, batch: Any) -> Any:
    """Return the rows of r and J whose numbers are in `batch`."""
    some_r, some_J = np.empty(batch.size), np.empty((batch.size, J.shape[1]))
    for i in range(batch.size):
        some_r[i] = r[batch[i]]
        for k in range(J.shape[1]):
            some_J[i, k] = J[batch[i], k]
    return some_r, some_J


@dense.kernel
def rows(problem: Any, w: Any, batch: Any) -> Any:
    if problem.rows == 0:
        r = residual(problem, w)
        return pick(r, linearize(problem, w, r), batch)
    r, J = np.empty(batch.size), np.empty((batch.size, w.size))
    if cfunctions.call_system(problem.rows, w, r, J, batch, batch.size, problem.block) != 0:
        problem.counts[RAISED] += 1
        dense.copy(problem.failed, w)
        r[0] = math.nan
    for i in range(batch.size):
        r[i] -= problem.y[batch[i]]
    return r, J


@dense.kernel
def least_norm(problem: Any, J: Any, r: Any, damping: float) -> Any:
    d, numbers = np.empty(J.shape[1]), np.empty(2)
    numbers[0], numbers[1] = damping, problem.rank_tolerance
    cfunctions.call_least_norm(problem.least_norm, J, r, d, numbers)
    return d, numbers[0]


@dense.kernel
def inexact(problem: Any, J: Any, r: Any, tolerance: float) -> Any:
    return least_norm(problem, J, r, 0.0)  # nothing is iterated here


@dense.kernel
def at_floor(problem: Any, J: Any, w: Any, r: Any) -> bool:
    """As Linearization.at_floor, which derives it."""
    size, floor = np.zeros(r.size), np.zeros(r.size)
    for i in range(r.size):
        for k in range(J.shape[1]):
            size[i] += abs(J[i, k] * w[k])
        floor[i] = problem.floor * (size[i] + abs(problem.y[i])) if J.shape[0] > 0 else 0.0
        if not abs(r[i]) <= floor[i] < math.inf:
            return False
    for sign in (1.0, -1.0):
        d = LINEAR * w
        for k in range(1, d.size, 2):
            d[k] *= sign
        moved, image = residual(problem, w + d), dense.jvp(J, d)
        for i in range(r.size):
            if not abs(moved[i] - r[i] - image[i]) <= 0.1 * LINEAR * size[i] + floor[i]:
                return False
    return True


LANE = base.Lane(
    jit=dense.kernel,
    residual=residual,
    linearize=linearize,
    vjp=dense.vjp,
    jvp=dense.jvp,
    least_norm=least_norm,
    inexact=inexact,
    at_floor=at_floor,
    rows=rows,
    norm=dense.norm,
    distance=dense.distance,
    copy=dense.copy,
    largest_row=dense.largest_row,
)


class Recipe(NamedTuple):
    """What many compiled problems share; `both` is 1 where F gives J with its values."""

    F: int
    J: int
    least_norm: int
    kind: int
    both: int
    rank_tolerance: float
    floor: float
    step: float


@dense.kernel
def recipe_of(words: Any, numbers: Any) -> Recipe:
    """Return the recipe that stands at the beginning of two pointers."""
    return Recipe(
        words[0], words[1], words[2], words[7], words[8], numbers[0], numbers[1], numbers[2]
    )


@dense.kernel
def problem_of(recipe: Any, y: Any, block: Any, m: int) -> Any:
    """Return one of the problems, with counts of its own."""
    kept = m if recipe.both == 1 else 0
    return CompiledProblem(
        recipe.F, recipe.J, 0, recipe.least_norm, recipe.kind, y, block,
        np.zeros(3, np.int64), np.empty(m),
        np.full(kept, math.nan), np.empty((y.size if kept > 0 else 0, kept)),
        recipe.rank_tolerance, recipe.floor, recipe.step,
    )  # fmt: skip


_NOTHING_KEPT = np.empty(0), np.empty((0, 0))


@lru_cache(maxsize=256)
def addresses(
    functions: tuple[tuple[str, Any], ...], kinds: tuple[Any, ...]
) -> tuple[int, int, int, list[Any]]:
    """Return the addresses of F, jac and rows (0: none), and what keeps them valid.

    F is 0 where one of them cannot be compiled as a C function.
    """
    try:
        wrappers = {role: wrapped.wrap(f, role, kinds) for role, f in functions}
    except (numba.core.errors.NumbaError, numba.core.errors.UnsupportedBytecodeError):
        return 0, 0, 0, []
    address = {role: wrapper.address for role, wrapper in wrappers.items()}
    F = address["F" if "F" in address else "both"]
    return F, address.get("jac", 0), address.get("rows", 0), list(wrappers.values())


def bind_problem(problem: Any) -> tuple[CompiledProblem, list[Any]] | None:
    """Return a problem of a compilable System with addresses, and what must outlive it.

    None where an argument cannot travel or a function cannot be compiled as a C function; the
    counts are those of the problem itself.
    """
    system = problem.system
    args = system.positional()
    kinds = None if args is None else tuple(map(cfunctions.argument_kind, args))
    if kinds is None or None in kinds:
        return None
    F, jac, rows, alive = addresses(system.functions.roles, kinds)
    if F == 0:
        return None
    block, arrays = cfunctions.pack(args, problem.m, problem.n)
    kept = _NOTHING_KEPT
    if system.returns_both:
        kept = np.full(problem.m, np.nan), np.empty((problem.n, problem.m))
    return CompiledProblem(
        F=F,
        J=jac,
        rows=rows,
        least_norm=dense.least_norm_address(),
        kind=KINDS[problem.kind],
        y=problem.y,
        block=block,
        counts=problem.counts,
        failed=np.empty(problem.m),
        kept_w=kept[0],
        kept_J=kept[1],
        rank_tolerance=problem.rank_tolerance,
        floor=problem.floor,
        step=problem.step,
    ), [arrays, alive]
