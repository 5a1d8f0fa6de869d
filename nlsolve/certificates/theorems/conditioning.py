"""On how large a ball about w0 does PL* hold, and with which mu? The PL* check itself.

Weyl: sigma(w) >= sigma0 - beta |w - w0|, so on B(w0, R), R < sigma0/beta, the tangent kernel is
uniformly conditioned, lambda_min K(w) >= mu(R) = (sigma0 - beta R)^2, and PL* holds with that mu:

    1/2 |grad L|^2 = 1/2 r^T K r >= mu L.

With Delta(R) = sup over B(w0, R) of |J(w) - J(w0)|, first derivatives only and often much tighter:
sigma(w) >= sigma0 - Delta(R).

Where mu > 0 every stationary point in the ball is a solution.
"""

from typing import Any

from nlsolve.certificates.arithmetic import certainly_less, outward_down, outward_up
from nlsolve.certificates.evidence import Ingredients, Refusal
from nlsolve.certificates.theorems.base import Conclusion, Theorem, conditioned


def conclude(given: Ingredients) -> Conclusion:
    """Apply Weyl's inequality with beta, on the ball the constants are for."""
    sigma0 = conditioned(given)
    return by_change(given, sigma0, given.upper("beta") * given.ball.radius, "beta R")


def conclude_delta(given: Ingredients) -> Conclusion:
    """Apply Weyl's inequality with Delta(R)."""
    sigma0 = conditioned(given)
    radius, delta = given.table("Delta")[-1]
    if radius < given.ball.radius:
        raise Refusal(f"Delta is known up to {radius:.4g}, not up to {given.ball.radius:.4g}")
    return by_change(given, sigma0, delta, "Delta(R)")


def by_change(given: Ingredients, sigma0: Any, change: Any, name: str) -> Conclusion:
    """Return mu = (sigma0 - change)^2, where J changes by at most `change` over the ball."""
    change = outward_up(change)
    if not certainly_less(change, sigma0):
        return Conclusion(
            False,
            f"needs {name} < sigma0 = {float(sigma0):.4g}, is {float(change):.4g}: "
            f"needs a radius below {given.ball.radius * float(sigma0) / float(change):.3g}, "
            f"is {given.ball.radius:.4g}",
        )
    smallest = outward_down(sigma0 - change)
    return Conclusion(True, radius=given.ball.radius, mu=outward_down(smallest * smallest))


THEOREM = Theorem("conditioning", "conditioning", None, False, conclude)
THEOREM_DELTA = Theorem("conditioning-delta", "conditioning", None, False, conclude_delta)
