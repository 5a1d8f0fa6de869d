"""How does the randomized block Kaczmarz method move w?

w <- w - J_B^+ r_B: the minimum-norm Gauss-Newton step for a block B of b equations, which solves
those, linearised, and leaves the others alone. One iteration is an epoch: the equations in random
order, cut into ceil(n / b) blocks (the last is filled up with equations from the first), after
which the whole residual is evaluated once, for the tests of the loop. With `rows=` a step costs a
block, in time and memory; b = n is Gauss-Newton, b = 1 Kaczmarz' method (1937).

For linear systems each step projects w on the solutions of its block, so the distance to the
nearest solution never grows. Where blocks are drawn independently and uniformly,

    E |w_k - w*|^2 <= (1 - mu)^k |w_0 - w*|^2,  mu = least nonzero eigenvalue of E [J_B^+ J_B]

(Gower and Richtarik 2015; Strohmer and Vershynin 2009 for b = 1 with rows of one length; Needell
and Tropp 2014 for fixed blocks). Sharing out the equations, as here, was faster wherever we
measured it (docs/how-to/methods.md); no theorem says so. The nonlinear iteration is the
Newton-Raphson method of Yuan, Lazaric and Gower (2022), sketched by rows.
"""

import math
from collections.abc import Callable
from typing import Any, NamedTuple

from nlsolve.methods.base import Lane, Method
from nlsolve.methods.epochs import EpochState, make_start


class BlockKaczmarz(NamedTuple):
    """Options of ``method='block-kaczmarz'``.

    Parameters
    ----------
    batch : int
        Equations per block, b.

    Examples
    --------
    >>> import nlsolve
    >>> nlsolve.BlockKaczmarz(batch=32)
    BlockKaczmarz(batch=32)
    """

    batch: int = 8


def make_step(lane: Lane) -> Callable[..., EpochState]:
    """Bind the step, one epoch, to a lane."""
    residual, rows, least_norm, norm = lane.residual, lane.rows, lane.least_norm, lane.norm

    def step(problem: Any, options: Any, state: Any, draw: Any) -> EpochState:
        w = state.w
        for block in draw:
            r, J = rows(problem, w, block)
            d = least_norm(problem, J, r, 0.0)[0]
            if math.isfinite(norm(d)):  # otherwise this block is too flat to step on
                w = w + d
        return EpochState(w, residual(problem, w), state.J, math.nan, math.nan)

    return step


METHOD = Method(
    name="block-kaczmarz",
    options=BlockKaczmarz,
    state=EpochState,
    make_start=make_start,
    make_step=make_step,
    positive=("batch",),
    draws="reshuffled",
    max_iter=2000,
)
