"""Runs of the program in a folder of their own."""

import json

import pytest

from nlsolve.cli import main


@pytest.fixture
def asked(capsys, monkeypatch, tmp_path):
    """Run one command in an empty folder: (exit code, lines of output, standard error)."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")

    def run(*words):
        code = main(list(words))
        out, err = capsys.readouterr()
        return code, out.splitlines(), err

    return run


@pytest.fixture
def documented(asked):
    """Run one command with --json: its document, whose exit code is that of the run."""

    def run(*words):
        code, lines, _ = asked(*words, "--json")
        document = json.loads("\n".join(lines))
        assert document["exit_code"] == code
        assert document["command"] == words[0]
        return document

    return run
