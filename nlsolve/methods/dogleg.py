"""How does Powell's dogleg move w when there are more unknowns than equations?

Of all d with |d| <= radius it looks for one that makes the linear model |r + J d| small, on a path
of two legs: from 0 along -g, g = J^T r, to the Cauchy point -t g, t = |g|^2 / |J g|^2, where the
model is least on that line; from there to the minimum-norm Gauss-Newton step -J^+ r. The step ends
where the path leaves the ball |d| <= radius, or at the Gauss-Newton step where that lies inside.

Both ends lie in the row space of J, on which J^T J is positive definite, also where J has lost rank
or n > m. So Powell's argument (1970) holds as for square systems: along the path |d| grows and the
model falls.

A step with gain <= 1e-4 (linear_model.py) is refused, and the radius becomes a quarter of the
step's length, as it does after a step with gain < 1/4; it doubles after a step to the edge of the
ball with gain > 3/4 (Nocedal and Wright, Numerical Optimization, 2nd ed. 2006, section 11.2). An
iteration costs one minimum-norm step, however many radii it tries.
"""

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from nlsolve.methods.base import Lane, Method
from nlsolve.methods.linear_model import (
    ACCEPTED,
    GOOD,
    POOR,
    make_cauchy,
    make_steepest,
    make_trial,
)

TRIALS = 40


class Dogleg(NamedTuple):
    """Options of ``method='dogleg'``.

    Parameters
    ----------
    initial_radius : float or 'auto'
        Length no first step exceeds, in units of w; 'auto' is 1 + |w0|.

    Examples
    --------
    >>> import nlsolve
    >>> nlsolve.Dogleg(initial_radius=0.5)
    Dogleg(initial_radius=0.5)
    """

    initial_radius: float | str = "auto"


class DoglegState(NamedTuple):
    """Where the dogleg is, and how far it trusts the linear model."""

    w: Any
    r: Any
    J: Any
    sigma_min: float
    pl_ratio: float
    radius: float


def make_start(lane: Lane) -> Callable[..., DoglegState]:
    """Return what makes the first state."""
    norm = lane.norm

    def start(options: Any, w: Any, r: Any, J: Any) -> DoglegState:
        given = float(options.initial_radius)  # 0: 'auto'
        radius = given if given > 0.0 else 1.0 + norm(w)
        return DoglegState(w, r, J, math.nan, math.nan, radius)

    return start


def make_path(lane: Lane) -> Callable[..., Any]:
    """Return the function that finds where the path leaves the ball."""
    norm = lane.norm

    def path(gradient: Any, slope: float, cauchy: float, newton: Any, radius: float) -> Any:
        length, reach = norm(newton), cauchy * slope
        if length <= radius:
            return newton
        if reach >= radius:
            return -(radius / slope) * gradient
        if not math.isfinite(length):
            return -cauchy * gradient
        leg = newton + cauchy * gradient
        # |t leg - cauchy g| = radius: the positive root of a quadratic, without cancellation
        across, inward = norm(leg), cauchy * float(np.dot(gradient, leg))
        missing = (radius - reach) * (radius + reach)
        t = missing / (math.hypot(inward, across * math.sqrt(missing)) - inward)
        return t * leg - cauchy * gradient

    return path


def make_step(lane: Lane) -> Callable[..., DoglegState]:
    """Bind the step to a lane."""
    linearize, least_norm, norm = lane.linearize, lane.least_norm, lane.norm
    steepest, find_cauchy = lane.jit(make_steepest(lane)), lane.jit(make_cauchy(lane))
    trial, path = lane.jit(make_trial(lane)), lane.jit(make_path(lane))

    def step(problem: Any, options: Any, state: Any, draw: Any) -> DoglegState:
        newton, sigma_min = least_norm(problem, state.J, state.r, 0.0)
        gradient, slope, pl_ratio = steepest(state)
        cauchy, radius = find_cauchy(state.J, gradient, slope), state.radius
        for _ in range(TRIALS):
            d = path(gradient, slope, cauchy, newton, radius)
            length = norm(d)
            w, r, gain = trial(problem, state, d)
            if gain < POOR:
                radius = 0.25 * length
            elif gain > GOOD and length > 0.99 * radius:
                radius *= 2.0
            if gain > ACCEPTED:
                return DoglegState(w, r, linearize(problem, w, r), sigma_min, pl_ratio, radius)
            if length == 0.0:
                break  # a stationary point
        return DoglegState(state.w, state.r, state.J, sigma_min, pl_ratio, state.radius)

    return step


METHOD = Method(
    name="dogleg",
    options=Dogleg,
    state=DoglegState,
    make_start=make_start,
    make_step=make_step,
    choices={"initial_radius": ("auto",)},
    positive=("initial_radius",),
    max_iter=500,
)
