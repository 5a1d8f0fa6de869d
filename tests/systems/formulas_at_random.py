"""What do tests draw where they need any formula at all? Random tapes, safe on a box.

`random_tape` uses every operation of a tape, on arguments for which it is defined, and smooth but
for abs, sign, max and min, wherever |w_j| <= REACH and |parameter| <= REACH. Each node carries a
bound of its magnitude there; what grows too large is scaled down by a rational.

`MPMATH` and `SYMPY` run a tape in these packages, whose derivatives are then independent of ours.
"""

import math
from fractions import Fraction

import mpmath
import numpy as np
import sympy

from nlsolve.systems.rules import Arithmetic
from nlsolve.systems.tape import OPERATIONS, Builder

REACH = 2.0  # of unknowns and parameters
LARGE = 16.0  # bound of any node

ONE = ("sqrt", "exp", "log", "sin", "cos", "tan", "asin", "acos", "atan", "sinh", "cosh", "tanh")
ONE += ("asinh", "erf", "neg", "pow", "negative pow")
TWO = ("add", "sub", "mul", "div", "atan2", "real_power")
NONSMOOTH = ("abs", "sign", "max", "min")

# the largest magnitude of an argument that is taken
LIMIT = {"exp": 2.0, "sinh": 2.0, "cosh": 2.0, "tan": 1.0, "asin": 0.9, "acos": 0.9}
# the largest value then, where it is above 1.6
LARGEST = {"exp": 7.4, "sinh": 3.7, "cosh": 3.8, "asinh": 3.5, "acos": 2.7}


class Growing:
    """A tape being written: nodes with bounds of their magnitude, and whether they are smooth."""

    def __init__(self, builder, generator, unknowns):
        self.builder, self.generator = builder, generator
        self.pool = [(builder.unknown(int(j)), REACH, True) for j in unknowns]
        self.pool += [(builder.parameter(k), REACH, True) for k in range(len(builder.parameters))]

    def pick(self, smooth=False):
        """Return a node drawn among those made so far, late ones more often."""
        allowed = [entry for entry in self.pool if entry[2] or not smooth]
        drawn = self.generator.integers(len(allowed), size=2).max()
        return allowed[drawn]

    def scaled(self, node, bound, limit):
        """Return the node times a rational so that its bound is at most `limit`."""
        if bound <= limit:
            return node, bound
        factor = Fraction(limit).limit_denominator(100) / math.ceil(bound)
        return self.builder.apply("mul", node, self.builder.constant(factor)), limit

    def positive(self):
        """Return (node, lower bound > 0, upper bound, smooth)."""
        node, bound, smooth = self.pick()
        write = self.builder
        if self.generator.random() < 0.5:
            node, bound = self.scaled(node, bound, 3.0)
            shifted = write.apply("add", write.constant(1), write.power(node, 2))
            return shifted, 1.0, 1.0 + bound**2, smooth
        shift = math.ceil(bound) + 1
        return write.apply("add", node, write.constant(shift)), 1.0, bound + shift, smooth

    def grow(self, name):
        """Add a node with this operation."""
        if name in ("sqrt", "log", "negative pow"):
            node, bound, smooth = self.of_positive(name)
        elif name in NONSMOOTH:
            node, bound, smooth = self.nonsmooth(name)
        elif name in TWO:
            node, bound, smooth = self.of_two(name)
        else:
            node, bound, smooth = self.of_one(name)
        self.pool.append((*self.scaled(node, bound, LARGE), smooth))

    def of_positive(self, name):
        node, _, upper, smooth = self.positive()
        if name == "negative pow":
            return self.builder.power(node, -int(self.generator.integers(1, 4))), 1.0, smooth
        made = self.builder.apply(name, node)
        return made, max(1.0, math.sqrt(upper) if name == "sqrt" else math.log(upper)), smooth

    def of_one(self, name):
        node, bound, smooth = self.pick()
        if name == "pow":
            exponent = int(self.generator.integers(2, 6))
            node, bound = self.scaled(node, bound, 2.0)
            return self.builder.power(node, exponent), bound**exponent, smooth
        node, bound = self.scaled(node, bound, LIMIT.get(name, LARGE))
        largest = {
            "exp": 7.4,
            "sinh": 3.7,
            "cosh": 3.8,
            "neg": bound,
            "asinh": 4.0,
            "acos": math.pi,
        }
        return self.builder.apply(name, node), largest.get(name, 1.6), smooth

    def of_two(self, name):
        (a, a_bound, a_smooth), (b, b_bound, b_smooth) = self.pick(), self.pick()
        if name in ("add", "sub", "mul"):
            bound = a_bound * b_bound if name == "mul" else a_bound + b_bound
            return self.builder.apply(name, a, b), bound, a_smooth and b_smooth
        base, _, upper, base_smooth = self.positive()
        smooth = a_smooth and base_smooth
        if name == "div":
            return self.builder.apply("div", a, base), a_bound, smooth
        if name == "real_power":
            exponent, limit = self.scaled(a, a_bound, 1.5)
            return self.builder.apply("real_power", base, exponent), upper**limit, smooth
        pair = (a, base) if self.generator.random() < 0.5 else (base, a)
        return self.builder.apply("atan2", *pair), math.pi, smooth

    def nonsmooth(self, name):
        """Of smooth nodes only: a sign is constant, and equal to others far too often."""
        (a, a_bound, _), (b, b_bound, _) = self.pick(smooth=True), self.pick(smooth=True)
        if name in ("abs", "sign") or a == b:
            one = name if name in ("abs", "sign") else "abs"
            return self.builder.apply(one, a), a_bound if one == "abs" else 1.0, False
        return self.builder.apply(name, a, b), max(a_bound, b_bound), False


def random_tape(seed, equations=3, unknowns=4, parameters=0, operations=8, each=None, smooth=False):
    """Return a tape of random formulas.

    Parameters
    ----------
    seed : int
    equations, unknowns, parameters : int
    operations : int
        Operations drawn for each equation; some need several nodes.
    each : int, optional
        Unknowns of each equation; all by default.
    smooth : bool
        Leave out abs, sign, max and min.
    """
    generator = np.random.default_rng(seed)
    write = Builder([f"x{j}" for j in range(unknowns)], [f"p{k}" for k in range(parameters)])
    names = ONE + TWO + (() if smooth else NONSMOOTH)
    outputs = []
    for _ in range(equations):
        own = generator.choice(unknowns, min(each or unknowns, unknowns), replace=False)
        growing = Growing(write, generator, own)
        some = [write.constant(Fraction(int(generator.integers(-9, 10)), 50)) for _ in range(2)]
        growing.pool += [(some[0], 1.0, True), (write.constant("pi"), 3.2, True)]
        for name in generator.choice(names, operations):
            growing.grow(str(name))
        last = [node for node, _, _ in growing.pool[-3:]]
        outputs.append(write.total([*last, write.unknown(int(own[0])), some[1]]))
    return write.build(outputs)


def random_point(seed, size):
    """Return a point of the box on which random tapes are safe."""
    return np.random.default_rng(seed).uniform(-REACH, REACH, size)


def _mpmath_number(exact):
    if isinstance(exact, str):
        return +{"pi": mpmath.pi, "e": mpmath.e}[exact]
    return mpmath.mpf(exact.numerator) / exact.denominator


def _sympy_number(exact):
    if isinstance(exact, str):
        return {"pi": sympy.pi, "e": sympy.E}[exact]
    return sympy.Rational(exact.numerator, exact.denominator)


_NAMES = [name for name in OPERATIONS if OPERATIONS[name].code >= OPERATIONS["sqrt"].code]
_SHARED = {"pow": lambda a, n: a**n, "real_power": lambda a, b: a**b}
_IN_SYMPY = {"abs": sympy.Abs, "max": sympy.Max, "min": sympy.Min}
_IN_MPMATH = {"abs": abs, "max": max, "min": min, "side": lambda a: mpmath.mpf(1 if a >= 0 else -1)}

SYMPY = Arithmetic(
    _sympy_number,
    {n: getattr(sympy, n, None) for n in _NAMES} | _SHARED | _IN_SYMPY,
)
MPMATH = Arithmetic(
    _mpmath_number,
    {n: getattr(mpmath, n, None) for n in _NAMES} | _SHARED | _IN_MPMATH,
)
