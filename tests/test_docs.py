"""Do the code blocks of docs/ run, and does what they write down work as the pages say?"""

import math
import pathlib
import re
from typing import Any, NamedTuple

import numpy as np
import pytest

import nlsolve
from nlsolve.certificates.theorems import REGISTRY
from nlsolve.loop import Budget, Run
from nlsolve.methods import lowered
from nlsolve.methods.auto import Stage
from nlsolve.methods.base import Method
from nlsolve.systems import System
from nlsolve.systems.checks import first_evaluation

DOCS = pathlib.Path(__file__).parent.parent / "docs"
PAGE = DOCS / "add_a_method.md"


@pytest.fixture
def method():
    (block,) = re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)
    names = {"Any": Any, "NamedTuple": NamedTuple, "math": math, "Method": Method}
    exec(block, names)
    return names["METHOD"]


def test_the_skeleton_is_gradient_descent(method):
    A = np.array([[1.0, 2.0, 0.0], [0.0, 1.0, -1.0]])
    y = np.array([3.0, 1.0])
    problem, r, J = first_evaluation(System(lambda w: A @ w, jac=lambda w: A), y, np.zeros(3), None)
    run = Run(problem, (np.zeros(3), r, J), Budget(1e-10), store_path=True)
    options = lowered(method, method.options(step=0.2))
    run.through([Stage(method, options, 500, "w0")])
    np.testing.assert_allclose(run.path[1], 0.2 * A.T @ y, rtol=1e-14)
    np.testing.assert_allclose(run.w, np.linalg.pinv(A) @ y, atol=1e-9)


def test_the_certificate_of_the_page_holds_and_its_promise_is_kept(capsys):
    names = {}
    block, of_regions = re.findall(
        r"```python\n(.*?)```", (DOCS / "certificates.md").read_text(), re.DOTALL
    )
    exec(block, names)
    sol = names["sol"]
    assert sol.start_certificate.holds
    assert sol.check_promise().kept
    assert sol.certificate.distance[1] < 1e-12
    assert capsys.readouterr().out.startswith("full Gauss-Newton steps converge from w")
    exec(of_regions, names)
    assert capsys.readouterr().out.count("no exact solution lies") == 2


def test_every_theorem_is_on_the_page():
    page = (DOCS / "certificates.md").read_text()
    assert [name for name in REGISTRY if f"| `{name}` |" not in page] == []


def test_the_diagnosis_of_the_page_is_what_is_printed(capsys):
    page = (DOCS / "diagnose.md").read_text()
    block, printed = re.findall(r"```(?:python)?\n(.*?)```", page, re.DOTALL)
    names = {}
    exec(block, names)
    assert capsys.readouterr().out == printed
    for row in re.findall(r"^\| (`.*?) \|", page, re.MULTILINE):
        assert all(hasattr(names["diagnosis"], name) for name in re.findall(r"`(\w+)`", row))


def test_formulas_of_the_page_are_the_same_and_proved(capsys):
    (block,) = re.findall(r"```python\n(.*?)```", (DOCS / "formulas.md").read_text(), re.DOTALL)
    names = {}
    exec(block, names)
    w = np.array([0.3, -1.2, 0.7])
    for system in (names["again"], names["traced"]):
        np.testing.assert_allclose(system(w), names["system"](w), rtol=0, atol=1e-15)
    assert names["sol"].certificate.evidence.word == "proved"
    assert "proved" in capsys.readouterr().out


def test_every_kind_of_jacobian_of_the_page_reaches_a_root(capsys):
    page = (DOCS / "jacobians.md").read_text()
    names = {}
    for block in re.findall(r"```python\n(.*?)```", page, re.DOTALL):
        exec(block, names)
    u, p = np.split(names["given"].w, [2002])
    np.testing.assert_allclose(u[:-2] - 2.0 * u[1:-1] + u[2:] + p * u[1:-1] ** 2, 0.0, atol=1e-10)
    assert names["found"].success
    assert names["by_products"].success
    np.testing.assert_allclose(names["found"].w, names["given"].w, atol=1e-6)
    assert nlsolve.System(names["F"], jac_sparsity=names["pattern"]).pattern.count == 4
    assert capsys.readouterr().out.startswith("True csr_array")


@pytest.fixture(scope="module")
def solutions():
    """The names after the blocks of solutions.md have run, one after the other."""
    names = {}
    for block in re.findall(r"```python\n(.*?)```", (DOCS / "solutions.md").read_text(), re.DOTALL):
        exec(block, names)
    return names


def test_the_four_solutions_of_the_page_are_found_and_proved_to_differ(solutions):
    four = solutions["four"]
    expected = [[-2.0, -1.0], [-1.0, -2.0], [1.0, 2.0], [2.0, 1.0]]
    np.testing.assert_allclose(sorted(four.w.tolist()), expected, atol=1e-9)
    assert four.certified.word == "proved"


def test_the_light_of_the_page_moves_as_trigonometry_says(solutions):
    light = solutions["light_ray"]
    slope = (light.w[1] - 1.0) / 2.0  # tan(angle) = (hit - h) / a, hit = (y + h) / 2
    turn = 1.0 / (1.0 + slope**2)
    assert light.w[1] == pytest.approx(2.0)
    by_a = light.sensitivity("args", 0).matrix[:, 0]
    np.testing.assert_allclose(by_a, [-slope / 2.0 * turn, 0.0], atol=1e-6)
    by_h = light.sensitivity("args", "h").matrix[:, 0]
    np.testing.assert_allclose(by_h, [-turn / 4.0, 0.5], atol=1e-6)


def test_the_solutions_chosen_on_the_page_are_better_than_any(solutions):
    w0 = np.array(solutions["w0"])
    distance = {name: np.linalg.norm(solutions[name].w - w0) for name in ("some", "nearest")}
    assert distance["nearest"] < distance["some"]
    assert "locally nearest to w0" in solutions["nearest"].message
    assert "at a local minimum of secondary" in solutions["lowest"].message


def test_the_walk_and_the_samples_of_the_page_stay_on_the_sphere(solutions):
    walk, points = solutions["walk"], solutions["points"]
    np.testing.assert_allclose(walk.w[-1], [1.0, 0.0, 0.0], atol=1e-6)
    for w in (walk.w, points):
        np.testing.assert_allclose(np.linalg.norm(w, axis=1), 1.0, atol=1e-10)


def test_page_on_many_systems_runs(capsys):
    names = {}
    for block in re.findall(r"```python\n(.*?)```", (DOCS / "many.md").read_text(), re.DOTALL):
        exec(compile(block, "many.md", "exec"), names)
    assert names["many"].success.all()
    for code, name in re.findall(r"(?<=\| )(\d+) \| ([A-Z_]+)", (DOCS / "many.md").read_text()):
        assert nlsolve.Status.from_code(int(code)).name == name
