"""How is a text of equations read? By operator precedence, straight onto a tape.

Dijkstra's shunting yard: an operator waits on a stack until what follows binds less tightly. There
is no recursion and no look-up of names anywhere but in the tables of language.py: the time is
linear in the length of the text, and no text can do anything but become a tape. Sums of any length
are read; Python's own parser gives up at some thousand terms.
"""

from collections.abc import Callable
from typing import NamedTuple

from nlsolve.systems.errors import FormulaError
from nlsolve.systems.language import CONSTANTS, FUNCTIONS, Writer
from nlsolve.systems.tape import Tape
from nlsolve.systems.tokens import Token, error_at, number_of, tokens_of

DEEPEST = 1_000  # operators and parentheses that wait for their end

_OPERATORS = {"+": "add", "-": "sub", "*": "mul", "/": "div"}
_PRECEDENCE = {"(": 0, "+": 1, "-": 1, "*": 2, "/": 2, "negative": 3, "**": 4}
_OPERAND = "expected a number, a name or '('"


class _Waiting(NamedTuple):
    """An operator that waits for its right operand, or a parenthesis for its end."""

    symbol: str
    start: int
    function: str = ""
    below: int = 0  # operands on the stack before it


class Reader:
    """Reads one text. A word is expected to be an operand or, after one, an operator."""

    def __init__(self, text: str, unknowns: tuple[str, ...] | None, names: tuple[str, ...]) -> None:
        self.text, self.fixed = text, unknowns is not None
        self.writer = Writer(unknowns or (), names)
        self.unknowns = {name: j for j, name in enumerate(unknowns or ())}
        self.parameters = {name: k for k, name in enumerate(names)}
        self.definitions: dict[str, int] = {}
        self.outputs: list[int] = []
        self._begin()

    def _begin(self) -> None:
        """Begin a statement."""
        self.waiting: list[_Waiting] = []
        self.operands: list[int] = []
        self.left: int | None = None
        self.defining: Token | None = None
        self.named: Token | None = None  # a name that only a function or a definition may be
        self.after_operand = self.open = False
        self.inside = 0  # parentheses

    def tape(self) -> Tape:
        """Read all, and return the tape."""
        for token in tokens_of(self.text):
            try:
                self._take(token)
            except FormulaError as error:
                if error.line is not None:
                    raise
                raise error_at(self.text, token.start, str(error)) from None
        if not self.outputs:
            raise FormulaError("the text has no equations")
        if not self.unknowns:
            raise FormulaError("the equations have no unknowns")
        self.writer.unknowns = tuple(self.unknowns)
        return self.writer.build(self.outputs)

    def _take(self, token: Token) -> None:
        if token.kind == "newline" and self.inside > 0:
            return
        if self.named is not None:
            self._after_name(self.named, token)
        elif token.kind in ("newline", "end") or token.text == ";":
            self._end(token)
        elif self.after_operand:
            self._operator(token)
        else:
            self.open = True
            self._operand(token)

    def _operand(self, token: Token) -> None:
        if token.kind == "number":
            self._push(self.writer.constant(number_of(token)))
        elif token.kind == "name":
            self._name(token)
        elif token.text in ("-", "("):
            self._wait("negative" if token.text == "-" else "(", token)
        elif token.text != "+":
            raise self._error(token, f"{_OPERAND}, found {token.text!r}")

    def _name(self, token: Token) -> None:
        name, writer = token.text, self.writer
        if name in self.definitions:
            self._push(self.definitions[name])
        elif name in self.unknowns:
            self._push(writer.unknown(self.unknowns[name]))
        elif name in self.parameters:
            self._push(writer.parameter(self.parameters[name]))
        elif name in CONSTANTS:
            self._push(writer.constant(name))
        elif name in FUNCTIONS or name.startswith("_"):
            self.named = token
        elif self.fixed:
            raise self._error(token, f"unknown name {name!r}; unknowns are {self._known()}")
        else:
            self.unknowns[name] = len(self.unknowns)
            self._push(writer.unknown(self.unknowns[name]))

    def _after_name(self, named: Token, token: Token) -> None:
        self.named = None
        if named.text in FUNCTIONS:
            if token.text != "(":
                raise self._error(named, f"{named.text} is a function: write {named.text}(...)")
            self._wait("(", token, named.text)
            return
        fresh = not (self.operands or self.waiting or self.defining) and self.left is None
        if token.text != ":=" or not fresh:
            raise self._error(
                named,
                f"{named.text!r} is not defined; names beginning with _ are defined by "
                f"{named.text} := expression, on a line before",
            )
        self.defining = named

    def _operator(self, token: Token) -> None:
        symbol = token.text
        if symbol in _OPERATORS or symbol == "**":
            self._reduce(_PRECEDENCE[symbol] + (symbol == "**"))
            self._wait(symbol, token)
        elif symbol == ",":
            self._comma(token)
        elif symbol == ")":
            self._close(token)
        elif symbol == "=":
            self._equal(token)
        else:
            raise self._unexpected(token)

    def _unexpected(self, token: Token) -> FormulaError:
        if token.text == ":=":
            what = "a definition is _name := expression, and every such name is defined once"
        elif token.text == "(":
            what = "expected an operator before '('; only functions are called, * multiplies"
        else:
            what = f"expected an operator before {token.text!r}; * multiplies"
        return self._error(token, what)

    def _comma(self, token: Token) -> None:
        self._reduce(1)
        if not self.waiting or not self.waiting[-1].function:
            raise self._error(token, "',' separates the arguments of a function; ';' equations")
        self.after_operand = False

    def _close(self, token: Token) -> None:
        self._reduce(1)
        if not self.waiting:
            raise self._error(token, "')' without '('")
        opened = self.waiting.pop()
        self.inside -= 1
        if opened.function:
            arguments = self.operands[opened.below :]
            del self.operands[opened.below :]
            self._located(opened.start, self.writer.called, opened.function, arguments)

    def _equal(self, token: Token) -> None:
        if self.left is not None or self.defining is not None:
            raise self._error(token, "a second '=' in one equation")
        if self.inside > 0:
            raise self._error(token, "'=' inside parentheses")
        self._reduce(1)
        self.left, self.after_operand = self.operands.pop(), False

    def _end(self, token: Token) -> None:
        """End a statement: an equation, a definition, or nothing."""
        if self.inside and self.after_operand:
            unclosed = next(one for one in reversed(self.waiting) if one.symbol == "(")
            raise self._error(unclosed, "'(' is never closed")
        if self.open and not self.after_operand:
            raise self._error(token, f"{_OPERAND}, found the end")
        if self.open:
            self._reduce(1)
            self._note(self.operands.pop())
        self._begin()

    def _note(self, node: int) -> None:
        if self.defining is not None:
            self.definitions[self.defining.text] = node
        else:
            whole = node if self.left is None else self.writer.apply("sub", self.left, node)
            self.outputs.append(whole)

    def _reduce(self, precedence: int) -> None:
        """Apply the operators that wait and bind as tightly as that."""
        while self.waiting and _PRECEDENCE[self.waiting[-1].symbol] >= precedence:
            one = self.waiting.pop()
            right = self.operands.pop()
            if one.symbol == "negative":
                self._located(one.start, self.writer.apply, "neg", right)
                continue
            left = self.operands.pop()
            if one.symbol == "**":
                self._located(one.start, self.writer.raised, left, right)
            else:
                self._located(one.start, self.writer.apply, _OPERATORS[one.symbol], left, right)

    def _located(self, start: int, write: Callable[..., int], *arguments: object) -> None:
        """Push the node of an operation; what is wrong with it is wrong at its symbol."""
        try:
            self._push(write(*arguments))
        except FormulaError as error:
            raise error_at(self.text, start, str(error)) from None

    def _push(self, node: int) -> None:
        self.operands.append(node)
        self.after_operand = True

    def _wait(self, symbol: str, token: Token, function: str = "") -> None:
        if len(self.waiting) >= DEEPEST:
            raise self._error(token, f"nested more than {DEEPEST} deep")
        self.inside += symbol == "("
        self.waiting.append(_Waiting(symbol, token.start, function, len(self.operands)))
        self.after_operand = False

    def _known(self) -> str:
        shown = ", ".join([*self.unknowns][:10]) or "none"
        return shown + (", ..." if len(self.unknowns) > 10 else "")

    def _error(self, place: Token | _Waiting, what: str) -> FormulaError:
        return error_at(self.text, place.start, what)
