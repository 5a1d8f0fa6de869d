"""Do full Gauss-Newton steps w+ = w - J^+ r converge from w0, how far away and how soon?

Theorem GN [Ben-Israel 1966; Polyak, Tremba 2020]. Under the hypotheses of theorem E (h < 1/2, beta
good for B(w0, R*)) all iterates stay in B(w0, R*) and converge to a solution. With the recursion

    d_k = rho_k/sigma_k,   rho_{k+1} = (beta/2) d_k^2,   sigma_{k+1} = sigma_k - beta d_k

from (rho0, sigma0): |r_k| <= rho_k, sigma(w_k) >= sigma_k, |w_{k+1} - w_k| <= d_k, and the limit is
within R* - (d_0 + ... + d_{k-1}) of w_k.

Proof idea. r + J (w+ - w) = 0, so |r+| <= (beta/2) |w+ - w|^2, and |w+ - w| <= |r|/sigma(w); Weyl's
inequality and induction do the rest.

For A F all of this is of A r; |r_k| <= |A^{-1}| rho_k follows, and a factor of (|A^{-1}| |A| h/2)^2
on the loss per step.

In units of rho0, sigma0 and rho0/sigma0 the recursion has the one parameter h. The factor on the
loss in step k is (h_k/2)^2, largest in the first.
"""

from collections.abc import Iterator
from itertools import islice
from typing import Any, NamedTuple

from nlsolve.certificates.arithmetic import certainly_at_most, certainly_less, outward_up, upper_end
from nlsolve.certificates.evidence import Ingredients
from nlsolve.certificates.theorems import existence
from nlsolve.certificates.theorems.base import Conclusion, Theorem

MOST = 5_000  # steps looked ahead: at h = 1/2 a step halves |r| and doubles reach about 1e-308


class Ahead(NamedTuple):
    """What is guaranteed before step k: |r| / rho0, sigma / sigma0, path so far / (rho0/sigma0)."""

    residual: Any
    sigma: Any
    path: Any


def recursion(h: Any) -> Iterator[Ahead]:
    """Yield the guarantees before step 0, 1, 2, ...; h < 1/2 is an upper bound."""
    rho, sigma, path = 1.0 + 0.0 * h, 1.0 + 0.0 * h, 0.0 * h
    while True:
        yield Ahead(rho, sigma, path)
        d = rho / sigma
        rho, sigma, path = 0.5 * h * d * d, sigma - h * d, path + d


class NewtonPromise(NamedTuple):
    """|r_k| <= rho0 times the recursion's residual; `rho0` is for |r| also where A r is meant."""

    rho0: Any
    h: Any

    def steps_to(self, tol: float) -> int:
        """Return the first k with |r_k| <= tol for certain."""
        for k, ahead in enumerate(recursion(self.h)):
            if certainly_at_most(self.rho0 * ahead.residual, tol):
                return k
            if k >= MOST or not certainly_less(0.0 * ahead.sigma, ahead.sigma):
                break
        raise ValueError(f"tol = {tol} is below what the recursion reaches in double precision")

    def envelope(self, count: int) -> list[float]:
        """Return the bounds of |r| before steps 0, ..., count - 1."""
        ahead = islice(recursion(self.h), count)
        return [upper_end(self.rho0 * guaranteed.residual) for guaranteed in ahead]


def conclude(given: Ingredients) -> Conclusion:
    """Apply theorem GN."""
    found = existence.conclude(given)
    if not found.holds:
        return found
    rho0, factor = given.upper("rho0"), 0.5 * found.h
    if given.ball.equations is not None:  # |r| <= |A^{-1}| |A r| and |A r| <= |A| |r|
        back = given.upper("A_inverse")
        rho0, factor = rho0 * back, factor * back * given.upper("A") if given.has("A") else None
    rate = None if factor is None else outward_up(factor * factor)
    rate = rate if rate is not None and certainly_less(rate, 1.0) else None
    return found._replace(rate=rate, promise=NewtonPromise(rho0, found.h))


THEOREM = Theorem("gauss-newton", "convergence", "gauss-newton", True, conclude)
