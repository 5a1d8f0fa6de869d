"""How does Levenberg-Marquardt move w, with damping in the space of equations?

d = -J^T (K + lambda I)^{-1} r, which is the same d as (J^T J + lambda I)^{-1} applied to -J^T r,
but needs only the n x n matrix K (m >= n, often m >> n). It solves min |r + J d|^2 + lambda |d|^2,
is never longer than the Gauss-Newton step, and exists at points where J loses rank.

lambda = nu |r|, so that the damping vanishes with the residual and the convergence near a root
stays quadratic (Fan and Yuan 2005). nu follows the gain ratio (linear_model.py): a step with
gain <= 1e-4 is tried again with a larger nu, growing ever faster; nu falls to a tenth where
gain > 3/4 and rises fourfold where gain < 1/4.
"""

import math
from collections.abc import Callable
from typing import Any, NamedTuple

from nlsolve.methods.base import Lane, Method
from nlsolve.methods.linear_model import ACCEPTED, GOOD, POOR, make_trial

TRIALS = 30


class LevenbergMarquardt(NamedTuple):
    """Options of ``method='levenberg-marquardt'``.

    Parameters
    ----------
    initial_damping : float
        First lambda, relative to the largest squared row norm of J.

    Examples
    --------
    >>> import nlsolve
    >>> nlsolve.LevenbergMarquardt(initial_damping=1.0)
    LevenbergMarquardt(initial_damping=1.0)
    """

    initial_damping: float = 1e-3


class LevenbergMarquardtState(NamedTuple):
    """Where Levenberg-Marquardt is; lambda = nu |r|."""

    w: Any
    r: Any
    J: Any
    sigma_min: float
    pl_ratio: float
    nu: float


def make_start(lane: Lane) -> Callable[..., LevenbergMarquardtState]:
    """Return what makes the first state: lambda a given part of the largest diagonal entry of K."""
    norm, largest_row = lane.norm, lane.largest_row

    def start(options: Any, w: Any, r: Any, J: Any) -> LevenbergMarquardtState:
        largest, length = largest_row(J), norm(r)
        scale = largest if largest > 0.0 else 1.0
        nu = options.initial_damping * scale / length if length > 0.0 else 1.0
        return LevenbergMarquardtState(w, r, J, math.nan, math.nan, nu)

    return start


def make_step(lane: Lane) -> Callable[..., LevenbergMarquardtState]:
    """Bind the step to a lane."""
    linearize, least_norm, norm = lane.linearize, lane.least_norm, lane.norm
    trial = lane.jit(make_trial(lane))

    def step(problem: Any, options: Any, state: Any, draw: Any) -> LevenbergMarquardtState:
        nu, growth, sigma_min = state.nu, 4.0, math.nan
        for _ in range(TRIALS):
            d, sigma_min = least_norm(problem, state.J, state.r, nu * norm(state.r))
            w, r, gain = trial(problem, state, d)
            if gain > ACCEPTED:
                nu = nu * 0.1 if gain > GOOD else (nu * 4.0 if gain < POOR else nu)
                J = linearize(problem, w, r)
                return LevenbergMarquardtState(w, r, J, sigma_min, math.nan, nu)
            nu, growth = nu * growth, 2.0 * growth
        return LevenbergMarquardtState(state.w, state.r, state.J, sigma_min, math.nan, nu)

    return step


METHOD = Method(
    name="levenberg-marquardt",
    options=LevenbergMarquardt,
    state=LevenbergMarquardtState,
    make_start=make_start,
    make_step=make_step,
    positive=("initial_damping",),
    max_iter=500,
)
