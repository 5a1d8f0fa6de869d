"""Where do the values and derivatives of formulas lie over a box, for certain?

A tape run in outward-rounded intervals: each result encloses F, J or the Hessians at every point of
the box, or EnclosureError is raised, as it is where a primitive is not defined or not smooth
somewhere in the box.
"""

import operator
from functools import cached_property
from typing import Any

import numpy as np
from scipy import sparse

from nlsolve.certificates.arithmetic import SMALLEST
from nlsolve.certificates.evidence import FloatArray
from nlsolve.intervals import (
    FUNCTIONS,
    EnclosureError,
    Interval,
    check_arithmetic,
    enclosed,
    magnitude,
    matmul,
    perron_upper,
)
from nlsolve.systems.evaluation import Evaluation
from nlsolve.systems.rules import Arithmetic

INTERVALS = Arithmetic(enclosed, {**FUNCTIONS, "pow": operator.pow, "side": FUNCTIONS["sign"]})
UNIT, SUBNORMAL = 2.0**-53, 2.0**-1074


class Enclosure:
    """The formulas of a system over the box lo <= w <= hi; a point where they are equal."""

    def __init__(self, system: Any, lo: FloatArray, hi: FloatArray) -> None:
        check_arithmetic()
        self.tape = system.tape
        w = [Interval(float(a), float(b)) for a, b in zip(lo, hi, strict=True)]
        parameters = [enclosed(value) for value in system.parameters]
        self._evaluation = Evaluation(self.tape, w, parameters, INTERVALS)

    @cached_property
    def values(self) -> Interval:
        """F, (n,)."""
        found = [self._evaluation.value(i) for i in range(self.tape.n)]
        return finite(Interval([v.lo for v in found], [v.hi for v in found]), "F")

    @cached_property
    def jacobian(self) -> Interval:
        """J, (n, m)."""
        self.values  # noqa: B018  (must be defined too)
        lo, hi = np.zeros((2, self.tape.n, self.tape.m))
        for i in range(self.tape.n):
            for j, entry in self._evaluation.gradient(i).items():
                lo[i, j], hi[i, j] = entry.lo, entry.hi
        return finite(Interval(lo, hi), "J")

    @cached_property
    def hessians(self) -> tuple[FloatArray, FloatArray, Any]:
        """Return (lo, hi) of the second derivatives, (n, P), and the P pairs of unknowns."""
        self.jacobian  # noqa: B018
        entries = [self._rows(i) for i in range(self.tape.n)]
        pairs = sorted({pair for found in entries for pair in found})
        place = {pair: k for k, pair in enumerate(pairs)}
        lo, hi = np.zeros((2, self.tape.n, max(len(pairs), 1)))
        for i, found in enumerate(entries):
            for pair, (low, high) in found.items():
                lo[i, place[pair]], hi[i, place[pair]] = low, high
        if not (np.isfinite(lo).all() and np.isfinite(hi).all()):
            raise EnclosureError("the second derivatives are not bounded over the box")
        return lo, hi, np.array(pairs or [(0, 0)])

    def _rows(self, i: int) -> dict[tuple[int, int], tuple[float, float]]:
        """Return the Hessian of equation i: all its unknowns as directions at once."""
        unknowns = sorted(self._evaluation.gradient(i))
        unit = np.eye(len(unknowns))
        directions = {j: Interval(unit[k]) for k, j in enumerate(unknowns)}
        found = {}
        for j, row in self._evaluation.along(i, directions).items():
            low, high = np.broadcast_arrays(row.lo, row.hi, unit[0])[:2]
            for k, other in enumerate(unknowns):
                if low[k] != 0.0 or high[k] != 0.0:
                    found[j, other] = (float(low[k]), float(high[k]))
        return found

    def hessian_norms(self) -> float:
        """Return an upper bound of the norms of the single equations' Hessians."""
        lo, hi, pairs = self.hessians
        sizes = np.maximum(np.abs(lo), np.abs(hi))
        return max(perron_upper(self._matrix(row, pairs).toarray()) for row in sizes)

    def lipschitz(self, A: FloatArray | None = None) -> float:
        """Return an upper bound of |D^2F| (or |D^2(A F)|) over the box.

        With M_i >= |H_i| entrywise and T = sum_i M_i M_i, |D^2F|^2 <= |T|: for unit u, v,
        sum_i (u^T H_i v)^2 <= sum_i |M_i |v||^2 = |v|^T T |v|.
        """
        lo, hi, pairs = self.hessians
        if not (lo.any() or hi.any()):
            return 0.0
        entries = Interval(lo, hi)
        sizes = np.asarray(magnitude(entries if A is None else matmul(A, entries)))
        if not np.isfinite(sizes).all():
            raise EnclosureError("the second derivatives are not bounded over the box")
        matrices = [self._matrix(row, pairs) for row in sizes]
        T = sum((M @ M for M in matrices[1:]), matrices[0] @ matrices[0])
        # sums of at most n m products, none negative
        terms = self.tape.n * self.tape.m + 4
        if not np.isfinite(T.toarray()).all():
            raise EnclosureError("the squares of the second derivatives overflow")
        whole = T.toarray() * (1.0 + 2.0 * terms * UNIT) + terms * SUBNORMAL
        beta = float(np.nextafter(np.sqrt(perron_upper(whole)), np.inf))
        return max(beta, 2.0 * SMALLEST)  # no theorem takes less, but 0

    def _matrix(self, row: FloatArray, pairs: Any) -> Any:
        size = (self.tape.m, self.tape.m)
        M = sparse.coo_array((row, (pairs[:, 0], pairs[:, 1])), shape=size).tocsr()
        return M.maximum(M.T)


def finite(found: Interval, name: str) -> Interval:
    """Return an enclosure that has ends; EnclosureError where it has none."""
    if not (np.isfinite(found.lo).all() and np.isfinite(found.hi).all()):
        raise EnclosureError(f"{name} is not bounded over the box")
    return found
