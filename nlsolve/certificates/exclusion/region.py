"""Of which region is it asked whether it is empty? A closed box, or a closed ball."""

import math
from typing import Any, NamedTuple

import numpy as np

from nlsolve.certificates.evidence import FloatArray
from nlsolve.intervals import Interval, magnitude, norm_lower, norm_upper


class Region(NamedTuple):
    """The box lo <= w' <= hi, or what of it lies within `radius` of the centre.

    Attributes
    ----------
    centre : (m,) ndarray
    lo, hi : (m,) ndarray
    radius : float or None
        None for a box.
    """

    centre: FloatArray
    lo: FloatArray
    hi: FloatArray
    radius: float | None

    @property
    def farthest(self) -> float:
        """Upper bound of the distance from the centre."""
        return norm_upper(self._apart(self.lo, self.hi)) if self.radius is None else self.radius

    def outside(self, lo: FloatArray, hi: FloatArray) -> bool:
        """Return whether a box certainly lies outside the ball."""
        return self.radius is not None and norm_lower(self._apart(lo, hi)) > self.radius

    def reach(self, lo: FloatArray, hi: FloatArray, j: int) -> tuple[float, float]:
        """Return about how far a box extends along unknown j within the ball."""
        if self.radius is None:
            return -math.inf, math.inf
        away = np.maximum(np.maximum(lo - self.centre, self.centre - hi), 0.0)
        away[j] = 0.0
        left = math.sqrt(max(self.radius**2 - float(away @ away), 0.0))
        return float(self.centre[j]) - left, float(self.centre[j]) + left

    def room(self, w: FloatArray) -> float:
        """Return the radius of a ball about w that certainly lies in the region."""
        if self.radius is None:
            room = min(float((w - self.lo).min()), float((self.hi - w).min()))
        else:
            room = self.radius - norm_upper(self._apart(w, w))
        return max(math.nextafter(room, -math.inf), 0.0)

    def nearest(self, w: FloatArray) -> FloatArray:
        """Return about the point of the region that is nearest to w."""
        away = w - self.centre
        length = float(np.linalg.norm(away))
        if self.radius is not None and length > self.radius:
            w = self.centre + away * (self.radius / length)
        return np.clip(w, self.lo, self.hi)

    def _apart(self, lo: FloatArray, hi: FloatArray) -> Interval:
        return Interval(lo, hi) - Interval(self.centre)


def ball(centre: FloatArray, radius: float) -> Region:
    """Return the closed ball."""
    lo, hi = np.nextafter(centre - radius, -np.inf), np.nextafter(centre + radius, np.inf)
    if not (np.isfinite(lo).all() and np.isfinite(hi).all()):
        raise ValueError(f"radius is too large to be searched, got {radius}")
    return Region(centre, lo, hi, radius)


def box(given: Any, centre: FloatArray | None = None, m: int | None = None) -> Region:
    """Return the closed box (lo, hi) of m unknowns; without a centre its midpoint is that.

    Raises
    ------
    ValueError
        If it is no pair of finite vectors with lo <= hi, or the centre lies outside.
    """
    m = m if centre is None else centre.size
    try:
        low, high = (np.array(side, dtype=np.float64, ndmin=1) for side in given)
        shape = np.broadcast_shapes(low.shape, high.shape, () if m is None else (m,))
        lo, hi = np.broadcast_to(low, shape).copy(), np.broadcast_to(high, shape).copy()
    except (TypeError, ValueError) as error:
        raise ValueError(
            f"box must be a pair (lo, hi) of numbers or vectors, one entry an unknown, "
            f"got {given!r}"
        ) from error
    if not (lo.ndim == 1 and np.isfinite(lo).all() and np.isfinite(hi).all() and (lo <= hi).all()):
        raise ValueError(f"box must have finite lo <= hi, got {given!r}")
    if centre is None:
        centre = middle(lo, hi)
    elif not ((lo <= centre) & (centre <= hi)).all():
        raise ValueError("w must lie in the box, or be None for its midpoint")
    return Region(centre, lo, hi, None)


def middle(lo: FloatArray, hi: FloatArray) -> FloatArray:
    """Return a point near the middle of a box, certainly in it."""
    centre: FloatArray = np.clip(0.5 * lo + 0.5 * hi, lo, hi)
    return centre


def half_width(lo: FloatArray, hi: FloatArray, centre: FloatArray) -> FloatArray:
    """Return upper bounds of |w' - centre| over a box."""
    sizes: FloatArray = np.asarray(magnitude(Interval(lo, hi) - Interval(centre)))
    return sizes
