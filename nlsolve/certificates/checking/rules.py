"""What are the values and partial derivatives of an operation while its operands move in ranges?

`ONE_OPERAND[name]` gives (v, v', v'') of a range a; `TWO_OPERANDS[name]` gives v, (v_a, v_b) and
(v_aa, v_ab, v_bb) of ranges a and b. A derivative that is 0, 1 or -1 everywhere is that integer.
All derivatives are computed with the value, so that what is not smooth in the ranges raises
Undefined whichever of them is wanted.

The derivatives are written as functions of one variable with their critical points, so that they
are enclosed tightly: v'' of tanh is 2 v (v^2 - 1), which turns at v = +-1/sqrt(3); that of atan
turns at a = +-1/sqrt(3), those of asinh and erf at +-1/sqrt(2).
"""

from collections.abc import Callable
from typing import Any

import flint

from nlsolve.certificates.checking.ranges import (
    ONE,
    TWO,
    ZERO,
    Number,
    Range,
    Undefined,
    cosine,
    hull,
    over,
    pi,
    point,
    positive,
    power,
    sine,
    square,
    tangent,
    through,
    within_one,
    without_zero,
)

Partial = Range | int
One = tuple[Range, Partial, Partial]
Two = tuple[Range, tuple[Partial, Partial], tuple[Partial, Partial, Partial]]


def raised(a: Range, n: int) -> One:
    """Return a^n."""
    if n in (0, 1):
        return power(a, n), n, 0
    first, second = (point(ZERO + k) for k in (n, n * (n - 1)))
    return power(a, n), first * power(a, n - 1), second * power(a, n - 2)


def _sqrt(a: Range) -> One:
    positive(a, "sqrt")
    half = -ONE / 4
    return (
        through(lambda x: x.sqrt(), a),
        through(lambda x: ONE / (TWO * x.sqrt()), a),
        through(lambda x: half / (x * x.sqrt()), a),
    )


def _exp(a: Range) -> One:
    v = through(lambda x: x.exp(), a)
    return v, v, v


def _log(a: Range) -> One:
    positive(a, "log")
    slope = over(a)
    return through(lambda x: x.log(), a), slope, -square(slope)


def _sin(a: Range) -> One:
    v = sine(a)
    return v, cosine(a), -v


def _cos(a: Range) -> One:
    v = cosine(a)
    return v, -sine(a), -v


def _tan(a: Range) -> One:
    v = tangent(a)
    return v, point(ONE) + square(v), through(lambda t: TWO * t * (ONE + t * t), v)


def _asin(a: Range) -> One:
    within_one(a, "asin")
    slope = through(lambda s: (ONE - s).rsqrt(), square(a))
    return through(lambda x: x.asin(), a), slope, through(_asin_bend, a)


def _asin_bend(x: Number) -> Number:
    root = (ONE - x * x).rsqrt()
    return x * root * root * root


def _acos(a: Range) -> One:
    _, slope, bend = _asin(within_one(a, "acos"))
    return through(lambda x: x.acos(), a), -slope, -bend


def _atan(a: Range) -> One:
    def bend(x: Number) -> Number:
        slope = ONE / (ONE + x * x)
        return -TWO * x * slope * slope

    slope = through(lambda s: ONE / (ONE + s), square(a))
    return through(lambda x: x.atan(), a), slope, through(bend, a, _both((ONE + TWO).rsqrt()))


def _sinh(a: Range) -> One:
    v = through(lambda x: x.sinh(), a)
    return v, through(lambda x: x.cosh(), a, (ZERO,)), v


def _cosh(a: Range) -> One:
    v = through(lambda x: x.cosh(), a, (ZERO,))
    return v, through(lambda x: x.sinh(), a), v


def _tanh(a: Range) -> One:
    v = through(lambda x: x.tanh(), a)
    bend = through(lambda t: TWO * t * (t * t - ONE), v, _both((ONE + TWO).rsqrt()))
    return v, point(ONE) - square(v), bend


def _asinh(a: Range) -> One:
    def bend(x: Number) -> Number:
        root = (ONE + x * x).rsqrt()
        return -x * root * root * root

    slope = through(lambda s: (ONE + s).rsqrt(), square(a))
    return through(lambda x: x.asinh(), a), slope, through(bend, a, _both(TWO.rsqrt()))


def _erf(a: Range) -> One:
    scale = TWO / pi().sqrt()
    slope = through(lambda s: scale * (-s).exp(), square(a))
    bend = through(lambda x: -TWO * x * scale * (-x * x).exp(), a, _both(TWO.rsqrt()))
    return through(lambda x: x.erf(), a), slope, bend


def _both(x: Number) -> tuple[Number, Number]:
    return -x, x


def _abs(a: Range) -> One:
    above = without_zero(a, "abs").lo > ZERO
    return (a, 1, 0) if above else (-a, -1, 0)


def _sign(a: Range) -> One:
    above = without_zero(a, "sign").lo > ZERO
    return point(ONE if above else -ONE), 0, 0


def _neg(a: Range) -> One:
    return -a, -1, 0


def _add(a: Range, b: Range) -> Two:
    return a + b, (1, 1), (0, 0, 0)


def _sub(a: Range, b: Range) -> Two:
    return a - b, (1, -1), (0, 0, 0)


def _mul(a: Range, b: Range) -> Two:
    return a * b, (b, a), (0, 1, 0)


def _div(a: Range, b: Range) -> Two:
    slope = over(b)
    second = square(slope)
    bend = point(TWO) * (a * power(slope, 3))
    return a * slope, (slope, -(a * second)), (0, -second, bend)


def _max(a: Range, b: Range) -> Two:
    above = without_zero(a - b, "max").lo > ZERO
    return (a, (1, 0), (0, 0, 0)) if above else (b, (0, 1), (0, 0, 0))


def _min(a: Range, b: Range) -> Two:
    below = without_zero(a - b, "min").hi < ZERO
    return (a, (1, 0), (0, 0, 0)) if below else (b, (0, 1), (0, 0, 0))


def _atan2(a: Range, b: Range) -> Two:
    if not (b.lo > ZERO or a.lo > ZERO or a.hi < ZERO):
        raise Undefined("atan2 of what may meet its cut")
    ends = ((p, q) for p in a.ends for q in b.ends)
    v = hull(flint.arb.atan2(p, q) for p, q in ends)
    squares = over(square(a) + square(b))
    mixed = -(point(TWO) * a * b * square(squares))
    apart = (square(a) - square(b)) * square(squares)
    return v, (b * squares, -(a * squares)), (mixed, apart, -mixed)


def _real_power(a: Range, b: Range) -> Two:
    positive(a, "a power")
    v, less, least = (_raise(a, b, k) for k in range(3))
    log, one = through(lambda x: x.log(), a), point(ONE)
    return (
        v,
        (b * less, v * log),
        (b * (b - one) * least, less * (one + b * log), v * square(log)),
    )


def _raise(a: Range, b: Range, less: int) -> Range:
    """Return a^(b - less), a > 0: monotone in either operand."""
    return hull(p ** (q - less) for p in a.ends for q in b.ends)


ONE_OPERAND: dict[str, Callable[[Range], One]] = {
    "neg": _neg, "sqrt": _sqrt, "exp": _exp, "log": _log, "sin": _sin, "cos": _cos, "tan": _tan,
    "asin": _asin, "acos": _acos, "atan": _atan, "sinh": _sinh, "cosh": _cosh, "tanh": _tanh,
    "asinh": _asinh, "erf": _erf, "abs": _abs, "sign": _sign,
}  # fmt: skip
TWO_OPERANDS: dict[str, Callable[[Range, Range], Two]] = {
    "add": _add, "sub": _sub, "mul": _mul, "div": _div, "max": _max, "min": _min,
    "atan2": _atan2, "real_power": _real_power,
}  # fmt: skip


def is_zero(partial: Any) -> bool:
    """Return whether a partial derivative is 0 everywhere."""
    return isinstance(partial, int) and partial == 0
