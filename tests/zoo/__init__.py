"""Which systems is everything here tried on?

STANDARD: the 23 standard square problems. WIDE: named systems with m > n.
MGH: the problems of More, Garbow and Hillstrom with residual zero, n >= m.
"""

from tests.zoo.mgh import MGH
from tests.zoo.problem import Problem, points, scaled_starts
from tests.zoo.standard import STANDARD
from tests.zoo.wide import WIDE

__all__ = ["MGH", "STANDARD", "WIDE", "Problem", "points", "scaled_starts"]
