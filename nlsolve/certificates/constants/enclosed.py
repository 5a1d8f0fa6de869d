"""What is proved of a system that is known as formulas, at a point and on balls about it?

The residual at the exact doubles of w, J there and over boxes, and second derivatives over boxes
are enclosed in outward-rounded intervals (enclosure.py); everything made of them is rounded
outward too. Evidence PROVED.

At the point. sigma0 from K = J J^T in intervals by floating Cholesky with Rump's bound; sigma_max
likewise. For A F: M = A J in intervals, e >= |I - M M^T|, and e < 1 proves A invertible,
sigma_n(A J)^2 >= 1 - e, |A J|^2 <= 1 + e.

On a ball: on the box of edge 2 R about w, which contains it.

Right inverse. X = fl(A J)^T, q >= |I - A J X| over the box and |X|^2 = |X^T X| <= 1 + |I - X^T X|:
the contraction needs no second derivatives; q < 1 proves A invertible.
"""

import math
from functools import cached_property
from typing import Any

import numpy as np

from nlsolve.certificates.constants.enclosure import Enclosure
from nlsolve.certificates.constants.nodes import Formulas
from nlsolve.certificates.constants.point import EVALUATION, Point, Preconditioner, inverse_factor
from nlsolve.certificates.evidence import Ball, Bound, Evidence, FloatArray, Refusal, Side
from nlsolve.intervals import (
    EnclosureError,
    Interval,
    centred,
    magnitude,
    matmul,
    norm_lower,
    norm_upper,
    spectral_upper,
    symmetric_eigenvalue_lower,
    symmetric_eigenvalue_upper,
)
from nlsolve.intervals.rounding import LARGEST


class EnclosedPoint(Point):
    """A point with the enclosures of r and J there."""

    def __init__(self, problem: Any, w: FloatArray, r: FloatArray, J: FloatArray) -> None:
        super().__init__(problem, w, r, J)
        self.evidence = Evidence.PROVED
        self.formulas = Formulas(problem.system)
        self.enclosure = Enclosure(self.formulas, w, w)
        self.residual = self.enclosure.values - Interval(problem.y)
        self.jacobian = self.enclosure.jacobian

    @cached_property
    def kernel(self) -> tuple[FloatArray, FloatArray]:
        """K = J J^T as midpoints and radii."""
        return centred(matmul(self.jacobian, self.jacobian.T))

    @cached_property
    def sigma_min(self) -> float:
        """Lower bound of the n-th singular value; 0 if m < n."""
        if self.m < self.n:
            return 0.0
        least = symmetric_eigenvalue_lower(*self.kernel)
        by_cholesky = max(float(np.nextafter(math.sqrt(max(least, 0.0)), 0.0)), 0.0)
        made = self.preconditioner
        if made is None:
            return by_cholesky
        # K has the squared condition number; sigma(J) >= sigma(A J) / |A|
        return max(by_cholesky, float((Interval(made.sigma) / _number(made.size)).lo))

    @cached_property
    def sigma_max(self) -> float:
        """Upper bound of |J|."""
        largest = symmetric_eigenvalue_upper(*self.kernel)
        known = largest < math.inf
        return float(np.nextafter(math.sqrt(largest), np.inf)) if known else self.largest_size

    @property
    def largest_size(self) -> float:
        """Upper bound of |J| where entries of K overflow."""
        return spectral_upper(self.jacobian)

    @property
    def longest_row(self) -> float:
        """Upper bound of every |J_i|."""
        return max(norm_upper(row) for row in self.jacobian)

    @cached_property
    def residual_norm(self) -> float:
        """Upper bound of |r|."""
        return norm_upper(self.residual)

    def bound(
        self, quantity: str, value: float, side: Side, source: str, equations: Any = None
    ) -> Bound:
        """Return a bound that holds at this point, for theorems in interval arithmetic."""
        region = Ball(self.w, 0.0, equations)
        return Bound(quantity, _number(value), side, region, self.evidence, source)

    @cached_property
    def bounds(self) -> list[Bound]:
        """What is known of F itself."""
        how = "Cholesky of the enclosed J J^T with Rump's bound"
        return [
            self.bound("rho0", self.residual_norm, "upper", "F(w) - y enclosed"),
            self.bound("rho0", norm_lower(self.residual), "lower", "F(w) - y enclosed"),
            self.bound("sigma0", self.sigma_min, "lower", how),
            self.bound("sigma_max", self.sigma_max, "upper", how),
            self.bound("row_max", self.longest_row, "upper", "J enclosed"),
        ]

    @property
    def column_bounds(self) -> list[Bound]:
        """Refuse: what PL*_eps needs is not enclosed."""
        raise Refusal("PL*_eps is not proved, only estimated")

    @cached_property
    def preconditioner(self) -> "EnclosedPreconditioner | None":
        """A with A J nearly orthonormal; None where that cannot be proved."""
        if self.m < self.n:
            return None
        A = inverse_factor(self.J)
        found = EnclosedPreconditioner(self, A) if np.isfinite(A).all() else None
        return found if found is not None and found.sigma > 0.0 else None


class EvaluatedPoint(Point):
    """A point of formulas whose constants on balls are estimated, where none could be enclosed.

    What evaluation in doubles did to r and J there is enclosed.
    """

    def __init__(
        self, problem: Any, w: FloatArray, r: FloatArray, J: FloatArray, formulas: Any
    ) -> None:
        super().__init__(problem, w, r, J)
        self.formulas = Formulas(formulas)

    @cached_property
    def apart(self) -> tuple[FloatArray, FloatArray] | None:
        """How far each entry of r, and each row of J in norm, may be off; None where unknown."""
        try:
            enclosure = Enclosure(self.formulas, self.w, self.w)
            r = enclosure.values - Interval(self.problem.y) - Interval(self.r)
            J = enclosure.jacobian - Interval(self.J)
        except EnclosureError:
            return None
        return magnitude(r), np.array([norm_upper(row) for row in J])

    @property
    def known(self) -> str:
        """How r and J are known."""
        return super().known if self.apart is None else "enclosed"

    @cached_property
    def residual_error(self) -> FloatArray:
        """How far each entry of r may be from the true one."""
        if self.apart is None:
            return super().residual_error
        return np.asarray(np.maximum(self.stated_error, self.apart[0]))

    @cached_property
    def row_errors(self) -> FloatArray:
        """How far each row of J may be from the true one, in norm."""
        if self.apart is None:
            return super().row_errors
        return np.asarray(np.maximum(EVALUATION * self.row_lengths, self.apart[1]))


class EnclosedPreconditioner(Preconditioner):
    """An invertible A, and what is proved of A F."""

    point: EnclosedPoint

    def _measure(self) -> None:
        e = norm_upper(self._products() - Interval(np.eye(self.point.n)))
        self.defect = e
        if e < 1.0:
            self.sigma = float(np.nextafter(math.sqrt(np.nextafter(1.0 - e, 0.0)), 0.0))
            self.largest = float(np.nextafter(math.sqrt(np.nextafter(1.0 + e, 2.0)), 2.0))

    def _products(self) -> Interval:
        """(A J) (A J)^T."""
        M = matmul(self.A, self.point.jacobian)
        return matmul(M, M.T)

    @cached_property
    def X(self) -> FloatArray:
        """fl(A J)^T, (m, n), a matrix of doubles."""
        X: FloatArray = (self.A @ self.point.J).T
        return X

    @cached_property
    def X_size(self) -> float:
        """Upper bound of |X|."""
        gap = norm_upper(matmul(self.X.T, self.X) - Interval(np.eye(self.point.n)))
        return float(np.nextafter(math.sqrt(np.nextafter(1.0 + gap, np.inf)), np.inf))

    @property
    def size(self) -> float:
        """Upper bound of |A|."""
        return spectral_upper(Interval(self.A))

    @cached_property
    def weighted(self) -> Interval:
        """A r, (n,)."""
        return matmul(self.A, self.point.residual)

    def residual(self) -> tuple[float, float]:
        """Return an upper bound of |A r|, and nothing to be added to it."""
        return norm_upper(self.weighted), 0.0

    @cached_property
    def bounds(self) -> list[Bound]:
        """What is known of A F."""
        how = "I - (A J)(A J)^T enclosed"

        def bound(quantity: str, value: float, side: Side, source: str) -> Bound:
            return self.point.bound(quantity, value, side, source, self)

        known = [
            bound("rho0", norm_upper(self.weighted), "upper", "A (F(w) - y) enclosed"),
            bound("rho0", norm_lower(self.weighted), "lower", "A (F(w) - y) enclosed"),
            bound("sigma0", self.sigma, "lower", how),
            bound("sigma_max", self.largest, "upper", how),
            bound("A", self.size, "upper", "norm of A"),
        ]
        back = _number(self.point.sigma_max) / Interval(self.sigma)
        return [*known, bound("A_inverse", back.hi, "upper", "|J| / sigma(A J)")]


class Enclosed:
    """Bounds on balls about a point, from enclosures over the boxes that contain them."""

    given, varies, lazy = False, False, True  # second derivatives cost, ask for them last
    smallest_radius = 0.0

    def __init__(self, point: EnclosedPoint) -> None:
        self.point = point
        self._known: dict[float, Enclosure] = {}

    def over(self, radius: float) -> Enclosure:
        """Return the enclosure over the box about a ball."""
        if radius not in self._known:
            w = self.point.w
            lo, hi = np.nextafter(w - radius, -np.inf), np.nextafter(w + radius, np.inf)
            self._known[radius] = Enclosure(self.point.formulas, lo, hi)
        return self._known[radius]

    def bounds(self, ball: Ball) -> list[Bound]:
        """Return beta, H and L_F on a ball.

        Raises
        ------
        Refusal
            Where they cannot be enclosed.
        """
        try:
            return self._bounds(ball)
        except EnclosureError as error:
            raise Refusal(f"no enclosure over {ball}: {error}") from error

    def _bounds(self, ball: Ball) -> list[Bound]:
        enclosure, made = self.over(ball.radius), ball.equations
        how = "second derivatives enclosed"
        beta = enclosure.lipschitz(None if made is None else made.A)
        found = [self._bound("beta", beta, ball, how)]
        if made is None:
            found.append(self._bound("H", enclosure.hessian_norms(), ball, how))
            found.append(self._bound("L_F", spectral_upper(enclosure.jacobian), ball, "J enclosed"))
            rows = max(norm_upper(row) for row in enclosure.jacobian)
            found.append(self._bound("G", rows, ball, "J enclosed"))
        return found

    def changes(self, ball: Ball) -> list[Bound]:
        """Return Delta at eight radii up to that of the ball, or until it reaches sigma0."""
        found, made = [], ball.equations
        sigma = self.point.sigma_min if made is None else made.sigma
        for k in range(1, 9):
            inner = Ball(ball.centre, ball.radius * k / 8.0, ball.equations)
            try:
                change = self.over(inner.radius).jacobian - self.point.jacobian
            except EnclosureError as error:
                raise Refusal(f"no enclosure over {inner}: {error}") from error
            delta = spectral_upper(change if made is None else matmul(made.A, change))
            found.append(self._bound("Delta", delta, inner, "J enclosed"))
            if delta >= sigma:  # no theorem uses a larger one
                break
        return found

    def contraction(self, ball: Ball) -> Bound:
        """Return q >= |I - A J X| on the ball."""
        made = ball.equations
        try:
            product = matmul(matmul(made.A, self.over(ball.radius).jacobian), made.X)
        except EnclosureError as error:
            raise Refusal(f"no enclosure over {ball}: {error}") from error
        q = spectral_upper(product - Interval(np.eye(self.point.n)))
        return self._bound("q", q, ball, "I - A J X enclosed over the box")

    def _bound(self, quantity: str, value: float, ball: Ball, source: str) -> Bound:
        return Bound(quantity, _number(value), "upper", ball, Evidence.PROVED, source)


def _number(bound: float) -> Interval:
    """Return a bound as an interval; where it overflowed, one that no theorem takes."""
    return Interval(min(float(bound), LARGEST), float(bound))
