"""What must never be certified: equations without a root, with a double one, or dependent ones.

Every trap is tried from several starts, for every method, with sampled constants and with true
ones, with exact and with differenced Jacobians; each refusal must give the right reason.
"""

import math

import numpy as np
import pytest

import nlsolve
from tests.certificates.traps import (
    CURVED,
    SINGULAR,
    assert_refused,
    certificates,
    every_method,
)


@every_method
@pytest.mark.parametrize("c", [1e-12, 1e-20, 1e-300])
@pytest.mark.parametrize("w", [0.0, 1e-300, -1e-11, 1e-9, 1.5e-8, -1e-6, 1e-3, 1.0])
def test_a_parabola_above_zero(method, c, w):
    """x^2 + c = 0 has no root: h = 1/2 (1 + c/x^2) with true constants."""
    reason = f"{CURVED}|{SINGULAR}" + "|evaluated everywhere" * (abs(w) < 1e-200)  # 1/w overflows
    assert_refused(lambda x: x**2 + c, lambda x: 2.0 * x[None, :], 0.0, [w], method, reason, 2.0)


@every_method
@pytest.mark.parametrize("w", [1e-300, 1e-13, 1e-11, -1e-9, 1.5e-8, 1e-7, 1e-3, 1.0, -1e3])
def test_a_double_root_is_not_certified_from_anywhere(method, w):
    """x^2 = 0: h = 1/2 exactly, and no distance below |x| can be true."""
    reason = f"{CURVED}|{SINGULAR}" + "|evaluated everywhere" * (abs(w) < 1e-200)  # 1/w overflows
    assert_refused(lambda x: x**2, lambda x: 2.0 * x[None, :], 0.0, [w], method, reason, 2.0)


@every_method
@pytest.mark.parametrize("power", [2, 3, 4, 6])
def test_a_multiple_root_at_itself(method, power):
    """J = 0 there, though its differences need not be."""
    assert_refused(
        lambda x: x**power, lambda x: power * x[None, :] ** (power - 1), 0.0, [0.0], method,
        SINGULAR, lambda centre, R: power * (power - 1) * (abs(centre[0]) + R) ** (power - 2),
    )  # fmt: skip


@every_method
@pytest.mark.parametrize("w", [0.0, 0.05, -0.1, 1.0, 1e-9, -30.0, 1e-7])
def test_a_kink_above_zero(method, w):
    """r = 0.1 + |w| has J = +-1 and second derivative 0 almost everywhere, and no root."""
    near = abs(w) < 1e-6  # within the step of differences
    reason = f"{CURVED}|smooth|jumps" + f"|{SINGULAR}" * near
    assert_refused(
        lambda x: 0.1 + np.abs(x), lambda x: np.diag(np.where(x < 0, -1.0, 1.0)), 0.0, [w], method,
        reason,
    )  # fmt: skip


@every_method
@pytest.mark.parametrize("shift", [0.05, 0.5, 7.0])
def test_a_kink_among_good_equations(method, shift):
    def F(x):
        return np.array([0.1 + abs(x[0]), x[1] - x[2] - 1.0])

    def jac(x):
        return np.array([[1.0 if x[0] >= 0 else -1.0, 0.0, 0.0], [0.0, 1.0, -1.0]])

    assert_refused(F, jac, 0.0, [shift, 1.0, 0.0], method, f"{CURVED}|smooth|jumps")


@every_method
@pytest.mark.parametrize("w", [0.05, 0.5, -3.0])
@pytest.mark.parametrize("radius", [None, 100.0])
def test_a_kink_is_not_hidden_by_a_curvature_of_zero(method, w, radius):
    """Second derivatives say beta = 0 for |w|: what they miss is found by samples of J."""
    certificate = nlsolve.certify(
        lambda x: 0.1 + np.abs(x), 0.0, [w], jac=lambda x: np.diag(np.sign(x)), lipschitz=0.0,
        method=method, radius=radius,
    )  # fmt: skip
    assert not certificate.holds
    assert "contradicted" in certificate.reason


@every_method
@pytest.mark.parametrize("w", [0.0, 0.5, 1.0, -20.0])
def test_more_equations_than_unknowns(method, w):
    """F = (w, w), y = (0, 1)."""
    reason = r"more equations \(2\) than unknowns \(1\)"
    assert_refused(
        lambda x: np.array([x[0], x[0]]), lambda x: np.ones((2, 1)), [0.0, 1.0], [w], method,
        reason, 0.0,
    )  # fmt: skip


def circles(gap):
    def F(x):
        return np.array([x[0] ** 2 + x[1] ** 2 - 1.0, (x[0] - 2.0 - gap) ** 2 + x[1] ** 2 - 1.0])

    def jac(x):
        return np.array([[2.0 * x[0], 2.0 * x[1]], [2.0 * (x[0] - 2.0 - gap), 2.0 * x[1]]])

    return F, jac


@every_method
@pytest.mark.parametrize("gap", [1e-9, 1e-3])
@pytest.mark.parametrize("up", [0.0, 1e-9, 1e-6, 3e-5, 1e-2, -1.0])
def test_two_circles_that_nearly_touch(method, gap, up):
    """Unit circles about (0, 0) and (2 + gap, 0): beta = |(2I, 2I)| = 2 sqrt(2)."""
    F, jac = circles(gap)
    reason = f"{CURVED}|{SINGULAR}"
    w = [1.0 + 0.5 * gap, up]
    assert_refused(F, jac, 0.0, w, method, reason, 2.0 * math.sqrt(2.0))


@pytest.mark.parametrize("up", [1e-9, 1e-6, 1e-4, 1e-2])
def test_circles_that_do_cross_are_certified_at_their_crossing(up):
    """The trap is not avoided by refusing everything of this kind."""
    gap = 2.0 * math.sqrt(1.0 - up * up) - 2.0
    F, jac = circles(gap)
    w = [1.0 + 0.5 * gap, up * (1.0 + 1e-3)]
    certificate = nlsolve.certify(F, 0.0, w, jac=jac, method=None, lipschitz=2.0 * math.sqrt(2.0))
    if up >= 1e-4:
        assert certificate.holds, certificate.reason
        assert certificate.distance[0] <= 1e-3 * up <= certificate.distance[1]
    assert not certificate.holds or certificate.distance[1] >= 0.99e-3 * up


def powell(x):
    return np.array(
        [
            x[0] + 10.0 * x[1],
            math.sqrt(5.0) * (x[2] - x[3]),
            (x[1] - 2.0 * x[2]) ** 2,
            math.sqrt(10.0) * (x[0] - x[3]) ** 2,
        ]
    )


def powell_jacobian(x):
    a, b = 2.0 * (x[1] - 2.0 * x[2]), 2.0 * math.sqrt(10.0) * (x[0] - x[3])
    s = math.sqrt(5.0)
    return np.array([[1, 10, 0, 0], [0, 0, s, -s], [0, a, -2 * a, 0], [b, 0, 0, -b]], dtype=float)


POWELL_BETA = math.hypot(10.0, 4.0 * math.sqrt(10.0))  # |H_3| = 2 |(1, -2)|^2, |H_4| = 4 sqrt(10)


@every_method
def test_powells_singular_function_at_its_root(method):
    reason = SINGULAR
    assert_refused(powell, powell_jacobian, 0.0, np.zeros(4), method, reason, POWELL_BETA)


@every_method
@pytest.mark.parametrize("size", [1e-12, 1e-9, 1e-8, 1e-6, 1e-3, 1.0])
def test_powells_singular_function_near_its_root(method, size):
    """Its root is double along two directions: on approach h stays away from 0, about 1/2 or more.

    Where something is certified nevertheless, with true constants, it must be true.
    """
    w = size * np.array([3.0, -1.0, 0.0, 1.0])
    for certificate in certificates(powell, powell_jacobian, 0.0, w, method, POWELL_BETA):
        assert not certificate.holds or certificate.distance[1] >= np.linalg.norm(w)


def repeated(n, m, copies, error=0.0):
    rng = np.random.default_rng(n + m)
    rows = rng.standard_normal((n, m)) / math.sqrt(m)
    c = rng.uniform(0.5, 1.0, n) * 1e-3
    take = np.concatenate([np.arange(n), np.arange(copies)])
    near = np.ones(n + copies)
    near[n:] += error

    def F(x):
        return (near * (rows @ x + c * np.sin(rows @ x))[take]) - 1e-4 * near

    def jac(x):
        return (near[:, None]) * ((1.0 + c * np.cos(rows @ x))[:, None] * rows)[take]

    return F, jac, 1e-3 * float(np.linalg.norm(rows, 2)) ** 2 * math.sqrt(2.0)


@every_method
@pytest.mark.parametrize(("n", "m", "copies"), [(1, 2, 1), (3, 8, 3), (5, 400, 2), (2, 3000, 1)])
@pytest.mark.parametrize("error", [0.0, 1.0, -2.0])
def test_repeated_equations(method, n, m, copies, error):
    """Exact duplicates, and multiples: K is singular however small the residual is."""
    F, jac, beta = repeated(n, m, copies, error)
    w = np.random.default_rng(1).standard_normal(m) * 0.1
    derivatives = (jac,) if m > 1000 else (jac, None)
    for derivative in derivatives:
        for known in (None, beta):
            certificate = nlsolve.certify(F, 0.0, w, jac=derivative, method=method, lipschitz=known)
            assert not certificate.holds
            assert "singular" in certificate.reason
            assert "repeats" in certificate.reason


@pytest.mark.parametrize("batch", [1, 2, 8])
@pytest.mark.parametrize("step", [None, 1e-9, 0.1])
def test_repeated_equations_under_sgd(batch, step):
    """There the step of the paper diverges."""
    F, jac, beta = repeated(4, 30, 4)
    words = {} if step is None else {"step": step}
    for theorem in ("best", "sgd", "liu-zhu-belkin-sgd"):
        certificate = nlsolve.certify(
            F, 0.0, np.zeros(30), jac=jac, method="sgd", batch=batch, theorem=theorem,
            lipschitz=beta, **words,
        )  # fmt: skip
        assert not certificate.holds
        assert "repeats" in certificate.reason


@every_method
@pytest.mark.parametrize("angle", [1e-15, 1e-12, 1e-9])
def test_equations_that_nearly_repeat_and_contradict_each_other(method, angle):
    """Two lines that meet 1/angle away: no root is near, whatever rounding makes of K."""
    A = np.array([[1.0, 0.0], [1.0, angle]])
    for derivative in (lambda x: A, None):
        certificate = nlsolve.certify(
            lambda x: A @ x, [0.0, 1.0], [0.0, 0.0], jac=derivative, method=method
        )
        assert not certificate.holds or certificate.distance[1] >= 0.99 / angle
