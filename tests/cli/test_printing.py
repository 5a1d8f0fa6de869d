"""Are lines folded, tables aligned and numbers written as JSON has them?"""

import json
import math

import numpy as np
import pytest

from nlsolve.cli.printing import as_document, megabytes, some, table, wrapped


def test_lines_are_folded_below_the_text_they_belong_to(monkeypatch):
    monkeypatch.setenv("COLUMNS", "40")
    text = "proved: " + "word " * 9 + "\n    from: " + "word " * 9 + "\nname    " + "word " * 9
    lines = "\n".join(wrapped(text)).split("\n")
    assert max(map(len, lines)) <= 40
    assert [line[: len(line) - len(line.lstrip())] for line in lines] == [
        "", "  ", "    ", " " * 10, "", " " * 8
    ]  # fmt: skip
    assert " ".join(lines).split() == text.split()


def test_what_fits_is_not_touched(monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    text = f"a{' ' * 70}b\n\n  c = 1"
    assert wrapped(text) == text.split("\n")


def test_columns_are_aligned_and_the_rest_is_counted():
    rows = some([("x", "=", "1"), ("alpha", "=", "2"), ("z", "=", "3")], 2)
    expected = "x     = 1\nalpha = 2\n...     and 1 more; --json has them all"
    assert table(rows, " ") == expected
    assert some(rows, 3) == rows


def test_numbers_that_are_not_finite_are_null():
    named = {"a": math.inf, "b": np.array([1.0, np.nan]), "c": (1, None, True), "d": np.float64(2)}
    text = as_document(named)
    assert json.loads(text) == {"a": None, "b": [1.0, None], "c": [1, None, True], "d": 2.0}
    assert len(text.splitlines()) == 6


@pytest.mark.parametrize(("size", "text"), [(0, "0.0 kB"), (99_000, "99.0 kB"), (2e6, "2.0 MB")])
def test_sizes_in_words(size, text):
    assert megabytes(size) == text
