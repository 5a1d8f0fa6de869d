"""What do samples of a ball refuse: kinks inside it, and points where F has no value?

A kink is found where a ray or a line along the directions of largest change crosses it, which wide
networks of relus cannot avoid; one in a corner of the ball goes unseen.
"""

import numpy as np
import pytest

import nlsolve
from nlsolve.certificates.constants.sampled import Sampled
from nlsolve.certificates.evidence import Ball, Refusal
from tests.certificates.test_sampled import point_of


def relu_network(hidden: int, d: int, n: int):
    rng = np.random.default_rng([30, hidden])
    X = rng.standard_normal((n, d))
    v = rng.choice([-1.0, 1.0], hidden) / np.sqrt(hidden)

    def F(w):
        return np.maximum(X @ w.reshape(hidden, d).T, 0.0) @ v

    def jac(w):
        active = v * (X @ w.reshape(hidden, d).T > 0.0)
        return (active[:, :, None] * X[:, None, :]).reshape(n, hidden * d)

    w = rng.standard_normal(hidden * d)
    return F, jac, F(w + rng.standard_normal(w.size) / np.sqrt(w.size)), w


def absolute(w):
    return np.array([0.1 + abs(w[0])])


def maximum(w):
    return np.array([max(w[0], 2.0 * w[1]) - 1.0])


def distance(w):
    return np.array([np.linalg.norm(w) - 1.0])


NONSMOOTH = {
    "0.1 + |w|": (absolute, lambda w: np.sign(w)[None], 0.0, [1.0]),
    "|w| beside its kink": (absolute, lambda w: np.sign(w)[None], 0.2, [1e-3]),
    "max": (maximum, lambda w: np.array([[1.0, 0.0] if w[0] > 2 * w[1] else [0.0, 2.0]]), 0.0,
            [0.3, 0.2]),
    "norm at 0": (distance, lambda w: (w / np.linalg.norm(w))[None], 0.0, [1e-7, 2e-7]),
    "relu, 150": relu_network(30, 5, 10),
}  # fmt: skip


WIDE = {"relu, 2000": relu_network(200, 10, 40), "relu, 5000": relu_network(100, 50, 100)}


@pytest.mark.parametrize("name", WIDE)
def test_kinks_of_wide_networks_are_refused(name):
    F, jac, y, w = WIDE[name]
    certificate = nlsolve.certify(F, y, w, jac=jac, method="gauss-newton")
    assert not certificate.holds
    assert "smooth" in certificate.reason


@pytest.mark.parametrize("method", [None, "gauss-newton"])
@pytest.mark.parametrize("kind", ["exact", "2-point"])
@pytest.mark.parametrize("name", NONSMOOTH)
def test_kinks_are_refused(name, kind, method):
    F, jac, y, w = NONSMOOTH[name]
    certificate = nlsolve.certify(F, y, w, jac=jac if kind == "exact" else kind, method=method)
    assert not certificate.holds
    assert "smooth" in certificate.reason


UNDEFINED = {
    "sqrt": (lambda w: np.sqrt(w) - 2.0, lambda w: np.diag(0.5 / np.sqrt(w)), [0.5]),
    "log": (lambda w: np.log(w) + 3.0, lambda w: np.diag(1.0 / w), [0.5]),
    "power": (lambda w: w**1.5 + 1.0, lambda w: np.diag(1.5 * np.sqrt(w)), [0.2]),
}


@pytest.mark.parametrize("kind", ["exact", "2-point"])
@pytest.mark.parametrize("name", UNDEFINED)
@pytest.mark.filterwarnings("ignore:invalid value:RuntimeWarning")
def test_balls_that_leave_the_domain_are_refused(name, kind):
    F, jac, w = UNDEFINED[name]
    certificate = nlsolve.certify(F, 0.0, w, jac=jac if kind == "exact" else kind, method=None)
    assert not certificate.holds
    assert "cannot be evaluated everywhere" in certificate.reason


def test_an_error_inside_the_ball_is_a_refusal():
    def F(w):
        if w[0] > 1.2:
            raise ArithmeticError("too far")
        return w**2

    point = point_of(F, 0.0, [1.0], lambda w: np.diag(2.0 * w))
    with pytest.raises(Refusal, match="too far"):
        Sampled(point).bounds(Ball(point.w, 0.5))
