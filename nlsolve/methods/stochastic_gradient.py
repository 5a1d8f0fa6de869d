"""How does mini-batch SGD move w?

w <- w - eta sum_{i in batch} J_i^T r_i: a batch of b equations drawn independently and uniformly
with replacement, afresh each time; the SUM over the batch, as in L = |r|^2 / 2. One iteration is an
epoch of ceil(n / b) draws, after which the whole residual is evaluated once, for the tests of the
loop.

A number for `step` is used as it is (theorem SGD speaks of it). 'kaczmarz' takes
eta = |r_b|^2 / |J_b^T r_b|^2, the step after which a linear system's w is nearest to its solutions;
for b = 1 it is 1 / |J_i|^2, the nonlinear Kaczmarz (Polyak) step.
"""

import math
from collections.abc import Callable
from typing import Any, NamedTuple

from nlsolve.methods.base import Lane, Method
from nlsolve.methods.epochs import EpochState, make_start


class StochasticGradient(NamedTuple):
    """Options of ``method='sgd'``.

    Parameters
    ----------
    step : float, 'kaczmarz', 'kernel' or 'certified'
        Constant step eta on the sum loss of the batch, or the Kaczmarz step. 'kernel' and
        'certified' are constant steps that `solve` finds at w0.
    batch : int
        Equations per draw, b.

    Examples
    --------
    >>> import nlsolve
    >>> nlsolve.StochasticGradient(batch=8)
    StochasticGradient(step='kaczmarz', batch=8)
    """

    step: float | str = "kaczmarz"
    batch: int = 1


def make_step(lane: Lane) -> Callable[..., EpochState]:
    """Bind the step, one epoch, to a lane."""
    residual, rows, vjp, norm = lane.residual, lane.rows, lane.vjp, lane.norm

    def step(problem: Any, options: Any, state: Any, draw: Any) -> EpochState:
        w = state.w
        for batch in draw:
            r, J = rows(problem, w, batch)
            gradient = vjp(J, r)
            eta = options.step
            if eta == 0.0:
                length = norm(gradient)
                ratio = norm(r) / length if length > 0.0 else 0.0
                eta = ratio * ratio  # a power of Python floats raises where this overflows
            if not math.isfinite(eta):
                continue  # this draw is too flat to step on
            w = w - eta * gradient
        return EpochState(w, residual(problem, w), state.J, math.nan, math.nan)

    return step


METHOD = Method(
    name="sgd",
    options=StochasticGradient,
    state=EpochState,
    make_start=make_start,
    make_step=make_step,
    choices={"step": ("kaczmarz",)},
    positive=("step", "batch"),
    draws="independent",
    max_iter=2000,
)
