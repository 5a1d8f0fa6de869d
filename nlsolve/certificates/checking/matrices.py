"""Is a matrix certainly positive definite, its norm certainly below a number?

Matrices are flint.arb_mat, entries balls of 128 bits; matrices of ranges are `Wide`, midpoints and
radii: (m +- r)(n +- s) lies within m n +- (|m| s + r |n| + r s).

Positive definite. M = L D L^T without roots: if every pivot is positive for certain, M is. Hence
|M| <= v if v^2 I - M M^T is positive definite, and sigma_n(M) >= v if M M^T - v^2 I is; neither
needs an eigenvalue.

Norms of matrices of ranges, with magnitudes N. |M|^2 <= max_k (N^T N x)_k / x_k for every x > 0
[Collatz, Wielandt], and |M|^2 <= |N|_1 |N|_inf. Second derivatives H_i with magnitudes N_i: for
unit u and v, sum_i (u^T H_i v)^2 <= sum_i |N_i |v||^2 = |v|^T T |v|, T = sum_i N_i^2, so that
beta^2 <= |T| <= max_k (T x)_k / x_k. The vector x comes from floating-point power iteration and
need not be good.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

import flint
import numpy as np

from nlsolve.certificates.checking.ranges import ONE, ZERO, Number, Range, larger

Matrix = Any  # flint.arb_mat
Entries = list[tuple[int, int, Number]]  # row, column, magnitude
ROUNDS = 300  # of power iteration

FloatArray = np.ndarray[Any, np.dtype[np.float64]]


class Wide(NamedTuple):
    """All matrices within `spread` of `middle`, entry by entry."""

    middle: Matrix
    spread: Matrix

    def from_left(self, A: Matrix) -> "Wide":
        """Return A times these."""
        return Wide(A * self.middle, sizes(A) * self.spread)

    def from_right(self, X: Matrix) -> "Wide":
        """Return these times X."""
        return Wide(self.middle * X, self.spread * sizes(X))

    def minus(self, other: Matrix) -> "Wide":
        """Return these less one matrix."""
        return Wide(self.middle - other, self.spread)

    @property
    def magnitudes(self) -> Entries:
        """Upper bounds of the entries' sizes; zeros are left out."""
        largest = (sizes(self.middle) + self.spread).tolist()
        return [
            (i, j, x) for i, row in enumerate(largest) for j, x in enumerate(row) if not x.is_zero()
        ]


def wide(shape: tuple[int, int], entries: Iterable[tuple[int, int, Range]]) -> Wide:
    """Return a matrix of ranges; what is left out is 0."""
    middle, spread = flint.arb_mat(*shape), flint.arb_mat(*shape)
    for i, j, entry in entries:
        if entry.thin:
            middle[i, j] = entry.lo
        else:
            centre = ((entry.lo + entry.hi) / 2).mid()
            middle[i, j] = centre
            spread[i, j] = larger(entry.hi - centre, centre - entry.lo).upper()
    return Wide(middle, spread)


def matrix(rows: Sequence[Sequence[Any]]) -> Matrix:
    """Return a matrix of doubles or balls."""
    return flint.arb_mat([[flint.arb(entry) for entry in row] for row in rows])


def identity(size: int) -> Matrix:
    """Return the unit matrix."""
    return flint.arb_mat(size, size, [ONE * (i == j) for i in range(size) for j in range(size)])


def sizes(M: Matrix) -> Matrix:
    """Return the absolute values of the entries."""
    return flint.arb_mat(M.nrows(), M.ncols(), [abs(entry) for entry in M.entries()])


def length_squared(numbers: Iterable[Number]) -> Number:
    """Return the sum of squares."""
    return sum((x * x for x in numbers), ZERO)


def positive_definite(M: Matrix) -> bool:
    """Return whether a symmetric matrix is positive definite for certain."""
    lower: list[list[Number]] = []
    pivots: list[Number] = []
    for i, row in enumerate(M.tolist()):
        scaled: list[Number] = []  # row i of L D
        for j in range(i):
            scaled.append(row[j] - _dot(scaled, lower[j]))
        lower.append([entry / pivot for entry, pivot in zip(scaled, pivots, strict=True)])
        pivots.append(row[i] - _dot(scaled, lower[i]))
        if not pivots[i] > ZERO:
            return False
    return True


def _dot(a: Sequence[Number], b: Sequence[Number]) -> Number:
    return sum((x * y for x, y in zip(a, b, strict=True)), ZERO)


def norm_at_most(M: Matrix, v: Number) -> bool:
    """Return whether |M| <= v for certain."""
    if length_squared(M.entries()) <= v * v:
        return True
    flat = M if M.nrows() <= M.ncols() else M.transpose()
    return positive_definite(v * v * identity(flat.nrows()) - flat * flat.transpose())


def smallest_at_least(M: Matrix, v: Number) -> bool:
    """Return whether sigma_n(M) >= v for certain, n the number of rows."""
    if v.is_zero():
        return True
    return positive_definite(M * M.transpose() - v * v * identity(M.nrows()))


def spectral_at_most(entries: Entries, shape: tuple[int, int], v: Number) -> bool:
    """Return whether matrices with these magnitudes have norms <= v for certain."""
    rows, columns = [[ZERO] * size for size in shape]
    for i, j, x in entries:
        rows[i], columns[j] = rows[i] + x, columns[j] + x
    most = [max_of(sums) for sums in (rows, columns)]
    if most[0] * most[1] <= v * v:
        return True
    across = [(j, i, x) for i, j, x in entries]
    return form_at_most([(entries, across)], shape[1], v)


def curved_at_most(matrices: Sequence[Entries], size: int, v: Number) -> bool:
    """Return whether sum_i |N_i |w||^2 <= v^2 |w|^2 for certain, N_i symmetric, all entries."""
    return form_at_most([(entries, entries) for entries in matrices if entries], size, v)


def form_at_most(pairs: Sequence[tuple[Entries, Entries]], size: int, v: Number) -> bool:
    """Return whether |sum_i B_i A_i| <= v^2 for certain; A_i, B_i >= 0, the sum symmetric."""
    x = [flint.arb(float(entry)) for entry in perron(pairs, size)]
    total = [ZERO] * size
    for first, second in pairs:
        inner: dict[int, Number] = {}
        for i, j, entry in first:
            inner[i] = inner.get(i, ZERO) + entry * x[j]
        for i, j, entry in second:
            if j in inner:
                total[i] = total[i] + entry * inner[j]
    return all(bool(sum_k <= v * v * x_k) for sum_k, x_k in zip(total, x, strict=True))


def perron(pairs: Sequence[tuple[Entries, Entries]], size: int) -> FloatArray:
    """Return x > 0 with a small max_k (T x)_k / x_k, T = sum_i B_i A_i, in floating point.

    A little of every entry is kept, so that x stays positive where T is reducible.
    """
    largest = max_of(x for first, _ in pairs for _, _, x in first)
    if not largest > ZERO:
        return np.ones(size)
    steps = [(_floats(first, largest), _floats(second, largest)) for first, second in pairs]
    inner = 1 + max((int(rows.max()) for (rows, _, _), _ in steps), default=0)

    def applied(x: FloatArray) -> FloatArray:
        total = np.zeros(size)
        for (i, j, a), (k, other, b) in steps:
            middle = np.bincount(i, a * x[j], minlength=inner)
            total += np.bincount(k, b * middle[other], minlength=size)
        return total

    return _iterated(applied, np.ones(size))


def _iterated(applied: Callable[[FloatArray], FloatArray], x: FloatArray) -> FloatArray:
    best, found, waited = np.inf, x, 0
    for _ in range(ROUNDS):
        product = applied(x)
        ratio = float(np.max(product / x))
        best, found, waited = (ratio, x, 0) if ratio < best else (best, found, waited + 1)
        if waited > 8 or not 0.0 < product.max() < np.inf:
            break
        x = product / product.max() + 0.1 * x / x.max() + 1e-14
    return found


def _floats(entries: Entries, largest: Number) -> tuple[Any, Any, FloatArray]:
    i, j, scaled = zip(*((i, j, float(x / largest)) for i, j, x in entries), strict=True)
    rows, columns = (np.array(numbers, dtype=np.int64) for numbers in (i, j))
    return rows, columns, np.array(scaled, dtype=np.float64)


def max_of(numbers: Iterable[Number]) -> Number:
    """Return the largest of numbers >= 0."""
    most = ZERO
    for number in numbers:
        most = larger(most, number)
    return most
