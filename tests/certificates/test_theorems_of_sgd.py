"""Do the theorems of mini-batch SGD say what THEORY's formulas say, on the safe side?

See formulas.py. The radius is what they publish; the probability is compared with a fine grid.
"""

import mpmath
import numpy as np
import pytest

from nlsolve.certificates.evidence import Ball
from tests.certificates.formulas import (
    assert_linear_promise,
    at_least,
    at_most,
    conclude,
    exact,
    grid,
    needed,
    rate_is,
    slope_within,
)
from tests.certificates.given import (
    CENTRE,
    GENTLE,
    Setting,
)

pytestmark = pytest.mark.usefixtures("fifty_digits")


def batch_cases(seed, count=120):
    rng = np.random.default_rng(seed)
    for case in range(count):
        n, batch = int(rng.integers(1, 9)), int(rng.integers(1, 12))
        sigma0 = float(10.0 ** rng.uniform(-3.0, 3.0))
        values = {"sigma0": sigma0, "sigma_max": sigma0 * float(10 ** rng.uniform(0.0, 1.0))}
        values["row_max"] = float(rng.uniform(sigma0, values["sigma_max"]))
        rho0 = sigma0 * float(10.0 ** rng.uniform(-6.0, 1.0))
        values["rho0"] = 0.0 if case % 17 == 0 else rho0
        values["beta"] = 0.0 if case % 7 == 0 else sigma0 * float(10.0 ** rng.uniform(-3.0, 1.0))
        values["H"] = values["beta"] * float(rng.uniform(0.3, 1.0))
        if case % 3 == 0:
            values["G"] = values["row_max"] * 1.01
            values["L_F"] = values["sigma_max"] * 1.01
        yield values, n, batch, float(10.0 ** rng.uniform(-2.0, 2.0))


def row_within(k, radius):
    return min(k["row_max"] + k["beta"] * radius, k.get("G", mpmath.inf))


def on_ball(name, k, n, b, R):
    """mu, delta and the longest step of theorem SGD, or of Liu, Zhu and Belkin's, on a ball."""
    mu, G = (k["sigma0"] - k["beta"] * R) ** 2, row_within(k, R)
    if name == "sgd":
        slope = slope_within(k, R)
        S = slope**2 + k["beta"] * (k["rho0"] + slope * R)
        C = mpmath.mpf(b) / n * G**2 + mpmath.mpf(b * (b - 1)) / n**2 * slope**2
        delta = 2 * n * k["rho0"] * mpmath.sqrt(C) / (mu * b * R)
        return mu, delta, mu / (S * (mu * (b - 1) / n + G**2))
    beta_l = G**2 + (k["rho0"] + G * R) * k["H"]
    delta = 2 * n * mpmath.sqrt(beta_l) * k["rho0"] / (mu * R)
    return mu, delta, mu / (beta_l * (n * beta_l + mu * (b - 1)))


@pytest.mark.parametrize("name", ["sgd", "liu-zhu-belkin-sgd"])
def test_stochastic_gradient(name):
    held = missed = 0
    for values, n, b, reach in batch_cases(10):
        k, place = exact(values), Setting(Ball(CENTRE, reach), n, 100)
        found = conclude(name, values, place, batch=b)
        best = min(on_ball(name, k, n, b, R)[1] for R in grid(k, reach))
        if not found.holds:
            assert best > 0.9
            assert "probability" in found.reason
            missed += 1
            continue
        held += 1
        R = mpmath.mpf(found.radius)
        assert 0 < R <= reach
        mu, delta, step = on_ball(name, k, n, b, R)
        at_most(found.mu, mu, 1e-5)
        at_least(found.probability, delta, 1e-5)
        at_most(found.step, step, 1e-5)
        decrease = mu * mpmath.mpf(found.step) * b / n
        rate_is(found.rate, decrease, 1e-5)
        assert found.probability <= 1.1 * best + mpmath.mpf(1e-300)
        delta = mpmath.mpf(found.probability)
        assert_linear_promise(found, k["rho0"], decrease, min(delta, (1 - delta) / 2))
    assert held > 40
    assert missed > 10


@pytest.mark.parametrize("share", [1e-3, 0.9, 1.02, 50.0])
@pytest.mark.parametrize("name", ["sgd", "liu-zhu-belkin-sgd"])
def test_stochastic_gradient_with_a_step_given(name, share):
    outcomes = []
    for values, n, b, reach in batch_cases(11, 60):
        k, place = exact(values), Setting(Ball(CENTRE, reach), n, 100)
        balls = [on_ball(name, k, n, b, R) for R in grid(k, reach)]
        good = [step for _, delta, step in balls if delta < 0.5]
        if not good or k["rho0"] == 0:  # then ever smaller balls allow ever longer steps
            continue
        step = share * float(max(good))
        found = conclude(name, values, place, batch=b, step=step)
        outcomes.append(found.holds)
        if share < 1.0:
            assert found.holds, found.reason
        if found.holds:
            assert found.step == step
            mu, delta, longest = on_ball(name, k, n, b, mpmath.mpf(found.radius))
            assert step <= longest
            assert mpmath.mpf(found.probability) >= delta
            assert mpmath.mpf(found.rate) >= 1 - mu * mpmath.mpf(step) * b / n
        else:
            assert "step" in found.reason or "probability" in found.reason
    assert len(outcomes) > 15
    assert share < 10.0 or not any(outcomes)


@pytest.mark.parametrize("name", ["sgd", "liu-zhu-belkin-sgd"])
def test_a_claim_in_probability_is_never_a_sure_one(name):
    found = conclude(name, needed(name))
    assert 0.0 < found.probability < 1.0
    delta = found.probability
    t, tol = found.promise.steps_to(1e-9), 1e-9
    fails = delta + (found.rate**t) * (GENTLE["rho0"] / tol) ** 2
    assert fails <= min(2.0 * delta, (1.0 + delta) / 2.0) * (1.0 + 1e-6)
