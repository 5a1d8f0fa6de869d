"""What does one compiled call need that solves many small systems, one after the other?

Settings are what these solves share, whoever asks for them: `jit_solver.py` for the user's compiled
code, `blocks.py` for rows of arrays.
"""

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from nlsolve import compiled, iterate
from nlsolve.loop import UNLIMITED
from nlsolve.many import whole
from nlsolve.many.driver import rows_driver
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
    problem: Problem, stage: Stage, place: int, tol: float, max_iter: int | None,
    max_nfev: int | None,
) -> Settings:  # fmt: skip
    """Return the settings of a method's stage, for systems like that of a problem.

    `place` is what the stage is of a run (whole.py).
    """
    options = tuple(stage.options)
    whole_numbers = tuple(value for value in options if isinstance(value, int))
    others = tuple(float(value) for value in options if not isinstance(value, int))
    kinds = tuple(int if isinstance(value, int) else float for value in options)
    limit = stage.budget if max_iter is None else min(stage.budget, max_iter)
    words = (compiled.KINDS[problem.kind], int(problem.system.returns_both), int(limit))
    numbers = (problem.rank_tolerance, problem.floor, problem.step, float(tol))
    return Settings(
        rows_driver(stage.method.make_step.__module__, kinds),
        (*words, int(max_nfev or UNLIMITED), place, *whole_numbers),
        (*numbers, *others),
    )
