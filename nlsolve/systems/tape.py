"""How is a system kept that is known as formulas? As one tape: operations in flat arrays.

Node k of the tape is an operation on earlier nodes. Equal operations are one node, whichever
equation they come from; numbers are exact rationals (a float is the rational it is), so that
nothing is rounded before it is evaluated. parse, from_sympy and trace write tapes through a
`Builder`; the tape is run in floats, in intervals, in arb and in mpmath.

The builder computes with rationals exactly (2/3 + 1/3 is 1) and knows the identities that hold for
all real numbers and change neither domain nor smoothness: x + 0, x - 0, x * 1, x / 1, x ** 1,
-(-x), x * x = x ** 2. Never 0 * x or x - x, where x may be undefined. A number has at most 4,000
bits above and below the line, so that it cannot grow without bound while it is computed
(10**10**10), and an exponent is at most 1000 in size.
"""

from collections.abc import Sequence
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from nlsolve.systems.errors import FormulaError

IntegerArray = npt.NDArray[np.int64]

LARGEST_EXPONENT = 1_000
LARGEST_NUMBER = 4_000  # bits of a numerator or denominator


class Operation(NamedTuple):
    """What a node may be: its number, operands, whether it is C-infinity and defined everywhere."""

    code: int
    operands: int
    smooth: bool = True
    everywhere: bool = True


_LISTED = {
    "constant": (0, True, True),  # left: number of the constant
    "unknown": (0, True, True),  # left: number of the unknown
    "parameter": (0, True, True),  # left: number of the parameter
    "add": (2, True, True),
    "sub": (2, True, True),
    "mul": (2, True, True),
    "div": (2, True, False),
    "neg": (1, True, True),
    "pow": (1, True, True),  # right: an integer exponent; negative ones are not defined everywhere
    "sqrt": (1, True, False),
    "exp": (1, True, True),
    "log": (1, True, False),
    "sin": (1, True, True),
    "cos": (1, True, True),
    "tan": (1, True, False),
    "asin": (1, True, False),
    "acos": (1, True, False),
    "atan": (1, True, True),
    "sinh": (1, True, True),
    "cosh": (1, True, True),
    "tanh": (1, True, True),
    "asinh": (1, True, True),
    "erf": (1, True, True),
    "abs": (1, False, True),
    "sign": (1, False, True),
    "max": (2, False, True),
    "min": (2, False, True),
    "atan2": (2, True, False),
    "real_power": (2, True, False),  # left ** right = exp(right log left), left > 0
}
OPERATIONS: dict[str, Operation] = {
    name: Operation(code, *listed) for code, (name, listed) in enumerate(_LISTED.items())
}
NAMES: tuple[str, ...] = tuple(OPERATIONS)
CONSTANT, UNKNOWN, PARAMETER, ADD, SUB, MUL, DIV, NEG, POW = range(9)

Number = Fraction | str  # 'pi' and 'e' are exact too


class Tape(NamedTuple):
    """n formulas of m unknowns and some parameters.

    Attributes
    ----------
    op, left, right : (T,) int64 arrays
        Operation codes and operands: numbers of earlier nodes, or what the operation says.
    constants : tuple of Fraction or str
        Exact; 'pi' and 'e' by name.
    outputs : (n,) int64 array
        The nodes that are the equations.
    unknowns, parameters : tuple of str
        Names.
    """

    op: IntegerArray
    left: IntegerArray
    right: IntegerArray
    constants: tuple[Number, ...]
    outputs: IntegerArray
    unknowns: tuple[str, ...]
    parameters: tuple[str, ...]

    @property
    def n(self) -> int:
        """Number of equations."""
        return int(self.outputs.size)

    @property
    def m(self) -> int:
        """Number of unknowns."""
        return len(self.unknowns)

    def __len__(self) -> int:
        return int(self.op.size)


class Builder:
    """Writes a tape, node by node; every method returns the number of a node."""

    def __init__(self, unknowns: Sequence[str], parameters: Sequence[str] = ()) -> None:
        self.unknowns, self.parameters = tuple(unknowns), tuple(parameters)
        self._nodes: list[tuple[int, int, int]] = []
        self._known: dict[tuple[int, int, int], int] = {}
        self._constants: list[Number] = []
        self._numbers: dict[Number, int] = {}

    def __len__(self) -> int:
        return len(self._nodes)

    def constant(self, value: Any) -> int:
        """Return the node of an exact number: int, float, Fraction, 'pi' or 'e'."""
        return self._exact(value, "a number")

    def _exact(self, value: Any, what: str) -> int:
        number: Number = value if isinstance(value, str) else Fraction(value)
        if isinstance(number, Fraction) and _bits(number) > LARGEST_NUMBER:
            raise FormulaError(f"{what} has more than {LARGEST_NUMBER} bits")
        if isinstance(number, str) and number not in ("pi", "e"):
            raise ValueError(f"unknown constant {number!r}, expected 'pi' or 'e'")
        if number not in self._numbers:
            self._numbers[number] = len(self._constants)
            self._constants.append(number)
        return self._node(CONSTANT, self._numbers[number], -1)

    def unknown(self, j: int) -> int:
        """Return the node of unknown number j."""
        return self._node(UNKNOWN, j, -1)

    def parameter(self, k: int) -> int:
        """Return the node of parameter number k."""
        return self._node(PARAMETER, k, -1)

    def value(self, node: int) -> Fraction | None:
        """Return the rational a node is, None where it is none."""
        op, left, _ = self._nodes[node]
        number = self._constants[left] if op == CONSTANT else None
        return number if isinstance(number, Fraction) else None

    def power(self, node: int, exponent: int) -> int:
        """Return node ** exponent, an integer.

        Raises
        ------
        FormulaError
            If the exponent, or the power of a number, is too large.
        """
        check_exponent(exponent)
        known = self.value(node)
        if known is not None and _bits(known) * abs(exponent) > 2 * LARGEST_NUMBER:
            raise FormulaError(f"a power has more than {LARGEST_NUMBER} bits")
        if exponent == 1:
            return node
        if exponent == 0 and self._nodes[node][0] <= PARAMETER:
            return self.constant(1)  # elsewhere the node may be undefined, and then so is this
        if known is not None and not (known == 0 and exponent < 0):
            return self._exact(known**exponent, "a power")
        return self._node(POW, node, exponent)

    def apply(self, name: str, left: int, right: int = -1) -> int:
        """Return the node of an operation on one or two nodes.

        Raises
        ------
        ValueError
            If there is no such operation, or it is given another number of operands.
        FormulaError
            If the result is a number that is too large.
        """
        operation = OPERATIONS.get(name)
        if operation is None or name in ("constant", "unknown", "parameter", "pow"):
            raise ValueError(f"no operation {name!r} on a tape")
        if (right >= 0) != (operation.operands == 2):
            raise ValueError(f"{name} takes {operation.operands} operands")
        simple = self._simplified(operation.code, left, right)
        if simple is not None:
            return simple
        if operation.code in (ADD, MUL) and right < left:
            left, right = right, left
        return self._node(operation.code, left, right)

    def total(self, nodes: Sequence[int]) -> int:
        """Return the sum of nodes, as a balanced tree."""
        parts = list(nodes) or [self.constant(0)]
        while len(parts) > 1:
            pairs = [parts[k : k + 2] for k in range(0, len(parts), 2)]
            parts = [self.apply("add", *pair) if len(pair) == 2 else pair[0] for pair in pairs]
        return parts[0]

    def build(self, outputs: Sequence[int]) -> Tape:
        """Return the tape of the equations at these nodes, with what they need and no more."""
        needed = self._needed(outputs)
        place = {node: k for k, node in enumerate(needed)}
        nodes = [self._moved(self._nodes[node], place) for node in needed]
        op, left, right = np.array(nodes, dtype=np.int64).reshape(-1, 3).T.copy()
        ends = np.array([place[node] for node in outputs], dtype=np.int64)
        used, left[op == CONSTANT] = np.unique(left[op == CONSTANT], return_inverse=True)
        constants = tuple(self._constants[k] for k in used)
        return Tape(op, left, right, constants, ends, self.unknowns, self.parameters)

    def _node(self, op: int, left: int, right: int) -> int:
        key = (op, left, right)
        if key not in self._known:
            self._known[key] = len(self._nodes)
            self._nodes.append(key)
        return self._known[key]

    def _needed(self, outputs: Sequence[int]) -> list[int]:
        needed, stack = set(outputs), list(outputs)
        while stack:
            for node in operands(*self._nodes[stack.pop()]):
                if node not in needed:
                    needed.add(node)
                    stack.append(node)
        return sorted(needed)

    def _moved(self, node: tuple[int, int, int], place: dict[int, int]) -> tuple[int, int, int]:
        op, left, right = node
        moved = [place[one] for one in operands(op, left, right)]
        if not moved:
            return node
        return op, moved[0], moved[1] if len(moved) == 2 else right

    def _simplified(self, op: int, left: int, right: int) -> int | None:
        """Return the node an operation simplifies to, None where it does not."""
        a, b = self.value(left), self.value(right) if right >= 0 else None
        if op == NEG:
            inner = self._nodes[left]
            return self.constant(-a) if a is not None else inner[1] if inner[0] == NEG else None
        if op not in (ADD, SUB, MUL, DIV):
            return None
        if a is not None and b is not None:
            return self._folded(op, a, b)
        return self._identity(op, left, right, a, b)

    def _folded(self, op: int, a: Fraction, b: Fraction) -> int | None:
        if op == DIV and b == 0:
            return None
        found = a + b if op == ADD else a - b if op == SUB else a * b if op == MUL else a / b
        return self._exact(found, _RESULTS[op])

    def _identity(
        self, op: int, left: int, right: int, a: Fraction | None, b: Fraction | None
    ) -> int | None:
        if op == ADD:
            return right if a == 0 else left if b == 0 else None
        if op == SUB:
            negated = self.apply("neg", right) if a == 0 else None
            return left if b == 0 else negated
        if op == DIV:
            return left if b == 1 else None
        if a == 1 or b == 1:
            return right if a == 1 else left
        return self.power(left, 2) if left == right else None  # tighter in intervals


def equation(tape: Tape, i: int) -> Tape:
    """Return the tape of one equation, with the same unknowns and parameters."""
    write = Builder(tape.unknowns, tape.parameters)
    write._nodes = list(zip(tape.op.tolist(), tape.left.tolist(), tape.right.tolist(), strict=True))
    write._constants = list(tape.constants)
    return write.build([int(tape.outputs[i])])


def operands(op: int, left: int, right: int) -> tuple[int, ...]:
    """Return the nodes an operation reads."""
    count = _OPERANDS[op]
    return () if count == 0 else (left,) if count == 1 else (left, right)


def check_exponent(exponent: Fraction | int) -> None:
    """Refuse exponents that are too large.

    Raises
    ------
    FormulaError
    """
    if not -LARGEST_EXPONENT <= exponent <= LARGEST_EXPONENT:
        raise FormulaError(f"an exponent is larger than {LARGEST_EXPONENT} in size")


def _bits(number: Fraction) -> int:
    return max(number.numerator.bit_length(), number.denominator.bit_length())


_RESULTS = {ADD: "a sum", SUB: "a difference", MUL: "a product", DIV: "a quotient"}
_OPERANDS = tuple(operation.operands for operation in OPERATIONS.values())
