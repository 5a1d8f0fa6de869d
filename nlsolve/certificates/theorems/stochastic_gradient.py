"""Does mini-batch SGD converge from w0, with which probability?

w+ = w - eta sum_{i in batch} J_i^T r_i, batches of b equations drawn independently and uniformly
with replacement, afresh each step. On B(w0, R), R < sigma0/beta, let

    mu = (sigma0 - beta R)^2,   S = L_F^2 + beta (rho0 + L_F R),
    C = (b/n) G^2 + (b (b - 1)/n^2) L_F^2.

Theorem SGD [after Bassily, Belkin, Ma, arXiv 1811.02564; Liu, Zhu, Belkin]. If 0 < eta <=
mu/(S (mu (b - 1)/n + G^2)) and R >= 2 n rho0 sqrt(C)/(mu b delta), delta < 1, the iterates ever
leave B(w0, R) with probability at most delta, and with p = mu eta b/n the expected loss of those
still inside is at most (1 - p)^t L(w0). Hence after t steps

    P(left, or |r| > tol) <= delta + (1 - p)^t (rho0/tol)^2.

Proof idea. E|g|^2 <= 2 C L. The descent lemma's right side is not negative, because S >= L_F^2, so
the step that leaves does no harm. Jensen bounds the expected path by 2 n rho0 sqrt(C)/(mu b), and
Markov's inequality the probability that it exceeds R.

Among R the one with the smallest delta is taken, all constants at that same R. A count of steps is
true in probability only, never surely.
"""

import math
from collections.abc import Iterator
from typing import Any, NamedTuple

from nlsolve.certificates.arithmetic import (
    certainly_less,
    lesser,
    lower_end,
    outward_down,
    outward_up,
    remaining,
    square_root,
    upper_end,
)
from nlsolve.certificates.evidence import Ingredients
from nlsolve.certificates.theorems.base import (
    Conclusion,
    LinearPromise,
    Theorem,
    first_step,
    kernel_within,
    stepping,
    too_long,
)
from nlsolve.certificates.theorems.gradient_descent import largest_slope

EVEN, SMALLER = 32, 24  # radii tried: evenly spaced, and ever smaller ones


class Ball(NamedTuple):
    """What holds for one radius: probability of leaving, mu, the longest step."""

    radius: float
    delta: Any
    mu: Any
    step: Any


def largest_row(given: Ingredients, radius: Any) -> Any:
    """Return G on B(w0, radius): the smaller of what is known and its value at w0 + beta radius."""
    by_change = outward_up(given.upper("row_max") + given.upper("beta") * radius)
    return lesser(by_change, given.upper("G")) if given.has("G") else by_change


def ball(given: Ingredients, radius: float, batch: int) -> Ball | None:
    """Return what holds on one ball, None where it is too large."""
    mu = kernel_within(given, radius)
    if mu is None:
        return None
    n, rho0, beta = given.n, given.upper("rho0"), given.upper("beta")
    slope, row = largest_slope(given, radius), largest_row(given, radius)
    S = outward_up(slope * slope + beta * (rho0 + slope * radius))
    C = row * row * batch / n + slope * slope * (batch * (batch - 1)) / (n * n)
    return Ball(
        radius,
        outward_up(2.0 * n * rho0 * square_root(C) / (mu * batch * radius)),
        mu,
        outward_down(mu / (S * (mu * (batch - 1) / n + row * row))),
    )


def radii(given: Ingredients, curvature: Any) -> Iterator[float]:
    """Yield the radii worth trying: up to the ball given, below sigma0/beta."""
    reach = given.ball.radius
    if certainly_less(0.0 * curvature, curvature):
        reach = min(reach, 1.0 / float(curvature))
    for k in range(1, EVEN + 1):
        yield reach * k / EVEN
    for k in range(1, SMALLER):
        yield reach / EVEN * 0.7**k


def conclude(given: Ingredients, step: float | None = None, batch: int = 1) -> Conclusion:
    """Apply theorem SGD, to the given step or to the longest one."""
    _, curvature, h = first_step(given)
    balls = [ball(given, radius, batch) for radius in radii(given, curvature)]
    found = [one for one in balls if one is not None and one.radius > 0.0]
    allowed = stepping(found, step)
    if found and not allowed:
        return too_long(found, step, h)
    best = min(allowed, key=lambda one: float(one.delta), default=None)
    if best is None or not certainly_less(best.delta, 1.0):
        delta = math.inf if best is None else float(best.delta)
        return Conclusion(
            False,
            f"needs a probability of leaving the ball below 1, has {delta:.3g} at best: "
            f"needs |r0| < {float(given.upper('rho0')) / delta:.3g}, "
            f"is {float(given.upper('rho0')):.3g}",
            h=h,
        )
    return concluded(given, best, step, batch, h)


def concluded(given: Ingredients, best: Ball, step: float | None, batch: int, h: Any) -> Conclusion:
    """Return the conclusion for one ball and step."""
    eta = best.step if step is None else step
    decrease, rho0 = outward_down(best.mu * eta * batch / given.n), given.upper("rho0")
    # after the steps counted, |r| > tol has at most this probability on top of delta
    share = min(lower_end(best.delta), (1.0 - upper_end(best.delta)) / 2.0)
    return Conclusion(
        True, h=h, radius=best.radius, mu=best.mu, step=eta, rate=remaining(decrease),
        probability=best.delta, promise=LinearPromise(rho0, decrease, share=share),
        batch=batch,
    )  # fmt: skip


THEOREM = Theorem("sgd", "convergence", "sgd", False, conclude, ("step", "batch"))
