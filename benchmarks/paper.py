"""What was found of the paper's claims, over the full ranges?

The scripts of the gallery are run with the largest width or number of samples that
docs/explanation/paper.md reports; figures are not shown.

Source of the claims: C. Liu, L. Zhu, M. Belkin, arXiv 2003.00307.
"""

import contextlib
import io
import pathlib
import runpy
import sys
from collections.abc import Iterator
from unittest import mock

from matplotlib import pyplot

EXAMPLES = pathlib.Path(__file__).parent.parent / "examples"
CLAIMS = {  # script: its arguments
    "essential_nonconvexity": (),
    "transition_to_linearity": ("14",),
    "exponential_convergence": (),
    "width_for_convergence": ("160",),
    "conditioning_along_the_path": (),
    "almost_enough_weights": (),
}


def report(quick: bool) -> Iterator[str]:
    """Yield what the scripts print."""
    pyplot.switch_backend("Agg")
    for name in list(CLAIMS)[: 1 if quick else None]:
        yield f"### {name}\n\n```\n{printed(name)}```\n"


def printed(name: str) -> str:
    """Return what a script prints."""
    path = str(EXAMPLES / f"{name}.py")
    with (
        contextlib.redirect_stdout(io.StringIO()) as out,
        mock.patch.object(sys, "argv", [path, *CLAIMS[name]]),
    ):
        runpy.run_path(path, run_name="__main__")
    pyplot.close("all")
    return out.getvalue()
