"""What does the tangent kernel K = J J^T say at a point?

J is the n x m Jacobian there. The eigenvalues of K are the squares of the singular values of J;
where the smallest, lambda_min, is positive, J is onto and a Gauss-Newton step is defined.

The cheap way to the singular values are the eigenvalues of the smaller of K and J^T J. With unit
roundoff u, forming the product costs at most m u |J|_F^2 (u times the longer side, in general), and
the eigensolver moves each eigenvalue by a modest multiple of n u |K|, taken as 10 n. By Weyl's
inequality both together move each eigenvalue by at most

    e = (m + 10 n) u trace(K)

and so each sigma = sqrt(lambda) by at most e / (2 sqrt(lambda_min - e)), because
|sqrt(a) - sqrt(b)| = |a - b| / (sqrt(a) + sqrt(b)). That is accepted where e is below a millionth
of lambda_min. Elsewhere squaring has cost too much, and the SVD of J itself is taken, whose error,
10 (n + m) u |J|_F, does not grow as sigma_min falls. Both multiples of ten are customary sizes,
tested but not proved; that J itself is rounded, or comes from differences, is not in them.

Rank is asked of the rows at length one, since the unit in which an equation is written says nothing
about whether it depends on others: the diagonal entries above the tolerance in R of J^T = Q R with
column pivoting are counted. None is below the smallest singular value, so a safe K answers too.

Sources: N. J. Higham, "Accuracy and Stability of Numerical Algorithms", 2002, section 3.5;
G. H. Golub, C. F. Van Loan, "Matrix Computations", 2013, sections 5.4, 8.1 and 8.6.
"""

import math
from functools import cached_property
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.linalg import eigvalsh, qr

from nlsolve.linalg import svd

FloatArray = npt.NDArray[np.float64]

ROUNDOFF = 2.0**-53
ORDINARY = 100  # binary exponents up to which squares are far from the range's ends
SQUARED_WELL = 1e-6  # error of an eigenvalue over lambda_min up to which K is good enough


class Spectrum(NamedTuple):
    """Singular values of a matrix, and how wrong rounding can have made them.

    Attributes
    ----------
    values : (min(n, m),) ndarray
        Descending; infinite where too large for a float.
    error : float
        Bound on the absolute rounding error of each of them that is finite.
    """

    values: FloatArray
    error: float


def spectrum(J: npt.ArrayLike) -> Spectrum:
    """Return the singular values of J, from the smaller of J J^T and J^T J where that is safe.

    Parameters
    ----------
    J : (n, m) array_like
        Finite numbers of any size: 1e200 and 1e-200 neither overflow nor vanish.

    Returns
    -------
    Spectrum

    Raises
    ------
    ValueError
        If J is not a matrix of finite numbers.

    Examples
    --------
    >>> from nlsolve.kernel import spectrum
    >>> values, error = spectrum([[3.0, 0.0, 0.0], [0.0, 0.0, 0.5]])
    >>> values
    array([3. , 0.5])
    >>> error < 1e-13
    True
    """
    A, exponent = _scaled(_finite_matrix(J))
    found = _by_eigenvalues(A if A.shape[0] <= A.shape[1] else A.T) or _by_svd(A)
    error = math.ldexp(found.error, exponent)
    # the next float up: scaling back rounds where the result is subnormal
    return Spectrum(_times_power(found.values, exponent), math.nextafter(error, math.inf))


def _finite_matrix(J: npt.ArrayLike) -> FloatArray:
    matrix = np.asarray(J, dtype=np.float64)
    if matrix.ndim != 2 or matrix.size == 0:
        raise ValueError(f"J must be a matrix (n, m), got shape {matrix.shape}")
    if not np.isfinite(matrix).all():
        raise ValueError("J must be finite, got NaN or infinite entries")
    return matrix


def _exponents(J: FloatArray, axis: int | None) -> npt.NDArray[np.int32]:
    """Return the binary exponents of the largest entries; 0 where they are of ordinary size."""
    largest = np.maximum(J.max(axis=axis, keepdims=True), -J.min(axis=axis, keepdims=True))
    exponents = np.frexp(largest)[1]
    return np.where(np.abs(exponents) > ORDINARY, exponents, 0)


def _times_power(A: FloatArray, exponent: int | npt.NDArray[np.int32]) -> FloatArray:
    """Return 2^exponent A; an entry that leaves the range of floats becomes 0 or infinite."""
    if not np.any(exponent):
        return A
    with np.errstate(over="ignore", under="ignore"):
        return np.ldexp(A, exponent)


def _scaled(J: FloatArray) -> tuple[FloatArray, int]:
    """Return (A, exponent): J = 2^exponent A, A of ordinary size."""
    exponent = int(_exponents(J, axis=None).item())
    return _times_power(J, -exponent), exponent


def _by_eigenvalues(A: FloatArray) -> Spectrum | None:
    """Return the singular values of a wide A from A A^T, None where that loses too much."""
    return spectrum_of_kernel(A @ A.T, A.shape[1])


def spectrum_of_kernel(K: FloatArray, m: int) -> Spectrum | None:
    """Return the singular values of an n x m J, n <= m, from K = J J^T; None as above."""
    n = K.shape[0]
    eigenvalues = eigvalsh(K, check_finite=False)[::-1]
    e, smallest = (m + 10 * n) * ROUNDOFF * float(np.trace(K)), float(eigenvalues[-1])
    if not e < SQUARED_WELL * smallest:
        return None
    values = np.sqrt(eigenvalues)  # which rounds once more
    return Spectrum(values, e / (2.0 * math.sqrt(smallest - e)) + ROUNDOFF * float(values[0]))


def _by_svd(A: FloatArray) -> Spectrum:
    error = 10.0 * sum(A.shape) * ROUNDOFF * float(np.linalg.norm(A))
    return Spectrum(svd(A)[1], error)


class TangentKernel:
    """The tangent kernel K = J J^T at one point; everything is computed when first read.

    Parameters
    ----------
    J : (n, m) array_like
        Jacobian, which is not copied.
    rank_tolerance : float
        A row whose part outside the span of others is below this, relative to the row's length,
        counts as dependent.

    Attributes
    ----------
    n, m : int
        Numbers of equations and of unknowns.
    jacobian : (n, m) ndarray
    matrix : (n, n) ndarray
        K.
    singular_values : (n,) ndarray
        Of J, descending; where m < n the last n - m are zeros.
    error : float
        Bound on the rounding error of each singular value; a `sigma_min` below it may be zero.
    eigenvalues : (n,) ndarray
        Of K, descending: the squares of the singular values.
    sigma_min, sigma_max, lambda_min, lambda_max : float
        The n-th and the first singular value of J, and their squares.
    condition : float
        Condition number of J, sigma_max / sigma_min; that of K is its square. Infinite where
        the rank is below n.
    rank : int
        Rank to `rank_tolerance` of J with all rows scaled to length one: multiplying an equation
        by 1e-12 does not change it.

    Raises
    ------
    ValueError
        If J is not a matrix of finite numbers.

    Examples
    --------
    >>> from nlsolve.kernel import TangentKernel
    >>> kernel = TangentKernel([[3.0, 0.0, 4.0], [0.0, 2.0, 0.0]], rank_tolerance=1e-14)
    >>> kernel.eigenvalues
    array([25.,  4.])
    >>> kernel.rank, kernel.condition
    (2, 2.5)
    """

    def __init__(self, J: npt.ArrayLike, rank_tolerance: float) -> None:
        self.jacobian = _finite_matrix(J)
        self.n: int = self.jacobian.shape[0]
        self.m: int = self.jacobian.shape[1]
        self.rank_tolerance = rank_tolerance

    @cached_property
    def matrix(self) -> FloatArray:
        """K, (n, n)."""
        A, exponent = _scaled(self.jacobian)
        return _times_power(A @ A.T, 2 * exponent)

    @cached_property
    def _spectrum(self) -> Spectrum:
        return spectrum(self.jacobian)

    @cached_property
    def singular_values(self) -> FloatArray:
        """Singular values of J, (n,), descending."""
        return np.pad(self._spectrum.values, (0, max(self.n - self.m, 0)))

    @property
    def error(self) -> float:
        """Bound on the absolute rounding error of each singular value."""
        return self._spectrum.error

    @cached_property
    def eigenvalues(self) -> FloatArray:
        """Eigenvalues of K, (n,), descending."""
        with np.errstate(over="ignore", under="ignore"):
            return self.singular_values**2

    @property
    def sigma_min(self) -> float:
        """The n-th singular value of J, 0 if m < n."""
        return float(self.singular_values[-1])

    @property
    def sigma_max(self) -> float:
        """The largest singular value of J."""
        return float(self.singular_values[0])

    @property
    def lambda_min(self) -> float:
        """The smallest eigenvalue of K."""
        return float(self.eigenvalues[-1])

    @property
    def lambda_max(self) -> float:
        """The largest eigenvalue of K."""
        return float(self.eigenvalues[0])

    @property
    def condition(self) -> float:
        """Condition number of J, whose square is that of K; infinite where the rank is below n."""
        if self.rank < self.n or self.sigma_min == 0.0:
            return math.inf
        return self.sigma_max / self.sigma_min

    @cached_property
    def rank(self) -> int:
        """Numerical rank of J with its rows scaled to length one."""
        A = _unit_rows(self.jacobian)
        found = _by_eigenvalues(A) if self.n <= self.m else None
        if found is not None and found.values[-1] - found.error > self.rank_tolerance:
            return self.n
        R = qr(A.T, mode="r", pivoting=True, check_finite=False)[0]
        return int(np.sum(np.abs(R.diagonal()) > self.rank_tolerance))

    def null_space(self) -> FloatArray:
        """Return an orthonormal basis of the directions in which no equation changes.

        A method because it costs: a QR factorisation of J^T and an m x m matrix in each call.

        Returns
        -------
        (m, m - rank) ndarray
            Z with J Z = 0 to rounding; in dependent equations, to about `rank_tolerance`.

        Examples
        --------
        >>> from nlsolve.kernel import TangentKernel
        >>> Z = TangentKernel([[1.0, 0.0], [2.0, 0.0]], rank_tolerance=1e-14).null_space()
        >>> abs(Z)
        array([[0.],
               [1.]])
        """
        Q = qr(_unit_rows(self.jacobian).T, mode="full", pivoting=True, check_finite=False)[0]
        return np.ascontiguousarray(Q[:, self.rank :])

    def __repr__(self) -> str:
        from nlsolve.display.text import kernel_text

        return kernel_text(self)

    def _repr_html_(self) -> str:
        from nlsolve.display.html import kernel_html

        return kernel_html(self)


def _unit_rows(J: FloatArray) -> FloatArray:
    """Return J with every row at length one; rows of zeros stay."""
    A = _times_power(J, -_exponents(J, axis=1))
    lengths = np.linalg.norm(A, axis=1, keepdims=True)
    lengths[lengths == 0.0] = 1.0
    return np.asarray(A / lengths)
