"""What is a theorem to the rest of the package, and what does it conclude?

A theorem reads its numbers from Ingredients, which refuse a bound of the wrong side, region or
preconditioner, and NaN. It returns a Conclusion. The formulas use `arithmetic` for everything that
is not + - * /, so that they run in floats and in intervals alike.
"""

import math
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, TypeVar

from nlsolve.certificates.arithmetic import (
    certainly_less,
    lesser,
    lower_end,
    no_more_than,
    outward_down,
    outward_up,
    square_root,
    steps_for,
    upper_end,
)
from nlsolve.certificates.evidence import Ingredients, Refusal

B = TypeVar("B", bound=Any)  # a ball of one of the theorems, with its longest step

TINY = 1e-300  # factors below it are not told apart


class LinearPromise(NamedTuple):
    """|r_t|^2 <= (1 - decrease)^t rho0^2, as long as that is not below `least`^2.

    For sgd: of the expectation; `share` is what a single run may exceed it by in probability.
    """

    rho0: Any
    decrease: Any
    least: Any = 0.0
    share: float = 1.0

    def steps_to(self, tol: float) -> int:
        """Return the number of steps to |r| <= tol."""
        least = upper_end(self.least)
        if tol < least:
            raise ValueError(f"tol = {tol} is below {least}, all that is guaranteed")
        if not upper_end(self.rho0) > 0.0:
            return 0
        root = square_root(0.0 * self.rho0 + self.share)
        ratio = tol * (root if self.share == 1.0 else outward_down(root)) / self.rho0
        return steps_for(ratio, self.decrease)

    def envelope(self, count: int) -> list[float]:
        """Return the bounds of |r| (sgd: of the root of E|r|^2) before steps 0, ..., count - 1."""
        most, least = upper_end(self.rho0), upper_end(self.least)
        decrease = lower_end(self.decrease)
        bounds = [most, *(_falling(most, decrease, t) for t in range(1, count))][:count]
        return [max(bound, least) for bound in bounds]


def _falling(most: float, decrease: float, t: int) -> float:
    """Return most (1 - decrease)^(t/2), rounded up; it is 0 only where that is."""
    if not (most > 0.0 and decrease < 1.0):
        return 0.0
    factor = math.exp(0.5 * math.log1p(-decrease) * t) * (1.0 + 1e-12)
    return math.nextafter(most * max(factor, TINY), math.inf)


class Conclusion(NamedTuple):
    """What a theorem says about the ball it was given constants for.

    Attributes
    ----------
    holds : bool
    reason : str
        Why not, and what would make it hold.
    h : number
        beta rho0 / sigma0^2, upper bound.
    radius : number
        All the theorem speaks of happens in B(w0, radius); upper bound.
    mu : number
        PL* constant on that ball, lower bound.
    step : number
        Step eta the theorem is for.
    rate : number
        Guaranteed factor on the loss per step, upper bound (of its expectation, for sgd).
    probability : number
        Probability with which the claim may fail, upper bound; 0 but for sgd.
    unique_within : number
        The solution is the only one in B(w0, unique_within), lower bound; only for m = n.
    loss : number
        Loss that is reached for certain (pl-star-eps).
    promise : Promise
        What is guaranteed of |r| step by step; None where nothing moves.
    batch : int
        Equations a step, for sgd.
    """

    holds: bool
    reason: str = ""
    h: Any = None
    radius: Any = None
    mu: Any = None
    step: Any = None
    rate: Any = None
    probability: Any = 0.0
    unique_within: Any = None
    loss: Any = None
    promise: Any = None
    batch: int | None = None

    def published(self) -> "Conclusion":
        """Return the conclusion with every number as a float on its safe side."""
        sides = {"mu": lower_end, "step": lower_end, "unique_within": lower_end}
        sides |= dict.fromkeys(("h", "radius", "rate", "probability", "loss"), upper_end)
        known: dict[str, Any] = {name: getattr(self, name) for name in sides}
        floats = {name: sides[name](x) for name, x in known.items() if x is not None}
        return Conclusion(**{**self._asdict(), **floats})


class Theorem(NamedTuple):
    """A registry entry.

    Parameters
    ----------
    name : str
    claim : {'existence', 'convergence', 'conditioning', 'pl-star-eps', 'empty'}
    method : str or None
        The method whose convergence it states.
    preconditionable : bool
        Whether it may speak of A F as well as of F.
    conclude : callable
        ``conclude(given, **words)`` gives a Conclusion; `words` are those named in `words`.
    words : tuple of str
        What else the theorem must know: 'step', 'batch', 'loss'.
    """

    name: str
    claim: str
    method: str | None
    preconditionable: bool
    conclude: Callable[..., Conclusion]
    words: tuple[str, ...] = ()


def conditioned(given: Ingredients) -> Any:
    """Return sigma0, certainly positive, for a system with m >= n.

    Raises
    ------
    Refusal
        Where K(w0) is singular, as it always is for m < n.
    """
    if given.m < given.n:
        raise Refusal(
            f"there are more equations ({given.n}) than unknowns ({given.m}): the tangent kernel "
            "is singular everywhere, and the theorem needs m >= n"
        )
    sigma0 = given.lower("sigma0")
    if not certainly_less(0.0 * sigma0, sigma0):
        raise Refusal(
            "the tangent kernel at w is singular to rounding (sigma0 = 0): to first order some "
            "equation repeats others there, or does not depend on w"
        )
    return sigma0


def unpreconditioned(given: Ingredients, sigma: Any) -> Any:
    """Return what `sigma`, of A J, says of the smallest singular value of J: at least sigma/|A|.

    For |J^T x| = |(A J)^T A^{-T} x| >= sigma |A^{-T} x| >= sigma |x| / |A|.
    """
    if given.ball.equations is None:
        return sigma
    return sigma / given.upper("A") if given.has("A") else 0.0 * sigma


def kernel_within(given: Ingredients, radius: Any) -> Any:
    """Return mu with lambda_min K >= mu on B(w0, radius), of F itself; None where there is none.

    (sigma0 - beta radius)^2 by Weyl, or the square of what else is known of sigma on the ball.
    """
    sigma0, change = conditioned(given), outward_up(given.upper("beta") * radius)
    smallest = outward_down(sigma0 - change)
    if given.has("sigma", "lower"):
        smallest = -lesser(-smallest, -given.lower("sigma"))
    if not certainly_less(0.0 * smallest, smallest):
        return None
    smallest = outward_down(unpreconditioned(given, smallest))
    return outward_down(smallest * smallest)


def stepping(balls: Sequence[B], step: float | None) -> list[B]:
    """Return the balls whose theorem allows a step; all where none is asked for."""
    return [one for one in balls if step is None or no_more_than(step, one.step)]


def too_long(balls: Sequence[Any], step: float | None, h: Any) -> Conclusion:
    """Return the conclusion that the step asked for is longer than any of the balls allows."""
    longest = max(lower_end(one.step) for one in balls)
    return Conclusion(False, f"needs a step <= {longest:.3g}, is {step:.3g}", h=h)


def first_step(given: Ingredients) -> tuple[Any, Any, Any]:
    """Return (d, curvature, h): d = rho0/sigma0, beta/sigma0 and their product, upper bounds.

    h is moved outward, so that all that follows from it is on the safe side by the margin.
    """
    sigma0, rho0, beta = conditioned(given), given.upper("rho0"), given.upper("beta")
    d, curvature = rho0 / sigma0, beta / sigma0
    return d, curvature, outward_up(d * curvature)


def too_curved(given: Ingredients, limit: Any, h: Any) -> Conclusion:
    """Return the conclusion that h is not below `limit`, in terms of the residual."""
    sigma0, rho0, beta = given.lower("sigma0"), given.upper("rho0"), given.upper("beta")
    r = "|r0|" if given.ball.equations is None else "|A r0|"
    needed = float(limit) * float(sigma0) * (float(sigma0) / float(beta)) if beta else 0.0
    return Conclusion(
        False,
        f"needs h = beta |r0| / sigma0^2 < {float(limit):.4g}, is {float(h):.4g}: "
        f"needs {r} < {needed:.3g}, is {float(rho0):.3g}",
        h=h,
    )


def outside(given: Ingredients, radius: Any, h: Any) -> Conclusion:
    """Return the conclusion that the ball needed leaves the one the constants are for."""
    return Conclusion(
        False,
        f"needs constants on a ball of radius {float(radius):.4g}, has them for "
        f"{given.ball.radius:.4g}",
        h=h,
    )
