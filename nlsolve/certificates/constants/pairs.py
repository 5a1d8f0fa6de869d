"""Between which points of a ball does J differ most, for their distance?

In many dimensions random pairs say little: for F_i = w_i^2 a random direction sees 1/sqrt(m) of the
curvature. So most pairs are adversarial. D^2F[u, v] is symmetric in u and v; the right singular
vector of J(c + R u) - J(c), about R D^2F[u, .], that belongs to its norm is the direction v in
which J changes most along u, and is the next u. This is power iteration on D^2F, along whole rays.
It ends at a local maximum: for D^2F = sum_i c_i e_i e_i^T e_i^T at that of the largest |c_i u_i|,
not of the largest |c_i|. So it does not start from one ray, but from several taken together, since
the sum of their D^T D averages u out; the gradient, in whose direction the run will go, is one of
them. Of the first singular vectors, that along which F itself bends most is taken.

Then come pairs at the rim and random ones, and the largest quotient is followed by bisection: one
half of a pair has a quotient at least as large. It ends where the quotient grows no more, or where
the change of J is no larger than the error of J. If it still grows then, J jumps there: F is not
smooth. Last, lines along the directions found, from values of F alone (lines.py).

Where J comes from differences, they are taken with steps of a sixteenth of the radius here: with
the short ones that suit J at a point, rounding of F would drown what J does over the ball.
"""

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from nlsolve.certificates.constants import differences, lines
from nlsolve.certificates.constants.directions import largest, leading, weighted
from nlsolve.certificates.constants.point import Point, norm
from nlsolve.certificates.evidence import Ball, FloatArray, Refusal
from nlsolve.systems.errors import EvaluationError

ABOVE_ERROR = 16.0  # times the error of J: a change that is one
DEEPEST = {True: 20, False: 4}  # bisections of an exact J that jumps, and of one from differences
STEP = 1.0 / 16.0  # of differences, in radii


class Effort(NamedTuple):
    """How many points, each one Jacobian, and lines of values of F.

    First `probes` rays; of `candidates` directions found with them the best are the starts of
    `climbs` power iterations of `length` rays; points at the rim and random ones; bisections of the
    best pair; lines.
    """

    probes: int
    candidates: int
    climbs: int
    length: int
    rim: int
    random: int
    bisections: int
    lines: int


USUAL = Effort(4, 6, 2, 3, 3, 3, 6, 1)
SPARING = Effort(2, 3, 1, 2, 0, 0, 0, 2)
CHECK = Effort(2, 3, 1, 2, 0, 2, 0, 0)


class Pair(NamedTuple):
    """Two points with their Jacobians, |J(u) - J(v)| and the direction it belongs to."""

    u: FloatArray
    at_u: FloatArray
    v: FloatArray
    at_v: FloatArray
    change: float
    direction: FloatArray

    @property
    def apart(self) -> float:
        return norm(self.u - self.v)


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
        self.J0, self.reach, self.step, self.keeps = point.J, ball.radius, 0.0, False
        if point.problem.kind in ("2-point", "3-point"):
            self.step = STEP * ball.radius
            self.reach -= self.step  # all points of a difference are in the ball
        self.quotient, self.change, self.steeper, self.longer, self.count = 0.0, 0.0, 0.0, 0.0, 0
        self.pair: Pair | None = None
        self.directions: list[FloatArray] = []

    def run(self, effort: Effort) -> "Pairs":
        """Take the samples; Refusal where that is not possible."""
        self.keeps = effort.rim + effort.random + effort.bisections > 0
        try:
            with np.errstate(all="ignore"):
                self.centre()
                self._rays(effort)
                self._rim(effort.rim)
                self._scatter(effort.random)
                self._bisect(effort.bisections)
                self._lines(effort.lines)
        except (EvaluationError, np.linalg.LinAlgError) as error:
            raise Refusal(f"F or J cannot be evaluated everywhere in {self.ball}: {error}") from (
                error
            )
        return self

    def centre(self) -> FloatArray:
        """Return J at the centre, as it is to be compared with others."""
        if self.step and self.J0 is self.point.J:
            self.J0 = self.jacobian(self.point.w)
        return self.J0

    def error(self) -> float:
        """Return what rounding may do to A J at a point, in norm."""
        rows = self.point.row_errors
        if self.step:  # an eighth: rounding is not all on one side
            unit = 16.0 * float(self.point.problem.precision)
            values = self.point.residual_error + unit * self.ball.radius * self.point.row_lengths
            rows = values * math.sqrt(self.point.m) / (8.0 * self.step)
        return norm(rows if self.A is None else self.A * rows)

    def jacobian(self, z: FloatArray) -> FloatArray:
        """Return J(z), finite, and note how its rows differ from those at the centre."""
        problem = self.point.problem
        r = problem.residual(z)  # also with an exact J: its formula may go on where F has no value
        if not np.isfinite(r).all():
            raise EvaluationError(f"F is not finite at {z}")
        J: FloatArray = (
            differences.jacobian(problem, z, r, self.step) if self.step else problem.jacobian(z, r)
        )
        longest = math.sqrt(float(np.einsum("ij,ij->i", J, J).max()))
        if not math.isfinite(longest):
            raise EvaluationError(f"J is not finite, or too large to be squared, at {z}")
        self.longer = max(self.longer, longest - float(self.point.row_lengths.max()))
        return J.copy() if self.keeps else J  # the user's jac may use its array again

    def _compare(
        self, u: FloatArray, Ju: FloatArray, v: FloatArray, Jv: FloatArray,
        start: Any = None, out: Any = None,
    ) -> tuple[float, FloatArray]:  # fmt: skip
        """Take a pair into account; return |Ju - Jv|, with its direction, and Ju - Jv in `out`."""
        apart, difference = norm(u - v), np.subtract(Ju, Jv, out=out)
        change, direction = largest(
            difference, self.A, self._direction() if start is None else start
        )
        self.count += 1
        if apart > 0.0 and change > self.quotient * apart:
            self.quotient = change / apart
            self.pair = Pair(u, Ju, v, Jv, change, direction)
        self.change = max(self.change, 0.5 * change)  # one of the two differs as much from J0
        return change, direction

    def _direction(self) -> FloatArray:
        v = np.asarray(self.random.standard_normal(self.point.m))
        return v / norm(v)

    def _rays(self, effort: Effort) -> None:
        """Compare the centre with points at the rim: probes, then power iterations."""
        m, step = self.point.m, -(self.point.J.T @ self.point.r)
        v = step / norm(step) if norm(step) > 0.0 else self._direction()
        stack = [np.empty_like(self.J0) for _ in range(effort.probes)]  # memory is dear to touch
        seen = []
        for k, D in enumerate(stack):
            seen.append(self._ray(v, k, D))
            v = self.random.choice([-1.0, 1.0], m) / math.sqrt(m)
        for v in self._candidates(stack, seen, effort.candidates)[: effort.climbs]:
            for k in range(effort.length):
                v = self._ray(v, k, stack[0])
            self.directions.append(v)

    def _candidates(
        self, stack: Sequence[FloatArray], seen: Sequence[FloatArray], count: int
    ) -> list[FloatArray]:
        """Return singular vectors of a stack, that along which F bends most first.

        How F bends does not know how long the rays' components along it happened to be.
        """
        start = np.array([*seen, *(self._direction() for _ in range(count))])[:count]
        return sorted(leading(stack, self.A, start), key=self._bend, reverse=True)

    def _bend(self, v: FloatArray) -> float:
        """Return |F(c + R v) - F(c) - R J v| or the same for -v, the larger one."""
        point, slope = self.point, self.J0 @ v
        gaps = [
            point.problem.residual(point.w + R * v) - point.r - R * slope
            for R in (self.reach, -self.reach)
        ]
        size = max(norm(weighted(self.A, gap)) for gap in gaps)
        if not math.isfinite(size):
            raise EvaluationError("F is not finite")
        return size

    def _ray(self, v: FloatArray, k: int, out: FloatArray) -> FloatArray:
        """Compare the centre with a point at the rim; return the direction in which J changes."""
        point = self.point
        z = point.w + (self.reach if k % 2 == 0 else -self.reach) * v
        J = self.jacobian(z)
        start = v + self._direction()
        change, direction = self._compare(z, J, point.w, self.J0, start / norm(start), out)
        self.change = max(self.change, change)
        if self.A is None:
            length, _ = largest(J, None, point.steepest)
            self.steeper = max(self.steeper, length - float(point.spectrum.values[0]))
        return direction

    def _inside(self, z: FloatArray) -> FloatArray:
        """Return z, or the point of the ball nearest to it."""
        apart = z - self.point.w
        return self.point.w + apart * min(1.0, self.reach / max(norm(apart), 1e-300))

    def _rim(self, count: int) -> None:
        """Compare a point at the rim, where J differed most, with others near it."""
        if count == 0 or self.pair is None:
            return
        base, at_base, v = self.pair.u, self.pair.at_u, self.pair.direction
        for k in range(count):
            part = self.reach / (2.0 if k % 2 == 0 else 8.0)
            inward = -1.0 if v @ (base - self.point.w) > 0.0 else 1.0
            z = self._inside(base + inward * part * v)
            v = self._compare(z, self.jacobian(z), base, at_base)[1]

    def _scatter(self, count: int) -> None:
        """Compare random points of the ball with each other."""
        before, at_before = self.point.w, self.J0
        for _ in range(count):
            part = self.random.uniform() ** (1.0 / self.point.m)
            z = self.point.w + self.reach * part * self._direction()
            J = self.jacobian(z)
            self._compare(z, J, before, at_before)
            before, at_before = z, J

    def _bisect(self, count: int) -> None:
        """Follow the largest quotient to smaller scales; Refusal where J turns out to jump."""
        if count == 0 or self.pair is None:
            return
        error = 2.0 * ABOVE_ERROR * self.error()
        quotients, most = [self.quotient], DEEPEST[self.point.exact]
        while self.pair.change > error and not lines.settled(quotients, count, most):
            u, Ju, v, Jv, _, direction = self.pair
            middle = 0.5 * (u + v)
            J = self.jacobian(middle)
            self._compare(u, Ju, middle, J, direction)
            self._compare(middle, J, v, Jv, direction)
            quotients.append(self.quotient)
        lines.refuse_jump(quotients, self.ball)

    def _lines(self, count: int) -> None:
        """Look along the directions found, from values of F alone."""
        error = self.point.residual_error
        rounding = norm(error if self.A is None else np.abs(self.A) @ error)
        for v in self._distinct()[:count]:
            found, change = lines.steepest(self.point, self.ball, v, self.A, rounding)
            self.quotient = max(self.quotient, found)
            self.change = max(self.change, 0.5 * change)
            self.count += 1

    def _distinct(self) -> list[FloatArray]:
        """Return the best pair's direction, then those of the power iterations that differ."""
        found = [] if self.pair is None else [self.pair.direction]
        for v in self.directions:
            if all(abs(v @ other) < 0.9 for other in found):
                found.append(v)
        return found
