"""How are very many systems of one shape solved, F(w) = Y_i from W0_i?

Jitted F and J, small systems: the method's stages run for blocks of rows in compiled calls
(blocks.py) that let other threads run, so threads share the work; between two blocks Python hears
Ctrl-C and shows progress. Rows that no stage brings to a root there are solved again by solve(),
which says what they are, so every row is what solve() returns for it, whatever the number of
threads. Everything else is solved by solve(), row by row.

Rows that leave this process go in parts, of which each is solved there in the same way.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np

from nlsolve import arguments, methods
from nlsolve.display.progress import rows_bar
from nlsolve.lanes import LARGEST_COMPILED
from nlsolve.many.family import Family, broadcast
from nlsolve.many.result import ManyResult, empty_result
from nlsolve.points import certify as certify_at
from nlsolve.processors import cores
from nlsolve.systems.checks import first_evaluation
from nlsolve.systems.workers import mapping

PARTS = 64  # at most, whoever the workers are

SYSTEM = ("jac", "jvp", "vjp", "rows", "kwargs", "vectorized", "check_jac")


def solve_many(
    F: Any,
    Y: Any = 0.0,
    W0: Any = None,
    *,
    each: tuple[Any, ...] = (),
    args: tuple[Any, ...] = (),
    method: Any = "auto",
    tol: float = 1e-10,
    max_iter: int | None = None,
    max_nfev: int | None = None,
    workers: Any = None,
    certify: Any = False,
    progress: bool = False,
    **keywords: Any,
) -> ManyResult:
    """Solve F(w) = y for N right-hand sides, starts or arguments; everything comes in arrays.

    Parameters
    ----------
    F : callable or System
        ``F(w, *args) -> (n,)``. Jitted by numba.njit, with `jac` jitted or differenced, small
        systems are solved in compiled code, by all threads.
    Y : float, (n,) or (N, n) array_like, optional
        Right-hand sides, one for all or one a row.
    W0 : float, (m,) or (N, m) array_like
        Starts, one for all or one a row.
    each : tuple of (N, ...) array_like, optional
        Arguments that differ from row to row: ``F(w, each[0][i], each[1][i], ..., *args)``.
    args : tuple, optional
        Further arguments, the same for all.
    method, tol, max_iter, max_nfev
        As for `solve`.
    workers : int, map-like callable or concurrent.futures.Executor, optional
        Who solves. An executor other than one of threads gets the rows in at most 64 parts, so
        does a map-like callable where rows are not compiled. For compiled rows a number is one of
        threads, -1 or None one a core, and a map-like callable must be one of threads. Python
        functions are solved in this process (None), or in that many processes. The result does
        not depend on it.
    certify : bool or mapping, optional
        Certify every root (`ManyResult.h`, `distance`, `certified`), in this process: milliseconds
        a row. A mapping gives keywords as for `solve`.
    progress : bool, optional
        Show a progress bar on standard error.
    **keywords
        ``jac``, ``kwargs``, ``check_jac`` and options of the method.

    Returns
    -------
    ManyResult
        Row i is what ``solve(F, Y[i], W0[i], ...)`` returns; derivatives are compared with
        differences in row 0 only.

    Raises
    ------
    TypeError, ValueError
        For bad arguments.
    KeyboardInterrupt, Exception
        Whatever breaks off the work; ``error.partial_result`` holds the rows done, the others have
        status INTERRUPTED. An EvaluationError in a row is kept in `ManyResult.errors` and breaks
        off nothing.

    Examples
    --------
    >>> import numpy as np, nlsolve
    >>> def F(x):
    ...     return [x[0] ** 2 + x[1] ** 2]
    >>> many = nlsolve.solve_many(F, [[1.0], [4.0], [-1.0]], [0.6, 0.8])
    >>> many.success
    array([ True,  True, False])
    >>> np.linalg.norm(many.W[:2], axis=1)
    array([1., 2.])
    """
    arguments.check_words(tol, max_iter, max_nfev, None, None, 0, None, None)
    arguments.asked_for(certify, None)
    own = {name: keywords.pop(name, None) for name in SYSTEM}
    words = arguments.own_words(keywords, (*_PARAMETERS, *SYSTEM))
    chosen = methods.chosen(method, words, max_iter)
    limits = {"tol": tol, "max_iter": max_iter, "max_nfev": max_nfev}
    family = Family(F, own, tuple(args), {"method": method, **limits, **words},
                    *broadcast(Y, W0, each))  # fmt: skip
    result = empty_result(*family.W0.shape)
    try:
        with rows_bar(progress, len(family)) as advance:
            _fill(family, chosen, limits, workers, result, advance)
        if certify is not False and certify is not None:
            _certify(family, {} if certify is True else dict(certify), result, progress)
    except (Exception, KeyboardInterrupt) as error:
        error.partial_result = result  # type: ignore[union-attr]
        raise
    return result


_PARAMETERS = ("F", "Y", "W0", "each", "args", "method", "tol", "max_iter", "max_nfev", "workers",
               "certify", "progress")  # fmt: skip


def _fill(
    family: Family, chosen: methods.Chosen, limits: dict[str, Any], workers: Any,
    result: ManyResult, advance: Callable[[int], Any],
) -> None:  # fmt: skip
    """Solve all rows: the first one here, which tells bad arguments; then compiled, then alone."""
    result.put(0, family.solved(0))
    advance(1)
    away = isinstance(workers, Executor) and not isinstance(workers, ThreadPoolExecutor)
    blocks = None if away else _compiled_blocks(family, chosen, limits, result)
    if blocks is None and workers is not None:
        _in_parts(family.unchecked(), _Part(chosen, limits), workers, result, advance)
        return
    if blocks is None:
        _alone(family.unchecked(), np.arange(1, len(family)), result, advance)
        return
    advance(blocks.begin())
    with _threads(workers) as mapper:
        for turn in blocks.turns():
            for done in mapper(blocks.solve, turn):
                advance(done)
    _alone(family.unchecked(), result.unfinished(), result, advance)


def _alone(family: Family, rows: Any, result: ManyResult, advance: Callable[[int], Any]) -> None:
    """Solve rows by solve(), one by one."""
    for i in map(int, rows):
        result.put(i, family.outcome(i))
        advance(1)


@dataclass(frozen=True)
class _Part:
    """What solves some rows elsewhere; can be sent to a worker."""

    chosen: methods.Chosen
    limits: dict[str, Any]

    def __call__(self, family: Family) -> ManyResult:
        """Return what became of a family, with errors that can travel."""
        result = empty_result(*family.W0.shape)
        blocks = _compiled_blocks(family, self.chosen, self.limits, result)
        if blocks is not None:
            blocks.begin()
            for turn in blocks.turns():
                for _ in map(blocks.solve, turn):
                    pass
        _alone(family, result.unfinished(), result, lambda rows: None)
        return result


def _in_parts(
    family: Family, solve_part: _Part, workers: Any, result: ManyResult,
    advance: Callable[[int], Any],
) -> None:  # fmt: skip
    """Solve all rows but the first by workers."""
    rows = np.arange(1, len(family))
    parts = np.array_split(rows, min(PARTS, len(rows))) if len(rows) else []
    with mapping(workers) as mapper:
        solved: Iterator[ManyResult] = (mapper or map)(
            solve_part, [family.part(part) for part in parts]
        )
        for part, found in zip(parts, solved, strict=True):
            result.take(part, found)
            advance(len(part))


def _certify(family: Family, words: dict[str, Any], result: ManyResult, progress: bool) -> None:
    """Certify every root: an exact solution is near."""
    family, roots = family.unchecked(), np.flatnonzero(result.success)
    with rows_bar(progress, len(roots)) as advance:
        for i in map(int, roots):
            at = family.system(i), family.y(i), result.W[i]
            result.put_certificate(i, certify_at(*at, method=None, **words))
            advance(1)


@contextmanager
def _threads(workers: Any) -> Iterator[Callable[..., Any]]:
    """Give a map-like function of threads; what has not begun is given up where it is broken off.

    Compiled rows write into arrays of this process.
    """
    count = cores() if workers in (None, -1) else workers
    if type(count) is not int or count < 1:  # not a number of threads: the user's own, or an error
        with mapping(count) as mapper:
            yield mapper
        return
    pool = ThreadPoolExecutor(count)
    try:
        yield pool.map
    finally:
        pool.shutdown(cancel_futures=True)


def _compiled_blocks(
    family: Family, chosen: methods.Chosen, limits: dict[str, Any], result: ManyResult
) -> Any:
    """Return the rows as blocks for compiled calls, None where they cannot be."""
    system, stage = family.system(0), chosen.stages[0]
    usable = system.compilable and system.given_rows is None and not stage.method.draws
    if not usable or chosen.awaits or 0 in result.errors or len(family) == 1:
        return None
    from nlsolve.many.blocks import bind_rows  # imports numba

    problem = first_evaluation(family.unchecked().system(0), family.y(0), family.W0[0], None)[0]
    if problem.n * problem.m > LARGEST_COMPILED:
        return None
    return bind_rows(problem, chosen.stages, limits, family, result)
