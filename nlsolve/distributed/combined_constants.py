"""What is known of F(w) = G(z(w)), z a sum over blocks, at a point and on balls?

By the chain rule J = G' z', and D^2F[u, v] = D^2G[z' u, z' v] + G' D^2z[u, v]. On the ball of
radius R about w, z stays within L_z R of where it is, so that with |z'| <= L_z and |D^2z| <= beta_z
there, and |G'| <= L_G and |D^2G| <= beta_G on the ball of radius L_z R about z,

    beta = L_G beta_z + beta_G L_z^2,   L_F = L_G L_z.

beta_z and L_z are those of sums over blocks (constants.py). All of it is estimated from samples.
Errors of rounding are followed to first order: those of z through |G'|, and those of G itself.
"""

from typing import Any

import numpy as np

from nlsolve.certificates.arithmetic import outward_up
from nlsolve.certificates.constants.point import Point
from nlsolve.certificates.constants.sampled import Sampled
from nlsolve.certificates.evidence import Ball, Bound, Evidence, FloatArray
from nlsolve.distributed.constants import BlockBounds, Part
from nlsolve.systems.jacobians import as_array
from nlsolve.systems.linearization import Linearization


class Inner:
    """z and z' as the blocks know them.

    Parameters
    ----------
    parts : list of Part
        What each block has evaluated.
    """

    def __init__(self, parts: list[Part]) -> None:
        self.kernel: FloatArray = np.sum([part.kernel for part in parts], axis=0)
        self.lengths = np.sqrt(np.sum([part.lengths**2 for part in parts], axis=0))
        self.row_errors = np.sqrt(np.sum([part.row_errors**2 for part in parts], axis=0))
        sizes = np.sum([np.abs(part.values) for part in parts], axis=0)
        rounding = len(parts) * np.finfo(float).eps * sizes
        self.errors: FloatArray = np.sum([part.errors for part in parts], axis=0) + rounding


def outer_point(outer: Linearization) -> Point:
    """Return G at z as a point of its own."""
    return Point(outer.problem.with_arrays(), outer.w, outer.r, as_array(outer.jacobian))


def through(inner: Inner, outer: Linearization) -> Part:
    """Return what is known of F at a point, as if it were one block."""
    G = outer_point(outer)
    A = np.abs(G.J)
    kernel = G.J @ inner.kernel @ G.J.T
    lengths = np.sqrt(np.maximum(np.diag(kernel), 0.0))
    # (A + dA) (z' + dz') - A z', row by row, each row of z' no longer than all of them
    whole = np.sqrt(np.sum(inner.lengths**2))
    row_errors = A @ inner.row_errors + G.row_errors * whole
    errors = A @ inner.errors + G.residual_error
    return Part(Evidence.ESTIMATED, outer.r, kernel, lengths, row_errors, errors)


class ChainBounds(BlockBounds):
    """Bounds of F = G(z) on balls about a point, by the chain rule."""

    def __init__(self, point: Any, smallest_radius: float, outer: Linearization) -> None:
        super().__init__(point, smallest_radius)
        self.outer = Sampled(outer_point(outer))

    def bounds(self, ball: Ball) -> list[Bound]:
        """Return beta and L_F on a ball."""
        inner = _by_name(super().bounds(Ball(ball.centre, ball.radius)))
        reached = max(outward_up(inner["L_F"] * ball.radius), self.outer.smallest_radius)
        G = _by_name(self.outer.bounds(Ball(self.outer.point.w, reached)))
        beta = outward_up(G["L_F"] * inner["beta"] + G["beta"] * inner["L_F"] ** 2)
        if ball.equations is not None:
            beta = outward_up(ball.equations.size * beta)
        found = {"beta": beta, "L_F": outward_up(G["L_F"] * inner["L_F"])}
        how = "chain rule, from samples of the blocks and of what combines them"
        return [
            Bound(name, value, "upper", ball, Evidence.ESTIMATED, how)
            for name, value in found.items()
        ]


def _by_name(bounds: list[Bound]) -> dict[str, float]:
    return {bound.quantity: float(bound.value) for bound in bounds}
