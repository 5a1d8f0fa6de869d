"""Is a trace the function it was made from?

Both are evaluated at random points. They must agree up to rounding, and what rounding may do is
measured: every node of the tape carries, beside its value v, how far v moves when the operands move
by their own errors, plus 2^-50 |v|. F may differ by eight times that.
"""

import itertools
import math
import operator
import warnings
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from nlsolve.systems.base import FloatArray
from nlsolve.systems.entries import TraceError
from nlsolve.systems.evaluation import run
from nlsolve.systems.rules import Arithmetic
from nlsolve.systems.tape import Number, Tape

_UNIT = 2.0**-50
_TIMES = 8.0
_SEED = 20240229
_IN_BALL = 24  # points


class _Rounded:
    """Values at all points, and by how much rounding may have moved them."""

    def __init__(self, value: Any, error: Any) -> None:
        self.value, self.error = value, error

    def __add__(self, other: "_Rounded") -> "_Rounded":
        return _with_rounding(self.value + other.value, self.error + other.error)

    def __sub__(self, other: "_Rounded") -> "_Rounded":
        return _with_rounding(self.value - other.value, self.error + other.error)

    def __mul__(self, other: "_Rounded") -> "_Rounded":
        (a, da), (b, db) = (self.value, self.error), (other.value, other.error)
        return _with_rounding(a * b, np.abs(a) * db + (np.abs(b) + db) * da)

    def __truediv__(self, other: "_Rounded") -> "_Rounded":
        return _moved(operator.truediv, self, other)

    def __neg__(self) -> "_Rounded":
        return _Rounded(-self.value, self.error)


def _moved(function: Callable[..., Any], *given: _Rounded) -> _Rounded:
    """Return function(given), and how far it goes where the operands go with their errors."""
    value = function(*(one.value for one in given))
    error = 0.0
    for signs in itertools.product((1.0, -1.0), repeat=len(given)):
        there = (one.value + s * one.error for s, one in zip(signs, given, strict=True))
        error = np.fmax(error, np.abs(function(*there) - value))
    return _with_rounding(value, error)


def _with_rounding(value: Any, error: Any) -> _Rounded:
    return _Rounded(value, error + _UNIT * np.abs(value))


def _number(exact: Number) -> _Rounded:
    named = {"pi": math.pi, "e": math.e}
    value = np.float64(float(exact) if isinstance(exact, Fraction) else named[exact])
    return _Rounded(value, _UNIT * abs(value))


def _function(function: Callable[..., Any]) -> Callable[..., _Rounded]:
    return lambda *given: _moved(function, *given)


def _power(a: _Rounded, exponent: int) -> _Rounded:
    return _moved(lambda x: x ** float(exponent), a)


def _erf(a: Any) -> Any:
    return np.vectorize(math.erf, otypes=[float])(a)


_NAMED: dict[str, Callable[..., Any]] = {
    "asin": np.arcsin,
    "acos": np.arccos,
    "atan": np.arctan,
    "asinh": np.arcsinh,
    "max": np.maximum,
    "min": np.minimum,
    "atan2": np.arctan2,
    "real_power": np.power,
    "erf": _erf,
}
_SAME: tuple[str, ...] = (
    "sqrt",
    "exp",
    "log",
    "sin",
    "cos",
    "tan",
    "sinh",
    "cosh",
    "tanh",
    "abs",
    "sign",
)
_FLOATS = Arithmetic(
    _number,
    {name: _function(_NAMED.get(name) or getattr(np, name)) for name in (*_SAME, *_NAMED)}
    | {"pow": _power},
)


def check_agreement(tape: Tape, F: Callable[[FloatArray], Any], near: FloatArray | None) -> None:
    """Compare a tape with F at random points, near a point if one is given.

    Raises
    ------
    TraceError
        If they differ, or some equation is finite at no point.
    """
    seen = _compared(tape, F, _points(tape.m, near)).any(axis=0)
    if not seen.all():
        raise TraceError(
            f"equation {int(np.argmin(seen))} is finite at none of the points at which the trace "
            "was compared with F; give check=w, a point where F is defined"
        )


def check_agreement_over(
    tape: Tape, F: Callable[[FloatArray], Any], centre: FloatArray, radius: float
) -> None:
    """Compare a tape with F at random points of a ball.

    Raises
    ------
    TraceError
        If they differ.
    """
    rng = np.random.default_rng(_SEED)
    directions = rng.standard_normal((_IN_BALL, centre.size))
    directions /= np.linalg.norm(directions, axis=1)[:, None]
    shares = np.linspace(1.0, 0.0, _IN_BALL)[:, None]
    with np.errstate(over="ignore"):
        _compared(tape, F, centre + radius * (shares * directions))


def _compared(tape: Tape, F: Callable[[FloatArray], Any], points: FloatArray) -> Any:
    """Return at which points which equations were compared, (points, n), if all agree."""
    values = np.array([_values(F, w, tape.n) for w in points])
    with np.errstate(all="ignore"):
        w = [_Rounded(column, np.zeros(len(points))) for column in points.T.copy()]
        results: Sequence[_Rounded] = run(tape, w, [], _FLOATS)
    shape = len(points)
    expected = np.array([np.broadcast_to(one.value, shape) for one in results]).T
    error = np.array([np.broadcast_to(one.error, shape) for one in results]).T
    _check_equal(points, values, expected, error)
    return np.isfinite(values) & np.isfinite(expected) & np.isfinite(error)


def _check_equal(points: Any, values: Any, expected: Any, error: Any) -> None:
    with np.errstate(all="ignore"):
        wrong = np.abs(values - expected) > _TIMES * error
    wrong |= np.isfinite(values) & ~np.isfinite(expected) & np.isfinite(error)
    if wrong.any():
        p, i = np.argwhere(wrong)[0]
        raise TraceError(
            f"F does not repeat what was traced: equation {i} is {values[p, i]:.17g}, its formula "
            f"{expected[p, i]:.17g}, at w = {np.array2string(points[p], threshold=8)}. Does F "
            "depend on chance, time or state, or catch errors?"
        )


def _points(m: int, near: FloatArray | None) -> FloatArray:
    rng = np.random.default_rng(_SEED)
    if near is None:
        around = [rng.standard_normal((3, m)), rng.uniform(0.1, 0.9, (3, m))]
        return np.concatenate([*around, rng.uniform(1.0, 3.0, (2, m))])
    steps = np.concatenate([np.zeros((1, m)), rng.standard_normal((4, m))])
    points: FloatArray = near + 1e-2 * np.maximum(np.abs(near), 0.1) * steps
    return points


def _values(F: Callable[[FloatArray], Any], w: FloatArray, n: int) -> FloatArray:
    """Return F(w), NaN where F raises."""
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            values: FloatArray = np.asarray(F(w.copy()), dtype=np.float64)
        except Exception:  # as functions do outside their domain
            return np.full(n, np.nan)
    if values.size != n:
        raise TraceError(f"F returned {values.size} values, its trace has {n}")
    return values.reshape(n)
