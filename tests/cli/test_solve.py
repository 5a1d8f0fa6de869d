"""Does `solve` find roots, say why there is none, and keep what was computed?"""

import json
import math

import pytest

import nlsolve

EQUATIONS = "x**2 + y**2 + z**2 = 1; x*y = z"
SOLVE = ("solve", EQUATIONS, "--at", "x=1,y=2,z=3")
NO_ROOT = ("solve", "x**2 + y**2 = -1", "--at", "x=1,y=1")
KEYS = [
    "command", "success", "status", "message", "unknowns", "w", "residual", "residual_norm",
    "method", "stages", "iterations", "evaluations", "jacobians", "certificate",
    "certificate_file", "exit_code",
]  # fmt: skip


def residual(x, y, z):
    return max(abs(x * x + y * y + z * z - 1.0), abs(x * y - z))


def test_a_root(asked):
    code, lines, err = asked(*SOLVE)
    assert (code, err) == (0, "")
    assert lines[0].startswith("root: the residual is below the tolerance")
    named = dict(line.split(" = ") for line in lines[2:5])
    assert [*named] == ["  x", "  y", "  z"]
    assert residual(**{name.strip(): float(text) for name, text in named.items()}) < 1e-9
    assert any(line.startswith("     certificate: proved: an exact solution") for line in lines)
    assert max(map(len, lines)) <= 80


def test_json(documented):
    found = documented(*SOLVE, "--method", "gauss-newton", "--tol", "1e-12")
    assert [*found] == KEYS
    assert residual(**found["unknowns"]) < 1e-11
    assert found["w"] == [*found["unknowns"].values()]
    assert (found["success"], found["method"]) == (True, "gauss-newton")
    assert found["status"] in ("root", "root_to_rounding")
    assert found["residual_norm"] < 1e-12 or found["status"] == "root_to_rounding"
    assert found["certificate"]["holds"] is True
    assert found["certificate"]["evidence"] == "proved"
    assert 0.0 <= found["certificate"]["distance"][0] <= found["certificate"]["distance"][1] < 1e-9


def test_no_root(asked, documented):
    found = documented(*NO_ROOT)
    assert (found["exit_code"], found["success"]) == (1, False)
    assert found["certificate"]["holds"] is False
    assert found["certificate"]["distance"][1] is None
    assert math.hypot(*found["unknowns"].values()) < 1e-2
    code, lines, _ = asked(*NO_ROOT)
    assert code == 1
    assert "     certificate: not certified, because " in "\n".join(lines)


@pytest.mark.parametrize(
    ("words", "root"),
    [
        (("x = a", "--at", "1", "--parameters", "a=0.25"), {"x": 0.25}),
        (("x; y", "--at", "1,1", "--y", "2,-3"), {"x": 2.0, "y": -3.0}),
        (("x + y = 2", "--at", "x=1.5,y=-0.5", "--select", "min-norm"), {"x": 1.0, "y": 1.0}),
        (("x + y = 2", "--at", "0,0", "--x-scale", "x=1,y=1"), {"x": 1.0, "y": 1.0}),
        (("x + y = 2", "--at", "0,0", "--x-scale", "jac"), {"x": 1.0, "y": 1.0}),
        (("x = 2", "--at", "0", "--method", "gd", "--option", "step=0.5"), {"x": 2.0}),
    ],
)  # fmt: skip
def test_what_is_said_reaches_the_solver(documented, words, root):
    found = documented("solve", *words)
    assert found["success"] is True
    assert found["unknowns"] == pytest.approx(root, abs=1e-9)


def test_limits_reach_the_solver(documented):
    words = ("solve", "x**2 = 2", "--at", "1e6", "--no-certify")
    assert documented(*words, "--max-iter", "2")["status"] == "max_iter"
    assert documented(*words, "--max-nfev", "3")["status"] == "max_nfev"
    assert documented(*words, "--max-time", "1e-9")["status"] == "max_time"
    near = documented("solve", "x**2 = 2", "--at", "1", "--tol", "0.1", "--tol-distance", "1e-9")
    assert near["certificate"]["distance"][1] <= 1e-9
    assert near["w"][0] == pytest.approx(math.sqrt(2.0), abs=1e-9)


def test_only_what_is_wanted_is_certified(asked, documented):
    assert documented(*SOLVE, "--no-certify")["certificate"] is None
    assert "certificate" not in "\n".join(asked(*SOLVE, "--no-certify")[1])


def test_progress_is_on_standard_error(asked):
    code, lines, err = asked(*SOLVE, "--progress")
    assert code == 0
    assert lines[0].startswith("root: ")
    assert "iterations" in err


def test_many_unknowns_are_not_all_said(asked, documented):
    text = "; ".join(f"x{j} = {j}" for j in range(50))
    words = ("solve", text, "--at", ",".join(["0"] * 50))
    lines = asked(*words)[1]
    assert "  x39 = 39.0" in lines
    assert "  ... " in lines[42]
    assert "and 10 more; --json has them all" in lines[42]
    assert documented(*words)["w"] == pytest.approx(range(50))


def test_certificates_are_written(asked, tmp_path):
    code, lines, _ = asked(*SOLVE, "--certificate", "c.json")
    assert code == 0
    assert lines[-1] == "         written: c.json"
    assert nlsolve.verify(tmp_path / "c.json", system=nlsolve.parse(EQUATIONS)).proved


def test_no_certificate_is_no_file_and_no_yes(asked, tmp_path):
    code, lines, err = asked(*NO_ROOT, "--certificate", "c.json")
    assert (code, err) == (1, "nlsolve: c.json not written: no certificate\n")
    (tmp_path / "f.py").write_text("w0 = 1.0\ndef F(w):\n    return [float(w[0]) - 2.0]\n")
    code, lines, err = asked("solve", "f.py", "--certificate", "c.json")
    assert code == 1
    assert lines[0].startswith("root: ")
    assert "c.json not written: the certificate is about a system that is not known as" in err
    code, lines, err = asked(*SOLVE, "--certificate", "missing/c.json")
    assert (code, lines[0][:6]) == (2, "root: ")
    assert err == "nlsolve: missing/c.json not written: No such file or directory\n"
    assert [path.name for path in tmp_path.iterdir()] == ["f.py"]


INTERRUPTED = """
w0 = [4.0, 1.0]
seen = []
def F(w):
    seen.append(w[0])
    if len(seen) > 12:
        raise KeyboardInterrupt
    return [w[0]**2 - w[1]]
"""


def test_what_was_computed_before_an_interrupt_is_shown(asked, documented, tmp_path):
    (tmp_path / "f.py").write_text(INTERRUPTED)
    found = documented("solve", "f.py")
    assert (found["exit_code"], found["status"]) == (130, "interrupted")
    assert found["evaluations"] >= 3
    assert found["residual_norm"] == pytest.approx(abs(found["w"][0] ** 2 - found["w"][1]))
    assert found["certificate"] is None
    code, lines, _ = asked("solve", "f.py")
    assert code == 130
    assert lines[0].startswith("interrupted")
    assert lines[2].startswith("  w[0] = ")


def test_an_interrupt_before_the_run_leaves_nothing_to_show(asked, monkeypatch):
    def interrupted(*_given, **_keywords):
        raise KeyboardInterrupt

    monkeypatch.setattr(nlsolve, "solve", interrupted)
    assert asked(*SOLVE) == (130, [], "nlsolve: interrupted\n")


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["x +* y = 1", "--at", "x=1,y=1"], "line 1, column 4: expected a number"),
        (["x = 1; x.real = 2", "--at", "x=1"], "line 1, column 9: "),
        (["x*y = 1", "--at", "x=1"], "w0: no value for 'y'; the unknowns are x, y"),
        (["x*y = 1", "--at", "x=1,y=1,q=2"], "w0: unknown name 'q'; the unknowns are x, y"),
        (["log(x) + y = 1", "--at", "x=-1,y=1"], "F(w0) must be finite"),
        (["x*y = 1", "--at", "x=nan,y=1"], "w0"),
        (["x*y = 1", "--at", "x=1,y=1", "--method", "guess"], "guess"),
        (["x*y = 1", "--at", "x=1,y=1", "--option", "steps=3"], "steps"),
        (["x*y = 1", "--at", "x=1,y=1", "--bounds", "q=0:1"], "--bounds: unknown name 'q'"),
        (["x = 1"], "the point is missing: give --at x=1,y=2 (or --at 1,2), or w0"),
    ],
)
def test_bad_input_is_one_line(words, complaint, asked):
    code, lines, err = asked("solve", *words)
    assert (code, lines) == (2, [])
    assert err.startswith("nlsolve: ")
    assert err.count("\n") == 1
    assert complaint in err


def test_errors_are_documents_too(documented):
    found = documented("solve", "x +* y = 1", "--at", "1,1")
    assert [*found] == ["command", "error", "exit_code"]
    assert found["exit_code"] == 2
    assert found["error"].startswith("line 1, column 4: expected a number")


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["solve"], "PROBLEM"),
        (["solve", "x = 1", "--at", "x=1,y"], "must be name=number"),
        (["solve", "x = 1", "--at", "x=one"], "'one' is not a number"),
        (["solve", "x = 1", "--at", "x=1", "--tol", "0"], "must be above 0"),
        (["solve", "x = 1", "--at", "x=1", "--tol", "tiny"], "invalid positive_real value"),
    ],
)
def test_wrong_usage_is_named(words, complaint, asked, capsys):
    with pytest.raises(SystemExit) as stop:
        asked(*words)
    assert stop.value.code == 2
    assert complaint in capsys.readouterr().err


def test_prints_of_the_users_code_stay_out_of_the_document(asked, tmp_path):
    (tmp_path / "f.py").write_text("w0 = 1.0\ndef F(w):\n    print('hello')\n    return w - 2\n")
    code, lines, err = asked("solve", "f.py", "--json")
    assert json.loads("\n".join(lines))["success"] is True
    assert (code, err.splitlines()[0]) == (0, "hello")
