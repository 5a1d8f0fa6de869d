"""How does gradient descent move w, and with which step when the user gives none?

w <- w - eta J^T r, the gradient of L = |r|^2 / 2.

A number for `step` is used as it is, in every iteration: that is the iteration theorem GD speaks
of.

'auto' needs no tuning. The Cauchy step eta = |g|^2 / |J g|^2 minimises L exactly for linear F;
taken one iteration late it is the Barzilai-Borwein step, which does not zigzag and is not monotone.
It is halved until L(w - eta g) <= C - 1e-4 eta |g|^2, where C is the running average of past losses
of Zhang and Hager (2004), so that the occasional rise the method lives from is allowed.
"""

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from nlsolve.methods.base import Lane, Method

TRIALS = 60
MEMORY = 0.85


class GradientDescent(NamedTuple):
    """Options of ``method='gd'``.

    Parameters
    ----------
    step : float or 'auto'
        Constant step eta on the sum loss |r|^2 / 2, or a step found at every point.

    Examples
    --------
    >>> import nlsolve
    >>> nlsolve.GradientDescent(step=0.01)
    GradientDescent(step=0.01)
    """

    step: float | str = "auto"


class GradientDescentState(NamedTuple):
    """Where gradient descent is: next Cauchy step, average loss C and its weight."""

    w: Any
    r: Any
    J: Any
    sigma_min: float
    pl_ratio: float
    cauchy: float
    average: float
    weight: float


def start(options: GradientDescent, w: Any, r: Any, J: Any) -> GradientDescentState:
    """Return the first state; no Cauchy step is known yet."""
    return GradientDescentState(w, r, J, math.nan, math.nan, 0.0, 0.5 * float(np.dot(r, r)), 1.0)


def make_search(lane: Lane) -> Callable[..., Any]:
    """Return the search for a step that the average loss allows."""
    residual, norm = lane.residual, lane.norm

    def search(problem: Any, state: Any, gradient: Any, eta: float) -> Any:
        slope = norm(gradient)
        for _ in range(TRIALS):
            w = state.w - eta * gradient
            r = residual(problem, w)
            length = norm(r)
            if 0.5 * length * length <= state.average - 1e-4 * eta * slope * slope:
                return w, r
            eta *= 0.5
        return state.w, state.r

    return search


def make_step(lane: Lane) -> Callable[..., GradientDescentState]:
    """Bind the step to a lane."""
    residual, linearize, vjp, jvp = lane.residual, lane.linearize, lane.vjp, lane.jvp
    norm, search = lane.norm, lane.jit(make_search(lane))

    def step(problem: Any, options: Any, state: Any, draw: Any) -> GradientDescentState:
        gradient = vjp(state.J, state.r)
        before, slope, cauchy = norm(state.r), norm(gradient), 0.0
        ratio = slope / before if before > 0.0 else 0.0
        pl_ratio = ratio * ratio  # |grad L|^2 / (2 L)
        if options.step > 0.0:
            w = state.w - options.step * gradient
            r = residual(problem, w)
        else:
            image = norm(jvp(state.J, gradient))
            ratio = slope / image if image > 0.0 else 0.0
            cauchy = ratio * ratio  # a power of Python floats raises where this overflows
            w, r = search(problem, state, gradient, state.cauchy if state.cauchy > 0.0 else cauchy)
        length = norm(r)
        loss = 0.5 * length * length
        J = linearize(problem, w, r) if math.isfinite(loss) else state.J
        weight = MEMORY * state.weight + 1.0
        average = (MEMORY * state.weight * state.average + loss) / weight
        return GradientDescentState(w, r, J, math.nan, pl_ratio, cauchy, average, weight)

    return step


METHOD = Method(
    name="gd",
    options=GradientDescent,
    state=GradientDescentState,
    start=start,
    make_step=make_step,
    choices={"step": ("auto",)},
    positive=("step",),
    max_iter=10000,
)
