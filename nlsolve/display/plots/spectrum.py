"""How well conditioned is the tangent kernel K = J J^T, at both ends and on the way?"""

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from nlsolve.certificates.evidence import FloatArray
from nlsolve.display.plots import axes
from nlsolve.explore import rerun

RANGE = 1e15  # times the median, and divided by it: what is farther away may leave the picture


@dataclass(kw_only=True, eq=False, repr=False)
class SpectrumDisplay:
    """Eigenvalues of the tangent kernel at start and end, and the smallest one along the path.

    Made by `from_result`. The axes given are divided into two.

    Parameters
    ----------
    start, end : (n,) ndarray
        Eigenvalues at w0 and at the point returned, descending; empty where they are not known.
    on_path : (k,) ndarray
        Smallest eigenvalue at each entry of the history or, where steps did not find it, the PL
        ratio |grad L|^2 / (2 L), which it bounds from below; NaN where neither is known.
    mu : float
        Certified lower bound of it on the ball of the start certificate; NaN where none is.
    words : dict of str
    notes : list of str

    Attributes
    ----------
    ax_, figure_
        Axes given or made, and their figure.
    spectrum_ax_, path_ax_
        The two axes drawn on.
    start_, end_, zeros_, line_, mu_
        Lines of the spectra, eigenvalues that are 0, what is known on the path and the bound; None
        where there is none.
    """

    start: FloatArray
    end: FloatArray
    on_path: FloatArray
    mu: float
    words: dict[str, str]
    notes: list[str] = field(default_factory=list)

    @classmethod
    def from_result(cls, sol: Any, *, ax: Any = None) -> "SpectrumDisplay":
        """Draw the spectra of a run.

        Parameters
        ----------
        sol : SolveResult
        ax : matplotlib Axes, optional
            Where to draw; a new figure by default.

        Returns
        -------
        SpectrumDisplay

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        """
        axes.pyplot()
        promised, notes = sol.start_certificate, []
        start = end = np.empty(0)
        try:
            start, end = rerun.kernels(sol)
        except ValueError as error:
            notes.append(str(error))
        on_path, name = _on_path(sol.history)
        if not name:
            notes.append("no step of this run computed the smallest eigenvalue on its way")
        bounded = promised.holds and 0.0 < promised.mu < math.inf
        if not bounded:
            why = promised.reason or f"theorem {promised.theorem} has none"
            notes.append(f"no lower bound of it is certified at the start: {why}")
        words = {
            "title": f"Tangent kernel $K = J J^T$: {axes.outcome(sol)}",
            "turns": axes.turns_word(sol),
            "on_path": name,
            "mu": f"certified $\\mu$ on the ball ({promised.theorem}, "
            f"{axes.worth(promised.evidence)})",
        }
        return cls(
            start=start, end=end, on_path=on_path,
            mu=promised.mu if bounded else math.nan, words=words, notes=notes,
        ).plot(ax)  # fmt: skip

    def plot(self, ax: Any = None) -> "SpectrumDisplay":
        """Draw again, on other axes."""
        self.ax_ = ax = axes.axes_or_new(ax)
        self.figure_ = ax.figure
        ax.set_axis_off()
        self.spectrum_ax_ = ax.inset_axes((0.0, 0.0, 0.47, 1.0))
        self.path_ax_ = ax.inset_axes((0.53, 0.0, 0.47, 1.0), sharey=self.spectrum_ax_)
        self.spectrum_ax_.set_yscale("log")
        self.spectrum_ax_.set_ylim(*self._limits())
        self._draw_spectra(self.spectrum_ax_)
        self._draw_path(self.path_ax_)
        axes.finish(ax, self.words["title"], self.notes, (self.spectrum_ax_, self.path_ax_))
        return self

    def _limits(self) -> tuple[float, float]:
        """Return limits that a few values far away from all others do not decide."""
        shown = [self.start, self.end, self.on_path, np.array([self.mu])]
        known = axes.positive(np.concatenate(shown))
        middle = float(np.nanmedian(known)) if np.isfinite(known).any() else 1.0
        near = np.clip(known, middle / RANGE, middle * RANGE)
        return axes.log_limits([near])

    def _draw_spectra(self, ax: Any) -> None:
        self.zeros_ = None
        self.start_ = self._spectrum(ax, self.start, axes.SECOND, "s", ":", "at the start $w_0$")
        self.end_ = self._spectrum(ax, self.end, axes.MEASURED, "o", "-", "at the point returned")
        axes.whole_numbers(ax, "number of the eigenvalue")
        ax.set_ylabel("eigenvalue of $K$")

    def _spectrum(
        self, ax: Any, values: FloatArray, colour: str, marker: str, linestyle: str, label: str
    ) -> Any:
        if values.size == 0:
            return None
        marks = axes.style(values.size, marker)
        numbers = np.arange(1.0, values.size + 1.0)
        ax.set_xlim(0.7, values.size + 0.3)
        self.zeros_ = axes.mark_zeros(ax, numbers, values, "eigenvalue") or self.zeros_
        return ax.plot(
            numbers, axes.positive(values), color=colour, linestyle=linestyle,
            label=f"spectrum {label}", **marks,
        )[0]  # fmt: skip

    def _draw_path(self, ax: Any) -> None:
        turns = np.arange(self.on_path.size)
        ax.set_xlim(-0.5, turns.size - 0.5)
        self.line_ = self.mu_ = None
        if np.isfinite(self.on_path).any():
            self.line_ = ax.plot(
                turns, axes.positive(self.on_path), color=axes.POINT, linewidth=1.6,
                label=f"{self.words['on_path']} along the path", **axes.style(turns.size, "^"),
            )[0]  # fmt: skip
        if self.mu > 0.0:
            self.mu_ = ax.axhline(
                self.mu, color=axes.PROMISED, linestyle="--", label=self.words["mu"]
            )
        axes.whole_numbers(ax, self.words["turns"])
        ax.tick_params(labelleft=False, which="both")


def _on_path(history: Any) -> tuple[FloatArray, str]:
    """Return what the history knows of the kernel on the way, and its name, '' for nothing."""
    if np.isfinite(history.lambda_min).any():
        return history.lambda_min, "$\\lambda_{\\min}(K)$"
    known = np.isfinite(history.pl_ratio).any()
    return history.pl_ratio, "PL ratio $|\\nabla L|^2/(2L) \\geq \\lambda_{\\min}(K)$" * bool(known)
