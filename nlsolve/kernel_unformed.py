"""What does the tangent kernel say where K is known and J is never formed?

Networks, and systems in blocks, give K = J J^T without J. The singular values of J are then the
roots of the eigenvalues of K. An eigenvalue is known to e = (m + 10 n) u trace(K) (kernel.py).
Where e is small beside the smallest of them, that is as good as from J; elsewhere

    |sqrt(a) - sqrt(b)| <= sqrt(|a - b|)

leaves an error of sqrt(e): a sigma below 1e-8 |J|, or so, cannot be told from 0, and the rank
counts what can.
"""

import math
from functools import cached_property
from typing import Any

import numpy as np
from scipy.linalg import eigvalsh

from nlsolve.kernel import ROUNDOFF, FloatArray, Spectrum, TangentKernel, spectrum_of_kernel
from nlsolve.linalg import kernel_of
from nlsolve.systems.jacobians import as_array


class UnformedKernel(TangentKernel):
    """The tangent kernel of a J that is known by products and by K.

    Parameters
    ----------
    J : LinearOperator
        n x m, n <= m.
    rank_tolerance : float
        As of `TangentKernel`; no less than what squaring leaves to be told.

    Attributes
    ----------
    jacobian : (n, m) ndarray
        Formed when it is asked for; so it is for ``null_space()``.
    """

    def __init__(self, J: Any, rank_tolerance: float) -> None:
        self._operator = J
        self.n, self.m = J.shape
        self.rank_tolerance = rank_tolerance

    @cached_property
    def jacobian(self) -> FloatArray:  # type: ignore[override]
        """J, (n, m), formed."""
        return as_array(self._operator)

    @cached_property
    def matrix(self) -> FloatArray:
        """K, (n, n)."""
        return kernel_of(self._operator)

    @cached_property
    def _spectrum(self) -> Spectrum:
        return _squared(self.matrix, self.m)

    @cached_property
    def rank(self) -> int:
        """Numerical rank of J with its rows scaled to length one, as far as K tells."""
        lengths = np.sqrt(np.maximum(self.matrix.diagonal(), 0.0))
        lengths[lengths == 0.0] = 1.0
        found = _squared(self.matrix / np.outer(lengths, lengths), self.m)
        return int(np.sum(found.values > max(self.rank_tolerance, found.error)))


def _squared(K: FloatArray, m: int) -> Spectrum:
    """Return the singular values of J from K, whatever squaring has cost."""
    safe = spectrum_of_kernel(K, m)
    if safe is not None:
        return safe
    error = (m + 10 * K.shape[0]) * ROUNDOFF * float(np.trace(K))
    values = np.sqrt(np.maximum(eigvalsh(K, check_finite=False)[::-1], 0.0))
    return Spectrum(values, math.sqrt(error) + ROUNDOFF * float(values[0]))
