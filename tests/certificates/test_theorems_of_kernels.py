"""Do the theorems of PL* and of PL*_eps say what THEORY's formulas say, on the safe side?

See formulas.py. theta and the radius are recovered from what is published.
"""

import math

import mpmath
import numpy as np
import pytest

from nlsolve.certificates.evidence import Ball
from tests.certificates.formulas import (
    NEAR,
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
    Setting,
    setting,
)

pytestmark = pytest.mark.usefixtures("fifty_digits")


@pytest.mark.parametrize("name", ["conditioning", "conditioning-delta", "liu-zhu-belkin-kernel"])
def test_conditioning(name):
    rng, held = np.random.default_rng(12), 0
    for case in range(200):
        n, R = int(rng.integers(1, 30)), float(10.0 ** rng.uniform(-3.0, 3.0))
        sigma0 = float(10.0 ** rng.uniform(-3.0, 3.0))
        change = sigma0 * float(rng.choice([0.0, 1e-9, 0.5, 0.999, 1.001, rng.uniform(0.0, 1.5)]))
        top = sigma0 * float(rng.uniform(1.0, 3.0))
        values = {"sigma0": sigma0, "sigma_max": top, "beta": change / R, "Delta": change}
        values["H"] = values["beta"] * float(rng.uniform(0.1, 1.0)) / 8.0
        if case % 3 == 0:
            values["L_F"] = top
        k = exact(values)
        if name == "liu-zhu-belkin-kernel":
            loss = 2 * slope_within(k, R) * mpmath.sqrt(n) * R * k["H"]
            mu = k["sigma0"] ** 2 - loss
        else:
            changed = k["Delta"] if name.endswith("delta") else k["beta"] * R
            mu = (k["sigma0"] - changed) ** 2 if changed < k["sigma0"] else mpmath.mpf(-1)
        found = conclude(name, values, Setting(Ball(CENTRE, R), n, 100))
        assert found.holds == (mu > 0)
        if found.holds:
            held += 1
            at_most(found.mu, mu, max(NEAR, float(1e-8 * k["sigma0"] ** 2 / mu)))
            assert found.radius == R
        else:
            assert "needs" in found.reason
            assert "sigma0" in found.reason or "lambda0" in found.reason
    assert held > 60


def test_weyl_keeps_what_the_components_lose():
    """sqrt(n) and the factor 2 of the theorem of components: mu of Weyl's is larger."""
    values = {"sigma0": 1.0, "sigma_max": 1.0, "beta": 0.01, "H": 0.01}
    place = Setting(Ball(CENTRE, 1.0), 25, 100)
    ours, theirs = (conclude(x, values, place) for x in ("conditioning", "liu-zhu-belkin-kernel"))
    assert ours.mu > theirs.mu > 0.0


def lowest(k, R, theta):
    """The smallest loss of a ball: tau^2 / (2 (1 - q^2)), None where the ball is no good."""
    sigma = k["sigma_m"] - k["beta"] * R
    if not sigma > 0:
        return None
    q = k["rho0"] / ((1 - theta) * R * sigma)
    if not q < 1:
        return None
    return tau(k, R) ** 2 / (2 * (1 - q * q))


def tau(k, R):
    return k["tau0"] + k["beta"] * R * k["v0"] + mpmath.mpf(1.5) * k["beta"] * R * R


def overdetermined_cases(seed, count=100):
    rng = np.random.default_rng(seed)
    for case in range(count):
        sigma = float(10.0 ** rng.uniform(-2.0, 2.0))
        rho0 = sigma * float(10.0 ** rng.uniform(-3.0, 0.0))
        part = float(rng.uniform(0.0, 0.9)) if case % 5 else 0.0
        values = {
            "sigma_m": sigma, "sigma_max": sigma * float(rng.uniform(1.0, 4.0)), "rho0": rho0,
            "tau0": part * rho0, "v0": rho0 / sigma * math.sqrt(1.0 - part**2),
            "beta": 0.0 if case % 7 == 0 else sigma**2 / rho0 * 10 ** float(rng.uniform(-5.0, 0.0)),
        }  # fmt: skip
        yield values, rho0 / sigma * float(rng.choice([1.5, 2.5, 4.0]))


def assert_reaches(k, found):
    """What is published of pl-star-eps is the theorem on a ball, for the least theta there is."""
    R, eps = mpmath.mpf(found.radius), mpmath.mpf(found.loss)
    smooth = slope_within(k, R) ** 2 + k["beta"] * k["rho0"]
    theta = mpmath.mpf(found.step) * smooth / 2
    c = 1 - theta
    assert 0 < c < 1
    assert eps > tau(k, R) ** 2 / 2
    mu = (k["sigma_m"] - k["beta"] * R) ** 2 * (1 - tau(k, R) ** 2 / (2 * eps))
    assert mpmath.mpf(found.mu) <= mu
    assert k["rho0"] / (c * mpmath.sqrt(mu)) <= R
    assert mpmath.mpf(found.rate) >= 1 - 2 * c * mpmath.mpf(found.step) * mu
    return mu, 2 * c * mpmath.mpf(found.step) * mu


def test_pl_star_eps():
    held = missed = 0
    for values, reach in overdetermined_cases(13):
        k = exact(values)
        found = conclude("pl-star-eps", values, setting("pl-star-eps", reach))
        radii = grid(k, reach, "sigma_m")
        start = k["rho0"] ** 2 / 2
        losses = [lowest(k, R, mpmath.mpf(0.02)) for R in radii]
        best = min((x for x in losses if x is not None), default=mpmath.inf)
        if not found.holds:
            assert best > mpmath.mpf(0.8) * start
            assert "needs" in found.reason or "is certain to fall" in found.reason
            missed += 1
            continue
        held += 1
        mu, decrease = assert_reaches(k, found)
        at_most(found.mu, mu, 1e-5)
        rate_is(found.rate, decrease, 1e-5)
        assert found.loss <= 1.2 * best + mpmath.mpf(1e-9) * start
        level = math.sqrt(2.0 * found.loss)
        steps = mpmath.log(start / mpmath.mpf(found.loss)) / -mpmath.log1p(-decrease)
        assert steps <= found.promise.steps_to(level * (1.0 + 1e-9)) + 1e-6 * float(steps)
        with pytest.raises(ValueError, match="all that is guaranteed"):
            found.promise.steps_to(level * 0.999)
        assert found.promise.envelope(10**4)[-1] >= level * (1.0 - 1e-12)
    assert held > 40
    assert missed > 10


def test_pl_star_eps_to_a_loss_given():
    for values, reach in overdetermined_cases(14, 40):
        k, place = exact(values), setting("pl-star-eps", reach)
        least = conclude("pl-star-eps", values, place)
        if not least.holds:
            continue
        start = 0.5 * values["rho0"] ** 2
        loss = max(float(least.loss) * 1.01, 1e-3 * start)
        found = conclude("pl-star-eps", values, place, loss=loss)
        assert found.holds
        assert found.loss == loss
        assert_reaches(k, found)
        if least.loss > 1e-6 * start:
            refused = conclude("pl-star-eps", values, place, loss=float(least.loss) * 0.9)
            assert not refused.holds
            assert "the loss is certain to fall to" in refused.reason


def test_pl_star_eps_where_the_start_is_low_enough():
    values = needed("pl-star-eps")
    loss = values["rho0"] ** 2
    found = conclude("pl-star-eps", values, loss=loss)
    assert found.promise.steps_to(math.sqrt(2.0 * loss)) == 0
