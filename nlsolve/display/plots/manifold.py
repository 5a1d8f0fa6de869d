"""What do the solutions look like around the one found, where they form a curve or a surface?"""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from nlsolve.display.plots import axes
from nlsolve.explore.patch import Patch, patch_of


@dataclass(kw_only=True, eq=False, repr=False)
class ManifoldDisplay:
    """The solutions around the one found: a curve or a piece of a surface, by walks along them.

    Made by `from_result`.

    Parameters
    ----------
    patch : Patch
        The points, all of them roots; start and solution.
    unknowns : tuple of int
        The two or three unknowns on the axes.
    title : str
    notes : list of str

    Attributes
    ----------
    ax_, figure_
        Axes and figure.
    solutions_, start_, end_, way_
        What is drawn: the curve or surface, both ends of the run, and the straight line between.
    """

    patch: Patch
    unknowns: tuple[int, ...]
    title: str
    notes: list[str] = field(default_factory=list)

    @classmethod
    def from_result(
        cls, sol: Any, *, ax: Any = None, length: float | None = None,
        unknowns: tuple[int, ...] | None = None,
    ) -> "ManifoldDisplay":  # fmt: skip
        """Draw the solutions around the one found.

        Parameters
        ----------
        sol : SolveResult
            A root, where the solutions are a curve or a surface (m - n = 1 or 2).
        ax : matplotlib Axes, optional
            Where to draw, of three dimensions if there are more than two unknowns; a new figure by
            default.
        length : float, optional
            How far to walk from the solution; one and a half times the distance from the start by
            default.
        unknowns : tuple of 2 or 3 int, optional
            Those to draw; by default all, or the three that vary most.

        Returns
        -------
        ManifoldDisplay

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        ValueError
            If the result is no root, the solutions have another dimension, or an argument is bad.
        """
        axes.pyplot()
        if length is not None and not 0.0 < length < np.inf:
            raise ValueError(f"length must be a positive number, got {length!r}")
        patch = patch_of(sol, length)
        shown = _chosen(patch, unknowns)
        notes = []
        if len(shown) < patch.points.shape[1]:
            notes.append(f"{len(shown)} of {patch.points.shape[1]} unknowns, a projection")
        if patch.message:
            notes.append(f"some walks ended early: {patch.message}")
        form = "a curve" if patch.dimension == 1 else "a surface"
        title = f"Solutions: {form} in {patch.points.shape[1]} unknowns"
        return cls(patch=patch, unknowns=shown, title=title, notes=notes).plot(ax)

    def plot(self, ax: Any = None) -> "ManifoldDisplay":
        """Draw again, on other axes."""
        deep = len(self.unknowns) == 3
        self.ax_ = ax = axes.axes_or_new(ax, "3d" if deep else None)
        self.figure_ = ax.figure
        ax.computed_zorder = False  # in three dimensions: surfaces hide no marks
        if self.patch.dimension == 1:
            self.solutions_ = ax.plot(
                *self._shown(self.patch.points), color=axes.MEASURED, linewidth=2.0,
                label="solutions, by walks along them",
            )[0]  # fmt: skip
        else:
            self.solutions_ = self._surface(ax)
        ends = np.array([self.patch.start, self.patch.solution])
        self.way_ = ax.plot(
            *self._shown(ends), color=axes.LIMIT, linestyle=":", label="start and end joined"
        )[0]
        self.start_ = ax.plot(
            *self._shown(ends[:1]), "s", color=axes.SECOND, markeredgecolor="k", label="start"
        )[0]
        self.end_ = ax.plot(
            *self._shown(ends[1:]), "*", color=axes.SHADE, markeredgecolor="k", markersize=13,
            label="solution found",
        )[0]  # fmt: skip
        for name, j in zip("xyz", self.unknowns, strict=False):
            getattr(ax, f"set_{name}label")(self.patch.names[j])
        if not deep:
            ax.set_aspect("equal", adjustable="datalim")
        axes.finish(ax, self.title, self.notes, drop=8.0 if deep else 38.0)
        return self

    def _shown(self, points: Any) -> Any:
        return points[:, self.unknowns].T

    def _surface(self, ax: Any) -> Any:
        from matplotlib.tri import Triangulation

        triangles = Triangulation(*self.patch.place.T).triangles
        shown = self._shown(self.patch.points)
        words = {"label": "solutions, by walks along them", "color": axes.REGION}
        if len(self.unknowns) == 2:
            return ax.triplot(*shown, triangles, linewidth=0.6, **words)[0]
        return ax.plot_trisurf(
            *shown[:2], shown[2], triangles=triangles, alpha=0.6, linewidth=0.2, edgecolor="gray",
            **words,
        )  # fmt: skip


def _chosen(patch: Patch, unknowns: Any) -> tuple[int, ...]:
    """Return the unknowns to draw: those asked for, or up to three that vary most."""
    m = patch.points.shape[1]
    if unknowns is None:
        most = np.argsort(np.ptp(patch.points, axis=0), kind="stable")[::-1][:3]
        return tuple(sorted(int(j) for j in most))
    asked = tuple(unknowns)
    whole = all(isinstance(j, (int, np.integer)) and 0 <= j < m for j in asked)
    if not (len(asked) in (2, 3) and len(set(asked)) == len(asked) and whole):
        raise ValueError(
            f"unknowns must be two or three different numbers from 0 to {m - 1}, got {unknowns!r}"
        )
    return tuple(int(j) for j in asked)
