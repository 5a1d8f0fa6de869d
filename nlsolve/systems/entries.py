"""What does a number do that writes formulas instead of computing?

An `Entry` is a node of a tape that behaves as a float: arithmetic writes a further node. A float
met on the way is the rational it is; numbers among themselves stay floats, computed as the function
computes them. 0 times an entry that is defined everywhere is 0, so that products with mostly empty
matrices stay small. What would need the value of an entry (a comparison, float(), an index) is a
TraceError. Loops of NumPy over objects call methods: those of ELEMENTARY, in elementary.py.
"""

import math
import numbers
import threading
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np

from nlsolve.systems.errors import FormulaError
from nlsolve.systems.language import Writer


class TraceError(FormulaError):
    """A function cannot be followed: what it does depends on the values of its argument."""

    last = threading.local()  # the last one raised, in each thread: the function may catch it

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        TraceError.last.error = self


class Entry:
    """A number that is a node of a tape."""

    __slots__ = ("node", "writer")
    __hash__ = object.__hash__

    def __init__(self, writer: Writer, node: int) -> None:
        self.writer, self.node = writer, node

    def __repr__(self) -> str:
        return f"<entry {self.node}>"

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **options: Any) -> Any:
        from nlsolve.systems.arrays import followed  # arrays are made of entries

        return followed(ufunc, method, inputs, **options)

    def __add__(self, other: Any) -> Any:
        return _combined("add", self, other)

    def __radd__(self, other: Any) -> Any:
        return _combined("add", other, self)

    def __sub__(self, other: Any) -> Any:
        return _combined("sub", self, other)

    def __rsub__(self, other: Any) -> Any:
        return _combined("sub", other, self)

    def __mul__(self, other: Any) -> Any:
        return _combined("mul", self, other)

    def __rmul__(self, other: Any) -> Any:
        return _combined("mul", other, self)

    def __truediv__(self, other: Any) -> Any:
        return _combined("div", self, other)

    def __rtruediv__(self, other: Any) -> Any:
        return _combined("div", other, self)

    def __pow__(self, other: Any, modulus: None = None) -> Any:
        return _combined("pow", self, other)

    def __rpow__(self, other: Any, modulus: None = None) -> Any:
        return _combined("pow", other, self)

    def __neg__(self) -> Any:
        return written("neg", self)

    def __pos__(self) -> Any:
        return self

    def __abs__(self) -> Any:
        return written("abs", self)

    def conjugate(self) -> Any:
        """Return the entry: it is real."""
        return self

    @property
    def real(self) -> Any:
        """The entry: it is real."""
        return self

    @property
    def imag(self) -> float:
        """0, for the entry is real."""
        return 0.0


def _refusing(name: str, what: str) -> Callable[..., Any]:
    def refuse(self: Entry, *others: Any) -> Any:
        if name in ("__eq__", "__ne__") and not _is_number(others[0]):
            return NotImplemented
        raise TraceError(what)

    return refuse


_BRANCH = "a data-dependent branch: {} of an entry of w, whose value is not known"
_REFUSED = {
    "__bool__": _BRANCH.format("the truth"),
    "__index__": "an index made of entries of w",
    **dict.fromkeys(
        ("__lt__", "__le__", "__gt__", "__ge__", "__eq__", "__ne__"), _BRANCH.format("a comparison")
    ),
    **{
        f"__{one}__": f"{one}() of an entry of w, which has no value"
        + ", or an entry written into an array of floats" * (one == "float")
        for one in ("float", "int", "complex")
    },
    **{
        f"__{one}__": f"{one.removeprefix('r')}() of an entry of w is not a formula"
        for one in ("floor", "ceil", "trunc", "divmod", "rdivmod")
    },
    "__round__": "round() of an entry of w is not a formula",
    **dict.fromkeys(("__mod__", "__rmod__"), "% of an entry of w is not a formula"),
    **dict.fromkeys(("__floordiv__", "__rfloordiv__"), "// of an entry of w is not a formula"),
}
for _name, _what in _REFUSED.items():
    setattr(Entry, _name, _refusing(_name, _what))


def _is_number(value: Any) -> bool:
    usual = type(value) in (Entry, float, int)  # told at once
    return usual or isinstance(value, Entry | numbers.Number | np.number | np.bool_)


def _rational(value: Any) -> Fraction:
    """Return a constant exactly."""
    if type(value) is not float and isinstance(value, numbers.Rational):
        return Fraction(int(value.numerator), int(value.denominator))
    if isinstance(value, np.bool_):
        return Fraction(int(value))
    if isinstance(value, complex | np.complexfloating):
        raise TraceError("complex numbers: split the equations into real and imaginary parts")
    if not math.isfinite(value):
        raise TraceError(f"the number {value} in a formula (an array never filled, or an overflow)")
    return Fraction(*value.as_integer_ratio())


def node_of(writer: Writer, value: Any) -> int:
    """Return the node of an entry or of a number.

    Raises
    ------
    TraceError
        If it is neither, or belongs to another trace.
    """
    if isinstance(value, Entry):
        if value.writer is not writer:
            raise TraceError("an entry of an earlier trace, kept somewhere by the function")
        return value.node
    if not _is_number(value):
        raise TraceError(f"{value!r} of type {type(value).__name__} where a number is expected")
    return writer.constant(_rational(value))


def _combined(name: str, a: Any, b: Any) -> Any:
    """Return a op b, NotImplemented for arrays and what else is no number."""
    if not (_is_number(a) and _is_number(b)):
        return NotImplemented
    return written(name, a, b)


def written(name: str, *given: Any) -> Any:
    """Return the entry of an operation, or of a function of language.FUNCTIONS, on numbers."""
    writer: Writer = next(one.writer for one in given if isinstance(one, Entry))
    nodes = [node_of(writer, one) for one in given]
    empty = name == "mul" and 0 in [writer.value(node) for node in nodes]
    if empty and all(map(writer.defined_everywhere, nodes)):
        return 0.0
    if name == "pow":
        return Entry(writer, writer.raised(*nodes))
    if name in ("add", "sub", "mul", "div", "neg"):
        return Entry(writer, writer.apply(name, *nodes))
    return Entry(writer, writer.called(name, nodes))
