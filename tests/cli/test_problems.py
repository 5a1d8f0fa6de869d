"""Are problems read from text, from Python files and from JSON files as they are meant?"""

import ast
import io
import json
import math

import pytest

import nlsolve

CIRCLE = """
import numpy as np
from radius import RADIUS  # a file beside this one

w0 = [2.0, 0.5]
method = "gauss-newton"
options = {"damping": "backtracking"}
kwargs = {"radius": RADIUS}
scratch = np.zeros(3)  # names of no meaning here are left alone


def F(w, radius):
    return np.array([w @ w - radius**2, w[0] - w[1]])


def jac(w, radius):
    return np.array([2 * w, [1.0, -1.0]])
"""
HYPERBOLA = {
    "equations": ["x**2 + y**2 = a", "x*y = b"],
    "parameters": {"a": 5, "b": "6/3"},
    "w0": {"x": 2.5, "y": 0.5},
    "method": "gauss-newton",
    "options": {"damping": "backtracking"},
    "tol": 1e-12,
}


@pytest.fixture
def written(tmp_path):
    def write(name, content):
        text = content if isinstance(content, str) else json.dumps(content)
        (tmp_path / name).write_text(text)
        return name

    return write


def test_a_python_file(documented, written):
    written("radius.py", "RADIUS = 5.0\n")
    found = documented("solve", written("circle.py", CIRCLE))
    assert found["w"] == pytest.approx([12.5**0.5] * 2, abs=1e-9)
    assert found["unknowns"] is None
    assert (found["method"], found["jacobians"] > 0) == ("gauss-newton", True)
    elsewhere = documented("solve", "circle.py", "--at", "-1,-2", "--method", "dogleg")
    assert elsewhere["w"] == pytest.approx([-(12.5**0.5)] * 2, abs=1e-9)
    assert elsewhere["method"] == "dogleg"


def test_a_python_file_may_hold_a_system(documented, written):
    text = "import nlsolve\nF = nlsolve.parse('x**2 = a', parameters='a')\nw0 = {'x': 1}\n"
    found = documented("solve", written("root.py", text), "--parameters", "a=2.25")
    assert found["unknowns"] == {"x": pytest.approx(1.5)}


def test_a_json_file(documented, written):
    found = documented("solve", written("hyperbola.json", HYPERBOLA))
    assert found["unknowns"] == pytest.approx({"x": 2.0, "y": 1.0}, abs=1e-9)
    assert found["method"] == "gauss-newton"
    other = documented("solve", "hyperbola.json", "--parameters", "b=-2", "--at", "x=2.5,y=-0.5")
    assert other["unknowns"] == pytest.approx({"x": 2.0, "y": -1.0}, abs=1e-9)


def test_unknowns_of_a_json_file_have_their_order(documented, written):
    document = {"equations": "y - x", "unknowns": ["x", "y"], "y": 1, "w0": [0, 0]}
    found = documented("solve", written("line.json", document))
    assert found["unknowns"] == pytest.approx({"x": -0.5, "y": 0.5}, abs=1e-12)


def test_decimals_mean_the_decimal(asked, written, tmp_path):
    document = {"equations": "x = a + b", "parameters": {"a": 0.1, "b": "1/3"}, "w0": [1]}
    code, _, _ = asked("solve", written("sum.json", document), "--certificate", "c.json")
    assert code == 0
    saved = json.loads((tmp_path / "c.json").read_text())
    assert saved["parameters"] == {"a": "1/10", "b": "1/3"}


def test_equations_from_standard_input(documented, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO("x*y = 6  # a product\nx - y = 1\n"))
    found = documented("solve", "-", "--at", "x=4,y=1")
    assert found["unknowns"] == pytest.approx({"x": 3.0, "y": 2.0}, abs=1e-9)


@pytest.fixture
def bounds_handed_over(asked, monkeypatch):
    """Run solve up to the solver, and return the bounds it is handed."""

    def refuse(*_given, bounds, **_keywords):
        raise ValueError(f"{bounds}")

    monkeypatch.setattr(nlsolve, "solve", refuse)
    return lambda *words: ast.literal_eval(
        asked("solve", *words)[2].removeprefix("nlsolve: ").replace("inf", "1e999")
    )


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("0:1", (0.0, 1.0)),
        (":1,0:2", ([-math.inf, 0.0], [1.0, 2.0])),
        ("y=-1:1", ([-math.inf, -1.0], [math.inf, 1.0])),
    ],
)
def test_bounds_of_the_command_line_are_in_the_order_of_the_unknowns(
    bounds_handed_over, said, expected
):
    assert bounds_handed_over("x + y = 1", "--at", "0,0", "--bounds", said) == expected


@pytest.mark.parametrize("bounds", [{"y": [-1, 1]}, [[None, None], [-1, 1]]])
def test_bounds_of_a_json_file_may_be_infinite(bounds_handed_over, written, bounds):
    document = {"equations": "x + y = 1", "w0": [0, 0], "bounds": bounds}
    handed = bounds_handed_over("--method", "auto", written("b.json", document))
    assert handed == ([-math.inf, -1], [math.inf, 1])


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("w0 = [1.0\nF = 3\n", "f.py, line 1: SyntaxError: '[' was never closed"),
        ("w0 = [1.0]\n1 / 0\n", "f.py, line 2: ZeroDivisionError: division by zero"),
        ("import no_such_package\n", "f.py, line 1: ModuleNotFoundError: No module named"),
        ("raise SystemExit(3)\n", "f.py, line 1: SystemExit: 3"),
        ("w0 = [1.0]\nG = abs\n", "f.py: no F: the file must define F(w)"),
        ("w0 = [1.0]\nF = 3\n", "f.py: F"),
        ("import nlsolve\nF, jac = nlsolve.System(abs), abs\n", "F is a System already; give jac"),
        ("def F(w):\n    return w\n", "the point is missing"),
        ("w0 = [1.0]\ndef g(w):\n    return w['x']\ndef F(w):\n    return g(w)\n",
         "f.py, line 3: IndexError: "),
        ("w0 = [1.0]\ndef F(w):\n    return [float('nan')]\n", "f.py: F(w0) must be finite"),
    ],
)  # fmt: skip
def test_errors_of_python_files_are_told_with_file_and_line(asked, written, text, complaint):
    code, lines, err = asked("solve", written("f.py", text))
    assert (code, lines) == (2, [])
    assert err.startswith("nlsolve: ")
    assert complaint in err
    assert err.count("\n") == 1


def test_the_traceback_of_a_python_file_on_request(asked, written):
    text = "w0 = [1.0]\ndef F(w):\n    return [1 / 0]\n"
    code, _, err = asked("solve", written("f.py", text), "--traceback")
    assert code == 2
    assert 'f.py", line 3, in F' in err
    assert err.endswith("nlsolve: f.py, line 3: ZeroDivisionError: division by zero\n")


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ('{"equations": "x",\n "w0": }', "p.json, line 2, column 8: no JSON: Expecting value"),
        ("[1]", "p.json: must be one object, {...}, is a list"),
        ({"equation": "x"}, "unknown key 'equation'; did you mean 'equations'?"),
        ({"equations": "x", "colour": 1}, "unknown key 'colour'; the keys are equations, "),
        ({"w0": [1]}, "no 'equations'"),
        ({"equations": 3}, "'equations' must be a text, or a list of texts, is 3"),
        ({"equations": "x", "tol": "small"}, "'tol' must be a number, is \"small\""),
        ({"equations": "x = a", "parameters": "a"}, "'parameters' must be numbers by name"),
        ({"equations": "x", "max_iter": 2.5}, "'max_iter' must be a whole number, is 2.5"),
        ({"equations": "x", "tol": True}, "'tol' must be a number, is true"),
        ({"equations": ["x = 1", "x ++* 3"]}, "p.json: line 2, column 5: expected a number"),
        ({"equations": "x = a", "parameters": {"a": "1/0"}}, "parameter 'a'"),
        ({"equations": "x = a", "parameters": {"a": [1]}}, "must be a number or '1/3', is [1]"),
        ({"equations": "x", "bounds": {"x": 3}}, "'bounds' must be pairs [low, high]"),
        ({"equations": "x", "w0": {"y": 1}}, "w0: no value for 'x'; the unknowns are x"),
        ({"equations": "x"}, "the point is missing"),
    ],
)
def test_errors_of_json_files_are_told_with_place_or_key(asked, written, content, complaint):
    code, lines, err = asked("solve", written("p.json", content))
    assert (code, lines) == (2, [])
    assert complaint in err
    assert err.count("\n") == 1


def test_files_that_are_not_there(asked):
    assert asked("solve", "no.py") == (2, [], "nlsolve: no.py: No such file or directory\n")
    assert asked("solve", "no.json") == (2, [], "nlsolve: no.json: No such file or directory\n")
