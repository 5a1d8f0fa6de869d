"""How does gradient descent move w, and with which step when the user gives none?

w <- w - eta J^T r, the gradient of L = |r|^2 / 2.

A number for `step` is used as it is, in every iteration: that is the iteration theorem GD speaks
of.

'auto' needs no tuning. The Cauchy step eta = |g|^2 / |J g|^2 minimises L exactly for linear F;
taken one iteration late it is the Barzilai-Borwein step, which does not zigzag and is not monotone.
It is halved until L(w - eta g) <= C - 1e-4 eta |g|^2, where C is the running average of past losses
of Zhang and Hager (2004), so that the occasional rise the method lives from is allowed.

With momentum, each move v is in part repeated by the next. With push = v - eta g,

    heavy-ball   w <- w + push                (Polyak 1964)    v <- beta push
    nesterov     w <- w - eta g + beta push   (Nesterov 1983)  v <- beta push

where beta = (t - 1) / t+ and t <- t+ = (1 + sqrt(1 + 4 t^2)) / 2 grow from t = 1. Both begin anew,
from v = 0 and t = 1, where push points uphill, g . push >= 0: the gradient scheme of O'Donoghue
and Candes (2015), derived for Nesterov's method, where it often comes near the rate of the best
constant beta.

With momentum 'auto' begins anew also where the loss would rise (their function scheme), so that it
never does. Then twice the last eta is halved until L(w - eta g) <= L(w) - eta |g|^2 / 2, as any
eta <= 1/S does, S a Lipschitz constant of the gradient; eta stays until momentum begins anew.
"""

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from nlsolve.methods.base import Lane, Method
from nlsolve.methods.linear_model import make_cauchy, make_steepest

NONE, HEAVY_BALL, NESTEROV = range(3)
TRIALS = 60
MEMORY = 0.85
FIRST = 0.5 * (1.0 + math.sqrt(5.0))  # t after the first step


class GradientDescent(NamedTuple):
    """Options of ``method='gd'``.

    Parameters
    ----------
    step : float, 'auto', 'kernel' or 'certified'
        Constant step eta on the sum loss |r|^2 / 2, or a step found at every point. 'kernel' and
        'certified' are constant steps that `solve` finds at w0.
    momentum : {'none', 'heavy-ball', 'nesterov'}
        Repeat a part of each move in the next, with adaptive restart. Many times fewer iterations
        where the step is constant; 'auto' gains by it where K has a large condition number only
        (docs/how-to/methods.md has figures).

    Examples
    --------
    >>> import nlsolve
    >>> nlsolve.GradientDescent(step=0.01)
    GradientDescent(step=0.01, momentum='none')
    """

    step: float | str = "auto"
    momentum: str = "none"


class GradientDescentState(NamedTuple):
    """Where gradient descent is: next step (0: none yet), average loss C and its weight; t, v."""

    w: Any
    r: Any
    J: Any
    sigma_min: float
    pl_ratio: float
    eta: float
    average: float
    weight: float
    t: float
    v: Any


def make_start(lane: Lane) -> Callable[..., GradientDescentState]:
    """Return what makes the first state; no step is known yet."""
    norm = lane.norm

    def start(options: Any, w: Any, r: Any, J: Any) -> GradientDescentState:
        length, still = norm(r), np.zeros_like(w)
        loss = 0.5 * length * length
        return GradientDescentState(w, r, J, math.nan, math.nan, 0.0, loss, 1.0, 1.0, still)

    return start


def make_search(lane: Lane) -> Callable[..., Any]:
    """Return the search for a step after which the loss is low enough."""
    residual, norm = lane.residual, lane.norm

    def search(
        problem: Any, state: Any, gradient: Any, slope: float, eta: float, loss: float, share: float
    ) -> Any:
        """Halve eta until L(w - eta g) <= loss - share eta |g|^2."""
        for _ in range(TRIALS):
            w = state.w - eta * gradient
            r = residual(problem, w)
            length = norm(r)
            if 0.5 * length * length <= loss - share * eta * slope * slope:
                return w, r, eta
            eta *= 0.5
        return state.w, state.r, eta

    return search


def make_plain(lane: Lane, cauchy: Any, search: Any) -> Callable[..., Any]:
    """Return the step without momentum: the new point, and the step to try there."""
    residual = lane.residual

    def plain(problem: Any, options: Any, state: Any, gradient: Any, slope: float) -> Any:
        if options.step > 0.0:
            w = state.w - options.step * gradient
            return w, residual(problem, w), options.step
        eta = cauchy(state.J, gradient, slope)
        tried = state.eta if state.eta > 0.0 else eta
        w, r, _ = search(problem, state, gradient, slope, tried, state.average, 1e-4)
        return w, r, eta

    return plain


def make_accelerated(lane: Lane, cauchy: Any, search: Any) -> Callable[..., Any]:
    """Return the step with momentum: the new point, and eta, t and v for the next."""
    residual, norm = lane.residual, lane.norm

    def accelerated(problem: Any, options: Any, state: Any, gradient: Any, slope: float) -> Any:
        eta = options.step if options.step > 0.0 else state.eta
        push = state.v - eta * gradient
        longer = 0.5 * (1.0 + math.sqrt(1.0 + 4.0 * state.t * state.t))
        v = (state.t - 1.0) / longer * push
        if state.t > 1.0 and float(np.dot(gradient, push)) < 0.0:
            w = state.w + push if options.momentum == HEAVY_BALL else state.w - eta * gradient + v
            r = residual(problem, w)
            if options.step > 0.0 or norm(r) <= norm(state.r):
                return w, r, eta, longer, v
        length, v = norm(state.r), np.zeros_like(push)
        if options.step > 0.0:
            w = state.w - eta * gradient
            return w, residual(problem, w), eta, FIRST, v
        eta = 2.0 * eta if eta > 0.0 else cauchy(state.J, gradient, slope)
        w, r, eta = search(problem, state, gradient, slope, eta, 0.5 * length * length, 0.5)
        return w, r, eta, FIRST, v

    return accelerated


def make_step(lane: Lane) -> Callable[..., GradientDescentState]:
    """Bind the step to a lane."""
    linearize, norm, steepest = lane.linearize, lane.norm, lane.jit(make_steepest(lane))
    line = lane.jit(make_cauchy(lane)), lane.jit(make_search(lane))
    plain, accelerated = lane.jit(make_plain(lane, *line)), lane.jit(make_accelerated(lane, *line))

    def step(problem: Any, options: Any, state: Any, draw: Any) -> GradientDescentState:
        gradient, slope, pl_ratio = steepest(state)
        t, v = state.t, state.v
        if options.momentum == NONE:
            w, r, eta = plain(problem, options, state, gradient, slope)
        else:
            w, r, eta, t, v = accelerated(problem, options, state, gradient, slope)
        length = norm(r)
        loss = 0.5 * length * length
        J = linearize(problem, w, r) if math.isfinite(loss) else state.J
        weight = MEMORY * state.weight + 1.0
        average = (MEMORY * state.weight * state.average + loss) / weight
        return GradientDescentState(w, r, J, math.nan, pl_ratio, eta, average, weight, t, v)

    return step


METHOD = Method(
    name="gd",
    options=GradientDescent,
    state=GradientDescentState,
    make_start=make_start,
    make_step=make_step,
    choices={"step": ("auto",), "momentum": ("none", "heavy-ball", "nesterov")},
    vectors=("v",),
    positive=("step",),
    max_iter=10000,
)
