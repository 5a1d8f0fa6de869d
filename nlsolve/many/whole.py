"""What is one whole solve inside compiled code, and many of them, one after the other?

`loop.Run` drives a run from Python, where Ctrl-C, callbacks and the clock are. Where nothing of
that is wanted, a run of one method is: F and J at w0, the method's first state, the loop of
iterate.py, and the best point seen where the last is no root. Of a run of several stages it is one:
points, norms and counts then go on to the next, and nothing returns to the best point. That is
written for the compiled lane only; the turns of the loop and the steps are the texts of both lanes.
"""

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from nlsolve.iterate import (
    BEST,
    COLUMNS,
    DISTANCE,
    FLOOR,
    MAX_NFEV,
    PATH,
    PL_RATIO,
    RESIDUAL,
    ROOT,
    RUNNING,
    SIGMA_MIN,
    STALLED,
    STATIONARY,
    STEP,
    Limits,
    left_behind,
    make_stationarity,
)
from nlsolve.methods.base import Lane
from nlsolve.systems.linearization import NFEV, NJEV, RAISED

# how such a run may end beside the codes of iterate.py
MAX_ITER, AT_STATIONARY, RAISING = range(MAX_NFEV + 1, MAX_NFEV + 4)

# columns of what is found beside w and |r|
CODE, ITERATIONS, VALUES, JACOBIANS = range(4)
FINDINGS = 4

# what a solve is of a run: all of it, its first stage, or a later one
ALONE, FIRST, LATER = range(3)

# points of a system, and norms of its residual: at the last and at the best
POINT, ORIGIN, BEST_POINT = range(3)
LAST_NORM, BEST_NORM = range(2)


def make_beginning(lane: Lane) -> Callable[..., Any]:
    """Return what makes the first row of a history."""

    def beginning(max_iter: int, length: float) -> Any:
        history = np.empty((max_iter + 1, COLUMNS))
        history[0, RESIDUAL] = length
        history[0, STEP] = history[0, DISTANCE] = history[0, PATH] = 0.0
        history[0, SIGMA_MIN] = history[0, PL_RATIO] = math.nan
        return history

    return beginning


def make_settle(lane: Lane) -> Callable[..., Any]:
    """Return what ends a run: at the best point seen, where the last is no root."""
    residual, linearize, norm, copy = lane.residual, lane.linearize, lane.norm, lane.copy
    vjp, stationarity = lane.vjp, lane.jit(make_stationarity(lane))
    behind = lane.jit(left_behind)

    def settle(problem: Any, code: int, w: Any, best: Any, r: Any, J: Any, lengths: Any) -> int:
        if code != ROOT and code != FLOOR and behind(lengths[BEST_NORM], lengths[LAST_NORM]):
            copy(w, best)
            r = residual(problem, best)
            J = linearize(problem, best, r)
        lengths[LAST_NORM] = norm(r)
        if code == STALLED and stationarity(vjp(J, r), w, r) <= STATIONARY:
            return AT_STATIONARY
        return code

    return settle


def make_whole(lane: Lane, start: Callable[..., Any], iterate: Callable[..., Any]) -> Any:
    """Return one solve for a lane, a method's start and its loop."""
    residual, linearize, norm, copy = lane.residual, lane.linearize, lane.norm, lane.copy
    beginning = lane.jit(make_beginning(lane))
    settle = lane.jit(make_settle(lane))

    def whole(
        problem: Any, options: Any, tol: float, max_iter: int, max_nfev: int, place: int,
        points: Any, lengths: Any,
    ) -> Any:  # fmt: skip
        """Solve from points[POINT], which receives the last point; return (code, iterations)."""
        w, best, began = points[POINT], points[BEST_POINT], points[POINT].copy()
        r = residual(problem, began)
        state = start(options, began, r, linearize(problem, began, r))
        length, code, k = norm(r), RUNNING, 0
        if place != LATER:
            copy(points[ORIGIN], w)
            copy(best, w)
            lengths[BEST_NORM] = length
        origin = points[ORIGIN].copy()
        lengths[LAST_NORM] = length
        tol *= 1.0 + norm(problem.y)
        memory, history = np.zeros(2), beginning(max_iter, length)
        memory[BEST] = lengths[BEST_NORM]
        if problem.counts[RAISED] == 0 and length > tol:
            limits = Limits(tol, max_nfev, origin, norm(origin), True)
            draws = np.empty((1, 0, 0), np.int64)
            state, code, k = iterate(problem, options, state, limits, memory, best, history, draws)
        elif length <= tol:
            code = ROOT
        copy(w, state.w)
        lengths[LAST_NORM], lengths[BEST_NORM] = norm(state.r), memory[BEST]
        if problem.counts[RAISED] > 0 or not length < math.inf:
            return RAISING, k
        code = MAX_ITER if code == RUNNING else code
        if place != ALONE:
            return code, k
        return settle(problem, code, w, best, state.r, state.J, lengths), k

    return whole


def make_rows(lane: Lane, whole: Callable[..., Any], problem_of: Callable[..., Any]) -> Any:
    """Return the solves of many systems that differ in y, w0 and arguments."""

    def rows(
        recipe: Any, options: Any, tol: float, max_iter: int, max_nfev: int, place: int, Y: Any,
        blocks: Any, points: Any, found: Any, lengths: Any,
    ) -> int:  # fmt: skip
        """Solve each from its points; later stages add to what is found.

        `recipe` is what the systems share; `found` receives code, iterations and evaluations.
        """
        for i in range(points.shape[0]):
            problem = problem_of(recipe, Y[i], blocks[i], points.shape[2])
            if place == LATER:
                problem.counts[NFEV], problem.counts[NJEV] = found[i, VALUES], found[i, JACOBIANS]
            else:
                found[i, ITERATIONS] = 0
            found[i, CODE], k = whole(
                problem, options, tol, max_iter, max_nfev, place, points[i], lengths[i]
            )
            found[i, ITERATIONS] += k
            found[i, VALUES], found[i, JACOBIANS] = problem.counts[NFEV], problem.counts[NJEV]
        return 0

    return rows
