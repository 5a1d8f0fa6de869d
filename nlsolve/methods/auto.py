"""Which methods does `auto` try, in which order, from where?

Not a method but a list of stages that the one loop runs until one ends at a root:

1. Full Gauss-Newton steps: fastest where they work, and they find roots beyond local minima of the
   loss. Undamped they may also wander, so their budget is short.
2. Levenberg-Marquardt from w0: globalised, ends near w0.
3. Gauss-Newton with the Polyak-Tremba step length from w0: moves on where the damping of 2 is caught in
   a narrow valley.
4. Levenberg-Marquardt from the best point found so far, moved by one seeded kick: leaves exact saddle
   points (J^T r = 0, r != 0), at which every descent method stands still.

A point where these end without |r| small is never called a root.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from nlsolve.methods.base import Method


class Stage(NamedTuple):
    """One leg of a run: a method, its lowered options, iterations, and where it begins."""

    method: Method
    options: Any
    budget: int
    begin: str  # 'w0', 'best' or 'kick'


def stages(registry: Mapping[str, Method]) -> list[Stage]:
    """Return the stages of method='auto'."""
    newton, marquardt = registry["gauss-newton"], registry["levenberg-marquardt"]
    full, adaptive = newton.options(damping=0), newton.options(damping=2)
    return [
        Stage(newton, full, 30, "w0"),
        Stage(marquardt, marquardt.options(), 200, "w0"),
        Stage(newton, adaptive, 100, "w0"),
        Stage(marquardt, marquardt.options(), 200, "kick"),
    ]
