"""Is each constant of a certificate file a bound of what it names?

From scratch: the equations and their derivatives are enclosed at the point and over the boxes that
contain the balls, in other arithmetic than the maker's. Where the constants are those of A F, the
rows of A are read from the file and everything is multiplied by them; so is X.
"""

from collections.abc import Callable, Iterable
from functools import cached_property
from typing import Any

import flint

from nlsolve.certificates.checking.claims import NotProved, need
from nlsolve.certificates.checking.formulas import Gradient, Over, Structure, TooLarge
from nlsolve.certificates.checking.matrices import (
    Entries,
    Matrix,
    Wide,
    curved_at_most,
    identity,
    length_squared,
    matrix,
    max_of,
    norm_at_most,
    smallest_at_least,
    spectral_at_most,
    wide,
)
from nlsolve.certificates.checking.ranges import Number, Range, point
from nlsolve.certificates.checking.stated import Constant, Stated
from nlsolve.systems.tape import Tape

MOST_PRODUCTS = 100_000_000  # of balls in one product of matrices; some seconds


class Facts:
    """What is true of a system at a point and on balls about it.

    Parameters
    ----------
    file : Stated
        For the point, y, A and X.
    tape : Tape
        The equations.
    """

    def __init__(self, file: Stated, tape: Tape) -> None:
        self.file, self.structure = file, Structure(tape)
        self.n, self.m = tape.n, tape.m
        if self.n * self.n * self.m > MOST_PRODUCTS:
            raise TooLarge(f"{self.n} equations and {self.m} unknowns are too many to be checked")
        self.w = [flint.arb(x) for x in file.point]
        self.here = self._over([point(x) for x in self.w])
        self._known: dict[float, Over] = {0.0: self.here}

    def _over(self, box: list[Range]) -> Over:
        return Over(self.structure, box, self.file.parameters.values())

    def over(self, radius: float) -> Over:
        """Return the system over the box about a ball."""
        if radius not in self._known:
            R = flint.arb(radius)
            self._known[radius] = self._over([Range(x - R, x + R) for x in self.w])
        return self._known[radius]

    @cached_property
    def A(self) -> Matrix | None:
        """What the equations were multiplied by."""
        return None if self.file.A is None else matrix(self.file.A)

    @cached_property
    def residual_of_F(self) -> list[Number]:
        """F(w) - y."""
        y = (flint.arb(number) for number in self.file.y)
        return [value.lo - goal for value, goal in zip(self.here.values, y, strict=True)]

    @cached_property
    def residual(self) -> list[Number]:
        """F(w) - y, or A times it."""
        r = self.residual_of_F
        return r if self.A is None else (self.A * matrix([[x] for x in r])).entries()

    @cached_property
    def J_of_F(self) -> Matrix:
        """J(w), balls."""
        return self._rows(self.here.jacobian).middle

    @cached_property
    def J(self) -> Matrix:
        """J(w), or A times it."""
        return self.J_of_F if self.A is None else self.A * self.J_of_F

    def _rows(self, rows: Iterable[Gradient]) -> Wide:
        entries = [(i, j, entry) for i, row in enumerate(rows) for j, entry in row.items()]
        bounded(entry for _, _, entry in entries)
        return wide((self.n, self.m), entries)

    def jacobian(self, radius: float) -> Wide:
        """J over a box, or A times it."""
        over = self.over(radius)
        bounded(over.values)
        rows = self._rows(over.jacobian)
        return rows if self.A is None else rows.from_left(self.A)

    def change(self, radius: float) -> Wide:
        """J over a box less J(w), or A times it."""
        change = self._rows(self.over(radius).jacobian).minus(self.J_of_F)
        return change if self.A is None else change.from_left(self.A)

    def curvatures(self, radius: float) -> list[Entries]:
        """Magnitudes of the second derivatives of each equation (of A F) over a box."""
        hessians = self.over(radius).hessians
        bounded(self.over(radius).values)
        bounded(entry for hessian in hessians for entry in hessian.values())
        if self.A is None:
            return [[(*pair, entry.size) for pair, entry in each.items()] for each in hessians]
        pairs = sorted({pair for hessian in hessians for pair in hessian})
        place = {pair: k for k, pair in enumerate(pairs)}
        if self.n * self.n * len(pairs) > MOST_PRODUCTS:
            raise TooLarge("too many second derivatives to be checked")
        listed = [(i, place[p], e) for i, each in enumerate(hessians) for p, e in each.items()]
        mixed = wide((self.n, max(len(pairs), 1)), listed).from_left(self.A)
        found: list[Entries] = [[] for _ in range(self.n)]
        for i, k, size in mixed.magnitudes:
            found[i].append((*pairs[k], size))
        return found

    @property
    def X(self) -> Matrix:
        """The right inverse."""
        if self.file.X is None:
            raise NotProved("X is missing")
        return matrix(self.file.X)


def bounded(entries: Iterable[Range]) -> None:
    """Refuse enclosures without end."""
    need(all(entry.finite for entry in entries), "a value or derivative has no bound on the ball")


def _symmetric(entries: Entries) -> Entries:
    """Return both halves of a symmetric matrix of which one is given."""
    return entries + [(k, j, size) for j, k, size in entries if j != k]


def _beta(facts: Facts, v: Number, radius: float) -> bool:
    return curved_at_most([_symmetric(one) for one in facts.curvatures(radius)], facts.m, v)


def _each_curvature(facts: Facts, v: Number, radius: float) -> bool:
    curvatures = facts.curvatures(radius)
    return all(curved_at_most([_symmetric(one)], facts.m, v) for one in curvatures)


def _slope(facts: Facts, v: Number, radius: float) -> bool:
    return spectral_at_most(facts.jacobian(radius).magnitudes, (facts.n, facts.m), v)


def _change(facts: Facts, v: Number, radius: float) -> bool:
    return spectral_at_most(facts.change(radius).magnitudes, (facts.n, facts.m), v)


def _rows_at_most(facts: Facts, v: Number, radius: float) -> bool:
    rows: dict[int, list[Number]] = {}
    for i, _, size in facts.jacobian(radius).magnitudes:
        rows.setdefault(i, []).append(size)
    return bool(max_of(length_squared(row) for row in rows.values()) <= v * v)


def _contraction(facts: Facts, v: Number, radius: float) -> bool:
    defect = facts.jacobian(radius).from_right(facts.X).minus(identity(facts.n))
    return spectral_at_most(defect.magnitudes, (facts.n, facts.n), v)


def _multiplier(facts: Facts, v: Number, _radius: float) -> bool:
    return facts.A is not None and norm_at_most(facts.A, v)


def _multiplier_inverse(facts: Facts, v: Number, _radius: float) -> bool:
    """|A^{-1}| <= v: A v has no singular value below 1."""
    return facts.A is not None and smallest_at_least(facts.A * v, flint.arb(1))


def _longest(facts: Facts, v: Number, _radius: float) -> bool:
    return bool(length_squared(facts.residual) <= v * v)


def _shortest(facts: Facts, v: Number, _radius: float) -> bool:
    nearest = (x.abs_lower() for x in facts.residual)  # squares of balls about 0 reach below it
    return bool(length_squared(nearest) >= v * v)


def _smallest(facts: Facts, v: Number, _radius: float) -> bool:
    return smallest_at_least(facts.J, v)


def _largest(facts: Facts, v: Number, _radius: float) -> bool:
    return norm_at_most(facts.J, v)


AT_POINT: dict[tuple[str, str], Callable[[Facts, Number, float], bool]] = {
    ("rho0", "upper"): _longest,
    ("rho0", "lower"): _shortest,
    ("sigma0", "lower"): _smallest,
    ("sigma_max", "upper"): _largest,
    ("row_max", "upper"): _rows_at_most,
    ("A", "upper"): _multiplier,
    ("A_inverse", "upper"): _multiplier_inverse,
    ("X", "upper"): lambda facts, v, _: norm_at_most(facts.X, v),
}
ON_BALL: dict[tuple[str, str], Callable[[Facts, Number, float], bool]] = {
    ("beta", "upper"): _beta,
    ("H", "upper"): _each_curvature,
    ("L_F", "upper"): _slope,
    ("G", "upper"): _rows_at_most,
    ("Delta", "upper"): _change,
    ("q", "upper"): _contraction,
}


def check_constants(facts: Facts) -> None:
    """Check every constant of a file; raise NotProved at the first that is not seen to be true."""
    bounded(facts.here.values)
    for constant in facts.file.constants:
        _check(facts, constant)
    file, of_F = facts.file, facts.J_of_F
    norm, least, most = (flint.arb(v) for v in (file.residual_norm, file.sigma_min, file.sigma_max))
    need(length_squared(facts.residual_of_F) <= norm * norm, "the residual norm is larger")
    need(smallest_at_least(of_F, least), "sigma_min is not seen to be so large")
    need(norm_at_most(of_F, most), "sigma_max is not seen to be so small")


def _check(facts: Facts, constant: Constant) -> None:
    name = f"{constant.quantity!r:.40} as {constant.side!r:.20} bound"
    key = (constant.quantity, constant.side)
    need(constant.evidence == "proved", f"{name} is {constant.evidence!r:.40}, not proved")
    rule: Any = AT_POINT.get(key) if constant.radius == 0.0 else None
    rule = rule or ON_BALL.get(key)
    need(rule is not None, f"{name} is nothing that is known how to check")
    true = rule(facts, flint.arb(constant.value), constant.radius)
    need(true, f"{name} {constant.value:.6g} is not seen to be true")
