"""How are solutions drawn at random, evenly over the manifold they form?

A Markov chain whose stationary distribution is uniform by arc length, area, volume (Zappa,
Holmes-Cerfon, Goodman 2018). At w, with orthonormal bases Z of the tangent space and N of the range
of J^T:

1. v = s Z xi, xi standard normal; z = w + v + N c is sought with F(z) = y by Newton's method on c.
   Where none is found, w is repeated.
2. The way back: v' is the tangent part of w - z at z. Newton's method from z + v' along the normals
   at z must lead to w again, or else w is repeated; without that test, detailed balance fails.
3. z is taken with probability min(1, exp((|v|^2 - |v'|^2) / 2 s^2)). No determinants: the
   volumes of the two projections are equal.

The scale s, if not given, is tuned in steps that are thrown away, to accept about half. Successive
points are dependent, and other components of the solutions are reached by luck only.

Source: E. Zappa, M. Holmes-Cerfon, J. Goodman, "Monte Carlo on manifolds: sampling densities and
integrating functions", Comm. Pure Appl. Math. 71, 2018.
"""

import math
from typing import Any

import numpy as np

from nlsolve.explore.tangent import Root, root_at
from nlsolve.systems.base import FloatArray
from nlsolve.systems.errors import EvaluationError

NEWTON_STEPS = 15
TUNING = 200
SAME = 1e-7  # relative distance within which the way back has led to the same point


def sampled(
    problem: Any, root: Root, k: int, scale: float | None, rng: np.random.Generator, tol: float
) -> FloatArray:
    """Return k points of the chain, (k, m)."""
    chain = Chain(problem, root, scale or 1.0 + float(np.linalg.norm(root.w)), rng, tol)
    for _ in range(TUNING if scale is None else 0):
        chain.scale *= 1.15 if chain.move() else 0.87
    points = np.empty((k, root.w.size))
    for j in range(k):
        chain.move()
        points[j] = chain.root.w
    return points


class Chain:
    """The chain at its present point."""

    def __init__(
        self, problem: Any, root: Root, scale: float, rng: np.random.Generator, tol: float
    ) -> None:
        self.problem, self.root, self.scale, self.rng, self.tol = problem, root, scale, rng, tol
        self.basis = root.tangent.basis()

    def move(self) -> bool:
        """Go on by one, and return whether to another point."""
        here = self.root
        v = self.basis @ (self.scale * self.rng.standard_normal(self.basis.shape[1]))
        chance = math.log(self.rng.uniform())
        there = self._along_normals(here, v)
        if there is None or there.tangent.rank != here.tangent.rank:
            return False
        back = there.tangent.part(here.w - there.w)
        if chance > 0.5 * float(v @ v - back @ back) / self.scale**2:
            return False
        returned = self._along_normals(there, back)
        gap = math.inf if returned is None else float(np.linalg.norm(returned.w - here.w))
        if gap > SAME * (1.0 + float(np.linalg.norm(here.w))):
            return False
        self.root, self.basis = there, there.tangent.basis()
        return True

    def _along_normals(self, at: Root, v: FloatArray) -> Root | None:
        """Return the root w + v + N c by Newton's method from c = 0, None where it finds none."""
        try:
            return self._newton(at, at.w + v)
        except EvaluationError:
            return None

    def _newton(self, at: Root, z: FloatArray) -> Root | None:
        N, r = at.tangent.normal, self.problem.residual(z)
        length = float(np.linalg.norm(r))
        for _ in range(NEWTON_STEPS):
            if not math.isfinite(length):
                return None
            J = self.problem.linearize(z, r).jacobian
            trial = z + N @ np.linalg.lstsq(J @ N, -r)[0]
            moved = self.problem.residual(trial)
            after = float(np.linalg.norm(moved))
            if length <= self.tol and not after <= 0.25 * length:
                return root_at(self.problem, z, r)
            z, r, length = trial, moved, after
        return root_at(self.problem, z, r) if length <= self.tol else None
