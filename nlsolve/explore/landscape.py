"""What do the loss and the tangent kernel look like on a plane through the start and the solution?

The plane is w0 + a p + b q, with p towards the solution and q a unit vector normal to it. On a grid
of it: L = 1/2 |r|^2, the smallest eigenvalue of K = J J^T, and the ratio 1/2 |grad L|^2 / L. PL*
with mu holds at a point where the ratio is at least mu, hence where lambda_min K >= mu. Numbers at
the points of a grid prove nothing about the points between them.
"""

import math
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from nlsolve.certificates.evidence import FloatArray
from nlsolve.explore.rerun import case, evaluated, kernel_eigenvalues
from nlsolve.explore.tangent import Tangent

FINEST, COARSEST, WORK = 33, 9, 20_000_000  # points a side, and entries of J in all
FLAT = 1e-3  # relative length below which a direction is not told from the first one
WIDEST = 3.0  # a certified ball is shown whole up to so many times the distance walked


class Plane(NamedTuple):
    """Orthonormal directions p and q at the start, what q is, and how far away the solution is."""

    start: FloatArray
    p: FloatArray
    q: FloatArray
    along: str
    distance: float

    def coordinates(self, points: FloatArray) -> FloatArray:
        """Return (a, b) of the projections of points, (k, 2)."""
        return np.asarray((points - self.start) @ np.array([self.p, self.q]).T)


class Landscape(NamedTuple):
    """A plane and the numbers on its grid.

    Attributes
    ----------
    plane : Plane
    a, b : (k,) ndarray
        Coordinates along p and q.
    loss, lambda_min, pl_ratio : (k, k) ndarray
        Row i belongs to b[i], column j to a[j]; NaN where F cannot be evaluated.
    path : (l, 2) ndarray or None
        The iterates projected on the plane, where they were stored.
    """

    plane: Plane
    a: FloatArray
    b: FloatArray
    loss: FloatArray
    lambda_min: FloatArray
    pl_ratio: FloatArray
    path: FloatArray | None


def landscape_of(result: Any, direction: Any, resolution: int | None, radius: float) -> Landscape:
    """Return the numbers on the plane; a ball of `radius` about the start is shown if not too wide.

    Raises
    ------
    ValueError
        If there is one unknown only, or the system is not at hand.
    """
    run = case(result, "landscape")
    problem = run.moving.with_arrays()
    if problem.m < 2:
        raise ValueError("landscape: a plane needs at least two unknowns, there is one")
    path = None if result.path is None else result.path / run.made.scale
    end = result.w / run.made.scale
    if not np.isfinite(end).all():
        raise ValueError("landscape: the point returned is not finite")
    with np.errstate(all="ignore"):
        plane = _plane(problem, run.began, end, path, direction)
        a, b = _extent(plane, path, radius, resolution or _affordable(problem))
        tables = _tables(problem, plane, a, b)
    projected = None if path is None else plane.coordinates(path)
    return Landscape(plane, a, b, *tables, projected)


def _affordable(problem: Any) -> int:
    """Return the points a side for which J is evaluated in reasonable time."""
    points = WORK / (problem.n * problem.m)
    return int(np.clip(math.sqrt(points), COARSEST, FINEST))


def _plane(
    problem: Any, start: FloatArray, end: FloatArray, path: FloatArray | None, direction: Any
) -> Plane:
    """Return the plane through both points that `direction` spans, or the first one that fits."""
    r, J = evaluated(problem, start)
    moved = end - start
    unit = np.eye(problem.m)
    towards = _normal_parts([("", moved), ("", J.T @ r), ("", J[0]), ("", unit[0])], None)
    p = next(towards)[1]
    if direction is None:
        sought = [*_directions(problem, end, path, start, p), ("the gradient at $w_0$", J.T @ r)]
    else:
        sought = [("the direction given", _given(direction, problem.m))]
    rest = ("an unknown", unit[int(np.argmin(np.abs(p)))])
    along, q = next(_normal_parts([*sought, rest], p))
    return Plane(start, p, q, along, float(np.linalg.norm(moved)))


def _given(direction: Any, m: int) -> FloatArray:
    vector = np.asarray(direction, dtype=np.float64)
    if vector.shape != (m,) or not np.isfinite(vector).all():
        raise ValueError(f"direction must be a vector of {m} finite numbers, got {direction!r}")
    return vector


def _normal_parts(
    sought: list[tuple[str, FloatArray]], p: FloatArray | None
) -> Iterator[tuple[str, FloatArray]]:
    """Yield the parts normal to p, of length one, of those directions that have any."""
    for name, vector in sought:
        size = float(np.linalg.norm(vector))
        if not 0.0 < size < math.inf:
            continue
        part = vector / size if p is None else vector / size - (vector / size @ p) * p
        left = float(np.linalg.norm(part))
        if left > FLAT:
            part = part / left
            yield name, part if p is None else (part - (part @ p) * p)


def _directions(
    problem: Any, end: FloatArray, path: FloatArray | None, start: FloatArray, p: FloatArray
) -> Iterator[tuple[str, FloatArray]]:
    """Yield where else to look: where the path went, and along the solutions."""
    if path is not None and np.isfinite(path).all():
        away = (path - start) - np.outer((path - start) @ p, p)
        lengths = np.linalg.norm(away, axis=1)
        if lengths.max() > FLAT * np.linalg.norm(path - start, axis=1).max():
            yield "the path's largest deviation", away[int(np.argmax(lengths))]
    J = evaluated(problem, end)[1]
    if np.isfinite(J).all():
        tangent = Tangent(J, problem.rank_tolerance)
        free = 1.0 - (tangent.normal**2).sum(axis=1)  # squared tangent part of each unit vector
        j = int(np.argmax(free))
        if free[j] > FLAT:
            yield "the solutions (null space of $J$)", tangent.part(np.eye(problem.m)[j])


def _extent(
    plane: Plane, path: FloatArray | None, radius: float, resolution: int
) -> tuple[FloatArray, FloatArray]:
    """Return the coordinates of a square grid around all that is to be seen."""
    corners = [[0.0, 0.0], [plane.distance, 0.0]]
    shown = np.array(corners) if path is None else np.vstack([corners, plane.coordinates(path)])
    shown = shown[np.isfinite(shown).all(axis=1)]
    if plane.distance == 0.0 or radius <= WIDEST * plane.distance:
        reach = radius if math.isfinite(radius) else 0.0
        shown = np.vstack([shown, [[reach, reach], [-reach, -reach]]])
    low, high = shown.min(axis=0), shown.max(axis=0)
    least = 1e-2 * (1.0 + float(np.abs(plane.start).max())) if plane.distance == 0.0 else 0.0
    half = max(0.8 * float((high - low).max()), least)
    middle = 0.5 * (low + high)
    line = np.linspace(-half, half, resolution)
    return middle[0] + line, middle[1] + line


def _tables(
    problem: Any, plane: Plane, a: FloatArray, b: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return loss, smallest eigenvalue and PL ratio at every point of the grid."""
    rows = [_row(problem, plane.start + np.outer(a, plane.p) + y * plane.q) for y in b]
    loss, lambda_min, pl_ratio = (np.array(table) for table in zip(*rows, strict=True))
    return loss, lambda_min, pl_ratio


def _row(problem: Any, points: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    found = [evaluated(problem, w) for w in points]
    r, J = np.array([one[0] for one in found]), np.array([one[1] for one in found])
    squares = (r * r).sum(axis=1)
    gradient = np.einsum("kij,ki->kj", J, r)
    ratio = np.where(squares == 0.0, math.inf, (gradient * gradient).sum(axis=1) / squares)
    return 0.5 * squares, kernel_eigenvalues(J)[:, -1], ratio
