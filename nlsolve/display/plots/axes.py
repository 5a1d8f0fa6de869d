"""What do all pictures share? Where matplotlib comes from, colours, legends, notes and words.

Colours are those of M. Okabe and K. Ito, "Color Universal Design", 2008, which people with any kind
of colour vision tell apart; lines differ in style and markers too, for prints in grey. Legends and
notes stand below the axes, so that they never cover what is drawn.
"""

import importlib
import textwrap
from collections.abc import Iterable
from typing import Any

import numpy as np

from nlsolve.certificates.evidence import Evidence, FloatArray

MEASURED, PROMISED, LIMIT, POINT, SECOND = "#0072B2", "#D55E00", "#000000", "#CC79A7", "#009E73"
REGION, SHADE = "#56B4E9", "#E69F00"
WIDTH = 74  # characters of a line of a legend
FEW = 40  # points up to which each has a marker


def pyplot() -> Any:
    """Return matplotlib.pyplot.

    Raises
    ------
    ImportError
        If matplotlib is not installed, naming the extra that brings it.
    """
    try:
        return importlib.import_module("matplotlib.pyplot")
    except ModuleNotFoundError as error:
        if (error.name or "").split(".")[0] != "matplotlib":
            raise
        raise ImportError(
            "plots need matplotlib, which is not installed: python -m pip install 'nlsolve[plot]'"
        ) from error


def axes_or_new(ax: Any, projection: str | None = None) -> Any:
    """Return the axes given, or those of a new figure, which is left to the user to show."""
    plt = pyplot()
    if ax is None:
        figure = plt.figure(figsize=(6.8, 5.6), layout="constrained")
        return figure.add_subplot(projection=projection)
    if projection == "3d" and not hasattr(ax, "get_zlim"):
        raise ValueError(
            "ax must have three dimensions here: figure.add_subplot(projection='3d'), or leave it "
            "out"
        )
    return ax


def style(count: int, marker: str = "o") -> dict[str, Any]:
    """Return the markers of a line with so many points."""
    return {"marker": marker if count <= FEW else "", "markersize": 4.0}


def finish(
    ax: Any, title: str, notes: Iterable[str], parts: tuple[Any, ...] = (), drop: float = 38.0
) -> None:
    """Write the title, and below the axes, `drop` points down, the legend with the notes.

    `parts` are axes inside of `ax` whose lines belong to its legend.
    """
    from matplotlib.lines import Line2D
    from matplotlib.transforms import ScaledTranslation

    figure = ax.figure
    ax.set_title(title, loc="left", fontsize=10.5)
    named = [one.get_legend_handles_labels() for one in (ax, *parts)]
    handles = [handle for found, _ in named for handle in found]
    labels = [label for _, found in named for label in found]
    for note in notes:
        handles.append(Line2D([], [], linestyle="none"))
        labels.append(f"note: {note}")
    if handles:
        below = ax.transAxes + ScaledTranslation(0.0, -drop / 72.0, figure.dpi_scale_trans)
        wrapped = [textwrap.fill(label, WIDTH) for label in labels]
        ax.legend(
            handles, wrapped, loc="upper left", bbox_to_anchor=(0.0, 0.0), bbox_transform=below,
            borderaxespad=0.0, frameon=False, fontsize=8, handlelength=2.6,
        )  # fmt: skip


def outcome(result: Any) -> str:
    """Return the verdict on a run in a few words."""
    return str(result.status.value).split(":")[0]


def worth(evidence: Evidence) -> str:
    """Return the word of an evidence, as pictures say it."""
    return evidence.name


def positive(values: FloatArray) -> FloatArray:
    """Return values for a logarithmic axis: NaN in the place of what has none there."""
    return np.where(np.isfinite(values) & (values > 0.0), values, np.nan)


def log_limits(values: Iterable[Any], room: float = 3.0) -> tuple[float, float]:
    """Return limits of a logarithmic axis around the positive values, (0.1, 1) where none is."""
    known = positive(np.concatenate([np.ravel(value) for value in values]))
    known = known[np.isfinite(known)]
    if known.size == 0:
        return 0.1, 1.0
    tiny, huge = np.finfo(float).tiny, np.finfo(float).max
    low, high = float(known.min()), float(known.max())
    return max(low / room, tiny), high * room if high < huge / room else huge


def mark_zeros(ax: Any, x: FloatArray, values: FloatArray, what: str) -> Any:
    """Mark at the foot of a logarithmic axis where values are exactly 0; None where none is."""
    zeros = x[values == 0.0]
    if zeros.size == 0:
        return None
    return ax.plot(
        zeros, np.full(zeros.size, ax.get_ylim()[0]), "v", color=MEASURED, markersize=8,
        clip_on=False, label=f"{what} = 0 exactly, below any logarithmic axis",
    )[0]  # fmt: skip


def turns_word(result: Any) -> str:
    """Return what an entry of the history stands for."""
    if len(result.history) - 1 != result.nit:
        return "entry of the history"  # a stage's new beginning has one too
    return "epoch" if result.method in ("sgd", "block-kaczmarz") else "iteration"


def whole_numbers(ax: Any, label: str) -> None:
    """Name a horizontal axis that counts something, and give it room for two numbers at least."""
    from matplotlib.ticker import MaxNLocator

    ax.set_xlabel(label)
    low, high = ax.get_xlim()
    if high - low < 1.0:
        middle = round(0.5 * (low + high))
        ax.set_xlim(middle - 1.2, middle + 1.2)
    ax.xaxis.set_major_locator(MaxNLocator(nbins=6, integer=True))


def not_finite(values: FloatArray) -> list[str]:
    """Return a note where values are missing from a picture because they are no numbers."""
    count = int((~np.isfinite(values)).sum())
    return [f"{count} values are not finite and not drawn"] if count else []
