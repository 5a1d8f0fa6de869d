"""In which of the two lanes does a system run, and what does each hand to a step?

Compiled: jitted F and J, small and dense; whole chunks of the loop are one compiled call.
Interpreted: everything else; the same texts run as they stand, with numpy and scipy.linalg.
"""

import math
from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

import numpy as np
from scipy.linalg import blas

from nlsolve import iterate, linalg
from nlsolve.methods.auto import Stage
from nlsolve.methods.base import Lane
from nlsolve.systems.base import FloatArray
from nlsolve.systems.linearization import Linearization
from nlsolve.systems.problem import Problem

TINY, HUGE = 1e-290, 1e290  # squares of norms that are sums of squares, as in nlsolve/dense.py
LARGEST_COMPILED = 5_000  # n * m; above it scipy's BLAS wins (benchmarks/crossover.py)


def _least_norm(problem: Problem, J: Linearization, r: FloatArray, damping: float) -> Any:
    return _shortest(problem, J, r, damping, linalg.Inner(0.0, _blocks(problem, J)))


def _inexact(problem: Problem, J: Linearization, r: FloatArray, tolerance: float) -> Any:
    return _shortest(problem, J, r, 0.0, linalg.Inner(tolerance, _blocks(problem, J)))


def _shortest(
    problem: Problem, J: Linearization, r: FloatArray, damping: float, inner: linalg.Inner
) -> Any:
    given = (J.jacobian, r, damping, problem.rank_tolerance)
    if problem.box is None:
        return linalg.least_norm_step(*given, inner)
    return linalg.least_norm_within(*given, *problem.box.steps(J.w), inner)


def _blocks(problem: Problem, J: Linearization) -> Any:
    return None if problem.system.given_rows is None else J.row_blocks


def _at_floor(problem: Problem, J: Linearization | None, w: FloatArray, r: FloatArray) -> bool:
    return J is not None and J.at_floor()


def norm(v: FloatArray) -> float:
    """Return |v|, also where its square would overflow."""
    return float(blas.dnrm2(v) if type(v) is np.ndarray else np.linalg.norm(v))


INTERPRETED = Lane(
    jit=lambda function: function,
    residual=Problem.residual,
    linearize=Problem.linearize,
    vjp=lambda J, u: J.vjp(u),
    jvp=lambda J, v: J.jvp(v),
    least_norm=_least_norm,
    inexact=_inexact,
    at_floor=_at_floor,
    rows=Problem.rows,
    norm=norm,
    distance=lambda v, u: norm(v - u),
    copy=np.copyto,
    largest_row=lambda J: float(np.max(J.squared_row_norms())),
)


def _norm_in_order(v: FloatArray) -> float:
    square = float(np.add.accumulate(v * v)[-1])
    return math.sqrt(square) if TINY < square < HUGE else norm(v)


def _largest_row_in_order(J: Linearization) -> float:
    return float(np.max(np.add.accumulate(J.jacobian * J.jacobian, axis=1)[:, -1]))


# sums in the order of the compiled lane: a stage that begins inside compiled code begins the same
IN_ORDER = INTERPRETED._replace(norm=_norm_in_order, largest_row=_largest_row_in_order)


@cache
def interpreted_kernel(make_step: Callable[..., Any]) -> Callable[..., Any]:
    """Return the loop for a method, as it stands."""
    return iterate.make_iterate(INTERPRETED, make_step(INTERPRETED))


_NO_JACOBIAN = np.empty((0, 0))


class LaneBinding(NamedTuple):
    """A problem in its lane: as the kernels see it, and whether they are compiled."""

    problem: Any
    compiled: bool
    alive: Any = None

    def first_state(self, stage: Stage, w: FloatArray, r: FloatArray, J: Linearization) -> Any:
        """Return the first state of a stage; J in it is a Linearization, whatever the lane."""
        lane = IN_ORDER if self.compiled else INTERPRETED
        return stage.method.make_start(lane)(stage.options, w, r, J)

    def run(self, problem: Problem, stage: Stage, state: Any, *rest: Any) -> Any:
        """Run one chunk from a state; return (state, code, iterations).

        In states J is a Linearization, or None where the method has none. `rest` are the loop's
        arguments after the state.
        """
        method = stage.method
        if not self.compiled:
            return interpreted_kernel(method.make_step)(problem, stage.options, state, *rest)
        return self._run_compiled(problem, stage, state, rest)

    def _run_compiled(
        self, problem: Problem, stage: Stage, state: Any, rest: tuple[Any, ...]
    ) -> Any:
        from nlsolve.drivers import driver

        method = stage.method
        split = len(method.state._fields) - len(method.vectors)
        names = method.state._fields[3:split]
        kernel = driver(method.make_step.__module__, names, method.vectors)
        before = _NO_JACOBIAN if state.J is None else np.ascontiguousarray(state.J.jacobian)
        w, r, J = np.empty(problem.m), np.empty(problem.n), np.empty(before.shape)
        scalars, vectors = np.empty(len(names)), np.empty((len(method.vectors), problem.m))
        state = method.state(state[0], state[1], before, *state[3:])
        code, k = kernel.call(self.problem, stage.options, state, *rest, w, r, J, scalars, vectors)
        whole = None if before is _NO_JACOBIAN else Linearization(problem, w, r, J)
        return method.state(w, r, whole, *scalars.tolist(), *vectors), code, k


def choose_lane(problem: Problem, lane: str | None = None) -> LaneBinding:
    """Return the compiled lane for small jitted systems, else the interpreted one.

    Raises
    ------
    ValueError
        If the user asks for another lane, or for the compiled one where it cannot run.
    """
    if lane not in (None, "compiled", "interpreted"):
        raise ValueError(f"lane must be None, 'compiled' or 'interpreted', got {lane!r}")
    small = problem.n * problem.m <= LARGEST_COMPILED or lane == "compiled"
    bound = None
    bounded = problem.box is not None
    if lane != "interpreted" and small and problem.system.compilable and not bounded:
        from nlsolve import compiled

        bound = compiled.bind_problem(problem)
    if bound is not None:
        return LaneBinding(problem=bound[0], compiled=True, alive=bound[1])
    if lane == "compiled" and problem.system.tape is not None:
        raise ValueError(
            "lane='compiled' is for functions jitted by numba.njit; formulas are evaluated by an "
            "interpreter that is compiled already: leave lane out"
        )
    if lane == "compiled":
        raise ValueError(
            "lane='compiled' needs F, and jac and rows where given, jitted by numba.njit, jac "
            "exact, '2-point' or '3-point', and args of numbers and arrays; leave lane out, or jit"
        )
    return LaneBinding(problem=problem, compiled=False)
