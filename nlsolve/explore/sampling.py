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

from nlsolve.explore.tangent import Root, lifted
from nlsolve.systems.base import FloatArray

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
        there = lifted(self.problem, here, v, self.tol)
        if there is None or there.tangent.rank != here.tangent.rank:
            return False
        back = there.tangent.part(here.w - there.w)
        if chance > 0.5 * float(v @ v - back @ back) / self.scale**2:
            return False
        returned = lifted(self.problem, there, back, self.tol)
        gap = math.inf if returned is None else float(np.linalg.norm(returned.w - here.w))
        if gap > SAME * (1.0 + float(np.linalg.norm(here.w))):
            return False
        self.root, self.basis = there, there.tangent.basis()
        return True
