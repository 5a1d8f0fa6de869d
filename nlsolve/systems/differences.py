"""How is J approximated from values of F alone?

Forward ('2-point') and central ('3-point') differences, one column at a time, with steps relative
to max(1, |w_j|) and made exactly representable. The error of an entry is about |F''| h, or |F'''|
h^2, plus the rounding of F divided by h; `jacobian_error` is the relative size to be expected at
the usual scales, which is what ranks are judged by. The texts run in both lanes.

The complex step ('cs') has no subtraction and so no cancellation, but is silently wrong where abs,
max, conjugation or a comparison makes F non-analytic; problem.py compares it with one real
difference at each use.
"""

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

KINDS = ("exact", "2-point", "3-point", "cs")
EXACT, TWO_POINT, THREE_POINT, COMPLEX_STEP = range(4)

BLOCK = 4_000_000  # entries of the points that are held at once
DOUBLE = 2.0**-52  # spacing of the numbers F returns, where they are doubles


@cache
def relative_step(kind: str, precision: float = DOUBLE) -> float:
    """Return the step, relative to max(1, |w_j|), that balances truncation and rounding."""
    powers = {"2-point": 1 / 2, "3-point": 1 / 3}
    return 2.0**-100 if kind == "cs" else float(precision ** powers.get(kind, 1.0))


@cache
def jacobian_error(kind: str, precision: float = DOUBLE) -> float:
    """Return the relative error of J to be expected at the usual scales."""
    powers = {"2-point": 1 / 2, "3-point": 2 / 3}
    return float(precision ** powers.get(kind, 1.0))


def divide(J: Any, j: int, right: Any, left: Any, h: float) -> None:
    """Write a difference quotient into column j of J, with numpy."""
    J[:, j] = (right - left) / h


def make_two_point(residual: Callable[..., Any], divide: Callable[..., None]) -> Callable[..., Any]:
    """Return forward differences of `residual(problem, w)`; `divide` is one of the lane."""

    def two_point(problem: Any, w: Any, r: Any) -> Any:
        J = np.empty((r.size, w.size))
        for j in range(w.size):
            moved = w.copy()
            moved[j] += problem.step * max(1.0, abs(w[j]))
            divide(J, j, residual(problem, moved), r, moved[j] - w[j])
        return J

    return two_point


def make_three_point(
    residual: Callable[..., Any], divide: Callable[..., None]
) -> Callable[..., Any]:
    """Return central differences of `residual(problem, w)`; `divide` is one of the lane."""

    def three_point(problem: Any, w: Any, r: Any) -> Any:
        J = np.empty((r.size, w.size))
        for j in range(w.size):
            right, left = w.copy(), w.copy()
            h = problem.step * max(1.0, abs(w[j]))
            right[j] += h
            left[j] -= h
            divide(J, j, residual(problem, right), residual(problem, left), right[j] - left[j])
        return J

    return three_point


def difference_points(w: Any, kind: str, step: float) -> tuple[Any, Any]:
    """Return the moved points as columns of an (m, k) array, and the steps."""
    h = step * np.maximum(1.0, np.abs(w))
    if kind == "cs":
        return w[:, None] + 1j * np.diag(h), h
    right = w[:, None] + np.diag(h)
    if kind == "2-point":
        return right, np.diag(right) - w
    left = w[:, None] - np.diag(h)
    return np.hstack([right, left]), np.diag(right) - np.diag(left)


def combine(values: Any, r: Any, steps: Any, kind: str) -> Any:
    """Return J from the residuals at `difference_points` (n, k) and the residual r at w."""
    if kind == "cs":
        return np.ascontiguousarray(values.imag / steps)
    if kind == "2-point":
        return np.ascontiguousarray((values - r[:, None]) / steps)
    m = steps.size
    return np.ascontiguousarray((values[:, :m] - values[:, m:]) / steps)


def grouped_points(w: Any, kind: str, step: float, pattern: Any) -> tuple[Any, Any]:
    """Return points in which all unknowns of a group are moved, as columns, and every step."""
    h = step * np.maximum(1.0, np.abs(w))
    moves = np.zeros((w.size, pattern.count))
    moves[np.arange(w.size), pattern.groups] = h
    if kind == "cs":
        return w[:, None] + 1j * moves, h
    own = np.arange(w.size), pattern.groups
    right = w[:, None] + moves
    if kind == "2-point":
        return right, right[own] - w
    left = w[:, None] - moves
    return np.hstack([right, left]), right[own] - left[own]


def grouped(values: Any, r: Any, steps: Any, kind: str, pattern: Any) -> Any:
    """Return the entries of J from the residuals at `grouped_points` and the residual r at w."""
    rows, group = pattern.rows, pattern.groups[pattern.columns]
    if kind == "cs":
        change = values.imag[rows, group]
    elif kind == "2-point":
        change = values[rows, group] - r[rows]
    else:
        change = values[rows, group] - values[rows, group + pattern.count]
    return change / steps[pattern.columns]


def bounded(
    residuals: Callable[[Any], Any], w: Any, r: Any, kind: str, step: float, box: Any, pattern: Any
) -> Any:
    """Return J, or the entries of a pattern, by differences whose points are all in the box.

    `residuals` gives those of points, columns of an (m, k) array, as columns.
    """
    offsets = box.offsets(w, kind, step * np.maximum(1.0, np.abs(w)))
    groups = np.arange(w.size) if pattern is None else pattern.groups
    changes = [_changes(residuals, w, r, offset, groups) for offset in offsets]
    if pattern is None:
        return np.ascontiguousarray(_quotients(changes, offsets))
    entries = [change[pattern.rows, groups[pattern.columns]] for change in changes]
    return _quotients(entries, [offset[pattern.columns] for offset in offsets])


def _changes(residuals: Callable[[Any], Any], w: Any, r: Any, offset: Any, groups: Any) -> Any:
    """Return how residuals change as one group after another moves, as columns."""
    count, size = int(groups.max()) + 1, max(1, BLOCK // w.size)
    blocks = []
    for first in range(0, count, size):
        points = np.repeat(w[:, None], min(size, count - first), axis=1)
        own = np.flatnonzero((first <= groups) & (groups < first + size))
        points[own, groups[own] - first] += offset[own]
        blocks.append(residuals(points) - r[:, None])
    return np.hstack(blocks)


def _quotients(changes: list[Any], offsets: list[Any]) -> Any:
    """Return derivatives from changes over one offset, or over two (exact for parabolas)."""
    if len(changes) == 1:
        return changes[0] / offsets[0]
    (f, g), (a, b) = changes, offsets
    return (f / a * b - g / b * a) / (b - a)
