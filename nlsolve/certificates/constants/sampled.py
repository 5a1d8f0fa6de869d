"""How large do beta, Delta, L_F and G seem on a ball, and how small sigma, judged from samples?

The largest |J(u) - J(v)| / |u - v| over the pairs of pairs.py, times a safety factor. Where J is
dear (n m above DEAR), four rays and else second differences of F.

All of this bounds the constants from below, so it is on the wrong side: always ESTIMATED, and the
safety factor is a habit, no proof. L_F and G are their values at the centre plus the safety factor
times the largest increase seen.
"""

from typing import Any

import numpy as np

from nlsolve.certificates.constants.pairs import CHECK, SPARING, USUAL, Effort, Pairs
from nlsolve.certificates.constants.point import Point, norm
from nlsolve.certificates.evidence import Ball, Bound, Evidence, Refusal
from nlsolve.linalg import svd
from nlsolve.systems.errors import EvaluationError

SAFETY = 2.0
DEAR = 200_000  # n m


class Sampled:
    """Bounds on balls about a point, from samples; each ball is sampled once."""

    given = varies = lazy = False

    def __init__(self, point: Point) -> None:
        self.point = point
        self._known: dict[Any, list[Bound]] = {}

    @property
    def smallest_radius(self) -> float:
        """Below this radius rounding, or the error of differences, drowns what J does."""
        problem, size = self.point.problem, 1.0 + norm(self.point.w)
        second = self._effort is SPARING or not self.point.exact  # differences, of F or of its own
        return float(size * problem.precision ** (0.25 if second else 1.0 / 3.0))

    @property
    def _effort(self) -> Effort:
        return SPARING if self.point.J.size > DEAR else USUAL

    def bounds(self, ball: Ball) -> list[Bound]:
        """Return beta, H, Delta, L_F, G and sigma on a ball about the point.

        Raises
        ------
        Refusal
            Where F is not defined, or not smooth, somewhere in the ball.
        """
        key = (ball.radius, id(ball.equations))
        if key not in self._known:
            self._known[key] = self._bounds(ball)
        return self._known[key]

    def _bounds(self, ball: Ball) -> list[Bound]:
        pairs = Pairs(self.point, ball).run(self._effort)
        source = f"{SAFETY:g} times the largest of {pairs.count} sampled pairs"

        def bound(quantity: str, value: float) -> Bound:
            return Bound(quantity, value, "upper", ball, Evidence.ESTIMATED, source)

        beta = SAFETY * pairs.quotient
        found = [bound("beta", beta), bound("H", beta)]
        found.append(bound("Delta", SAFETY * pairs.change))
        if ball.equations is None:
            found.append(bound("L_F", self.point.sigma_max + SAFETY * pairs.steeper))
            longest = float(self.point.row_lengths.max())
            found.append(bound("G", longest + SAFETY * pairs.longer))
            least = max(self.point.sigma_min - SAFETY * pairs.change, 0.0)
            how = f"sigma0 less Delta, {source}"
            found.append(Bound("sigma", least, "lower", ball, Evidence.ESTIMATED, how))
        return found

    def changes(self, ball: Ball) -> list[Bound]:
        """Return Delta at four radii up to that of the ball."""
        bounds = []
        for part in (0.25, 0.5, 0.75, 1.0):
            inner = Ball(ball.centre, part * ball.radius, ball.equations)
            bounds += [b for b in self.bounds(inner) if b.quantity == "Delta"]
        return bounds

    def contraction(self, ball: Ball) -> Bound:
        """Return q >= |I - A J(w) X| on the ball, X = (A J0)^T.

        Only w0 + range X matters to the theorem, so the samples stay in it.
        """
        change, count = Slice(self.point, ball).largest(6)
        source = f"{SAFETY:g} times the largest of {count} sampled changes of A J X"
        q = ball.equations.defect + SAFETY * change
        return Bound("q", q, "upper", ball, Evidence.ESTIMATED, source)


def contradiction(point: Point, beta: float, radius: float) -> str:
    """Return what speaks against `beta` on a ball: a pair of points, in words, or nothing."""
    pairs = Pairs(point, Ball(point.w, radius)).run(CHECK)
    error = 4.0 * pairs.error() / radius
    if pairs.quotient <= beta * (1.0 + 1e-6) + error:
        return ""
    return (
        f"beta = {beta:.4g} as given is contradicted: J changes by {pairs.quotient:.4g} times the "
        f"distance between two points of the ball |w' - w| <= {radius:.4g}"
    )


class Slice:
    """Changes of A J X within w0 + range X, X = (A J0)^T."""

    def __init__(self, point: Point, ball: Ball) -> None:
        self.point, self.ball = point, ball
        self.pairs = Pairs(point, ball)
        self.X = ball.equations.rows.T

    def largest(self, count: int) -> tuple[float, int]:
        """Return the largest |A (J(w) - J0) X| seen at the rim, and the number of points."""
        x, seen = self.pairs.random.standard_normal(self.point.n), 0.0
        try:
            for k in range(count):
                x = x / norm(x)
                reach = self.X @ x
                z = self.point.w + self.pairs.reach / norm(reach) * (1 - 2 * (k % 2)) * reach
                change = (
                    self.ball.equations.A @ (self.pairs.jacobian(z) - self.pairs.centre()) @ self.X
                )
                _, values, vectors = svd(change)
                seen, x = max(seen, float(values[0])), vectors[0]
        except (EvaluationError, np.linalg.LinAlgError) as error:
            raise Refusal(f"J cannot be evaluated everywhere in {self.ball}: {error}") from error
        return seen, count
