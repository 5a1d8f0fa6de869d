"""Does what a file claims follow from its constants, by the theorem it names?

The constants are taken as proved here (constants.py has seen to that) and the theorems of
docs/reference/certificates.md are applied once more, in arb. h is taken as the file has it, which
may only be too large; all else is derived from that h and the constants, and each stated number
must lie on its safe side. What a theorem does not say must not be stated.

mu, where a theorem of existence or convergence states one, is that of the ball the theorem needs.
The radius stated is that one rounded up, so mu may be checked on a ball smaller by 1e-9 of itself.
"""

from collections.abc import Callable
from typing import NamedTuple

import flint

from nlsolve.certificates.checking.claims import NEAR, Claims, Known, NotProved, need, shown
from nlsolve.certificates.checking.ranges import ONE, TWO, ZERO, Number, smaller
from nlsolve.certificates.checking.stated import Stated


def nearest(k: Known, c: Claims) -> None:
    """Check the distance within which there is no solution: R_lo."""
    if c.lower == 0.0:
        return
    rho0, top, beta = k.lower("rho0"), k.upper("sigma_max"), k.upper("beta")
    slope = top + (top * top + TWO * beta * rho0).sqrt()
    reach = TWO * rho0 / slope if slope > ZERO else k.region("beta")
    need(rho0 > ZERO, "a solution may be at the point itself")
    need(flint.arb(c.lower) <= smaller(reach, k.region("beta")), "a solution may be nearer")


def flow(k: Known, c: Claims) -> Number:
    """Apply theorem E, and return h."""
    d, beta = k.upper("rho0") / k.sigma0, k.upper("beta")
    h = c.at_least("h", beta * d / k.sigma0)
    need(TWO * h < ONE, "needs h < 1/2")
    root = (ONE - TWO * h).sqrt()
    c.ball(TWO * d / (ONE + root))
    need(c.radius <= k.region("beta"), "beta is known on a smaller ball only")
    c.at_most("mu", k.sigma0_of_F * k.sigma0_of_F * (ONE - TWO * h))
    if k.m == k.n and k.file.unique_within is not None:
        c.at_most("unique_within", k.region("beta"))
        # the theorem is about an open ball: at its edge there may be another solution
        within = flint.arb(k.file.unique_within) * beta < k.sigma0 * (ONE + root)
        need(within, "unique_within is more than what follows")
    return h


def existence(k: Known, c: Claims) -> None:
    """Theorem E."""
    flow(k, c)


def existence_delta(k: Known, c: Claims) -> None:
    """Theorem E with Delta: the integral of sigma0 - Delta reaches rho0 within the radius."""
    sigma0, left, inner = k.sigma0, k.upper("rho0"), ZERO
    table = sorted((o.radius, o.value) for o in k.file.constants if o.quantity == "Delta")
    for radius, delta in table:
        slope = sigma0 - flint.arb(delta)
        need(slope > ZERO, "needs Delta < sigma0 up to the radius")
        if inner + left / slope <= flint.arb(radius):
            c.ball(inner + left / slope)
            of_F = slope if k.file.A is None else slope / k.upper("A") if k.has("A") else ZERO
            c.at_most("mu", of_F * of_F)
            return
        left, inner = left - slope * (flint.arb(radius) - inner), flint.arb(radius)
    raise NotProved("the integral of sigma0 - Delta does not reach rho0")


def right_inverse(k: Known, c: Claims) -> None:
    """The contraction u -> u - (F(w0 + X u) - y)."""
    need(k.m >= k.n, f"{k.n} equations and {k.m} unknowns: there is no right inverse")
    q = k.upper("q", c.radius)
    need(q < ONE, "needs q < 1")
    c.ball(k.upper("rho0") * k.upper("X") / (ONE - q))
    if k.m == k.n:
        c.at_most("unique_within", k.region("q"))


def gauss_newton(k: Known, c: Claims) -> None:
    """Theorem GN."""
    factor = flow(k, c) / 2
    if k.file.A is not None and k.file.rate is not None:
        factor = factor * k.upper("A_inverse") * k.upper("A")
    if k.file.rate is not None:
        need(c.at_least("rate", factor * factor) < ONE, "the rate is none")


def gradient_descent(k: Known, c: Claims) -> None:
    """Theorem GD with the smallest theta that the step allows: smallest ball, best rate."""
    sigma0, rho0, beta = k.sigma0, k.upper("rho0"), k.upper("beta", c.radius)
    h = c.at_least("h", beta * rho0 / (sigma0 * sigma0))
    slope, step = k.slope(c.radius), c.number("step")
    left = ONE - step * (slope * slope + beta * rho0) / 2  # c = 1 - theta, theta = eta S / 2
    need(step > ZERO and TWO * h < left, "the step is too long: needs 2 h < 1 - eta S / 2")
    inside = ONE - TWO * h / left
    radius = TWO * rho0 / (left * sigma0) / (ONE + inside.sqrt())
    need(radius <= c.radius, f"the radius is less than what follows, {shown(radius)}")
    mu, smallest = sigma0 * sigma0 * inside, sigma0 - beta * c.radius / NEAR
    need(smallest > ZERO, "needs beta R < sigma0")
    c.at_most("mu", smaller(mu, smallest * smallest))
    c.at_least("rate", ONE - TWO * left * step * mu)
    c.solution_within(c.radius)


def kernel(k: Known, c: Claims) -> Number:
    """Return mu = (sigma0 - beta R)^2 on the ball stated."""
    smallest = k.sigma0 - k.upper("beta", c.radius) * c.radius
    need(smallest > ZERO, "needs beta R < sigma0")
    return smallest * smallest


def paper_descent(k: Known, c: Claims) -> None:
    """Gradient descent by the theorem of Liu, Zhu and Belkin."""
    beta, rho0, slope = k.upper("beta", c.radius), k.upper("rho0"), k.slope(c.radius)
    mu, step = kernel(k, c), c.number("step")
    c.at_least("h", beta * rho0 / (k.sigma0 * k.sigma0))
    need(step > ZERO, "needs a step > 0")
    need(step * (slope * slope + beta * rho0) <= ONE, "the step is too long")
    need(c.radius * mu >= TWO * slope * rho0, "needs R >= 2 L_F rho0 / mu")
    c.at_most("mu", mu)
    c.at_least("rate", ONE - step * mu)
    c.solution_within(c.radius)


def _stochastic(k: Known, c: Claims, path: Number, longest: Number, mu: Number) -> None:
    """Check what SGD is said to do, from delta R and the longest step.

    The expected loss goes to 0 on a closed ball that is left with probability below 1, hence a
    solution lies in it.
    """
    batch, step = c.number("batch"), c.number("step")
    c.at_least("h", k.upper("beta") * k.upper("rho0") / (k.sigma0 * k.sigma0))
    need(step > ZERO and step <= longest, "the step is too long")
    need(c.at_least("probability", path / c.radius) < ONE, "needs a probability below 1")
    c.at_most("mu", mu)
    c.at_least("rate", ONE - mu * step * batch / k.n)
    c.solution_within(c.radius)


def stochastic(k: Known, c: Claims) -> None:
    """Theorem SGD."""
    n, rho0, b = k.n, k.upper("rho0"), flint.arb(k.file.batch or 1)
    slope, row, mu = k.slope(c.radius), k.row(c.radius), kernel(k, c)
    S = slope * slope + k.upper("beta", c.radius) * (rho0 + slope * c.radius)
    C = row * row * b / n + slope * slope * b * (b - 1) / (n * n)
    longest = mu / (S * (mu * (b - 1) / n + row * row))
    _stochastic(k, c, 2 * n * rho0 * C.sqrt() / (mu * b), longest, mu)


def paper_stochastic(k: Known, c: Claims) -> None:
    """Mini-batch SGD by the theorem of Liu, Zhu and Belkin."""
    n, rho0, b = k.n, k.upper("rho0"), flint.arb(k.file.batch or 1)
    row, mu = k.row(c.radius), kernel(k, c)
    smooth = row * row + (rho0 + row * c.radius) * k.upper("H", c.radius)
    longest = mu / (smooth * (n * smooth + mu * (b - 1)))
    _stochastic(k, c, 2 * n * smooth.sqrt() * rho0 / mu, longest, mu)


def conditioning(k: Known, c: Claims) -> None:
    """Weyl's inequality with beta."""
    _conditioned(c, kernel(k, c))


def conditioning_delta(k: Known, c: Claims) -> None:
    """Weyl's inequality with Delta(R)."""
    table = [
        o.value for o in k.file.constants if o.quantity == "Delta" and o.radius >= k.file.radius
    ]
    need(table, "needs Delta on the ball")
    smallest = k.sigma0 - flint.arb(min(table))
    need(smallest > ZERO, "needs Delta(R) < sigma0")
    _conditioned(c, smallest * smallest)


def paper_kernel(k: Known, c: Claims) -> None:
    """The conditioning theorem of Liu, Zhu and Belkin."""
    loss = TWO * k.slope(c.radius) * flint.arb(k.n).sqrt() * c.radius * k.upper("H", c.radius)
    _conditioned(c, k.sigma0 * k.sigma0 - loss)


def emptiness(k: Known, c: Claims) -> None:
    """The mean-value bound of the residual on the ball stated."""
    rho0, top, beta = k.lower("rho0"), k.upper("sigma_max"), k.upper("beta", c.radius)
    reach = (top + beta * c.radius / 2) * c.radius
    need(c.upper is None, "the theorem says nothing of a solution")
    need(reach < rho0, "a solution may lie in the ball: needs (sigma_max + beta R/2) R < |r|")


def _conditioned(c: Claims, mu: Number) -> None:
    need(mu > ZERO, "needs mu > 0")
    need(c.upper is None, "the theorem says nothing of a solution")
    need(c.number("mu") <= mu, f"mu is more than what follows, {shown(mu)}")


class Theorem(NamedTuple):
    """What kind of claim a theorem makes, about which method, whether of A F; and its check."""

    kind: str
    method: str | None
    preconditioned: bool
    check: Callable[[Known, Claims], None]


THEOREMS = {
    "existence": Theorem("existence", None, True, existence),
    "existence-delta": Theorem("existence", None, True, existence_delta),
    "right-inverse": Theorem("existence", None, True, right_inverse),
    "gauss-newton": Theorem("convergence", "gauss-newton", True, gauss_newton),
    "gd": Theorem("convergence", "gd", False, gradient_descent),
    "liu-zhu-belkin-gd": Theorem("convergence", "gd", False, paper_descent),
    "sgd": Theorem("convergence", "sgd", False, stochastic),
    "liu-zhu-belkin-sgd": Theorem("convergence", "sgd", False, paper_stochastic),
    "conditioning": Theorem("conditioning", None, False, conditioning),
    "conditioning-delta": Theorem("conditioning", None, False, conditioning_delta),
    "liu-zhu-belkin-kernel": Theorem("conditioning", None, False, paper_kernel),
    "emptiness": Theorem("empty", None, True, emptiness),
}


def check_theorem(file: Stated) -> None:
    """Apply the theorem a file names; raise NotProved where a claim does not follow."""
    theorem = THEOREMS.get(file.theorem)
    if theorem is None:
        raise NotProved(f"no theorem {file.theorem!r:.60} that is proved")
    need((file.kind, file.method) == theorem[:2], "the theorem is about another kind of claim")
    need(file.A is None or theorem.preconditioned, "the theorem is not about A F")
    known, claims = Known(file), Claims(file)
    theorem.check(known, claims)
    nearest(known, claims)
    claims.finish()
