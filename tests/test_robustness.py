"""Does `auto` find the roots it should, and does nothing ever call a point a root that is none?"""

import numpy as np
import pytest

import nlsolve
from nlsolve.methods import REGISTRY
from tests.zoo import MGH, STANDARD, WIDE, scaled_starts

STARTS = [(p, factor, w0) for p in MGH for factor, w0 in scaled_starts(p)]
MOST = {"sgd": 100, "block-kaczmarz": 100}  # epochs, of many steps each


def solve(problem, w0, method="auto", **options):
    with np.errstate(all="ignore"):
        return nlsolve.solve(problem.F, 0.0, w0, jac=problem.jac, method=method, **options)


def largest(problem, result):
    with np.errstate(all="ignore"):
        return float(np.max(np.abs(problem.F(result.w))))


def floor(problem, w):
    """Return the rounding floor that Status.ROOT_TO_ROUNDING speaks of, its largest row."""
    return 8 * 2.0**-53 * float(np.max(np.abs(problem.jac(w)) @ np.abs(w)))


@pytest.mark.parametrize("problem", STANDARD, ids=lambda p: p.name)
def test_auto_solves_every_standard_problem(problem):
    result = solve(problem, problem.w0)
    assert result.success
    assert largest(problem, result) < 1e-8


@pytest.mark.parametrize("problem", WIDE, ids=lambda p: p.name)
def test_auto_solves_every_wide_problem(problem):
    result = solve(problem, problem.w0)
    assert result.success
    assert largest(problem, result) < 1e-8


@pytest.mark.parametrize("problem", WIDE, ids=lambda p: p.name)
def test_auto_solves_every_wide_problem_with_differences(problem):
    with np.errstate(all="ignore"):
        result = nlsolve.solve(problem.F, 0.0, problem.w0)
    assert result.success
    assert largest(problem, result) < 1e-8


def test_auto_solves_at_least_95_percent_of_the_mgh_starts():
    solved = [largest(p, solve(p, w0)) < 1e-8 for p, _, w0 in STARTS]
    assert len(solved) == 3 * len(MGH) >= 60
    assert sum(solved) >= 0.95 * len(solved)


@pytest.mark.parametrize("method", [*REGISTRY, "auto"])
def test_success_is_never_claimed_above_the_tolerance(method):
    starts = [*STARTS, *((p, 1, p.w0) for p in STANDARD + WIDE)]
    claimed = 0
    for problem, factor, w0 in starts:
        result = solve(problem, w0, method, max_iter=MOST.get(method, 300))
        if result.success:
            claimed += 1
            allowed = max(1e-10, floor(problem, result.w))
            assert largest(problem, result) <= allowed, (problem.name, factor)
    assert claimed > len(starts) / 4


def test_the_point_scipy_calls_a_root_is_none():
    # scipy.optimize.root(method='lm') reports success at 1.0, where F = -1
    result = nlsolve.solve(lambda x: x * x - 2.0 * x, 0.0, 1.0)
    assert result.success
    assert abs(result.w[0] * (result.w[0] - 2.0)) < 1e-9


@pytest.mark.parametrize("method", [*REGISTRY, "auto"])
def test_a_system_without_roots_has_no_success(method):
    result = nlsolve.solve(lambda x: x * x + 1.0, 0.0, 0.3, method=method, max_iter=500)
    assert not result.success
    assert result.residual_norm >= 1.0
