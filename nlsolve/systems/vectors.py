"""What is a vector of real numbers, and are they all finite?"""

import math
from typing import Any

import numpy as np

from nlsolve.systems.jacobians import FloatArray


def real_vector(value: Any, name: str) -> FloatArray:
    """Return an array-like as a new float64 vector; a number becomes a vector of one."""
    try:
        array = np.asarray(value)
    except ValueError as error:
        raise ValueError(f"{name} must be a list or array of real numbers: {error}") from error
    if array.dtype.kind == "c":
        raise ValueError(
            f"{name} has complex values; split the unknowns into real and imaginary parts"
        )
    if array.dtype.kind not in "fiub":
        raise ValueError(f"{name} must hold real numbers, got dtype {array.dtype}")
    if array.ndim > 1:
        raise ValueError(f"{name} must be a number or a vector, got shape {array.shape}")
    if array.size == 0:
        raise ValueError(f"{name} is empty; expected at least one number")
    vector = np.array(array, dtype=np.float64, ndmin=1)
    if not is_finite(vector):
        place = int(np.argmin(np.isfinite(vector)))
        raise ValueError(f"{name} must be finite, but {name}[{place}] is {vector[place]}")
    return vector


def is_finite(array: Any) -> bool:
    """Return whether all entries are finite; one product where nothing overflows."""
    if type(array) is not np.ndarray:
        return array.is_finite()  # type: ignore[no-any-return]
    return math.isfinite(np.vdot(array, array)) or bool(np.isfinite(array).all())
