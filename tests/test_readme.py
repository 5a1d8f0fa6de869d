"""Is what README.md says true: does its quick start run, do its links and commands exist?"""

import re
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_quick_start_finds_a_point_of_the_circle():
    (quick_start,) = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    names = {}
    exec(compile(quick_start, "README.md", "exec"), names)
    w = names["sol"].w
    assert names["sol"].success
    np.testing.assert_allclose([np.sum(w**2), w[0] - w[1]], [1, 0], atol=1e-9)


def test_quick_start_is_ten_lines_at_most():
    (quick_start,) = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    assert len(quick_start.splitlines()) <= 10


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
