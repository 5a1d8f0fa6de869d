"""How is a power of a double rounded outward?

x^n, x >= 0, by repeated squaring with every product moved one way; n - 1 roundings in all, counted
with their multiplicity, so that the bound is off by n - 1 units in the last place at most (each
unit a double's distance to its neighbour). Odd powers keep signs: the magnitude of a negative end
is rounded the other way.
"""

from collections.abc import Callable
from typing import Any

from nlsolve.intervals.rounding import choose, greatest

Step = Callable[[Any], Any]


def power(size: Any, n: int, outward: Step) -> Any:
    """Return size^n rounded one way, for size >= 0 and n >= 1."""
    result, square = None, size
    while n:
        if n % 2:
            result = square if result is None else _times(result, square, outward)
        square, n = _times(square, square, outward) if n > 1 else square, n // 2
    return result


def _times(a: Any, b: Any, outward: Step) -> Any:
    """Return a b rounded one way, for a, b >= 0: zero stays zero."""
    if type(a) is float:
        return 0.0 if a == 0.0 or b == 0.0 else max(outward(a * b), 0.0)
    return choose((a == 0.0) | (b == 0.0), 0.0, greatest(outward(a * b), 0.0))


def odd_power(end: Any, n: int, outward: Step, inward: Step) -> Any:
    """Return end^n rounded outward: the magnitude, inward where the end is negative."""
    size = abs(end)
    return choose(end < 0.0, -power(size, n, inward), power(size, n, outward))
