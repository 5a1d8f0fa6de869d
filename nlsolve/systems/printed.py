"""How is a tape written down, so that a person can read it and `parse` gives it back?

Every node has a text and the precedence of its outermost operator; a node takes the texts of its
operands, in parentheses where they bind less tightly. A node that several others use, and any text
that grows long or deep, becomes a definition `_k := text`: the length of all is proportional to
that of the tape, where writing shared parts out would double it with every level.

Numbers are exact: decimals where they are short, else p/q, with powers of two (the denominators of
doubles) as such. Since `parse` folds rationals exactly, p/q comes back as one number.
"""

from fractions import Fraction
from typing import NamedTuple

import numpy as np

from nlsolve.systems.language import as_names
from nlsolve.systems.tape import (
    CONSTANT,
    LARGEST_EXPONENT,
    MUL,
    NAMES,
    NEG,
    PARAMETER,
    POW,
    SUB,
    UNKNOWN,
    Number,
    Tape,
    operands,
)

_LONGEST, _DEEPEST = 2_000, 50  # characters and parentheses within a text
_INFIX = {"add": "+", "sub": "-", "mul": "*", "div": "/"}
_SUM, _PRODUCT, _SIGN, _POWER, _ATOM = range(1, 6)  # precedences, as in reader.py
_DIGITS, _PLACES = 17, 16  # of decimals
_TWOS = 16  # powers of two from here on are written as such
_OTHERWISE = {"pi": "acos(-1)", "e": "exp(1)"}  # where an unknown has that name


class _Text(NamedTuple):
    text: str
    precedence: int
    depth: int = 0

    def within(self, precedence: int) -> str:
        """Return the text as an operand of something that binds that tightly."""
        return self.text if self.precedence >= precedence else f"({self.text})"


def text_of(tape: Tape) -> str:
    """Return a tape as equations, one a line, in the language of `parse`.

    Parsed with the same unknowns and parameters it gives the same tape, up to the order of nodes.

    Raises
    ------
    FormulaError
        If a name could not be read back.

    Examples
    --------
    >>> from nlsolve.systems.parse import read
    >>> print(text_of(read("x**2 + 0.1*y = 1; x/3 = sin(y)")))
    x**2 + 0.1*y = 1
    x/3 = sin(y)
    """
    return _Printer(tape).text()


class _Printer:
    """Writes the nodes of one tape in their order."""

    def __init__(self, tape: Tape) -> None:
        self.tape = tape
        self.names = as_names((*tape.unknowns, *tape.parameters), "names")
        self.nodes = list(
            zip(tape.op.tolist(), tape.left.tolist(), tape.right.tolist(), strict=True)
        )
        inner = [k for node in self.nodes for k in operands(*node)]
        self.uses = np.bincount([*inner, *tape.outputs], minlength=len(self.nodes))
        self.texts: dict[int, _Text] = {}
        self.equations: dict[int, str] = {}
        self.definitions: list[str] = []

    def text(self) -> str:
        """Return definitions and equations."""
        outputs = self.tape.outputs.tolist()
        ends = set(outputs)
        for k, (op, left, right) in enumerate(self.nodes):
            taken = [self._take(j) for j in operands(op, left, right)]
            if k in ends and op == SUB and self.uses[k] == 1:
                self.equations[k] = f"{taken[0].text} = {taken[1].text}"
            else:
                self.texts[k] = self._kept(k, self._written(k, taken))
        for k in ends - set(self.equations):
            self.equations[k] = f"{self.texts[k].text} = 0"
        return "\n".join([*self.definitions, *(self.equations[k] for k in outputs)])

    def _take(self, node: int) -> _Text:
        """Return the text of an operand; that of a node used once is not needed again."""
        return self.texts.pop(node) if self.uses[node] == 1 else self.texts[node]

    def _kept(self, node: int, text: _Text) -> _Text:
        """Return the text by which others speak of a node: its own, or a defined word."""
        large = len(text.text) > _LONGEST or text.depth > _DEEPEST
        if not large and (self.uses[node] == 1 or self._plain(node)):
            return text
        word = f"_{len(self.definitions) + 1}"
        self.definitions.append(f"{word} := {text.text}")
        return _Text(word, _ATOM)

    def _plain(self, node: int) -> bool:
        """Return whether a node reads well where it stands, however often: x, 2, -x, x**2."""
        op, left, _ = self.nodes[node]
        leaf = self.nodes[left][0] if op in (NEG, POW) else op
        return leaf in (CONSTANT, UNKNOWN, PARAMETER)

    def _written(self, node: int, taken: list[_Text]) -> _Text:
        op, left, right = self.nodes[node]
        name = NAMES[op]
        if op == CONSTANT:
            return self._number(self.tape.constants[left])
        if op in (UNKNOWN, PARAMETER):
            names = self.tape.unknowns if op == UNKNOWN else self.tape.parameters
            return _Text(names[left], _ATOM)
        if op == POW:
            return _power(taken[0], _rational(Fraction(right)))
        if name == "real_power":
            return _power(*taken)
        if op == NEG:
            return _Text("-" + taken[0].within(_POWER), _SIGN, taken[0].depth + 1)
        if op == MUL and self.nodes[right][0] == CONSTANT:
            taken.reverse()
        if name in _INFIX:
            return _infix(_INFIX[name], *taken)
        depth = 1 + max(one.depth for one in taken)
        return _Text(f"{name}({', '.join(one.text for one in taken)})", _ATOM, depth)

    def _number(self, number: Number) -> _Text:
        if isinstance(number, Fraction):
            return _rational(number)
        return _Text(_OTHERWISE[number] if number in self.names else number, _ATOM)


def _power(base: _Text, exponent: _Text) -> _Text:
    depth = 1 + max(base.depth, exponent.depth)
    return _Text(f"{base.within(_ATOM)}**{exponent.within(_ATOM)}", _POWER, depth)


def _infix(symbol: str, left: _Text, right: _Text) -> _Text:
    """Return left symbol right; a right operand must bind tighter, and have no sign."""
    precedence = _SUM if symbol in "+-" else _PRODUCT
    signed = right.text.startswith("-")
    after = right.within(_ATOM + 1 if signed else precedence + 1)
    space = " " if precedence == _SUM else ""
    depth = max(left.depth + (left.precedence < precedence), right.depth + 1)
    before = left.within(precedence)
    return _Text(f"{before}{space}{symbol}{space}{after}", precedence, depth)


def _rational(number: Fraction) -> _Text:
    """Return an exact number: a short decimal, or a quotient with powers of two as such."""
    sign, size = ("-" if number < 0 else ""), abs(number)
    for places in range(_PLACES):
        if 10**places % size.denominator == 0 and size < 10 ** (_DIGITS - places):
            digits = str(size.numerator * (10**places // size.denominator)).zfill(places + 1)
            text = digits[: len(digits) - places] + ("." + digits[-places:] if places else "")
            return _Text(sign + text, _SIGN if sign else _ATOM)
    above, below = _factors(size.numerator), _factors(size.denominator)
    text = "*".join(above) + "".join("/" + one for one in below if one != "1")
    return _Text(sign + text, _PRODUCT if len(above) + len(below) > 1 else _SIGN)


def _factors(number: int) -> list[str]:
    """Return odd part (or, where that is no shorter, the number) and powers of two."""
    twos = (number & -number).bit_length() - 1
    if twos < _TWOS:
        return [str(number)]
    whole, rest = divmod(twos, LARGEST_EXPONENT)
    powers = [LARGEST_EXPONENT] * whole + [rest] * (rest > 0)
    odd = [str(number >> twos)] if number >> twos > 1 else []
    return [*odd, *(f"2**{power}" for power in powers)]
