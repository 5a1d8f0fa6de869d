"""What do tests of enclosures draw? Formulas of any kind, and boxes of any size anywhere.

Unlike formulas_at_random.py, nothing here is kept safe: arguments leave domains, boxes touch
borders and poles, numbers are as large and as small as doubles are, operands come twice. An
enclosure may then refuse; what it does say has to be true.
"""

import math
from fractions import Fraction

import numpy as np

from nlsolve.systems.errors import FormulaError
from nlsolve.systems.language import Writer
from nlsolve.systems.tape import NAMES, OPERATIONS

ONE = [name for name in NAMES if OPERATIONS[name].operands == 1 and name != "pow"]
TWO = ("add", "sub", "mul", "div") * 2 + ("atan2", "real_power", "max", "min")
POSITIVE = ("sqrt", "log", "real_power")  # of their first operand
EXPONENTS = (2, 2, 2, 3, 3, 4, 5, 7, 16, 41, 0, -1, -2, -3, -6)
CONSTANTS = (
    Fraction(0), Fraction(1), Fraction(-1), Fraction(2), Fraction(1, 3), Fraction(-7, 10),
    Fraction(0.1), Fraction(1, 10**30), Fraction(10**17 + 1), Fraction(3, 10**320),
    Fraction(10**300), Fraction(10**400), Fraction(2**53 + 1, 2**53), "pi", "e",
)  # fmt: skip
LARGEST = 1e308
BORDERS = (
    0.0, 1.0, -1.0, 0.5, 2.0, math.pi / 2, -math.pi / 2, math.pi, -math.pi, 1.5 * math.pi,
    1.0 - 2.0**-53, 5e-324, -5e-324, 2.0**-1022, 709.782712893384, -745.1332191019412, 26.0, 19.0,
    1e16, 2.0**53, 1e154, 1e308,
)  # fmt: skip


def random_formulas(rng, n, m, operations, regular=0.0):
    """Return a tape of n random formulas of m unknowns that share what they have in common.

    With probability `regular` unknown i is added to formula i, so that few gradients vanish.
    """
    write = Writer([f"x{j}" for j in range(m)])
    pool = [write.unknown(j) for j in range(m)]
    for constant in rng.choice(len(CONSTANTS), 2):
        pool.append(write.constant(CONSTANTS[constant]))
    for _ in range(n * operations):
        try:
            pool.append(_grown(write, rng, pool))
        except FormulaError:  # a division by 0, or numbers that grew too long
            continue
    ends = [pool[-1], *(_picked(rng, pool) for _ in range(n - 1))]
    if rng.random() < regular:
        ends = [write.apply("add", end, write.unknown(i)) for i, end in enumerate(ends)]
    return write.build(ends)


def _picked(rng, pool):
    """Return a node made so far, late ones more often."""
    return pool[max(int(rng.random() * len(pool)), int(rng.random() * len(pool)))]


def _grown(write, rng, pool):
    """Return a further node, with operands from the pool."""
    a, kind = _picked(rng, pool), rng.random()
    if kind < 0.15:
        return write.power(a, EXPONENTS[int(rng.random() * len(EXPONENTS))])
    names = TWO if kind < 0.6 else ONE
    name = names[int(rng.random() * len(names))]
    if rng.random() < 0.7:
        a = _at_home(write, rng, name, a)
    return write.apply(name, a, _picked(rng, pool) if names is TWO else -1)


def _at_home(write, rng, name, a):
    """Return a node where the operation is more often defined."""
    if name in POSITIVE:
        return write.apply("exp", a) if rng.random() < 0.3 else write.power(a, 2)
    return write.apply("tanh", a) if name in ("asin", "acos", "tan") else a


def random_box(rng, m):
    """Return (lo, hi): a point or not, near a border or not, of any magnitude."""
    ends = [_edge(rng) for _ in range(m)]
    return np.array([a for a, _ in ends]), np.array([b for _, b in ends])


def _edge(rng):
    kind, size = rng.random(), 10.0 ** rng.uniform(-18.0, 0.7)
    if kind < 0.55:
        centre = rng.uniform(-3.0, 3.0)
    elif kind < 0.8:
        centre = BORDERS[int(rng.random() * len(BORDERS))]
        size = size * max(abs(centre), 1e-6)
    else:
        centre = 10.0 ** rng.uniform(-320.0, 307.0) * rng.choice((-1.0, 1.0))
        size = size * abs(centre)
    below, above = ((0.0, 0.0), (size, 0.0), (0.0, size), (size, size))[int(rng.random() * 4)]
    return max(centre - below, -LARGEST), min(centre + above, LARGEST)


def random_points(rng, lo, hi, count):
    """Return points of a box: corners, and points inside."""
    shares = rng.random((count, lo.size))
    shares = np.where(rng.random(shares.shape) < 0.5, np.round(shares), shares)
    return np.clip((1.0 - shares) * lo + shares * hi, lo, hi)
