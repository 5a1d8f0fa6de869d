"""Do `python -m nlsolve solve` and `verify` answer with the right words, files and exit codes?"""

import json
import math
import subprocess
import sys

import pytest

import nlsolve
from nlsolve import cli

EQUATIONS = "x**2 + y**2 + z**2 = 1; x*y = z"
SOLVE = ["solve", EQUATIONS, "--at", "x=1,y=2,z=3"]


def residual(x, y, z):
    return max(abs(x * x + y * y + z * z - 1.0), abs(x * y - z))


def test_a_root(capsys):
    assert cli.main(SOLVE) == 0
    out, err = capsys.readouterr()
    assert err == ""
    lines = out.splitlines()
    named = dict(line.split(" = ") for line in lines[:3])
    assert [*named] == ["x", "y", "z"]
    assert residual(**{name: float(text) for name, text in named.items()}) < 1e-9
    assert lines[3].startswith("root: the residual is below the tolerance")
    assert lines[4].startswith("proved: an exact solution lies within ")
    assert len(lines) == 5


def test_json(capsys):
    words = [*SOLVE, "--json", "--method", "gauss-newton", "--tol", "1e-12"]
    assert cli.main(words) == 0
    found = json.loads(capsys.readouterr().out)
    assert residual(**found["unknowns"]) < 1e-11
    assert (found["success"], found["method"]) == (True, "gauss-newton")
    assert found["status"] in ("root", "root_to_rounding")
    assert found["residual_norm"] < 1e-12 or found["status"] == "root_to_rounding"
    assert found["certificate"]["holds"] is True
    assert found["certificate"]["evidence"] == "proved"
    assert 0.0 <= found["certificate"]["distance"][0] <= found["certificate"]["distance"][1] < 1e-9


def test_no_root(capsys):
    assert cli.main(["solve", "x**2 + y**2 = -1", "--at", "x=1,y=1", "--json"]) == 1
    found = json.loads(capsys.readouterr().out)
    assert (found["success"], found["certificate"]["holds"]) == (False, False)
    assert found["certificate"]["distance"][1] is None
    assert math.hypot(*found["unknowns"].values()) < 1e-2
    assert cli.main(["solve", "x**2 + y**2 = -1", "--at", "x=1,y=1"]) == 1
    assert "no certificate: " in capsys.readouterr().out


def test_certificates_are_written_and_verified(tmp_path, capsys):
    path = str(tmp_path / "c.json")
    assert cli.main([*SOLVE, "--certificate", path]) == 0
    proved = capsys.readouterr().out.splitlines()[4]
    assert cli.main(["verify", path]) == 0
    assert capsys.readouterr().out == proved + "\n"
    record = json.loads((tmp_path / "c.json").read_text())
    assert nlsolve.verify(path, system=nlsolve.parse(EQUATIONS)).proved
    record["equations"] = record["equations"].replace("= 1", "= 1.001")
    (tmp_path / "c.json").write_text(json.dumps(record))
    assert cli.main(["verify", path]) == 1
    assert capsys.readouterr().out.startswith("not proved: ")
    (tmp_path / "c.json").write_text("{")
    assert cli.main(["verify", path]) == 2
    assert capsys.readouterr().out.startswith("unreadable: ")
    assert cli.main(["verify", str(tmp_path / "missing.json")]) == 2


def test_no_certificate_is_no_file(tmp_path, capsys):
    path = tmp_path / "c.json"
    words = ["solve", "x**2 + y**2 = -1", "--at", "x=1,y=1", "--certificate", str(path)]
    assert cli.main(words) == 1
    assert capsys.readouterr().err == f"nlsolve: {path} not written: no certificate\n"
    assert not path.exists()


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
        (["x*y = 1", "--at", "x=1,y=1", "--certificate", "/nowhere/at/all.json"], "/nowhere"),
    ],
)
def test_bad_input_is_one_line(words, complaint, capsys):
    assert cli.main(["solve", *words]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("nlsolve: ")
    assert err.count("\n") == 1
    assert complaint in err


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["solve", "x = 1"], "--at"),
        (["solve"], "equations"),
        (["solve", "x = 1", "--at", "x"], "must be name=number"),
        (["solve", "x = 1", "--at", "x=one"], "'one' is not a number"),
        (["solve", "x = 1", "--at", "x=1,x=2"], "each name once"),
        (["solve", "x = 1", "--at", "x=1", "--tol", "0"], "must be above 0"),
        (["solve", "x = 1", "--at", "x=1", "--tol", "tiny"], "invalid positive_real value"),
        (["verify"], "file"),
    ],
)
def test_wrong_usage_is_named(words, complaint, capsys):
    with pytest.raises(SystemExit) as stop:
        cli.main(words)
    assert stop.value.code == 2
    assert complaint in capsys.readouterr().err


def test_traceback_on_request():
    with pytest.raises(cli.WrongInput, match="line 1"):
        cli.main(["--traceback", "solve", "x +* y", "--at", "x=1"])


def test_as_a_program(tmp_path):
    def ran(*words):
        command = [sys.executable, "-m", "nlsolve", *words]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    path = str(tmp_path / "c.json")
    solved = ran("solve", "x**2 = 2", "--at", "x=1.5", "--certificate", path)
    assert (solved.returncode, solved.stderr) == (0, "")
    assert solved.stdout.startswith("x = 1.414213562")
    verified = ran("verify", path)
    assert (verified.returncode, verified.stderr) == (0, "")
    assert verified.stdout.startswith("proved: an exact solution lies within ")
