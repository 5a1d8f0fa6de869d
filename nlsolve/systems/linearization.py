"""What is known of J at one point, asked for in the cheapest form that answers?"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from nlsolve.systems.jacobians import ALL, FloatArray, as_array, sizes, squared_row_norms

if TYPE_CHECKING:
    from nlsolve.systems.problem import Problem

NFEV, NJEV, RAISED = range(3)  # cells of a problem's counts
LINEAR = 2.0**-26  # relative move of w over which F must be linear at a rounding floor
BLOCK = 4_000_000  # entries of a block of rows


def alternating(m: int) -> FloatArray:
    """Return 1, -1, 1, ..."""
    signs = np.ones(m)
    signs[1::2] = -1.0
    return signs


class Linearization:
    """J at one point, asked for in the cheapest form that answers.

    Parameters
    ----------
    problem : Problem
    w : (m,) ndarray
    r : (n,) ndarray
        Residual at w.
    jacobian : (n, m) ndarray, sparse array or LinearOperator, optional
        J where it is known already.
    """

    def __init__(
        self, problem: "Problem", w: FloatArray, r: FloatArray, jacobian: Any = None
    ) -> None:
        self.problem, self.w, self.r, self._jacobian = problem, w, r, jacobian

    @property
    def jacobian(self) -> Any:
        """J, (n, m): an array, a sparse array or a LinearOperator."""
        if self._jacobian is None:
            self._jacobian = self.problem.jacobian(self.w, self.r)
        return self._jacobian

    @property
    def formed(self) -> bool:
        """Whether J has been formed."""
        return self._jacobian is not None

    def jvp(self, v: FloatArray) -> FloatArray:
        """Return J v."""
        if not self.formed:
            product = self.problem.product("jvp", self.w, v, self.problem.n)
            if product is not None:
                return product
        return self.jacobian @ v  # type: ignore[no-any-return]

    def vjp(self, u: FloatArray) -> FloatArray:
        """Return J^T u."""
        if not self.formed:
            product = self.problem.product("vjp", self.w, u, self.problem.m)
            if product is not None:
                return product
        return self.jacobian.T @ u  # type: ignore[no-any-return]

    def squared_row_norms(self) -> FloatArray:
        """Return the diagonal of K."""
        return squared_row_norms(self.jacobian)

    def row_blocks(self) -> Iterator[tuple[slice, FloatArray]]:
        """Yield J in blocks of rows, from `rows`."""
        n, m = self.problem.n, self.problem.m
        size = max(1, min(n, BLOCK // m))
        for first in range(0, n, size):
            batch = np.arange(first, min(first + size, n))
            J = self.problem.rows(self.w, batch)[1].jacobian
            yield slice(first, first + batch.size), as_array(J)

    def at_floor(self) -> bool:
        """Return whether every |r_i| is within the floor, a multiple of u (|J| |w| + |y|)_i.

        That bound means something only where F is linear at the scale of rounding: sin(w) at
        w = 1e16 is within it everywhere. So F must also follow J, to a tenth, when w moves by
        1.5e-8 of its size. Never so where the entries of J are not known, or products have been
        enough so far: J is not formed for this question.
        """
        products = not self.formed and self.problem.system.source != "jac"
        if products and self.problem.counts[NJEV] == 0:
            return False
        worst = int(np.argmax(np.abs(self.r)))
        if self._floor(slice(worst, worst + 1)) is None:  # mostly so, and |J| is as large as J
            return False
        found = self._floor(ALL)
        if found is None:
            return False
        d = LINEAR * self.w
        return self._follows(d, *found) and self._follows(d * alternating(d.size), *found)

    def _floor(self, rows: slice) -> tuple[FloatArray, FloatArray] | None:
        """Return |J| |w| and the floors of some rows, where each |r_i| is within its own."""
        size = sizes(self.jacobian, self.w, rows)
        if size is None:
            return None
        floor = self.problem.floor * (size + np.abs(self.problem.y[rows]))
        if not (np.abs(self.r[rows]) <= floor).all() or not np.isfinite(floor).all():
            return None
        return size, floor

    def _follows(self, d: FloatArray, size: FloatArray, floor: FloatArray) -> bool:
        """Return whether r(w + d) is r + J d to a tenth of what |J| |d| allows."""
        d = self.problem.inward(self.w, d)
        gap = np.abs(self.problem.residual(self.w + d) - self.r - self.jacobian @ d)
        return bool((gap <= 0.1 * LINEAR * size + floor).all())
