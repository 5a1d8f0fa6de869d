"""Does the method that docs/add_a_method.md writes down work, added as the page says?"""

import math
import pathlib
import re
from typing import Any, NamedTuple

import numpy as np
import pytest

from nlsolve.loop import Budget, Run
from nlsolve.methods import lowered
from nlsolve.methods.auto import Stage
from nlsolve.methods.base import Method
from nlsolve.systems import System
from nlsolve.systems.checks import first_evaluation

PAGE = pathlib.Path(__file__).parent.parent / "docs" / "add_a_method.md"


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
