"""What is a secondary objective, and how is its gradient found?

Of all solutions of F(w) = y the user wants one that makes g(w) small: joints far from their limits,
a point in the middle. g is given as a Python function; its gradient too, or it is found by
central differences. Where g is not finite it counts as too large, so that it may contain barriers.
"""

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from nlsolve.systems.differences import combine, difference_points, jacobian_error, relative_step
from nlsolve.systems.errors import EvaluationError
from nlsolve.systems.jacobians import FloatArray, as_real


class Secondary:
    """g and its gradient, as an objective."""

    def __init__(self, g: Callable[..., Any], jac: Callable[..., Any] | None) -> None:
        self.g, self.jac = g, jac
        self.accuracy = 0.0 if jac is not None else 100.0 * jacobian_error("3-point")

    def value(self, w: FloatArray) -> float:
        """Return g(w), infinite where it is NaN."""
        value = as_real(_called("secondary", self.g, w), "secondary")
        if value.size != 1:
            raise EvaluationError(f"secondary must return a number, got shape {value.shape}")
        number = float(value.item())
        return math.inf if math.isnan(number) else number

    def gradient(self, w: FloatArray) -> FloatArray:
        """Return the gradient of g, (m,)."""
        if self.jac is None:
            return self._differences(w)
        gradient = as_real(_called("secondary_jac", self.jac, w), "secondary_jac")
        if gradient.size != w.size:
            raise EvaluationError(
                f"secondary_jac returned shape {gradient.shape}, expected ({w.size},)"
            )
        return gradient.reshape(w.size)

    def _differences(self, w: FloatArray) -> FloatArray:
        points, steps = difference_points(w, "3-point", relative_step("3-point"))
        values = np.array([[self.value(np.ascontiguousarray(point)) for point in points.T]])
        gradient: FloatArray = combine(values, None, steps, "3-point")[0]
        return gradient


def _called(name: str, function: Callable[..., Any], w: FloatArray) -> Any:
    try:
        return function(w.copy())
    except Exception as error:
        raise EvaluationError(f"{name} raised {type(error).__name__}: {error}") from error
