"""What happens in one turn of the loop, and when does it stop?

This is the one loop of the package, written once for both lanes: interpreted it runs as it
stands, compiled it is the same text under numba. It takes steps until one of the tests below
says stop or the chunk it was given is used up; the state is a value, so going on is free.

The tests, in this order, with r = F(w) - y and u the unit roundoff:

- RAISED      the user's function raised an exception (seen through a flag, in the compiled lane);
              the state stays the one before
- NON_FINITE  |r| is not a finite number
- ROOT        |r| <= tol
- DIVERGED    |w| > 1e150 (1 + |w0|)
- FLOOR       the step did not quarter |r|, and every row is at its rounding floor,
              |r_i| <= 8 u (sum_j |J_ij| |w_j| + |y_i|), where F is linear at that scale,
              and |w| <= 1e8 (1 + |w0|)
- STALLED     the step does not change w, or |r| has not changed by more than 1e-13 |r| five times
              in a row (methods that draw at random excepted). What kind of point this is, is for
              the caller to find out.
- MAX_NFEV    as many evaluations as were allowed
"""

import math
from collections.abc import Callable
from typing import Any, NamedTuple

from nlsolve.methods.base import Lane

RUNNING, RAISED, NON_FINITE, ROOT, FLOOR, DIVERGED, STALLED, MAX_NFEV = range(8)

# columns of the history
RESIDUAL, STEP, DISTANCE, PATH, SIGMA_MIN, PL_RATIO = range(6)
COLUMNS = 6

# cells of the memory, which lives from chunk to chunk
STALLS, BEST = range(2)

STATIONARY = 1e-5  # of what make_stationarity returns
ROUNDOFF = 2.0**-53
NO_CHANGE = 1e-13
PATIENCE = 5
FAR_AWAY = 1e150
BEYOND = 1e8  # times 1 + |w0|: no point so far away counts as best, or as at its floor


class Limits(NamedTuple):
    """What ends a run.

    Absolute residual tolerance, evaluations, the origin w0 and its norm, and whether an iteration
    that changes nothing means that none will (not so for random ones).
    """

    tol: float
    max_nfev: int
    origin: Any
    start: float
    settles: bool


def make_stationarity(lane: Lane) -> Callable[..., float]:
    """Return what says how much of |r| a relative move of w can remove, to first order.

    |J^T r| max(1, |w|) / |r|^2, about d log L for a move of the size of w: 1 or more where steps
    help, near 0 at stationary points that are not roots.
    """
    norm = lane.norm

    def stationarity(gradient: Any, w: Any, r: Any) -> float:
        length = norm(r)
        square = length * length
        return norm(gradient) * max(1.0, norm(w)) / square if square > 0.0 else 0.0

    return stationarity


def left_behind(best: float, last: float) -> bool:
    """Return whether the best |r| seen is noticeably below the last; NaN is worse than any."""
    return not best >= (1.0 - 1e-9) * last


def make_verdict(lane: Lane) -> Callable[..., int]:
    """Return the test of one step for a lane."""
    at_floor, norm = lane.at_floor, lane.norm

    def verdict(
        problem: Any, limits: Any, before: float, after: float, state: Any, step: float, memory: Any
    ) -> int:
        if not math.isfinite(after):
            return NON_FINITE
        if after <= limits.tol:
            return ROOT
        length = norm(state.w)
        if not length <= FAR_AWAY * (1.0 + limits.start):
            return DIVERGED
        still = step <= 2 * ROUNDOFF * length
        stuck = still or after > 0.25 * before
        if stuck and length <= BEYOND * (1.0 + limits.start):  # noqa: SIM102  (cheap ones first)
            if at_floor(problem, state.J, state.w, state.r):
                return FLOOR
        memory[STALLS] = memory[STALLS] + 1 if abs(before - after) <= NO_CHANGE * before else 0
        if limits.settles and (still or memory[STALLS] >= PATIENCE):
            return STALLED
        if problem.counts[0] >= limits.max_nfev:
            return MAX_NFEV
        return RUNNING

    return verdict


def make_iterate(lane: Lane, step: Callable[..., Any]) -> Callable[..., Any]:
    """Return the loop for a lane and a method's step."""
    verdict = lane.jit(make_verdict(lane))
    norm, distance, copy = lane.norm, lane.distance, lane.copy

    def iterate(
        problem: Any, options: Any, state: Any, limits: Any, memory: Any, best: Any, history: Any,
        draws: Any,
    ) -> Any:  # fmt: skip
        """Take steps until a stop or until the history is full; row 0 is where we start from.

        `best` receives w wherever |r| is the lowest so far; `draws[k]` holds the random equation
        numbers of turn k (empty for methods that draw none).
        """
        k, code = 0, RUNNING
        while code == RUNNING and k < history.shape[0] - 1:
            new = step(problem, options, state, draws[k % draws.shape[0]])
            if problem.counts[2] > 0:
                return state, RAISED, k
            w, state = state.w, new
            history[k, SIGMA_MIN], history[k, PL_RATIO] = state.sigma_min, state.pl_ratio
            before, after, moved = history[k, RESIDUAL], norm(state.r), distance(state.w, w)
            k += 1
            history[k, RESIDUAL] = after
            history[k, STEP] = moved
            history[k, DISTANCE] = distance(state.w, limits.origin)
            history[k, PATH] = history[k - 1, PATH] + moved
            history[k, SIGMA_MIN] = history[k, PL_RATIO] = math.nan
            if after < memory[BEST] and history[k, DISTANCE] <= BEYOND * (1.0 + limits.start):
                memory[BEST] = after
                copy(best, state.w)
            code = verdict(problem, limits, before, after, state, moved, memory)
        return state, code, k

    return iterate
