"""What is a vector of unknowns whose entries never come together?

`Shards` is one that numpy's own protocols (NEP 13 and NEP 18) let stand where an array would: sums
and multiples of it are recipes, sent to the blocks when a number depends on them. So the texts of
the methods, which say w - eta g, run on it as they stand. What would need the entries themselves is
refused, with the way to get them: ``np.asarray(w)``.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from nlsolve.distributed.ledger import Handle, Ledger, combination
from nlsolve.distributed.messages import Combination, Constant, Given
from nlsolve.systems.base import FloatArray


class Shards:
    """A vector of m unknowns, of which each block holds its part.

    Attributes
    ----------
    size : int
        m.
    shape : tuple of int
        (m,).
    ends : (P + 1,) ndarray of int
        Where the parts begin and end.

    Notes
    -----
    ``np.asarray(w)`` gathers the entries here; `part` gets those of one block. Sums, differences
    and multiples are vectors of the same kind.
    """

    __slots__ = ("__weakref__", "handle", "ledger")
    ndim, dtype = 1, np.dtype(np.float64)

    def __init__(self, ledger: Ledger, handle: Handle) -> None:
        self.ledger, self.handle = ledger, handle

    @property
    def ends(self) -> Any:
        """Where the parts begin and end."""
        return self.ledger.ends

    @property
    def size(self) -> int:
        """Number of unknowns."""
        return int(self.ends[-1])

    @property
    def shape(self) -> tuple[int]:
        """(m,)."""
        return (self.size,)

    def __len__(self) -> int:
        return self.size

    def __repr__(self) -> str:
        return f"Shards({self.size:,} unknowns in {len(self.ends) - 1} blocks)"

    def copy(self) -> "Shards":
        """Return another name of this vector, which nothing changes."""
        return Shards(self.ledger, self.handle)

    def part(self, p: int) -> FloatArray:
        """Return the unknowns of block p."""
        return self.ledger.ask("part", (self.handle,), self.handle.key)[p]  # type: ignore[no-any-return]

    def is_finite(self) -> bool:
        """Return True: blocks answer NaN where their part is not finite."""
        return True

    def norm(self) -> float:
        """Return |w|; of a difference or a multiple without making it."""
        made, recipe = self.handle.entry is not None, self.handle.recipe
        by_key = {parent.key: parent for parent in self.handle.parents}
        if made or not isinstance(recipe, Combination) or not _plain(recipe):
            return self.ledger.measure("norm", self.handle)
        coefficients, keys = zip(*recipe.terms, strict=True)
        if len(keys) == 1:
            return float(abs(coefficients[0])) * self.ledger.measure("norm", by_key[keys[0]])
        if coefficients != (1.0, -1.0):
            return self.ledger.measure("norm", self.handle)
        a, b = (by_key[key] for key in keys)
        return 0.0 if a is b else self.ledger.measure("distance", a, b)

    def _sum(self, a: float, other: Any, b: float) -> Any:
        """Return a self + b other."""
        if isinstance(other, np.ndarray) and other.shape == self.shape:
            other = Shards(self.ledger, self.ledger.new(Given(other)))
        if not isinstance(other, Shards):
            return NotImplemented
        terms = [(a, self.handle), (b, other.handle)]
        return Shards(self.ledger, combination(self.ledger, terms))

    def __add__(self, other: Any) -> Any:
        return self._sum(1.0, other, 1.0)

    __radd__ = __add__

    def __sub__(self, other: Any) -> Any:
        return self._sum(1.0, other, -1.0)

    def __mul__(self, factor: Any) -> Any:
        if np.ndim(factor) != 0:
            return NotImplemented
        if factor == 1.0:
            return self
        handle = combination(self.ledger, [(float(factor), self.handle)])
        return Shards(self.ledger, handle)

    __rmul__ = __mul__

    def __truediv__(self, divisor: Any) -> "Shards":
        return self if divisor == 1.0 else self * (1.0 / float(divisor))

    def __neg__(self) -> "Shards":
        return self * -1.0  # type: ignore[no-any-return]

    def __array__(self, dtype: Any = None, copy: Any = None) -> FloatArray:
        parts = self.ledger.ask("part", (self.handle,), self.handle.key)
        return np.concatenate(parts).astype(dtype or float, copy=False)

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **kwargs: Any) -> Any:
        operation = _UFUNCS.get(ufunc) if method == "__call__" and not kwargs else None
        return NotImplemented if operation is None else operation(*inputs)

    def __array_function__(self, function: Any, types: Any, args: Any, kwargs: Any) -> Any:
        operation = _FUNCTIONS.get(function)
        if operation is None:
            raise TypeError(
                f"{function.__name__} needs the unknowns themselves, which are with the blocks: "
                "np.asarray(w) gathers them"
            )
        return operation(*args, **kwargs)

    def __reduce__(self) -> Any:
        return np.asarray, (np.asarray(self),)


def _plain(recipe: Combination) -> bool:
    """Return whether it is of vectors only."""
    return all(isinstance(term, int) for _, term in recipe.terms)


def _constant(w: Shards, value: float) -> Shards:
    return Shards(w.ledger, w.ledger.new(Constant(value)))


def _copyto(into: Shards, source: Shards) -> None:
    into.handle = source.handle


def _dot(a: Shards, b: Shards) -> float:
    return a.ledger.measure("dot", a.handle, b.handle)


def _norm(w: Shards, order: Any = None) -> float:
    if order is None:
        return w.norm()
    if order != np.inf:
        raise TypeError(f"of shards the norms 2 and inf are known, got {order!r}")
    return w.ledger.measure("largest", w.handle)


def _equal(a: Any, b: Any, equal_nan: bool = False) -> bool:
    if not (isinstance(a, Shards) and isinstance(b, Shards)):
        return False
    return a.handle is b.handle or (a - b).norm() == 0.0


def _minus(a: Any, b: Any) -> Any:
    return a - b if isinstance(a, Shards) else b * -1.0 + a


def _times(a: Any, b: Any) -> Any:
    return a * b if isinstance(a, Shards) else b * a


# sums and products whose left side is an array or a number of numpy come here
_UFUNCS: dict[Any, Callable[..., Any]] = {
    np.add: lambda a, b: a + b if isinstance(a, Shards) else b + a,
    np.subtract: _minus,
    np.multiply: _times,
    np.divide: lambda a, b: a / b,
    np.negative: lambda a: -a,
}

_FUNCTIONS: dict[Any, Callable[..., Any]] = {
    np.linalg.norm: _norm,
    np.dot: _dot,
    np.vdot: _dot,
    np.copyto: _copyto,
    np.array_equal: _equal,
    np.zeros_like: lambda w, dtype=None: _constant(w, 0.0),
    np.full_like: lambda w, value: _constant(w, value),
    np.array2string: lambda w, **how: repr(w),
    np.size: lambda w: w.size,
}
