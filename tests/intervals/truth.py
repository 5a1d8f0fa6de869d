"""What is the true result? Rational arithmetic and mpmath; and doubles of every kind to try."""

import itertools
from fractions import Fraction

import mpmath
import numpy as np

from nlsolve.intervals import Interval

LARGEST, SMALLEST, NORMAL = 1.7976931348623157e308, 5e-324, 2.0**-1022
SPECIAL = (0.0, 1.0, 2.0, 0.1, 3.0, LARGEST, SMALLEST, NORMAL, NORMAL - SMALLEST, 2.0**53, 1e16)
SPECIAL += tuple(-x for x in SPECIAL)


def doubles(rng, count, scale=None):
    """Doubles of ordinary size, of every size, and the special ones."""
    ordinary = rng.normal(size=count)
    exponents = rng.uniform(-1074.0, 1023.0, size=count) if scale is None else None
    every = (
        ordinary * scale if scale else np.ldexp(rng.uniform(-1, 1, count), exponents.astype(int))
    )
    chosen = np.where(rng.random(count) < 0.5, ordinary, every)
    special = rng.choice(SPECIAL, size=count) if scale is None else rng.normal(size=count)
    return np.where(rng.random(count) < 0.25, special, chosen)


def intervals(rng, count, scale=None):
    """Points, intervals of a few units in the last place, and wide ones."""
    a = doubles(rng, count, scale)
    narrow = a
    for _ in range(3):
        narrow = np.where(rng.random(count) < 0.5, next_up(narrow), narrow)
    wide = doubles(rng, count, scale)
    kind = rng.integers(0, 3, count)
    b = np.choose(kind, [a, narrow, wide])
    return Interval(np.minimum(a, b), np.maximum(a, b))


def next_up(a):
    """The double above, by its bits; the largest stays."""
    bits = a.astype(np.float64).view(np.int64)
    above = np.where(a > 0, bits + 1, np.where(a < 0, bits - 1, 1)).view(np.float64)
    return np.where(a >= LARGEST, a, above)


def members(rng, x):
    """Doubles in each interval: its ends and one between them."""
    share = rng.random(x.lo.shape)
    between = np.clip(x.lo * (1.0 - share) + x.hi * share, x.lo, x.hi)
    return [x.lo, x.hi, between]


def pairs(a, b):
    """Every member of a with every member of b."""
    return itertools.product(a, b)


def lies_in(value, lo, hi):
    """Whether an exact number lies between doubles; comparisons are exact."""
    if isinstance(value, Fraction):
        return lo <= value <= hi
    return mpmath.mpf(lo) <= value <= mpmath.mpf(hi)


def steps_apart(lo, hi):
    """How many doubles further hi is than lo."""
    order = []
    for x in (lo, hi):
        bits = int(np.float64(x).view(np.int64))
        order.append(bits if bits >= 0 else -(bits + 2**63))
    return order[1] - order[0]
