"""Do certify, verify, kernel, diagnose, demo, info and cache say what is known otherwise?"""

import json
import math
import sys
from importlib.metadata import version

import numpy as np
import pytest

import nlsolve
from nlsolve import demo

CIRCLE = "x**2 + y**2 = 1"


def test_a_solution_is_certified_to_be_near(documented):
    found = documented("certify", f"{CIRCLE}; x = y", "--at", "0.7,0.7", "--claim", "existence")
    distance = math.sqrt(2.0) * (math.sqrt(0.5) - 0.7)
    assert (found["exit_code"], found["holds"], found["evidence"]) == (0, True, "proved")
    assert found["distance"][0] <= distance <= found["distance"][1]
    assert found["method"] is None


def test_convergence_is_certified_for_the_method_asked(documented):
    words = ("certify", "x + y = 1", "--at", "0,0")
    newton = documented(*words)
    assert (newton["method"], newton["holds"]) == ("gauss-newton", True)
    descent = documented(*words, "--method", "gd", "--option", "step=0.25")
    assert (descent["method"], descent["step"]) == ("gd", 0.25)
    assert 0.25 <= descent["rate"] < 0.3  # r is halved by each step: K = 2, and 1 - 0.25 K = 0.5
    assert documented(*words, "--method", "none")["method"] is None


def test_what_numbers_are_given_is_assumed(documented):
    words = ("certify", CIRCLE, "--at", "1,0.1", "--evidence", "estimated")
    assert documented(*words, "--lipschitz", "2")["evidence"] == "assumed"
    assert documented(*words)["evidence"] == "estimated"
    assert documented("certify", CIRCLE, "--at", "1,0.1")["evidence"] == "proved"


def test_a_box_is_certified_to_be_empty_or_is_not(documented):
    outside = ("--claim", "empty", "--box", "x=1:2,y=0.5:3")
    assert documented("certify", CIRCLE, *outside)["holds"] is True
    inside = documented("certify", CIRCLE, "--claim", "empty", "--box", "-2:2")
    assert (inside["exit_code"], inside["holds"]) == (1, False)
    assert inside["reason"].startswith("not empty")
    ball = documented("certify", CIRCLE, "--claim", "empty", "--at", "3,0", "--radius", "1.5")
    assert ball["distance"][0] == pytest.approx(1.5, rel=1e-15)


def test_certificates_are_written_verified_and_compared(asked, documented, tmp_path):
    words = ("certify", "x**2 = a", "--at", "1.4", "--parameters", "a=2", "--claim", "existence")
    code, lines, _ = asked(*words, "--certificate", "c.json")
    assert (code, lines[-1]) == (0, "         written: c.json")
    code, again, _ = asked("verify", "c.json")
    assert (code, again) == (0, lines[: len(again)])
    assert again[0].startswith("proved: an exact solution lies within ")
    about = ("verify", "c.json", "--about")
    assert documented(*about, "x**2 = a", "--parameters", "a=2")["proved"] is True
    assert documented(*about, "x**2 = a", "--parameters", "a=3")["exit_code"] == 1
    record = json.loads((tmp_path / "c.json").read_text())
    record["parameters"]["a"] = "3"
    (tmp_path / "c.json").write_text(json.dumps(record))
    code, lines, _ = asked("verify", "c.json")
    assert (code, lines[0][:12]) == (1, "not proved: ")


def test_what_is_no_certificate_is_bad_input(asked, tmp_path):
    (tmp_path / "c.json").write_text("{")
    code, lines, _ = asked("verify", "c.json")
    assert (code, lines[0][:12]) == (2, "unreadable: ")
    assert asked("verify", "missing.json")[0] == 2


def test_the_kernel_of_orthogonal_rows(asked, documented):
    # J = [[3, 0, 4], [0, 2, 0]] everywhere: singular values 5 and 2
    words = ("kernel", "3*x + 4*z = 1; 2*y = 1; x - x + z - z + y - y = 0", "--at", "1,1,1")
    found = documented(*words)
    assert (found["n"], found["m"], found["rank"]) == (3, 3, 2)
    np.testing.assert_allclose(found["singular_values"], [5.0, 2.0, 0.0], atol=1e-14)
    np.testing.assert_allclose(found["eigenvalues"], [25.0, 4.0, 0.0], atol=1e-13)
    assert found["condition"] is None
    regular = documented("kernel", "3*x + 4*z; 2*y", "--at", "x=1,y=1,z=1")
    assert regular["condition"] == pytest.approx(2.5)
    code, lines, _ = asked(*words)
    assert (code, lines[0][:11]) == (0, "rank 2 of 3")
    assert lines[-3] == "  0  5.000000e+00  2.500000e+01"


def test_defects_are_a_negative_answer(asked, documented):
    contradiction = ("diagnose", "x + y = 1; x*z = 2; x + y + x*z = 4", "--at", "0.5,1,2")
    found = documented(*contradiction)
    assert (found["exit_code"], found["sound"]) == (1, False)
    assert found["inconsistent"] == [[0, 1, 2]]
    assert (found["rank"], found["degrees_of_freedom"]) == (2, 1)
    code, lines, _ = asked(*contradiction)
    assert (code, lines[0]) == (1, "defects found in 3 equations, 3 unknowns: inconsistent")
    assert max(map(len, lines)) <= 80
    assert documented("diagnose", CIRCLE, "--at", "1,2")["exit_code"] == 0


def test_the_demo_gets_its_options_and_says_its_numbers(asked, documented):
    found = documented("demo", "--seed", "3", "--poses", "2")
    assert (found["seed"], found["poses"], found["solved"]) == (3, 2, 2)
    target = demo.random_targets(3, 1)[0]
    np.testing.assert_allclose(demo.pose(np.array(found["first_angles"])), target, atol=1e-8)
    code, lines, _ = asked("demo", "--poses", "1")
    assert (code, lines[1]) == (0, "first pose")
    assert max(map(len, lines)) <= 80


def test_an_interrupted_demo_keeps_its_poses(documented, monkeypatch):
    solve_pose = demo.solve_pose

    def interrupted(target, *within):
        if not within:
            raise KeyboardInterrupt
        return solve_pose(target, *within)

    monkeypatch.setattr(demo, "solve_pose", interrupted)
    found = documented("demo", "--poses", "5")
    assert (found["exit_code"], found["poses"], found["solved"]) == (130, 1, 1)


def test_info_says_what_is_installed(asked, documented, monkeypatch, tmp_path):
    monkeypatch.setenv("NLSOLVE_CACHE_DIR", str(tmp_path))
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    found = documented("info")
    assert found["python"] == sys.version.split()[0]
    for package in ("nlsolve", "numpy", "scipy", "numba", "sympy"):
        assert found["packages"][package] == version(package)
    assert found["cache"] == {"folder": str(tmp_path), "files": 0, "bytes": 0}
    assert found["threads"]["OMP_NUM_THREADS"] == "1"
    assert (found["processors"] >= 1, [*found["blas"]]) == (True, ["numpy", "scipy"])
    lines = asked("info")[1]
    rows = dict(line.split(maxsplit=1) for line in lines if line[0] != " ")  # folded lines
    assert rows["numpy"] == version("numpy")
    assert rows["nlsolve"] == nlsolve.__version__


def test_the_cache_is_counted_and_cleared(asked, documented, monkeypatch, tmp_path):
    monkeypatch.setenv("NLSOLVE_CACHE_DIR", str(tmp_path / "kept"))
    entry = tmp_path / "kept" / "0123456789abcdef" / "run_dogleg.py"
    entry.parent.mkdir(parents=True)
    entry.write_text('"""Written by nlsolve.drivers; safe to delete."""\n')
    counted = documented("cache", "info")
    assert (counted["files"], counted["bytes"], counted["removed"]) == (1, 50, False)
    said = " ".join(line.strip() for line in asked("cache", "clear")[1])
    assert said == f"1 file, 0.1 kB, removed from {tmp_path / 'kept'}"
    assert not entry.exists()
    assert documented("cache", "clear")["files"] == 0
