"""What does the user know of the curvature, and what follows from it?

`lipschitz=`: beta, a number or a function of centre and radius. `hessian_bound=`: a bound of the
norms of the Hessians of the single equations, one number or n of them (or a function of centre and
radius); then beta <= sqrt(sum of their squares), since |D^2F[u, v]|^2 is the sum of
(u^T H_i v)^2 over i.

A number holds on the ball of radius `radius=` about w where that is given, else everywhere; a
function says for each ball what holds on it. Evidence ASSUMED: it is the user's claim. Samples of J
are compared with it, and one that contradicts it is shown.

For A F: beta_A <= |A| beta.
"""

import math
import numbers
from typing import Any

import numpy as np

from nlsolve.certificates.arithmetic import outward_up
from nlsolve.certificates.constants.point import Point
from nlsolve.certificates.constants.sampled import Sampled, contradiction
from nlsolve.certificates.evidence import Ball, Bound, Evidence, Refusal


class Supplied:
    """Bounds on balls about a point, from what the user gave."""

    given, lazy = True, False
    smallest_radius = 0.0

    def __init__(
        self, point: Point, lipschitz: Any, hessian_bound: Any, radius: float | None
    ) -> None:
        self.point = point
        self.lipschitz, self.hessian_bound = lipschitz, hessian_bound
        self.radius = math.inf if radius is None else float(radius)
        self.varies = callable(lipschitz) or callable(hessian_bound)
        self._checked: list[tuple[float, float, str]] = []

    def bounds(self, ball: Ball) -> list[Bound]:
        """Return beta and H on a ball about the point.

        Raises
        ------
        Refusal
            Where two points of the ball contradict what was given.
        """
        H = self._hessians(ball)
        beta = self._lipschitz(ball, H)
        self._check(beta.value, min(ball.radius, self.radius))
        if H is None:  # every |H_i| <= beta
            H = Bound("H", beta.value, "upper", beta.region, beta.evidence, "H_i <= beta")
        if ball.equations is None:
            return [beta, H]
        region = Ball(ball.centre, beta.region.radius, ball.equations)
        value = outward_up(beta.value * ball.equations.size)
        source = f"|A| times beta: {self._source('lipschitz')}"
        return [Bound("beta", value, "upper", region, self.point.evidence, source)]

    def changes(self, ball: Ball) -> list[Bound]:
        """Return Delta(s) <= beta s at sixteen radii."""
        found = []
        for k in range(1, 17):
            inner = Ball(ball.centre, ball.radius * k / 16.0, ball.equations)
            beta = next(b for b in self.bounds(inner) if b.quantity == "beta")
            value = outward_up(beta.value * inner.radius)
            found.append(Bound("Delta", value, "upper", inner, beta.evidence, "beta s"))
        return found

    def contraction(self, ball: Ball) -> Bound:
        """Return q = |I - A J0 X| + beta_A R |X|, X = (A J0)^T."""
        beta = next(b for b in self.bounds(ball) if b.quantity == "beta")
        made = ball.equations
        q = outward_up(made.defect + beta.value * ball.radius * made.largest)
        return Bound("q", q, "upper", ball, beta.evidence, "|I - A J X| at w, and beta R")

    def _hessians(self, ball: Ball) -> Bound | None:
        if self.hessian_bound is None:
            return None
        values = np.atleast_1d(self._value("hessian_bound", self.hessian_bound, ball))
        if values.size not in (1, self.point.n):
            raise ValueError(
                f"hessian_bound must be a number or {self.point.n} of them, got {values.size}"
            )
        region = Ball(ball.centre, ball.radius if callable(self.hessian_bound) else self.radius)
        self._root = float(np.sqrt(np.sum(np.broadcast_to(values, self.point.n) ** 2)))
        source = self._source("hessian_bound")
        return Bound("H", float(values.max()), "upper", region, Evidence.ASSUMED, source)

    def _lipschitz(self, ball: Ball, H: Bound | None) -> Bound:
        if self.lipschitz is None:
            assert H is not None
            source = f"root of the sum of squares, {H.source}"
            return Bound("beta", self._root, "upper", H.region, Evidence.ASSUMED, source)
        value = float(self._value("lipschitz", self.lipschitz, ball))
        region = Ball(ball.centre, ball.radius if callable(self.lipschitz) else self.radius)
        source = self._source("lipschitz")
        return Bound("beta", value, "upper", region, Evidence.ASSUMED, source)

    def _source(self, name: str) -> str:
        return f"{name if getattr(self, name) is not None else 'hessian_bound'}= as given"

    def _value(self, name: str, value: Any, ball: Ball) -> Any:
        """Return the number given, or the function's value for a ball."""
        if callable(value):
            value = value(ball.centre.copy(), ball.radius)
        array = np.asarray(value)
        real = array.dtype.kind in "fiu"  # no bool
        scalar = array.ndim == 0 and real and isinstance(array.item(), numbers.Real)
        if not (
            scalar or (name == "hessian_bound" and array.ndim == 1 and array.dtype.kind in "fiu")
        ):
            raise TypeError(
                f"{name} must be a number or a function of (centre, radius), got {value!r}"
            )
        if (np.asarray(array, float) < 0.0).any():
            raise ValueError(f"{name} must not be negative, got {value!r}")
        return array.item() if scalar else array.astype(float)

    def _check(self, beta: float, radius: float) -> None:
        """Compare with samples of J; each pair of radius and value once."""
        if not math.isfinite(beta) or not 0.0 < radius < math.inf:
            return
        for checked, value, complaint in self._checked:
            near = radius / 1.5 <= checked <= radius * 1.5
            if near and (value >= beta if complaint else value <= beta):
                break
        else:
            complaint = contradiction(self.point, beta, radius)
            self._checked.append((radius, beta, complaint))
        if complaint:
            raise Refusal(complaint)


Source = Sampled | Supplied
