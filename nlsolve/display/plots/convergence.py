"""How fast did a run converge, how fast was it bound to, and from when on was that guaranteed?"""

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from nlsolve.certificates.evidence import FloatArray
from nlsolve.display.plots import axes
from nlsolve.explore import rerun

QUANTITIES = {"residual": "residual norm $|r|$", "loss": "loss $L = |r|^2/2$"}


@dataclass(kw_only=True, eq=False, repr=False)
class ConvergenceDisplay:
    """Residual norm or loss of every iteration, with what was certified of it.

    Made by `from_result`.

    Parameters
    ----------
    values : (k,) ndarray
        |r| or L at each entry of the history.
    envelope : (k,) ndarray
        Upper bounds certified at the start; NaN where nothing is.
    tolerance : float
        Below it the run took a point for a root; NaN where that is not known.
    certified_from : int or None
        First entry from which convergence was guaranteed.
    quantity : {'residual', 'loss'}
    words : dict of str
        Of the title, the axis, the envelope and certified_from.
    notes : list of str

    Attributes
    ----------
    ax_, figure_
        Axes and figure.
    line_, envelope_, tolerance_, certified_, zeros_
        Lines of the values, the envelope, the tolerance, the first certified entry and the zeros,
        which a logarithmic axis does not have; None where there is none.

    Examples
    --------
    >>> import nlsolve
    >>> sol = nlsolve.solve(lambda w: [w @ w - 1.0], 0.0, [1.0, 1.0], method="gauss-newton")
    >>> display = nlsolve.ConvergenceDisplay.from_result(sol)  # doctest: +SKIP
    >>> display.figure_.savefig("convergence.png")  # doctest: +SKIP
    """

    values: FloatArray
    envelope: FloatArray
    tolerance: float
    certified_from: int | None
    quantity: str
    words: dict[str, str]
    notes: list[str] = field(default_factory=list)

    @classmethod
    def from_result(
        cls, sol: Any, *, ax: Any = None, quantity: str = "residual"
    ) -> "ConvergenceDisplay":
        """Draw the convergence of a run.

        Parameters
        ----------
        sol : SolveResult
        ax : matplotlib Axes, optional
            Where to draw; a new figure by default.
        quantity : {'residual', 'loss'}, optional

        Returns
        -------
        ConvergenceDisplay

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        ValueError
            If the quantity is not known.
        """
        axes.pyplot()
        if quantity not in QUANTITIES:
            raise ValueError(f"quantity must be one of {[*QUANTITIES]}, got {quantity!r}")
        since, notes = sol.certified_from, _notes(sol)
        words = {
            "title": f"Convergence: {axes.outcome(sol)}",
            "turns": axes.turns_word(sol),
            "envelope": _envelope_words(sol.start_certificate),
            "certified": "" if since is None else _since_words(sol, since),
        }
        norms = sol.history.residual_norm
        bounds, tol = rerun.envelope(sol), rerun.tolerance(sol)
        if quantity == "loss":
            with np.errstate(over="ignore"):
                norms, bounds, tol = 0.5 * norms**2, 0.5 * bounds**2, 0.5 * tol**2
        return cls(
            values=norms, envelope=bounds, tolerance=tol, certified_from=since,
            quantity=quantity, words=words,
            notes=notes + axes.not_finite(norms) + _crossed(sol, norms, bounds),
        ).plot(ax)  # fmt: skip

    def plot(self, ax: Any = None) -> "ConvergenceDisplay":
        """Draw again, on other axes."""
        self.ax_ = ax = axes.axes_or_new(ax)
        self.figure_ = ax.figure
        turns = np.arange(float(self.values.size))
        ax.set_yscale("log")
        shown = [self.values, self.tolerance, self.envelope[:1]]
        ax.set_ylim(*axes.log_limits(shown, 5.0))
        self._draw_certified(ax)
        self._draw_envelope(ax, turns)
        self.line_ = ax.plot(
            turns, axes.positive(self.values), color=axes.MEASURED, linewidth=1.6,
            label=QUANTITIES[self.quantity], **axes.style(turns.size),
        )[0]  # fmt: skip
        self.tolerance_ = None
        if self.tolerance > 0.0:
            of = "|r|" if self.quantity == "residual" else "L"
            label = f"tolerance: a root has ${of} \\leq$ {self.tolerance:.3g}"
            self.tolerance_ = ax.axhline(
                self.tolerance, color=axes.LIMIT, linestyle=":", linewidth=1.2, label=label
            )
        self.zeros_ = axes.mark_zeros(ax, turns, self.values, QUANTITIES[self.quantity])
        axes.whole_numbers(ax, self.words["turns"])
        ax.set_ylabel(QUANTITIES[self.quantity])
        axes.finish(ax, self.words["title"], self.notes)
        return self

    def _draw_envelope(self, ax: Any, turns: FloatArray) -> None:
        self.envelope_ = None
        if np.isfinite(self.envelope).any():
            self.envelope_ = ax.plot(
                turns, axes.positive(self.envelope), color=axes.PROMISED, linestyle="--",
                linewidth=1.4, label=self.words["envelope"], **axes.style(turns.size, "s"),
            )[0]  # fmt: skip

    def _draw_certified(self, ax: Any) -> None:
        self.certified_ = None
        if self.certified_from is not None:
            ax.axvspan(self.certified_from, self.values.size - 1, color=axes.REGION, alpha=0.15)
            self.certified_ = ax.axvline(
                self.certified_from, color=axes.SECOND, linestyle="-.", linewidth=1.6,
                label=self.words["certified"],
            )  # fmt: skip


def _envelope_words(promised: Any) -> str:
    of = "certified bound of it"
    if promised.method == "sgd":
        of = (
            "certified bound of the root of its expected square, while inside the ball, which a "
            f"run leaves with probability at most {promised.probability:.2g}"
        )
    return f"{of}, made at the start ({promised.theorem}, {axes.worth(promised.evidence)})"


def _since_words(sol: Any, since: int) -> str:
    worth = axes.worth(rerun.evidence_of_certified_from(sol))
    return f"convergence guaranteed from {axes.turns_word(sol)} {since} on ({worth})"


def _crossed(sol: Any, values: FloatArray, bounds: FloatArray) -> list[str]:
    """Return a note where values are above their bound: theorems speak of exact arithmetic."""
    with np.errstate(invalid="ignore"):
        if not (values > bounds).any():
            return []
    if sol.start_certificate.method == "sgd":
        return ["the bound is of an expectation; a single run may be above it"]
    if sol.check_promise().lines[0].kept is False:
        return ["the run is above its certified bound by more than rounding: promise NOT kept"]
    return ["the bound is of exact arithmetic; where the run is above it, rounding rules"]


def _notes(sol: Any) -> list[str]:
    """Return what is not in the picture, and why."""
    promised, notes = sol.start_certificate, []
    if not promised.holds:
        notes.append(f"no bound is certified at the start: {promised.reason}")
    elif promised.promise is None:
        notes.append(
            f"no bound of every step is certified: no theorem covers method {sol.method!r}, only "
            f"a solution near the start is ({promised.theorem}, {axes.worth(promised.evidence)})"
        )
    if sol.certified_from is None:
        notes.append("not certified at any iteration that convergence was guaranteed")
    if math.isnan(rerun.tolerance(sol)):
        notes.append("the tolerance is not known: the system was not kept with the result")
    return notes
