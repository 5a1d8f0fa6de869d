"""Is no certificate built on digits that F has lost? Truth in rational numbers or in mpmath."""

import math
from fractions import Fraction

import mpmath
import numpy as np
import pytest

import nlsolve
from nlsolve.certificates.constants.neighbours import SAFETY, Neighbours

pytestmark = pytest.mark.filterwarnings("ignore:the Jacobian disagrees")  # it sees the loss too


class Opaque:
    """A problem of nothing but F and J."""

    precision = 2.0**-52

    def __init__(self, F, jac):
        self.residual, self.jac = F, jac

    def jacobian(self, w, r):
        return self.jac(w)


def measured(F, jac, w):
    """Return what F may err by at w: as stated, or four times its scatter."""
    w = np.atleast_1d(w)
    r, J = F(w), jac(w)
    stated = 16.0 * 2.0**-53 * (np.abs(J) @ np.abs(w) + np.abs(r))
    with np.errstate(all="ignore"):
        found = Neighbours(Opaque(F, jac), w, r, J).scatter(stated / SAFETY, np.zeros(r.size))
    return max(SAFETY * found[0], stated[0])


def branching(x):
    """(x - 1)^2 expanded, with a branch that ends a trace."""
    return x**2 - 2 * x + 1 if x[0] > 0.0 else x


@pytest.mark.parametrize("words", [{"lipschitz": 2.0}, {"evidence": "estimated"}, {}])
@pytest.mark.parametrize("away", [9e-9, -9e-9, 3e-9, 1e-7, 1e-6])
def test_an_expanded_double_root_is_no_nearer_than_it_is(words, away):
    w = 1.0 + away
    found = nlsolve.certify(
        branching, 0.0, [w], method=None, jac=lambda x: np.diag(2 * x - 2), **words
    )
    assert not found.holds or found.distance[1] >= abs(w - 1.0)
    assert found.distance[0] <= abs(w - 1.0)


@pytest.mark.parametrize("seed", range(60))
def test_expanded_polynomials(seed):
    """Roots are dyadic, so that the coefficients are exact."""
    rng = np.random.default_rng(seed)
    centre = float(rng.integers(1, 17)) / 8.0
    roots = centre + rng.integers(-3, 4, rng.integers(2, 5)) * float(rng.choice([0, 1, 2.0**-6]))
    coefficients = np.poly(roots)
    derivative = np.polyder(coefficients)
    w = float(rng.choice(roots) + 10.0 ** rng.uniform(-12.0, -2.0))
    true = math.prod(Fraction(w) - Fraction(float(root)) for root in roots)

    def F(x):
        return np.polyval(coefficients, x)

    error = measured(F, lambda x: np.atleast_2d(np.polyval(derivative, x)), w)
    assert abs(Fraction(float(F(np.array([w]))[0])) - true) <= error


@pytest.mark.parametrize("seed", range(60))
def test_a_large_term_that_is_taken_away_again(seed):
    rng = np.random.default_rng(seed)
    large, slope = 10.0 ** rng.uniform(2.0, 14.0), rng.uniform(0.1, 3.0, 5)
    w = rng.standard_normal(5)
    true = sum(Fraction(a) * Fraction(x) for a, x in zip(slope, w, strict=True))

    def F(x):
        return np.array([(large + slope @ x) - large])

    error = measured(F, lambda x: slope[None, :], w)
    assert abs(Fraction(float(F(w)[0])) - true) <= error <= 1e-13 * large


@pytest.mark.parametrize("w", [1.0, 5.0, 12.0, 16.0, 18.0, 20.0, 30.0])
def test_saturated_tanh_less_its_limit(w):
    """tanh(x) = 1 has no root."""

    def F(x):
        return np.tanh(x) - 1.0

    def jac(x):
        return np.diag(np.cosh(x) ** -2.0)

    with mpmath.workdps(50):
        true = mpmath.tanh(mpmath.mpf(w)) - 1
        assert abs(float(F(np.array([w]))[0]) - true) <= measured(F, jac, w)
    for bound in (1.0, lambda centre, R: 8.0 * float(np.exp(-2.0 * (centre[0] - R)))):
        assert not nlsolve.certify(F, 0.0, [w], jac=jac, method=None, lipschitz=bound).holds


@pytest.mark.parametrize("coarse", [lambda v: np.float32(v).astype(float), lambda v: v.round(7)])
def test_staircases(coarse):
    """x^2 = 2 to seven digits."""
    found = nlsolve.certify(
        lambda x: coarse(x**2), 2.0, [1.4142135], jac=lambda x: np.diag(2 * x), method=None,
        lipschitz=2.0,
    )  # fmt: skip
    assert found.holds
    assert abs(1.4142135 - math.sqrt(2.0)) <= found.distance[1] <= 1e-6


def test_an_f_that_never_follows_j_has_no_known_error():
    """A derivative that is wrong by a thousandth."""
    found = nlsolve.certify(
        lambda x: x**3, 8.0, [2.0], jac=lambda x: np.diag(3.003 * x**2), method=None,
        lipschitz=13.0, radius=0.1, check_jac=False,
    )  # fmt: skip
    assert not found.holds
    assert "rho0 is inf" in found.reason


def test_a_point_at_the_border_of_the_domain():
    """Neighbours on one side have no value; those on the other tell."""
    edge = float(np.nextafter(1.0, 0.0))
    with np.errstate(invalid="ignore"):
        error = measured(lambda x: np.arcsin(x - 1e-9), lambda x: np.diag((2e-9 + 0 * x) ** -0.5),
                         edge)  # fmt: skip
    assert error > 0.0


def test_regular_systems_lose_nothing():
    """The stated error stays that of F where nothing cancels."""
    rng = np.random.default_rng(5)
    A = rng.standard_normal((10, 30))
    w = rng.standard_normal(30)

    def jac(x):
        return A + np.cos(A @ x)[:, None] * A

    found = nlsolve.certify(
        lambda x: A @ x + np.sin(A @ x), A @ w + np.sin(A @ w), w, jac=jac, method=None,
        evidence="estimated",
    )  # fmt: skip
    size = np.abs(jac(w)) @ np.abs(w) + 2.0 * np.abs(A @ w + np.sin(A @ w))
    assert found.residual_norm <= 1.01 * 16.0 * 2.0**-53 * np.linalg.norm(size) + 1e-14


def test_formulas_are_enclosed_and_not_assumed():
    circle = nlsolve.parse("x**2 + y**2 = 4; x = y")
    found = nlsolve.certify(circle, 0.0, [1.4142, 1.4142], method=None, lipschitz=3.0)
    assert any("enclosed in intervals" in text for text in found.assumptions)
    assert not any("16 u" in text for text in found.assumptions)


def test_a_jacobian_that_vanishes_still_excludes():
    """Its largest singular value is not rounded to a number too small to be multiplied."""
    found = nlsolve.certify(
        lambda x: x**2 + 1.0, 0.0, [1e-200], jac=lambda x: np.diag(2.0 * x), lipschitz=2.0,
        claim="empty", radius=0.5,
    )  # fmt: skip
    assert found.holds, found.reason
