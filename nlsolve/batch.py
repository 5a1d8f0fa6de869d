"""How are many solves made of one? `multistart` looks for the solutions in a box.

Everything random is drawn before the first solve, outcomes are collected in the order of the
starts, and derivatives are compared with differences once: the result is the same for any number of
workers. The first solve is made in this process, so that bad arguments are told here, and what
it compiled is inherited by workers that are forked.
"""

import copy
import math
import numbers
import pickle
from collections.abc import Generator
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from nlsolve import arguments
from nlsolve.api import solve
from nlsolve.display.progress import starts_bar
from nlsolve.explore.found import MultistartResult, collected
from nlsolve.explore.starts import as_box
from nlsolve.result import SolveResult
from nlsolve.systems import System, as_system
from nlsolve.systems.base import FloatArray
from nlsolve.systems.errors import EvaluationError
from nlsolve.systems.workers import mapping

SYSTEM = ("jac", "jvp", "vjp", "rows", "args", "kwargs", "vectorized", "check_jac")
OWN = ("w0", "state", "checkpoint")


def multistart(
    F: Any,
    y: Any = 0.0,
    *,
    box: Any,
    k: int,
    rng: Any = None,
    workers: Any = None,
    distinct: float | None = None,
    certify: Any = False,
    progress: bool = False,
    **keywords: Any,
) -> MultistartResult:
    """Solve F(w) = y from k starts in a box and collect the distinct solutions.

    Parameters
    ----------
    F, y
        The system, as for `solve`.
    box : (lo, hi) or mapping
        Vectors of m numbers between which starts are chosen; one of them may be a single number.
        By the names of the unknowns, or by two numbers for all, where F has names, as formulas
        have: ``{'x': (0, 1), 'y': (-1, 1)}``. Solutions may lie outside.
    k : int
        Number of starts; any, though powers of two fill the box most evenly. The starts of a
        smaller k are the first ones of a larger.
    rng : int or numpy.random.Generator, optional
        Scrambles the Sobol sequence; None is seed 0: the same call gives the same answer.
    workers : int, map-like callable or concurrent.futures.Executor, optional
        Solves in parallel, as in scipy; an int starts that many processes, -1 one a core. The
        result does not depend on it.
    distinct : float, optional
        Roots that differ by no more than this times the box's edge, in every unknown, are one. By
        default 0.01 if m > n, where solutions form curves or surfaces, and otherwise what the
        accuracy of the roots allows (1e-6 of their size, or their Newton corrections).
    certify : bool or mapping, optional
        Certify every root; where m = n, and certificates hold, they tell solutions apart. A mapping
        as for `solve`.
    progress : bool, optional
        Show a progress bar on standard error.
    **keywords
        Any further keywords of `solve`, for each start: ``jac``, ``args``, ``method``, ``tol``,
        ``max_time``, ...

    Returns
    -------
    MultistartResult
        With ``solutions``, ``w``, ``counts`` and ``statuses``.

    Raises
    ------
    TypeError, ValueError
        For bad arguments, and where `workers` are processes to which F cannot be sent.
    KeyboardInterrupt, Exception
        Whatever breaks the search off; ``error.partial_result`` is the MultistartResult of the
        starts before. An EvaluationError at one start is kept among the outcomes and breaks off
        nothing.

    Notes
    -----
    That all solutions were found is never certain.

    Examples
    --------
    >>> import nlsolve
    >>> system = nlsolve.parse("x**2 + y**2 = 2; x*y = 1")
    >>> found = nlsolve.multistart(system, box={"x": (-2, 2), "y": (-2, 2)}, k=16)
    >>> found.w.round(4)
    array([[ 1.,  1.],
           [-1., -1.]])
    """
    for name in OWN:
        if name in keywords:
            raise TypeError(f"multistart() takes no {name}: it makes k solves, from starts in box=")
    system = as_system(F, {name: keywords.pop(name, None) for name in SYSTEM})
    region = as_box(box, system)
    starts = region.starts(k, rng)
    _check_distinct(distinct)
    attempt = Attempt(system, y, keywords, bool(certify), arguments.asked_for(certify, None))
    outcomes: list[SolveResult | EvaluationError] = []
    try:
        solving = closing(_outcomes(attempt, starts, workers))
        with starts_bar(progress, len(starts)) as advance, solving as ended:
            for outcome in ended:
                outcomes.append(outcome)
                advance()
    except (Exception, KeyboardInterrupt) as error:
        error.partial_result = collected(  # type: ignore[union-attr]
            outcomes, starts[: len(outcomes)], region, distinct
        )
        raise
    return collected(outcomes, starts, region, distinct)


@dataclass(frozen=True)
class Attempt:
    """One solve from a start, as an object that can be sent to a worker."""

    system: System
    y: Any
    keywords: dict[str, Any]
    certify: bool
    asked: Any

    def __call__(self, start: FloatArray) -> SolveResult | EvaluationError:
        """Return the result without its system, or what went wrong with F."""
        try:
            result = solve(self.system, self.y, start, **self.keywords)
        except EvaluationError as error:
            kept = EvaluationError(*error.args)  # without traceback and cause, which cannot travel
            kept.partial_result = error.partial_result
            if kept.partial_result is not None:
                kept.partial_result.__dict__["_made"] = None
            return kept
        made = result.__dict__["_made"]
        bounded = made.asked is not None  # of its keywords solve was given bounds at most
        if self.asked is not None:
            own = self.asked._replace(bounds=made.asked.bounds) if bounded else self.asked
            made = made._replace(asked=own)
        result.__dict__["_made"] = made
        if self.certify and result.success:
            result.certificate  # noqa: B018  (computed when first read)
        made.problem.system = None
        return result

    def unchecked(self) -> "Attempt":
        """Return the same without the comparison of derivatives that is made once."""
        if self.system.kind == "cs" or self.system.check_jac is False:
            return self
        system = copy.copy(self.system)
        system.check_jac = False
        return replace(self, system=system)


def _outcomes(attempt: Attempt, starts: FloatArray, workers: Any) -> Generator[Any]:
    """Give the outcomes in the order of the starts, with the system they are about."""
    rest = iter(starts)
    for start in rest:  # here, until F could be evaluated
        outcome = attempt(start)
        yield _with_system(outcome, attempt.system)
        if isinstance(outcome, SolveResult):
            break
    further, quick = np.array(list(rest)), attempt.unchecked()
    if len(further) == 0:
        return
    _check_travels(quick, workers)
    with mapping(workers) as mapper:
        for outcome in (mapper or map)(quick, further):
            yield _with_system(outcome, attempt.system)


def _with_system(outcome: Any, system: System) -> Any:
    if isinstance(outcome, SolveResult):
        outcome.__dict__["_made"].problem.system = system
    return outcome


def _check_travels(attempt: Attempt, workers: Any) -> None:
    """Refuse what cannot be sent to processes, naming it."""
    if not isinstance(workers, (int, ProcessPoolExecutor)) or workers == 1:
        return
    sent = {"F": attempt.system, "y": attempt.y, "certify": attempt.asked, **attempt.keywords}
    for name, value in sent.items():
        try:
            pickle.dumps(value)
        except Exception as error:  # whatever a user's object raises when it is pickled
            raise TypeError(
                f"workers={workers!r} sends {name} to other processes, but it cannot be pickled "
                f"({error}): define functions at the top level of a module, or write F as "
                f"formulas, or give workers=concurrent.futures.ThreadPoolExecutor(...)"
            ) from error


def _check_distinct(distinct: Any) -> None:
    positive = arguments.is_number(distinct, numbers.Real) and 0.0 < distinct < math.inf
    if distinct is not None and not positive:
        raise ValueError(f"distinct must be a positive number, got {distinct!r}")
