"""How is a run driven from its first point to its outcome?

The turns themselves are iterate.py; here they are run in chunks, between which Python hears Ctrl-C,
callbacks, the clock and the iteration limit. In the interpreted lane a chunk is one iteration; in
the compiled lane it is as many as take about a tenth of a second. A run is a list of stages (a
method alone is one stage); history, path length and the best point go on from stage to stage.
"""

import math
import time
from collections.abc import Callable, Iterable
from functools import cached_property
from typing import Any, NamedTuple, Protocol

import numpy as np

from nlsolve import iterate
from nlsolve.draws import NO_DRAWS, drawn
from nlsolve.iterate import BEST, COLUMNS, SIGMA_MIN, Limits
from nlsolve.journey import Journey
from nlsolve.lanes import choose_lane, norm
from nlsolve.methods.auto import Stage
from nlsolve.systems.base import FloatArray
from nlsolve.systems.errors import ClusterError, EvaluationError
from nlsolve.systems.linearization import Linearization
from nlsolve.systems.problem import Problem

MAX_ITER, MAX_TIME, CALLBACK = range(8, 11)
ROOTS = (iterate.ROOT, iterate.FLOOR)
BROKEN = (iterate.NON_FINITE, iterate.DIVERGED, iterate.STALLED)  # a stage that cannot go on
FINAL = (*ROOTS, iterate.MAX_NFEV, MAX_TIME, CALLBACK)  # no further stage is tried

SLICE = 0.1  # seconds between two looks at the clock
FIRST_CHUNK = 16
UNLIMITED = 2**62


class Budget(NamedTuple):
    """What the user allows."""

    tol: float
    max_iter: int | None = None
    max_nfev: int | None = None
    max_time: float | None = None


class Checkpoint(Protocol):
    """Who keeps a run that is under way: between chunks, which end at multiples of `every`."""

    every: int

    def look(self, run: "Run") -> None:
        """Keep the run, if it is time."""

    def write(self, run: "Run", *, over: bool) -> None:
        """Keep the run; `over` unless it was broken off."""


class Run(Journey):
    """One call of solve: stages, their common history, and the point reached.

    Attributes
    ----------
    state, stage : the last state (J a Linearization) and the stage it belongs to
    code : why the last stage stopped
    nit : iterations done
    counted : evaluations up to `state`; fewer than the problem's where a turn was broken off
    """

    def __init__(
        self,
        problem: Problem,
        start: tuple[FloatArray, FloatArray, Linearization],
        budget: Budget,
        *,
        observers: Iterable[Callable[["Run"], None]] = (),
        every: bool = False,
        store_path: bool = False,
        rng: Any = None,
        lane: str | None = None,
        seconds: float = 0.0,
        checkpoint: Checkpoint | None = None,
    ) -> None:
        self.checkpoint = checkpoint
        super().__init__(problem, start, store_path=store_path)
        self.budget, self.observers = budget, tuple(observers)
        self.begun = 0
        self.binding = choose_lane(problem, lane)
        self.every = every or store_path or not self.binding.compiled
        self.rng, self.nit, self.code = rng, 0, iterate.RUNNING
        self.names: list[str] = []
        self.ends: dict[Any, tuple[FloatArray, int]] = {}
        self.position, self.used = 0, 0
        self.started = time.perf_counter()
        self.stage: Stage | None = None
        self.state: Any = None
        self.ended = iterate.RUNNING
        self.counted = problem.counts
        self.chunk = FIRST_CHUNK
        self._pace(seconds * (problem.m if problem.system.differenced else 1), 1)

    @property
    def elapsed(self) -> float:
        """Seconds since the run began."""
        return time.perf_counter() - self.started

    @cached_property
    def generator(self) -> np.random.Generator:
        """The source of batches and kicks; seed 0 where the user gave none."""
        return np.random.default_rng(0 if self.rng is None else self.rng)

    def through(self, stages: list[Stage], first: int = 0) -> None:
        """Run the stages until one ends at a root, from the first or where a kept run stood.

        A limit of the user ends the run too. Where no stage found a root, the run ends at the best
        point seen.
        """
        over = False
        try:
            self._run_stages(stages, first)
            over = True
        except ClusterError:  # what the blocks hold cannot be had: the file stays as it is
            self.checkpoint = None
            raise
        finally:
            if self.checkpoint is not None:
                self.checkpoint.write(self, over=over)
        self.checkpoint = None  # what follows can be done again from here
        self.return_to_best()

    def _run_stages(self, stages: list[Stage], first: int) -> None:
        for position in range(first, len(stages)):
            stage = stages[position]
            if position != self.position or self.stage is None:
                if not self._worth(stage):
                    continue
                self.begin(stage)
                self.position, self.used = position, 0
            self.drive(stage.budget - self.used)
            if self.code in FINAL or self._iterations_left(1) == 0 or self._least_squares():
                break

    def _worth(self, stage: Stage) -> bool:
        """Return whether a stage that goes on has something to go on from."""
        return stage.begin != "again" or self.ends[stage.method.name, stage.options][1] == MAX_ITER

    def _least_squares(self) -> bool:
        """Return whether the run stands at a least-squares minimum with n > m."""
        return (
            self.code == iterate.STALLED
            and self.problem.n > self.problem.m
            and self.stationarity() <= iterate.STATIONARY
        )

    def begin(self, stage: Stage) -> None:
        """Enter a stage at the point it says."""
        if self.stage is not None:
            self.move(self._beginning(stage))
        self.memory[iterate.STALLS] = 0
        self.enter(stage, self.binding.first_state(stage, self.w, self.r, self.linearization()))

    def enter(self, stage: Stage, state: Any) -> None:
        self.stage, self.state, self.ended = stage, state, iterate.RUNNING
        self.names.append(stage.method.name)
        self.begun = sum(map(len, self.rows)) - 1 if len(self.rows) > 1 else 0
        self.limits = Limits(
            float(self.budget.tol), int(self.budget.max_nfev or UNLIMITED),
            self.origin, norm(self.origin), not stage.method.draws,
        )  # fmt: skip
        at_root = self.residual_norm <= self.budget.tol
        self.code = iterate.ROOT if at_root else iterate.RUNNING

    def _beginning(self, stage: Stage) -> FloatArray:
        if stage.begin == "w0":
            return self.origin.copy()
        if stage.begin == "again":
            return self.ends[stage.method.name, stage.options][0].copy()
        return self.problem.within(kicked(self.best, self.generator))

    def settle(self, w: FloatArray) -> None:
        """End at another root, chosen among the solutions."""
        if not np.array_equal(w, self.w):
            self.steered, self.kept_row = sum(map(len, self.rows)), self.rows[-1][-1:].copy()
            self.move(w)
        if self.residual_norm <= self.budget.tol:
            self.code = iterate.ROOT

    def _iterations_left(self, budget: int) -> int:
        limit = self.budget.max_iter
        return budget if limit is None else min(budget, limit - self.nit)

    def drive(self, budget: int) -> None:
        """Run the present stage for at most `budget` iterations."""
        left = self._iterations_left(budget)
        while self.code == iterate.RUNNING and left > 0:
            left -= self._run_chunk(left)
            self._listen()
        if self.code == iterate.RUNNING:
            self.code = MAX_ITER
        self.ended = self.code
        assert self.stage is not None
        self.ends[self.stage.method.name, self.stage.options] = (self.w, self.code)

    def go_on(self, count: int) -> bool:
        """Take `count` more steps from a root; return whether that made sense.

        It does not where |r| is at its rounding floor or no longer changes, or where a limit of the
        user is reached. |r| may rise for a while, as that of Gauss-Newton does near singular J.
        """
        going = self.stage is not None and self.code in (iterate.ROOT, MAX_ITER)
        if not going or self._iterations_left(1) < 1:
            return False
        self.limits, self.code = self.limits._replace(tol=-1.0), iterate.RUNNING
        self.drive(count)
        went = self.code == MAX_ITER
        if self.residual_norm <= self.budget.tol:
            self.code = iterate.ROOT
        return went

    def _run_chunk(self, left: int) -> int:
        """Run one chunk and take over what it computed; return its iterations."""
        assert self.stage is not None
        size = 1 if self.every else min(left, self.chunk, self._until_kept())
        history = np.empty((size + 1, COLUMNS))
        history[0] = self.rows[-1][-1]
        clock = time.perf_counter()
        state, code, k = self._turns(size, history)
        self._pace(time.perf_counter() - clock, size)
        self.state, self.code = state, code
        self.w, self.r, self.J = self.state.w, self.state.r, self.state.J
        self.rows[-1][-1, SIGMA_MIN:] = history[0, SIGMA_MIN:]
        if k > 0:
            self.rows.append(history[1 : k + 1])
        self.nit, self.used = self.nit + k, self.used + k
        if self.path is not None and k > 0:
            self.path.append(self.w)
        if code == iterate.RAISED:
            self._raise_again()
        return int(k)

    def _turns(self, size: int, history: FloatArray) -> Any:
        """Take the turns of a chunk; one that is broken off leaves nothing behind but evaluations.

        Of a shorter one it is as if no more had been drawn than was used.
        """
        assert self.stage is not None
        counts, memory = self.problem.counts.copy(), self.memory.copy()
        before = self.generator.bit_generator.state if self.stage.method.draws else None
        try:
            draws = self._draws(size)
            state, code, k = self.binding.run(
                self.problem, self.stage, self.state, self.limits,
                self.memory, self.best, history, draws,
            )  # fmt: skip
        except BaseException:
            self.counted, self.memory = counts, memory
            self._rewind(before, 0)
            raise
        if k < size:
            self._rewind(before, k)
        return state, code, k

    def _rewind(self, before: Any, size: int) -> None:
        """Bring the generator to where it is once `size` turns after `before` have been drawn."""
        if before is not None:
            self.generator.bit_generator.state = before
            self._draws(size)

    def _draws(self, size: int) -> Any:
        assert self.stage is not None
        if not self.stage.method.draws:
            return NO_DRAWS
        return drawn(self.generator, self.stage, self.problem.n, size)

    def _until_kept(self) -> int:
        """Return the iterations until the next one that is kept in a file."""
        if self.checkpoint is None:
            return UNLIMITED
        return self.checkpoint.every - self.nit % self.checkpoint.every

    def _pace(self, seconds: float, size: int) -> None:
        """Size the next chunk by what one of `size` took, so that the clock is seen in time."""
        wanted = SLICE / max(seconds, 1e-9) * size
        self.chunk = int(min(max(wanted, 1), 4 * size if self.rows[1:] else FIRST_CHUNK, 4096))

    def _listen(self) -> None:
        """Let observers see the run, and look at the clock."""
        try:
            for observer in self.observers:
                observer(self)
        except StopIteration:
            self.code = CALLBACK if self.code == iterate.RUNNING else self.code
        limit = self.budget.max_time
        if limit is not None and self.elapsed >= limit and self.code == iterate.RUNNING:
            self.code = MAX_TIME
        if self.checkpoint is not None and self.code == iterate.RUNNING:
            self.checkpoint.look(self)

    def _raise_again(self) -> None:
        """Evaluate once more in Python where compiled code saw an exception."""
        w = self.binding.problem.failed.copy()
        r = self.problem.residual(w)
        self.problem.jacobian(w, r)
        if self.problem.system.given_rows is not None:
            self.problem.rows(w, np.arange(self.problem.n))
        raise EvaluationError(
            f"F, jac or rows failed in compiled code at w = {w}, but not when called from Python"
        )

    def return_to_best(self) -> None:
        """End at the best point seen, where the last is not a root and noticeably worse."""
        if self.code not in ROOTS and iterate.left_behind(self.memory[BEST], self.residual_norm):
            self.kept_row = self.rows[-1][-1:].copy()
            self.move(self.best.copy())


def kicked(w: FloatArray, generator: np.random.Generator) -> FloatArray:
    """Return a point moved at random by a hundredth of its size."""
    kick = generator.standard_normal(w.size)
    moved: FloatArray = w + 1e-2 * (1.0 + norm(w)) / math.sqrt(w.size) * kick
    return moved
