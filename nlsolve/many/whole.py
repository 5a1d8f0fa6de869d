"""What is one whole solve inside compiled code, and many of them, one after the other?

`loop.Run` drives a run from Python, where Ctrl-C, callbacks and the clock are. Where nothing of
that is wanted, a run of one method is: F and J at w0, the method's first state, the loop of
iterate.py, and the best point seen where the last is no root. That is written for the compiled lane
only; the turns of the loop and the steps are the texts of both lanes.
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


def make_beginning(lane: Lane) -> Callable[..., Any]:
    """Return what makes the first row of a history."""

    def beginning(max_iter: int, length: float) -> Any:
        history = np.empty((max_iter + 1, COLUMNS))
        history[0, RESIDUAL] = length
        history[0, STEP] = history[0, DISTANCE] = history[0, PATH] = 0.0
        history[0, SIGMA_MIN] = history[0, PL_RATIO] = math.nan
        return history

    return beginning


def make_whole(lane: Lane, start: Callable[..., Any], iterate: Callable[..., Any]) -> Any:
    """Return one solve for a lane, a method's start and its loop."""
    residual, linearize, norm, copy = lane.residual, lane.linearize, lane.norm, lane.copy
    beginning = lane.jit(make_beginning(lane))
    vjp, stationarity = lane.vjp, lane.jit(make_stationarity(lane))
    behind = lane.jit(left_behind)

    def whole(problem: Any, options: Any, tol: float, max_iter: int, max_nfev: int, w: Any) -> Any:
        """Solve from w, which receives the last point; return (code, iterations, |r|)."""
        origin, best = w.copy(), w.copy()
        r = residual(problem, origin)
        state = start(options, origin, r, linearize(problem, origin, r))
        length, code, k = norm(r), RUNNING, 0
        tol *= 1.0 + norm(problem.y)
        memory, history = np.zeros(2), beginning(max_iter, length)
        memory[BEST] = length
        if problem.counts[RAISED] == 0 and length > tol:
            limits = Limits(tol, max_nfev, origin, norm(origin), True)
            draws = np.empty((1, 0, 0), np.int64)
            state, code, k = iterate(problem, options, state, limits, memory, best, history, draws)
        elif length <= tol:
            code = ROOT
        copy(w, state.w)
        if problem.counts[RAISED] > 0 or not length < math.inf:
            return RAISING, k, norm(state.r)
        code = MAX_ITER if code == RUNNING else code
        r, J = state.r, state.J
        if code != ROOT and code != FLOOR and behind(memory[BEST], norm(r)):
            copy(w, best)
            r = residual(problem, best)
            J = linearize(problem, best, r)
        length = norm(r)
        if code == STALLED and stationarity(vjp(J, r), w, r) <= STATIONARY:
            code = AT_STATIONARY
        return code, k, length

    return whole


def make_rows(lane: Lane, whole: Callable[..., Any], problem_of: Callable[..., Any]) -> Any:
    """Return the solves of many systems that differ in y, w0 and arguments."""

    def rows(
        recipe: Any, options: Any, tol: float, max_iter: int, max_nfev: int, Y: Any, blocks: Any,
        W: Any, found: Any, lengths: Any,
    ) -> int:  # fmt: skip
        """Solve each from its row of W, which receives the last point.

        `recipe` is what the systems share; `found` receives code, iterations and evaluations.
        """
        for i in range(W.shape[0]):
            problem = problem_of(recipe, Y[i], blocks[i], W.shape[1])
            code, k, lengths[i] = whole(problem, options, tol, max_iter, max_nfev, W[i])
            found[i, CODE], found[i, ITERATIONS] = code, k
            found[i, VALUES], found[i, JACOBIANS] = problem.counts[NFEV], problem.counts[NJEV]
        return 0

    return rows
