"""Are two roots, found from different starts, the same solution?

As many equations as unknowns: a root is known to about its Newton correction |J^+ r| (at a multiple
root to a few times that), so two are the same where they differ, in every unknown, by no more than

    1e-6 of its size + 1e-9 of the box's edge + ten times both corrections (at most 1% of the edge).

More unknowns than equations: almost every start ends at a point of its own, and what counts as
another is a matter of taste: more than 1% of the box's edge away in some unknown.

Where certificates are known, they are asked first (n = m). A solution lies within d of each root;
balls that do not meet hold two solutions; and where a solution is the only one within R of a root a
and |a - b| + d_b <= R, the solution near b is that one. Distances are given 1e-9 of themselves for
their rounding.

Each root is compared with those of earlier starts that stand for a solution, in the order of the
starts, so the answer does not depend on who computed what first.
"""

from collections.abc import Sequence
from itertools import combinations
from typing import Any, NamedTuple

import numpy as np

from nlsolve import linalg
from nlsolve.certificates.evidence import Evidence
from nlsolve.systems.base import FloatArray

OF_SIZE, OF_EDGE, OF_CORRECTION = 1e-6, 1e-9, 10.0
LARGEST = 1e-2  # of the edge, what corrections may add
APART = 1e-2  # of the edge, where solutions form curves or surfaces
ROUNDING = 1e-9


class Candidate(NamedTuple):
    """A root, how far it may be off in each unknown, and its certificate where it holds."""

    w: FloatArray
    correction: FloatArray
    certificate: Any


def candidate(result: Any, edge: FloatArray) -> Candidate:
    """Return what is known of a root."""
    correction = np.zeros(result.w.size)
    if result.jac is not None:
        step = linalg.least_norm_step(result.jac, result.fun, 0.0, 1e-12)[0]
        correction = np.minimum(OF_CORRECTION * np.abs(step), LARGEST * edge)
    certificate = result.known_certificate
    square = result.fun.size == result.w.size
    holds = square and certificate is not None and certificate.holds
    return Candidate(result.w, correction, certificate if holds else None)


class Grouping(NamedTuple):
    """Which results are the same solution.

    Attributes
    ----------
    first : list of int
        Number of the result that stands for each solution.
    member : list of int
        For each result the solution it is, -1 where it is no root.
    certified : Evidence or None
        The weakest evidence that any two solutions differ; None where some pair was told apart by
        tolerance only, or there are no two.
    """

    first: list[int]
    member: list[int]
    certified: Evidence | None


def grouped(results: Sequence[Any], edge: FloatArray, distinct: float | None) -> Grouping:
    """Group the results that are roots into solutions.

    Parameters
    ----------
    results : sequence of SolveResult or None
    edge : (m,) ndarray
        Positive lengths to which `distinct` is relative.
    distinct : float or None
        Relative difference above which two roots are two solutions; None as in the header.
    """
    known = Solutions(len(results), edge, distinct)
    first: list[int] = []
    member: list[int] = []
    for k, result in enumerate(results):
        if result is None:
            member.append(-1)
            continue
        found = candidate(result, edge)
        j = known.number_of(found, wide=result.fun.size < result.w.size)
        if j is None:
            j = known.add(found)
            first.append(k)
        member.append(j)
    return Grouping(first, member, known.weakest())


class Solutions:
    """The distinct solutions found so far; their numbers stand in tables to be compared at once."""

    def __init__(self, k: int, edge: FloatArray, distinct: float | None) -> None:
        self.edge, self.distinct = edge, distinct
        self.candidates: list[Candidate] = []
        self._w, self._corrections = np.empty((2, k, edge.size))

    def add(self, found: Candidate) -> int:
        """Add a solution and return its number."""
        j = len(self.candidates)
        self.candidates.append(found)
        self._w[j], self._corrections[j] = found.w, found.correction
        return j

    def number_of(self, found: Candidate, *, wide: bool) -> int | None:
        """Return the number of the first solution that a root is, None where it is another."""
        same = self._are_near(found, wide)
        for j, one in enumerate(self.candidates if found.certificate is not None else []):
            if are_apart(one, found):
                same[j] = False
            elif one.certificate is not None and (_only_one(one, found) or _only_one(found, one)):
                same[j] = True
        return int(np.argmax(same)) if same.any() else None

    def _are_near(self, found: Candidate, wide: bool) -> Any:
        """Return for each solution whether a root differs from it by no more than the tolerance."""
        count = len(self.candidates)
        w, corrections = self._w[:count], self._corrections[:count]
        if self.distinct is None and not wide:
            size = np.maximum(np.abs(w), np.abs(found.w))
            tolerance = OF_SIZE * size + OF_EDGE * self.edge
        else:
            tolerance = (APART if self.distinct is None else self.distinct) * self.edge
        return (np.abs(w - found.w) <= tolerance + corrections + found.correction).all(axis=1)

    def weakest(self) -> Evidence | None:
        """Return the weakest evidence that any two differ, None where some two lack any."""
        pairs = combinations(self.candidates, 2)
        if len(self.candidates) < 2 or not all(are_apart(a, b) for a, b in pairs):
            return None
        weakest: Evidence = min(one.certificate.evidence for one in self.candidates)
        return weakest


def are_apart(a: Candidate, b: Candidate) -> bool:
    """Return whether certificates say that the solutions near a and b differ."""
    if a.certificate is None or b.certificate is None:
        return False
    between = float(np.linalg.norm(a.w - b.w)) * (1.0 - ROUNDING)
    return bool(between > a.certificate.distance[1] + b.certificate.distance[1])


def _only_one(a: Candidate, b: Candidate) -> bool:
    """Return whether the solution near b must be the one near a."""
    alone = a.certificate.unique_within
    if alone is None:
        return False
    between = float(np.linalg.norm(a.w - b.w)) * (1.0 + ROUNDING)
    return bool(between + b.certificate.distance[1] <= alone)
