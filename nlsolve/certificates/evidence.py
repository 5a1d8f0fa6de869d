"""What is known about a number: how well, from which side, where, and from where?

Evidence travels with every number and only weakens: a conclusion is worth what its weakest
ingredient is worth.
"""

import enum
import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from nlsolve.certificates.arithmetic import certainly_at_most, in_range

FloatArray = npt.NDArray[np.float64]
Side = Literal["lower", "upper"]


class Evidence(enum.IntEnum):
    """How well a number is known; the order is that of their worth."""

    ESTIMATED = 1  # sampled suprema, differenced Jacobians, library output taken as it is
    ASSUMED = 2  # given by the user for a region, or evaluated at a point and widened for rounding
    PROVED = 3  # enclosed over the whole region by outward-rounded or exact arithmetic

    @property
    def word(self) -> str:
        """The level as it is shown."""
        return self.name.lower()

    def __str__(self) -> str:
        return self.word

    def __format__(self, spec: str) -> str:
        return format(self.word, spec)


@dataclass(frozen=True, eq=False)
class Ball:
    """A region: the closed ball B(centre, radius); a point if the radius is 0.

    `equations` is what the equations were multiplied by (None: nothing). Numbers of F and of A F
    never meet in one theorem.
    """

    centre: FloatArray
    radius: float
    equations: Any = None

    def contains(self, other: "Ball") -> bool:
        """Return whether `other` certainly lies in this ball and speaks of the same equations."""
        if self.equations is not other.equations or self.centre.shape != other.centre.shape:
            return False
        if self.radius == math.inf:
            return True
        if np.array_equal(self.centre, other.centre):
            return other.radius <= self.radius
        apart = float(np.linalg.norm(self.centre - other.centre))
        return certainly_at_most(apart + other.radius, self.radius)

    def __str__(self) -> str:
        of = "" if self.equations is None else ", preconditioned"
        if self.radius == 0.0:
            return f"at w{of}"
        if self.radius == math.inf:
            return f"everywhere{of}"
        return f"|w' - w| <= {self.radius:.4g}{of}"


@dataclass(frozen=True, eq=False)
class Bound:
    """A number with its side, its region, its evidence and its source.

    Parameters
    ----------
    quantity : str
        The paper's name of it: 'beta', 'sigma0', 'rho0', 'L_F', ...
    value : number
    side : {'lower', 'upper'}
        On which side of the true number `value` lies.
    region : Ball
    evidence : Evidence
    source : str
        Where the number comes from, in words.
    """

    quantity: str
    value: Any
    side: Side
    region: Ball
    evidence: Evidence
    source: str

    def __post_init__(self) -> None:
        if self.side not in ("lower", "upper"):
            raise ValueError(f"side must be 'lower' or 'upper', got {self.side!r}")

    def __str__(self) -> str:
        sign = "<=" if self.side == "upper" else ">="
        number = f"{self.quantity} {sign} {float(self.value):.4g}"
        return f"{number} [{self.evidence.word}; {self.region}; {self.source}]"


class Refusal(Exception):
    """Raised where a theorem cannot be applied to what it was given; the message says why."""


@dataclass(eq=False)
class Ingredients:
    """The bounds a theorem may use, all good for one ball; it hands out no others.

    Parameters
    ----------
    bounds : iterable of Bound
        Of one quantity and side the last one counts.
    ball : Ball
        What a conclusion may speak of. A bound at a point must be one at its centre, any other one
        must hold on all of it.
    n, m : int
        Equations and unknowns.
    assumptions : tuple of str
        What the numbers rest on beside their evidence.
    """

    bounds: Iterable[Bound]
    ball: Ball
    n: int
    m: int
    assumptions: tuple[str, ...] = ()
    used: dict[tuple[str, str, float], Bound] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.bounds = tuple(self.bounds)

    @property
    def evidence(self) -> Evidence:
        """That of the weakest bound handed out so far."""
        return min((bound.evidence for bound in self.used.values()), default=Evidence.PROVED)

    def upper(self, quantity: str) -> Any:
        """Return an upper bound of a quantity; Refusal where there is none for this ball."""
        return self._take(quantity, "upper").value

    def lower(self, quantity: str) -> Any:
        """Return a lower bound of a quantity; Refusal where there is none for this ball."""
        return self._take(quantity, "lower").value

    def has(self, quantity: str, side: Side = "upper") -> bool:
        """Return whether there is such a bound at all."""
        return any((b.quantity, b.side) == (quantity, side) for b in self.bounds)

    def table(self, quantity: str) -> list[tuple[float, Any]]:
        """Return (radius, upper bound) of a quantity on balls about the centre, inner ones first.

        Balls that contain the whole ball of these ingredients count as it.
        """
        found = [b for b in self.bounds if (b.quantity, b.side) == (quantity, "upper")]
        if not found:
            raise Refusal(f"no upper bound of {quantity} is known")
        for bound in found:
            if not np.array_equal(bound.region.centre, self.ball.centre):
                raise Refusal(f"{quantity} is known about another point")
            self._check(bound, inner=True)
            self.used[quantity, "upper", bound.region.radius] = bound
        return sorted((min(b.region.radius, self.ball.radius), b.value) for b in found)

    def _take(self, quantity: str, side: Side) -> Bound:
        if (quantity, side, math.inf) in self.used:
            return self.used[quantity, side, math.inf]
        matching = [b for b in self.bounds if b.quantity == quantity]
        right = [b for b in matching if b.side == side]
        if not right:
            other = f"; the one given is a {matching[-1].side} bound" if matching else ""
            raise Refusal(f"needs a{'n' * (side == 'upper')} {side} bound of {quantity}{other}")
        bound = right[-1]
        self._check(bound)
        self.used[quantity, side, math.inf] = bound
        return bound

    def _check(self, bound: Bound, inner: bool = False) -> None:
        """Refuse a number that is none, or one of another region."""
        if not in_range(bound.value):
            raise Refusal(f"{bound.quantity} is {bound.value} ({bound.source})")
        at_point = bound.region.radius == 0.0
        ball = self.ball
        wanted = Ball(ball.centre, 0.0, ball.equations) if at_point or inner else ball
        if not bound.region.contains(wanted):
            raise Refusal(
                f"{bound.quantity} is known for {bound.region}, not for {ball} as the theorem needs"
            )
