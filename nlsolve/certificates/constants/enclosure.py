"""Where do the values and derivatives of formulas lie over a box, for certain?

A tape run in outward-rounded intervals: each result encloses F, J or the Hessians at every point of
the box, or EnclosureError is raised, as it is where a primitive is not defined or not smooth
somewhere in the box.
"""

import math
from functools import cached_property
from typing import Any

import numpy as np
from scipy import sparse

from nlsolve.certificates.arithmetic import SMALLEST
from nlsolve.certificates.constants.nodes import Formulas, Nodes
from nlsolve.certificates.evidence import FloatArray
from nlsolve.intervals import (
    EnclosureError,
    Interval,
    check_arithmetic,
    magnitude,
    matmul,
    perron_upper,
)
from nlsolve.systems.tape import IntegerArray

UNIT, SUBNORMAL = 2.0**-53, 2.0**-1074
SPARSE = 0.05  # of the entries: from more on, dense products take less time


class Enclosure:
    """The formulas of a system over the box lo <= w <= hi; a point where they are equal."""

    def __init__(self, formulas: Formulas, lo: FloatArray, hi: FloatArray) -> None:
        check_arithmetic()
        self.n, self.m, self.program = formulas.tape.n, formulas.tape.m, formulas.program
        self._nodes = Nodes(formulas, np.stack([lo, hi], axis=1))

    @cached_property
    def values(self) -> Interval:
        """F, (n,)."""
        return bounded(self._nodes.values[self.program.outputs], "F is")

    @cached_property
    def jacobian(self) -> Interval:
        """J, (n, m)."""
        from nlsolve.systems import outward

        self.values  # noqa: B018  (must be defined too)
        program, J = self.program, np.zeros((self.n, self.m, 2))
        outward.gradients(
            program.starts, program.nodes, program.first, program.second, self._nodes.slopes,
            program.ends, program.columns, program.leaves, J,
        )  # fmt: skip
        return bounded(J, "J is")

    @cached_property
    def hessians(self) -> tuple[Interval, IntegerArray]:
        """Second derivatives, (n, P), by the P pairs of unknowns j >= k, (2, P); others are 0."""
        from nlsolve.systems import outward

        self.jacobian  # noqa: B018
        program, bends = self.program, self._nodes.bends
        equation, first, second = _triangles(program.ends, program.columns)
        H, curved = np.zeros((equation.size, 2)), bends.any(axis=(1, 2))
        outward.second_derivatives(
            program.starts, program.nodes, program.first, program.second, self._nodes.slopes,
            bends, curved, program.ends, program.leaves, H,
        )  # fmt: skip
        some = H.any(axis=1)
        pairs, place = np.unique(first[some] * self.m + second[some], return_inverse=True)
        entries = np.zeros((self.n, pairs.size, 2))
        entries[equation[some], place] = H[some]
        return bounded(entries, "the second derivatives are"), np.array(np.divmod(pairs, self.m))

    def hessian_norms(self) -> float:
        """Return an upper bound of the norms of the single equations' Hessians."""
        entries, pairs = self.hessians
        return max(self._norm(row, pairs) for row in np.asarray(magnitude(entries)))

    def _norm(self, sizes: FloatArray, pairs: IntegerArray) -> float:
        """Return an upper bound of the norm of a symmetric matrix of these magnitudes."""
        M = self._stacked(sizes[None, :], pairs)
        used = np.flatnonzero(M.sum(axis=0))
        return perron_upper(M[used][:, used].toarray()) if used.size else 0.0

    def lipschitz(self, A: FloatArray | None = None) -> float:
        """Return an upper bound of |D^2F| (or |D^2(A F)|) over the box.

        With M_i >= |H_i| entrywise and T = sum_i M_i M_i, |D^2F|^2 <= |T|: for unit u, v,
        sum_i (u^T H_i v)^2 <= sum_i |M_i |v||^2 = |v|^T T |v|.
        """
        entries, pairs = self.hessians
        if not pairs.size:
            return 0.0
        sizes = np.asarray(magnitude(entries if A is None else matmul(A, entries)))
        if not np.isfinite(sizes).all():
            raise EnclosureError("the second derivatives are not bounded over the box")
        T = _square(self._stacked(sizes, pairs))
        # sums of at most n m products, none negative
        terms = self.n * self.m + 4
        if not np.isfinite(T).all():
            raise EnclosureError("the squares of the second derivatives overflow")
        whole = T * (1.0 + 2.0 * terms * UNIT) + terms * SUBNORMAL
        beta = float(np.nextafter(np.sqrt(perron_upper(whole)), np.inf))
        return max(beta, 2.0 * SMALLEST)  # no theorem takes less, but 0

    def _stacked(self, sizes: FloatArray, pairs: IntegerArray) -> Any:
        """Return symmetric matrices with these entries at the pairs, one below the other."""
        (j, k), apart = pairs, pairs[0] != pairs[1]
        top = np.repeat(self.m * np.arange(len(sizes)), pairs.shape[1]).reshape(sizes.shape)
        rows = np.concatenate([top + j, (top + k)[:, apart]], axis=1)
        columns = np.broadcast_to(np.concatenate([k, j[apart]]), rows.shape)
        entries = np.concatenate([sizes, sizes[:, apart]], axis=1)
        shape = (len(sizes) * self.m, self.m)
        return sparse.csr_array((entries.ravel(), (rows.ravel(), columns.ravel())), shape=shape)


def _square(M: Any) -> FloatArray:
    """Return M^T M, computed."""
    M.eliminate_zeros()
    if M.nnz > SPARSE * math.prod(M.shape):
        M = M.toarray()
    with np.errstate(over="ignore"):
        product = M.T @ M
    return product if isinstance(product, np.ndarray) else product.toarray()


def _triangles(ends: IntegerArray, columns: IntegerArray) -> tuple[IntegerArray, ...]:
    """Return the equations and unknowns (j, k), j >= k, of what `second_derivatives` writes."""
    counts = np.diff(ends)
    equation = np.repeat(np.arange(counts.size), counts * (counts + 1) // 2)
    places = np.concatenate([np.tril_indices(count) for count in counts], axis=1)
    return equation, *columns[places + ends[equation]]


def bounded(ends: FloatArray, name: str) -> Interval:
    """Return an enclosure that has ends, (..., 2); EnclosureError where it has none."""
    if not np.isfinite(ends).all():
        raise EnclosureError(f"{name} not bounded over the box")
    return Interval(ends[..., 0], ends[..., 1])
