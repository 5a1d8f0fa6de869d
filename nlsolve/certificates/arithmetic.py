"""In which arithmetic do theorems count, and when is a comparison certain?

A theorem is written once and runs in any number type that registers here. For floats every
comparison keeps a relative margin of 1e-9, and every number that a conclusion publishes is moved
outward by as much; the formulas are arranged so that rounding in double precision stays far below
that margin. A comparison that is not certain is False: so is every comparison with NaN.

Outward-rounded intervals need no margin; their type registers its own rules.
"""

import math
from functools import singledispatch
from typing import Any

MARGIN = 1e-9

# A product of two numbers in this range neither overflows nor loses digits to underflow.
SMALLEST, LARGEST = 1e-140, 1e140


@singledispatch
def certainly_less(a: Any, b: Any) -> bool:
    """Return whether a < b for certain."""
    a, b = float(a), float(b)
    return math.isfinite(a) and bool(a + _margin(a, b) < b)


@singledispatch
def certainly_at_most(a: Any, b: Any) -> bool:
    """Return whether a <= b for certain."""
    a, b = float(a), float(b)
    return math.isfinite(a) and bool(a + _margin(a, b) <= b)


def _margin(a: float, b: float) -> float:
    return MARGIN * max(abs(a), abs(b) if b < math.inf else 0.0)


@singledispatch
def in_range(a: Any) -> bool:
    """Return whether a is zero, or finite and of a size that can be multiplied safely."""
    return bool(a == 0.0 or SMALLEST <= abs(a) <= LARGEST)


@singledispatch
def outward_up(a: Any) -> Any:
    """Return a number above `a` by the margin: for what must be an upper bound."""
    return a + MARGIN * abs(a)


@singledispatch
def outward_down(a: Any) -> Any:
    """Return a number below `a` by the margin: for what must be a lower bound."""
    return a - MARGIN * abs(a)


@singledispatch
def square_root(a: Any) -> Any:
    """Return the square root of a >= 0; of less, as rounding may leave it, zero."""
    return math.sqrt(a) if a > 0.0 else 0.0 * a


@singledispatch
def upper_end(a: Any) -> float:
    """Return a float that is no less than a."""
    return float(a)


@singledispatch
def lower_end(a: Any) -> float:
    """Return a float that is no more than a."""
    return float(a)


@singledispatch
def at_upper_end(a: Any) -> Any:
    """Return a number of a's kind that is one float, no less than a: what is published of it."""
    return a


@singledispatch
def remaining(decrease: Any) -> Any:
    """Return an upper bound of 1 - decrease that is at most 1."""
    return min(math.nextafter(1.0 - decrease, math.inf), 1.0)


@singledispatch
def no_more_than(a: Any, bound: Any) -> bool:
    """Return whether a <= bound, where `bound` has been moved outward already."""
    return bool(a <= bound)


@singledispatch
def lesser(a: Any, b: Any) -> Any:
    """Return min(a, b)."""
    return min(a, b)


def steps_for(ratio: Any, decrease: Any) -> int:
    """Return t >= 0 with (1 - decrease)^(t/2) <= ratio for certain, 0 < decrease <= 1.

    The loss falls by 1 - decrease a step, so that t steps take |r| to `ratio` times itself.
    """
    smallest, least = lower_end(ratio), lower_end(decrease)
    if smallest >= 1.0:
        return 0
    if not (smallest > 0.0 and least > 0.0):
        raise ValueError(
            f"no number of steps is guaranteed: |r| is to fall to {smallest} of itself, "
            f"the loss falls by {least} of itself a step"
        )
    steps = 1.0 if least >= 1.0 else quotient_of_logarithms(ratio, decrease)
    if not steps < LARGEST:
        raise ValueError("more steps than can be counted: the guaranteed rate is 1 to rounding")
    return math.ceil(steps)


@singledispatch
def quotient_of_logarithms(ratio: Any, decrease: Any) -> float:
    """Return an upper bound of 2 log(ratio) / log(1 - decrease), both between 0 and 1."""
    return float(outward_up(2.0 * math.log(ratio) / math.log1p(-decrease)))
