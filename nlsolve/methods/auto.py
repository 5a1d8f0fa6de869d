"""Which methods does `auto` try, in which order, from where?

Not a method but a list of stages that the one loop runs until one ends at a root:

1. Full Gauss-Newton steps: fastest where they work, and they find roots beyond local minima of the
   loss. Undamped they may also wander, so the budget is short.
2. Levenberg-Marquardt from w0: globalised, ends near w0.
3. The first stage goes on where its budget ended it.
4. Levenberg-Marquardt from w0 with heavy damping at first: close to the gradient flow, which ends
   in the basin w0 lies in, where 2 jumped out of it.
5. Gauss-Newton from w0 with the Polyak-Tremba step length.
6. Levenberg-Marquardt from the best point found so far, moved by one seeded kick: leaves exact
   saddle points (J^T r = 0, r != 0), at which every descent method stands still.
7. The first stage goes on once more, for long.

A point where these end without |r| small is never called a root. With n > m the first least-squares
minimum ends the run: there a residual that stays is what one expects.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from nlsolve.methods.base import Method


class Stage(NamedTuple):
    """One leg of a run: a method, its lowered options, iterations, and where it begins."""

    method: Method
    options: Any
    budget: int
    begin: str  # 'w0'; 'kick': the best point, moved; 'again': where the same method ended


def stages(registry: Mapping[str, Method]) -> list[Stage]:
    """Return the stages of method='auto'."""
    newton, marquardt = registry["gauss-newton"], registry["levenberg-marquardt"]
    full, adaptive = newton.options(0, 0), newton.options(2, 0)
    light, heavy = marquardt.options(), marquardt.options(initial_damping=100.0)
    return [
        Stage(newton, full, 50, "w0"),
        Stage(marquardt, light, 300, "w0"),
        Stage(newton, full, 100, "again"),
        Stage(marquardt, heavy, 300, "w0"),
        Stage(newton, adaptive, 100, "w0"),
        Stage(marquardt, light, 200, "kick"),
        Stage(newton, full, 500, "again"),
    ]
