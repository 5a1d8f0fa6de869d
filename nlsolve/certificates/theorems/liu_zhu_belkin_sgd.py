"""Does SGD converge from w0, by the theorem of the paper with its step size mended?

Theorem [after Liu, Zhu, Belkin, arXiv 2003.00307, and Bassily, Belkin, Ma, arXiv 1811.02564]. On
B(w0, R) let beta_l >= |J_i|^2 + |r_i| |H_i| for every equation i (a bound of the Hessians of the
single losses), and mu-PL* hold. If R >= 2 n sqrt(2 beta_l L(w0)) / (mu delta) and
0 < eta <= mu/(beta_l (n beta_l + mu (b - 1))), the iterates leave the ball with probability at most
delta, and the expected loss of those inside falls by 1 - mu b eta/n a step.

The step size is derived anew: the literal one diverges on repeated equations.

|r_i(w)| <= |r_i(w0)| + G R <= rho0 + G R on the ball.
"""

from nlsolve.certificates.arithmetic import (
    certainly_less,
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
    stepping,
    too_long,
)
from nlsolve.certificates.theorems.stochastic_gradient import (
    Ball,
    concluded,
    largest_row,
    radii,
)


def ball(given: Ingredients, radius: float, batch: int) -> Ball | None:
    """Return what holds on one ball, None where PL* is not known on it."""
    mu = kernel_within(given, radius)
    if mu is None:
        return None
    n, rho0, row = given.n, given.upper("rho0"), largest_row(given, radius)
    beta_l = outward_up(row * row + (rho0 + row * radius) * given.upper("H"))
    root = square_root(beta_l)
    return Ball(
        radius,
        outward_up(2.0 * n * root * rho0 / (mu * radius)),  # sqrt(2 L(w0)) = rho0
        mu,
        outward_down(mu / (beta_l * (n * beta_l + mu * (batch - 1)))),
    )


def conclude(given: Ingredients, step: float | None = None, batch: int = 1) -> Conclusion:
    """Apply the theorem with the ball of the smallest delta."""
    _, curvature, h = first_step(given)
    tried = [ball(given, radius, batch) for radius in radii(given, curvature)]
    found = [one for one in tried if one is not None and one.radius > 0.0]
    allowed = stepping(found, step)
    if found and not allowed:
        return too_long(found, step, h)
    best = min(allowed, key=lambda one: float(one.delta), default=None)
    if best is None or not certainly_less(best.delta, 1.0):
        has = "none" if best is None else f"{float(best.delta):.3g}"
        return Conclusion(False, f"needs a probability of leaving below 1, has {has}", h=h)
    return concluded(given, best, step, batch, h)


THEOREM = Theorem("liu-zhu-belkin-sgd", "convergence", "sgd", False, conclude, ("step", "batch"))
