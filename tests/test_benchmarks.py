"""Do the benchmarks run, and is their bookkeeping right?

That a figure is what it says depends on the counting, the claims and the medians, which are checked
here on cases with known answers; the figures themselves are no business of a test.
"""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from benchmarks import BENCHMARKS, crossover, robustness, timing
from benchmarks.__main__ import main
from benchmarks.solvers import NLSOLVE, SCIPY
from benchmarks.table import table
from tests.zoo import MGH, STANDARD, WIDE
from tests.zoo.problem import entry

BY_NAME = {problem.name: problem for problem in STANDARD + WIDE + MGH}
SOLVERS = {solver.name: solver for solver in (*NLSOLVE, *SCIPY)}
PARABOLA = entry(
    "parabola",
    lambda w: w**2 - 2.0 * w,
    lambda w: np.array([[2.0 * w[0] - 2.0]]),
    [1.0],
    "its derivative vanishes at the start",
    [2.0],
)

SHOWN = {
    "robustness": ["Missed by auto: none.", "refuses", "### x^2 - 2x from 1"],
    "small": ["### Jitted F and J", "### Plain Python F and J", "### The compiled call"],
    "many": ("solve_many", "scipy"),
    "crossover": ["100 x 200", "lanes.LARGEST_COMPILED"],
    "dense": ["### A step, without F and J", "dogbox |", "<= 1.3"],
    "sparse": ["Time grows as m to the power", "dogbox |", ">= 5"],
    "free": ["times the bare calls", "| gauss-newton |", "20,000"],
    "growth": ["exponent", "| matrix-free |", "| sparse"],
    "startup": ["import nlsolve", "at most 1.3 times"],
    "promises": ["0 are not (met)", "Where a theorem must hold", "times (met)"],
    "digits": ["| equations", "1,000 |", " met |"],
    "training": ["| Gauss-Newton", "| SGD, batches of 10", "at the start"],
    "proofs": ["Enclosures over boxes", "found: 0 (met)", "Proved balls"],
    "distributed": ["bytes a step", "overhead a step", "| rows"],
    "kill": ["| runs", "2 of 2 (met)"],
    "widths": ["### 4 trainings of 4 random networks", "| gauss-newton |         2 |"],
    "paper": ["### essential_nonconvexity", "most negative eigenvalue of the Hessian"],
    "networks": ["step over the bare products", "peak memory, GiB", "| 20 samples, widths 128"],
    "certify": ["at most 10 Gauss-Newton steps", "10 x 20", "| katsura-3 |", "10 equations of 20"],
}


def test_module_lists_its_names():
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks"],
        cwd=Path(__file__).parents[1], capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    for name, line in BENCHMARKS.items():
        assert f"{name:<12}{line}" in done.stdout


def test_unknown_name_is_refused(capsys):
    with pytest.raises(SystemExit) as stop:
        main(["smal"])
    assert stop.value.code == 2
    assert "unknown benchmark 'smal'" in capsys.readouterr().err


@pytest.mark.parametrize("name", BENCHMARKS)
def test_quick_run(name, capsys):
    assert main([name, "--quick"]) == 0
    out = capsys.readouterr().out
    for words in (f"## {name}", *SHOWN[name], "not the published figures"):
        assert words in out


# ---- robustness ---------------------------------------------------------------------------------


@pytest.mark.parametrize("solver", SCIPY, ids=lambda solver: solver.name)
@pytest.mark.parametrize("name", ["sphere and plane", "Beale", "Boggs"])
def test_scipy_refuses_what_we_say_it_refuses(solver, name):
    problem = BY_NAME[name]
    outcome = robustness.attempt(solver, problem, problem.w0, 100)
    assert bool(outcome.error) != solver.takes(problem.n, problem.m)


def test_the_false_success_of_root_lm_is_counted():
    outcome = robustness.attempt(SOLVERS["root lm"], PARABOLA, PARABOLA.w0)
    assert (outcome.claimed, outcome.solved, outcome.false_success) == (True, False, True)


def test_rounding_is_no_false_success():
    problem = entry("steep", lambda w: 1e12 * (w - 0.3), lambda w: np.array([[1e12]]), [1.0], "")
    beside = np.array([np.nextafter(0.3, 1.0)])  # |F| is about 5.6e-5
    assert robustness.judge(problem, beside) == (False, True)
    assert robustness.judge(problem, beside * (1.0 + 1e-12)) == (False, False)


@pytest.mark.parametrize("name", ["nlsolve auto", "root lm", "least_squares dogbox"])
def test_evaluations_are_counted(name):
    calls = []

    def F(w):
        calls.append("F")
        return w**3 - 8.0

    def jac(w):
        calls.append("jac")
        return 3.0 * np.diag(w**2)

    outcome = robustness.attempt(SOLVERS[name], PARABOLA._replace(F=F, jac=jac), [1.0])
    # one more of each is the benchmark's own look at the end
    assert (outcome.evaluations, outcome.jacobians) == (
        calls.count("F") - 1,
        calls.count("jac") - 1,
    )
    assert outcome.solved


# ---- times --------------------------------------------------------------------------------------


def test_sides_take_turns():
    order = []
    sides = {name: lambda name=name: order.append(name) for name in "ab"}
    times = timing.alternate(sides, rounds=4, seconds=0.0)
    assert "".join(order[-8:]) == "abbaabba"
    assert [len(taken) for taken in times.values()] == [4, 4]


def test_ratio_is_the_median_within_rounds():
    times = {"a": [2.0, 40.0, 3.0], "b": [1.0, 10.0, 1.0]}
    assert timing.ratio(times, "a", "b") == 3.0


def test_threshold_separates_what_can_be_separated():
    sizes = [(2, 5), (4, 5), (10, 20), (30, 50)]
    points = [crossover.Point(n, m, 2.0 if n * m <= 20 else 0.25) for n, m in sizes]
    assert crossover.best_threshold(points, lambda n, m: n * m) == (20, 200, 1.0)
    # wrong at two sizes of four, by factors of four: (4 * 4) ** (1 / 4)
    assert crossover.regret(points, lambda n, m: True) == pytest.approx(2.0, rel=1e-12)


def test_tables_are_aligned():
    assert table(["name", "k"], [["a", 10], ["long name", 2]]).splitlines() == [
        "| name      |  k |",
        "| --------- | -: |",
        "| a         | 10 |",
        "| long name |  2 |",
    ]
