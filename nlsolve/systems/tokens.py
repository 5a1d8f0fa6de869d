"""What are the words of a text of equations?

A text is cut into numbers, names, calls (a name and its parenthesis), operators and ends of
equations by one regular expression, in linear time; blanks and comments (# to the end of the line)
are dropped. Nothing of it is evaluated. A number is the decimal that is written: 0.1 is 1/10.
"""

import re
from collections.abc import Iterator
from fractions import Fraction
from typing import NamedTuple

from nlsolve.systems.errors import FormulaError
from nlsolve.systems.language import LONGEST_NAME
from nlsolve.systems.tape import LARGEST_EXPONENT

LONGEST_NUMBER = 1_300  # digits
_SHOWN = 60  # characters of a line in a message

_NEWLINE = re.compile(r"\r\n?|\n")
_WORD = re.compile(
    r"""(?P<blank>[ \t\f\v]+|\#[^\r\n]*)
      | (?P<number>(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)
      | (?P<name>[^\W\d]\w*)
      | (?P<newline>\r\n?|\n)
      | (?P<operator>\*\*|:=|==|//|<=|>=|!=|[-+*/(),=;])
      | (?P<other>.)""",
    re.VERBOSE | re.DOTALL,
)
_HINTS = {
    "^": "'^' is no operator; write ** for powers",
    "==": "'==' is no operator; write = between the sides of an equation",
    "//": "'//' is no operator; write / for a quotient",
    ".": "'.' is no operator: numbers begin with a digit or '.5', attributes are not known here",
    **{
        one: f"{one!r} is no equation; only equations with = are understood"
        for one in ("<", ">", "<=", ">=", "!=")
    },
}


class Token(NamedTuple):
    """A word of the text and where it begins."""

    kind: str  # number, name, operator, newline, end
    text: str
    start: int


def tokens_of(text: str) -> Iterator[Token]:
    """Yield the words of a text, and an end.

    Raises
    ------
    FormulaError
        At a character or a word that no formula has.
    """
    for match in _WORD.finditer(text):
        kind, word = str(match.lastgroup), match.group()
        if kind == "blank":
            continue
        if kind == "other" or word in _HINTS:
            raise error_at(text, match.start(), _HINTS.get(word) or f"unexpected {_quoted(word)}")
        if kind == "name" and not (word.isidentifier() and len(word) <= LONGEST_NAME):
            raise error_at(text, match.start(), _no_name(word))
        yield Token(kind, word, match.start())
    yield Token("end", "", len(text))


def number_of(token: Token) -> Fraction:
    """Return the number a word is, exactly.

    Raises
    ------
    FormulaError
        If it has too many digits.
    """
    mantissa, _, exponent = token.text.lower().partition("e")
    if len(mantissa) > LONGEST_NUMBER:
        raise FormulaError(f"a number has more than {LONGEST_NUMBER} digits")
    if len(exponent) > 10 or abs(int(exponent or 0)) > LARGEST_EXPONENT:
        raise FormulaError(f"an exponent is larger than {LARGEST_EXPONENT} in size")
    return Fraction(token.text)


def error_at(text: str, position: int, what: str) -> FormulaError:
    """Return an error that shows the line and points at the place."""
    breaks = [match.end() for match in _NEWLINE.finditer(text, 0, position)]
    begin = breaks[-1] if breaks else 0
    end = _NEWLINE.search(text, position)
    line, column = len(breaks) + 1, position - begin + 1
    first = max(begin, position - _SHOWN // 2)
    shown = text[first : min(end.start() if end else len(text), first + _SHOWN)]
    shown = "".join(c if c.isprintable() else "?" for c in shown.replace("\t", " "))
    caret = " " * (position - first) + "^"
    error = FormulaError(f"line {line}, column {column}: {what}\n    {shown}\n    {caret}")
    error.line, error.column = line, column
    return error


def _no_name(word: str) -> str:
    if len(word) > LONGEST_NAME:
        return f"a name has more than {LONGEST_NAME} characters"
    return f"{word!r} is not a name"


def _quoted(word: str) -> str:
    return repr(word) if word.isprintable() else ascii(word)
