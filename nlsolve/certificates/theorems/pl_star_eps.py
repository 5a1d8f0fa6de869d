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

from typing import Any, NamedTuple

from nlsolve.certificates.arithmetic import (
    certainly_at_most,
    certainly_less,
    no_more_than,
    outward_down,
    outward_up,
    remaining,
    square_root,
)
from nlsolve.certificates.evidence import Ingredients, Refusal
from nlsolve.certificates.theorems.base import Conclusion, LinearPromise, Theorem
from nlsolve.certificates.theorems.gradient_descent import smoothness
from nlsolve.certificates.theorems.stochastic_gradient import radii

LOWEST = 1e-18  # of the loss at the start: where nothing is left, as for linear F, ask no less
THETAS = (0.02, 0.1, 0.25, 0.5)  # small ones reach a lower loss, large ones reach it sooner


class Ball(NamedTuple):
    """One ball and theta: the lowest loss, (sigma_m - beta R)^2, tau^2 and the longest step."""

    radius: float
    theta: float
    loss: Any
    kernel: Any
    outside: Any
    step: Any


def ball(given: Ingredients, radius: float, theta: float) -> Ball | None:
    """Return what holds on one ball, None where it is too large or too small."""
    rho0, beta, sigma = given.upper("rho0"), given.upper("beta"), given.lower("sigma_m")
    smallest = outward_down(sigma - outward_up(beta * radius))
    if not certainly_less(0.0 * smallest, smallest):
        return None
    q = outward_up(rho0 / ((1.0 - theta) * radius * smallest))
    if not certainly_less(q, 1.0):
        return None
    slack = max(q, 0.1 + 0.0 * q, key=float)  # else mu = 0.01 kernel could round to nothing
    tau = given.upper("tau0") + beta * radius * (given.upper("v0") + 1.5 * radius)
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
    curvature = given.upper("beta") / sigma
    tried = [ball(given, R, theta) for R in radii(given, curvature) if R > 0 for theta in THETAS]
    found = [one for one in tried if one is not None]
    if step is not None:
        found = [one for one in found if no_more_than(step, one.step)]
    best = min(found, key=lambda one: float(one.loss), default=None)
    start = given.upper("rho0") * given.upper("rho0") / 2.0
    wanted = start if loss is None else loss
    if best is None or not certainly_less(best.loss, wanted):
        return _too_high(best, wanted)
    if loss is None:
        return concluded(given, best, step, outward_up(best.loss + LOWEST * start))
    inside = [one for one in found if certainly_at_most(one.loss, loss)]
    return min((concluded(given, one, step, loss) for one in inside), key=lambda one: one.rate)


def _too_high(best: Ball | None, wanted: Any) -> Conclusion:
    if best is None:
        return Conclusion(
            False, "needs R with |r0| < R (sigma_m - beta R); there is none: too much curvature"
        )
    return Conclusion(
        False,
        f"the loss is certain to fall to {float(best.loss):.4g}, not below {float(wanted):.4g}",
    )


def concluded(given: Ingredients, best: Ball, step: float | None, loss: Any) -> Conclusion:
    """Return the conclusion for one ball: L <= loss at some step."""
    eta = best.step if step is None else step
    mu = outward_down(best.kernel * (1.0 - outward_up(best.outside / (2.0 * loss))))
    decrease, rho0 = outward_down(2.0 * (1.0 - best.theta) * eta * mu), given.upper("rho0")
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
