"""Are gradient, Cauchy step and gain what their formulas say, and safe where these break down?"""

import math

import numpy as np
import pytest
from scipy.optimize import minimize_scalar

from nlsolve.lanes import INTERPRETED
from nlsolve.methods.gauss_newton import GaussNewtonState
from nlsolve.methods.linear_model import make_cauchy, make_steepest, make_trial
from nlsolve.systems import System
from nlsolve.systems.checks import first_evaluation

W = np.array([0.5, -1.0, 2.0])


def F(w):
    return np.array([w @ w - 1.0, w[0] - w[1]])


def jac(w):
    return np.array([2.0 * w, [1.0, -1.0, 0.0]])


def at(w, function=F, jacobian=jac):
    """Return the problem and a state at w."""
    problem, r, J = first_evaluation(System(function, jac=jacobian), 0.0, w, None)
    return problem, GaussNewtonState(w, r, J, math.nan, math.nan, 0.0, 0.0, 0.0)


def test_the_gradient_and_its_ratio():
    _, state = at(W)
    g, slope, ratio = make_steepest(INTERPRETED)(state)
    np.testing.assert_allclose(g, [5.75, -10.0, 17.0], rtol=0.0, atol=0.0)  # by hand
    assert slope == pytest.approx(math.sqrt(np.sum(g**2)), rel=1e-15)
    assert ratio == pytest.approx(np.sum(g**2) / np.sum(F(W) ** 2), rel=1e-14)


def test_the_cauchy_step_minimises_the_model_along_the_gradient():
    _, state = at(W)
    g, slope, _ = make_steepest(INTERPRETED)(state)
    best = minimize_scalar(lambda t: np.sum((F(W) - t * jac(W) @ g) ** 2), (0.0, 0.01))
    assert make_cauchy(INTERPRETED)(state.J, g, slope) == pytest.approx(best.x, rel=1e-6)


def test_at_a_stationary_point_the_cauchy_step_is_zero():
    _, state = at(np.array([0.0]), lambda w: w * w - 1.0, lambda w: np.diag(2.0 * w))
    g, slope, ratio = make_steepest(INTERPRETED)(state)
    assert (slope, ratio, make_cauchy(INTERPRETED)(state.J, g, slope)) == (0.0, 0.0, 0.0)


@pytest.mark.parametrize("d", [[0.1, 0.2, -0.3], [0.0, 0.5, -0.7]])
def test_the_gain_compares_what_happened_with_what_was_said(d):
    problem, state = at(W)
    w, r, gain = make_trial(INTERPRETED)(problem, state, np.array(d))
    model = F(W) + jac(W) @ d
    happened = np.sum(F(W) ** 2) - np.sum(F(W + d) ** 2)
    assert gain == pytest.approx(happened / (np.sum(F(W) ** 2) - np.sum(model**2)), rel=1e-13)
    np.testing.assert_array_equal(w, W + d)
    np.testing.assert_array_equal(r, F(w))


@pytest.mark.parametrize("d", [0.0, 0.5, -2.0])
def test_no_gain_where_nothing_is_said_to_fall_or_F_is_not_defined(d):
    def logarithm(w):
        with np.errstate(invalid="ignore"):
            return np.log(w)

    # from e^-1 to the left the model rises; beyond 0 there is no logarithm
    start = np.exp([1.0 if d < 0.0 else -1.0])
    problem, state = at(start, logarithm, lambda w: np.diag(1.0 / w))
    d = {0.0: 0.0, 0.5: -0.1, -2.0: -4.0}[d]
    assert make_trial(INTERPRETED)(problem, state, np.array([d]))[2] == -1.0
