"""Does `python -m nlsolve` answer on the right streams, with the right exit codes and widths?"""

import json
import os
import shlex
import subprocess
import sys
from importlib.metadata import version

import pytest

from nlsolve.cli import main, program
from nlsolve.cli.answer import Answer
from nlsolve.cli.words import joined

VERBS = ("solve", "certify", "verify", "kernel", "diagnose", "demo", "info", "cache")


def ran(*words, **further):
    command = [sys.executable, "-m", "nlsolve", *words]
    return subprocess.run(command, capture_output=True, text=True, check=False, **further)


def test_it_runs_as_a_program_and_loads_neither_numba_nor_sympy():
    code = (
        "import sys; from nlsolve.cli import main; code = main(['info']); "
        "print({'numba', 'sympy', 'nlsolve.systems', 'nlsolve.demo'} & set(sys.modules), code)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr == ""
    assert done.stdout.splitlines()[-1] == "set() 0"
    helped = ran("--help")
    assert (helped.returncode, helped.stderr) == (0, "")
    assert all(f"    {verb} " in helped.stdout for verb in VERBS)


def test_no_verb_prints_help_and_is_bad_input(capsys):
    assert main([]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "demo" in captured.err
    assert "exit codes: 0 yes" in captured.err


@pytest.mark.parametrize("verb", VERBS)
def test_help_has_examples_that_are_understood_and_80_columns(verb, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    with pytest.raises(SystemExit) as stop:
        main([verb, "--help"])
    assert stop.value.code == 0
    lines = capsys.readouterr().out.splitlines()
    assert max(map(len, lines)) <= 80
    examples = lines[lines.index("examples:") + 1 :]
    commands = [line.strip() for line in examples if line.startswith("  nlsolve ")]
    assert commands
    for command in commands:
        given = program.build_parser().parse_args(joined(shlex.split(command)[1:]))
        assert given.verb == verb


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["solve-it"], "solve-it"),
        (["demo", "--seed", "x"], "invalid seed_number value: 'x'"),
        (["demo", "--seed", "-1"], "must be at least 0, is -1"),
        (["demo", "--poses", "0"], "must be at least 1, is 0"),
        (["cache"], "what"),
        (["cache", "burn"], "burn"),
    ],
)
def test_wrong_usage_is_named(words, complaint, capsys):
    with pytest.raises(SystemExit) as stop:
        main(words)
    assert stop.value.code == 2
    assert complaint in capsys.readouterr().err


def test_version(capsys):
    with pytest.raises(SystemExit) as stop:
        main(["--version"])
    assert stop.value.code == 0
    assert capsys.readouterr().out == f"nlsolve {version('nlsolve')}\n"


def failing(monkeypatch, error):
    def run(_given):
        raise error

    monkeypatch.setattr("nlsolve.cli.info.run", run)


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (ValueError("too odd\nand more"), 2, "too odd"),
        (FileNotFoundError(2, "No such file or directory", "c.py"), 2, "c.py: No such file"),
        (KeyError("gone"), 3, "KeyError: 'gone' (an error in nlsolve; --traceback shows it)"),
        (KeyboardInterrupt(), 130, "interrupted"),
    ],
)
def test_errors_are_one_line_and_a_code(monkeypatch, capsys, error, code, said):
    failing(monkeypatch, error)
    assert main(["info"]) == code
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(f"nlsolve: {said}")
    assert err.count("\n") == 1
    assert main(["info", "--json"]) == code
    document = json.loads(capsys.readouterr().out)
    assert (document["command"], document["exit_code"]) == ("info", code)
    assert document["error"].startswith(said)


@pytest.mark.parametrize("words", [["--traceback", "info"], ["info", "--traceback"]])
def test_traceback_on_request(monkeypatch, capsys, words):
    failing(monkeypatch, ValueError("too odd"))
    assert main(words) == 2
    err = capsys.readouterr().err
    assert "Traceback (most recent call last)" in err
    assert err.endswith("nlsolve: too odd\n")


def test_a_reader_who_has_gone_is_no_error():
    code = "import sys; from nlsolve.cli import main; sys.exit(main(['info']))"
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [sys.executable, "-c", code], stdout=writing, stderr=subprocess.PIPE, check=False
    )
    os.close(writing)
    assert (done.returncode, done.stderr) == (141, b"")


def test_a_full_disk_is_said():
    code = "import sys; from nlsolve.cli import main; sys.exit(main(['cache', 'info']))"
    with open("/dev/full", "w") as full:
        done = subprocess.run([sys.executable, "-c", code], stdout=full, stderr=subprocess.PIPE)
    assert (done.returncode, done.stderr) == (
        2, b"nlsolve: standard output: No space left on device\n",
    )  # fmt: skip


class Terminal:
    """Standard output, said to be a terminal."""

    def __init__(self, stream):
        self.stream = stream

    def isatty(self):
        return True

    def __getattr__(self, name):
        return getattr(self.stream, name)


@pytest.mark.parametrize(
    ("code", "variables", "expected"),
    [
        (0, {}, "\033[32mverdict\033[0m\n  more\n"),
        (1, {}, "\033[31mverdict\033[0m\n  more\n"),
        (130, {}, "verdict\n  more\n"),
        (0, {"NO_COLOR": "1"}, "verdict\n  more\n"),
        (0, {"TERM": "dumb"}, "verdict\n  more\n"),
    ],
)
def test_colours_are_for_terminals(monkeypatch, capsys, code, variables, expected):
    monkeypatch.setattr("nlsolve.cli.info.run", lambda _given: Answer(code, {}, "verdict\n  more"))
    for name in ("NO_COLOR", "TERM"):
        monkeypatch.delenv(name, raising=False)
    assert main(["info"]) == code
    assert capsys.readouterr().out == "verdict\n  more\n"
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys, "stdout", Terminal(sys.stdout))
    assert main(["info"]) == code
    assert capsys.readouterr().out == expected


def test_a_terminal_of_ascii_gets_escapes(tmp_path):
    environment = {**os.environ, "PYTHONIOENCODING": "ascii", "NLSOLVE_CACHE_DIR": "/tmp/é"}
    done = ran("cache", "info", env=environment)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "0 files, 0.0 kB, in /tmp/\\xe9\n"
