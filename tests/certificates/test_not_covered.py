"""Is what no theorem covers refused with its name, and is what is covered said as it is?"""

import numpy as np
import pytest

import nlsolve
from nlsolve.certificates.theorems import REGISTRY
from tests.certificates.traps import (
    GOOD,
    every_method,
    gentle,
)

NOT_COVERED = [
    ({"method": "gauss-newton", "damping": "backtracking"}, "damping='backtracking'"),
    ({"method": nlsolve.GaussNewton(damping="backtracking")}, "full Gauss-Newton steps"),
    ({"method": "gd", "momentum": 0.9}, "momentum"),
    ({"method": "sgd", "momentum": 0.1}, "momentum"),
    ({"method": "gd", "momentum": "nesterov", "step": 0.01}, "without momentum"),
    ({"method": nlsolve.GradientDescent(0.01, "heavy-ball")}, "without momentum"),
    ({"method": "gd", "step": "auto"}, "step='auto'"),
    ({"method": nlsolve.GradientDescent()}, "step='auto'"),
    ({"method": nlsolve.GradientDescent(step="auto")}, "constant step"),
    ({"method": "sgd", "step": "kaczmarz"}, "step='kaczmarz'"),
    ({"method": nlsolve.StochasticGradient(batch=2)}, "step='kaczmarz'"),
    ({"method": "sgd", "sampling": "reshuffled"}, "sampling='reshuffled'"),
    ({"method": "sgd", "sampling": "cyclic"}, "cyclic order"),
    ({"method": "levenberg-marquardt"}, "'levenberg-marquardt'"),
    ({"method": nlsolve.LevenbergMarquardt()}, "'levenberg-marquardt'"),
    ({"method": "dogleg"}, "'dogleg': its steps are cut to a trust region"),
    ({"method": nlsolve.Dogleg()}, "'dogleg'"),
    ({"method": "block-kaczmarz"}, "some of the equations only"),
    ({"method": nlsolve.BlockKaczmarz()}, "'block-kaczmarz'"),
    ({"method": "auto"}, "'auto'"),
]


@pytest.mark.parametrize(("words", "reason"), NOT_COVERED, ids=lambda x: str(x)[:60])
@pytest.mark.parametrize("known", [None, 0.2])
def test_what_no_convergence_theorem_covers(words, reason, known):
    certificate = nlsolve.certify(gentle, 0.001, lipschitz=known, **GOOD, **words)
    assert not certificate.holds
    assert reason in certificate.reason
    assert "existence" in certificate.reason, "what can be asked instead"
    existence = nlsolve.certify(gentle, 0.001, lipschitz=known, claim="existence", **GOOD, **words)
    assert existence.holds, "a solution is near, however one goes there"


@pytest.mark.parametrize(("words", "reason"), NOT_COVERED, ids=lambda x: str(x)[:60])
@pytest.mark.parametrize("theorem", ["gauss-newton", "gd", "sgd", "liu-zhu-belkin-gd"])
def test_naming_a_theorem_does_not_make_it_cover_more(words, reason, theorem):
    said = {nlsolve.GradientDescent: "gd", nlsolve.StochasticGradient: "sgd"}
    method = said.get(type(words["method"]), words["method"])

    def ask():
        return nlsolve.certify(gentle, 0.001, lipschitz=0.2, theorem=theorem, **GOOD, **words)

    if method in ("gd", "sgd") and REGISTRY[theorem].method != method:
        with pytest.raises(ValueError, match=f"'{theorem}' is not about method='{method}'"):
            ask()
        return
    certificate = ask()
    assert not certificate.holds
    assert reason in certificate.reason


@every_method
@pytest.mark.parametrize("side", [0, 1])
def test_bounds_that_cut_the_ball(method, side):
    free = nlsolve.certify(gentle, 0.001, method=method, lipschitz=0.2, **GOOD)
    room = 0.5 * min(free.radius, 1.0)
    if method == "sgd":  # it looks for the ball that is left with the smallest probability
        room = 1e-6
    w = np.array(GOOD["w"])
    box = (w - room, np.inf) if side == 0 else (-np.inf, w + room)
    cut = nlsolve.certify(gentle, 0.001, method=method, lipschitz=0.2, bounds=box, **GOOD)
    assert not cut.holds
    assert "bounds" in cut.reason
    assert f"{room:.4g}" in cut.reason
    wide = (w - 1e12, w + 1e12)
    assert nlsolve.certify(gentle, 0.001, method=method, lipschitz=0.2, bounds=wide, **GOOD).holds


@every_method
@pytest.mark.parametrize("away", [1e-9, 0.5])
def test_a_point_outside_the_bounds(method, away):
    w = np.array(GOOD["w"])
    outside = nlsolve.certify(
        gentle, 0.001, method=method, lipschitz=0.2, bounds=(w + away, np.inf), **GOOD
    )
    assert not outside.holds
    assert "bounds" in outside.reason


@every_method
@pytest.mark.parametrize("theorem", ["best", "existence", "existence-delta", "right-inverse"])
def test_nothing_is_unique_with_more_unknowns_than_equations(method, theorem):
    if theorem != "best":
        method = None
    for known in (0.2,) if method == "sgd" else (None, 0.2):
        certificate = nlsolve.certify(
            gentle, 0.001, method=method, lipschitz=known, theorem=theorem, **GOOD
        )
        assert certificate.holds, certificate.reason
        assert certificate.unique_within is None
        text = certificate.claim + repr(certificate) + certificate._repr_html_()
        assert "only one" not in text
        assert "unique" not in text


def test_square_systems_say_within_which_radius_the_solution_is_the_only_one():
    """x^2 = 4 from 1.9: the other root is -2, and the open ball of uniqueness ends there."""
    certificate = nlsolve.certify(
        lambda x: x**2, 4.0, [1.9], jac=lambda x: 2.0 * x[None, :], lipschitz=2.0, method=None,
        radius=50.0,
    )  # fmt: skip
    assert certificate.holds
    assert "it is the only one within" in certificate.claim
    assert certificate.distance[0] <= 0.1 <= certificate.distance[1]
    assert 0.1 < certificate.unique_within <= 3.9


@pytest.mark.parametrize("method", [None, "gauss-newton"])
@pytest.mark.parametrize("n", [1, 4])
def test_hardly_any_curvature_is_certified_with_radius_one(method, n):
    """sigma0 = rho0 = 1, beta = 1e-17: R* = 1, where (sigma0/beta)(1 - sqrt(1 - 2h)) is 0."""
    y = np.zeros(n)
    y[0] = 1.0
    certificate = nlsolve.certify(
        lambda x: x[:n], y, np.zeros(n + 2), jac=lambda x: np.eye(n, n + 2), lipschitz=1e-17,
        method=method,
    )  # fmt: skip
    assert certificate.holds
    assert certificate.radius == pytest.approx(1.0, rel=1e-8)
    assert certificate.radius >= 1.0
    assert certificate.distance[0] == pytest.approx(1.0, rel=1e-8)
    assert certificate.distance[0] <= 1.0 <= certificate.distance[1]
