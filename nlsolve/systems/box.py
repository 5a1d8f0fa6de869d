"""Within which bounds do the unknowns stay, and how do points and steps keep to them in floats?"""

from typing import Any, NamedTuple

import numpy as np

from nlsolve.systems.jacobians import FloatArray, IntegerArray

AT = 1e-12  # part of its room by which an unknown at a bound may be off it


class Box(NamedTuple):
    """low <= w <= high, (m,) each; infinite where there is no bound."""

    low: FloatArray
    high: FloatArray

    def scaled(self, scale: Any) -> "Box":
        """Return bounds of v = w / scale, rounded inward: scale v is within these in floats too."""
        if np.ndim(scale) == 0 and scale == 1.0:
            return self
        low, high = self.low / scale, self.high / scale
        inward = np.nextafter(low, np.inf), np.nextafter(high, -np.inf)
        return Box(
            np.where(np.isinf(low), low, inward[0]), np.where(np.isinf(high), high, inward[1])
        )

    def nearest(self, w: FloatArray) -> FloatArray:
        """Return the point of the box that is nearest to w."""
        return np.clip(w, self.low, self.high)

    def inward(self, w: FloatArray, d: FloatArray) -> FloatArray:
        """Return d, entries that would leave the box turned round, or 0 where both ways do."""
        ahead, behind = (self.nearest(w + s) == w + s for s in (d, -d))
        return np.where(ahead, d, np.where(behind, -d, 0.0))

    def steps(self, w: FloatArray) -> "Box":
        """Return the box of the steps d with w + d, as it is rounded, in this one."""
        down, up = self.low - w, self.high - w
        down = np.where(w + down < self.low, np.nextafter(down, np.inf), down)
        up = np.where(w + up > self.high, np.nextafter(up, -np.inf), up)
        return Box(down, up)

    def active(self, w: FloatArray) -> IntegerArray:
        """Return -1 for unknowns at their lower bound, 1 for those at their upper one, else 0."""
        at = AT * self._room(w)
        return (self.high - w <= at).astype(np.int64) - (w - self.low <= at)

    def projected(self, w: FloatArray, gradient: FloatArray) -> FloatArray:
        """Return the gradient, entries of which shrink as descent along them comes to a bound.

        By the part of a move of the size of w, or of the box where that is smaller, for which there
        is room: 0 at the bound. Rounding leaves points beside their bounds, where a gradient cut
        off at the bounds would be there in full (Coleman, Li, SIAM J. Optim. 6 (1996) 418-445).
        """
        ahead = np.where(gradient < 0.0, self.high - w, w - self.low)
        return gradient * np.minimum(1.0, ahead / self._room(w))

    def _room(self, w: FloatArray) -> FloatArray:
        """Return how far an unknown may be expected to move."""
        size = max(1.0, float(np.linalg.norm(w)))
        half = np.minimum(0.5 * size, 0.5 * self.high - 0.5 * self.low)  # whole ones may overflow
        return 2.0 * half

    def offsets(self, w: FloatArray, kind: str, h: FloatArray) -> list[FloatArray]:
        """Return how far to move each unknown for differences that stay in the box.

        '2-point': forward, else backward. '3-point': to both sides, else twice to one side. Where
        there is less room than h, as far as there is.
        """
        up, down = self.high - w, w - self.low
        forward = up >= np.minimum(h, down)
        side, room = np.where(forward, 1.0, -1.0), np.where(forward, up, down)
        if kind == "2-point":
            moves = [side * np.minimum(h, room)]
        else:
            central = np.minimum(up, down) >= h
            near = side * np.minimum(h, 0.5 * room)
            moves = [np.where(central, h, near), np.where(central, -h, 2.0 * near)]
        return [self.nearest(w + move) - w for move in moves]
