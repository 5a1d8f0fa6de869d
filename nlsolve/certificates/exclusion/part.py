"""Why has F(w') = y no solution in a box? Combinations of the equations, by Taylor's theorem.

Let c be a point of the box X, F smooth on X, and a a vector; f = a^T (F - y).

Slope. f(w') lies in a^T r(c) + (a^T J(X)) (X - c) (mean-value form): without 0 there, X is empty.

Curvature. With w'_j - c_j = e_j u_j, |u_j| <= 1, and B_jk = e_j e_k sum_i a_i H_i,jk over X,

    f(w') = a^T r(c) + sum_j g_j u_j + 1/2 u^T B u,    g_j = e_j (a^T J(c))_j.

For numbers d_j with u^T B u >= sum_j d_j u_j^2 the right side is at least a^T r(c) + sum_j p_j,
where p_j, the least value of g_j u + d_j u^2 / 2 for |u| <= 1, is -g_j^2/(2 d_j) where d_j > 0 and
|g_j| <= d_j, and d_j/2 - |g_j| elsewhere. If that is positive, X is empty. Two such d: by rows,
d_j = B_jj - sum_{k != j} |B_jk| (Gershgorin), and d_j = lambda_min B, which sees that (x - y)^2 is
not negative, however it is written.
"""

import math
from functools import cached_property
from typing import Any

import numpy as np

from nlsolve.certificates.constants.enclosure import Enclosure
from nlsolve.certificates.constants.nodes import Formulas
from nlsolve.certificates.evidence import FloatArray
from nlsolve.certificates.exclusion.region import half_width, middle
from nlsolve.certificates.exclusion.relaxation import combinations
from nlsolve.intervals import (
    Interval,
    magnitude,
    matmul,
    midpoint,
    radius,
    symmetric_eigenvalue_lower,
    total,
)

MOST_ENTRIES = 20_000  # of all Hessians together, beyond which they are not asked for
MOST_UNKNOWNS = 200


class Part:
    """The formulas over one box, and combinations of them."""

    def __init__(self, formulas: Formulas, y: FloatArray, lo: FloatArray, hi: FloatArray) -> None:
        self.lo, self.hi, self.centre = lo, hi, middle(lo, hi)
        self.over = Enclosure(formulas, lo, hi)
        self.here = Enclosure(formulas, self.centre, self.centre)
        self.apart = Interval(lo, hi) - Interval(self.centre)
        self.sizes = half_width(lo, hi, self.centre)
        self.y = Interval(y)

    @cached_property
    def residual(self) -> Interval:
        """F(c) - y."""
        return self.here.values - self.y

    @cached_property
    def spread(self) -> FloatArray:
        """How far F may be from linear over the box, by equation and unknown, (n, m)."""
        J = self.over.jacobian
        spread: FloatArray = np.asarray(radius(J, midpoint(J))) * self.sizes
        return spread

    def slopes(self) -> list[FloatArray]:
        """Return combinations worth trying by slope."""
        r, J = np.asarray(midpoint(self.residual)), np.asarray(midpoint(self.over.jacobian))
        return combinations(r, J * self.sizes, self.spread.sum(axis=1))

    def slope_excludes(self, a: FloatArray) -> bool:
        """Return whether a^T (F - y) certainly has no zero, by its mean-value form."""
        moved = matmul(matmul(a, self.over.jacobian), self.apart)
        value = matmul(a, self.residual) + moved
        return bool(value.lo > 0.0 or value.hi < 0.0)

    @property
    def curved(self) -> bool:
        """Whether second derivatives are few enough to be asked for."""
        m = self.lo.size
        return m <= MOST_UNKNOWNS and self.residual.size * m * m <= MOST_ENTRIES

    def curvatures(self) -> list[FloatArray]:
        """Return combinations worth trying by curvature: products are unknowns of their own.

        A square lies in [0, 1]: half of it is added to the constant.
        """
        r = np.asarray(midpoint(self.residual))
        first = np.asarray(midpoint(self.here.jacobian)) * self.sizes
        H, pairs = self._hessians
        square = pairs[:, 0] == pairs[:, 1]
        share = self.sizes[pairs[:, 0]] * self.sizes[pairs[:, 1]] * (pairs[:, 0] <= pairs[:, 1])
        second = np.asarray(midpoint(H)) * share * np.where(square, 0.25, 1.0)
        spread = np.asarray(radius(H, midpoint(H))) * share * np.where(square, 0.5, 1.0)
        r = r + second[:, square].sum(axis=1)
        return combinations(r, np.hstack([first, second]), spread.sum(axis=1))

    def curvature_excludes(self, a: FloatArray) -> bool:
        """Return whether a^T (F - y) certainly has no zero, by its second-order form."""
        f = matmul(a, self.residual)
        if f.hi < 0.0:
            a, f = -a, -f
        if not f.lo > 0.0:
            return False
        g = np.asarray(magnitude(matmul(a, self.here.jacobian) * Interval(self.sizes)))
        B = self._form(a)
        return any(_positive(f, g, d) for d in (_by_rows(B), _by_eigenvalue(B)))

    def _form(self, a: FloatArray) -> Interval:
        """Return B, (m, m)."""
        H, pairs = self._hessians
        entries = matmul(a, H)
        m = self.lo.size
        lo, hi = np.zeros((2, m, m))
        lo[pairs[:, 0], pairs[:, 1]], hi[pairs[:, 0], pairs[:, 1]] = entries.lo, entries.hi
        e = Interval(self.sizes)
        return Interval(lo, hi) * (e.reshape((m, 1)) * e.reshape((1, m)))

    @cached_property
    def _hessians(self) -> tuple[Interval, Any]:
        """Second derivatives by pairs of unknowns, either order being listed: (n, P), (P, 2)."""
        entries, (j, k) = self.over.hessians
        other = j != k
        lo, hi = (np.hstack([ends, ends[:, other]]) for ends in (entries.lo, entries.hi))
        pairs = np.column_stack([np.r_[j, k[other]], np.r_[k, j[other]]])
        return Interval(lo, hi), pairs


def _positive(f: Interval, g: FloatArray, d: FloatArray) -> bool:
    """Return whether f + sum_j p_j is certainly positive."""
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        inner = -np.nextafter(np.nextafter(g * g, np.inf) / (2.0 * d), np.inf)
        outer = np.nextafter(0.5 * d - g, -np.inf)
    p = np.where((d > 0.0) & (g <= d), inner, outer)
    return bool(np.isfinite(p).all() and (f + total(Interval(p))).lo > 0.0)


def _by_rows(B: Interval) -> FloatArray:
    sizes = np.array(magnitude(B))
    np.fill_diagonal(sizes, 0.0)
    d: FloatArray = np.nextafter(np.diagonal(B.lo) - total(Interval(sizes), axis=1).hi, -np.inf)
    return d


def _by_eigenvalue(B: Interval) -> FloatArray:
    """Return lambda_min B for all, by way of B + s I, positive definite."""
    middle_of = np.array(midpoint(B))
    middle_of = np.tril(middle_of) + np.tril(middle_of, -1).T
    apart = np.asarray(radius(B, middle_of))
    m = middle_of.shape[0]
    if not (np.isfinite(middle_of).all() and np.isfinite(apart).all()):
        return np.full(m, -math.inf)
    near = np.linalg.eigvalsh(middle_of)
    least, size = float(near[0]), float(np.abs(near).max())
    shift = max(-least, 0.0) + 1e-12 * size + 2.0 * float(np.linalg.norm(apart))
    shifted = middle_of.copy()
    np.fill_diagonal(shifted, np.nextafter(np.diagonal(middle_of) + shift, -np.inf))
    found = symmetric_eigenvalue_lower(shifted, apart)
    d = math.nextafter(found - shift, -math.inf) if found > 0.0 else -math.inf
    return np.full(m, d)
