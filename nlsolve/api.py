"""The verbs: what a user calls. The whole program on one screen; everything else is below it."""

import inspect
import math
import numbers
import time
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from nlsolve import methods
from nlsolve.display.progress import progress_observer, verbose_observer
from nlsolve.loop import Budget, Run
from nlsolve.methods.auto import Stage
from nlsolve.outcome import callback_observer, result_of
from nlsolve.result import SolveResult
from nlsolve.saved import SavedRun
from nlsolve.systems import as_system
from nlsolve.systems.checks import first_evaluation, real_vector
from nlsolve.systems.workers import mapping


def solve(
    F: Any,
    y: Any = 0.0,
    w0: Any = None,
    *,
    method: Any = "auto",
    jac: Any = None,
    jvp: Callable[..., Any] | None = None,
    vjp: Callable[..., Any] | None = None,
    rows: Callable[..., Any] | None = None,
    args: tuple[Any, ...] | None = None,
    kwargs: Mapping[str, Any] | None = None,
    vectorized: bool | None = None,
    workers: Any = None,
    check_jac: Any = None,
    tol: float = 1e-10,
    max_iter: int | None = None,
    max_nfev: int | None = None,
    max_time: float | None = None,
    callback: Callable[..., Any] | None = None,
    progress: bool = False,
    verbose: int = 0,
    rng: Any = None,
    store_path: bool = False,
    lane: str | None = None,
    state: SavedRun | None = None,
    **options: Any,
) -> SolveResult:
    """Solve F(w) = y, n equations for m >= n unknowns, starting from w0.

    Parameters
    ----------
    F : callable or System
        ``F(w, *args, **kwargs) -> (n,)``.
    y : float or (n,) array_like, optional
        Right-hand side.
    w0 : float or (m,) array_like
        Start. May be left out where `state` is given.
    method : str or options object, optional
        'auto' (stages of Gauss-Newton and Levenberg-Marquardt), 'gauss-newton',
        'levenberg-marquardt', 'gd', 'sgd'; or, with its options,
        ``nlsolve.GaussNewton(damping=...)``.
    jac, jvp, vjp, rows, args, kwargs, vectorized, workers, check_jac
        Derivatives and arguments of F, see `System`.
    tol : float, optional
        A root is a point with |r| <= tol (1 + |y|), r = F(w) - y.
    max_iter, max_nfev : int, optional
        Limits of iterations (sgd: epochs) and of evaluations of F, which is looked at after each
        iteration.
    max_time : float, optional
        Limit in seconds.
    callback : callable, optional
        ``callback(intermediate_result)`` after each iteration, or ``callback(w)`` if its parameter
        has another name; may raise StopIteration.
    progress : bool, optional
        Show a progress bar on standard error.
    verbose : {0, 1, 2}, optional
        1 prints the result, 2 also a line an iteration.
    rng : int or numpy.random.Generator, optional
        For mini-batches and the kick of 'auto'; None is seed 0: the same call gives the same
        answer.
    store_path : bool, optional
        Keep every iterate in ``result.path``.
    lane : {'compiled', 'interpreted'}, optional
        Where to run jitted functions; chosen by size when None.
    state : optional
        ``result.state`` of an earlier solve with the same F, y and method: go on from there, as if
        the run had not been stopped; w0 is not used. Limits and counts are those of this call.
    **options
        Fields of the method's options, for instance ``damping='backtracking'``.

    Returns
    -------
    SolveResult
        With ``success`` if and only if the residual is small.

    Raises
    ------
    TypeError, ValueError
        For bad arguments, naming the argument, what was expected and what came.
    EvaluationError
        If F or a derivative raises, with the user's error as cause, or returns what it must not.
        ``error.partial_result`` holds what had been computed.

    References
    ----------
    A. Ben-Israel, "A Newton-Raphson method for the solution of systems of equations", 1966.
    C. Liu, L. Zhu, M. Belkin, arXiv 2003.00307, 2020.

    Examples
    --------
    >>> import numpy as np, nlsolve
    >>> def F(x):
    ...     return np.array([x @ x - 1.0, x[0] - x[1]])
    >>> result = nlsolve.solve(F, 0.0, [0.5, -1.0, 2.0])
    >>> result.success
    True
    >>> np.allclose(F(result.w), 0.0, atol=1e-10)
    True
    """
    name, stages = methods.stages_for(method, _own_words(options), max_iter)
    _check_words(tol, max_iter, max_nfev, max_time, callback, verbose, rng)
    system = as_system(
        F,
        {
            "jac": jac, "jvp": jvp, "vjp": vjp, "rows": rows, "args": args, "kwargs": kwargs,
            "vectorized": vectorized, "workers": workers, "check_jac": check_jac,
        },
    )  # fmt: skip
    start = _start(w0, state, name)
    watching = _observers(verbose, callback)
    with mapping(system.workers) as mapper, progress_observer(progress) as bar:
        clock = time.perf_counter()
        problem, r, J = first_evaluation(system, y, start, mapper)
        tol *= 1.0 + math.sqrt(np.dot(problem.y, problem.y))
        run = Run(
            problem, (start, r, J), Budget(tol, max_iter, max_nfev, max_time),
            observers=watching + bar, every=callback is not None or verbose >= 2,
            store_path=store_path, rng=rng, lane=lane, seconds=time.perf_counter() - clock,
        )  # fmt: skip
        result = _guarded(run, stages, state, name)
    if verbose >= 1:
        print(result)
    return result


def _guarded(run: Run, stages: list[Stage], state: SavedRun | None, name: str) -> SolveResult:
    """Run and return the result; whatever breaks the run off carries the partial result."""
    try:
        run.through(stages, state)
        return result_of(run, name)
    except (Exception, KeyboardInterrupt) as error:
        error.partial_result = result_of(run, name, broken=True)  # type: ignore[union-attr]
        raise


def _observers(verbose: int, callback: Any) -> list[Callable[[Run], None]]:
    """Return what watches the run between chunks."""
    observers: list[Callable[[Run], None]] = []
    if verbose >= 2:
        observers.append(verbose_observer())
    if callback is not None:
        observers.append(callback_observer(callback))
    return observers


def _own_words(options: dict[str, Any]) -> dict[str, Any]:
    """Refuse option keywords that look like misspelt keywords of solve itself."""
    if not options:
        return options
    known = set(_PARAMETERS) - {"options"}
    fields = {field for entry in methods.REGISTRY.values() for field in entry.options._fields}
    for word in options:
        hint = methods.suggestion(word, known | fields)
        if word not in fields and hint:
            raise TypeError(f"solve() got an unknown keyword {word!r}{hint}")
    return options


def _check_words(
    tol: Any, max_iter: Any, max_nfev: Any, max_time: Any, callback: Any, verbose: Any, rng: Any
) -> None:
    """Check the keywords that do not belong to F or to a method."""
    for name, value in (("tol", tol), ("max_time", max_time)):
        if not (_is_number(value, numbers.Real) and value >= 0) and not (
            value is None and name == "max_time"
        ):
            raise ValueError(f"{name} must be a number >= 0, got {value!r}")
    for name, value in (("max_iter", max_iter), ("max_nfev", max_nfev)):
        if value is not None and not (_is_number(value, numbers.Integral) and value >= 1):
            raise ValueError(f"{name} must be a positive integer, got {value!r}")
    if callback is not None and not callable(callback):
        raise TypeError(f"callback must be callable, got {type(callback).__name__}")
    if verbose not in (0, 1, 2):
        raise ValueError(f"verbose must be 0, 1 or 2, got {verbose!r}")
    known = isinstance(rng, (np.random.Generator, np.random.SeedSequence, np.random.BitGenerator))
    if not (rng is None or known or (_is_number(rng, numbers.Integral) and rng >= 0)):
        raise TypeError(f"rng must be a seed >= 0 or a numpy.random.Generator, got {rng!r}")


def _is_number(value: Any, kind: Any) -> bool:
    if type(value) is float:  # told at once; abstract base classes are slow
        return kind is numbers.Real
    return isinstance(value, kind) and not isinstance(value, (bool, np.bool_))


def _start(w0: Any, state: SavedRun | None, method: str) -> Any:
    """Return the starting vector: w0, or where the kept state stands."""
    if state is None:
        if w0 is None:
            raise TypeError("w0 is missing: give a start, a number or a vector of m numbers")
        return real_vector(w0, "w0")
    if not isinstance(state, SavedRun):
        raise TypeError(
            f"state must be result.state of an earlier solve, got {type(state).__name__}"
        )
    if state.method != method:
        raise ValueError(f"state belongs to method={state.method!r}, not to {method!r}")
    if w0 is not None and np.size(w0) != state.origin.size:
        raise ValueError(
            f"state has {state.origin.size} unknowns, but w0 has {np.size(w0)}; leave w0 out"
        )
    return state.point.copy()


_PARAMETERS = tuple(inspect.signature(solve).parameters)
