"""What is a system that is known as formulas?

A `System` made of a tape. Values and exact derivatives come from the interpreter, which is loaded
when first needed; certificates read the tape itself and the exact values of the parameters.
"""

import numbers
from collections.abc import Mapping
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.sparse import csr_array

from nlsolve.systems.base import FloatArray, System
from nlsolve.systems.errors import EvaluationError
from nlsolve.systems.tape import OPERATIONS, UNKNOWN, IntegerArray, Tape

if TYPE_CHECKING:
    from nlsolve.systems.interpreter import Program

SPARSE = 10_000  # entries from which on J may be kept as a sparse array


class FormulaSystem(System):
    """A system known as formulas.

    Parameters
    ----------
    tape : Tape
        The formulas, as `nlsolve.parse`, `nlsolve.from_sympy` and `nlsolve.trace` write them.
    parameters : mapping or sequence, optional
        Values of the tape's parameters by name, or all of them in order. A float is the rational
        it is; a Fraction stays exact. Values may also be given later, with `at`.

    Attributes
    ----------
    tape : Tape
    unknowns : tuple of str
        Names of the entries of w.

    Raises
    ------
    TypeError, ValueError
        If a parameter does not exist or its value is no finite number.

    Examples
    --------
    >>> import nlsolve
    >>> from nlsolve.systems.tape import Builder
    >>> from nlsolve.systems.formulas import FormulaSystem
    >>> write = Builder(["x", "y"], ["radius"])
    >>> squares = [write.power(write.unknown(j), 2) for j in (0, 1)]
    >>> square = write.power(write.parameter(0), 2)
    >>> tape = write.build([write.apply("sub", write.total(squares), square)])
    >>> circle = FormulaSystem(tape).at(radius=5)
    >>> circle.named(nlsolve.solve(circle, 0.0, [6.0, 8.0]).w)
    {'x': 3.0, 'y': 4.0}
    """

    unknowns: tuple[str, ...]

    def __init__(self, tape: Tape, *, parameters: Any = None) -> None:
        check_tape(tape)
        self.tape, self.unknowns = tape, tape.unknowns
        self._given = _by_name(tape.parameters, parameters)
        super().__init__(self.__call__, jac=self.jacobian, rows=self.rows, check_jac=False)

    def __call__(self, w: Any) -> FloatArray:
        """Return F(w)."""
        return self.program.values(self._point(w), self._floats)

    def __repr__(self) -> str:
        names = ", ".join((*self.unknowns[:6], "..."[: 3 * (len(self.unknowns) > 6)])).rstrip(", ")
        return f"FormulaSystem({self.tape.n} equations, {self.tape.m} unknowns: {names})"

    def _repr_html_(self) -> str:
        from nlsolve.display.html import system_html
        from nlsolve.systems.errors import FormulaError
        from nlsolve.systems.printed import text_of

        try:
            return system_html(self, text_of(self.tape))
        except FormulaError:  # a name that is no text
            return system_html(self)

    def __reduce__(self) -> Any:
        return _restored, (self.tape, self._given)

    def at(self, /, *values: Any, **by_name: Any) -> "FormulaSystem":
        """Return the same formulas with these parameter values; others stay as they are.

        Parameters
        ----------
        *values
            All values in order, or one sequence or mapping of values.
        **by_name
            Values by name.
        """
        if len(values) == 1 and not isinstance(values[0], numbers.Real):
            (values,) = values
        given = _by_name(self.tape.parameters, values) if len(values) else {}
        given |= _by_name(self.tape.parameters, by_name)
        system = FormulaSystem(self.tape, parameters={**self._given, **given})
        if "program" in self.__dict__:
            system.__dict__["program"] = self.program
        return system

    def named(self, w: Any) -> dict[str, float]:
        """Return the entries of w by the names of the unknowns."""
        return dict(zip(self.unknowns, self._point(w).tolist(), strict=True))

    @property
    def parameters(self) -> tuple[Fraction, ...]:
        """The exact values of the parameters, in order.

        Raises
        ------
        EvaluationError
            If some have no value, naming them.
        """
        missing = [name for name in self.tape.parameters if name not in self._given]
        if missing:
            example = ", ".join(f"{name}=..." for name in missing[:3])
            raise EvaluationError(
                f"no value for parameter{'s' * (len(missing) > 1)} {', '.join(missing)}; "
                f"give values with system.at({example})"
            )
        return tuple(self._given[name] for name in self.tape.parameters)

    @cached_property
    def program(self) -> "Program":
        """The tape, made ready for the interpreter."""
        from nlsolve.systems.interpreter import Program  # loads numba

        return Program(self.tape)

    @property
    def sparsity(self) -> tuple[IntegerArray, IntegerArray]:
        """Rows and columns of the entries of J that are not always 0."""
        return self.program.entry_rows, self.program.columns

    def values(self, w: FloatArray) -> tuple[FloatArray, None]:
        """Return (F(w), None)."""
        return self(w), None

    @cached_property
    def sparse(self) -> bool:
        """Whether J is kept as a sparse array: it is large, and nearly all entries are 0."""
        return is_sparse(self.program.columns.size, self.tape.n * self.tape.m)

    def jacobian(self, w: FloatArray, n: int | None = None) -> Any:
        """Return J(w), (n, m), an array or, where that is much smaller, a sparse array."""
        program, point = self.program, self._point(w)
        if not self.sparse:
            return program.jacobian(point, self._floats)
        entries = program.entries(point, self._floats)
        shape = (self.tape.n, self.tape.m)
        return csr_array((entries, program.columns, program.ends), shape=shape)

    def jvp(self, w: FloatArray, v: FloatArray) -> FloatArray:
        """Return J(w) v."""
        return self.program.jvp(self._point(w), self._point(v, "v"), self._floats)

    def vjp(self, w: FloatArray, u: FloatArray) -> FloatArray:
        """Return J(w)^T u."""
        u = self._vector(u, "u", self.tape.n, "equations")
        return self.program.vjp(self._point(w), u, self._floats)

    def rows(self, w: FloatArray, batch: IntegerArray) -> tuple[FloatArray, FloatArray]:
        """Return values and rows of J of the equations in `batch`."""
        within = np.arange(self.tape.n)[batch]
        return self.program.rows(self._point(w), within, self._floats)

    def hessians(self, w: FloatArray) -> list[tuple[IntegerArray, FloatArray]]:
        """Return for each equation the k unknowns it has and its (k, k) Hessian by them."""
        return self.program.hessians(self._point(w), self._floats)

    @cached_property
    def _floats(self) -> FloatArray:
        from nlsolve.systems.interpreter import rounded  # loads numba

        return np.array([rounded(value) for value in self.parameters], dtype=np.float64)

    def _point(self, w: Any, name: str = "w") -> FloatArray:
        return self._vector(w, name, self.tape.m, f"unknowns ({', '.join(self.unknowns[:6])})")

    def _vector(self, value: Any, name: str, size: int, what: str) -> FloatArray:
        # compiled code does not look at bounds, and takes contiguous writable arrays only
        array = np.array(value, dtype=np.float64, order="C")
        if array.shape != (size,):
            raise ValueError(f"{name} has shape {array.shape}, but there are {size} {what}")
        return array


def is_sparse(entries: int, size: int) -> bool:
    """Return whether a J is kept as a sparse array, by the entries that are not always 0."""
    return size >= SPARSE and 10 * entries <= size


def _restored(tape: Tape, parameters: dict[str, Fraction]) -> FormulaSystem:
    return FormulaSystem(tape, parameters=parameters)


def _by_name(names: tuple[str, ...], given: Any) -> dict[str, Fraction]:
    """Return exact values of parameters by name."""
    if given is None:
        return {}
    if not isinstance(given, Mapping):
        values = list(given)
        if len(values) != len(names):
            raise ValueError(
                f"{len(values)} parameter values given, but the formulas have {len(names)}"
                f" parameters{': ' if names else ''}{', '.join(names)}"
            )
        given = dict(zip(names, values, strict=True))
    for name in given:
        if name not in names:
            known = ", ".join(names) or "none"
            raise TypeError(f"the formulas have no parameter {name!r}; they have: {known}")
    return {name: _exact(name, value) for name, value in given.items()}


def _exact(name: str, value: Any) -> Fraction:
    """Return the rational a parameter's value is."""
    if isinstance(value, np.ndarray) and value.ndim == 0:
        value = value.item()
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, numbers.Real):
        raise TypeError(
            f"parameter {name} must be a real number, got {value!r} of type {type(value).__name__}"
        )
    if isinstance(value, numbers.Rational):
        return Fraction(int(value.numerator), int(value.denominator))
    try:
        wider: Any = np.longdouble(value)  # of which doubles, and shorter floats, are some
        return Fraction(*map(int, wider.as_integer_ratio()))
    except (ValueError, OverflowError) as error:
        raise ValueError(f"parameter {name} must be finite, got {value!r}") from error


def check_tape(tape: Tape) -> None:
    """Refuse arrays that are no tape: compiled code does not look at bounds.

    Raises
    ------
    ValueError
    """
    op, left, right = tape.op, tape.left, tape.right
    operands_of = np.array([operation.operands for operation in OPERATIONS.values()])
    if tape.n == 0 or tape.m == 0:
        raise ValueError("a tape needs at least one equation and one unknown")
    known = (op >= 0) & (op < len(OPERATIONS))
    operands = operands_of[np.where(known, op, 0)]
    sizes = np.array([len(tape.constants), tape.m, len(tape.parameters)])
    limit = np.where(operands == 0, sizes[np.clip(op, 0, 2)], np.arange(op.size))
    good = known & (left >= 0) & (left < limit)
    good &= (operands < 2) | ((right >= 0) & (right < limit))
    if not good.all():
        raise ValueError(f"node {int(np.argmin(good))} of the tape reads what is not there")
    unknowns = left[op == UNKNOWN]
    if np.unique(unknowns).size < unknowns.size:
        raise ValueError("two nodes of the tape are the same unknown")
    if ((tape.outputs < 0) | (tape.outputs >= op.size)).any():
        raise ValueError("an equation of the tape is a node that is not there")
