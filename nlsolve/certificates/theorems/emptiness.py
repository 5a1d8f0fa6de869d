"""Is there certainly no solution in a ball? The mean-value bound of the residual.

Theorem. Let beta be a Lipschitz constant of J on the closed ball B(w0, R), and

    (sigma_max + beta R/2) R < rho0,        sigma_max >= |J(w0)|, rho0 <= |F(w0) - y|.

Then F(w) = y has no solution in B(w0, R). Neither m >= n nor independent equations are needed.

Proof. |r(w0 + d)| >= |r(w0)| - |J(w0) d| - beta |d|^2/2 >= rho0 - (sigma_max + beta R/2) R > 0 for
|d| <= R. Solved for R this is R < R_lo of theorem E, whose open ball is empty; here the inequality
is strict and the ball closed.
"""

from nlsolve.certificates.arithmetic import certainly_less
from nlsolve.certificates.evidence import Ingredients
from nlsolve.certificates.theorems.base import Conclusion, Theorem


def conclude(given: Ingredients) -> Conclusion:
    """Apply the theorem to the ball of the constants."""
    rho0, top, beta = given.lower("rho0"), given.upper("sigma_max"), given.upper("beta")
    R = given.ball.radius
    reach = (top + 0.5 * beta * R) * R
    if certainly_less(reach, rho0):
        return Conclusion(True, radius=R)
    r = "|r|" if given.ball.equations is None else "|A r|"
    return Conclusion(
        False,
        f"needs (sigma_max + beta R/2) R < {r}: {float(reach):.4g} is not less than "
        f"{float(rho0):.4g}, for R = {R:.4g}",
    )


THEOREM = Theorem("emptiness", "empty", None, True, conclude)
