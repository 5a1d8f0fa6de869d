"""How do rows of arrays go through the stages of a method inside compiled calls?

A block of rows is one call. Roots are written where they belong; a row without a root goes on with
the next stage from where that begins, as loop.Run would let it, so that it ends where solve() does.
What no stage brings to a root stays unfinished.
"""

import ctypes
import time
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from nlsolve import cfunctions, compiled, dense, iterate
from nlsolve.loop import kicked
from nlsolve.many import whole
from nlsolve.many.family import Family
from nlsolve.many.result import Integers, ManyResult
from nlsolve.many.settings import Settings, settings, status_codes
from nlsolve.methods.auto import Stage
from nlsolve.result import Status
from nlsolve.systems.base import FloatArray
from nlsolve.systems.problem import Problem

_C_ROWS = ctypes.CFUNCTYPE(ctypes.c_int64, *[ctypes.c_void_p] * 7)  # lets other threads run
SIZE, SECONDS = 16, 0.05  # rows of the first block; how long a block should take
OVER = (iterate.RAISED, iterate.MAX_NFEV, whole.RAISING)  # no further stage is tried


class Part(NamedTuple):
    """Rows on their way: their numbers, and what whole.py keeps of each.

    `ends` and `codes` are where and why the first stage, or what went on with it, has ended.
    """

    rows: Integers
    points: FloatArray
    found: Integers
    lengths: FloatArray
    ends: FloatArray
    codes: Integers

    def of(self, which: Any) -> "Part":
        """Return some of the rows."""
        return Part(*(values[which] for values in self))


class Blocks:
    """The rows of a family as blocks, each solved by one compiled call that writes the result.

    Several threads may solve blocks at once: they write to different rows.
    """

    def __init__(
        self, problem: Problem, stages: list[Stage], limits: dict[str, Any],
        head: tuple[int, ...], alive: Any, arrays: tuple[Any, Any, Any], result: ManyResult,
    ) -> None:  # fmt: skip
        self.problem, self.limits, self.head, self.alive = problem, limits, head, alive
        self.Y, self.words, self.W0 = arrays
        self.result, self.codes = result, status_codes(problem.n, problem.m)
        goes_on = limits["max_iter"] is None and problem.n <= problem.m
        self.first, self.later = stages[0], stages[1:] if goes_on else []
        self.next, self.size = 1, SIZE
        self.left: list[Part] = []
        self._enter(self.first, whole.FIRST)

    def _enter(self, stage: Stage, place: int) -> None:
        self.given: Settings = settings(self.problem, stage, place, **self.limits)
        self.call = _C_ROWS(self.given.run.address)
        self.kept = (stage.method, stage.options) == (self.first.method, self.first.options)

    def begin(self) -> int:
        """Solve a first block, which says how long the others may be; return its roots."""
        clock = time.perf_counter()
        part = self._fresh(np.arange(1, min(1 + SIZE, len(self.W0))))
        done = self.solve(part)
        seconds = max(time.perf_counter() - clock, 1e-7) / len(part.rows)
        self.next, self.size = 1 + SIZE, int(min(max(1.0, SECONDS / seconds), 1e6))
        return done

    def _fresh(self, rows: Integers) -> Part:
        W = self.W0[rows]
        points = np.repeat(W[:, None], 3, axis=1)
        found = np.zeros((len(rows), whole.FINDINGS), np.int64)
        return Part(rows, points, found, np.zeros((len(rows), 2)), W, found[:, whole.CODE].copy())

    def turns(self) -> Iterator[Iterator[Part]]:
        """Yield the other blocks, stage by stage: all of one are solved before the next."""
        yield self.rest()
        yield from map(self.go_on, self.later)

    def rest(self) -> Iterator[Part]:
        """Yield the other blocks."""
        for first in range(self.next, len(self.W0), self.size):
            yield self._fresh(np.arange(first, min(first + self.size, len(self.W0))))

    def go_on(self, stage: Stage) -> Iterator[Part]:
        """Enter a later stage; yield the rows that go on with it, in blocks."""
        part = Part(*map(np.concatenate, zip(*self.left, strict=True)))
        part = part.of(~np.isin(part.found[:, whole.CODE], OVER))
        worth = np.full(len(part.rows), stage.begin != "again") | (part.codes == whole.MAX_ITER)
        self.left, part = [part.of(~worth)], part.of(worth)
        if len(part.rows) == 0:
            return
        part.points[:, whole.POINT] = _beginnings(stage, part)
        self._enter(stage, whole.LATER)
        size = max(1, self.size // 8)
        for first in range(0, len(part.rows), size):
            yield part.of(slice(first, first + size))

    def solve(self, part: Part) -> int:
        """Solve a block; return how many roots it found."""
        Y, blocks = self.Y[part.rows], self.words[part.rows]
        shape = (len(Y), Y.shape[1], self.problem.m, blocks.shape[1])
        words = np.array([*self.head, *shape, *self.given.words])
        numbers = np.array(self.given.numbers)
        arrays = (words, numbers, Y, blocks, part.points, part.found, part.lengths)
        self.call(*(array.ctypes.data for array in arrays))
        status = self.codes[part.found[:, whole.CODE]]
        roots = status <= Status.ROOT_TO_ROUNDING.code
        self._write(part.of(roots), status[roots])
        rest = part.of(~roots)
        if self.kept:
            rest.ends[:] = rest.points[:, whole.POINT]
            rest.codes[:] = rest.found[:, whole.CODE]
        self.left.append(rest)
        return len(roots) - len(rest.rows)

    def _write(self, part: Part, status: Integers) -> None:
        rows, result = part.rows, self.result
        result.W[rows] = part.points[:, whole.POINT]
        result.residual_norm[rows] = part.lengths[:, whole.LAST_NORM]
        result.nit[rows] = part.found[:, whole.ITERATIONS]
        result.nfev[rows] = part.found[:, whole.VALUES]
        result.njev[rows] = part.found[:, whole.JACOBIANS]
        result.success[rows], result.status[rows] = True, status


def _beginnings(stage: Stage, part: Part) -> FloatArray:
    """Return where rows enter a later stage, (count, m)."""
    if stage.begin == "w0":
        return part.points[:, whole.ORIGIN]
    if stage.begin == "again":
        return part.ends
    best = part.points[:, whole.BEST_POINT]
    return np.array([kicked(w, np.random.default_rng(0)) for w in best]).reshape(best.shape)


def bind_rows(
    problem: Problem, stages: list[Stage], limits: dict[str, Any], family: Family,
    result: ManyResult,
) -> Blocks | None:  # fmt: skip
    """Return the rows of a family as blocks; None where a compiled call cannot take them.

    `problem` is row 0.
    """
    args = problem.system.positional()
    kinds = None if args is None else tuple(map(cfunctions.argument_kind, args))
    if args is None or kinds is None or None in kinds:
        return None
    F, J, _, alive = compiled.addresses(problem.system.functions.roles, kinds)
    if F == 0:
        return None
    shared, arrays = cfunctions.pack(args[len(family.each) :], problem.m, problem.n)
    words = block_words(shared, family.each, len(family))
    Y = np.broadcast_to(family.Y, (len(family), problem.n))
    return Blocks(
        problem, stages, limits, (F, J, dense.least_norm_address()), (alive, arrays, family.each),
        (np.ascontiguousarray(Y, dtype=np.float64), words, family.W0), result,
    )  # fmt: skip


def block_words(shared: Any, each: tuple[npt.NDArray[Any], ...], N: int) -> npt.NDArray[np.int64]:
    """Return the block of every row: the header, its own arguments, then those of all."""
    columns: list[Any] = [np.tile(shared[: cfunctions.HEADER], (N, 1))]
    for values in each:
        columns.append(_words_of(values, N))
    columns.append(np.tile(shared[cfunctions.HEADER :], (N, 1)))
    return np.ascontiguousarray(np.hstack(columns), dtype=np.int64)


def _words_of(values: npt.NDArray[Any], N: int) -> npt.NDArray[np.int64]:
    """Return the words of an argument that differs from row to row, as cfunctions.pack writes."""
    if values.ndim == 1:
        words = values.view(np.int64) if values.dtype.kind == "f" else values.astype(np.int64)
        return words.reshape(N, 1)
    places = values.ctypes.data + values.strides[0] * np.arange(N)
    return np.column_stack([places, np.tile(values.shape[1:], (N, 1))])
