"""How far did a run move, and how far had it been certified to move at most?"""

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from nlsolve.certificates.evidence import FloatArray, Side
from nlsolve.certificates.wording import shown
from nlsolve.display.plots import axes
from nlsolve.explore import rerun

FAR = 20.0  # times the distance walked: a radius beyond it needs a logarithmic axis


@dataclass(kw_only=True, eq=False, repr=False)
class DistanceDisplay:
    """Distance from the start at every iteration, beside the certified radius.

    Made by `from_result`.

    Parameters
    ----------
    distance, path_length : (k,) ndarray
        |w - w0| and the length of the path at each entry of the history.
    radius : float
        Certified at the start; NaN where nothing is.
    nearest : float
        No solution is nearer to the start, as certified there; 0 where nothing is.
    words : dict of str
    notes : list of str

    Attributes
    ----------
    ax_, figure_
        Axes and figure.
    line_, path_, radius_, nearest_
        Lines of the distance, the path's length and the two certified distances; None where there
        is none.
    """

    distance: FloatArray
    path_length: FloatArray
    radius: float
    nearest: float
    words: dict[str, str]
    notes: list[str] = field(default_factory=list)

    @classmethod
    def from_result(cls, sol: Any, *, ax: Any = None) -> "DistanceDisplay":
        """Draw how far a run moved.

        Parameters
        ----------
        sol : SolveResult
        ax : matplotlib Axes, optional
            Where to draw; a new figure by default.

        Returns
        -------
        DistanceDisplay

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        """
        axes.pyplot()
        promised, history = sol.start_certificate, sol.history
        path = history.path_length - history.path_length[0]
        whole = history.distance[0] == 0.0
        notes = [] if whole else ["a continued run: only its path is known, not its distance"]
        if not promised.holds:
            notes.append(f"no radius is certified at the start: {promised.reason}")
        unit = "$w$ in units of x_scale" if rerun.scaled(sol) else "units of $w$"
        words = {
            "title": f"Distance from the start: {axes.outcome(sol)}",
            "turns": axes.turns_word(sol),
            "unit": unit,
            "radius": _radius_words(promised),
            "nearest": f"no solution is nearer ({axes.worth(promised.evidence)})",
        }
        return cls(
            distance=history.distance if whole else path, path_length=path,
            radius=promised.radius if promised.holds else math.nan,
            nearest=promised.distance[0] if promised.holds else 0.0,
            words=words, notes=notes + axes.not_finite(path),
        ).plot(ax)  # fmt: skip

    def plot(self, ax: Any = None) -> "DistanceDisplay":
        """Draw again, on other axes."""
        self.ax_ = ax = axes.axes_or_new(ax)
        self.figure_ = ax.figure
        turns, marks = np.arange(self.distance.size), axes.style(self.distance.size)
        farthest = float(np.nanmax(axes.positive(self.path_length), initial=0.0))
        if farthest > 0.0 and self.radius > FAR * farthest:
            ax.set_yscale("log")
        self.path_ = ax.plot(
            turns, self._shown(self.path_length), color=axes.SECOND, linestyle=":", linewidth=1.6,
            label="length of the path",
        )[0]  # fmt: skip
        self.line_ = ax.plot(
            turns, self._shown(self.distance), color=axes.MEASURED, linewidth=1.6,
            label="distance $|w - w_0|$", **marks,
        )[0]  # fmt: skip
        self.radius_ = self._level(self.radius, "upper", axes.PROMISED, "--", "radius")
        self.nearest_ = self._level(self.nearest, "lower", axes.LIMIT, "-.", "nearest")
        axes.whole_numbers(ax, self.words["turns"])
        ax.set_ylabel(f"distance from $w_0$ ({self.words['unit']})")
        if ax.get_yscale() == "linear":
            ax.set_ylim(bottom=0.0)
        axes.finish(ax, self.words["title"], self.notes)
        return self

    def _shown(self, values: FloatArray) -> FloatArray:
        return axes.positive(values) if self.ax_.get_yscale() == "log" else values

    def _level(self, value: float, side: Side, colour: str, linestyle: str, word: str) -> Any:
        if not 0.0 < value < math.inf:
            return None
        label = f"{shown(value, side)}: {self.words[word]}"
        return self.ax_.axhline(value, color=colour, linestyle=linestyle, label=label)


def _radius_words(promised: Any) -> str:
    worth = axes.worth(promised.evidence)
    if promised.method is None:
        return f"a solution is certified within ({promised.theorem}, {worth})"
    chance = f", but for a probability of {promised.probability:.2g}" * (promised.probability > 0.0)
    return f"certified radius, never left{chance} ({promised.theorem}, {worth})"
