"""Are the bounds of transformed and of added systems true of such systems, and THEORY's formulas?

lambda_min K and Lipschitz quotients of J are measured on random systems, in which every constant of
the parts is known in closed form; formulas are evaluated with 50 digits.
"""

import contextlib
import math

import mpmath
import numpy as np
import pytest

from nlsolve.certificates.evidence import Ball, Bound, Evidence, Refusal
from nlsolve.certificates.theorems import transformations as room

REGION = Ball(np.zeros(6), 0.5)
RADIUS = REGION.radius


def of(quantity, value, side="upper", evidence=Evidence.ASSUMED):
    return Bound(quantity, value, side, REGION, evidence, f"{quantity} of the test")


def low(value, quantity="sigma0"):
    return of(quantity, value, "lower")


def numbers(seed, count):
    return [float(x) for x in 10.0 ** np.random.default_rng(seed).uniform(-5.0, 5.0, count)]


def assert_is(found, quantity, expected):
    """On the safe side of a value of 50 digits, within 1e-6, with radius and sources kept."""
    assert found.quantity == quantity
    assert found.side == ("upper" if quantity == "beta" else "lower")
    assert found.region.radius == RADIUS
    value = mpmath.mpf(found.value)
    assert value >= expected if found.side == "upper" else value <= expected
    assert abs(value - expected) <= abs(expected) * mpmath.mpf(1e-6)
    assert "of the test" in found.source


@pytest.mark.parametrize("seed", range(20))
def test_formulas(seed):
    with mpmath.workdps(50):
        x = numbers(seed, 5)
        a, b, c, d, e = map(mpmath.mpf, x)
        assert_is(room.smallest_after_output(low(x[0]), low(x[1], "p")), "sigma0", a * b)
        assert_is(room.smallest_after_input(low(x[0]), low(x[1], "p")), "sigma0", a * b)
        uppers = [of(f"u{k}", value) for k, value in enumerate(x)]
        assert_is(room.lipschitz_after_output(*uppers), "beta", b * a + c * d * e)
        assert_is(room.lipschitz_after_input(*uppers[:4]), "beta", a * c * c + b * d)
        squares = mpmath.sqrt(sum(v * v for v in (a, b, c, d, e)))
        assert_is(room.smallest_of_sum([low(v) for v in x]), "sigma0", squares)
        assert_is(room.lipschitz_of_stack(uppers), "beta", squares)
        assert_is(room.lipschitz_of_sum(uppers), "beta", max(a, b, c, d, e))


@pytest.mark.parametrize("nearly", [0.0, 1e-12, 1e-10])
def test_the_largest_of_blocks_that_hardly_differ(nearly):
    blocks = [of("beta", 1.0), of("beta", 1.0 + nearly), of("beta", 1.0 - nearly)]
    assert room.lipschitz_of_sum(blocks).value >= 1.0 + nearly


def every_rule(parts):
    """All rules, applied to five bounds as far as each takes them."""
    yield lambda: room.smallest_after_output(*parts[:2])
    yield lambda: room.smallest_after_input(*parts[:2])
    yield lambda: room.lipschitz_after_output(*parts)
    yield lambda: room.lipschitz_after_input(*parts[:4])
    yield lambda: room.smallest_of_sum(parts)
    yield lambda: room.lipschitz_of_sum(parts)
    yield lambda: room.lipschitz_of_stack(parts)


def test_the_weakest_evidence_is_kept():
    rng = np.random.default_rng(1)
    for _ in range(20):
        levels = [Evidence(int(k)) for k in rng.integers(1, 4, 5)]
        parts = [of(f"q{k}", 2.0, evidence=level) for k, level in enumerate(levels)]
        used = (levels[:2], levels[:2], levels, levels[:4], levels, levels, levels)
        for rule, taken in zip(every_rule(parts), used, strict=True):
            assert rule().evidence is min(taken)


@pytest.mark.parametrize("place", [0, 1])
def test_lower_and_upper_bounds_do_not_mix(place):
    parts = [of(f"q{k}", 2.0, "lower" if k == place else "upper") for k in range(5)]
    for rule in every_rule(parts):
        with pytest.raises(Refusal, match="mixes lower and upper"):
            rule()


def test_a_lipschitz_constant_from_lower_bounds_is_refused():
    """And so is a smallest singular value from upper ones: the side would be the wrong one."""
    lower, upper = [low(2.0)] * 5, [of("u", 2.0)] * 5
    for rule in list(every_rule(lower))[2:4] + list(every_rule(lower))[5:]:
        assert refused_or_lower(rule), "an upper bound was made of lower ones"
    for k in (0, 1, 4):
        rule = list(every_rule(upper))[k]
        with contextlib.suppress(Refusal):
            assert rule().side == "upper"


def refused_or_lower(rule):
    try:
        return rule().side == "lower"
    except Refusal:
        return True


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_what_is_no_number_stays_none(value):
    """NaN must not be lost in a maximum."""
    parts = [of("beta", 1.0), of("beta", value), of("beta", 2.0), of("beta", 1.0), of("beta", 1.0)]
    for rule in list(every_rule(parts))[2:4] + list(every_rule(parts))[5:]:
        try:
            assert not math.isfinite(rule().value)
        except Refusal:
            continue


def elsewhere(region):
    return Bound("beta", 1.0, "upper", region, Evidence.ASSUMED, "elsewhere")


@pytest.mark.parametrize("first", [True, False])
def test_what_is_known_of_a_smaller_ball_says_nothing_of_a_larger_one(first):
    small = elsewhere(Ball(REGION.centre, 0.1))
    everywhere = elsewhere(Ball(REGION.centre, math.inf))
    for other, radius in ((small, 0.1), (everywhere, RADIUS)):
        parts = [other, of("beta", 1.0)] if first else [of("beta", 1.0), other]
        for rule in (room.lipschitz_of_sum, room.lipschitz_of_stack, room.smallest_of_sum):
            assert rule(parts).region.radius == radius
        for k in (0, 2):
            rule = list(every_rule([*parts, *[of("q", 2.0)] * 3]))[k]
            assert rule().region.radius == radius


def test_the_region_after_an_input_is_that_of_the_inner_function():
    inner = Bound("p", 2.0, "lower", Ball(np.ones(4), 0.25), Evidence.ASSUMED, "inner")
    region = room.smallest_after_input(low(1.0), inner).region
    np.testing.assert_array_equal(region.centre, np.ones(4))
    assert region.radius == 0.25


def test_blocks_of_unknowns_are_put_beside_one_another():
    """The ball of the least radius projects into the ball of every block."""
    parts = [elsewhere(Ball(np.full(2, 1.0), 0.5)), elsewhere(Ball(np.full(3, 2.0), 0.2))]
    region = room.lipschitz_of_sum(parts).region
    np.testing.assert_array_equal(region.centre, [1.0, 1.0, 2.0, 2.0, 2.0])
    assert region.radius == 0.2


@pytest.mark.parametrize(
    "region", [Ball(REGION.centre + 0.3, 0.5), Ball(REGION.centre, 0.5, object())], ids=["c", "A"]
)
def test_regions_of_which_none_lies_in_all_others_are_refused(region):
    parts = [elsewhere(region), *[of("beta", 1.0)] * 4]
    for k in (0, 2, 6):
        with pytest.raises(Refusal, match="different regions"):
            list(every_rule(parts))[k]()


def test_blocks_are_not_added_after_they_were_preconditioned():
    with pytest.raises(Refusal, match="preconditioned"):
        room.lipschitz_of_sum([elsewhere(Ball(REGION.centre, 0.5, object()))])


# --- brute force -------------------------------------------------------------------------------


class Sine:
    """G(w) = A w + sin(w) B-wise: G_i = A_i w + c_i sin(b_i . w); |G_i''| <= |c_i| |b_i|^2."""

    def __init__(self, rng, n, m):
        self.A, self.B = rng.standard_normal((n, m)), rng.standard_normal((n, m)) / m
        self.c = rng.uniform(-1.0, 1.0, n)

    def __call__(self, w):
        return self.A @ w + self.c * np.sin(self.B @ w)

    def jac(self, w):
        return self.A + (self.c * np.cos(self.B @ w))[:, None] * self.B

    @property
    def beta(self):
        """|diag(c) diag(g'' differences) B| <= max|B_i| |diag(c) B|."""
        rows = np.linalg.norm(self.B, axis=1).max()
        return float(np.linalg.norm(self.c[:, None] * self.B, 2) * rows)

    def largest(self):
        return float(np.linalg.norm(self.A, 2) + np.linalg.norm(self.c[:, None] * self.B, 2))

    def row(self):
        return float((np.linalg.norm(self.A, axis=1)
                      + np.abs(self.c) * np.linalg.norm(self.B, axis=1)).max())  # fmt: skip


def points(rng, m, count=40):
    """Points of the ball, by twos: far and near ones."""
    for k in range(count):
        u, v = rng.standard_normal((2, m))
        u *= RADIUS * rng.random() / np.linalg.norm(u)
        v *= RADIUS * rng.random() / np.linalg.norm(v)
        yield u, (u + (v - u) * 10.0 ** -(k % 5))


def smallest(J):
    return float(np.linalg.svd(J, compute_uv=False)[-1])


def assert_true(jac, sigma, beta, rng, m):
    """No point of the ball has a smaller sigma, no pair a larger quotient."""
    for u, v in points(rng, m):
        assert smallest(jac(u)) >= sigma
        apart = np.linalg.norm(u - v)
        assert np.linalg.norm(jac(u) - jac(v), 2) <= beta * apart * (1.0 + 1e-6) + 1e-12


@pytest.mark.parametrize("seed", range(8))
def test_output_transformed(seed):
    """phi = tanh: on |G| <= t, p = 1 - tanh(t)^2, sup|phi'| <= 1, sup|phi''| <= 4/(3 sqrt 3)."""
    rng = np.random.default_rng(seed)
    n, m = 3, 6
    G = Sine(rng, n, m)
    t = G.largest() * RADIUS
    bend = of("phi''", 4.0 / (3.0 * math.sqrt(3.0)))
    lengths = (smallest(G.jac(u)) for u, _ in points(rng, m, 4000))
    within = min(smallest(G.jac(np.zeros(m))) - G.beta * RADIUS, min(lengths))
    sigma = room.smallest_after_output(low(within), low(1.0 - math.tanh(t) ** 2, "p"))
    beta = room.lipschitz_after_output(
        of("beta", G.beta), of("phi'", 1.0), bend, of("G", G.row()), of("L_F", G.largest())
    )

    def jac(w):
        return (1.0 - np.tanh(G(w)) ** 2)[:, None] * G.jac(w)

    assert_true(jac, sigma.value, beta.value, rng, m)


@pytest.mark.parametrize("seed", range(8))
def test_input_transformed(seed):
    """psi(w) = M w + e sin(w), M square: D psi D psi^T >= (sigma(M) - e)^2."""
    rng = np.random.default_rng(seed)
    n, m, e = 3, 6, 0.05
    G, M = Sine(rng, n, m), np.eye(m) + 0.2 * rng.standard_normal((m, m)) / math.sqrt(m)
    stretch = smallest(M) - e
    assert stretch > 0.0
    inner, reach = np.linalg.norm(M, 2) + e, (np.linalg.norm(M, 2) + e) * RADIUS
    within = smallest(G.jac(np.zeros(m))) - G.beta * reach
    assert within > 0.0
    sigma = room.smallest_after_input(low(within), low(stretch, "p"))
    beta = room.lipschitz_after_input(
        of("beta", G.beta), of("L_F", G.largest()), of("L_psi", inner), of("beta_psi", e)
    )

    def jac(w):
        return G.jac(M @ w + e * np.sin(w)) @ (M + np.diag(e * np.cos(w)))

    assert_true(jac, sigma.value, beta.value, rng, m)


@pytest.mark.parametrize("seed", range(8))
def test_blocks_of_unknowns(seed):
    rng = np.random.default_rng(seed)
    parts = [Sine(rng, 3, 3), Sine(rng, 3, 5), Sine(rng, 3, 4)]
    ends = np.cumsum([0, 3, 5, 4])
    each = [smallest(p.jac(np.zeros(p.A.shape[1]))) - p.beta * RADIUS for p in parts]
    sigma = room.smallest_of_sum([low(max(s, 0.0)) for s in each])
    beta = room.lipschitz_of_sum([of("beta", p.beta) for p in parts])

    def jac(w):
        return np.hstack([p.jac(w[ends[k] : ends[k + 1]]) for k, p in enumerate(parts)])

    assert sigma.value > 0.0
    assert_true(jac, sigma.value, beta.value, rng, 12)


@pytest.mark.parametrize("seed", range(8))
def test_blocks_of_equations(seed):
    rng = np.random.default_rng(seed)
    parts = [Sine(rng, 2, 6), Sine(rng, 1, 6), Sine(rng, 3, 6)]
    beta = room.lipschitz_of_stack([of("beta", p.beta) for p in parts])
    assert_true(lambda w: np.vstack([p.jac(w) for p in parts]), 0.0, beta.value, rng, 6)


def test_the_largest_block_alone_is_too_small_for_stacked_equations():
    """Two copies of w^2: |D^2F| = 2 sqrt(2), as the rule says, and not 2."""
    beta = room.lipschitz_of_stack([of("beta", 2.0), of("beta", 2.0)])
    assert beta.value == pytest.approx(2.0 * math.sqrt(2.0), rel=1e-8)
    change = np.array([[2.0], [2.0]]) * 0.1  # J(0.1) - J(0)
    assert np.linalg.norm(change, 2) / 0.1 > 2.0
