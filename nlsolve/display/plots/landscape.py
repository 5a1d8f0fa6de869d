"""What does the loss look like around a run, and where is it as good as convex?"""

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from nlsolve.certificates.wording import shown
from nlsolve.display.plots import axes
from nlsolve.explore import rerun
from nlsolve.explore.landscape import Landscape, landscape_of

LEVELS = 12  # contours
CONDITIONS = ("kernel", "ratio")


@dataclass(kw_only=True, eq=False, repr=False)
class LandscapeDisplay:
    """The loss on a plane through the start and the point returned, with the region of PL*.

    Made by `from_result`.

    Parameters
    ----------
    landscape : Landscape
        The plane, the grid and the numbers on it: ``a``, ``b``, ``loss``, ``lambda_min``,
        ``pl_ratio``, ``path``.
    mu : float
        PL* constant the region is shown for; NaN where there is none.
    condition : {'kernel', 'ratio'}
        Whether the region is where lambda_min K >= mu, or where 1/2 |grad L|^2 / L >= mu.
    radius : float
        Of the certified ball about the start; NaN where there is none.
    words : dict of str
    notes : list of str

    Attributes
    ----------
    holds : (k, k) ndarray of bool
        Points of the grid where the condition holds.
    ax_, figure_
        Axes and figure.
    contours_, region_, ball_, path_, start_, end_, colorbar_
        What is drawn; None where there is none.
    """

    landscape: Landscape
    mu: float
    condition: str
    radius: float
    words: dict[str, str]
    notes: list[str] = field(default_factory=list)

    @classmethod
    def from_result(
        cls, sol: Any, *, ax: Any = None, direction: Any = None, mu: float | None = None,
        condition: str = "kernel", resolution: int | None = None,
    ) -> "LandscapeDisplay":  # fmt: skip
        """Draw the loss around a run; F and J are evaluated at resolution^2 points.

        Parameters
        ----------
        sol : SolveResult
        ax : matplotlib Axes, optional
            Where to draw; a new figure by default.
        direction : (m,) array_like, optional
            Second direction of the plane, the first being from the start to the point returned. By
            default where the path (``store_path=True``) deviates most, else along the solutions,
            else along the gradient at the start.
        mu : float, optional
            PL* constant to show the region of; by default that of the start certificate, else of
            the certificate at the point returned, else a quarter of lambda_min K there.
        condition : {'kernel', 'ratio'}, optional
            Uniform conditioning, lambda_min K >= mu, which implies PL*; or PL* itself.
        resolution : int, optional
            Points of the grid a side; 33 by default, fewer for large systems.

        Returns
        -------
        LandscapeDisplay

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        ValueError
            If there is one unknown only, the system is not at hand, or an argument is bad.
        """
        axes.pyplot()
        if condition not in CONDITIONS:
            raise ValueError(f"condition must be one of {CONDITIONS}, got {condition!r}")
        promised = sol.start_certificate
        level, of = (float(mu), "as given") if mu is not None else _level(sol)
        radius = promised.radius if promised.holds else math.nan
        landscape = landscape_of(sol, direction, resolution, radius)
        inside = "never left" if promised.method else "a solution lies within"
        words = {
            "title": f"Loss landscape: {axes.outcome(sol)}",
            "mu": of,
            "ball": f"certified ball, {inside} ({axes.worth(promised.evidence)})",
        }
        notes = [] if level > 0.0 else [f"the region of PL* is not shown: {of}"]
        if sol.path is None:
            notes.append("the path is straight only here: store_path=True keeps its points")
        return cls(
            landscape=landscape, mu=level, condition=condition, radius=radius, words=words,
            notes=notes,
        ).plot(ax)  # fmt: skip

    @property
    def holds(self) -> Any:
        """Points of the grid where the condition holds."""
        of = self.landscape.lambda_min if self.condition == "kernel" else self.landscape.pl_ratio
        return of >= self.mu

    def plot(self, ax: Any = None) -> "LandscapeDisplay":
        """Draw again, on other axes."""
        self.ax_ = ax = axes.axes_or_new(ax)
        self.figure_ = ax.figure
        self._draw_region(ax)
        self._draw_loss(ax)
        self._draw_run(ax)
        self._draw_ball(ax)
        a, b = self.landscape.a, self.landscape.b
        ax.set_xlim(a[0], a[-1])
        ax.set_ylim(b[0], b[-1])
        ax.set_aspect("equal")
        ax.locator_params(nbins=5)
        ax.set_xlabel("towards the point returned (distance from $w_0$)")
        ax.set_ylabel(f"along {self.landscape.plane.along}")
        axes.finish(ax, self.words["title"], self.notes)
        return self

    def _draw_region(self, ax: Any) -> None:
        """Shade the cells of the grid whose points fulfil the condition."""
        self.region_ = None
        if not self.mu > 0.0:
            return
        from matplotlib.colors import ListedColormap

        region = np.ma.masked_equal(self.holds.astype(float), 0.0)
        self.region_ = ax.pcolormesh(
            self.landscape.a, self.landscape.b, region, shading="nearest", alpha=0.35, vmin=0.0,
            vmax=1.0, cmap=ListedColormap([axes.REGION]), linewidth=0.0, rasterized=True, zorder=0,
        )  # fmt: skip
        what = {
            "kernel": "$\\lambda_{\\min}(K) \\geq \\mu$",
            "ratio": "$|\\nabla L|^2/(2L) \\geq \\mu$",
        }
        label = (
            f"PL*: {what[self.condition]} = {shown(self.mu, 'lower')} ({self.words['mu']}), seen "
            f"at the points of a grid"
        )
        ax.fill([], [], color=axes.REGION, alpha=0.35, label=label)

    def _draw_loss(self, ax: Any) -> None:
        from matplotlib import colormaps
        from matplotlib.colors import ListedColormap, LogNorm
        from matplotlib.ticker import LogLocator

        loss = np.ma.masked_invalid(axes.positive(self.landscape.loss))
        self.contours_ = self.colorbar_ = None
        low, high = axes.log_limits([self.landscape.loss], 1.0)
        if not low < high:
            return
        low = max(low, high * 1e-8)  # so that the foot of a valley does not take all contours
        dark = ListedColormap(colormaps["cividis"](np.linspace(0.0, 0.8, 256)))  # seen on white
        levels = np.geomspace(low, high, LEVELS)
        self.contours_ = ax.contour(
            self.landscape.a, self.landscape.b, loss, levels=levels, cmap=dark,
            norm=LogNorm(low, high), linewidths=1.2,
        )  # fmt: skip
        beside = ax.inset_axes((1.03, 0.0, 0.035, 1.0))
        self.colorbar_ = ax.figure.colorbar(
            self.contours_, cax=beside, label="loss $L = |r|^2/2$", ticks=LogLocator()
        )

    def _draw_run(self, ax: Any) -> None:
        known = self.landscape.path
        distance = self.landscape.plane.distance
        path = np.array([[0.0, 0.0], [distance, 0.0]]) if known is None else known
        label = "start and end joined" if known is None else "path, projected on the plane"
        self.path_ = ax.plot(
            *path.T, color=axes.PROMISED, linewidth=1.4, linestyle=":" if known is None else "-",
            label=label, marker="" if known is None else ".",
        )[0]  # fmt: skip
        self.start_ = ax.plot(
            0.0, 0.0, "s", color=axes.SECOND, markeredgecolor="k", label="start $w_0$"
        )[0]
        self.end_ = ax.plot(
            distance, 0.0, "*", color=axes.SHADE, markeredgecolor="k", markersize=13,
            label="point returned",
        )[0]  # fmt: skip

    def _draw_ball(self, ax: Any) -> None:
        self.ball_ = None
        reach = max(*np.abs(self.landscape.a), *np.abs(self.landscape.b))
        if not 0.0 < self.radius < math.inf:
            return
        if self.radius > 1.5 * reach:
            label = (
                f"{self.words['ball']}: radius {shown(self.radius, 'upper')}, beyond the picture"
            )
            ax.plot([], [], linestyle="none", label=label)
            return
        from matplotlib.patches import Circle

        label = f"{self.words['ball']}: radius {shown(self.radius, 'upper')}"
        self.ball_ = ax.add_patch(
            Circle((0.0, 0.0), self.radius, fill=False, linestyle="--", linewidth=1.4, label=label)
        )


def _level(sol: Any) -> tuple[float, str]:
    """Return the PL* constant of the run's certificates and which, or NaN and why there is none."""
    for name, where in (("start_certificate", "start"), ("certificate", "point returned")):
        found = getattr(sol, name)
        if found.holds and 0.0 < found.mu < math.inf:
            return found.mu, f"certificate at the {where}, {axes.worth(found.evidence)}"
    smallest = float(rerun.kernels(sol)[1][-1])
    if smallest > 0.0:
        return 0.25 * smallest, "not certified: a quarter of its value at the point returned"
    return math.nan, "no certificate has a mu, and K is singular at the point returned; give mu="
