"""Which system does a text of equations say?

The grammar, where | separates choices and [ ] is what may be left out:

    text        statement, separated by ';' or ends of lines; # begins a comment
    statement   expression [= expression]  |  _name := expression
    expression  number | name | function(expression, ...) | (expression) | - expression
                | expression op expression,      op one of  + - * / **

with Python's precedence: ** binds to the right and tighter than a minus before it. An end of line
inside parentheses is a blank. `_name` is a definition: a word for a part that is used below.
"""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from nlsolve.systems.errors import FormulaError
from nlsolve.systems.language import as_names, system_of
from nlsolve.systems.reader import Reader
from nlsolve.systems.tape import Tape

if TYPE_CHECKING:
    from nlsolve.systems.formulas import FormulaSystem

LONGEST_TEXT = 1_000_000  # characters


def parse(
    text: str,
    *,
    unknowns: str | Iterable[str] | None = None,
    parameters: str | Iterable[str] | Mapping[str, Any] | None = None,
) -> "FormulaSystem":
    """Return the system a text of equations says.

    Parameters
    ----------
    text : str
        Equations ``left = right``, or expressions meant to be 0, separated by ``;`` or ends of
        lines. Operators ``+ - * / **``; numbers, exactly as written (0.1 is 1/10); the functions
        sqrt exp log sin cos tan asin acos atan sinh cosh tanh asinh erf abs sign max min atan2
        (also ln, arcsin, arccos, arctan, arcsinh, arctan2); the constants pi and e. ``#`` begins a
        comment. A line ``_name := expression`` says a part once for use below; names that begin
        with ``_`` are for such definitions only.
    unknowns : sequence of str, or str of names, optional
        The unknowns in their order. Otherwise all names that are no function, constant or
        parameter, in the order in which they first appear. An unknown given here may be named
        ``e`` or ``pi``, and is then not the constant.
    parameters : sequence of str, str of names, or mapping of names to values, optional
        Names that stand for numbers given later, or given here.

    Returns
    -------
    FormulaSystem
        F(w) = left - right, with exact derivatives.

    Raises
    ------
    FormulaError
        A ValueError with the line and column, if the text is not equations, or is too long (a
        million characters), too deeply nested, or has too large exponents (1000) or numbers.

    Notes
    -----
    Text of any origin may be given: nothing in it is evaluated but arithmetic on bounded exact
    numbers, and the time is proportional to its length.

    Examples
    --------
    >>> import nlsolve
    >>> system = nlsolve.parse("x**2 + y**2 + z**2 = 1; x*y = z")
    >>> system.unknowns
    ('x', 'y', 'z')
    """
    values = parameters if isinstance(parameters, Mapping) else None
    return system_of(read(text, unknowns=unknowns, parameters=parameters or ()), values)


def read(
    text: str,
    *,
    unknowns: str | Iterable[str] | None = None,
    parameters: str | Iterable[str] = (),
    longest: int = LONGEST_TEXT,
) -> Tape:
    """Return the tape of a text of equations, which may have `longest` characters; see `parse`."""
    if not isinstance(text, str):
        raise TypeError(f"text must be a str, got {type(text).__name__}")
    if len(text) > longest:
        raise FormulaError(f"a text may have {longest} characters, this one has {len(text)}")
    known = None if unknowns is None else as_names(unknowns, "unknowns")
    given = as_names(parameters, "parameters")
    if known is not None and set(known) & set(given):
        both = min(set(known) & set(given))
        raise FormulaError(f"{both!r} is both an unknown and a parameter")
    return Reader(text, known, given).tape()
