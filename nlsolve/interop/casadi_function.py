"""How is a function of CasADi evaluated and differentiated?

CasADi computes in doubles and knows where J may differ from 0: J is sparse wherever that pattern
is, as for formulas of our own, and an operator of products only where it is both dense and large.
"""

from functools import cached_property
from typing import Any

import casadi
import numpy as np
from scipy import sparse

from nlsolve.interop.brought import Brought
from nlsolve.systems.base import FloatArray
from nlsolve.systems.formulas import is_sparse

EXPRESSIONS = (casadi.SX, casadi.MX)


class CasadiFunction(Brought):
    """F(w, *parameters) of CasADi; further arguments are its further inputs, in order or by name.

    Parameters
    ----------
    F : casadi.Function
    """

    framework = "CasADi"

    def __init__(self, F: Any) -> None:
        check(F)
        super().__init__(F, F.size1_in(0))
        self.names = F.name_in()
        self.n = F.size1_out(0)

    def __reduce__(self) -> Any:
        return CasadiFunction, (self.F,)

    def evaluate(self, w: FloatArray, args: Any, kwargs: Any) -> Any:
        """Return F(w)."""
        return _vector(self.F(*self._inputs(w, args, kwargs)))

    def push(self, w: FloatArray, v: FloatArray, args: Any, kwargs: Any) -> Any:
        """Return J v."""
        return _vector(self._push(*self._inputs(w, args, kwargs), v))

    def pull(self, w: FloatArray, u: FloatArray, args: Any, kwargs: Any) -> Any:
        """Return J^T u."""
        return _vector(self._pull(*self._inputs(w, args, kwargs), u))

    def form(self, w: FloatArray, forward: bool, args: Any, kwargs: Any) -> Any:
        """Return J, in the mode CasADi chooses."""
        J = self._jacobian(*self._inputs(w, args, kwargs))
        return sparse.csr_array(J.sparse()) if self._sparse else J.full()

    def formed(self, n: int, m: int) -> bool:
        """Return whether J is formed rather than an operator."""
        return self._sparse or super().formed(n, m)

    def flat(self, w: Any) -> FloatArray:
        """Return the vector itself."""
        return np.ravel(np.asarray(w, dtype=np.float64))

    def structured(self, w: FloatArray) -> Any:
        """Return the vector itself."""
        return w

    @cached_property
    def _sparse(self) -> bool:
        pattern = self._jacobian.sparsity_out(0)
        return is_sparse(pattern.nnz(), pattern.numel())

    @cached_property
    def _jacobian(self) -> Any:
        return self.F.factory("J", self.names, [f"jac:{self.F.name_out(0)}:{self.names[0]}"])

    @cached_property
    def _push(self) -> Any:
        seed, result = f"fwd:{self.names[0]}", f"fwd:{self.F.name_out(0)}"
        return self.F.factory("jvp", [*self.names, seed], [result])

    @cached_property
    def _pull(self) -> Any:
        seed, result = f"adj:{self.F.name_out(0)}", f"adj:{self.names[0]}"
        return self.F.factory("vjp", [*self.names, seed], [result])

    def _inputs(self, w: FloatArray, args: Any, kwargs: Any) -> list[Any]:
        """Return the inputs of F in their order."""
        names = self.names[1:]
        given = dict(zip(names, args, strict=False)) | kwargs
        if set(given) != set(names) or len(args) + len(kwargs) != len(names):
            raise TypeError(
                f"F takes {len(names)} inputs after w ({', '.join(names) or 'none'}); got "
                f"{len(args)} in args and {', '.join(kwargs) or 'none'} in kwargs"
            )
        return [w, *(given[name] for name in names)]


def check(F: Any) -> None:
    """Refuse what is no function of a vector that returns one.

    Raises
    ------
    TypeError, ValueError
    """
    if not isinstance(F, casadi.Function):
        raise TypeError(
            f"F must be a casadi.Function, or an SX or MX expression with its unknowns as second "
            f"argument, got {type(F).__name__}"
        )
    if F.n_in() == 0 or F.n_out() != 1:
        raise ValueError(
            f"F must have w as its first input and one output, got inputs {F.name_in()} and "
            f"outputs {F.name_out()}; stack outputs with casadi.vertcat"
        )
    for name, size in ((F.name_in(0), F.size_in(0)), (F.name_out(0), F.size_out(0))):
        if size[1] != 1 or size[0] == 0:
            raise ValueError(f"{name} of F must be a column, got shape {size}; use casadi.vec")
    if F.nnz_in(0) < F.size1_in(0):
        raise ValueError(f"{F.name_in(0)} of F must be dense, got {F.sparsity_in(0)}")


def function_of(expression: Any, w: Any, parameters: Any) -> Any:
    """Return the casadi.Function of an expression in symbols w and parameters."""
    if isinstance(parameters, EXPRESSIONS):
        parameters = (parameters,)
    symbols = [w, *parameters]
    for name, symbol in zip(
        ["w", *(f"p[{k}]" for k in range(len(symbols)))], symbols, strict=False
    ):
        if not isinstance(symbol, EXPRESSIONS) or not _symbolic(symbol):
            raise TypeError(f"{name} must be CasADi symbols, as SX.sym gives them, got {symbol!r}")
    return casadi.Function("F", symbols, [expression])


def _symbolic(symbol: Any) -> bool:
    return bool(symbol.is_valid_input())


def _vector(value: Any) -> FloatArray:
    return np.ravel(value.full())
