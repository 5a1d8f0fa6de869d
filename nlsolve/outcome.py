"""Which status does a finished run have, and which number shows it?

The loop stops for reasons of its own (iterate.py, loop.py). Here the reason becomes a Status: a
stall is looked at once more, since only at a stationary point is it "stationary" (n <= m) or a
"least-squares minimum" (n > m).
"""

import inspect
import math
from collections.abc import Callable
from typing import Any

import numpy as np
from scipy.optimize import OptimizeResult

from nlsolve import iterate, loop
from nlsolve.continuation import saved_run
from nlsolve.loop import Run
from nlsolve.methods import Chosen
from nlsolve.result import FloatArray, History, Made, SolveResult, Status
from nlsolve.systems.jacobians import times_columns
from nlsolve.systems.scaled import plain_problem

_STATUS = {
    iterate.NON_FINITE: Status.NON_FINITE,
    iterate.ROOT: Status.ROOT,
    iterate.FLOOR: Status.ROOT_TO_ROUNDING,
    iterate.DIVERGED: Status.DIVERGED,
    iterate.MAX_NFEV: Status.MAX_NFEV,
    loop.MAX_ITER: Status.MAX_ITER,
    loop.MAX_TIME: Status.MAX_TIME,
    loop.CALLBACK: Status.CALLBACK,
}


def result_of(run: Run, chosen: Chosen, asked: Any, *, broken: bool = False) -> SolveResult:
    """Return the result of a run that has ended; of a broken one, without evaluating anything.

    `asked` is what its certificates are to be asked.
    """
    J = run.linearization()
    scale = run.problem.system.scale
    grad = np.full_like(run.w, np.nan) if broken and not J.formed else J.vjp(run.r) / scale
    if not broken and run.problem.counts[1] > 0:
        J.jacobian  # noqa: B018  (formed at earlier points, so wanted at the last one too)
    status, w = _status(run, broken), run.point
    lost = broken and run.problem.system.in_blocks  # they may be gone
    fields = {
        "w": w,
        "x": w,
        "fun": run.r.copy(),
        "jac": _seen(J.jacobian, scale) if J.formed else None,
        "cost": 0.5 * run.residual_norm * run.residual_norm,
        "grad": grad,
        "optimality": math.nan if lost else float(np.linalg.norm(_descent(run, grad), np.inf)),
        "active_mask": _active(run),
        "residual_norm": run.residual_norm,
        "success": status.success,
        "status": status,
        "message": f"{status.value} ({_number(run, status, grad)})",
        "method": chosen.name,
        "lane": "compiled" if run.binding.compiled else "interpreted",
        "stages": list(run.names),
        "nfev": int(run.problem.counts[0]),
        "njev": int(run.problem.counts[1]),
        "nit": run.nit,
        "history": History(list(run.rows)),
        "path": None if run.path is None else scale * np.array(run.path),
        "state": None if run.state is None else saved_run(run, chosen.name),
    }
    result = SolveResult(fields)  # type: ignore[call-arg]  # a dict, whatever the stubs say
    result.__dict__["_made"] = Made(  # kept, but no entry of the result
        plain_problem(run.problem), scale * run.began, chosen.name, chosen.words, asked, run.begun,
        run.stage, run.steered, scale, run.budget.tol,
    )  # fmt: skip
    return result


def _active(run: Run) -> Any:
    """Return which unknowns are at a bound, as scipy spells it."""
    box = run.problem.box
    return np.zeros_like(run.w, dtype=np.int64) if box is None else box.active(run.w)


def _descent(run: Run, grad: FloatArray) -> FloatArray:
    """Return the gradient without what the bounds forbid."""
    box = run.problem.box
    return grad if box is None else box.projected(run.w, grad)


def _seen(J: Any, scale: Any) -> Any:
    """Return J by w, where it is known by w / scale."""
    return times_columns(J, 1.0 / scale) if np.ndim(scale) else J


def _status(run: Run, broken: bool) -> Status:
    if broken and run.code in (iterate.RUNNING, iterate.RAISED, iterate.STALLED):
        return Status.INTERRUPTED
    if run.code != iterate.STALLED and not _given_up(run, broken):
        return _STATUS[run.code]
    if run.stationarity() > iterate.STATIONARY:
        return Status.STALLED
    overdetermined = run.problem.n > run.problem.m
    return Status.LEAST_SQUARES if overdetermined else Status.STATIONARY


def _given_up(run: Run, broken: bool) -> bool:
    """Return whether the method's own budget, not the user's, ended the run at such a point."""
    own = run.code == loop.MAX_ITER and run.budget.max_iter is None and not broken
    return own and run.stationarity() <= iterate.STATIONARY


def _number(run: Run, status: Status, grad: FloatArray) -> str:
    """Return the number that caused the stop, in words."""
    norm, problem = run.residual_norm, run.problem
    if status is Status.ROOT:
        return f"|r| = {norm:.3g} <= {run.budget.tol:.3g}"
    if status is Status.ROOT_TO_ROUNDING:
        return (
            f"|r| = {norm:.3g} > {run.budget.tol:.3g}, but every row is within "
            "8 u (|J| |w| + |y|) and steps no longer reduce it"
        )
    numbers = {
        Status.MAX_ITER: f"{run.nit} iterations",
        Status.MAX_NFEV: f"{problem.counts[0]} evaluations",
        Status.MAX_TIME: f"{run.elapsed:.3g} s",
        Status.DIVERGED: f"|w| reached {run.farthest:.3g}",
        Status.NON_FINITE: f"at iteration {run.nit}",
        Status.CALLBACK: f"after iteration {run.nit}",
        Status.INTERRUPTED: f"after iteration {run.nit}",
    }
    if status in numbers:
        return f"{numbers[status]}; |r| = {norm:.3g}"
    at = np.zeros(0) if problem.box is None else np.flatnonzero(_active(run))
    listed = ", ".join(f"w[{j}]" for j in at[:6]) + ", ..." * (at.size > 6)
    bounds = f"; at their bounds: {listed}" if at.size else ""
    grad = _descent(run, grad)
    return (
        f"|r| = {norm:.3g}, |J^T r| = {np.linalg.norm(grad):.3g}, a move of w by its own size "
        f"removes {run.stationarity():.2g} of |r|^2 to first order{bounds}"
    )


def intermediate(run: Run) -> OptimizeResult:
    """Return what a callback sees after an iteration."""
    fields = {
        "x": run.point,
        "w": run.point,
        "fun": run.r.copy(),
        "cost": 0.5 * run.residual_norm * run.residual_norm,
        "residual_norm": run.residual_norm,
        "nit": run.nit,
        "nfev": int(run.problem.counts[0]),
        "njev": int(run.problem.counts[1]),
        "method": run.names[-1],
    }
    return OptimizeResult(fields)  # type: ignore[call-arg]


def callback_observer(callback: Callable[..., Any]) -> Callable[[Run], None]:
    """Return an observer that calls the user as scipy does.

    A parameter named `intermediate_result` receives an OptimizeResult; any other function the
    point.
    """
    named = "intermediate_result" in inspect.signature(callback).parameters

    def observe(run: Run) -> None:
        if named:
            callback(intermediate_result=intermediate(run))
        else:
            callback(run.point)

    return observe
