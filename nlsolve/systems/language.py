"""What may a formula say? The names and functions that text, SymPy and NumPy share.

`Writer` is a Builder of tapes that keeps to them. A power is written as the operation that is
defined furthest:

    x ** p          the integer power
    x ** (p/2)      sqrt(x) ** p, defined for x >= 0 (p > 0)
    e ** y          exp(y)
    x ** y          real_power, exp(y log x), for all other exponents: x > 0

exp(1) is the number e and acos(-1) is pi, exactly.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from nlsolve.systems.errors import FormulaError
from nlsolve.systems.tape import (
    CONSTANT,
    DIV,
    OPERATIONS,
    POW,
    Builder,
    Tape,
    check_exponent,
    operands,
)

if TYPE_CHECKING:
    from nlsolve.systems.formulas import FormulaSystem

LONGEST_NAME = 100

_EVERYWHERE = [operation.everywhere for operation in OPERATIONS.values()]

CONSTANTS = ("pi", "e")
_ALIASES = {
    "ln": "log",
    "arcsin": "asin",
    "arccos": "acos",
    "arctan": "atan",
    "arcsinh": "asinh",
    "arctan2": "atan2",
}
_NO_FUNCTIONS = ("constant", "unknown", "parameter", "add", "sub", "mul", "div", "neg", "pow")
_OWN = [name for name in OPERATIONS if name not in (*_NO_FUNCTIONS, "real_power")]
FUNCTIONS: dict[str, str] = {name: name for name in _OWN} | _ALIASES
ANY_NUMBER = ("max", "min")  # of arguments, two or more


class Writer(Builder):
    """A Builder that divides by no zero, writes any power, and tells what is defined everywhere."""

    def __init__(self, unknowns: Sequence[str], parameters: Sequence[str] = ()) -> None:
        super().__init__(unknowns, parameters)
        self._total: list[bool] = []

    def power(self, node: int, exponent: int) -> int:
        """Return node ** exponent, an integer."""
        if self.value(node) == 0 and exponent < 0:
            raise FormulaError("division by zero")
        return super().power(node, exponent)

    def apply(self, name: str, left: int, right: int = -1) -> int:
        """Return the node of an operation."""
        if name == "div" and self.value(right) == 0:
            raise FormulaError("division by zero")
        if name == "exp" and self.value(left) == 1:
            return self.constant("e")
        if name == "acos" and self.value(left) == -1:
            return self.constant("pi")
        if name == "mul" and left == right:
            return self.power(left, 2)  # never negative, which a product does not show
        return super().apply(name, left, right)

    def raised(self, base: int, exponent: int) -> int:
        """Return base ** exponent for any exponent."""
        number = self.value(exponent)
        if number is not None:
            check_exponent(number)
        if number is not None and number.denominator == 1:
            return self.power(base, number.numerator)
        if number is not None and number.denominator == 2:
            return self.power(self.apply("sqrt", base), number.numerator)
        if self._nodes[base] == (CONSTANT, self._numbers.get("e"), -1):
            return self.apply("exp", exponent)
        return self.apply("real_power", base, exponent)

    def called(self, name: str, nodes: Sequence[int]) -> int:
        """Return the node of a function of FUNCTIONS of these nodes."""
        operation = FUNCTIONS[name]
        expected = OPERATIONS[operation].operands
        many = operation in ANY_NUMBER
        if len(nodes) != expected and not (many and len(nodes) > expected):
            wanted = f"{expected} argument{'s' if expected > 1 else ''}"
            raise FormulaError(
                f"{name} takes {wanted}{' or more' if many else ''}, got {len(nodes)}"
            )
        result = self.apply(operation, *nodes[:expected])
        for node in nodes[expected:]:
            result = self.apply(operation, result, node)
        return result

    def combined(self, name: str, nodes: Sequence[int]) -> int:
        """Return the sum ('add') or product ('mul') of nodes, as a balanced tree."""
        parts = list(nodes) or [self.constant(0 if name == "add" else 1)]
        while len(parts) > 1:
            pairs = [parts[k : k + 2] for k in range(0, len(parts), 2)]
            parts = [self.apply(name, *pair) if len(pair) == 2 else pair[0] for pair in pairs]
        return parts[0]

    def defined_everywhere(self, node: int) -> bool:
        """Return whether a node has a value at all real unknowns and parameters."""
        for k in range(len(self._total), node + 1):
            self._total.append(self._has_value(k))
        return self._total[node]

    def _has_value(self, node: int) -> bool:
        op, left, right = self._nodes[node]
        if not all(self._total[k] for k in operands(op, left, right)):
            return False
        if op == DIV:
            return self.value(right) is not None
        return right >= 0 if op == POW else _EVERYWHERE[op]


def is_name(text: str) -> bool:
    """Return whether a text can name an unknown or a parameter: an identifier, no function's."""
    plain = text.isidentifier() and len(text) <= LONGEST_NAME and not text.startswith("_")
    return plain and text not in FUNCTIONS


def as_names(given: str | Iterable[str], what: str) -> tuple[str, ...]:
    """Return names given as a sequence or as text, 'x y' or 'x, y', checked.

    Raises
    ------
    FormulaError
        If one is no name or comes twice.
    """
    names = tuple(given.replace(",", " ").split() if isinstance(given, str) else given)
    for name in names:
        if not isinstance(name, str) or not is_name(name):
            raise FormulaError(
                f"{what}: {name!r} is not a name; use letters, digits and _, not beginning with "
                f"_ or a digit, at most {LONGEST_NAME}, and not the name of a function"
            )
    if len(set(names)) < len(names):
        twice = next(name for k, name in enumerate(names) if name in names[:k])
        raise FormulaError(f"{what}: {twice!r} comes twice")
    return names


def system_of(tape: Tape, values: Mapping[str, Any] | None = None) -> "FormulaSystem":
    """Return the system of a tape, with the values of its parameters where they are known."""
    from nlsolve.systems.formulas import FormulaSystem

    return FormulaSystem(tape, parameters=values)
