"""What does one compiled call need that solves many small systems, one after the other?

Settings are what these solves share, whoever asks for them: `jit_solver.py` for the user's compiled
code, `solve_many.py` for rows of arrays.
"""

import ctypes
import time
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from nlsolve import cfunctions, compiled, dense, iterate
from nlsolve.loop import UNLIMITED
from nlsolve.many import whole
from nlsolve.many.driver import rows_driver
from nlsolve.many.family import Family
from nlsolve.many.result import ManyResult
from nlsolve.methods.auto import Stage
from nlsolve.result import Status
from nlsolve.systems.problem import Problem

_STATUS = {
    iterate.RAISED: Status.EVALUATION_ERROR,
    iterate.NON_FINITE: Status.NON_FINITE,
    iterate.ROOT: Status.ROOT,
    iterate.FLOOR: Status.ROOT_TO_ROUNDING,
    iterate.DIVERGED: Status.DIVERGED,
    iterate.STALLED: Status.STALLED,
    iterate.MAX_NFEV: Status.MAX_NFEV,
    whole.MAX_ITER: Status.MAX_ITER,
    whole.RAISING: Status.EVALUATION_ERROR,
}


def status_codes(n: int, m: int) -> npt.NDArray[np.int64]:
    """Return `Status.code` of every code of whole.py, for systems of a shape."""
    flat = Status.LEAST_SQUARES if n > m else Status.STATIONARY
    known = {**_STATUS, whole.AT_STATIONARY: flat, iterate.RUNNING: Status.INTERRUPTED}
    return np.array([known[code].code for code in range(len(known))])


HEADER = 7  # F, J, least_norm, count, n, m, length of a block


class Settings(NamedTuple):
    """How all are solved: the compiled C function, and what it reads (driver.py).

    The first `HEADER` words, which the caller writes, are missing here.
    """

    run: Any
    words: tuple[int, ...]
    numbers: tuple[float, ...]


def settings(
    problem: Problem, stage: Stage, tol: float, max_iter: int | None, max_nfev: int | None
) -> Settings:
    """Return the settings of a method's stage, for systems like that of a problem."""
    options = tuple(stage.options)
    whole_numbers = tuple(value for value in options if isinstance(value, int))
    others = tuple(float(value) for value in options if not isinstance(value, int))
    kinds = tuple(int if isinstance(value, int) else float for value in options)
    limit = stage.budget if max_iter is None else min(stage.budget, max_iter)
    words = (compiled.KINDS[problem.kind], int(problem.system.returns_both), int(limit))
    numbers = (problem.rank_tolerance, problem.floor, problem.step, float(tol))
    return Settings(
        rows_driver(stage.method.make_step.__module__, kinds),
        (*words, int(max_nfev or UNLIMITED), *whole_numbers),
        (*numbers, *others),
    )


_C_ROWS = ctypes.CFUNCTYPE(ctypes.c_int64, *[ctypes.c_void_p] * 7)  # lets other threads run
FIRST, SECONDS = 16, 0.05  # rows of the first block; how long a block should take


class Blocks:
    """The rows of a family as blocks, each solved by one compiled call that writes the result.

    Roots are written where they belong, other rows stay unfinished. Several threads may solve
    blocks at once: they write to different rows.
    """

    def __init__(
        self, given: Settings, head: tuple[int, ...], alive: Any, arrays: tuple[Any, Any, Any],
        result: ManyResult,
    ) -> None:  # fmt: skip
        self.given, self.head, self.alive, self.result = given, head, alive, result
        self.Y, self.words, self.W0 = arrays
        self.call = _C_ROWS(given.run.address)
        self.codes = status_codes(self.Y.shape[1], self.W0.shape[1])
        self.next, self.size = 1, FIRST

    def begin(self) -> int:
        """Solve a first block, which says how long the others may be; return its rows."""
        clock = time.perf_counter()
        done = self.solve(slice(1, 1 + FIRST))
        seconds = max(time.perf_counter() - clock, 1e-7) / max(done, 1)
        self.next, self.size = 1 + FIRST, int(min(max(1.0, SECONDS / seconds), 1e6))
        return done

    def rest(self) -> Iterator[slice]:
        """Yield the other blocks."""
        for first in range(self.next, len(self.W0), self.size):
            yield slice(first, first + self.size)

    def solve(self, rows: slice) -> int:
        """Solve a block; return how many roots it found."""
        W, Y, blocks = self.W0[rows].copy(), self.Y[rows], self.words[rows]
        found, lengths = np.empty((len(W), whole.FINDINGS), np.int64), np.empty(len(W))
        shape = (len(W), Y.shape[1], W.shape[1], blocks.shape[1])
        words = np.array([*self.head, *shape, *self.given.words])
        numbers = np.array(self.given.numbers)
        arrays = (words, numbers, Y, blocks, W, found, lengths)
        self.call(*(array.ctypes.data for array in arrays))
        status = self.codes[found[:, whole.CODE]]
        roots = status <= Status.ROOT_TO_ROUNDING.code
        places, result = np.arange(rows.start, rows.start + len(W))[roots], self.result
        result.W[places], result.residual_norm[places] = W[roots], lengths[roots]
        result.nit[places] = found[roots, whole.ITERATIONS]
        result.nfev[places] = found[roots, whole.VALUES]
        result.njev[places] = found[roots, whole.JACOBIANS]
        result.success[places], result.status[places] = True, status[roots]
        return len(places)


def bind_rows(
    problem: Problem, stage: Stage, limits: dict[str, Any], family: Family, result: ManyResult
) -> Blocks | None:
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
        settings(problem, stage, limits["tol"], limits["max_iter"], limits["max_nfev"]),
        (F, J, dense.least_norm_address()),
        (alive, arrays, family.each),
        (np.ascontiguousarray(Y, dtype=np.float64), words, family.W0),
        result,
    )


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
