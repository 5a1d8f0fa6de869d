"""F(w) = G(sum of z_p(w_p)): steps and constants are those of the same system in one piece."""

import numpy as np
import pytest

import nlsolve
from nlsolve.distributed import columns
from tests.distributed.parts import (
    METHODS,
    START,
    M,
    N,
    P,
    assert_same,
    columns_part,
    whole_columns,
    whole_jacobian,
)

MIX = np.linalg.qr(np.random.default_rng(9).standard_normal((N, 4)))[0].T
TARGET = np.array([0.2, -0.1, 0.3, 0.1])


def bend(z):
    return MIX @ z + 0.1 * np.tanh(MIX @ z) ** 2


def slope(z):
    t = np.tanh(MIX @ z)
    return (1.0 + 0.2 * t * (1.0 - t**2))[:, None] * MIX


OUTER = nlsolve.System(bend, jac=slope)


def whole(w):
    return bend(whole_columns(w))


def jacobian(w):
    return slope(whole_columns(w)) @ whole_jacobian(w)


@pytest.fixture
def system():
    return columns(columns_part, range(P), combine=OUTER)


@pytest.mark.parametrize(("method", "words"), METHODS)
def test_combined_blocks_take_the_steps_of_the_whole(system, method, words):
    found = nlsolve.solve(system, TARGET, method=method, **words)
    expected = nlsolve.solve(whole, TARGET, START, jac=jacobian, method=method, **words)
    assert expected.success
    assert_same(found, expected)


def test_products_kernel_and_rows_are_those_of_the_whole(system):
    w, expected = system.vector(START, "w"), jacobian(START)
    assert repr(system) == "CombinedSystem(4 equations, 160 unknowns in 4 blocks)"
    v, u = np.random.default_rng(1).standard_normal(P * M), np.array([1.0, -2.0, 0.5, 3.0])
    batch = np.array([2, 0, 2])
    for J, known in (
        (system.values(w)[1], expected),
        (system.rows(w, batch)[1], expected[batch]),
    ):
        weights = u[: known.shape[0]]
        np.testing.assert_allclose(J @ v, known @ v, rtol=1e-12)
        np.testing.assert_allclose(np.asarray(J.T @ weights), known.T @ weights, atol=1e-13)
        np.testing.assert_allclose(J.gram(), known @ known.T, rtol=1e-12)
        np.testing.assert_allclose(J.array(), known, rtol=1e-12, atol=1e-15)
    np.testing.assert_allclose(system(START), whole(START), rtol=1e-14)


def coupled_part(p):
    """Block p has three numbers, each seen in an entry of its own: no sum is left."""

    def F(w):
        z = np.zeros(3 * 3)
        z[3 * p : 3 * p + 3] = w**2
        return z

    def jac(w):
        J = np.zeros((9, 3))
        J[3 * p : 3 * p + 3] = np.diag(2.0 * w)
        return J

    return nlsolve.System(F, jac=jac), np.array([1.0, 2.0, 0.5]) + p


def products(z):
    return np.array([z[0] * z[3] - z[6], z[1] * z[4] * z[7], z[2] + z[5] * z[8] - z[0]])


def test_equations_that_multiply_unknowns_of_different_blocks():
    system = columns(coupled_part, range(3), combine=products)
    sol = nlsolve.solve(system, [1.0, 30.0, 4.0])
    assert sol.success
    np.testing.assert_allclose(products(np.asarray(sol.w) ** 2), [1.0, 30.0, 4.0], rtol=1e-8)


def test_certificates_are_estimated_from_the_blocks_by_the_chain_rule(system):
    sol = nlsolve.solve(system, TARGET, method="gauss-newton")
    found, w = sol.certificate, np.asarray(sol.w)
    expected = nlsolve.certify(whole, TARGET, w, jac=jacobian, method=None, evidence="estimated")
    assert found.holds
    assert found.evidence.word == "estimated"
    np.testing.assert_allclose(found.sigma_min, expected.sigma_min, rtol=1e-9)
    np.testing.assert_allclose(found.sigma_max, expected.sigma_max, rtol=1e-9)
    refused = nlsolve.certify(system, TARGET, sol.w, method=None, evidence="proved")
    assert not refused.holds
    assert "sampled, not proved" in refused.reason


def test_the_chain_rule_bounds_what_the_whole_jacobian_does(system):
    from nlsolve.certificates.asked import Asked
    from nlsolve.certificates.evidence import Ball
    from nlsolve.systems.checks import first_evaluation

    shards = system.vector(START, "w")
    problem, r, J = first_evaluation(system, 0.0, shards, None)
    _, source = system.constants_at(problem, (shards, r, J.jacobian), Asked())
    bounds = {b.quantity: b.value for b in source.bounds(Ball(shards, 0.4))}
    rng = np.random.default_rng(3)
    for _ in range(200):
        u, v = (START + 0.4 * d / np.linalg.norm(d) for d in rng.standard_normal((2, P * M)))
        change = np.linalg.norm(jacobian(u) - jacobian(v), 2)
        assert change <= bounds["beta"] * np.linalg.norm(u - v)
        assert np.linalg.norm(jacobian(u), 2) <= bounds["L_F"]


def test_lipschitz_that_is_given_is_taken_as_given(system):
    sol = nlsolve.solve(system, TARGET, method="gauss-newton", certify={"lipschitz": 300.0})
    assert sol.certificate.evidence.word in ("assumed", "estimated")


def test_errors_say_that_they_are_of_combine(system):
    with pytest.raises(TypeError, match="combine must be a callable or a System, got int"):
        columns(columns_part, range(P), combine=3)

    def fails(z):
        if z[0] > 3.0:
            raise ZeroDivisionError("pole")
        return z[:2]

    broken = columns(columns_part, range(P), combine=fails)
    with pytest.raises(nlsolve.EvaluationError, match=r"combine, at the sum .*ZeroDivision.*pole"):
        broken(10.0 * np.sign(whole_jacobian(START)[0]))
