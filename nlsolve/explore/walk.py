"""How does one walk along the solutions?

A step goes h along a tangent direction t and then back to the solutions along the normals of the
point it left (`lifted`); the new direction is the tangent part, at the point reached, of the chord
walked. Seen from either end the chord has the tangent part of the direction there: the step is the
same backwards, and therefore of second order. So the walk follows, but for multiples of h^2, a
geodesic: a curve that turns no more than the solutions force it to. (The nearest point of the
solutions instead, or the tangent part of the old direction, would be of first order only.) Where
the solutions are a curve, it is that curve.

With phi the angle between old and new direction and c the chord between the points, the arc is
taken to be c (phi/2) / sin(phi/2), which is exact on circles. h is chosen such that no step turns
by more than a quarter of a radian, or comes back to the solutions farther from where it aimed than
half its length. The last step is adjusted to the length wanted.

Source: E. Hairer, C. Lubich, G. Wanner, "Geometric Numerical Integration", 2006, sections VII.1.4
(RATTLE, whose force-free steps these are) and V.1 (symmetric methods).
"""

import math
from typing import Any, NamedTuple

import numpy as np

from nlsolve.explore.tangent import Root, lifted
from nlsolve.systems.base import FloatArray

TURN = 0.25  # radians a step
SHORTEST = 1e-9  # step, relative to 1 + |w|
LANDING = 1e-10  # error of the last step's arc, relative to it
ADJUSTMENTS = 6
STEPS = 100_000


class Walk(NamedTuple):
    """A walk along the solutions.

    Attributes
    ----------
    w : (k, m) ndarray
        The points visited, the first included; all are roots.
    arc : (k,) ndarray
        Length of the way to each.
    complete : bool
        Whether the whole length was walked.
    message : str
        Why not, if not.
    """

    w: FloatArray
    arc: FloatArray
    complete: bool
    message: str

    def __repr__(self) -> str:
        outcome = "complete" if self.complete else self.message
        return f"Walk({len(self.arc)} points, arc {self.arc[-1]:.6g}, {outcome})"


class Step(NamedTuple):
    """Where a step led: the root, the direction there, by how much it turned, and its arc."""

    root: Root
    direction: FloatArray
    turn: float
    arc: float


def stepped(problem: Any, here: Root, t: FloatArray, h: float, tol: float) -> Step | None:
    """Return a step of about h in the unit direction t, None where it leads astray."""
    aimed = here.w + h * t
    root = lifted(problem, here, h * t, tol)
    if root is None or not float(np.linalg.norm(root.w - aimed)) <= 0.5 * h:
        return None
    chord = root.w - here.w
    length, part = float(np.linalg.norm(chord)), root.tangent.part(chord)
    size = float(np.linalg.norm(part))
    if size < 0.5 * length or length == 0.0:  # a turn by more than 60 degrees from the chord
        return None
    direction = part / size
    half = math.asin(min(1.0, 0.5 * float(np.linalg.norm(direction - t))))
    bow = half / math.sin(half) if half > 1e-8 else 1.0
    return Step(root, direction, 2.0 * half, bow * length)


def walked(
    problem: Any, root: Root, t: FloatArray, length: float, longest: float, tol: float
) -> Walk:
    """Walk from a root in the unit tangent direction t.

    Parameters
    ----------
    problem : Problem
    root : Root
    t : (m,) ndarray
    length : float
        How far.
    longest : float
        Longest step.
    tol : float
        Largest |r| of a root.
    """
    points, arcs, step, why = [root.w], [0.0], min(longest, length), ""
    while not why and arcs[-1] < length:
        h, left = min(step, length - arcs[-1]), length - arcs[-1]
        taken = stepped(problem, root, t, h, tol)
        last = taken is not None and max(h, taken.arc) >= left
        if taken is not None and taken.turn <= TURN and last:
            taken = _landed(problem, root, t, (h, taken), left, tol)
        if taken is None or taken.turn > TURN:
            step = 0.5 * h
            if step < SHORTEST * (1.0 + float(np.linalg.norm(root.w))):
                why = "no step leads on: a corner, a crossing, or the end of where F is defined"
            continue
        root, t = taken.root, taken.direction
        points.append(root.w)
        arcs.append(length if last else arcs[-1] + taken.arc)
        step = min(longest, h * min(2.0, 0.8 * TURN / max(taken.turn, 1e-3)))
        why = f"{STEPS} steps were not enough" if len(points) > STEPS else ""
    return Walk(np.array(points), np.array(arcs), why == "", why)


def _landed(
    problem: Any, here: Root, t: FloatArray, tried: tuple[float, Step], left: float, tol: float
) -> Step | None:
    """Return the last step, its length adjusted so that its arc is what is left."""
    h, last = tried
    for _ in range(ADJUSTMENTS):
        if abs(last.arc - left) <= LANDING * left:
            break
        h *= left / last.arc
        again = stepped(problem, here, t, h, tol)
        if again is None:
            return None
        last = again
    return last
