"""What does the user see of an error, and whose is it?

An error that arose in the user's file is told with file and line, though it may come wrapped in
one of this package's: it is looked for along the causes.
"""

import os
import traceback
from collections.abc import Iterator

from nlsolve.cli.answer import BAD_INPUT, FAILED


def code_of(error: BaseException) -> int:
    """Return the exit code of an error: of these kinds are those that are raised at bad input."""
    import nlsolve

    bad_input = (TypeError, ValueError, OSError, ImportError, nlsolve.EvaluationError)
    return BAD_INPUT if isinstance(error, bad_input) else FAILED


def words_of(error: BaseException, file: str | None) -> tuple[int, str]:
    """Return the exit code of an error and one line about it; `file` is the user's Python file."""
    place, code = file and _in_file(error, file), code_of(error)
    if place:
        return BAD_INPUT, place
    said = _first_line(error)
    if code == FAILED:
        return code, f"{type(error).__name__}: {said} (an error in nlsolve; --traceback shows it)"
    return code, f"{file}: {said}" if file and not said.startswith(file) else said


def _in_file(error: BaseException, file: str) -> str | None:
    """Return where in the user's file an error, or what caused it, arose; None if elsewhere."""
    found = None
    for one in _causes(error):
        lines = [frame.lineno for frame in traceback.extract_tb(one.__traceback__)
                 if _same(frame.filename, file)]  # fmt: skip
        if isinstance(one, SyntaxError) and _same(one.filename or "", file):
            return f"{file}, line {one.lineno}: {type(one).__name__}: {one.msg}"
        if lines:
            found = f"{file}, line {lines[-1]}: {type(one).__name__}: {_first_line(one)}"
    return found


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__


def _same(name: str, file: str) -> bool:
    return os.path.realpath(name) == os.path.realpath(file)


def _first_line(error: BaseException) -> str:
    if isinstance(error, OSError) and error.filename and error.strerror:
        return f"{error.filename}: {error.strerror}"
    return str(error).partition("\n")[0] or "no message"
