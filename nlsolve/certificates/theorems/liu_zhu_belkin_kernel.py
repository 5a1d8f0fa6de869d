"""On how large a ball does PL* hold, by the Hessians of the single equations?

Theorem [Liu, Zhu, Belkin, arXiv 2003.00307]. If |H_i(w)| <= (lambda0 - mu) / (2 L_F sqrt(n) R) for
every equation i on B(w0, R), lambda0 = lambda_min K(w0), then lambda_min K >= mu there.

Proof idea. |K(w) - K(w0)| <= 2 L_F |J(w) - J(w0)|, and the rows of J change by at most max|H_i| R
each. The factor sqrt(n) is what `conditioning` saves by working with J as a whole.
"""

from nlsolve.certificates.arithmetic import certainly_less, outward_down, outward_up, square_root
from nlsolve.certificates.evidence import Ingredients
from nlsolve.certificates.theorems.base import Conclusion, Theorem, conditioned
from nlsolve.certificates.theorems.gradient_descent import largest_slope


def conclude(given: Ingredients) -> Conclusion:
    """Apply the theorem on the ball the constants are for."""
    sigma0, radius = conditioned(given), given.ball.radius
    loss = (
        2.0
        * largest_slope(given, radius)
        * square_root(given.n + 0.0 * sigma0)
        * radius
        * given.upper("H")
    )
    loss = outward_up(loss)
    least = outward_down(sigma0 * sigma0)
    if not certainly_less(loss, least):
        return Conclusion(
            False,
            f"needs 2 L_F sqrt(n) R max|H_i| < lambda0 = {float(least):.4g}, is {float(loss):.4g}",
        )
    return Conclusion(True, radius=radius, mu=outward_down(least - loss))


THEOREM = Theorem("liu-zhu-belkin-kernel", "conditioning", None, False, conclude)
