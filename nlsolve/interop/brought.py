"""What does a function of another framework need to be a System?

`Brought` is the function as nlsolve calls it: doubles in, doubles out, with products J v and J^T u
and J itself. J is formed up to 4 million entries, row by row (reverse mode) where m > n and column
by column (forward mode) otherwise, in blocks, so that no more than `BLOCK` evaluations are kept at
a time; above that it is an operator, and steps are computed from products alone. One file a
framework says how each of these is evaluated there.
"""

import importlib
from collections.abc import Mapping
from typing import Any

import numpy as np
from scipy.sparse.linalg import LinearOperator

from nlsolve.systems import System
from nlsolve.systems.base import FloatArray
from nlsolve.systems.errors import FormulaError
from nlsolve.systems.problem import FORMED

BLOCK = 64  # rows or columns of J found at a time
MODES = (None, "forward", "reverse")


def needed(name: str, title: str) -> None:
    """Import a framework.

    Raises
    ------
    ImportError
        If it is not installed, naming the extra that installs it.
    """
    try:
        importlib.import_module(name)
    except ImportError as error:
        raise ImportError(
            f"{title} cannot be imported ({error}); install it with "
            f'python -m pip install "nlsolve[{name}]"',
            name=name,
        ) from error


class Brought:
    """F of a framework as a function of doubles, with its derivatives.

    Parameters
    ----------
    F : callable
    m : int or None
        Number of unknowns, where it is known beforehand.
    mode : {None, 'forward', 'reverse'}
        The only products F allows; None: both.
    """

    framework: str  # its name, for people

    def __init__(self, F: Any, m: int | None, mode: str | None = None) -> None:
        if not callable(F):
            raise TypeError(f"F must be callable, got {type(F).__name__}")
        if mode not in MODES:
            raise ValueError(f"mode must be one of {MODES}, got {mode!r}")
        self.F, self.m, self.mode = F, m, mode
        self.n: int | None = None  # known after the first evaluation

    def evaluate(self, w: FloatArray, args: Any, kwargs: Any) -> Any:
        """Return F(w), (n,), as a numpy array of the precision F has."""
        raise NotImplementedError

    def push(self, w: FloatArray, v: FloatArray, args: Any, kwargs: Any) -> Any:
        """Return J v."""
        raise NotImplementedError

    def pull(self, w: FloatArray, u: FloatArray, args: Any, kwargs: Any) -> Any:
        """Return J^T u."""
        raise NotImplementedError

    def form(self, w: FloatArray, forward: bool, args: Any, kwargs: Any) -> Any:
        """Return J as an array or a sparse array."""
        raise NotImplementedError

    def values(self, w: FloatArray, /, *args: Any, **kwargs: Any) -> Any:
        """Return F(w)."""
        if w.dtype == object:  # nlsolve.trace
            raise FormulaError(f"it is evaluated by {self.framework}; a proof needs formulas")
        if self.m is not None and w.size != self.m:
            raise ValueError(f"w has {w.size} entries, but F has {self.m} unknowns")
        values = self.evaluate(w, args, kwargs)
        self.n = values.size
        return values

    def jvp(self, w: FloatArray, v: FloatArray, /, *args: Any, **kwargs: Any) -> Any:
        """Return J(w) v."""
        return self.push(w, v, args, kwargs)

    def vjp(self, w: FloatArray, u: FloatArray, /, *args: Any, **kwargs: Any) -> Any:
        """Return J(w)^T u."""
        return self.pull(w, u, args, kwargs)

    def jacobian(self, w: FloatArray, /, *args: Any, **kwargs: Any) -> Any:
        """Return J(w): formed, or an operator where it is large and both products are there."""
        n = self.values(w, *args, **kwargs).size if self.n is None else self.n
        if self.mode is not None:
            return self.form(w, self.mode == "forward", args, kwargs)
        if self.formed(n, w.size):
            return self.form(w, w.size <= n, args, kwargs)
        return LinearOperator(
            (n, w.size),
            matvec=lambda v: self.push(w, np.ravel(v), args, kwargs),
            rmatvec=lambda u: self.pull(w, np.ravel(u), args, kwargs),
            dtype=np.float64,
        )

    def formed(self, n: int, m: int) -> bool:
        """Return whether J is formed rather than an operator."""
        return n * m <= FORMED

    def flat(self, w: Any) -> FloatArray:
        """Return unknowns in the structure F takes as a vector."""
        raise NotImplementedError

    def structured(self, w: FloatArray) -> Any:
        """Return a vector of unknowns in the structure F takes."""
        raise NotImplementedError


class BroughtSystem(System):
    """A System made of a function of another framework; see `nlsolve.from_jax`.

    Attributes
    ----------
    w0 : (m,) ndarray or None
        The unknowns the system was made with, as a vector.
    """

    def __init__(
        self,
        brought: Brought,
        *,
        rows: Any = None,
        args: tuple[Any, ...] = (),
        kwargs: Mapping[str, Any] | None = None,
        check_jac: Any = "warn",
        w0: FloatArray | None = None,
    ) -> None:
        super().__init__(
            brought.values, jac=brought.jacobian,
            jvp=None if brought.mode == "reverse" else brought.jvp,
            vjp=None if brought.mode == "forward" else brought.vjp,
            rows=rows, args=args, kwargs=kwargs, check_jac=check_jac,
        )  # fmt: skip
        self.brought, self.w0 = brought, w0

    def __repr__(self) -> str:
        name = getattr(self.brought.F, "__name__", type(self.brought.F).__name__)
        return f"System({name} of {self.brought.framework}, derivatives: exact)"

    def ravel(self, w: Any) -> FloatArray:
        """Return unknowns in the structure F takes as a vector, (m,)."""
        return self.brought.flat(w)

    def unravel(self, w: Any) -> Any:
        """Return a vector of unknowns, (m,), in the structure F takes."""
        return self.brought.structured(np.asarray(w, dtype=np.float64))
