"""Do existence and Gauss-Newton say what THEORY's formulas say, on the safe side?

See formulas.py. A theorem holds wherever its inequality does, beyond the margin, and nowhere else.
"""

import mpmath
import numpy as np
import pytest

from nlsolve.certificates.evidence import Ball, Ingredients, Refusal
from nlsolve.certificates.theorems import REGISTRY
from nlsolve.certificates.theorems.existence import no_solution_within
from tests.certificates.formulas import (
    NEAR,
    at_least,
    at_most,
    cases,
    conclude,
    exact,
    flow,
    near_edge,
)
from tests.certificates.given import (
    CENTRE,
    GENTLE,
    OTHER,
    Setting,
    bound,
    ingredients,
    setting,
)

pytestmark = pytest.mark.usefixtures("fifty_digits")


@pytest.mark.parametrize("n", [2, 3])
@pytest.mark.parametrize("name", ["existence", "gauss-newton"])
def test_existence_radius_and_kernel(name, n):
    held = 0
    for values in cases(1):
        h, radius = flow(exact(values))
        reach = float(radius or 1.0) * 1.5 + 1e-30
        found = conclude(name, values, Setting(Ball(CENTRE, reach), n, 3))
        assert found.holds == (2 * h < 1 - mpmath.mpf(1e-8)) or abs(2 * h - 1) < 1e-8
        at_least(found.h, h)
        if not found.holds:
            assert "needs h" in found.reason
            continue
        held += 1
        at_least(found.radius, radius, near_edge(h))
        at_most(found.mu, exact(values)["sigma0"] ** 2 * (1 - 2 * h), near_edge(h))
        assert (found.unique_within is None) == (n < 3)
    assert held > 60


@pytest.mark.parametrize("name", ["existence", "gauss-newton"])
def test_the_radius_must_lie_in_the_ball_of_the_constants(name):
    for values in cases(2):
        h, radius = flow(exact(values))
        if radius is None or not radius > 0 or 2 * h > 0.999:
            continue
        inside = setting(name, float(radius) * (1.0 + 1e-7))
        outside = setting(name, float(radius) * (1.0 - 1e-12))
        assert conclude(name, values, inside).holds
        found = conclude(name, values, outside)
        assert not found.holds
        assert "needs constants on a ball of radius" in found.reason


def test_curvature_that_vanishes_in_rounding_moves_the_radius_nowhere():
    values = {"sigma0": 1.0, "rho0": 1.0, "beta": 1e-17}
    for name in ("existence", "gauss-newton"):
        found = conclude(name, values, setting(name, 1.0 + 1e-6))
        assert found.holds
        assert 1.0 <= found.radius <= 1.0 + 1e-8


def test_uniqueness_of_square_systems():
    """In the ball of the constants and the open ball of radius (sigma0/beta)(1 + sqrt(1 - 2h))."""
    for values in cases(3):
        k = exact(values)
        h, radius = flow(k)
        if radius is None or 2 * h > 0.999:
            continue
        for multiple in (1.5, 1e9):
            reach = float(radius) * multiple + 1e-30
            found = conclude("existence", values, Setting(Ball(CENTRE, reach), 3, 3))
            limit = mpmath.mpf(reach)
            if k["beta"] > 0:
                limit = min(limit, k["sigma0"] / k["beta"] * (1 + mpmath.sqrt(1 - 2 * h)))
            at_most(found.unique_within, limit, near_edge(h))


def test_distance_below_which_there_is_no_solution():
    rng = np.random.default_rng(4)
    for k in range(300):
        rho0, beta, top = (float(10.0**e) for e in rng.uniform(-6.0, 6.0, 3))
        beta, top = (0.0 if k % 7 == 0 else beta), (0.0 if k % 11 == 0 else top)
        rho0 = 0.0 if k % 13 == 0 else rho0
        slope = mpmath.sqrt(mpmath.mpf(top) ** 2 + 2 * mpmath.mpf(beta) * mpmath.mpf(rho0)) + top
        value = 2 * mpmath.mpf(rho0) / slope if slope > 0 else mpmath.mpf(0 if rho0 == 0 else 1e30)
        reach = float(rng.choice([1e-3, 1e3, 1e25]))
        ball = Ball(CENTRE, reach)
        bounds = [
            bound("rho0", rho0, ball, side="lower"),
            bound("sigma_max", top, ball),
            bound("beta", beta, ball),
        ]
        at_most(no_solution_within(Ingredients(bounds, ball, 4, 3)), min(value, mpmath.mpf(reach)))


def test_the_distance_without_a_solution_needs_a_lower_bound_of_the_residual():
    with pytest.raises(Refusal, match="lower bound of rho0"):
        no_solution_within(ingredients(GENTLE, setting("existence")))


def recursion(k):
    """Bounds of |r_k| for Gauss-Newton, and sigma_k, from theorem GN's own recursion."""
    rho, sigma = k["rho0"], k["sigma0"]
    while True:
        yield rho
        d = rho / sigma
        rho, sigma = k["beta"] / 2 * d * d, sigma - k["beta"] * d


def newton_steps(k, tol):
    return next(i for i, rho in enumerate(recursion(k)) if rho <= tol)


def test_gauss_newton_rate_envelope_and_steps():
    for values in cases(5):
        k = exact(values)
        h, radius = flow(k)
        if radius is None or 2 * h > 0.999:
            continue
        found = conclude("gauss-newton", values, setting("gauss-newton", float(radius) * 2 + 1e-30))
        at_least(found.rate, (h / 2) ** 2)
        for bound_of_r, rho in zip(found.promise.envelope(7), recursion(k), strict=False):
            assert bound_of_r >= rho * (1 - mpmath.mpf(1e-13)) - mpmath.mpf(1e-300)
            assert bound_of_r <= rho * (1 + mpmath.mpf(1e-4)) + mpmath.mpf(1e-300)
        worse = {**k, "beta": k["beta"] * (1 + mpmath.mpf(1e-6))}
        for tol in (2.0, 1.0 - 1e-6, 0.5, 1e-3, 1e-12, 1e-100):
            tol *= values["rho0"] or 1.0
            steps = found.promise.steps_to(tol)
            assert newton_steps(k, tol) <= steps <= newton_steps(worse, tol * (1 - NEAR))


def test_gauss_newton_of_preconditioned_equations_promises_for_the_equations_themselves():
    """|r_k| <= |A^-1| |A r_k|, and mu is at least that of A F over |A|^2."""
    values = {"sigma0": 0.9, "rho0": 0.1, "beta": 0.5, "A_inverse": 7.0, "A": 3.0}
    place = setting("gauss-newton", 1.0, OTHER)
    found = conclude("gauss-newton", values, place)
    k = exact(values)
    h, _ = flow(k)
    for bound_of_r, rho in zip(found.promise.envelope(5), recursion(k), strict=False):
        at_least(bound_of_r, 7 * rho)
    at_most(found.mu, (k["sigma0"] / 3) ** 2 * (1 - 2 * h))
    if found.rate is not None:  # |r_1| <= |A^-1| (h/2) |A| |r_0|, and not less
        at_least(found.rate, (h / 2 * 21) ** 2)


@pytest.mark.parametrize("name", ["existence", "existence-delta"])
def test_kernel_of_preconditioned_equations_is_said_of_the_equations_themselves(name):
    values = {"sigma0": 0.9, "rho0": 0.01, "beta": 0.1, "Delta": 0.1, "A_inverse": 7.0, "A": 3.0}
    found = conclude(name, values, setting(name, 1.0, OTHER))
    assert found.holds
    assert found.mu is None or found.mu <= (0.9 / 3.0) ** 2


def reached(table, k):
    """The smallest R with integral >= rho0, Delta being a step function of the table; or None."""
    left, inner = k["rho0"], mpmath.mpf(0)
    for radius, delta in table:
        if delta >= k["sigma0"]:
            return None
        slope = k["sigma0"] - delta
        if inner + left / slope <= radius:
            return inner + left / slope, slope
        left, inner = left - slope * (radius - inner), radius
    return None


@pytest.mark.parametrize("count", [1, 2, 5, 16])
def test_existence_by_delta(count):
    rng, outcomes = np.random.default_rng(count), []
    for _ in range(100):
        scale, ball = 10.0 ** rng.uniform(-3.0, 3.0), setting("existence-delta", 2.0).ball
        table = [
            (2.0 * (k + 1) / count, float(d))
            for k, d in enumerate(np.sort(rng.uniform(0.0, 1.4, count) * scale))
        ]
        values = {"sigma0": float(scale), "rho0": float(scale * rng.uniform(0.0, 2.0))}
        bounds = [bound(q, v, ball) for q, v in values.items()]
        bounds += [bound("Delta", d, ball, region=Ball(CENTRE, R)) for R, d in table]
        rng.shuffle(bounds)
        found = REGISTRY["existence-delta"].conclude(Ingredients(bounds, ball, 2, 3))
        best = reached([(mpmath.mpf(R), mpmath.mpf(d)) for R, d in table], exact(values))
        assert found.holds == (best is not None)
        outcomes.append(found.holds)
        if found.holds:
            at_least(found.radius, best[0])
            at_most(found.mu, best[1] ** 2)
        else:
            assert "integral" in found.reason
    assert 10 < sum(outcomes) < 95


def test_the_endpoint_form_reaches_a_quarter():
    """Delta = beta s at one radius only: certified for h <= 1/4, at R = sigma0 / (2 beta)."""
    for h, holds in ((0.2499999, True), (0.2500001, False)):
        values = {"sigma0": 1.0, "rho0": h, "Delta": 0.5}
        assert conclude("existence-delta", values, setting("existence-delta", 0.5)).holds is holds


def test_right_inverse():
    rng, held = np.random.default_rng(6), 0
    for case in range(300):
        q = float(rng.choice([0.0, 0.5, 1.0 - 1e-6, 1.0, 1.5, rng.uniform(0.0, 1.2)]))
        X, rho0 = (float(10.0**e) for e in rng.uniform(-4.0, 4.0, 2))
        rho0 = 0.0 if case % 9 == 0 else rho0
        n, k = 2 + case % 2, exact({"q": q, "X": X, "rho0": rho0})
        radius = k["rho0"] * k["X"] / (1 - k["q"]) if q < 1.0 else None
        for share, inside in ((1.01, True), (1.0 - 1e-9, rho0 == 0.0)):
            ball = Ball(CENTRE, float(radius or 1.0) * share + 1e-30)
            found = conclude("right-inverse", {"q": q, "X": X, "rho0": rho0}, Setting(ball, n, 3))
            assert found.holds == (q < 1.0 and inside)
            if found.holds:
                held += 1
                at_least(found.radius, radius, max(NEAR, 2e-8 / (1.0 - q)))
                assert found.unique_within == (ball.radius if n == 3 else None)
    assert held > 100
