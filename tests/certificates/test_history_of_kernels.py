"""Does the history keep the kernel, and does `tol_distance` end near a solution?"""

import math

import numpy as np
import pytest

import nlsolve
from nlsolve.certificates.evidence import Evidence
from tests.certificates.runs import (
    START,
    bowl_again,
    bowl_again_jacobian,
    run,
)
from tests.systems.functions import jitted, squares, squares_jacobian


@pytest.mark.parametrize(
    ("lane", "method"),
    [("compiled", "gd"),
     *(("interpreted", m) for m in ("gd", "gauss-newton", "levenberg-marquardt", "dogleg"))],
)  # fmt: skip
def test_pl_ratio_and_lambda_min_of_the_history(lane, method):
    words = {"step": "certified"} if method == "gd" else {}
    sol = run(lane, method, store_path=True, tol=1e-6, **words)
    J = [bowl_again_jacobian(w) for w in sol.path]
    r = [bowl_again(w) for w in sol.path]
    smallest = np.array([np.linalg.svd(x, compute_uv=False)[-1] ** 2 for x in J])
    largest = np.array([np.linalg.norm(x, 2) ** 2 for x in J])
    true = np.array([np.sum((x.T @ v) ** 2) / np.sum(v**2) for x, v in zip(J, r, strict=True)])
    ratio, eigenvalue = sol.history.pl_ratio, sol.history.lambda_min
    known = np.isfinite(ratio)
    np.testing.assert_allclose(ratio[known], true[known], rtol=1e-6)
    assert np.all(ratio[known] >= smallest[known] * (1.0 - 1e-9))
    assert np.all(ratio[known] <= largest[known] * (1.0 + 1e-9))
    if method in ("gd", "dogleg"):
        assert known[:-1].all()
    seen = np.isfinite(eigenvalue)
    assert np.all(eigenvalue[seen] >= smallest[seen] * (1.0 - 1e-6))
    if method in ("gauss-newton", "dogleg"):
        assert seen[:-1].all()
    np.testing.assert_array_equal(sol.history.lambda_min, sol.history.sigma_min**2)


@pytest.mark.parametrize("distance", [1e-3, 1e-6, 1e-10])
@pytest.mark.parametrize(
    ("lane", "method"),
    [("compiled", "gauss-newton"), *(("interpreted", m) for m in ("gauss-newton", "auto"))],
)
def test_tol_distance_is_reached_and_true(lane, method, distance):
    """w^2 = 2 by coordinates: the distance to a solution is that to +-sqrt(2)."""
    F, jac = {
        "compiled": (jitted["squares"], jitted["squares_jacobian"]),
        "interpreted": (squares, squares_jacobian),
    }[lane]
    sol = nlsolve.solve(
        F, 0.0, [3.0, -1.0], method=method, lane=lane, jac=jac, tol=0.1,
        tol_distance=distance, certify={"lipschitz": 2.0},
    )  # fmt: skip
    assert sol.success
    assert sol.certificate.distance[1] <= distance
    apart = np.linalg.norm(np.abs(sol.w) - math.sqrt(2.0))
    assert sol.certificate.distance[0] * (1.0 - 1e-9) <= apart + 1e-15
    assert apart <= sol.certificate.distance[1] + 1e-15
    assert "certified to be within" in sol.message


@pytest.mark.timeout(30)
def test_tol_distance_that_cannot_be_reached_is_said_and_does_not_fail():
    sol = nlsolve.solve(
        lambda w: w**2 - 2.0, 0.0, [3.0], jac=lambda w: np.diag(2.0 * w), tol_distance=1e-30
    )
    assert sol.success
    assert "tol_distance = 1e-30 not reached" in sol.message
    double = nlsolve.solve(lambda w: w**2, 0.0, [0.5], tol_distance=1e-6)
    assert double.success
    assert "tol_distance not reached: not certified, because" in double.message
    rootless = nlsolve.solve(lambda w: w**2 + 1.0, 0.0, [0.5], tol_distance=1e-6)
    assert not rootless.success
    assert "tol_distance" not in rootless.message


def test_tol_distance_of_proofs_only():
    words = {"tol": 0.1, "tol_distance": 1e-12, "certify": {"evidence": "proved"}}
    sol = nlsolve.solve(nlsolve.parse("x**2 = 2"), 0.0, [3.0], **words)
    assert sol.certificate.evidence is Evidence.PROVED
    assert abs(sol.w[0] - math.sqrt(2.0)) <= sol.certificate.distance[1] + 1e-15 <= 1e-12
    branching = nlsolve.solve(lambda w: w**2 - 2.0 if w[0] > 0.0 else w, 0.0, [3.0], **words)
    assert "not reached: not certified, because F can" in branching.message


def test_tol_distance_goes_on_where_a_small_residual_says_little():
    """Badly scaled: |F| <= 1e-10 long before the root."""
    system = nlsolve.parse("x + y = 1e-5; 5e-8*x - y**2 = 0")
    plain, near = (nlsolve.solve(system, 0.0, [1.0, 1.0], tol_distance=d) for d in (None, 1e-18))
    assert not plain.certificate.holds
    assert near.certificate.distance[1] <= 1e-18


@pytest.mark.parametrize("bad", [-1.0, math.nan, "x", True])
def test_tol_distance_is_checked(bad):
    with pytest.raises(ValueError, match="tol_distance must be a number >= 0"):
        nlsolve.solve(bowl_again, 0.0, START, tol_distance=bad)
