"""Do the code blocks of docs/ run, and does what they write down work as the pages say?"""

import math
import pathlib
import re
from typing import Any, NamedTuple

import numpy as np
import pytest

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


def test_formulas_of_the_page_are_the_same_and_proved(capsys):
    (block,) = re.findall(r"```python\n(.*?)```", (DOCS / "formulas.md").read_text(), re.DOTALL)
    names = {}
    exec(block, names)
    w = np.array([0.3, -1.2, 0.7])
    for system in (names["again"], names["traced"]):
        np.testing.assert_allclose(system(w), names["system"](w), rtol=0, atol=1e-15)
    assert names["sol"].certificate.evidence.word == "proved"
    assert "proved" in capsys.readouterr().out
