"""Do the theorems of gradient descent say what THEORY's formulas say, on the safe side?

See formulas.py. theta is recovered from what is published, and compared with a fine grid.
"""

from fractions import Fraction

import mpmath
import numpy as np
import pytest

from nlsolve.certificates.theorems.base import LinearPromise
from nlsolve.intervals import Interval
from tests.certificates.formulas import (
    EDGES_OF_H,
    assert_linear_promise,
    at_least,
    at_most,
    conclude,
    constants,
    exact,
    flow,
    near_edge,
    needed,
    rate_is,
    slope_within,
)
from tests.certificates.given import (
    setting,
)

pytestmark = pytest.mark.usefixtures("fifty_digits")


def descent_cases(seed, count=150):
    """Constants with sigma_max >= sigma0, a ball of some size, now and then an L_F below."""
    rng = np.random.default_rng(seed)
    for case in range(count):
        h = float(rng.choice(EDGES_OF_H[:9])) if case % 2 else float(10 ** rng.uniform(-8, -0.31))
        values = constants(rng, h)
        values["rho0"] = 0.0 if case % 17 == 0 else values["rho0"]
        values["sigma_max"] = values["sigma0"] * float(10.0 ** rng.uniform(0.0, 2.0))
        if case % 3 == 0:
            values["L_F"] = values["sigma_max"] * 1.01
        yield values, values["rho0"] / values["sigma0"] * float(10 ** rng.uniform(0, 2)) + 1e-30


def descent(k, theta, h):
    """R, mu and the longest step of theorem GD for one theta, None where it is too large."""
    c = 1 - theta
    if not 2 * h < c:
        return None
    radius = 2 * k["rho0"] / (c * k["sigma0"]) / (1 + mpmath.sqrt(1 - 2 * h / c))
    smooth = slope_within(k, radius) ** 2 + k["beta"] * k["rho0"]
    return radius, k["sigma0"] ** 2 * (1 - 2 * h / c), 2 * theta / smooth


def descents(k, h, ball, count=100):
    """(theta, R, mu, step) over a grid of theta, as far as R lies in the ball."""
    tried = [(1 - 2 * h) * (i + mpmath.mpf(0.5)) / count for i in range(count)]
    found = [(theta, *descent(k, theta, h)) for theta in tried if descent(k, theta, h)]
    return [one for one in found if one[1] <= ball]


def assert_descends(k, h, found):
    """What is published is theorem GD for the smallest theta that allows the step."""
    R = mpmath.mpf(found.radius)
    smooth = slope_within(k, R) ** 2 + k["beta"] * k["rho0"]
    theta = mpmath.mpf(found.step) * smooth / 2
    assert 0 < theta < 1
    exact_one = descent(k, theta, h)
    assert exact_one is not None
    radius, mu, _ = exact_one
    assert radius <= R
    assert mpmath.mpf(found.mu) <= mu
    decrease = 2 * (1 - theta) * mpmath.mpf(found.step) * mu
    assert mpmath.mpf(found.rate) >= 1 - decrease
    return theta, radius, mu, decrease


def test_gradient_descent_with_its_own_step():
    held = 0
    for values, reach in descent_cases(7):
        k = exact(values)
        h, least = flow(k)
        found = conclude("gd", values, setting("gd", reach))
        balls = descents(k, h, reach)
        if least is None or least > reach:
            assert not found.holds
            continue
        if not found.holds:
            assert not balls or 2 * h > 0.99 or balls[-1][0] < (1 - 2 * h) / 40
            assert "needs" in found.reason
            continue
        held += 1
        _, radius, mu, decrease = assert_descends(k, h, found)
        assert found.radius <= reach
        at_least(found.radius, radius, near_edge(h))
        at_most(found.mu, mu, near_edge(h))
        rate_is(found.rate, decrease, near_edge(h))
        assert_linear_promise(found, k["rho0"], decrease, near=near_edge(h))
        if balls[-1][0] < (1 - 2 * h) / 4:  # the ball leaves few values of theta to choose from
            continue
        best = max(2 * (1 - theta) * step * mu for theta, _, mu, step in balls)
        assert 1 - mpmath.mpf(found.rate) >= mpmath.mpf(0.9) * best - mpmath.mpf(2.0**-52)
    assert held > 60


@pytest.mark.parametrize("share", [1e-3, 0.5, 0.95, 1.01, 30.0])
def test_gradient_descent_with_a_step_given(share):
    outcomes = []
    for values, _ in descent_cases(8, 36):
        k = exact(values)
        h, radius = flow(k)
        if radius is None or 2 * h > 0.9:
            continue
        reach = float(radius) * 5.0 + 1e-30
        longest = max(step for _, _, _, step in descents(k, h, reach, 150))
        step = share * float(longest)
        found = conclude("gd", values, setting("gd", reach), step=step)
        outcomes.append(found.holds)
        assert found.holds == (share < 1.0)
        if found.holds:
            assert found.step == step
            assert_descends(k, h, found)
        else:
            assert f"needs a step <= {float(longest):.1g}"[:14] in found.reason
    assert len(outcomes) > 10


@pytest.mark.parametrize("name", ["gd", "liu-zhu-belkin-gd", "sgd", "liu-zhu-belkin-sgd",
                                  "pl-star-eps"])  # fmt: skip
@pytest.mark.parametrize("beta", [0.0, 1e-17, 0.01])
def test_the_step_that_is_certified_may_be_asked_for(name, beta):
    values = {**needed(name), "beta": beta}
    first = conclude(name, values)
    assert first.holds
    again = conclude(name, values, step=first.step)
    assert again.holds, again.reason
    assert (again.step, again.rate, again.radius) == (first.step, first.rate, first.radius)


def lzb_reach(k, ball):
    """Largest share of rho0 that liu-zhu-belkin-gd could certify, over a grid of radii."""
    top = min(mpmath.mpf(ball), k["sigma0"] / k["beta"] if k["beta"] > 0 else mpmath.inf)
    radii = [top * i / 200 for i in range(1, 200)] + [top * mpmath.mpf(0.7) ** i for i in range(40)]
    return max(
        R * (k["sigma0"] - k["beta"] * R) ** 2 / (2 * slope_within(k, R) * k["rho0"]) for R in radii
    )


def test_liu_zhu_belkin_gd():
    held = missed = 0
    for values, reach in descent_cases(9):
        if values["rho0"] == 0.0:
            continue
        values["beta"] *= 0.5 * (values["sigma0"] / values["sigma_max"]) ** 2
        k, reach = exact(values), reach * 1e5
        found = conclude("liu-zhu-belkin-gd", values, setting("liu-zhu-belkin-gd", reach))
        share = lzb_reach(k, reach)
        if not found.holds:
            assert share < 1.1
            assert "needs |r0| <=" in found.reason
            missed += 1
            continue
        held += 1
        R = mpmath.mpf(found.radius)
        mu, slope = (k["sigma0"] - k["beta"] * R) ** 2, slope_within(k, R)
        assert reach >= R >= 2 * slope * k["rho0"] / mu
        at_most(found.mu, mu, 1e-5)
        at_most(found.step, 1 / (slope**2 + k["beta"] * k["rho0"]))
        rate_is(found.rate, mpmath.mpf(found.step) * mu, 1e-5)
        assert_linear_promise(found, k["rho0"], mpmath.mpf(found.step) * mu)
        ours = conclude("gd", values, setting("gd", reach))
        assert ours.holds, "gd holds wherever this one does"
        assert ours.radius <= found.radius * (1 + 1e-8) or ours.rate <= found.rate
    assert held > 30
    assert missed > 10


@pytest.mark.parametrize("rho0", [1e300, 1.0, 1e-300])
@pytest.mark.parametrize("kind", [float, Interval])
def test_a_promise_never_falls_to_nothing(kind, rho0):
    """(1 - 0.75)^(t/2) is 2^-t: from t = 1075 on it underflows, and |r| may still not be 0."""
    promise = LinearPromise(kind(rho0), kind(0.75))
    for t, bound in enumerate(promise.envelope(2200)):
        assert Fraction(bound) >= Fraction(rho0) / 2**t
    assert LinearPromise(kind(0.0), kind(0.75)).envelope(3) == [0.0] * 3
