"""Whatever a file is, is there a verdict, soon, and never an exception?"""

import json
import time

import pytest

from nlsolve.certificates.verify import verify
from tests.certificates.saved import saved

LABEL = "right-inverse"


def unreadable(file, word=""):
    begun = time.process_time()
    verdict = verify(file)
    assert time.process_time() - begun < 5.0
    assert (verdict.proved, verdict.exit_code, verdict.claim) == (False, 2, "")
    assert verdict.reason
    assert word in verdict.reason
    assert str(verdict) == f"unreadable: {verdict.reason}"


@pytest.mark.parametrize(
    "content",
    [
        b"", b"{", b"[1, 2", b"null", b"[]", b"7", b'"text"', b"\xff\xfe\x00", b"NaN", b"{}",
        b'{"format": 1}', b'{"format": "nlsolve certificate 2"}', b"[" * 100_000, b"{" * 100_000,
        b'{"a":' * 50_000, b"1" * 10_000, b'{"format": "x", "format": "y"}',
    ],
)  # fmt: skip
def test_no_json_object(tmp_path, content):
    (tmp_path / "c.json").write_bytes(content)
    unreadable(tmp_path / "c.json")


def test_no_file(tmp_path):
    unreadable(tmp_path / "missing.json", "missing.json")
    unreadable(tmp_path)
    unreadable(7.5)
    unreadable(None)
    unreadable("\0")


def test_too_large_a_file(tmp_path):
    with open(tmp_path / "c.json", "wb") as file:
        file.truncate(65_000_000)
    unreadable(tmp_path / "c.json", "bytes")


RIGHT_TYPES = dict.fromkeys(("claim", "kind", "method", "theorem", "evidence"), str) | {
    "batch": int
}


@pytest.mark.parametrize("name", sorted(saved(LABEL)))
def test_entries_of_another_type(name):
    record = saved(LABEL)
    if name == "constants":
        assert verify(record | {name: []}).exit_code == 1
    for value in (7, 1.5, True, {}, "", "nan", ["nan"], [[]], [None], float("nan"), {"a": 1}):
        record[name] = value
        if value != saved(LABEL)[name]:
            right = RIGHT_TYPES.get(name)
            fits = type(value) is right
            assert verify(record).exit_code == (1 if fits else 2)


@pytest.mark.parametrize("name", sorted(saved(LABEL)))
def test_entries_missing_or_unknown(name):
    record = saved(LABEL)
    del record[name]
    unreadable(record, name if name != "format" else "")
    record = saved(LABEL) | {"more": 1}
    unreadable(record, "more")


def test_an_entry_that_comes_twice(tmp_path):
    text = json.dumps(saved(LABEL))
    (tmp_path / "c.json").write_text(text[:-1] + ', "radius": "0x1.0000000000000p-60"}')
    unreadable(tmp_path / "c.json", "twice")


@pytest.mark.parametrize(
    "number",
    [
        "nan", "inf", "-inf", "0x1.0p+1024", "0x1.0p+99999999999999", "1.5", "0x", "", "0x1.8",
        "0x1.0p+1 ", "0X1.0P+1", "0x1.00000000000000000000p+0", "1e5", "٣", "-0x1.0p+0",
        "0x1." + "0" * 100_000 + "p+0",
    ],
)  # fmt: skip
def test_numbers_that_are_none(number):
    for name in ("radius", "h", "sigma_max", "unique_within"):
        unreadable(saved(LABEL) | {name: number}, name)
    record = saved(LABEL)
    record["constants"][0]["value"] = number
    unreadable(record, "constants[0].value")


@pytest.mark.parametrize(
    "equations",
    [
        "", "x", "x = y = z", "__import__('os').system('true')", "x.real = 1; y = 2",
        "x**10**10**10 = 1; y = 2", "(" * 100_000 + "x", "x = 1; y = 2; x = y",
        "x + unknown = 1; y = 2", "9" * 5_000 + "*x = 1; y = 2", "x/0 = 1; y = 2",
        "_a := x\n" + "\n".join(f"_b{k} := x" for k in range(3)) + "\n_a = 1; _c = 2",
        "\x00", "x = 1e99999999; y = 1", "lambda: x", "x if y else z; y",
    ],
)  # fmt: skip
def test_hostile_equations(equations):
    unreadable(saved(LABEL) | {"equations": equations})


def powers(count):
    """x^1000^1000...: numbers whose exponents have any number of digits."""
    lines = ["_0 := x"] + [f"_{k} := _{k - 1}**1000" for k in range(1, count)]
    return "\n".join([*lines, f"_{count - 1} = 1", "y = 2"])


def exponentials(count, function="exp"):
    lines = ["_0 := x"] + [f"_{k} := {function}(_{k - 1}*1000)" for k in range(1, count)]
    return "\n".join([*lines, f"_{count - 1} = 1", "y = 2"])


def doubled(count):
    lines = ["_0 := x*y"] + [f"_{k} := _{k - 1}*_{k - 1} + _{k - 1}" for k in range(1, count)]
    return "\n".join([*lines, f"_{count - 1} = 1", "y = 2"])


@pytest.mark.parametrize(
    "equations",
    [
        powers(1_000), exponentials(1_000), exponentials(500, "sinh"), doubled(15), doubled(2_000),
        exponentials(300, "sin"), exponentials(300, "x**"), "x**1000*y**1000 = 1; exp(x)**1000 = y",
        "log(x - 100) = 1; y = 2", "1/(x - x) = 1; y = 2", "tan(x*1e300) = 1; y = sin(1e308*x)",
        "x**1e-300 = 1; y**(x**y) = 2",
    ],
)  # fmt: skip
def test_equations_of_any_size_of_numbers(equations):
    begun = time.process_time()
    verdict = verify(saved(LABEL) | {"equations": equations})
    assert time.process_time() - begun < 5.0
    assert not verdict.proved
    assert verdict.exit_code in (1, 2)


def test_too_many_unknowns():
    m = 6_000
    names = [f"w{j}" for j in range(m)]
    record = saved(LABEL) | {"unknowns": names, "point": [(0.0).hex()] * m, "X": None}
    unreadable(record | {"equations": "w0 = 1; w1 = 2"}, "6000")


def test_too_much_work():
    m = 1_500
    names = [f"w{j}" for j in range(m)]
    rows = "; ".join(f"{name}**2 = 1" for name in names)
    zero = [(0.0).hex()] * m
    record = saved(LABEL) | {"unknowns": names, "point": zero, "y": zero, "equations": rows}
    unreadable(record | {"A": None, "X": None}, "too many")


@pytest.mark.parametrize(
    "change",
    [
        {"unknowns": ["x", "x"]}, {"unknowns": ["x", "sin"]}, {"unknowns": ["x"]},
        {"parameters": {"x": "1"}}, {"parameters": {"a": "1/0"}}, {"parameters": {"a": "0.5"}},
        {"parameters": {"a": "9" * 10_000}}, {"point": []}, {"y": []}, {"A": [[]]}, {"X": [[]]},
        {"distance": [(0.0).hex()]}, {"batch": 0}, {"batch": -1}, {"batch": 2**60},
    ],
)  # fmt: skip
def test_entries_that_do_not_fit(change):
    unreadable(saved(LABEL) | change)
