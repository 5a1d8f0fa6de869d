"""Which solution is nearest to w0, and which has the least norm?

A method ends at some root near w0, not at the nearest one. The nearest is a minimum of
|w - w0|^2 / 2 over F(w) = y, and there (Karush-Kuhn-Tucker)

    w - w0 is in the range of J^T,     F(w) = y.

These are the fixed points of

    w <- w0 + J^+ (y - F(w) + J (w - w0))
       = w - P (w - w0) - J^+ r          P = I - J^+ J, the projection onto the null space of J

which moves, tangentially, by the full negative gradient of |w - w0|^2 / 2 and, normally, by a
Gauss-Newton step. Its error falls each time by about kappa |w - w0|, kappa the curvature of the
solutions in the direction of w0, and it leads away where that is above 1. So it is taken as a first
step only, of a descent (descent.py) that halves what does not bring w nearer, learns the curvature
from the steps taken, and never leaves the solutions. The least norm is the same with w0 = 0.

Both are local: another branch of the solutions may come nearer.
"""

import numpy as np

from nlsolve.systems.base import FloatArray


class Distance:
    """Half the squared distance from a point, as an objective."""

    accuracy = 0.0

    def __init__(self, origin: FloatArray) -> None:
        self.origin = origin

    def value(self, w: FloatArray) -> float:
        """Return |w - origin|^2 / 2."""
        gap = w - self.origin
        return 0.5 * float(gap @ gap)

    def gradient(self, w: FloatArray) -> FloatArray:
        """Return w - origin."""
        return np.asarray(w - self.origin)
