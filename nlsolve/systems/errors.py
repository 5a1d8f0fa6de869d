"""What goes wrong while F is read or evaluated, and what does the user see of it?"""

import sys
import warnings
from typing import Any


class EvaluationError(RuntimeError):
    """One of the user's functions raised, or returned what it must not.

    Attributes
    ----------
    partial_result : SolveResult or None
        What had been computed when it happened.
    """

    partial_result: Any = None


class ClusterError(EvaluationError):
    """The workers that hold a system's blocks, or their scheduler, are gone."""


class FormulaError(ValueError):
    """A formula says what it may not, or cannot be read.

    Attributes
    ----------
    line, column : int or None
        Where in the text, from 1.
    """

    line: int | None = None
    column: int | None = None


class JacobianWarning(UserWarning):
    """A Jacobian disagrees with a difference of F."""


def warn(message: str, category: type[Warning] = JacobianWarning) -> None:
    """Issue a warning that points at the line that called this package."""
    frame, level, outermost = sys._getframe(), 1, 1
    while frame.f_back is not None:
        if frame.f_globals["__name__"].startswith("nlsolve."):
            outermost = level
        frame, level = frame.f_back, level + 1
    warnings.warn(message, category, stacklevel=outermost + 1)
