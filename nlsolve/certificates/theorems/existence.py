"""Is there a solution near w0, and how near? Theorem E, by following the gradient flow.

Theorem. Let m >= n, sigma0 = sigma_n(J(w0)) > 0, beta a Lipschitz constant of J on B(w0, R*) and

    h = beta rho0 / sigma0^2 < 1/2,      R* = (2 rho0/sigma0) / (1 + sqrt(1 - 2 h)).

Then F(w) = y has a solution in B(w0, R*). [Liu, Zhu, Belkin, arXiv 2003.00307, sharpened]

Proof idea. Along the flow w' = -grad L / |grad L| (arc length s) Weyl's inequality gives
sigma(w(s)) >= sigma0 - beta s, so d|r|/ds <= -(sigma0 - beta s) and |r(s)| <= rho0 - sigma0 s +
beta s^2/2, which is zero no later than R*. This form of R* is also right at beta = 0.

No solution is nearer than R_lo = 2 rho0 / (sigma_max + sqrt(sigma_max^2 + 2 beta rho0)), because
|r(w0 + d)| >= rho0 - sigma_max |d| - beta |d|^2/2. This needs neither m >= n nor h < 1/2; rho0 is a
lower bound here.

For m = n the solution is the only one in B(w0, R_u) and in the open ball of radius
(sigma0/beta) (1 + sqrt(1 - 2 h)), R_u >= R* being the radius beta is good for. For m > n solutions
form manifolds and nothing is ever unique.
"""

from typing import Any

from nlsolve.certificates.arithmetic import (
    at_upper_end,
    certainly_at_most,
    certainly_less,
    lesser,
    outward_down,
    outward_up,
    square_root,
)
from nlsolve.certificates.evidence import Ingredients
from nlsolve.certificates.theorems.base import (
    Conclusion,
    Theorem,
    first_step,
    kernel_within,
    outside,
    too_curved,
)


def flow_radius(d: Any, h: Any) -> Any:
    """Return R* from d = rho0/sigma0 and h < 1/2, rounded up."""
    return at_upper_end(outward_up(2.0 * d / (1.0 + square_root(1.0 - 2.0 * h))))


def conclude(given: Ingredients) -> Conclusion:
    """Apply theorem E."""
    d, curvature, h = first_step(given)
    if not certainly_less(2.0 * h, 1.0):
        return too_curved(given, 0.5, h)
    radius = flow_radius(d, h)
    if not certainly_at_most(radius, given.ball.radius):
        return outside(given, radius, h)
    unique = unique_radius(given, curvature, h) if given.m == given.n else None
    mu = kernel_within(given, radius)  # 0 where rounding leaves nothing, near h = 1/2
    mu = 0.0 * h if mu is None else mu
    return Conclusion(True, h=h, radius=radius, mu=mu, unique_within=unique)


def unique_radius(given: Ingredients, curvature: Any, h: Any) -> Any:
    """Return how far the solution of a square system is the only one, rounded down."""
    if not certainly_less(0.0 * curvature, curvature):
        return given.ball.radius
    reach = outward_down((1.0 + square_root(1.0 - 2.0 * h)) / curvature)
    return lesser(given.ball.radius, reach)


def no_solution_within(given: Ingredients) -> Any:
    """Return R_lo: the open ball of that radius holds no solution; rounded down.

    It is cut by the ball the constants are for.
    """
    rho0, top, beta = given.lower("rho0"), given.upper("sigma_max"), given.upper("beta")
    if not certainly_less(0.0 * rho0, rho0):
        return 0.0 * rho0
    slope = top + square_root(top * top + 2.0 * beta * rho0)
    if not certainly_less(0.0 * slope, slope):
        return given.ball.radius
    return lesser(given.ball.radius, outward_down(2.0 * rho0 / slope))


THEOREM = Theorem("existence", "existence", None, True, conclude)
