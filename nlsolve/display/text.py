"""How does a result, or a run in progress, look in a terminal?"""

from typing import Any

import numpy as np


def vector(values: Any) -> str:
    """Return a vector on one line, its middle left out where it is long."""
    return np.array2string(
        np.asarray(values), precision=6, threshold=8, edgeitems=3, max_line_width=10_000
    )


def result_text(result: Any) -> str:
    """Return a result as aligned lines, the verdict first."""
    lines = [
        ("", result.get("message", "no message")),
        ("w", vector(result.w)),
        ("fun", vector(result.fun)),
        ("|r|", f"{result.residual_norm:.3e}"),
        ("optimality", f"{result.optimality:.3e}"),
        ("method", f"{' -> '.join(result.stages)} ({result.method}, {result.lane} lane)"),
        ("nit, nfev, njev", f"{result.nit}, {result.nfev}, {result.njev}"),
    ]
    if len(result.history):
        moved, path = result.history.distance[-1], result.history.path_length[-1]
        lines.append(("moved", f"{moved:.4g} from w0 along a path of {path:.4g}"))
    return "\n".join(f"{name:>16}: {text}" if name else text for name, text in lines)


def iteration_header() -> str:
    """Return the head of the table of verbose=2."""
    return f"{'iteration':>9} {'|r|':>12} {'step':>12} {'|w - w0|':>12} {'nfev':>7}  method"


def iteration_line(nit: int, row: Any, nfev: int, method: str) -> str:
    """Return one row of the table of verbose=2."""
    return f"{nit:>9} {row[0]:>12.4e} {row[1]:>12.4e} {row[2]:>12.4e} {nfev:>7}  {method}"
