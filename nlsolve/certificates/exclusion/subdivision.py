"""Is there no solution in a region? Parts of it are narrowed, excluded, or halved.

A part is excluded if it lies outside the region, if an equation does not take its value there
(defined.py), or by a combination of equations (part.py). What narrowing.py proposes to cut off is a
part like any other, and excluded by the equation's values or as lying outside. So the record of a
search is a tree of cuts whose leaves each have a reason: whoever checks it needs no search.

[E. Hansen, G. W. Walster, Global optimization using interval analysis, 2004; A. Neumaier, Interval
methods for systems of equations, 1990]
"""

import time
from collections import deque
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from nlsolve.certificates.constants import nodes
from nlsolve.certificates.evidence import Evidence, FloatArray
from nlsolve.certificates.exclusion.defined import Formulas, Nowhere, intervals
from nlsolve.certificates.exclusion.narrowing import narrowed
from nlsolve.certificates.exclusion.part import Part
from nlsolve.certificates.exclusion.region import Region
from nlsolve.intervals import EnclosureError, contains

WORTH = 0.1  # share of a side that a cut takes off at least
SMALLEST = 2.0**-48  # side that is not halved any more, in units of the region's numbers
ROUNDS = 6  # of narrowing, a part

BoolArray = np.ndarray[Any, np.dtype[np.bool_]]
Reason = tuple[Any, ...]  # name, then what it is about


class Node:
    """A box, and what became of it: nothing yet, excluded for a reason, or cut into two."""

    __slots__ = ("hi", "lo", "parts", "reason")

    def __init__(self, lo: FloatArray, hi: FloatArray) -> None:
        self.lo, self.hi = lo, hi
        self.reason: Reason | None = None
        self.parts: tuple[Node, ...] = ()

    def cut(self, j: int, at: float) -> tuple["Node", "Node"]:
        """Divide along unknown j."""
        below, above = Node(self.lo, self.hi.copy()), Node(self.lo.copy(), self.hi)
        below.hi[j] = above.lo[j] = at
        self.reason, self.parts = ("cut", j, at), (below, above)
        return below, above


class Search(NamedTuple):
    """What came of a search.

    Attributes
    ----------
    root : Node
    left : list of Node
        Parts that were neither excluded nor divided; the region is empty if there are none.
    examined : int
    solution : object
        What `settle` found, else None.
    nearest : (float, (m,) ndarray)
        The smallest residual norm that was met, and where.
    """

    root: Node
    left: list[Node]
    stuck: bool
    examined: int
    solution: Any
    nearest: tuple[float, FloatArray]

    @property
    def evidence(self) -> Evidence:
        """PROVED if nothing is left: whatever was excluded was so by intervals."""
        return Evidence.ESTIMATED if self.left else Evidence.PROVED

    @property
    def reasons(self) -> list[Reason]:
        """The tree in preorder."""
        found: list[Reason] = []
        stack = [self.root]
        while stack:
            node = stack.pop()
            if node.reason is None:
                raise RuntimeError("a part of the region was neither excluded nor cut")
            found.append(node.reason)
            stack += reversed(node.parts)
        return found


class Exclusion:
    """F(w') = y in a region, to be searched.

    Parameters
    ----------
    problem : Problem
        Known as formulas.
    region : Region
    settle : callable
        ``settle(w)`` gives something else than None if there is a solution near w in the region.
    """

    def __init__(self, problem: Any, region: Region, settle: Callable[[FloatArray], Any]) -> None:
        self.problem, self.region, self.settle = problem, region, settle
        self.formulas, self.enclosed = Formulas(problem.system), nodes.Formulas(problem.system)
        self.nearest = np.inf, region.centre
        self._scale = np.maximum(np.abs(region.lo), np.abs(region.hi))

    def search(self, most: int, seconds: float) -> Search:
        """Examine parts, the larger ones first, until all are excluded or the limits are met."""
        end = time.monotonic() + seconds
        root = Node(self.region.lo.copy(), self.region.hi.copy())
        waiting, stuck, examined, found = deque([root]), list[Node](), 0, None
        while waiting and not stuck and found is None:
            parts = self._examine(waiting.popleft())
            examined += 1
            (stuck if len(parts) == 1 else waiting).extend(parts)
            over = examined >= most or time.monotonic() > end
            if (stuck or waiting) and (stuck or over or examined & (examined - 1) == 0):
                found = self.settle(self.nearest[1])
            if over:
                break
        return Search(root, [*stuck, *waiting], bool(stuck), examined, found, self.nearest)

    def _examine(self, node: Node) -> tuple[Node, ...]:
        """Return the parts of a box that are left: none, two, or one that cannot be halved."""
        node = self._narrowed(node)
        j = None if node.reason is not None else self._excluded_or_direction(node)
        if j is None:
            return ()
        if not self._divisible(node)[j]:
            return (node,)
        return node.cut(j, _halfway(float(node.lo[j]), float(node.hi[j])))

    def _divisible(self, node: Node) -> BoolArray:
        """Return which sides are longer than some roundings of the numbers in the region."""
        longest: BoolArray = node.hi - node.lo > SMALLEST * self._scale
        return longest

    def _narrowed(self, node: Node) -> Node:
        """Cut off what certainly holds no solution; return what is left, which may be excluded."""
        for _ in range(ROUNDS):
            before = node
            if self.region.outside(node.lo, node.hi):
                node.reason = ("outside",)
                return node
            node = self._within_region(node)
            for i in range(len(self.formulas.ends)):
                node = self._by_equation(node, i)
                if node.reason is not None:
                    return node
            if node is before:
                break
        return node

    def _within_region(self, node: Node) -> Node:
        if self.region.radius is None:
            return node
        for j in range(node.lo.size):
            low, high = self.region.reach(node.lo, node.hi, j)
            node = self._cut_off(node, j, low, high, ("outside",))
        return node

    def _by_equation(self, node: Node, i: int) -> Node:
        target = float(self.problem.y[i])
        try:
            values = self.formulas.values(i, intervals(node.lo, node.hi))
        except Nowhere:
            node.reason = ("value", i)
            return node
        if not contains(values[self.formulas.ends[i]], target):
            node.reason = ("value", i)
            return node
        for j, wanted in narrowed(self.formulas, i, values, target).items():
            node = self._cut_off(node, j, wanted.lo, wanted.hi, ("value", i))
        return node

    def _cut_off(self, node: Node, j: int, low: float, high: float, reason: Reason) -> Node:
        """Cut off what lies beyond low and high, where that is much and can be excluded."""
        margin = 1e-9 * (node.hi[j] - node.lo[j])
        for side, end in ((0, low - margin), (1, high + margin)):
            width = node.hi[j] - node.lo[j]
            off = end - node.lo[j] if side == 0 else node.hi[j] - end
            if not WORTH * width < off < width:
                continue
            trial = Node(node.lo, node.hi)
            parts = trial.cut(j, float(end))
            if self._holds(parts[side], reason):
                parts[side].reason = reason
                node.reason, node.parts = trial.reason, parts
                node = parts[1 - side]
        return node

    def _holds(self, node: Node, reason: Reason) -> bool:
        if reason[0] == "outside":
            return self.region.outside(node.lo, node.hi)
        i, box = reason[1], intervals(node.lo, node.hi)
        return self.formulas.excludes(i, float(self.problem.y[i]), box)

    def _excluded_or_direction(self, node: Node) -> int | None:
        """Exclude a part by combinations of equations, or return the unknown to be halved."""
        try:
            part = Part(self.enclosed, self.problem.y, node.lo, node.hi)
            self._remember(part)
            spread = part.spread
        except EnclosureError:
            return self._widest(node)
        for a in part.slopes():
            if part.slope_excludes(a):
                node.reason = ("slope", *a.tolist())
                return None
        if self._by_curvature(node, part):
            return None
        return self._least_linear(node, part, spread)

    def _by_curvature(self, node: Node, part: Part) -> bool:
        if not part.curved:
            return False
        try:
            for a in part.curvatures():
                if part.curvature_excludes(a):
                    node.reason = ("curvature", *a.tolist())
                    return True
        except EnclosureError:
            pass
        return False

    def _remember(self, part: Part) -> None:
        r = part.residual
        size = float(np.linalg.norm(0.5 * r.lo + 0.5 * r.hi))
        if size < self.nearest[0]:
            self.nearest = size, part.centre

    def _widest(self, node: Node) -> int:
        """Return the unknown whose side is longest, measured by that of the region."""
        whole = self.region.hi - self.region.lo
        share = (node.hi - node.lo) / np.where(whole > 0.0, whole, 1.0)
        return int(np.where(self._divisible(node), share, -1.0).argmax())

    def _least_linear(self, node: Node, part: Part, spread: FloatArray) -> int:
        """Return the unknown in which the equations are farthest from linear."""
        scale = spread.sum(axis=1)
        weight = (spread[scale > 0.0] / scale[scale > 0.0, None]).sum(axis=0)
        splits = self._divisible(node)
        if not (weight[splits] > 0.0).any():
            return self._widest(node)
        return int(np.where(splits, weight, -1.0).argmax())


def _halfway(lo: float, hi: float) -> float:
    """Return where to cut a side: at 0 if that is not far from the middle, for poles and kinks."""
    if lo < 0.0 < hi and min(-lo, hi) > WORTH * (hi - lo) / 2.0:
        return 0.0
    return 0.5 * lo + 0.5 * hi
