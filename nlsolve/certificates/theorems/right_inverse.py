"""Is there a solution near w0, without any eigenvalue? The right-inverse form of theorem E.

Theorem. X an m x n matrix, q < 1 with q >= |I - J(w) X| for all w in B(w0, R), and
rho0 <= (1 - q) R / |X|. Then F(w) = y has a solution in B(w0, R); for m = n only one.

Proof idea. u -> u - (F(w0 + X u) - y) maps the ball |u| <= R/|X| into itself and contracts by q.

Multiplied by A, with Q orthonormal columns spanning range X and A about (J0 Q)^{-1}: q is the
supremum of |I - A J Q|, |X| = 1 and rho0 = |A r0|. The same q serves any smaller ball, so a
solution lies within rho0 |X| / (1 - q).
"""

from nlsolve.certificates.arithmetic import certainly_at_most, certainly_less, outward_up
from nlsolve.certificates.evidence import Ingredients, Refusal
from nlsolve.certificates.theorems.base import Conclusion, Theorem, outside


def conclude(given: Ingredients) -> Conclusion:
    """Apply the right-inverse form."""
    if given.m < given.n:
        raise Refusal(f"no right inverse: {given.n} equations, {given.m} unknowns")
    q, size, rho0 = given.upper("q"), given.upper("X"), given.upper("rho0")
    if not certainly_less(q, 1.0):
        return Conclusion(False, f"needs q = |I - J X| < 1 on the ball, is {float(q):.4g}")
    radius = outward_up(rho0 * size / (1.0 - outward_up(q)))
    if not (certainly_less(outward_up(q), 1.0) and certainly_at_most(radius, given.ball.radius)):
        return outside(given, radius, None)
    unique = given.ball.radius if given.m == given.n else None
    return Conclusion(True, radius=radius, unique_within=unique)


THEOREM = Theorem("right-inverse", "existence", None, True, conclude)
