"""What does the linear model r + J d say about a step, and how much of it comes true?

make_steepest   the gradient g = J^T r of L = |r|^2 / 2, |g|, and |g|^2 / (2 L)
make_cauchy     the Cauchy step t = |g|^2 / |J g|^2, at which |r - t J g| is least
make_trial      the gain of a step d,

                    gain = (|r|^2 - |r(w + d)|^2) / (|r|^2 - |r + J d|^2)

                by which methods that accept or refuse whole steps are steered (Nocedal and Wright,
                Numerical Optimization, 2nd ed. 2006, section 11.2)
"""

import math
from collections.abc import Callable
from typing import Any

from nlsolve.methods.base import Lane

ACCEPTED = 1e-4  # a step with a smaller gain is refused
POOR, GOOD = 0.25, 0.75  # the model is trusted less from here on, or more


def make_steepest(lane: Lane) -> Callable[..., Any]:
    """Return the function that finds (g, |g|, |g|^2 / |r|^2) at a state's point."""
    vjp, norm = lane.vjp, lane.norm

    def steepest(state: Any) -> Any:
        gradient = vjp(state.J, state.r)
        slope, length = norm(gradient), norm(state.r)
        ratio = slope / length if length > 0.0 else 0.0
        return gradient, slope, ratio * ratio  # a power of Python floats raises on overflow

    return steepest


def make_cauchy(lane: Lane) -> Callable[..., float]:
    """Return the function that finds the Cauchy step; 0 where J g vanishes."""
    jvp, norm = lane.jvp, lane.norm

    def cauchy(J: Any, gradient: Any, slope: float) -> float:
        image = norm(jvp(J, gradient))
        ratio = slope / image if image > 0.0 else 0.0
        return ratio * ratio

    return cauchy


def make_trial(lane: Lane) -> Callable[..., Any]:
    """Return the trial of a step d: the new point, its residual, and the gain (-1: none)."""
    residual, jvp, norm = lane.residual, lane.jvp, lane.norm

    def trial(problem: Any, state: Any, d: Any) -> Any:
        w = state.w + d
        r = residual(problem, w)
        # differences of squares as products, which neither cancel as much nor overflow
        before, model, after = norm(state.r), norm(state.r + jvp(state.J, d)), norm(r)
        predicted = (before - model) * (before + model)
        gain = (before - after) * (before + after) / predicted if predicted > 0.0 else -1.0
        return w, r, gain if math.isfinite(gain) else -1.0

    return trial
