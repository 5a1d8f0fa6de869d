"""What do THEORY's formulas give with 50 digits, and is a published number on the safe side?

What is published must be on the safe side of the exact value and within 1e-6 of it.
"""

import mpmath
import numpy as np

from nlsolve.certificates.theorems import REGISTRY
from tests.certificates.given import (
    GENTLE,
    NEEDS,
    ingredients,
    setting,
)

NEAR = 1e-6


EDGES_OF_H = (0.0, 1e-17, 1e-6, 0.1, 0.2499, 0.2501, 0.4, 0.4999, 0.4999999, 0.5, 0.5000001, 0.6, 3)


def exact(values):
    return {name: mpmath.mpf(value) for name, value in values.items()}


def at_least(published, value, near=NEAR):
    """`published` is an upper bound of `value`, and a good one."""
    assert mpmath.mpf(published) >= value
    assert published <= value * (1 + mpmath.mpf(near)) + mpmath.mpf(1e-300)


def at_most(published, value, near=NEAR):
    """`published` is a lower bound of `value`, and a good one."""
    assert mpmath.mpf(published) <= value
    assert published >= value * (1 - mpmath.mpf(near))


def rate_is(published, decrease, near=NEAR):
    """`published` is at least 1 - decrease; what is lost is little of the decrease."""
    assert mpmath.mpf(published) >= 1 - decrease
    assert published <= 1 - decrease * (1 - mpmath.mpf(near)) + mpmath.mpf(2.0**-52)


def needed(name):
    return {quantity: GENTLE[quantity] for quantity in NEEDS[name]}


def conclude(name, values, place=None, **words):
    return REGISTRY[name].conclude(ingredients(values, place or setting(name)), **words)


def constants(rng, h):
    """sigma0, rho0 and beta of any size with beta rho0 / sigma0^2 = h, up to rounding."""
    sigma0, rho0 = (float(10.0**e) for e in rng.uniform(-6.0, 6.0, 2))
    return {"sigma0": sigma0, "rho0": rho0, "beta": h * sigma0 * sigma0 / rho0}


def cases(seed, count=8):
    rng = np.random.default_rng(seed)
    known = [constants(rng, h) for h in EDGES_OF_H for _ in range(count)]
    known += [constants(rng, float(10.0 ** rng.uniform(-12.0, 0.5))) for _ in range(8 * count)]
    known += [{**constants(rng, h), "rho0": 0.0} for h in (0.0, 0.3, 3.0)]
    return known


def flow(k):
    """h and R* of THEORY, 3; R* is None where h >= 1/2."""
    h = k["beta"] * k["rho0"] / k["sigma0"] ** 2
    if not 2 * h < 1:
        return h, None
    return h, 2 * k["rho0"] / k["sigma0"] / (1 + mpmath.sqrt(1 - 2 * h))


def near_edge(h):
    """Relative error a margin of 1e-9 in h means near h = 1/2."""
    return max(NEAR, 1e-8 / float(1 - 2 * h))


def slope_within(k, radius):
    """L_F on the ball of that radius, from Weyl and from what is given."""
    return min(k["sigma_max"] + k["beta"] * radius, k.get("L_F", mpmath.inf))


def assert_linear_promise(found, rho0, decrease, share=1, near=1e-5):
    """Steps and envelope for a loss that falls by `decrease` a step."""
    promise = found.promise
    for t, value in zip((0, 1, 5), (promise.envelope(6)[t] for t in (0, 1, 5)), strict=True):
        expected = rho0 * mpmath.sqrt(1 - decrease) ** t
        assert value >= expected * (1 - mpmath.mpf(1e-14))
        assert value <= expected * (1 + mpmath.mpf(NEAR))
    if rho0 == 0:
        return
    for part in (0.999999, 0.3, 1e-8):
        tol = part * float(rho0)
        ratio = mpmath.mpf(tol) * mpmath.sqrt(share) / rho0
        steps = max(mpmath.mpf(0), 2 * mpmath.log(ratio) / mpmath.log1p(-decrease))
        assert steps <= promise.steps_to(tol) <= mpmath.ceil(steps * (1 + mpmath.mpf(10 * near)))


def grid(k, ball, sigma="sigma0"):
    top = min(mpmath.mpf(ball), k[sigma] / k["beta"] if k["beta"] > 0 else mpmath.inf)
    inside = top < ball  # then sigma vanishes at the end
    return [top * i / 100 for i in range(1, 101 - inside)]
