"""Does `python -m nlsolve` answer with the right words, streams and exit codes?"""

import subprocess
import sys
from importlib.metadata import version

import pytest

from nlsolve import cli


def test_module_runs_as_a_program():
    done = subprocess.run(
        [sys.executable, "-m", "nlsolve", "info"], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    reported = dict(line.split() for line in done.stdout.splitlines())
    assert reported["python"] == sys.version.split()[0]
    for package in ("nlsolve", "numpy", "scipy", "numba", "sympy"):
        assert reported[package] == version(package)


def test_no_verb_prints_help_and_is_a_usage_error(capsys):
    assert cli.main([]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "demo" in captured.err
    assert "info" in captured.err


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["solve-it"], "solve-it"),
        (["demo", "--seed", "x"], "invalid seed_number value: 'x'"),
        (["demo", "--seed", "-1"], "must be at least 0, is -1"),
        (["demo", "--poses", "0"], "must be at least 1, is 0"),
    ],
)
def test_wrong_usage_is_named(words, complaint, capsys):
    with pytest.raises(SystemExit) as stop:
        cli.main(words)
    assert stop.value.code == 2
    assert complaint in capsys.readouterr().err


def test_version(capsys):
    with pytest.raises(SystemExit) as stop:
        cli.main(["--version"])
    assert stop.value.code == 0
    assert capsys.readouterr().out == f"nlsolve {version('nlsolve')}\n"


def test_demo_gets_its_options(monkeypatch):
    from nlsolve import demo

    asked = []
    monkeypatch.setattr(demo, "run", lambda seed, poses: asked.append((seed, poses)) or 1)
    assert cli.main(["demo", "--seed", "3", "--poses", "5"]) == 1
    assert cli.main(["demo"]) == 1
    assert asked == [(3, 5), (0, 100)]


@pytest.mark.parametrize(
    ("error", "code"), [(ValueError("too odd"), 1), (KeyboardInterrupt(), 130)]
)
def test_errors_come_without_traceback(monkeypatch, capsys, error, code):
    def fail(_words):
        raise error

    monkeypatch.setattr(cli, "run_info", fail)
    assert cli.main(["info"]) == code
    message = capsys.readouterr().err
    assert "Traceback" not in message
    assert message == ("nlsolve: ValueError: too odd\n" if code == 1 else "")


def test_traceback_on_request(monkeypatch):
    def fail(_words):
        raise ValueError("too odd")

    monkeypatch.setattr(cli, "run_info", fail)
    with pytest.raises(ValueError, match="too odd"):
        cli.main(["--traceback", "info"])
