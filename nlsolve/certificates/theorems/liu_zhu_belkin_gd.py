"""Does gradient descent converge from w0, by the theorem of the paper as it stands?

Theorem [Liu, Zhu, Belkin, arXiv 2003.00307]. mu-PL* (mu > 0) on B(w0, R), R >= 2 L_F rho0/mu with
L_F and mu of that same ball, eta <= 1/(L_F^2 + beta rho0): L(w_t) <= (1 - eta mu)^t L(w0), and a
solution lies in the ball.

Theorem `gd` needs a radius smaller by about the root of cond K and certifies start residuals larger
by 4 to 4 sqrt(n) times cond K(w0); it holds wherever this one does. This one is kept to be compared
with, and because it takes any mu: here the one of Weyl's inequality.
"""

from typing import Any, NamedTuple

from nlsolve.certificates.arithmetic import (
    certainly_at_most,
    outward_down,
    outward_up,
    remaining,
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
from nlsolve.certificates.theorems.stochastic_gradient import radii


class Ball(NamedTuple):
    """One ball: its radius, the radius it needs, mu and the longest step."""

    radius: float
    needed: Any
    mu: Any
    step: Any


def ball(given: Ingredients, radius: float) -> Ball | None:
    """Return what holds on one ball, None where PL* is not known on it."""
    mu = kernel_within(given, radius)
    if mu is None:
        return None
    slope, rho0 = largest_slope(given, radius), given.upper("rho0")
    step = outward_down(1.0 / (slope * slope + given.upper("beta") * rho0))
    return Ball(radius, outward_up(2.0 * slope * rho0 / mu), mu, step)


def conclude(given: Ingredients, step: float | None = None) -> Conclusion:
    """Apply the theorem on the smallest of the balls that are large enough."""
    _, curvature, h = first_step(given)
    tried = [ball(given, radius) for radius in radii(given, curvature)]
    balls = [one for one in tried if one is not None and one.radius > 0.0]
    large = [one for one in balls if certainly_at_most(one.needed, one.radius)]
    if not large:
        share = min((float(one.needed) / one.radius for one in balls), default=float("inf"))
        rho0 = float(given.upper("rho0"))
        reason = f"needs |r0| <= {rho0 / share:.3g}, is {rho0:.3g} (R >= 2 L_F |r0|/mu)"
        return Conclusion(False, reason, h=h)
    allowed = stepping(large, step)
    if not allowed:
        return too_long(large, step, h)
    return _conclusion(given, min(allowed, key=lambda one: one.radius), step, h)


def _conclusion(given: Ingredients, best: Ball, step: float | None, h: Any) -> Conclusion:
    eta, rho0 = best.step if step is None else step, given.upper("rho0")
    decrease = outward_down(eta * best.mu)
    return Conclusion(
        True, h=h, radius=best.radius, mu=best.mu, step=eta, rate=remaining(decrease),
        promise=LinearPromise(rho0, decrease),
    )  # fmt: skip


THEOREM = Theorem("liu-zhu-belkin-gd", "convergence", "gd", False, conclude, ("step",))
