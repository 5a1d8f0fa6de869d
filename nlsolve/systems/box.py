"""Within which bounds do the unknowns stay, and how do points and steps keep to them in floats?"""

from typing import Any, NamedTuple

import numpy as np

from nlsolve.systems.jacobians import FloatArray, IntegerArray

AT = 4.0 * 2.0**-52  # a point as near to a bound as this, relatively, is at it


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

    def steps(self, w: FloatArray) -> "Box":
        """Return the box of the steps d with w + d, as it is rounded, in this one."""
        down, up = self.low - w, self.high - w
        down = np.where(w + down < self.low, np.nextafter(down, np.inf), down)
        up = np.where(w + up > self.high, np.nextafter(up, -np.inf), up)
        return Box(down, up)

    def active(self, w: FloatArray) -> IntegerArray:
        """Return -1 for unknowns at their lower bound, 1 for those at their upper one, else 0."""
        size = AT * np.abs(w)
        return (w + size >= self.high).astype(np.int64) - (w - size <= self.low)

    def projected(self, w: FloatArray, gradient: FloatArray) -> FloatArray:
        """Return the gradient without entries at a bound whose descent would leave the box."""
        return np.where(self.active(w) * gradient < 0.0, 0.0, gradient)

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


def quotients(changes: list[Any], offsets: list[Any]) -> Any:
    """Return derivatives from changes of F over one offset, or over two (exact for parabolas)."""
    if len(changes) == 1:
        return changes[0] / offsets[0]
    (f, g), (a, b) = changes, offsets
    return (f / a * b - g / b * a) / (b - a)
