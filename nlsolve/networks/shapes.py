"""Is what the user says of a network what it expects?"""

import numbers
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from nlsolve.networks.activations import ACTIVATIONS

PARAMETERIZATIONS = ("ntk", "standard")
DTYPES = ("float64", "float32")


def samples(X: Any, dtype: Any, dimensions: Sequence[int], meaning: str) -> npt.NDArray[Any]:
    """Return the data, samples first and channels last.

    Raises
    ------
    ValueError
        If they have another number of dimensions, or are not finite.
    """
    if np.dtype(dtype).name not in DTYPES:
        raise ValueError(f"dtype must be one of {', '.join(DTYPES)}, got {dtype!r}")
    array = np.array(X, dtype=dtype, order="C")
    if array.ndim not in dimensions or array.size == 0:
        raise ValueError(f"X must have shape {meaning}, got shape {array.shape}")
    if not np.isfinite(array).all():
        raise ValueError("X must be finite, got NaN or infinite entries")
    return array


def counts(value: Any, name: str, length: int | None = None) -> tuple[int, ...]:
    """Return positive integers; one number stands for `length` equal ones."""
    given = (value,) * (length or 1) if isinstance(value, numbers.Integral) else tuple(value)
    good = all(isinstance(item, numbers.Integral) and int(item) > 0 for item in given)
    if not good or not given or (length is not None and len(given) != length):
        what = "positive integers" if length is None else f"{length} positive integers, or one"
        raise ValueError(f"{name} must be {what}, got {value!r}")
    return tuple(int(item) for item in given)


def check_names(activation: str, output: str, parameterization: str) -> None:
    """Refuse names that are none."""
    one_of(activation, "activation", tuple(ACTIVATIONS))
    one_of(output, "output", tuple(ACTIVATIONS))
    one_of(parameterization, "parameterization", PARAMETERIZATIONS)


def one_of(value: Any, name: str, choices: Sequence[str]) -> None:
    """Refuse what is not among the choices."""
    if value not in choices:
        raise ValueError(f"{name} must be one of {', '.join(map(repr, choices))}; got {value!r}")
