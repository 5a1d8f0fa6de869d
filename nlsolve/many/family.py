"""What are the systems of `solve_many`: which y, start and arguments has row i?"""

from typing import Any

import numpy as np

from nlsolve.api import solve
from nlsolve.result import SolveResult
from nlsolve.systems import System, as_system
from nlsolve.systems.base import FloatArray
from nlsolve.systems.errors import EvaluationError


class Family:
    """N systems that differ in y, start and the first arguments of F; can be sent to a worker.

    Parameters
    ----------
    F, own
        The function and keywords of `nlsolve.System`.
    args : tuple
        Arguments that all rows share.
    words : dict
        Keywords of `solve`.
    Y : float or (N, n) ndarray
    W0 : (N, m) ndarray
    each : tuple of (N, ...) ndarray
    """

    def __init__(
        self, F: Any, own: dict[str, Any], args: tuple[Any, ...], words: dict[str, Any],
        Y: Any, W0: FloatArray, each: tuple[Any, ...],
    ) -> None:  # fmt: skip
        self.F, self.own, self.args, self.words = F, own, args, words
        self.Y, self.W0, self.each = Y, W0, each

    def __len__(self) -> int:
        return int(self.W0.shape[0])

    def y(self, i: int) -> Any:
        """Return the right-hand side of row i."""
        return self.Y if np.ndim(self.Y) == 0 else self.Y[i]

    def system(self, i: int) -> System:
        """Return the system of row i."""
        args = (*(values[i] for values in self.each), *self.args)
        return as_system(self.F, {**self.own, "args": args} if args else self.own)

    def solved(self, i: int) -> SolveResult | EvaluationError:
        """Return what solve() returns for row i, or the error of its F."""
        try:
            return solve(self.system(i), self.y(i), self.W0[i], **self.words)
        except EvaluationError as error:
            return error

    def outcome(self, i: int) -> Any:
        """Return `solved` without its system, which cannot always travel from a worker."""
        found = self.solved(i)
        if isinstance(found, SolveResult):
            found.__dict__["_made"] = None
            return found
        return EvaluationError(*found.args)

    def part(self, rows: Any) -> "Family":
        """Return some of the rows as a family of their own."""
        Y, each = self.Y if np.ndim(self.Y) == 0 else self.Y[rows], (v[rows] for v in self.each)
        return Family(self.F, self.own, self.args, self.words, Y, self.W0[rows], tuple(each))

    def unchecked(self) -> "Family":
        """Return the same without the comparison of derivatives, which row 0 has made."""
        if isinstance(self.F, System):
            return self
        own = {**self.own, "check_jac": False}
        return Family(self.F, own, self.args, self.words, self.Y, self.W0, self.each)


def broadcast(Y: Any, W0: Any, each: Any) -> tuple[Any, FloatArray, tuple[Any, ...]]:
    """Return Y (a number or (N, n)), W0 (N, m) and the arguments of the rows.

    Raises
    ------
    TypeError, ValueError
        Where they do not fit together.
    """
    if W0 is None:
        raise TypeError("W0 is missing: give a start, (m,), or one a row, (N, m)")
    if not isinstance(each, tuple):
        raise TypeError(f"each must be a tuple of arrays, got {type(each).__name__}")
    y, w0 = _numbers(Y, "Y"), np.atleast_1d(_numbers(W0, "W0"))
    own = tuple(np.ascontiguousarray(values) for values in each)
    sizes = {"Y": y.shape[:-1] if y.ndim else (), "W0": w0.shape[:-1]}
    sizes |= {f"each[{k}]": values.shape[:1] for k, values in enumerate(own)}
    counts = {name: size[0] for name, size in sizes.items() if size}
    if len(set(counts.values())) > 1:
        told = ", ".join(f"{name} has {count}" for name, count in counts.items())
        raise ValueError(f"the arrays must have one number of rows, but {told}")
    N = next(iter(counts.values()), 1)
    if N == 0:
        raise ValueError("there are no rows: Y, W0 and each must have at least one")
    whole = float(y) if y.ndim == 0 else np.ascontiguousarray(np.broadcast_to(y, (N, y.shape[-1])))
    return whole, np.array(np.broadcast_to(w0, (N, w0.shape[-1]))), own


def _numbers(value: Any, name: str) -> FloatArray:
    """Return a finite float64 array of at most two dimensions."""
    array = np.asarray(value)
    if array.dtype.kind not in "fiub":
        raise ValueError(f"{name} must hold real numbers, got dtype {array.dtype}")
    if array.ndim > 2:
        raise ValueError(f"{name} must be a vector or have a row a system, got {array.shape}")
    if not np.isfinite(array).all():
        place = tuple(map(int, np.argwhere(~np.isfinite(array))[0]))
        raise ValueError(f"{name} must be finite, but its entry {place} is {array[place]}")
    return array.astype(np.float64)
