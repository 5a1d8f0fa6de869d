"""Which points of the solutions around one of them make a picture?

Of a curve: a walk both ways. Of a surface: walks in directions evenly around the solution; a point
at arc s in direction phi has the polar coordinates (s cos phi, s sin phi), by which neighbours are
told. Every point is a root.
"""

from typing import Any, NamedTuple

import numpy as np

from nlsolve.certificates.evidence import FloatArray
from nlsolve.explore.manifold import Manifold, manifold
from nlsolve.explore.rerun import case

DIRECTIONS, STEPS = 32, 16  # around a solution on a surface; steps of a walk at least


class Patch(NamedTuple):
    """Points of the solutions.

    Attributes
    ----------
    points : (k, m) ndarray
        Along the curve; on a surface the solution first, then walk by walk.
    place : (k, dimension) ndarray
        Arc along the curve, or polar coordinates on the surface.
    dimension : int
        1 or 2.
    solution, start : (m,) ndarray
    names : tuple of str
        Of the unknowns.
    message : str
        Why walks ended early; empty where none did.
    """

    points: FloatArray
    place: FloatArray
    dimension: int
    solution: FloatArray
    start: FloatArray
    names: tuple[str, ...]
    message: str


def patch_of(result: Any, length: float | None) -> Patch:
    """Return points of the solutions within an arc of `length` of the one found.

    Raises
    ------
    ValueError
        If the result is no root, or the solutions are neither a curve nor a surface there.
    """
    if not result.success:
        raise ValueError(f"manifold: the result is no root but {result.message}")
    run = case(result, "manifold")
    found = manifold(run.problem.system, run.problem.y, result.w)
    if found.dimension not in (1, 2):
        raise ValueError(
            f"manifold: the solutions have dimension {found.dimension} here, and only curves and "
            f"surfaces can be drawn; nlsolve.manifold(F, y, w).sample gives points of any dimension"
        )
    start = np.asarray(run.made.start)
    length = length or 1.5 * float(np.linalg.norm(result.w - start)) or 1.0
    points, place, message = (_curve if found.dimension == 1 else _surface)(found, length)
    names = run.problem.system.unknowns or tuple(f"$w_{{{j}}}$" for j in range(found.m))
    return Patch(points, place, found.dimension, found.w, start, names, message)


def _curve(found: Manifold, length: float) -> tuple[FloatArray, FloatArray, str]:
    t = found.tangent[:, 0]
    ahead, back = (found.walk(d, length, max_step=length / STEPS) for d in (t, -t))
    points = np.vstack([back.w[:0:-1], ahead.w])
    arcs = np.concatenate([-back.arc[:0:-1], ahead.arc])
    return points, arcs[:, None], ahead.message or back.message


def _surface(found: Manifold, length: float) -> tuple[FloatArray, FloatArray, str]:
    angles = np.linspace(0.0, 2.0 * np.pi, DIRECTIONS, endpoint=False)
    units = np.array([np.cos(angles), np.sin(angles)]).T
    walks = [found.walk(found.tangent @ u, length, max_step=length / STEPS) for u in units]
    points = np.vstack([found.w, *(walk.w[1:] for walk in walks)])
    polar = [np.outer(walk.arc[1:], u) for walk, u in zip(walks, units, strict=True)]
    message = next((walk.message for walk in walks if walk.message), "")
    return points, np.vstack([np.zeros((1, 2)), *polar]), message
