"""How low does gradient descent bring the loss of a system that has no solution? PL*_eps.

Over-determined, noisy or redundant equations, n >= m with full column rank. Theorem. If mu-PL*
holds on B(w0, R) wherever L >= eps, R >= rho0/(c sqrt(mu)), c = 1 - theta, and eta <= 2 theta/S
with S = L_F^2 + beta rho0 on that ball, then L <= eps at SOME
t <= ceil(log(L0/eps) / -log1p(-2 c eta mu)). One must stop there: later iterates are not covered.

A sufficient condition, sigma_m the m-th singular value at w0, R < sigma_m/beta: with v0 = J0^+ r0,
tau0 = |r0 - J0 v0|, tau = tau0 + beta R |v0| + (3/2) beta R^2 and eps > tau^2/2,

    mu = (sigma_m - beta R)^2 (1 - tau^2/(2 eps)).

Proof idea. |J^T r| >= sigma_m(w) |P r| with P the projection onto range J(w), and the part of r
outside of it is at most |r - J(w) (v0 + d)| <= tau, d = w - w0.

R >= rho0/(c sqrt(mu)) says 1 - tau^2/(2 eps) >= q^2, q = rho0/(c R (sigma_m - beta R)), so the
smallest eps of a ball is tau^2/(2 (1 - q^2)).
"""

import math
from collections.abc import Iterator
from typing import Any, NamedTuple

from nlsolve.certificates.arithmetic import (
    certainly_at_most,
    certainly_less,
    lesser,
    outward_down,
    outward_up,
    remaining,
    square_root,
)
from nlsolve.certificates.evidence import Ingredients, Refusal
from nlsolve.certificates.theorems.base import Conclusion, LinearPromise, Theorem, stepping
from nlsolve.certificates.theorems.gradient_descent import smoothness

LOWEST = 1e-18  # of the loss at the start: where nothing is left, as for linear F, ask no less
TRIED, FARTHEST = 64, 32.0  # radii, the largest in units of |r0|/sigma_m
THETAS = (0.02, 0.1, 0.25, 0.5)  # small ones reach a lower loss, large ones reach it sooner


class Ball(NamedTuple):
    """One ball and theta: the lowest loss, (sigma_m - beta R)^2, tau^2 and the longest step."""

    radius: float
    theta: float
    loss: Any
    kernel: Any
    outside: Any
    step: Any


def radii(given: Ingredients) -> Iterator[float]:
    """Yield the radii worth trying, evenly spaced in their logarithms.

    From |r0|/sigma_m, below which none will do, to where the ball or sigma_m - beta R ends, or q is
    so small that nothing is gained.
    """
    sigma, beta = float(given.lower("sigma_m")), float(given.upper("beta"))
    first, last = float(given.upper("rho0")) / sigma, given.ball.radius
    last = min(last, sigma / beta if beta > 0.0 else math.inf, FARTHEST * first)
    if first == 0.0:
        yield given.ball.radius
    elif first < last:
        for k in range(1, TRIED + 1):
            yield min(first * (last / first) ** (k / TRIED), last)


def ball(given: Ingredients, radius: float, theta: float) -> Ball | None:
    """Return what holds on one ball, None where it is too large or too small."""
    rho0, beta, sigma = given.upper("rho0"), given.upper("beta"), given.lower("sigma_m")
    smallest = outward_down(sigma - outward_up(beta * radius))
    if not certainly_less(0.0 * smallest, smallest):
        return None
    c = 1.0 - (theta + 0.0 * smallest)
    q = outward_up(rho0 / (c * radius * smallest))
    if not certainly_less(q, 1.0):
        return None
    slack = -lesser(-q, -0.1 + 0.0 * q)  # at least 0.1: else mu could round to nothing
    tau = given.upper("tau0") + beta * radius * (given.upper("v0") + 1.5 * (radius + 0.0 * sigma))
    tau = outward_up(tau)
    return Ball(
        radius, theta,
        outward_up(tau * tau / (2.0 * (1.0 - slack * slack))),
        outward_down(smallest * smallest),
        outward_up(tau * tau),
        outward_down(2.0 * theta / smoothness(given, radius)),
    )  # fmt: skip


def conclude(
    given: Ingredients, step: float | None = None, loss: float | None = None
) -> Conclusion:
    """Return the lowest loss that is reached for certain, or whether `loss` is and how soon."""
    if given.n < given.m:
        raise Refusal(f"pl-star-eps needs n >= m, has n = {given.n} and m = {given.m}")
    sigma = given.lower("sigma_m")
    if not certainly_less(0.0 * sigma, sigma):
        return Conclusion(False, "J(w) has no full column rank (sigma_m = 0)")
    tried = [ball(given, R, theta) for R in radii(given) for theta in THETAS]
    found = [one for one in tried if one is not None]
    found = stepping(found, step)
    best = min(found, key=lambda one: float(one.loss), default=None)
    start = given.upper("rho0") * given.upper("rho0") / 2.0
    wanted = start if loss is None else loss
    if best is None:
        return _no_radius(given, step)
    if not certainly_less(best.loss, wanted):
        return Conclusion(
            False,
            f"the loss is certain to fall to {float(best.loss):.4g}, not below {float(wanted):.4g}",
        )
    if loss is None:
        return concluded(given, best, step, outward_up(best.loss + LOWEST * start))
    inside = [one for one in found if certainly_at_most(one.loss, loss)]
    return min((concluded(given, one, step, loss) for one in inside), key=lambda one: one.rate)


def _no_radius(given: Ingredients, step: float | None) -> Conclusion:
    """Return the conclusion that no ball will do; R (sigma_m - beta R) <= sigma_m^2/(4 beta)."""
    rho0, sigma = float(given.upper("rho0")), float(given.lower("sigma_m"))
    beta = float(given.upper("beta"))
    most = sigma * (sigma / (4.0 * beta)) if beta > 0.0 else math.inf
    if rho0 < most:
        longer = "" if step is None else ", or a shorter step"
        return Conclusion(False, f"needs R with |r0| < R (sigma_m - beta R), a larger ball{longer}")
    return Conclusion(
        False,
        "needs R with |r0| < R (sigma_m - beta R), there is none: too much curvature, "
        f"needs |r0| < {most:.3g}, is {rho0:.3g}",
    )


def concluded(given: Ingredients, best: Ball, step: float | None, loss: Any) -> Conclusion:
    """Return the conclusion for one ball: L <= loss at some step."""
    eta = best.step if step is None else step
    mu = outward_down(best.kernel * (1.0 - outward_up(best.outside / (2.0 * loss))))
    c = 1.0 - (best.theta + 0.0 * mu)
    decrease, rho0 = outward_down(2.0 * c * eta * mu), given.upper("rho0")
    promise = LinearPromise(rho0, decrease, least=square_root(2.0 * loss))
    return Conclusion(
        True,
        radius=best.radius,
        mu=mu,
        step=eta,
        rate=remaining(decrease),
        loss=loss,
        promise=promise,
    )


THEOREM = Theorem("pl-star-eps", "pl-star-eps", "gd", False, conclude, ("step", "loss"))
