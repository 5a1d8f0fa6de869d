"""Do the examples run as a user would run them, and are their systems what they say?

Each system is written here a second time, in another form or by another package.
"""

import pathlib
import runpy
import subprocess
import sys

import numpy as np
import pytest

EXAMPLES = sorted((pathlib.Path(__file__).parent.parent / "examples").glob("*.py"))


def example(name):
    """The names an example defines, its main() not run."""
    return runpy.run_path(str(EXAMPLES[0].with_name(name + ".py")))


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda p: p.name)
def test_example_runs(path):
    done = subprocess.run(
        [sys.executable, "-W", "error", str(path)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip()


def test_there_are_examples():
    assert EXAMPLES


def brusselator_everywhere(w):
    """The equations at all points (2, 32, 32), by shifts of the arrays instead of matrices."""
    u, v = w.reshape(2, 32, 32)
    x, y = np.meshgrid(np.linspace(0, 1, 32), np.linspace(0, 1, 32), indexing="ij")

    def spread(c):
        around = sum(np.roll(c, shift, axis) for shift in (1, -1) for axis in (0, 1))
        return 10 * 31**2 * (around - 4 * c)

    source = np.where(np.hypot(x - 0.3, y - 0.6) <= 0.1, 5.0, 0.0)
    return np.array([spread(u) + 1 + u**2 * v - 4.4 * u + source, spread(v) + 3.4 * u - u**2 * v])


def test_brusselator_on_a_third_of_the_grid_takes_at_most_four_iterations():
    sol = example("brusselator")["steady_state"]()
    r = brusselator_everywhere(sol.w).reshape(2, -1)[:, ::3]
    assert sol.w.size == 2048
    assert r.size == 684
    assert sol.nit <= 4
    assert np.linalg.norm(r) < 1e-9
