"""What did a search from many starts find?

The distinct solutions, how many starts led to each, and what became of the others.
"""

from collections import Counter
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from nlsolve.certificates.evidence import Evidence
from nlsolve.explore.distinct import grouped
from nlsolve.explore.starts import Box
from nlsolve.result import SolveResult
from nlsolve.systems.base import FloatArray
from nlsolve.systems.errors import EvaluationError


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class MultistartResult:
    """What `multistart` found.

    Attributes
    ----------
    solutions : tuple of SolveResult
        The distinct solutions, nearest to the centre of the box first (in units of its edges). Each
        is the result of the first start that led to it.
    w : (s, m) ndarray
        Their points.
    counts : (s,) ndarray
        How many starts led to each.
    success : bool
        Whether there are any.
    starts : (k, m) ndarray
    outcomes : tuple of SolveResult or EvaluationError
        What became of each start; an EvaluationError where F could not be evaluated.
    found : (k,) ndarray
        The number of the solution each start led to, -1 for none.
    statuses : dict
        How many starts ended with each status, the most frequent first.
    nfev, njev : int
        Evaluations of all starts together.
    certified : Evidence or None
        With ``certify=``: the weakest evidence that any two of the solutions differ; None where
        some pair was told apart by tolerance only, or there are no two.
    """

    solutions: tuple[SolveResult, ...]
    counts: npt.NDArray[np.int64]
    starts: FloatArray
    outcomes: tuple[SolveResult | EvaluationError, ...]
    found: npt.NDArray[np.int64]
    certified: Evidence | None

    @property
    def w(self) -> FloatArray:
        """The distinct solutions, (s, m)."""
        return np.array([one.w for one in self.solutions]).reshape(-1, self.starts.shape[1])

    @property
    def success(self) -> bool:
        """Whether a solution was found."""
        return len(self.solutions) > 0

    @property
    def statuses(self) -> dict[str, int]:
        """How many starts ended with each status."""
        return dict(Counter(map(_outcome_in_words, self.outcomes)).most_common())

    @property
    def nfev(self) -> int:
        """Evaluations of F, of all starts together."""
        return sum(_evaluations(one, "nfev") for one in self.outcomes)

    @property
    def njev(self) -> int:
        """Evaluations of J, of all starts together."""
        return sum(_evaluations(one, "njev") for one in self.outcomes)

    def __repr__(self) -> str:
        from nlsolve.display.text import multistart_text

        return multistart_text(self)

    def _repr_html_(self) -> str:
        from nlsolve.display.html import multistart_html

        return multistart_html(self)


def _outcome_in_words(outcome: SolveResult | EvaluationError) -> str:
    return str(outcome.status.value) if isinstance(outcome, SolveResult) else "EvaluationError"


def _evaluations(outcome: SolveResult | EvaluationError, name: str) -> int:
    """Return a count; a start at which F is not defined cost one evaluation of it."""
    result = outcome.partial_result if isinstance(outcome, EvaluationError) else outcome
    return int(name == "nfev") if result is None else int(result[name])


def collected(
    outcomes: list[SolveResult | EvaluationError], starts: FloatArray, region: Box,
    distinct: float | None,
) -> MultistartResult:  # fmt: skip
    """Return the result, solutions ordered by their distance from the centre."""
    roots = [one if isinstance(one, SolveResult) and one.success else None for one in outcomes]
    groups = grouped(roots, region.edge, distinct)
    solutions = [one for j in groups.first if (one := roots[j]) is not None]
    away = [float(np.linalg.norm((one.w - region.centre) / region.edge)) for one in solutions]
    order = np.argsort(away, kind="stable")
    rank = np.append(np.argsort(order), -1)  # member -1 stays -1
    found = rank[np.array(groups.member, dtype=np.int64)]
    return MultistartResult(
        solutions=tuple(solutions[j] for j in order),
        counts=np.bincount(found[found >= 0], minlength=len(solutions)),
        starts=starts,
        outcomes=tuple(outcomes),
        found=found,
        certified=groups.certified,
    )
