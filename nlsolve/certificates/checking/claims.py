"""What does a certificate file give a theorem, and what does it claim of it?

`Known` hands out the constants of a file, only for balls they are good for. `Claims` holds the
numbers that are claimed; each is struck off when it is found to follow.
"""

import flint

from nlsolve.certificates.checking.ranges import ZERO, Number, smaller
from nlsolve.certificates.checking.stated import Constant, Stated

NEAR = 1.0 + 1e-9  # a radius is that of the theorem up to this factor


class NotProved(Exception):
    """Raised where a claim does not follow; the message says why."""


def need(condition: object, reason: str) -> None:
    """Raise NotProved unless a comparison is certain."""
    if not condition:
        raise NotProved(reason)


class Known:
    """The constants of a file by name and side."""

    def __init__(self, file: Stated) -> None:
        self.n, self.m, self.file = len(file.y), len(file.point), file
        self._found = {(one.quantity, one.side): one for one in file.constants}

    def has(self, quantity: str) -> bool:
        """Return whether an upper bound of a quantity is listed."""
        return (quantity, "upper") in self._found

    def upper(self, quantity: str, within: Number = ZERO) -> Number:
        """Return an upper bound, which must be good for the ball of radius `within`."""
        return flint.arb(self._listed(quantity, "upper", within).value)

    def lower(self, quantity: str) -> Number:
        """Return a lower bound."""
        return flint.arb(self._listed(quantity, "lower", ZERO).value)

    def region(self, quantity: str) -> Number:
        """Return the radius of the ball a constant is good for."""
        return flint.arb(self._listed(quantity, "upper", ZERO).radius)

    def _listed(self, quantity: str, side: str, within: Number) -> Constant:
        found = self._found.get((quantity, side))
        if found is None:
            raise NotProved(f"needs a{'n' * (side == 'upper')} {side} bound of {quantity}")
        need(flint.arb(found.radius) >= within, f"{quantity} is known on a smaller ball only")
        return found

    @property
    def sigma0(self) -> Number:
        """A positive lower bound of sigma_n(J)."""
        need(self.m >= self.n, f"{self.n} equations and {self.m} unknowns: sigma_n is 0")
        found = self.lower("sigma0")
        need(found > ZERO, "needs sigma0 > 0")
        return found

    @property
    def sigma0_of_F(self) -> Number:
        """The same of F itself, where the constants are those of A F: at least sigma(A J)/|A|."""
        if self.file.A is None:
            return self.sigma0
        return self.sigma0 / self.upper("A") if self.has("A") else ZERO

    def slope(self, radius: Number) -> Number:
        """L_F on the ball of that radius."""
        by_weyl = self.upper("sigma_max") + self.upper("beta", radius) * radius
        return smaller(by_weyl, self.upper("L_F", radius)) if self.has("L_F") else by_weyl

    def row(self, radius: Number) -> Number:
        """G on the ball of that radius."""
        by_change = self.upper("row_max") + self.upper("beta", radius) * radius
        return smaller(by_change, self.upper("G", radius)) if self.has("G") else by_change


class Claims:
    """The numbers a file states about what happens, struck off as they are found to follow."""

    def __init__(self, file: Stated) -> None:
        names = ("unique_within", "h", "mu", "step", "rate", "probability", "batch")
        self._open = {name: value for name in names if (value := getattr(file, name)) is not None}
        self.lower, self.upper = file.distance
        self.radius = flint.arb(file.radius)

    def number(self, name: str) -> Number:
        """Return a number that must be stated, and strike it off."""
        need(name in self._open, f"states no {name}")
        return flint.arb(self._open.pop(name))

    def at_least(self, name: str, bound: Number) -> Number:
        """Return a number that must be stated and no less than a bound."""
        value = self.number(name)
        need(value >= bound, f"{name} is less than what follows, {shown(bound)}")
        return value

    def at_most(self, name: str, bound: Number) -> None:
        """Check a number that may be stated and must be no more than a bound."""
        if name in self._open:
            reason = f"{name} is more than what follows, {shown(bound)}"
            need(self.number(name) <= bound, reason)

    def solution_within(self, bound: Number) -> None:
        """Check how near a solution is said to be."""
        need(self.upper is not None, "states no distance")
        reason = f"the distance is less than what follows, {shown(bound)}"
        need(flint.arb(self.upper) >= bound, reason)

    def ball(self, radius: Number) -> None:
        """Check that the radius is that of the theorem."""
        need(self.radius >= radius, f"the radius is less than what follows, {shown(radius)}")
        need(
            self.radius <= radius * NEAR, f"the radius is not that of the theorem, {shown(radius)}"
        )
        self.solution_within(radius)

    def finish(self) -> None:
        """Check that nothing is stated which the theorem does not say."""
        need(not self._open, f"the theorem says nothing of {', '.join(self._open)}")


def shown(bound: Number) -> str:
    return str(bound.str(6, radius=False))
