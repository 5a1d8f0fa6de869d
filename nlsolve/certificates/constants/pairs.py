"""Between which points of a ball does J differ most, for their distance?

In many dimensions random pairs say little: for F_i = w_i^2 a random direction sees 1/sqrt(m) of the
curvature. So most pairs are adversarial. D^2F[u, v] is symmetric in u and v; the right singular
vector of J(c + R u) - J(c), about R D^2F[u, .], that belongs to its norm is the direction v in
which J changes most along u, and is the next u. This is power iteration on D^2F, along whole rays.
It starts from the gradient, in whose direction the run will go, and from random ones; then come
pairs at the rim and random ones, and the largest quotient is followed by bisection: one half of a
pair has a quotient at least as large. Where bisection leaves the change of J as it was, J jumps
there: F is not smooth.

Second differences of F along the directions found need no J: |F(++) - F(+-) - F(-+) + F(--)| <=
beta |2 s u| |2 t v|.
"""

import math
from typing import Any, NamedTuple

import numpy as np

from nlsolve.certificates.constants.point import Point, norm
from nlsolve.certificates.evidence import Ball, FloatArray, Refusal
from nlsolve.systems.errors import EvaluationError

SMALL = 4_000  # n m up to which an SVD is cheaper than iterating in Python
ITERATIONS = 4  # of the power method, a pair
FINAL = 30  # for the best pair
SIGNS = ((1.0, 1.0), (1.0, -1.0), (-1.0, 1.0), (-1.0, -1.0))


class Effort(NamedTuple):
    """How many points (each one Jacobian), and second differences of F (four values)."""

    rays: int
    rim: int
    random: int
    bisections: int
    secants: int


USUAL = Effort(8, 4, 4, 6, 0)
SPARING = Effort(3, 0, 0, 0, 13)
CHECK = Effort(4, 0, 2, 0, 0)


class Pairs:
    """The samples of one ball.

    Attributes
    ----------
    quotient : largest |J(u) - J(v)| / |u - v| seen
    change, steeper, longer : largest |J - J0|, |J| - |J0| and growth of a row seen
    count : pairs compared
    """

    def __init__(self, point: Point, ball: Ball) -> None:
        self.point, self.ball = point, ball
        self.A = None if ball.equations is None else ball.equations.A
        self.random = np.random.default_rng(0)
        self.quotient, self.change, self.steeper, self.longer, self.count = 0.0, 0.0, 0.0, 0.0, 0
        self.pair: Any = None
        self.directions: list[FloatArray] = []

    def run(self, effort: Effort) -> "Pairs":
        """Take the samples; Refusal where that is not possible."""
        try:
            with np.errstate(all="ignore"):
                self._rays(effort.rays)
                self._rim(effort.rim)
                self._scatter(effort.random)
                self._secants(effort.secants)
                self._bisect(effort.bisections)
                self._refine()
        except (EvaluationError, np.linalg.LinAlgError) as error:
            raise Refusal(f"F or J cannot be evaluated everywhere in {self.ball}: {error}") from (
                error
            )
        return self

    def _jacobian(self, z: FloatArray) -> FloatArray:
        problem = self.point.problem
        r = problem.residual(z) if problem.kind != "exact" else self.point.r
        J: FloatArray = problem.jacobian(z, r)
        if not np.isfinite(J).all():
            raise EvaluationError(f"J is not finite at {z}")
        return J

    def _compare(self, u: FloatArray, Ju: FloatArray, v: FloatArray, Jv: FloatArray) -> FloatArray:
        """Take a pair into account; return the direction in which J differs most."""
        apart, difference = norm(u - v), Ju - Jv
        size, direction = self.largest(difference, self._direction())
        self.count += 1
        if apart > 0.0 and size > self.quotient * apart:
            self.quotient, self.pair = size / apart, (u, Ju, v, Jv, size, direction)
        return direction

    def largest(
        self, D: FloatArray, v: FloatArray, iterations: int = ITERATIONS
    ) -> tuple[float, FloatArray]:
        """Return |A D| and the unit vector it belongs to, from below."""
        if D.size <= SMALL:
            _, values, vectors = np.linalg.svd(D if self.A is None else self.A @ D, False)
            return float(values[0]), vectors[0]
        size: float = 0.0
        for _ in range(iterations):
            image = D @ v
            image = image if self.A is None else self.A @ image
            size = norm(image)
            back = D.T @ (image if self.A is None else self.A.T @ image)
            length = norm(back)
            if not length > 0.0:
                break
            v = back / length
        return size, v

    def _direction(self) -> FloatArray:
        v = np.asarray(self.random.standard_normal(self.point.m))
        return v / norm(v)

    def _visit(self, z: FloatArray) -> FloatArray:
        """Return J(z), and note how it differs from J at the centre."""
        J = self._jacobian(z)
        rows = np.linalg.norm(J, axis=1)
        self.longer = max(self.longer, float(rows.max() - self.point.row_lengths.max()))
        return J

    def _rays(self, count: int) -> None:
        """Compare the centre with points at the rim, each in the direction the last one found."""
        point, R = self.point, self.ball.radius
        step = -(point.J.T @ point.r)
        v = step / norm(step) if norm(step) > 0.0 else self._direction()
        for k in range(count):
            if 2 * k == count:  # a second start
                v = self._direction()
            z = point.w + (R if k % 2 == 0 else -R) * v
            J = self._visit(z)
            before = self.quotient * norm(z - point.w)
            v = self._compare(z, J, point.w, point.J)
            size, _ = self.largest(J - point.J, v, 1)
            self.change = max(self.change, size, before)
            self.steeper = max(self.steeper, self._norm(J) - float(point.spectrum.values[0]))
            self.directions.append(v)

    def _norm(self, J: FloatArray) -> float:
        if self.A is not None:
            return 0.0
        return self.largest(J, self._direction(), 2 * ITERATIONS)[0]

    def _inside(self, z: FloatArray) -> FloatArray:
        """Return z, or the point of the ball nearest to it."""
        apart = z - self.point.w
        return self.point.w + apart * min(1.0, self.ball.radius / max(norm(apart), 1e-300))

    def _rim(self, count: int) -> None:
        """Compare a point at the rim, where J differed most, with others near it."""
        if count == 0 or self.pair is None:
            return
        base, at_base, _, _, _, v = self.pair
        for k in range(count):
            part = self.ball.radius / (2.0 if k % 2 == 0 else 8.0)
            inward = -1.0 if v @ (base - self.point.w) > 0.0 else 1.0
            z = self._inside(base + inward * part * v)
            v = self._compare(z, self._visit(z), base, at_base)

    def _scatter(self, count: int) -> None:
        """Compare random points of the ball with each other."""
        before, at_before = self.point.w, self.point.J
        for _ in range(count):
            part = self.random.uniform() ** (1.0 / self.point.m)
            z = self.point.w + self.ball.radius * part * self._direction()
            J = self._visit(z)
            self._compare(z, J, before, at_before)
            before, at_before = z, J

    def _secants(self, count: int) -> None:
        """Second differences of F about the centre and about points half-way to the rim."""
        s = self.ball.radius / 4.0
        for k in range(count):
            u, v = (self.directions[-1 - (k + j) % len(self.directions)] for j in (0, 1))
            v = v if k % 3 else u
            base = self.point.w if k % 2 == 0 else self.point.w + 2.0 * s * self._direction()
            corners = [self.point.problem.residual(base + a * s * u + b * s * v) for a, b in SIGNS]
            rise = corners[0] - corners[1] - corners[2] + corners[3]
            size = norm(rise if self.A is None else self.A @ rise)
            if not math.isfinite(size):
                raise EvaluationError("F is not finite")
            self.quotient = max(self.quotient, size / (4.0 * s * s))
            self.count += 1

    def _bisect(self, count: int) -> None:
        """Follow the largest quotient to smaller scales; Refusal where J turns out to jump."""
        if count == 0 or self.pair is None:
            return
        first = self.pair[4]
        before = self.quotient
        for _ in range(count):
            u, Ju, v, Jv, _, _ = self.pair
            middle = 0.5 * (u + v)
            J = self._visit(middle)
            reached = self.quotient
            self._compare(u, Ju, middle, J)
            self._compare(middle, J, v, Jv)
            if not self.quotient > reached:
                break
        apart = norm(self.pair[0] - self.pair[2])
        if self.quotient > 16.0 * before and self.quotient * apart > 0.5 * first:
            raise Refusal(
                "J jumps: between two points of the ball it changes as much as between two that "
                "are 16 times nearer to each other, so F seems not to be smooth there"
            )

    def _refine(self) -> None:
        if self.pair is not None and self.point.J.size > SMALL:
            u, Ju, v, Jv, _, direction = self.pair
            size, _ = self.largest(Ju - Jv, direction, FINAL)
            self.quotient = max(self.quotient, size / norm(u - v))
