"""What are a tape's values, gradients and second derivatives at a point, to any number of digits?

Jets in mpmath: every node carries (v, v_j, v_jk), and the chain rule carries them on,

    f(a)_j = f' a_j,    f(a)_jk = f' a_jk + f'' a_j a_k.

This shares nothing with systems/rules.py and systems/evaluation.py: it goes forwards, powers are
products, quotients products with a reciprocal, real powers exp(b log a), atan2 an atan; f' and f''
are written anew and compared with mpmath's own numerical derivatives in test_jets.py.

Where a derivative does not exist (a kink) it is NaN; where a value does not, Undefined is raised;
where it exists but is larger than mpmath can reach in a moment, OutOfReach.
"""

import itertools

import mpmath

from nlsolve.systems.tape import CONSTANT, NAMES, PARAMETER, POW, UNKNOWN

LARGEST_ARGUMENT = 20_000  # of exp, sinh, cosh, tanh and erf
LONGEST_ARGUMENT = 30_000  # bits before the point of an argument of sin, cos and tan


class Undefined(ArithmeticError):
    """Raised where a formula has no real value."""


class OutOfReach(ArithmeticError):
    """Raised where mpmath would need too many digits."""


class Jet:
    """A value, its gradient and its second derivatives (j <= k, row by row); None: constant."""

    __slots__ = ("bends", "slopes", "value")

    def __init__(self, value, slopes=None, bends=None):
        self.value, self.slopes, self.bends = value, slopes, bends

    def __add__(self, other):
        if self.slopes is None or other.slopes is None:
            curved = self if other.slopes is None else other
            return Jet(self.value + other.value, curved.slopes, curved.bends)
        slopes = [a + b for a, b in zip(self.slopes, other.slopes, strict=True)]
        bends = [a + b for a, b in zip(self.bends, other.bends, strict=True)]
        return Jet(self.value + other.value, slopes, bends)

    def __neg__(self):
        return self.times(-1)

    def __sub__(self, other):
        return self + -other

    def __mul__(self, other):
        if self.slopes is None:
            return other.times(self.value)
        if other.slopes is None:
            return self.times(other.value)
        a, b = self.value, other.value
        both = list(zip(self.slopes, other.slopes, strict=True))
        slopes = [a * bj + b * aj for aj, bj in both]
        mixed = [aj * bk + ak * bj for (aj, bj), (ak, bk) in _pairs(both)]
        bends = [a * y + b * x + z for x, y, z in zip(self.bends, other.bends, mixed, strict=True)]
        return Jet(a * b, slopes, bends)

    def times(self, number):
        """Return the product with a number."""
        if self.slopes is None:
            return Jet(self.value * number)
        slopes = [number * x for x in self.slopes]
        return Jet(self.value * number, slopes, [number * x for x in self.bends])

    def through(self, value, first, second):
        """Return f of this, by f, f' and f'' at its value."""
        if self.slopes is None:
            return Jet(value)
        slopes = [first * x for x in self.slopes]
        squares = (x * y for x, y in _pairs(self.slopes))
        bends = [first * x + second * y for x, y in zip(self.bends, squares, strict=True)]
        return Jet(value, slopes, bends)


def _pairs(items):
    return itertools.combinations_with_replacement(items, 2)


def jets(tape, w, parameters=()):
    """Return the jets of all equations at w, numbers of mpmath, in its working precision."""
    nodes, known = zip(tape.op.tolist(), tape.left.tolist(), tape.right.tolist(), strict=True), []
    for op, left, right in nodes:
        known.append(_node(tape, known, (op, left, right), w, parameters))
    return [known[node] for node in tape.outputs.tolist()]


def _node(tape, known, node, w, parameters):
    op, left, right = node
    if op == CONSTANT:
        return Jet(_number(tape.constants[left]))
    if op == UNKNOWN:
        return _unknown(w[left], left, len(w))
    if op == PARAMETER:
        return Jet(_number(parameters[left]))
    if op == POW:
        return power(known[left], right)
    name = NAMES[op]
    if name in TWO:
        return TWO[name](known[left], known[right])
    return known[left].through(*_real(ONE[name], known[left].value))


def _real(function, a):
    """Return what a function of mpmath returns, if it is real."""
    try:
        found = function(a)
    except (ValueError, ZeroDivisionError) as error:
        raise Undefined(str(error)) from error
    if any(isinstance(one, mpmath.mpc) for one in found):
        raise Undefined(f"{function.__name__} of {mpmath.nstr(a, 20)} is not real")
    return found


def _number(exact):
    if isinstance(exact, str):
        return +{"pi": mpmath.pi, "e": mpmath.e}[exact]
    return mpmath.mpmathify(exact)  # one rounding


def _unknown(value, j, m):
    slopes = [mpmath.mpf(k == j) for k in range(m)]
    return Jet(mpmath.mpf(value), slopes, [mpmath.mpf(0)] * (m * (m + 1) // 2))


def power(a, exponent):
    """Return a ** exponent by products; a ** 0 is 1 wherever a is defined."""
    if exponent < 0:
        return over(power(a, -exponent))
    result, square = None, a
    while exponent:
        if exponent % 2:
            result = square if result is None else result * square
        exponent //= 2
        square = square * square if exponent else square
    return a.times(0) + Jet(mpmath.mpf(1)) if result is None else result


def over(a):
    """Return 1 / a."""
    if a.value == 0:
        raise Undefined("1/0")
    one = 1 / a.value
    return a.through(one, -one * one, 2 * one * one * one)


def _within(a):
    if abs(a) > LARGEST_ARGUMENT:
        raise OutOfReach(f"exponential of {mpmath.nstr(a, 5)}")


def _turned(a):
    if a != 0 and mpmath.mag(a) > LONGEST_ARGUMENT:
        raise OutOfReach(f"sine of {mpmath.nstr(a, 5)}")


def _sqrt(a):
    if a == 0:
        return a, mpmath.nan, mpmath.nan
    root = mpmath.sqrt(a)
    return root, 1 / (2 * root), -1 / (4 * root * a)


def _exp(a):
    _within(a)
    value = mpmath.exp(a)
    return value, value, value


def _log(a):
    return mpmath.log(a), 1 / a, -1 / (a * a)


def _sin(a):
    _turned(a)
    cosine, sine = mpmath.cos_sin(a)
    return sine, cosine, -sine


def _cos(a):
    _turned(a)
    cosine, sine = mpmath.cos_sin(a)
    return cosine, -sine, -cosine


def _tan(a):
    _turned(a)
    cosine, sine = mpmath.cos_sin(a)
    return sine / cosine, 1 / cosine**2, 2 * sine / cosine**3


def _asin(a):
    if abs(a) == 1:
        return mpmath.asin(a), mpmath.nan, mpmath.nan
    slope = mpmath.mpf(1) / mpmath.sqrt((1 - a) * (1 + a))
    return mpmath.asin(a), slope, a * slope**3


def _acos(a):
    _, slope, bend = _asin(a)
    return mpmath.acos(a), -slope, -bend


def _atan(a):
    whole = 1 + a * a
    return mpmath.atan(a), 1 / whole, -2 * a / whole**2


def _sinh(a):
    _within(a)
    return mpmath.sinh(a), mpmath.cosh(a), mpmath.sinh(a)


def _cosh(a):
    _within(a)
    return mpmath.cosh(a), mpmath.sinh(a), mpmath.cosh(a)


def _tanh(a):
    _within(a)
    whole = mpmath.cosh(a)
    return mpmath.tanh(a), 1 / whole**2, -2 * mpmath.sinh(a) / whole**3


def _asinh(a):
    root = mpmath.sqrt(1 + a * a)
    return mpmath.asinh(a), 1 / root, -a / root**3


def _erf(a):
    _within(a)
    slope = 2 * mpmath.exp(-a * a) / mpmath.sqrt(mpmath.pi)
    return mpmath.erf(a), slope, -2 * a * slope


def _abs(a):
    if a == 0:
        return a, mpmath.nan, mpmath.nan
    return abs(a), mpmath.sign(a), mpmath.mpf(0)


def _sign(a):
    nothing = mpmath.mpf(0) if a != 0 else mpmath.nan
    return mpmath.sign(a), nothing, nothing


def _max(a, b):
    if a.value == b.value:
        kink = a + b
        return kink.through(a.value, mpmath.nan, mpmath.nan)
    return a if a.value > b.value else b


def _atan2(a, b):
    """The angle of (b, a): an atan of a quotient and a number."""
    angle = mpmath.atan2(a.value, b.value)
    if a.value == 0 and b.value <= 0:
        raise Undefined("atan2 on its cut")
    steep = abs(a.value) > abs(b.value)
    quotient = -(b * over(a)) if steep else a * over(b)
    return quotient.through(angle, *_atan(quotient.value)[1:])


def _real_power(a, b):
    if a.value <= 0:
        raise Undefined("a real power of what is not positive")
    if not any(b.slopes or ()) and not any(b.bends or ()):
        return _fixed_power(a, b.value)
    logarithm = a.through(*_real(_log, a.value))
    exponent = b * logarithm
    _within(exponent.value)
    power = mpmath.power(a.value, b.value)  # exact where b is an integer, as 4 ** 1
    return exponent.through(power, power, power)


def _fixed_power(a, b):
    """Return a ** b for a number b, exactly where it is an integer."""
    if a.value != 1:
        _within(b * mpmath.log(a.value))
    value, slope, bend = (mpmath.power(a.value, b - k) for k in (0, 1, 2))
    return a.through(value, b * slope, b * (b - 1) * bend)


ONE = {
    "neg": lambda a: (-a, mpmath.mpf(-1), mpmath.mpf(0)),
    "sqrt": _sqrt, "exp": _exp, "log": _log, "sin": _sin, "cos": _cos, "tan": _tan,
    "asin": _asin, "acos": _acos, "atan": _atan, "sinh": _sinh, "cosh": _cosh, "tanh": _tanh,
    "asinh": _asinh, "erf": _erf, "abs": _abs, "sign": _sign,
}  # fmt: skip
TWO = {
    "add": Jet.__add__, "sub": Jet.__sub__, "mul": Jet.__mul__, "div": lambda a, b: a * over(b),
    "max": _max, "min": lambda a, b: -_max(-a, -b), "atan2": _atan2, "real_power": _real_power,
}  # fmt: skip
