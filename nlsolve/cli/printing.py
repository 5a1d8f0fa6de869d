"""How do an answer and its numbers look in a terminal, and as JSON?

Lines are no wider than the terminal, 80 columns where there is none. The verdict is coloured only
on a terminal, and not where NO_COLOR is set (https://no-color.org) or TERM is dumb. Characters that
the output cannot show are written as escapes.
"""

import json
import math
import os
import re
import shutil
import sys
import textwrap
from collections.abc import Iterable, Sequence
from typing import Any

from nlsolve.cli.answer import NO, YES, Answer

NARROWEST = 40
GREEN, RED, PLAIN = "\033[32m", "\033[31m", "\033[0m"


def safe_streams() -> None:
    """Let standard output and error be there, and write what they have no character for."""
    if sys.stdout is None:  # closed by whoever started the process
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115
    for stream in (sys.stdout, sys.stderr):
        encoding = (getattr(stream, "encoding", None) or "").lower()
        if hasattr(stream, "reconfigure") and not encoding.startswith("utf"):
            stream.reconfigure(errors="backslashreplace")


def print_answer(answer: Answer, as_json: bool) -> None:
    """Print an answer to standard output, its notes to standard error."""
    if as_json:
        print(as_document({**answer.document, "exit_code": answer.code}))
    elif answer.text:
        verdict, *others = wrapped(answer.text)
        print("\n".join([coloured(verdict, answer.code), *others]))
    for note in answer.notes:
        print(f"nlsolve: {note}", file=sys.stderr)
    sys.stdout.flush()


def as_document(named: dict[str, Any]) -> str:
    """Return one JSON object, a line for each of its keys."""
    entries = [
        f"{json.dumps(k)}: {json.dumps(plain(v), allow_nan=False)}" for k, v in named.items()
    ]
    return "{\n" + ",\n".join(entries) + "\n}"


def coloured(text: str, code: int) -> str:
    """Return a verdict, folded or not, in the colour of its exit code, where there are colours."""
    shows = sys.stdout.isatty() and os.environ.get("TERM") != "dumb"
    if not shows or os.environ.get("NO_COLOR") or code not in (YES, NO):
        return text
    colour = GREEN if code == YES else RED
    return "\n".join(f"{colour}{line}{PLAIN}" for line in text.split("\n"))


def wrapped(text: str) -> list[str]:
    """Return lines folded to the width of the terminal, below the text they belong to."""
    width = max(shutil.get_terminal_size((80, 24)).columns, NARROWEST)
    verdict, *others = text.split("\n")
    folded = [_folded(line, width, _begin_of_text(line)) for line in others]
    return [_folded(verdict, width, 2), *folded]


def _begin_of_text(line: str) -> int:
    """Return the column after 'name: ' or 'name   ', 2 where a line has no name."""
    named = re.match(r" *\S.{0,22}?(: | {2,})", line)
    return named.end() if named else 2


def _folded(line: str, width: int, indent: int) -> str:
    if len(line) <= width:
        return line
    return textwrap.fill(
        line, width, subsequent_indent=" " * indent, break_long_words=False, break_on_hyphens=False
    )


def table(rows: Iterable[Sequence[str]], gap: str = "  ") -> str:
    """Return rows of texts as columns, the last one ragged."""
    listed = [list(row) for row in rows]
    widths = [max(map(len, column)) for column in zip(*listed, strict=True)]
    lines = (
        gap.join(f"{text:<{w}}" for text, w in zip(row, widths, strict=True)) for row in listed
    )
    return "\n".join(line.rstrip() for line in lines)


def some(rows: Sequence[Sequence[str]], most: int) -> list[Sequence[str]]:
    """Return the first rows, and one that says how many are left out."""
    left_out = len(rows) - most
    if left_out <= 0:
        return list(rows)
    first = rows[0][0]
    indent = " " * (len(first) - len(first.lstrip()))
    rest = (
        [f"{indent}..."] + [""] * (len(rows[0]) - 2) + [f"and {left_out} more; --json has them all"]
    )
    return [*rows[:most], rest]


def plain(value: Any) -> Any:
    """Return a value as JSON has it: arrays as lists, a number that is not finite as null."""
    if hasattr(value, "tolist"):
        value = value.tolist()
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {name: plain(item) for name, item in value.items()}
    return [plain(item) for item in value] if isinstance(value, (list, tuple)) else value


def megabytes(size: int) -> str:
    """Return a number of bytes in words."""
    return f"{size / 1e6:.1f} MB" if size >= 1e5 else f"{size / 1e3:.1f} kB"
