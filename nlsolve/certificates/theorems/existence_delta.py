"""Is there a solution near w0, where only the change of J is known and not its Lipschitz constant?

Theorem E with Delta(s) = sup over B(w0, s) of |J(w) - J(w0)|: if Delta(R) < sigma0 and

    integral_0^R (sigma0 - Delta(s)) ds >= rho0,

F(w) = y has a solution in B(w0, R). First derivatives only.

Proof idea. As theorem E, with sigma(w) >= sigma0 - Delta(|w - w0|) instead of Weyl with beta.

Delta is known at radii s_1 < s_2 < ... and does not fall, so the integral is at least the sum of
(s_k - s_{k-1}) (sigma0 - Delta(s_k)); one radius gives the endpoint form (sigma0 - Delta(R)) R >=
rho0, which with Delta = beta s reaches h <= 1/4 only.
"""

from nlsolve.certificates.arithmetic import (
    certainly_at_most,
    certainly_less,
    outward_down,
    outward_up,
)
from nlsolve.certificates.evidence import Ingredients
from nlsolve.certificates.theorems.base import (
    Conclusion,
    Theorem,
    conditioned,
    unpreconditioned,
)


def conclude(given: Ingredients) -> Conclusion:
    """Apply theorem E with the bounds of Delta that are given."""
    sigma0, rho0 = conditioned(given), given.upper("rho0")
    left, inner = outward_up(rho0), 0.0
    for radius, delta in given.table("Delta"):
        slope = sigma0 - outward_up(delta)
        if not certainly_less(delta, sigma0):
            break
        needed = outward_up(inner + left / slope)
        if certainly_at_most(needed, radius):
            smallest = outward_down(unpreconditioned(given, outward_down(slope)))
            return Conclusion(True, radius=needed, mu=outward_down(smallest * smallest))
        left, inner = left - slope * (radius + 0.0 * slope - inner), radius
    return Conclusion(
        False,
        f"needs the integral of sigma0 - Delta(s) over the ball to reach |r0| = {float(rho0):.3g}, "
        f"misses {float(left):.3g} at radius {inner:.3g}",
    )


THEOREM = Theorem("existence-delta", "existence", None, True, conclude)
