"""How is a double moved outward, and does this thread compute as that needs?

IEEE 754 rounds +, -, *, / and sqrt to a nearest double. The exact result therefore lies between the
neighbours of the computed one: `down` and `up` are one step outward each. That holds for subnormal
results too, because underflow is gradual (the error is at most half of the smallest subnormal), and
where a result overflows: above the largest double, `down` of the computed inf is that double.

A result 0 of + or - is exact. That of * or / may have underflowed: then the signs of the operands
say which neighbour cannot be meant.

None of this is true in a thread that rounds otherwise, or takes subnormals for zero, as some
libraries leave it; `check_arithmetic` computes a few sums
and products to see.

Ends are floats or arrays of them; what follows serves both, and costs little for floats.
"""

import math
from contextlib import AbstractContextManager, nullcontext
from functools import reduce
from typing import Any

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]

UNIT = 2.0**-53  # relative error of an operation that does not underflow
SUBNORMAL = 2.0**-1074  # the smallest positive double
LARGEST = float(np.finfo(np.float64).max)
_TINY = 2.0**-1022  # the smallest that is not subnormal

_NO_CONTEXT = nullcontext()


class EnclosureError(ArithmeticError):
    """Raised where no enclosure can be given; the message says of what, and why."""


def down(x: Any) -> Any:
    """Return the next double below."""
    return math.nextafter(x, -math.inf) if type(x) is float else np.nextafter(x, -np.inf)


def up(x: Any) -> Any:
    """Return the next double above."""
    return math.nextafter(x, math.inf) if type(x) is float else np.nextafter(x, np.inf)


def raised(x: Any) -> Any:
    """Return at least `up(x)` for x >= 0, faster on arrays; five doubles above at most.

    Doubles are from u x to 2 u x apart where they are not subnormal, so that x (1 + 4 u) is rounded
    to at least the next one; adding the smallest subnormal does for those that are.
    """
    return x * (1.0 + 4.0 * UNIT) + SUBNORMAL


def choose(condition: Any, a: Any, b: Any) -> Any:
    """Return a where the condition holds, else b."""
    return np.where(condition, a, b) if isinstance(condition, np.ndarray) else a if condition else b


def somewhere(condition: Any) -> bool:
    """Return whether a condition holds for one entry at least."""
    return bool(condition.any()) if isinstance(condition, np.ndarray) else bool(condition)


def down_unless_zero(x: Any) -> Any:
    """Return a lower bound of a sum computed as x."""
    return choose(x == 0.0, x, down(x))


def up_unless_zero(x: Any) -> Any:
    """Return an upper bound of a sum computed as x."""
    return choose(x == 0.0, x, up(x))


def least(*ends: Any) -> Any:
    """Return the smallest, whatever is NaN left out."""
    return _first(ends, min, np.fmin)


def greatest(*ends: Any) -> Any:
    """Return the largest, whatever is NaN left out."""
    return _first(ends, max, np.fmax)


def _first(ends: tuple[Any, ...], of_floats: Any, of_arrays: Any) -> Any:
    for x in ends:
        if type(x) is not float:
            return reduce(of_arrays, ends)
    if math.isnan(sum(ends)):  # also where infinite ends cancel
        return of_floats([x for x in ends if x == x], default=math.nan)
    return of_floats(ends)


def quiet(*ends: Any) -> AbstractContextManager[Any]:
    """Return a context in which numpy does not warn of inf and NaN, which are taken care of."""
    for end in ends:
        if type(end) is not float:
            return np.errstate(all="ignore")
    return _NO_CONTEXT


def check_arithmetic() -> None:
    """Compute a few sums and products in this thread to see that it rounds as enclosures need.

    Raises
    ------
    EnclosureError
        If it does not round to the nearest double, ties to even, or takes subnormals for zero.
    """
    for one in (1.0, -1.0):
        tie = UNIT * one
        odd = one + 2.0 * tie
        if (one + tie, odd + tie, odd - tie, one - tie / 2.0) != (one, one + 4.0 * tie, one, one):
            raise EnclosureError(
                "this thread does not round to the nearest double (some library changed its "
                "rounding mode): nothing can be enclosed"
            )
    for tiny in (SUBNORMAL, 0.5 * _TINY):
        if tiny * 2.0**600 == 0.0:
            raise EnclosureError(
                "this thread takes subnormal numbers for zero (some library was built with fast "
                "arithmetic): nothing can be enclosed"
            )
