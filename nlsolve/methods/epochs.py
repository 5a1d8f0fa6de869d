"""What does a method keep that looks at some equations at a time, an epoch an iteration?"""

import math
from collections.abc import Callable
from typing import Any, NamedTuple

from nlsolve.methods.base import Lane


class EpochState(NamedTuple):
    """Where the method is; it never has the whole J, so that field is None (compiled: empty)."""

    w: Any
    r: Any
    J: Any
    sigma_min: float
    pl_ratio: float


def make_start(lane: Lane) -> Callable[..., EpochState]:
    """Return what makes the first state."""

    def start(options: Any, w: Any, r: Any, J: Any) -> EpochState:
        return EpochState(w, r, None, math.nan, math.nan)

    return start
