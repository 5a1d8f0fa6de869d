"""What must be kept of a run to go on with it as if it had not been stopped?"""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from nlsolve import iterate
from nlsolve.systems.base import FloatArray
from nlsolve.systems.vectors import is_finite


class Log(NamedTuple):
    """What has been recorded of a run so far.

    History, methods run, row where the last began, iterations, counts, iterates, first point, kind
    of derivative, seconds, whether J was formed at the last point, whether the run was over.
    """

    table: FloatArray
    names: list[str]
    begun: int
    nit: int
    counts: Any
    path: FloatArray | None
    began: FloatArray
    kind: str
    seconds: float
    formed: bool
    over: bool


class SavedRun(NamedTuple):
    """Everything needed to go on with a run; plain values, can be pickled."""

    method: str
    stage: int
    used: int
    code: int
    state: Any
    origin: FloatArray
    best: FloatArray
    memory: FloatArray
    row: FloatArray
    ends: dict[Any, tuple[FloatArray, int]]
    generator: Any
    scale: Any = 1.0  # of state, origin and best, which are w / scale
    log: Log | None = None  # where the whole run is to go on, and not a new one

    def with_vectors(self, made: Callable[[Any, str], Any]) -> "SavedRun":
        """Return this with all vectors of unknowns made anew, by ``made(vector, name)``."""
        w, r, J, *others = self.state
        numbers = [made(x, "state") if isinstance(x, np.ndarray) else x for x in others]
        log = self.log
        if log is not None:
            path: Any = None if log.path is None else [made(x, "state") for x in log.path]
            log = log._replace(began=made(log.began, "state"), path=path)
        return self._replace(
            state=type(self.state)(made(w, "state"), r, J, *numbers),
            origin=made(self.origin, "state"),
            best=made(self.best, "state"),
            ends={key: (made(end, "state"), code) for key, (end, code) in self.ends.items()},
            log=log,
        )

    @property
    def point(self) -> FloatArray:
        """Where to go on: the last point, or the best one where the last is not finite."""
        w: FloatArray = self.state.w
        return w if is_finite(w) and self.code != iterate.NON_FINITE else self.best


def without_jacobian(state: Any) -> Any:
    """Return a state that can be kept: J is found anew."""
    w, r, _, *numbers = state
    return type(state)(w, r, None, *numbers)
