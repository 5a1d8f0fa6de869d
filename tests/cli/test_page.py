"""Is what docs/how-to/terminal.md shows what the program prints?

Words must agree; numbers to three digits, or be both at the level of rounding, which differs from
one processor to the next.
"""

import math
import pathlib
import re
import shlex

import pytest

from nlsolve.cli import problems, program, python_files
from nlsolve.cli.json_files import KEYS

PAGE = next((pathlib.Path(__file__).parents[2] / "docs").rglob("terminal.md")).read_text()
NUMBER = re.compile(r"(?<![\w.])-?\d+(?:\.\d+)?(?:e[+-]?\d+)?")
ROUNDING = 1e-9


def commands():
    """Return (command, output) of every console block, in order."""
    for block in re.findall(r"```console\n(.*?)```", PAGE, re.DOTALL):
        for part in re.split(r"^\$ nlsolve ", block, flags=re.MULTILINE)[1:]:
            command, _, output = part.partition("\n")
            yield command, output.rstrip()


def agree(a, b):
    return math.isclose(float(a), float(b), rel_tol=2e-3, abs_tol=ROUNDING)


def test_every_command_prints_what_the_page_shows(asked, tmp_path):
    files = re.findall(r"`(\w+\.(?:py|json))`(?: is|):?\n\n```\w+\n(.*?)```", PAGE, re.DOTALL)
    assert [name for name, _ in files] == ["circle.py", "hyperbola.json", "broken.py"]
    for name, content in files:
        (tmp_path / name).write_text(content)
    shown = list(commands())
    assert len(shown) >= 10
    for command, expected in shown:
        _, lines, err = asked(*shlex.split(command))
        printed = "\n".join([*lines, err]).rstrip()
        assert NUMBER.sub("#", printed).split() == NUMBER.sub("#", expected).split(), command
        numbers = zip(NUMBER.findall(printed), NUMBER.findall(expected), strict=True)
        assert [pair for pair in numbers if not agree(*pair)] == [], command


@pytest.mark.parametrize("word", [*KEYS, *python_files.SYSTEM, *problems.SETTINGS])
def test_every_name_a_file_may_have_is_on_the_page(word):
    assert f"`{word}`" in PAGE


def test_every_verb_is_on_the_page():
    for verb in program.VERBS:
        assert f"| `{verb.__name__.rpartition('.')[2]}` |" in PAGE
