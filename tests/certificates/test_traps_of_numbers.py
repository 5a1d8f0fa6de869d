"""Is nothing certified with numbers of another region, of other equations, or that are false?"""

import itertools
import math
import re

import numpy as np
import pytest

import nlsolve
from nlsolve.certificates.evidence import Ball, Ingredients, Refusal
from nlsolve.certificates.theorems import REGISTRY
from tests.certificates.given import CENTRE, GENTLE, NEEDS, OTHER, bound
from tests.certificates.traps import (
    CURVED,
    GOOD,
    every_method,
    gentle,
)


def wall(x):
    """Linear within 1 of the origin, of growing curvature beyond; twice differentiable."""
    over = np.maximum(np.abs(x) - 1.0, 0.0)
    return x - 1.5 + 0.0 * x - 50.0 * over**3 * (x > 0)


def wall_jacobian(x):
    over = np.maximum(np.abs(x) - 1.0, 0.0)
    return np.diag(1.0 - 150.0 * over**2 * (x > 0))


@every_method
@pytest.mark.parametrize("n", [1, 3])
@pytest.mark.parametrize("jac", [wall_jacobian, None], ids=["exact", "differences"])
def test_curvature_that_grows_just_outside_the_ball_of_a_constant(method, n, jac):
    """beta = 0 is true within 1 of w and would give the radius 1.5; the equations have no root."""
    certificate = nlsolve.certify(
        wall, 0.0, np.zeros(n), jac=jac, method=method, lipschitz=0.0, radius=1.0
    )
    assert not certificate.holds
    assert any(text in certificate.reason for text in ("on a ball of radius", "probability"))
    if method != "sgd":
        assert "has them for 1" in certificate.reason
    everywhere = nlsolve.certify(wall, 0.0, np.zeros(n), jac=jac, method=method, lipschitz=0.0)
    assert not everywhere.holds
    assert "contradicted" in everywhere.reason
    sampled = nlsolve.certify(wall, 0.0, np.zeros(n), jac=jac, method=method)
    assert not sampled.holds


@pytest.mark.parametrize("n", [1, 3])
def test_the_same_constant_certifies_what_lies_within_its_ball(n):
    certificate = nlsolve.certify(
        lambda x: wall(x) + 0.8, 0.0, np.full(n, 0.5), jac=wall_jacobian, lipschitz=0.0, radius=0.5
    )
    assert certificate.holds, certificate.reason
    assert certificate.radius <= 0.5


def test_a_constant_that_is_a_function_is_asked_for_every_ball_anew():
    """At a radius it was not asked for nothing is concluded."""
    asked = []

    def lipschitz(centre, radius):
        asked.append(radius)
        return 0.0 if radius <= 1.0 else 300.0 * (radius - 1.0)

    certificate = nlsolve.certify(wall, 0.0, [0.0], jac=wall_jacobian, lipschitz=lipschitz)
    assert not certificate.holds
    assert max(asked) > 1.0


@every_method
@pytest.mark.parametrize("how", ["nan", "inf", "raise"])
@pytest.mark.parametrize("jac", ["exact", "differences"])
def test_a_system_that_is_undefined_on_part_of_the_ball(method, how, jac):
    """F is given for w[0] > -0.05 only; its Jacobian's formula goes on."""
    bad = {"nan": math.nan, "inf": math.inf}

    def F(x):
        if x[0] < -0.05 and how == "raise":
            raise ArithmeticError("beyond the edge")
        return np.array([x[0] + 0.1 * x[1] ** 2, x[1]]) * (bad[how] if x[0] < -0.05 else 1.0)

    def J(x):
        return np.array([[1.0, 0.2 * x[1]], [0.0, 1.0]])

    derivative = J if jac == "exact" else None
    certificate = nlsolve.certify(F, [-0.1, 0.0], [0.0, 0.0], jac=derivative, method=method)
    assert not certificate.holds
    assert "evaluated everywhere" in certificate.reason


@every_method
def test_a_logarithm_at_the_edge_of_where_it_is_defined(method):
    """log x = -2 from x = 1 has a root at 0.135, but |w - 1| <= R* reaches below 0."""
    with np.errstate(all="ignore"):
        for jac in (lambda x: np.diag(1.0 / x), None):
            certificate = nlsolve.certify(np.log, -2.0, [1.0], jac=jac, method=method)
            assert not certificate.holds
            assert re.search(f"evaluated everywhere|smooth|{CURVED}", certificate.reason)


@every_method
def test_the_gentle_system_of_these_traps_is_certified_with_true_constants(method):
    assert nlsolve.certify(gentle, 0.001, method=method, lipschitz=0.2, **GOOD).holds


@every_method
@pytest.mark.parametrize("value", [math.nan, math.inf, np.float64("nan")])
@pytest.mark.parametrize("word", ["lipschitz", "hessian_bound"])
def test_constants_that_are_no_numbers(method, value, word):
    for given in (value, lambda centre, radius: value):
        certificate = nlsolve.certify(gentle, 0.001, method=method, **{word: given}, **GOOD)
        assert not certificate.holds
        assert f"beta is {value}" in certificate.reason or f"H is {value}" in certificate.reason
        assert word in certificate.reason


@every_method
def test_one_nan_among_the_bounds_of_the_hessians(method):
    certificate = nlsolve.certify(gentle, 0.001, method=method, hessian_bound=[0.2, np.nan], **GOOD)
    assert not certificate.holds
    assert "nan" in certificate.reason


@every_method
@pytest.mark.parametrize("share", [0.0, 0.5, 0.99])
def test_a_constant_that_the_system_contradicts(method, share):
    certificate = nlsolve.certify(gentle, 0.001, method=method, lipschitz=0.2 * share, **GOOD)
    assert not certificate.holds
    assert "contradicted" in certificate.reason
    assert f"beta = {0.2 * share:.4g} as given" in certificate.reason


@every_method
def test_the_bound_of_single_hessians_is_not_one_of_the_whole(method):
    """n equations x_1^2/2 + x_i: |H_i| = 1 each, beta = sqrt(n), not 1."""
    n = 16

    def F(x):
        return x[1:] + 0.5 * x[0] ** 2

    def jac(x):
        return np.hstack([np.full((n, 1), x[0]), np.eye(n)])

    for w in (np.zeros(n + 1), np.full(n + 1, 0.01)):
        certificate = nlsolve.certify(F, 0.0, w, jac=jac, method=method, hessian_bound=1.0)
        beta = next((b for b in certificate.ingredients if b.quantity == "beta"), None)
        assert beta is not None
        assert beta.value >= math.sqrt(n)
        if np.any(w):
            assert nlsolve.certify(F, 0.0, w, jac=jac, lipschitz=1.0).reason.count("contradicted")


@pytest.mark.parametrize("name", [n for n in NEEDS if REGISTRY[n].preconditionable])
def test_sigma0_of_the_preconditioned_system_with_beta_of_the_other(name):
    """And every other mixture of the two."""
    needs = NEEDS[name]
    for of_A in itertools.product([False, True], repeat=len(needs)):
        for whole in (None, OTHER):
            ball = Ball(CENTRE, 1.0, whole)
            bounds = [
                bound(q, GENTLE[q], Ball(CENTRE, 1.0, OTHER if a else None))
                for q, a in zip(needs, of_A, strict=True)
            ]
            bounds += [bound(q, 1.0, Ball(CENTRE, 1.0, OTHER)) for q in ("A", "A_inverse")]
            given = Ingredients(bounds, ball, 2, 3)
            if all(a == (whole is OTHER) for a in of_A):
                assert REGISTRY[name].conclude(given).holds
            else:
                with pytest.raises(Refusal, match="known for"):
                    REGISTRY[name].conclude(given)


def test_preconditioning_pays_for_its_matrix():
    """beta given for F is multiplied by |A|: scaling an equation by 1e-6 gains nothing by itself.

    s (w + w^2/2) = -0.4 s: h = beta |A| |A r| with |A| = 1/s is 0.4 for every s.
    """
    for s in (1.0, 1e-6, 1e6):
        certificate = nlsolve.certify(
            lambda x, s=s: s * (x + 0.5 * x**2), -0.4 * s, [0.0],
            jac=lambda x, s=s: np.array([[s * (1.0 + x[0])]]), lipschitz=s,
        )  # fmt: skip
        assert certificate.holds
        assert certificate.h == pytest.approx(0.4, rel=1e-6)
        assert certificate.radius == pytest.approx(1.0 - math.sqrt(0.2), rel=1e-6)


@every_method
@pytest.mark.parametrize("words", [{}, {"evidence": "estimated"}, {"lipschitz": 2.0}], ids=str)
def test_residuals_that_cancel_in_formulas(method, words):
    """(x - 1)^2 at 1 + d is 0 in doubles, and |J| |x| = 2 d; the root is d away, not 1e-15."""
    system = nlsolve.parse("x**2 - 2*x + 1 = 0")
    for d in (1e-9, 4e-9, 9e-9):
        assert system([1.0 + d]) == 0.0
        assert not nlsolve.certify(system, 0.0, [1.0 + d], method=method, **words).holds
        if not words:  # traced
            F = lambda x: x**2 - 2.0 * x + 1.0  # noqa: E731
            assert not nlsolve.certify(F, 0.0, [1.0 + d], method=method).holds
