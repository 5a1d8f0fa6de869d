"""Where do products, norms and eigenvalues of matrices lie that are known up to intervals?

Doubles of any matrix product are computed by the BLAS, whose sums run in an order of its own, with
or without fused operations. For vectors of length k (u = 2^-53, eta = 2^-1074)

    |fl(x^T y) - x^T y| <= gamma_k |x|^T |y| + k eta,      gamma_k = k u / (1 - k u),

in any order: each product passes at most k roundings, and each product may underflow, by half of
eta. [Higham, Accuracy and Stability of Numerical Algorithms, 3.1; Rump, Fast and parallel interval
arithmetic, BIT 1999] For k (k + 1) u <= 1, gamma_k <= (k + 1) u. What is not covered is a product
that does not sum the products of entries (Strassen's).

Products. With A in mA +- rA and B in mB +- rB,

    |A B - fl(mA mB)| <= |mA| (rB + gamma_k |mB|) + rA (|mB| + rB) + k eta,

and the products on the right, of matrices that are not negative, are computed likewise and
enlarged: X Y <= (fl(X Y) + k eta) / (1 - gamma_k), 1 / (1 - gamma_k) <= 1 + (k + 2) u.

Norms. For M >= 0 and any x > 0 |M|_2^2 <= max_k (M^T M x)_k / x_k (Collatz, Wielandt), nearly
attained if x is nearly the Perron vector; and |M|_2^2 <= |M|_1 |M|_inf. Entries are divided by a
power of two first, so that squares neither overflow nor vanish.
"""

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from nlsolve.intervals.interval import Interval, known, made, magnitude, midpoint, mignitude
from nlsolve.intervals.rounding import (
    SUBNORMAL,
    UNIT,
    EnclosureError,
    FloatArray,
    check_arithmetic,
    down,
    raised,
    up,
)
from nlsolve.intervals.sets import radius

LONGEST = 1 << 26  # (LONGEST + 2)^2 u <= 1: sums this long, and no longer, keep to the bounds above
ROUNDS = 12  # of the power method for Perron vectors


def matmul(a: Any, b: Any) -> Interval:
    """Return the product of two matrices or vectors, Intervals or float64 arrays, as numpy does.

    Raises
    ------
    EnclosureError
        If this thread's arithmetic is not as it must be.
    """
    check_arithmetic()
    with np.errstate(all="ignore"):
        (a_mid, a_rad), (b_mid, b_rad) = _centred(a), _centred(b)
        k = _covered(a_mid.shape[-1])
        middle = np.asarray(a_mid @ b_mid)
        spread = _rounding(k) * abs(b_mid)
        if b_rad is not None:
            spread = raised(raised(spread) + b_rad)
        error = upper_product(abs(a_mid), raised(spread))
        if a_rad is not None:
            largest = abs(b_mid) if b_rad is None else raised(abs(b_mid) + b_rad)
            error = raised(error + upper_product(a_rad, largest))
        error = raised(error + k * SUBNORMAL)
        return _or_endless(down(middle - error), up(middle + error))


def upper_product(X: FloatArray, Y: FloatArray) -> FloatArray:
    """Return upper bounds of the entries of X Y, for X, Y >= 0."""
    k = _covered(X.shape[-1])
    return np.asarray(_enlarged(raised(np.asarray(X @ Y) + k * SUBNORMAL), k))


def _enlarged(computed: Any, k: int) -> Any:
    """Return upper bounds of sums of k terms >= 0 that were computed so, underflow added."""
    return raised(computed * raised(1.0 + (k + 2) * UNIT))


def total(x: Any, axis: int | None = None) -> Interval:
    """Return the sum of intervals, of all or along an axis."""
    x = known(x)
    with np.errstate(all="ignore"):
        k = _covered(x.size if axis is None else x.shape[axis])
        low, high = np.sum(x.lo, axis=axis), np.sum(x.hi, axis=axis)
        low_size, high_size = np.sum(np.abs(x.lo), axis=axis), np.sum(np.abs(x.hi), axis=axis)
        lo = down(low - raised(_rounding(k) * _enlarged(low_size, k)))
        hi = up(high + raised(_rounding(k) * _enlarged(high_size, k)))
        return _or_endless(lo, hi)


def norm_upper(M: Any) -> float:
    """Return an upper bound of the Frobenius norm (of a vector: the length)."""
    sizes, scale = _scaled(M)
    if not 0.0 < scale < math.inf:
        return scale
    flat = sizes.ravel()
    return float(raised(raised(math.sqrt(float(upper_product(flat, flat)))) * scale))


def norm_lower(M: Any) -> float:
    """Return a lower bound of the Frobenius norm (of a vector: the length)."""
    M = known(M)
    sizes, scale = _scaled(mignitude(M))
    if not 0.0 < scale < math.inf:
        return scale
    flat = down(down(sizes.ravel()))  # they were rounded up
    flat = np.where(flat > 0.0, flat, 0.0)
    k = _covered(flat.size)
    squares = down(float(flat @ flat) - k * SUBNORMAL) * (1.0 - (k + 2) * UNIT)
    return float(max(down(down(math.sqrt(max(down(squares), 0.0))) * scale), 0.0))


def spectral_upper(M: Any) -> float:
    """Return an upper bound of the spectral norm of every matrix with these magnitudes."""
    sizes, scale = _scaled(M)
    if not 0.0 < scale < math.inf:
        return scale
    ones, columns = np.ones(sizes.shape[1]), np.ones(sizes.shape[0])
    rows = upper_product(sizes, ones).max() * upper_product(sizes.T, columns).max()
    wielandt = _collatz(lambda x: upper_product(sizes.T, upper_product(sizes, x)), ones)
    return float(raised(raised(math.sqrt(min(raised(float(rows)), wielandt))) * scale))


def perron_upper(T: FloatArray) -> float:
    """Return an upper bound of the spectral radius of a square T >= 0 (T symmetric: its norm)."""
    sizes, scale = _scaled(T)
    if not 0.0 < scale < math.inf:
        return scale
    return float(
        raised(_collatz(lambda x: upper_product(sizes, x), np.ones(sizes.shape[1])) * scale)
    )


def _collatz(multiply: Callable[[FloatArray], FloatArray], x: FloatArray) -> float:
    """Return max_k (T x)_k / x_k rounded up, the smallest met in some rounds of the power method.

    A little of every entry is kept, so that x stays positive where T is reducible.
    """
    best = math.inf
    for _ in range(ROUNDS):
        product = multiply(x)
        best = min(best, float(raised(product / x).max()))
        x = product / product.max() + 0.25 * x / x.max() + 1e-12
    return best


def _scaled(M: Any) -> tuple[FloatArray, float]:
    """Return magnitudes over a power of two, rounded up, and that power; 0 or inf if they are."""
    sizes = np.asarray(magnitude(known(M)))
    largest = float(sizes.max(initial=0.0))
    if not 0.0 < largest < math.inf:
        return sizes, largest
    scale = 2.0 ** min(max(math.frexp(largest)[1], -1000), 1000)
    scaled = sizes / scale
    return np.where(scaled * scale == sizes, scaled, up(scaled)), scale


def _centred(x: Any) -> tuple[FloatArray, FloatArray | None]:
    """Return midpoints and radii; None where all radii are zero."""
    x = known(x)
    if np.array_equal(x.lo, x.hi):
        return np.asarray(x.lo), None
    middle = midpoint(x)
    return np.asarray(middle), np.asarray(radius(x, middle))


def _or_endless(lo: Any, hi: Any) -> Interval:
    """Return an interval without end where an end overflowed, or an operand had none."""
    return made(np.where(np.isfinite(lo), lo, -np.inf), np.where(np.isfinite(hi), hi, np.inf))


def _covered(k: int) -> int:
    """Return the number of terms of a sum, refusing more than the bounds cover."""
    if k > LONGEST:
        raise EnclosureError(f"sums of {k} terms are longer than the bounds of rounding cover")
    return k


def _rounding(k: int) -> float:
    """Return an upper bound of gamma_k."""
    return (k + 1) * UNIT
