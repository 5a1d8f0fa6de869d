"""How does Gauss-Newton move w when there are more unknowns than equations?

Of all d with r + J d = 0 it takes the shortest, d = -J^+ r = -J^T K^{-1} r (Ben-Israel 1966).
Near a root where J has full row rank |r| falls quadratically and w moves no further than it must.

Far from a root the full step may overshoot. Two ways to shorten it, w <- w + t d:

backtracking
    The first t = 1, ... with L(w + t d) <= L(w) + 1e-4 t <grad L, d>, next tries from the parabola
    through what is known, kept in [t/10, t/2]. L = |r|^2 / 2 and <grad L, d> = r . J d, which is
    -|r|^2 where J has full row rank.
adaptive
    Polyak and Tremba (2020). With beta a Lipschitz constant of J on the segment, |r(w + t d)| <= (1
    - t) |r| + beta t^2 |d|^2 / 2, least at t = min(1, |r| / (beta |d|^2)). beta is not known:
    doubled until the inequality holds, halved after each success.

A step that cannot be accepted however short leaves w unchanged, which the loop reads as a stall.

Where only products with J are known, d takes iterations. forcing='exact' goes on to rounding;
'eisenstat-walker' stops at |r + J d| <= eta |r|, eta = 0.9 (|r_k| / |r_{k-1}|)^1.618, but not below
0.9 eta_{k-1}^1.618 while that is above 0.1: little work far from a root, and superlinear
convergence near one (Eisenstat and Walker, SIAM J. Sci. Comput. 17 (1996) 16-32, choice 2).
"""

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from nlsolve.methods.base import Lane, Method

NONE, BACKTRACKING, ADAPTIVE = range(3)
TRIALS = 40
FIRST_FORCING, GOLDEN = 0.5, 0.5 * (1.0 + math.sqrt(5.0))


class GaussNewton(NamedTuple):
    """Options of ``method='gauss-newton'``.

    Parameters
    ----------
    damping : {'none', 'backtracking', 'adaptive'}
        Full steps (the ones theorem GN speaks of), Armijo backtracking on the loss, or the
        Polyak-Tremba step length.
    forcing : {'exact', 'eisenstat-walker'}
        How near to d the iteration comes where J is known by products only.

    Examples
    --------
    >>> import nlsolve
    >>> nlsolve.GaussNewton(damping="adaptive")
    GaussNewton(damping='adaptive', forcing='exact')
    """

    damping: str = "none"
    forcing: str = "exact"


class GaussNewtonState(NamedTuple):
    """Where Gauss-Newton is; curvature is the running estimate of beta (0: none yet).

    forcing is the last eta, before the |r| it was for; 0 at first.
    """

    w: Any
    r: Any
    J: Any
    sigma_min: float
    pl_ratio: float
    curvature: float
    forcing: float
    before: float


def make_start(lane: Lane) -> Callable[..., GaussNewtonState]:
    """Return what makes the first state."""

    def start(options: Any, w: Any, r: Any, J: Any) -> GaussNewtonState:
        return GaussNewtonState(w, r, J, math.nan, math.nan, 0.0, 0.0, 0.0)

    return start


def next_forcing(after: float, before: float, last: float) -> float:
    """Return eta at |r| = after, where eta was `last` at |r| = before."""
    if not 0.0 < after < before:
        return FIRST_FORCING
    least: float = 0.9 * last**GOLDEN
    eta: float = 0.9 * (after / before) ** GOLDEN
    return max(eta, least) if least > 0.1 else eta


def make_backtrack(lane: Lane) -> Callable[..., Any]:
    """Return the Armijo search along d."""
    residual, jvp, norm = lane.residual, lane.jvp, lane.norm

    def backtrack(problem: Any, state: Any, d: Any) -> Any:
        length = norm(state.r)
        loss = 0.5 * length * length
        slope = float(np.dot(state.r, jvp(state.J, d)))
        t = 1.0
        for _ in range(TRIALS):
            w = state.w + t * d
            r = residual(problem, w)
            length = norm(r)
            trial = 0.5 * length * length
            if trial <= loss + 1e-4 * t * slope and slope < 0.0:
                return w, r
            excess = trial - loss - t * slope
            parabola = -0.5 * slope * t * t / excess if excess > 0.0 else 0.0
            t = min(max(parabola, 0.1 * t), 0.5 * t) if math.isfinite(parabola) else 0.1 * t
        return state.w, state.r

    return backtrack


def make_adaptive(lane: Lane) -> Callable[..., Any]:
    """Return the Polyak-Tremba search along d."""
    residual, norm = lane.residual, lane.norm

    def adaptive(problem: Any, state: Any, d: Any) -> Any:
        before, length = norm(state.r), norm(d)
        square = length * length
        natural = before / square if square > 0.0 else 1.0
        beta = state.curvature if state.curvature > 0.0 else natural
        for _ in range(TRIALS):
            t = min(1.0, natural / beta)
            w = state.w + t * d
            r = residual(problem, w)
            promised = (1.0 - t) * before + 0.5 * beta * t * t * square
            if norm(r) <= promised and promised < before:
                return w, r, 0.5 * beta
            beta = max(2.0 * beta, natural)
        return state.w, state.r, beta

    return adaptive


def make_step(lane: Lane) -> Callable[..., GaussNewtonState]:
    """Bind the step to a lane."""
    residual, linearize, least_norm = lane.residual, lane.linearize, lane.least_norm
    norm, inexact, chosen = lane.norm, lane.inexact, lane.jit(next_forcing)
    backtrack, adaptive = lane.jit(make_backtrack(lane)), lane.jit(make_adaptive(lane))

    def step(problem: Any, options: Any, state: Any, draw: Any) -> GaussNewtonState:
        before, eta = norm(state.r), 0.0
        if options.forcing > 0:
            eta = chosen(before, state.before, state.forcing)
            d, sigma_min = inexact(problem, state.J, state.r, eta)
        else:
            d, sigma_min = least_norm(problem, state.J, state.r, 0.0)
        curvature = state.curvature
        if options.damping == BACKTRACKING:
            w, r = backtrack(problem, state, d)
        elif options.damping == ADAPTIVE:
            w, r, curvature = adaptive(problem, state, d)
        else:
            w = state.w + d
            r = residual(problem, w)
        J = linearize(problem, w, r) if math.isfinite(norm(r)) else state.J
        return GaussNewtonState(w, r, J, sigma_min, math.nan, curvature, eta, before)

    return step


METHOD = Method(
    name="gauss-newton",
    options=GaussNewton,
    state=GaussNewtonState,
    make_start=make_start,
    make_step=make_step,
    choices={
        "damping": ("none", "backtracking", "adaptive"),
        "forcing": ("exact", "eisenstat-walker"),
    },
)
