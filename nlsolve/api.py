"""How is a system solved? The whole program on one screen; everything else is below it."""

import inspect
import math
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from nlsolve import arguments, methods
from nlsolve.at_root import chosen_solution, nearer_solution
from nlsolve.checkpoint import Checkpoint
from nlsolve.continuation import take_over
from nlsolve.display.progress import progress_observer, verbose_observer
from nlsolve.explore.choice import Choice, choice_of
from nlsolve.loop import Budget, Run
from nlsolve.outcome import callback_observer, result_of
from nlsolve.result import SolveResult
from nlsolve.saved import SavedRun
from nlsolve.systems import as_system
from nlsolve.systems.scaled import opened
from nlsolve.systems.workers import mapping

if TYPE_CHECKING:
    from nlsolve.certificates.asked import Asked


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
    jac_sparsity: Any = None,
    args: tuple[Any, ...] | None = None,
    kwargs: Mapping[str, Any] | None = None,
    vectorized: bool | None = None,
    workers: Any = None,
    check_jac: Any = None,
    bounds: Any = None,
    x_scale: Any = 1.0,
    tol: float = 1e-10,
    max_iter: int | None = None,
    max_nfev: int | None = None,
    max_time: float | None = None,
    callback: Callable[..., Any] | None = None,
    progress: bool = False,
    verbose: int = 0,
    rng: Any = None,
    store_path: bool = False,
    checkpoint: Any = None,
    every: int = 10,
    lane: str | None = None,
    state: SavedRun | None = None,
    certify: Any = False,
    tol_distance: float | None = None,
    select: str | None = None,
    secondary: Callable[..., Any] | None = None,
    secondary_jac: Callable[..., Any] | None = None,
    **options: Any,
) -> SolveResult:
    """Solve F(w) = y, n equations for m >= n unknowns, starting from w0.

    Parameters
    ----------
    F : callable or System
        ``F(w, *args, **kwargs) -> (n,)``.
    y : float or (n,) array_like, optional
        Right-hand side.
    w0 : float, (m,) array_like or mapping
        Start; by the names of the unknowns where F has them, as formulas have. May be left out
        where `state` is given.
    method : str or options object, optional
        'auto' (stages of Gauss-Newton and Levenberg-Marquardt), 'gauss-newton',
        'levenberg-marquardt', 'dogleg', 'gd' (gradient descent), 'sgd', 'block-kaczmarz'; or, with
        its options, ``nlsolve.GaussNewton(damping=...)``. docs/how-to/methods.md compares them.
    jac, jvp, vjp, rows, jac_sparsity, args, kwargs, vectorized, workers, check_jac
        Derivatives and arguments of F, see `System`.
    bounds : pair of float, (m,) array_like or mapping, or scipy.optimize.Bounds, optional
        ``(low, high)``, may be infinite: F is never evaluated outside of low <= w <= high, and a
        root is looked for inside. For 'auto', 'gauss-newton' and 'levenberg-marquardt'.
    x_scale : float, (m,) array_like, mapping or 'jac', optional
        Sizes of the unknowns: steps are shortest, and differences taken, in v = w / x_scale, and so
        are `history`, `state` and certificates of convergence, which say so. 'jac' makes the
        columns of J(w0) of length one (up to a power of two). Where `state` is given, its own.
    tol : float, optional
        A root is a point with |r| <= tol (1 + |y|), r = F(w) - y.
    max_iter, max_nfev : int, optional
        Limits of iterations (sgd, block-kaczmarz: epochs) and of evaluations of F, which is looked
        at after each iteration.
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
        For batches and the kick of 'auto'; None is seed 0: the same call gives the same
        answer.
    store_path : bool, optional
        Keep every iterate in ``result.path``.
    checkpoint : str or path-like, optional
        A file the run is kept in, every so many iterations (`every`) and when it ends or is broken
        off, for `nlsolve.resume` to go on from. An existing file is replaced, at once or not at
        all.
    every : int, optional
        Iterations between two writings of the checkpoint.
    lane : {'compiled', 'interpreted'}, optional
        Where to run jitted functions; chosen by size when None.
    state : optional
        ``result.state`` of an earlier solve with the same F, y and method: go on from there, as if
        the run had not been stopped; w0 is not used. Limits and counts are those of this call.
    certify : bool or mapping, optional
        Compute the certificates at once instead of when they are first read. A mapping gives
        keywords of `nlsolve.certify` for every certificate of this run: ``lipschitz``,
        ``hessian_bound``, ``precondition``, ``bounds``, ``evidence``.
    tol_distance : float, optional
        Once |r| is below the tolerance, go on until an exact solution is certified to lie within
        this distance of w; ``tol`` may be generous then. The message says what was reached. With
        ``certify={'evidence': 'proved'}`` nothing less than a proof counts.
    select : {'nearest', 'min-norm'}, optional
        Once at a root, go on along the solutions to the one nearest to w0, or of least norm. Both
        are meant locally; the message says whether it was reached.
    secondary : callable, optional
        ``secondary(w) -> float``, smooth: once at a root, go on along the solutions to a local
        minimum of it.
    secondary_jac : callable, optional
        Its gradient, ``secondary_jac(w) -> (m,)``; central differences without one.
    **options
        Fields of the method's options, for instance ``damping='backtracking'``. 'gd' and 'sgd'
        also take ``step='certified'``, the step with the best promise at w0, and
        ``step='kernel'``, one that fits the tangent kernel there (docs/how-to/methods.md).

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
    arguments.check_words(tol, max_iter, max_nfev, max_time, callback, verbose, rng, tol_distance)
    choice = choice_of(select, secondary, secondary_jac)
    chosen = methods.chosen(method, arguments.own_words(options, _PARAMETERS), max_iter)
    system = as_system(
        F,
        {
            "jac": jac, "jvp": jvp, "vjp": vjp, "rows": rows, "jac_sparsity": jac_sparsity,
            "args": args, "kwargs": kwargs, "vectorized": vectorized, "workers": workers,
            "check_jac": check_jac,
        },
    )  # fmt: skip
    if state is not None and system.in_blocks:
        state = state.with_vectors(system.vector)
    start = arguments.start(w0, state, chosen.name, system)
    scale = arguments.scale(x_scale, state, start.size, system, lane)
    box = arguments.bounds(bounds, start, system, chosen.name, lane, choice)
    asked = arguments.asked_for(certify, box)
    watching = _observers(verbose, callback)
    limits = Budget(tol, max_iter, max_nfev, max_time)
    said = {"store_path": store_path, "lane": lane, "tol_distance": tol_distance, "select": select}
    keeper = None if checkpoint is None else Checkpoint(checkpoint, every, limits, box, said)
    with mapping(system.workers) as mapper, progress_observer(progress) as bar:
        clock = time.perf_counter()
        problem, start, r, J = opened(system, y, start, mapper, scale, box)
        tol *= 1.0 + math.sqrt(np.dot(problem.y, problem.y))
        if chosen.awaits:
            step = _step_at(problem, (start, r, J), chosen, asked)
            chosen = chosen.with_step(step, max_iter)
        run = Run(
            problem, (start, r, J), limits._replace(tol=tol), observers=watching + bar,
            every=callback is not None or verbose >= 2, store_path=store_path, rng=rng, lane=lane,
            seconds=time.perf_counter() - clock, checkpoint=keeper and keeper.of(chosen),
        )  # fmt: skip
        result = _guarded(run, chosen, state, asked, tol_distance, choice)
    if certify:
        result.certificate, result.start_certificate  # noqa: B018  (computed when first read)
    if verbose >= 1:
        print(result)
    return result


def _guarded(
    run: Run, chosen: methods.Chosen, state: SavedRun | None, asked: "Asked | None",
    tol_distance: float | None, choice: Choice | None,
) -> SolveResult:  # fmt: skip
    """Run and return the result; whatever breaks the run off carries the partial result."""
    try:
        first = 0 if state is None else take_over(run, chosen.stages, state)
        run.through(chosen.stages, first)
        result = result_of(run, chosen, asked)
        if choice is not None and result.success:
            return chosen_solution(run, chosen, asked, choice, tol_distance)
        if tol_distance is None:
            return result
        return nearer_solution(run, chosen, asked, result, tol_distance)
    except (Exception, KeyboardInterrupt) as error:
        error.partial_result = result_of(  # type: ignore[union-attr]
            run, chosen, asked, broken=True
        )
        raise


def _step_at(problem: Any, at: Any, chosen: methods.Chosen, asked: "Asked | None") -> float:
    """Return the step of gd or sgd that is certified at w0, or that the kernel there suggests.

    Raises
    ------
    ValueError
        If there is none; the error's `certificate`, where one was asked for, says why.
    """
    if chosen.awaits == "kernel":
        from nlsolve.kernel_step import kernel_step

        return kernel_step(at[2], chosen.name, chosen.words.get("batch", 1))
    from nlsolve.certificates.asked import Asked, certify_at  # not loaded by every solve

    certificate = certify_at(problem, at, chosen.name, chosen.words, asked or Asked())
    if not certificate.holds:
        error = ValueError(
            f"step='certified': no step is certified at w0, because {certificate.reason}; start "
            f"nearer, or leave step out"
        )
        error.certificate = certificate  # type: ignore[attr-defined]
        raise error
    return certificate.step  # type: ignore[return-value]  # known where the certificate holds


def _observers(verbose: int, callback: Any) -> list[Callable[[Run], None]]:
    """Return what watches the run between chunks."""
    observers: list[Callable[[Run], None]] = []
    if verbose >= 2:
        observers.append(verbose_observer())
    if callback is not None:
        observers.append(callback_observer(callback))
    return observers


_PARAMETERS = tuple(inspect.signature(solve).parameters)
