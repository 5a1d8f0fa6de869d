"""How are times compared on a machine that drifts?

All sides are timed in turn, round after round, in alternating order; a ratio is the median over the
rounds of the ratio within a round, so what slows the machine for a while slows both its sides. What
is read is the processor time of this process: with BLAS on one thread (see __main__.py), that is
the time on the wall of an otherwise idle machine.
"""

import time
from collections.abc import Callable, Mapping
from statistics import median

Times = dict[str, list[float]]


def alternate(
    sides: Mapping[str, Callable[[], object]], rounds: int = 15, seconds: float = 0.004
) -> Times:
    """Return seconds a call of each side in each round; a side gets about `seconds` a round.

    Each side is called before it is timed: what is compiled or loaded then, is not measured.
    """
    repeats = {name: _repeats(side, seconds) for name, side in sides.items()}
    times: Times = {name: [] for name in sides}
    for k in range(rounds):
        for name in list(sides)[:: 1 if k % 2 == 0 else -1]:
            times[name].append(clock(sides[name], repeats[name]))
    return times


def clock(side: Callable[[], object], repeats: int) -> float:
    """Return seconds a call."""
    start = time.process_time()
    for _ in range(repeats):
        side()
    return (time.process_time() - start) / repeats


def _repeats(side: Callable[[], object], seconds: float) -> int:
    side()
    return max(1, round(seconds / max(clock(side, 1), 1e-7)))


def ratio(times: Times, one: str, other: str) -> float:
    """Return how many times as long side `one` takes as side `other`."""
    return median(a / b for a, b in zip(times[one], times[other], strict=True))
