"""What are the pictures to look at first, in one figure?"""

import textwrap
from dataclasses import dataclass, field
from typing import Any

from nlsolve.display.plots import axes
from nlsolve.display.plots.convergence import ConvergenceDisplay
from nlsolve.display.plots.distance import DistanceDisplay
from nlsolve.display.plots.landscape import LandscapeDisplay
from nlsolve.display.plots.spectrum import SpectrumDisplay


@dataclass(eq=False, repr=False)
class Overview:
    """Convergence, distance, spectrum and landscape of a run; made by ``sol.plot()``.

    Attributes
    ----------
    figure_
        The figure.
    convergence, distance, spectrum, landscape
        The display of each panel; None where it cannot be drawn, and then the panel says why.
    """

    figure_: Any
    convergence: ConvergenceDisplay | None = field(default=None)
    distance: DistanceDisplay | None = field(default=None)
    spectrum: SpectrumDisplay | None = field(default=None)
    landscape: LandscapeDisplay | None = field(default=None)

    @classmethod
    def from_result(cls, sol: Any) -> "Overview":
        """Draw the four."""
        figure = axes.pyplot().figure(figsize=(13.0, 11.0), layout="constrained")
        figure.suptitle(textwrap.fill(sol.message, 120), fontsize=11, x=0.01, ha="left")
        panels = figure.subplots(2, 2).ravel()
        makers: list[Any] = [ConvergenceDisplay, DistanceDisplay, SpectrumDisplay, LandscapeDisplay]
        return cls(figure, *(_drawn(*pair, sol) for pair in zip(makers, panels, strict=True)))


def _drawn(maker: Any, ax: Any, sol: Any) -> Any:
    """Return a display drawn on its panel, or None with the reason written there."""
    try:
        return maker.from_result(sol, ax=ax)
    except ValueError as error:
        ax.clear()
        ax.set_axis_off()
        ax.text(0.0, 1.0, textwrap.fill(f"Not drawn. {error}", 70), va="top")
        return None
