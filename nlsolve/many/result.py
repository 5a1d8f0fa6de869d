"""What does `solve_many` return? Arrays with a row a system."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from nlsolve.result import SolveResult, Status
from nlsolve.systems.base import FloatArray
from nlsolve.systems.errors import EvaluationError

SOLVED = ("W", "success", "status", "residual_norm", "nit", "nfev", "njev")
Integers = npt.NDArray[np.int64]


@dataclass(eq=False, repr=False, kw_only=True)
class ManyResult:
    """What became of N systems, row by row.

    Attributes
    ----------
    W : (N, m) ndarray
        The points reached; NaN in rows that were not finished.
    success : (N,) ndarray of bool
        Whether the residual is small.
    status : (N,) ndarray of int
        ``Status.from_code(status[i])`` says what it means; 0 and 1 are roots.
    residual_norm : (N,) ndarray
        |F(w) - y|.
    nit, nfev, njev : (N,) ndarray of int
        Iterations and evaluations.
    errors : dict
        EvaluationErrors by their rows.
    h : (N,) ndarray
        With ``certify=``: beta |r| / sigma^2 of the certificate that an exact solution is near; NaN
        where there is none.
    distance : (N, 2) ndarray
        With ``certify=``: an exact solution is within ``distance[i, 1]`` of w and none nearer than
        ``distance[i, 0]``; NaN where that is not certified.
    evidence : (N,) ndarray of str
        With ``certify=``: 'estimated', 'assumed' or 'proved'; '' where nothing is certified.
    """

    W: FloatArray
    success: npt.NDArray[np.bool_]
    status: Integers
    residual_norm: FloatArray
    nit: Integers
    nfev: Integers
    njev: Integers
    h: FloatArray
    distance: FloatArray
    evidence: npt.NDArray[np.str_]
    errors: dict[int, EvaluationError] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.status)

    @property
    def statuses(self) -> dict[str, int]:
        """How many rows ended with each status, the most frequent first."""
        counts = Counter(self.status.tolist()).most_common()
        return {Status.from_code(code).value: number for code, number in counts}

    def put(self, i: int, found: SolveResult | EvaluationError) -> None:
        """Write what solve() returned for row i, or the error of its F."""
        if isinstance(found, EvaluationError):
            self.errors[i], self.status[i] = found, Status.EVALUATION_ERROR.code
            return
        self.W[i], self.residual_norm[i] = found.w, found.residual_norm
        self.nit[i], self.nfev[i], self.njev[i] = found.nit, found.nfev, found.njev
        self.success[i], self.status[i] = found.success, found.status.code

    def take(self, rows: Any, part: "ManyResult") -> None:
        """Write what became of some rows, solved as a family of their own."""
        for name in SOLVED:
            getattr(self, name)[rows] = getattr(part, name)
        self.errors |= {int(rows[i]): error for i, error in part.errors.items()}

    def put_certificate(self, i: int, certificate: Any) -> None:
        """Write what is certified of row i."""
        if certificate.holds:
            self.h[i], self.distance[i] = certificate.h, certificate.distance
            self.evidence[i] = certificate.evidence.word

    def unfinished(self) -> Integers:
        """Return the rows that have not ended."""
        return np.flatnonzero(self.status == Status.INTERRUPTED.code)

    def __repr__(self) -> str:
        lines = [f"{count:>8}  {words}" for words, count in self.statuses.items()]
        certified = int(np.count_nonzero(self.evidence != ""))
        lines += [f"{certified:>8}  certified to be near an exact solution"] if certified else []
        return "\n".join([f"ManyResult of {len(self)} systems", *lines])


def empty_result(N: int, m: int) -> ManyResult:
    """Return a result in which no row has been finished."""
    integers = np.zeros((3, N), dtype=np.int64)
    return ManyResult(
        W=np.full((N, m), np.nan),
        success=np.zeros(N, dtype=bool),
        status=np.full(N, Status.INTERRUPTED.code),
        residual_norm=np.full(N, np.nan),
        nit=integers[0],
        nfev=integers[1],
        njev=integers[2],
        h=np.full(N, np.nan),
        distance=np.full((N, 2), np.nan),
        evidence=np.full(N, "", dtype="U9"),
    )
