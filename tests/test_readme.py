"""Is what README.md says true: does its quick start run, do its links and commands exist?"""

import re
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


BLOCKS = re.findall(r"```python\n(.*?)```", README, re.DOTALL)


@pytest.fixture
def solutions():
    """What each block calls sol; the blocks are run one after the other."""
    names, solutions = {}, []
    for block in BLOCKS:
        exec(compile(block, "README.md", "exec"), names)
        solutions.append(names["sol"])
    return solutions


def test_quick_start_finds_a_point_of_the_circle(solutions):
    w = solutions[0].w
    assert solutions[0].success
    np.testing.assert_allclose([np.sum(w**2), w[0] - w[1]], [1, 0], atol=1e-9)


def test_certificate_of_the_readme_holds_and_its_promise_is_kept(solutions):
    promise, end = solutions[1].start_certificate, solutions[1].certificate
    assert promise.holds
    assert end.holds
    assert promise.evidence.word == "assumed"
    assert solutions[1].check_promise().kept
    assert solutions[1].certified_from == 0


def test_formulas_of_the_readme_are_proved(solutions):
    assert solutions[2].certificate.holds
    assert solutions[2].certificate.evidence.word == "proved"
    assert solutions[2].certificate.distance[1] < 1e-9


def test_solutions_of_the_readme_are_those_known_and_move_as_they_must(solutions):
    x, y = solutions[3].w
    assert {abs(round(x, 9)), abs(round(y, 9))} == {1.0, 2.0}
    by_a = solutions[3].sensitivity("args", "a").matrix[:, 0]
    np.testing.assert_allclose(by_a, np.array([x, -y]) / (2 * (x**2 - y**2)), rtol=1e-9)


def test_the_solution_chosen_in_the_readme_is_the_nearest_of_the_circle(solutions):
    across = np.array([1.25, 1.25, 1.0])  # the part of w0 in the plane of the circle
    np.testing.assert_allclose(solutions[4].w, across / np.linalg.norm(across), atol=1e-7)


def test_the_network_of_the_readme_meets_its_samples(solutions):
    assert solutions[5].success
    assert solutions[5].w.size == 1_004_000
    assert solutions[5].nit <= 6


def test_the_function_of_jax_in_the_readme_moves_as_it_must(solutions):
    w, by_a = solutions[6].w, solutions[6].sensitivity("args").matrix[:, 0]
    np.testing.assert_allclose([w @ w, np.sin(w[0]) - w[1]], [4.0, 0.0], atol=1e-9)
    J = np.array([2 * w, [np.cos(w[0]), -1.0, 0.0]])
    np.testing.assert_allclose(by_a, np.linalg.pinv(J) @ [1.0, 0.0], rtol=1e-7)


def test_quick_start_is_ten_lines_at_most():
    assert len(BLOCKS[0].splitlines()) <= 10


@pytest.mark.parametrize("target", re.findall(r"\]\(([^)#:]+)\)", README))
def test_links_lead_somewhere(target):
    assert (ROOT / target).exists()


@pytest.mark.parametrize(
    "command",
    [
        "python -m pip install . && python -m nlsolve demo",
        'python -m pip install ".[test]" && python -m pytest',
    ],
)
def test_the_two_commands_stand_alone(command):
    assert f"```\n{command}\n```" in README
