"""How large is D^2F[v, v] along a line through the ball, judged from values of F alone?

A second difference |F(z - h v) - 2 F(z) + F(z + h v)| / h^2 is the norm of a mean of D^2F[v, v]
over the window between, so at most beta. (The supremum of |D^2F[v, v]| over unit v is |D^2F|:
p^T D^2F is symmetric for every p.) With windows along the whole line, the largest is followed: of
the three windows of half the width inside it, at z - h v/2, z and z + h v/2, one is at least as
large, since it is their mean with weights 1/4, 1/2, 1/4. Each halving takes two values of F.

It ends where the second difference no longer grows, or where rounding of F begins to show in it. If
it still grows in proportion to 1/h there, DF jumps: F is not smooth. Among many kinks a single one
shows only in small windows, so that a few halvings are always made.
"""

from collections.abc import Sequence

import numpy as np

from nlsolve.certificates.constants.directions import weighted
from nlsolve.certificates.constants.point import Point, norm
from nlsolve.certificates.evidence import Ball, FloatArray, Refusal
from nlsolve.systems.errors import EvaluationError

WINDOWS = 8  # halves of windows along a line, at first
HALVINGS, DEEPEST = 6, 20
ABOVE_ROUNDING = 64.0  # times that of a value of F
SETTLED, GROWING, JUMPS = 1.05, 1.25, 6.0  # growth in a halving, again, and in four halvings


def steepest(
    point: Point,
    ball: Ball,
    v: FloatArray,
    A: FloatArray | None,
    rounding: float,
) -> tuple[float, float]:
    """Return the largest second difference along a line, and the change of J seen on the way.

    Parameters
    ----------
    point, ball
        Centre of the ball, and the ball.
    v : (m,) ndarray
        Unit direction.
    A : (n, n) ndarray or None
        What the equations are multiplied by.
    rounding : float
        Error of a value of A F.

    Raises
    ------
    Refusal
        Where DF jumps.
    """

    def value(t: float) -> FloatArray:
        r: FloatArray = point.problem.residual(point.w + t * v)
        if not np.isfinite(r).all():
            raise EvaluationError(f"F is not finite at {point.w + t * v}")
        return r

    def best(nodes: Sequence[FloatArray]) -> tuple[float, int]:
        sizes = [
            norm(weighted(A, nodes[k] - 2.0 * nodes[k + 1] + nodes[k + 2]))
            for k in range(len(nodes) - 2)
        ]
        k = int(np.argmax(sizes))
        return sizes[k], k

    h = 2.0 * ball.radius / WINDOWS
    nodes = [value((k - WINDOWS // 2) * h) for k in range(WINDOWS + 1)]
    size, k = best(nodes)
    t, quotients, change = (k + 1 - WINDOWS // 2) * h, [size / h / h], size / h
    while size > ABOVE_ROUNDING * rounding and not settled(quotients, HALVINGS, DEEPEST):
        h, left, middle, right = 0.5 * h, *nodes[k : k + 3]
        nodes = [left, value(t - h), middle, value(t + h), right]
        size, k = best(nodes)
        t += (k - 1) * h
        quotients.append(size / h / h)
        change = max(change, size / h)
    refuse_jump(quotients, ball)
    return max(quotients), change


def settled(quotients: Sequence[float], least: int, most: int) -> bool:
    """Return whether halving can end: the quotient no longer grows, or has done so for long."""
    halvings = len(quotients) - 1
    if halvings == 0 or halvings >= most:
        return halvings >= most
    growth = quotients[-1] / quotients[-2]
    return growth < (SETTLED if halvings >= least else 1.0 + 1e-6)


def refuse_jump(quotients: Sequence[float], ball: Ball) -> None:
    """Raise Refusal where the quotient still grew like 1/h at the end."""
    if len(quotients) < 5:
        return
    if quotients[-1] >= max(JUMPS * quotients[-5], GROWING * quotients[-2]):
        raise Refusal(
            f"J jumps somewhere in {ball}: between points 16 times nearer to each other it changes "
            "nearly as much, so F seems not to be smooth there"
        )
