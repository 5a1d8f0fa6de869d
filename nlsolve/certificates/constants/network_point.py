"""What is proved of a network at a point? Residual and tangent kernel, from enclosed passes.

J is never formed. sigma0 and |J| are those of K (enclosed.py). For A F, e >= |I - A K A^T| in
intervals, so that 1 - e <= sigma(A J)^2 and |A J|^2 <= 1 + e, and e < 1 proves A invertible.
"""

import math
from functools import cached_property
from typing import Any

import numpy as np

from nlsolve.certificates.constants.enclosed import EnclosedPoint, EnclosedPreconditioner
from nlsolve.certificates.constants.passes import Passes
from nlsolve.certificates.constants.point import inverse_kernel_factor
from nlsolve.certificates.evidence import Evidence, FloatArray
from nlsolve.intervals import Interval, centred, magnitude, matmul, singular_value_upper


class NetworkPoint(EnclosedPoint):
    """A point with the enclosures of r and K there; J is kept as the products it came as."""

    known = "enclosed"

    def __init__(self, problem: Any, w: FloatArray, r: FloatArray, J: Any) -> None:
        self.problem, self.w, self.r, self.J = problem, w, r, J
        self.n, self.m = problem.n, problem.m
        self.exact, self.evidence = True, Evidence.PROVED
        self.passes = Passes(problem.system, w)
        self.residual = self.passes.values - Interval(problem.y)

    @cached_property
    def enclosed_kernel(self) -> Interval:
        """K = J J^T."""
        return self.passes.kernel()

    @cached_property
    def kernel(self) -> tuple[FloatArray, FloatArray]:
        """K as midpoints and radii."""
        return centred(self.enclosed_kernel)

    @property
    def largest_size(self) -> float:
        """Infinite: nothing else is known of J."""
        return math.inf

    @property
    def longest_row(self) -> float:
        """Upper bound of every |J_i|."""
        largest = float(np.max(np.diagonal(self.enclosed_kernel.hi)))
        return float(np.nextafter(math.sqrt(largest), np.inf))

    @cached_property
    def residual_error(self) -> FloatArray:
        """How far each entry of r as computed may be from the true one."""
        return np.asarray(magnitude(self.residual - Interval(self.r)))

    @cached_property
    def preconditioner(self) -> "NetworkPreconditioner | None":
        """A with A J nearly orthonormal; None where that cannot be proved."""
        if self.m < self.n:
            return None
        A = inverse_kernel_factor(self.kernel[0])
        found = NetworkPreconditioner(self, A) if np.isfinite(A).all() else None
        return found if found is not None and found.sigma > 0.0 else None


class NetworkPreconditioner(EnclosedPreconditioner):
    """An invertible A, and what is proved of A F by A K A^T."""

    point: NetworkPoint

    def _products(self) -> Interval:
        """(A J) (A J)^T."""
        return matmul(matmul(self.A, self.point.enclosed_kernel), self.A.T)

    @cached_property
    def size(self) -> float:
        """Upper bound of |A|."""
        return singular_value_upper(self.A)
