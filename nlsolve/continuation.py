"""How is a run kept, and how does another one go on from there?

With a `SavedRun` alone, limits and counts are those of the new run. With its `Log` the new run is
the old one: its whole history, its counts, its time.
"""

import copy
import time

import numpy as np

from nlsolve import iterate, loop
from nlsolve.lanes import norm
from nlsolve.loop import Run
from nlsolve.methods.auto import Stage
from nlsolve.saved import Log, SavedRun, without_jacobian
from nlsolve.systems.vectors import is_finite

LIMITED = (loop.MAX_ITER, loop.CALLBACK)  # of such a run nothing else says that it is over


def saved_run(run: Run, method: str) -> SavedRun:
    """Return what is needed to go on; `take_over` copies what it changes."""
    generator = copy.deepcopy(run.generator) if "generator" in run.__dict__ else None
    return SavedRun(
        method, run.position, run.used, run.ended,
        without_jacobian(run.state), run.origin, run.best, run.memory,
        run.rows[-1][-1:] if run.kept_row is None else run.kept_row,
        run.ends, generator, run.problem.system.scale,
    )  # fmt: skip


def log_of(run: Run, *, over: bool) -> Log:
    """Return what has been recorded of a run; `over` unless it is under way or was broken off."""
    J = run.state.J
    return Log(
        np.concatenate(run.rows), list(run.names), run.begun, run.nit, run.counted.copy(),
        None if run.path is None else np.array(run.path), run.began, run.problem.kind,
        run.elapsed, J is not None and J.formed, over,
    )  # fmt: skip


def take_over(run: Run, stages: list[Stage], saved: SavedRun) -> int:
    """Make a new run go on from a kept one; return the number of the stage to go on with.

    J is found anew. A stage that had ended by itself is not entered again, unless it is the
    only one, which then begins anew at the point reached.

    Raises
    ------
    ValueError
        If what was kept is of another system.
    """
    _check_fits(run, saved)
    run.origin, run.best = saved.origin, saved.best.copy()
    run.memory, run.rows = saved.memory.copy(), [saved.row.copy()]
    run.rows[0][0, iterate.RESIDUAL], run.ends = norm(run.r), dict(saved.ends)
    run.rng = run.rng if saved.generator is None else copy.deepcopy(saved.generator)
    run.position, run.used = saved.stage, saved.used
    if saved.log is not None:
        return _restore(run, stages, saved, saved.log)
    if len(stages) == 1:
        run.used = 0
    return _enter(run, stages, saved)


def _enter(run: Run, stages: list[Stage], saved: SavedRun) -> int:
    stage = stages[saved.stage]
    if saved.code not in loop.BROKEN:
        run.enter(stage, saved.state._replace(J=None if stage.method.draws else run.J))
    elif len(stages) == 1:
        run.begin(stage)
    else:
        run.stage = stage
        return saved.stage + 1
    return saved.stage


def _check_fits(run: Run, saved: SavedRun) -> None:
    if saved.state.r.size != run.problem.n:
        raise ValueError(f"state has {saved.state.r.size} equations, but F has {run.problem.n}")
    seen = (saved.origin, saved.best, *(end for end, _ in saved.ends.values()))
    if not all(np.array_equal(run.problem.within(w), w, equal_nan=True) for w in seen):
        raise ValueError("state is of a run that left the bounds: begin anew with w0=state.w")


def _restore(run: Run, stages: list[Stage], saved: SavedRun, log: Log) -> int:
    """Make a new run the old one; return the number of stages if that one was over."""
    _check_same(run, saved, log)
    state, stage = saved.state, stages[saved.stage]
    run.problem.kind = log.kind
    if is_finite(state.w):
        run.J = run.problem.linearize(state.w, state.r)
    J = run.J
    if log.formed and J is not None:
        J.jacobian  # noqa: B018  (as it was; not to be counted twice)
    run.problem.counts[:] = log.counts
    run.w, run.r, run.began = state.w, state.r, log.began
    run.rows, run.nit = [log.table.copy()], log.nit
    run.path = None if log.path is None else list(log.path)
    run.started = time.perf_counter() - log.seconds
    run.enter(stage, state._replace(J=None if stage.method.draws else J))
    run.names, run.begun = list(log.names), log.begun
    over = log.over and _stays_over(run, saved.code)
    if not over and saved.code not in loop.BROKEN:
        return saved.stage
    run.code = run.ended = saved.code
    return len(stages) if over else saved.stage + 1


def _check_same(run: Run, saved: SavedRun, log: Log) -> None:
    """Compare F(w) - y with what was kept, where the run began and where it stood."""
    y, tolerance = run.problem.y, np.sqrt(run.problem.precision)
    pairs = [(norm(run.problem.residual(log.began)), log.table[0, iterate.RESIDUAL])]
    if np.array_equal(saved.point, saved.state.w):
        pairs.append((norm(run.r - saved.state.r), 0.0))
    size = norm(saved.state.r) + norm(y)
    for found, kept in pairs:
        if not abs(found - kept) <= run.budget.tol + tolerance * (size + kept):
            raise ValueError(
                "F is not the function of the checkpoint: F(w) - y differs from what was kept by "
                f"{abs(found - kept):.3g}; give the same F, args and kwargs, or begin anew"
            )


def _stays_over(run: Run, code: int) -> bool:
    """Return whether a run that was over still is, under the limits it has now."""
    if code == iterate.MAX_NFEV:
        return bool(run.counted[0] >= run.limits.max_nfev)
    if code == loop.MAX_TIME:
        return run.budget.max_time is not None and run.elapsed >= run.budget.max_time
    return code not in (iterate.ROOT, *LIMITED)
