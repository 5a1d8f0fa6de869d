"""Where does a search for solutions begin? At points that fill a box evenly.

Cut a box into 2^j equal cells by halving edges, in any way: of the first 2^(j + t) points of a
scrambled Sobol sequence every cell gets 2^t. t depends on the number of unknowns only, and is 0 for
one and two (Sobol 1967, Owen 1998). Of a power of two that is large enough the first k are taken,
so that the starts of a smaller k are the first ones of a larger.

Source: A. B. Owen, "Scrambling Sobol' and Niederreiter-Xing points", J. Complexity 14, 1998.
"""

import math
import numbers
from typing import Any, NamedTuple

import numpy as np

from nlsolve import arguments
from nlsolve.systems import System
from nlsolve.systems.base import FloatArray
from nlsolve.systems.vectors import real_vector


class Box(NamedTuple):
    """Lower and upper limits of m unknowns, from one of which every start is."""

    low: FloatArray
    high: FloatArray

    @property
    def centre(self) -> FloatArray:
        """Its middle."""
        return (self.low + self.high) / 2.0

    @property
    def edge(self) -> FloatArray:
        """Positive lengths of its edges; one of 0 counts as max(1, |w_j|)."""
        flat = np.maximum(1.0, np.abs(self.low))
        return np.where(self.high > self.low, self.high - self.low, flat)

    def starts(self, k: Any, rng: Any) -> FloatArray:
        """Return the first k points of a scrambled Sobol sequence, (k, m); None is seed 0."""
        from scipy.stats import qmc  # takes a second to import

        if not (arguments.is_number(k, numbers.Integral) and k >= 1):
            raise ValueError(f"k must be a positive integer, got {k!r}")
        m = self.low.size
        if m > qmc.Sobol.MAXDIM:
            raise ValueError(f"box has {m} unknowns, a Sobol sequence at most {qmc.Sobol.MAXDIM}")
        generator = np.random.default_rng(0 if rng is None else rng)
        sobol = qmc.Sobol(m, scramble=True, seed=generator)  # rng= from scipy 1.15 on
        unit = sobol.random_base2(math.ceil(math.log2(k)))[:k]
        return np.asarray(self.low + unit * (self.high - self.low))


def as_box(box: Any, system: System) -> Box:
    """Return the box a user gave: a pair, or a mapping of the unknowns' names to pairs."""
    low, high = arguments.sides(box, system)
    low, high = real_vector(low, "box[0]"), real_vector(high, "box[1]")
    m = max(low.size, high.size) if system.unknowns is None else len(system.unknowns)
    if not {low.size, high.size} <= {1, m}:
        raise ValueError(f"box has {low.size} lower and {high.size} upper limits, expected {m}")
    low, high = np.broadcast_to(low, (m,)), np.broadcast_to(high, (m,))
    if (low > high).any():
        j = int(np.argmax(low > high))
        raise ValueError(f"box must have lo <= hi, but lo[{j}] = {low[j]} > hi[{j}] = {high[j]}")
    return Box(low, high)
