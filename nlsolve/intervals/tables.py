"""Between which doubles do a smooth function and its slope lie, at each of millions of doubles?

Asking arb at each would take minutes. It is asked once for every cell of a grid: at c = k/32 for
the coefficients a_0, ..., a_d at c, and for a_{d+1} over the whole cell |z - c| <= T = 1/64.
With t = z - c, which is exact in doubles (Sterbenz),

    |f(z) - sum_{j<=d} a_j t^j| <= |a_{d+1}| T^{d+1},
    |f'(z) - sum_{1<=j<=d} j a_j t^{j-1}| <= (d + 1) |a_{d+1}| T^d.

The coefficients become doubles b_j with |b_j - a_j| <= e_j, and Horner's rule, of degree d, errs by
at most gamma_{2d} sum |b_j| T^j [Higham, Accuracy and Stability of Numerical Algorithms, 5.1], so
that all errors are known cell by cell. Beyond |z| = 64 the function is taken for its asymptote.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from nlsolve.intervals.interval import Interval, made, midpoint
from nlsolve.intervals.points import BITS, computed, doubles, expanded
from nlsolve.intervals.rounding import UNIT, EnclosureError, FloatArray, down, raised, up
from nlsolve.intervals.sets import radius

TERMS = 12  # a_0, ..., a_11: degree 10, and the remainder
CELLS = 32  # a unit of length
END = 64  # from here on asymptotes are taken
HALF = 1.0 / 64.0  # T, half the width of a cell
BEYOND = 2.0**-80
BLOCK = 1 << 15  # numbers at a time, that stay in the processor's cache
UNDERFLOW = 2.0**-1000  # far more than products that underflow may lose


class Smooth(NamedTuple):
    """A function that is analytic near the real line.

    Attributes
    ----------
    name : str
    series : callable
        Takes an arb_series and returns that of the function.
    ends : tuple of float
        (a, b, c, d): f and f' are within 2^-80 of a + b z and b for z <= -64, of c + d z and d for
        z >= 64.
    steepest, sharpest : float
        Upper bounds of |f'| and |f''|.
    """

    name: str
    series: Callable[[Any], Any]
    ends: tuple[float, float, float, float]
    steepest: float
    sharpest: float


def enclosed(function: Smooth, z: Interval) -> tuple[Interval, Interval]:
    """Return intervals that contain f and f' of every number in the intervals z.

    Raises
    ------
    EnclosureError
        If an end is not finite.
    """
    if not (np.isfinite(z.lo).all() and np.isfinite(z.hi).all()):
        raise EnclosureError(f"{function.name} of numbers that overflow")
    middle = np.asarray(midpoint(z))
    spread = np.asarray(radius(z, middle))
    found = [np.empty(middle.size) for _ in range(4)]
    flat = middle.ravel()
    for first in range(0, flat.size, BLOCK):
        part = slice(first, first + BLOCK)
        for whole, piece in zip(found, _at(function, flat[part]), strict=True):
            whole[part] = piece
    value, error, slope, slope_error = (array.reshape(middle.shape) for array in found)
    return (
        _around(value, raised(error + raised(function.steepest * spread))),
        _around(slope, raised(slope_error + raised(function.sharpest * spread))),
    )


def _around(middle: FloatArray, error: FloatArray) -> Interval:
    return made(down(middle - error), up(middle + error))


def _at(function: Smooth, z: FloatArray) -> tuple[FloatArray, ...]:
    """Return f, its error, f' and its error, at doubles."""
    k = np.rint(np.clip(z, -END, END) * CELLS).astype(np.int64)
    first = int(k.min())
    cells = [_cell(function, number) for number in range(first, int(k.max()) + 1)]
    values, slopes = (np.array([cell[i] for cell in cells]).T for i in (0, 1))
    t, where = z - k / CELLS, k - first
    found = [
        _horner(values[:-1], where, t), values[-1][where],
        _horner(slopes[:-1], where, t), slopes[-1][where],
    ]  # fmt: skip
    below, above = z < -END, z > END
    for beyond, (constant, line) in ((below, function.ends[:2]), (above, function.ends[2:])):
        limit = constant + line * z[beyond]  # rounded by u |z| at most
        error = BEYOND + abs(line * z[beyond]) * (2.0 * UNIT)
        for array, known in zip(found, (limit, error, line, BEYOND), strict=True):
            array[beyond] = known
    return tuple(found)


def _horner(coefficients: FloatArray, where: Any, t: FloatArray) -> FloatArray:
    """Return sum_j coefficients[j, where] t^j."""
    value: FloatArray = coefficients[-1][where]
    for row in coefficients[-2::-1]:
        value *= t
        value += row[where]
    return value


@lru_cache(maxsize=1 << 14)
def _cell(function: Smooth, k: int) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Return doubles for the coefficients of f and f' about k/32, and each time the error last."""

    def compute(arb: Any) -> list[Any]:
        around = [expanded(function.series, c / CELLS, TERMS) for c in (arb(k), arb(k, 0.5))]
        slopes = [[(j + 1) * row[j + 1] for j in range(TERMS - 1)] for row in around]
        return [[doubles(function.name, a) for a in row] for row in (*around, *slopes)]

    value, value_over, slope, slope_over = computed(BITS, compute)
    return (
        _with_error(value[:-1], value_over[-1]),
        _with_error(slope[:-1], slope_over[-1]),
    )


def _with_error(
    coefficients: list[tuple[float, float]], rest: tuple[float, float]
) -> tuple[float, ...]:
    """Return doubles for coefficients, and an upper bound of the whole error within a cell."""
    rounding = up((2 * len(coefficients) + 1) * UNIT)
    error = max(abs(rest[0]), abs(rest[1])) * HALF ** len(coefficients)  # a power of two
    for j, (low, high) in enumerate(coefficients):
        share = up(up(high - low) + up(rounding * abs(low)))
        error = up(up(error) + up(share * HALF**j))
    return (*(low for low, _ in coefficients), up(error + UNDERFLOW))
