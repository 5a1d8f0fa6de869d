"""What does a method keep that looks at some equations at a time, an epoch an iteration?"""

import math
from typing import Any, NamedTuple


class EpochState(NamedTuple):
    """Where the method is; it never has the whole J, so that field is None (compiled: empty)."""

    w: Any
    r: Any
    J: Any
    sigma_min: float
    pl_ratio: float


def start(options: Any, w: Any, r: Any, J: Any) -> EpochState:
    """Return the first state."""
    return EpochState(w, r, None, math.nan, math.nan)
