"""How does F change with its parameters?

dF/dp at a fixed w, (n, k), as an operator. Formulas are differentiated exactly: their tape is run
with the parameters as further unknowns. For an argument of a Python function the columns are
central differences with steps relative to |p_j|, because a physical constant of 1e-12 must not be
moved by 1e-6; where p_j = 0, relative to the largest entry, or to 1 if all are 0.
"""

import copy
import numbers
from typing import Any

import numpy as np
from scipy.sparse.linalg import LinearOperator, aslinearoperator

from nlsolve.systems import FormulaSystem, System
from nlsolve.systems.base import FloatArray
from nlsolve.systems.problem import Problem
from nlsolve.systems.tape import PARAMETER, UNKNOWN, Tape


def derivative_by(problem: Problem, w: FloatArray, index: Any) -> tuple[str, Any]:
    """Return (words, dF/dp as an operator) for the parameter or argument meant.

    Parameters
    ----------
    problem : Problem
    w : (m,) ndarray
    index : int, str or None
        Position or name; None for all parameters of formulas, or for the only argument.

    Raises
    ------
    ValueError, TypeError
        If there is no such argument, or it is not made of floats.
    """
    if isinstance(problem.system, FormulaSystem):
        return _of_formulas(problem.system, w, index)
    return _of_argument(problem, w, index)


def _of_formulas(system: FormulaSystem, w: FloatArray, index: Any) -> tuple[str, Any]:
    names, m = system.tape.parameters, w.size
    chosen = _chosen_parameters(names, index)
    free = with_parameters_free(system)
    point = np.concatenate([w, [float(value) for value in system.parameters]])

    def along(change: Any) -> Any:
        moved = np.zeros(point.size)
        moved[m + chosen] = np.reshape(change, -1)
        return free.jvp(point, moved)

    def back(u: Any) -> Any:
        return free.vjp(point, np.reshape(u, -1))[m + chosen]

    shape = (system.tape.n, chosen.size)
    words = ", ".join(names[k] for k in chosen)
    return words, LinearOperator(shape, matvec=along, rmatvec=back, dtype=np.float64)


def with_parameters_free(system: FormulaSystem) -> FormulaSystem:
    """Return the same formulas with the parameters as further unknowns, after the others."""
    tape, m = system.tape, system.tape.m
    of_parameter = tape.op == PARAMETER
    op = np.where(of_parameter, UNKNOWN, tape.op)
    left = np.where(of_parameter, tape.left + m, tape.left)
    names = (*tape.unknowns, *tape.parameters)
    return FormulaSystem(Tape(op, left, tape.right, tape.constants, tape.outputs, names, ()))


def _chosen_parameters(names: tuple[str, ...], index: Any) -> Any:
    """Return the numbers of the parameters meant: all, or one by number or name."""
    if not names:
        raise ValueError("of='args': these formulas have no parameters")
    if index is None:
        return np.arange(len(names))
    if index in names:
        return np.array([names.index(index)])
    if _is_position(index, len(names)):
        return np.array([index % len(names)])
    raise ValueError(
        f"index must be the name or the number of a parameter ({', '.join(names)}), got {index!r}"
    )


def _is_position(index: Any, count: int) -> bool:
    whole = isinstance(index, numbers.Integral) and not isinstance(index, bool)
    return whole and -count <= index < count


def _of_argument(problem: Problem, w: FloatArray, index: Any) -> tuple[str, Any]:
    system = problem.system
    key = _chosen_argument(system, index)
    where = "args" if isinstance(key, int) else "kwargs"
    words = f"{where}[{key!r}]"
    p = _as_parameter(getattr(system, where)[key], words)
    scale = np.where(p != 0.0, np.abs(p), np.abs(p).max() or 1.0)
    moved = _ByArgument(system, w, where, key, p, scale)
    by_argument = Problem(System(moved, jac="3-point"), problem.y, p.size)
    origin = np.zeros(p.size)
    J = by_argument.jacobian(origin, by_argument.residual(origin))
    return words, aslinearoperator(J / scale.ravel())


def _chosen_argument(system: System, index: Any) -> int | str:
    known: list[int | str] = [*range(len(system.args)), *system.kwargs]
    index = known[0] if index is None and len(known) == 1 else index
    if isinstance(index, str) and index in system.kwargs:
        return index
    if _is_position(index, len(system.args)):
        return int(index) % len(system.args)
    raise ValueError(
        f"index must say which argument of F is meant, a position in args or a name in kwargs "
        f"({', '.join(map(repr, known)) or 'F has none'}), got {index!r}"
    )


def _as_parameter(value: Any, words: str) -> FloatArray:
    """Return an argument as an array of floats."""
    number = isinstance(value, numbers.Real) and not isinstance(value, (bool, np.bool_))
    array = np.asarray(value)
    if number or (array.dtype.kind == "f" and array.size > 0):
        return array.astype(np.float64)
    raise TypeError(
        f"{words} must be a number or an array of floats to be differentiated by, got "
        f"{type(value).__name__} of dtype {array.dtype}"
    )


class _ByArgument:
    """F at a fixed w as a function of one of its arguments, p + scale q."""

    def __init__(
        self, system: System, w: FloatArray, where: str, key: int | str, p: FloatArray,
        scale: FloatArray,
    ) -> None:  # fmt: skip
        self.system, self.w, self.p, self.scale = copy.copy(system), w, p, scale
        self.where, self.key = where, key

    def __call__(self, q: FloatArray) -> Any:
        value = self.p + self.scale * q.reshape(self.p.shape)
        given = getattr(self.system, self.where)
        moved = _replaced(given, self.key, value if self.p.ndim else float(value))
        setattr(self.system, self.where, moved)
        return self.system.values(self.w.copy())[0]


def _replaced(given: Any, key: Any, value: Any) -> Any:
    """Return args or kwargs with one of them replaced."""
    if isinstance(given, dict):
        return {**given, key: value}
    return (*given[:key], value, *given[key + 1 :])
