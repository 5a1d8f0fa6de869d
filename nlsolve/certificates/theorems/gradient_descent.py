"""Does gradient descent w+ = w - eta J^T r converge from w0, with which step, how fast?

Theorem GD. Let theta in (0, 1), c = 1 - theta, 2 h < c with h = beta rho0 / sigma0^2,

    R = (2 rho0/(c sigma0)) / (1 + sqrt(1 - 2 h/c)),

beta and L_F good for B(w0, R), S = L_F^2 + beta rho0 and 0 < eta <= 2 theta/S. Then all iterates
stay in B(w0, R), converge to a solution, and L(w_t) <= (1 - 2 c eta mu)^t L(w0) with
mu = (sigma0 - beta R)^2 = sigma0^2 (1 - 2 h/c).

Proof idea. Along a step L falls by at least eta c |grad L|^2, hence |r| by c sigma(w) times the
step's length. Summed over a path of length s: |r| <= rho0 - c (sigma0 s - beta s^2/2), which is 0
at s = R, so the path cannot leave the ball; there PL* with mu gives the rate.

theta = 1/2 gives eta = 1/S and h < 1/4. A larger theta is faster, a smaller one certifies a larger
h; the one with the fewest certified steps is taken. L_F <= sigma_max + beta R always.
"""

from typing import Any, NamedTuple

from nlsolve.certificates.arithmetic import (
    at_upper_end,
    certainly_at_most,
    certainly_less,
    lesser,
    outward_down,
    outward_up,
    remaining,
    square_root,
)
from nlsolve.certificates.evidence import Ingredients
from nlsolve.certificates.theorems.base import (
    Conclusion,
    LinearPromise,
    Theorem,
    first_step,
    kernel_within,
    outside,
    stepping,
    too_curved,
    too_long,
)

TRIED = 48  # values of theta


class Ball(NamedTuple):
    """What holds for one theta: radius, mu and the longest step."""

    theta: float
    radius: Any
    mu: Any
    step: Any


def ball(given: Ingredients, theta: float, d: Any, h: Any) -> Ball | None:
    """Return the ball of one theta, None where h is too large for it."""
    c = 1.0 - (theta + 0.0 * h)
    x = outward_up(2.0 * h / c)
    if not certainly_less(x, 1.0):
        return None
    radius = at_upper_end(outward_up(2.0 * (d / c) / (1.0 + square_root(1.0 - x))))
    mu = kernel_within(given, radius)
    if mu is None:
        return None
    return Ball(theta, radius, mu, outward_down(2.0 * theta / smoothness(given, radius)))


def largest_slope(given: Ingredients, radius: Any) -> Any:
    """Return L_F on B(w0, radius): the smaller of what is known and sigma_max + beta radius."""
    by_weyl = outward_up(given.upper("sigma_max") + given.upper("beta") * radius)
    return lesser(by_weyl, given.upper("L_F")) if given.has("L_F") else by_weyl


def smoothness(given: Ingredients, radius: Any) -> Any:
    """Return S = L_F^2 + beta rho0, a Lipschitz constant of grad L where L <= L(w0)."""
    slope = largest_slope(given, radius)
    return outward_up(slope * slope + given.upper("beta") * given.upper("rho0"))


def thetas(h: Any) -> list[float]:
    """Return the values of theta worth trying: those with 2 h < 1 - theta."""
    widest = 1.0 - 2.0 * float(h)
    return [widest * (k + 0.5) / TRIED for k in range(TRIED)]


def conclude(given: Ingredients, step: float | None = None) -> Conclusion:
    """Apply theorem GD, to the given step or to the best one."""
    d, _, h = first_step(given)
    if not certainly_less(2.0 * h, 1.0):
        return too_curved(given, 0.5, h)
    balls = [found for theta in thetas(h) if (found := ball(given, theta, d, h)) is not None]
    inside = [found for found in balls if certainly_at_most(found.radius, given.ball.radius)]
    if not inside:
        return outside(given, min(float(b.radius) for b in balls) if balls else 2.0 * d, h)
    allowed = stepping(inside, step)
    if not allowed:
        return too_long(inside, step, h)
    best = max(allowed, key=lambda found: float(_decrease(found, step)))
    return _conclusion(given, best, step, h)


def _decrease(found: Ball, step: float | None) -> Any:
    """Return 2 c eta mu, rounded down."""
    eta = found.step if step is None else step
    c = 1.0 - (found.theta + 0.0 * found.mu)
    return outward_down(2.0 * c * eta * found.mu)


def _conclusion(given: Ingredients, best: Ball, step: float | None, h: Any) -> Conclusion:
    decrease, rho0 = _decrease(best, step), given.upper("rho0")
    return Conclusion(
        True, h=h, radius=best.radius, mu=best.mu,
        step=best.step if step is None else step,
        rate=remaining(decrease),
        promise=LinearPromise(rho0, decrease),
    )  # fmt: skip


THEOREM = Theorem("gd", "convergence", "gd", False, conclude, ("step",))
