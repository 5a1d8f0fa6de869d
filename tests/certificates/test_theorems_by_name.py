"""Can each theorem be asked for by name, and is what it says true of the system itself?"""

import math

import numpy as np
import pytest

import nlsolve
from nlsolve.certificates import Evidence
from nlsolve.certificates.theorems import REGISTRY
from tests.certificates.small import BETA, DATA, F, W, certify, jac, line

ABOUT_SOLUTIONS = [name for name in REGISTRY if REGISTRY[name].claim != "empty"]


@pytest.mark.parametrize("name", ABOUT_SOLUTIONS)
@pytest.mark.parametrize("known", [BETA, None])
def test_every_theorem_by_name(name, known):
    words = {"theorem": name, "lipschitz": known, "method": REGISTRY[name].method}
    words["evidence"] = "estimated"
    if REGISTRY[name].claim == "conditioning":
        words["radius"] = 0.1
    if name == "pl-star-eps":
        certificate = nlsolve.certify(
            line, DATA, [0.5, 0.5], **words | {"lipschitz": known and 0.0}
        )
    else:
        near = F(W) + 1e-4  # SGD's theorems need a small residual, the paper's a smaller one
        certificate = nlsolve.certify(F, near, W, jac=jac, **words)
    assert certificate.theorem == name
    assert certificate.holds, certificate.reason
    assert certificate.evidence is (
        Evidence.ASSUMED if known is not None and name != "pl-star-eps" else Evidence.ESTIMATED
    )
    assert certificate.method == REGISTRY[name].method


@pytest.mark.parametrize("name", [n for n in ABOUT_SOLUTIONS if n != "pl-star-eps"])
@pytest.mark.parametrize("scale", [1.0, 1e-4])
def test_mu_is_of_the_system_itself_whatever_was_preconditioned(name, scale):
    """With equations of very different scales mu cannot exceed lambda_min K(w)."""
    rows = np.array([1.0, scale])
    radius = {"radius": 1e-3} if REGISTRY[name].claim == "conditioning" else {}
    certificate = nlsolve.certify(
        lambda w: rows * F(w), rows * (F(W) + 1e-9), W, jac=lambda w: rows[:, None] * jac(w),
        theorem=name, method=REGISTRY[name].method, **radius,
    )  # fmt: skip
    smallest = np.linalg.svd(rows[:, None] * jac(W), compute_uv=False)[-1] ** 2
    assert not certificate.mu > smallest


def bent(s):
    """The step of Gauss-Newton solves the second equation and spoils the first: loss rises."""
    return lambda w: np.array([w[0] + 0.5 * w[1] ** 2, s * (w[1] - 0.1)])


@pytest.mark.parametrize("s", [1e-3, 1e-2, 1.0])
def test_the_rate_is_of_the_loss_itself_whatever_was_preconditioned(s):
    """One step from 0: |r|^2 goes from (0.1 s)^2 to 0.005^2."""
    certificate = nlsolve.certify(bent(s), 0.0, np.zeros(2))
    assert certificate.holds
    true = (0.005 / (0.1 * s)) ** 2
    assert certificate.rate is None or certificate.rate >= true
    r = np.linalg.norm(bent(s)(np.array([0.0, 0.1])))
    assert certificate.envelope(2)[1] >= r
    if "of the loss" in certificate.claim:
        assert certificate.rate is not None


def test_the_lowest_loss_of_a_line_fit_is_near_that_of_least_squares():
    lowest = (
        0.5
        * np.linalg.lstsq(np.column_stack([np.ones(4), np.arange(4.0)]), DATA, rcond=None)[1].item()
    )
    certificate = nlsolve.certify(
        line, DATA, [0.5, 0.5], claim="pl-star-eps", lipschitz=0.0, method="gd"
    )
    assert certificate.holds
    assert lowest < certificate.loss <= 1.1 * lowest
    steps = certificate.steps_to(math.sqrt(2.0 * certificate.loss) * (1.0 + 1e-9))
    w, best = np.array([0.5, 0.5]), math.inf
    A = np.column_stack([np.ones(4), np.arange(4.0)])
    for _ in range(steps + 1):
        best = min(best, 0.5 * np.sum((A @ w - DATA) ** 2))
        w = w - certificate.step * (A.T @ (A @ w - DATA))
    assert best <= certificate.loss * (1.0 + 1e-9)
    reached = nlsolve.certify(
        line, DATA, [0.5, 0.5], claim="pl-star-eps", lipschitz=0.0, loss=2.0 * lowest
    )
    assert reached.holds
    assert reached.loss == 2.0 * lowest
    assert reached.steps_to(math.sqrt(4.0 * lowest)) < steps
    too_low = nlsolve.certify(
        line, DATA, [0.5, 0.5], claim="pl-star-eps", lipschitz=0.0, loss=0.99 * lowest
    )
    assert not too_low.holds


def test_pl_star_eps_is_for_systems_with_at_least_as_many_equations():
    certificate = certify(claim="pl-star-eps")
    assert not certificate.holds
    assert "n >= m, has n = 2 and m = 3" in certificate.reason


@pytest.mark.parametrize(
    ("given", "beta"),
    [
        (0.2, 0.2 * math.sqrt(2.0)),
        ([0.2, 0.3], math.hypot(0.2, 0.3)),
        (np.array([0.2, 0.3]), math.hypot(0.2, 0.3)),
        ([1, 2], math.sqrt(5.0)),
        (lambda centre, radius: 0.2, 0.2 * math.sqrt(2.0)),
        (lambda centre, radius: np.array([0.2, 0.4]), math.hypot(0.2, 0.4)),
    ],
    ids=["number", "list", "array", "integers", "function", "function of vectors"],
)
def test_beta_from_bounds_of_hessians_is_the_root_of_the_sum_of_squares(given, beta):
    certificate = certify(lipschitz=None, hessian_bound=given, precondition=False)
    assert certificate.holds == (beta < 0.5)
    assert certificate.beta == pytest.approx(beta, rel=1e-12)
    assert certificate.evidence is Evidence.ASSUMED
    assert any("root of the sum of squares" in b.source for b in certificate.ingredients)


def test_one_bound_for_many_hessians_costs_sqrt_n():
    """n equations w_i + w_0^2 / 2 reach it: |D^2F| = sqrt(n)."""
    n = 25
    certificate = nlsolve.certify(
        lambda w: w[1:] + 0.5 * w[0] ** 2, 0.001, np.zeros(n + 1),
        jac=lambda w: np.hstack([np.full((n, 1), w[0]), np.eye(n)]), hessian_bound=1.0,
        precondition=False,
    )  # fmt: skip
    assert certificate.holds
    assert certificate.beta >= math.sqrt(n) * (1.0 - 1e-12)


def test_lipschitz_and_hessian_bound_together():
    """Each is used for what it says."""
    certificate = certify(hessian_bound=0.2, theorem="liu-zhu-belkin-kernel", radius=0.1)
    known = {b.quantity: b for b in certificate.ingredients}
    assert (known["beta"].value, known["H"].value) == (BETA, 0.2)
    assert "lipschitz= as given" in known["beta"].source
    assert "hessian_bound= as given" in known["H"].source
