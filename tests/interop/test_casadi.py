"""Is a function of CasADi the same system as its twin in NumPy, with the pattern of J?"""

import pickle

import casadi
import numpy as np
import pytest
from scipy import sparse

import nlsolve
from tests.interop import wide


def wide_expression(kind):
    w, p = kind.sym("w", 8), kind.sym("p", 2)
    inner = casadi.tanh(p[0] * (casadi.DM(wide.B) @ w))
    return casadi.DM(wide.A) @ inner + p[1] * w[:3] ** 2, w, p


@pytest.fixture(params=[casadi.SX, casadi.MX])
def system(request):
    return nlsolve.from_casadi(*wide_expression(request.param), args=(wide.P,))


def test_values_and_derivatives_are_those_of_numpy(system):
    wide.assert_same(system)


def test_solves_and_sensitivities(system):
    sol = nlsolve.solve(system, wide.Y, wide.W0)
    assert sol.success
    np.testing.assert_allclose(wide.values(sol.w, wide.P), wide.Y, atol=1e-9)
    by_p = wide.WEIGHTS @ sol.sensitivity("args").matrix
    np.testing.assert_allclose(by_p, wide.gradients(sol.w)[1], rtol=1e-6)
    assert pickle.loads(pickle.dumps(sol)).certificate.holds


def test_a_sparse_jacobian_is_kept_sparse():
    m = 302
    w = casadi.MX.sym("w", m)
    chain = casadi.Function("chain", [w], [w[:-2] - 2 * w[1:-1] + w[2:] + w[1:-1] ** 2])
    sol = nlsolve.solve(nlsolve.from_casadi(chain), 1.0, np.linspace(1.0, 2.0, m))
    assert sol.success
    assert isinstance(sol.jac, sparse.csr_array)
    offsets = sparse.diags_array([1.0, -2.0, 1.0], offsets=[0, 1, 2], shape=(m - 2, m))
    expected = offsets + sparse.diags_array(2 * sol.w[1:-1], offsets=1, shape=(m - 2, m))
    np.testing.assert_allclose(sol.jac.toarray(), expected.toarray(), rtol=1e-14)


def test_inputs_go_by_name():
    expression, w, p = wide_expression(casadi.SX)
    function = casadi.Function("F", [w, p], [expression], ["w", "p"], ["r"])
    named = nlsolve.from_casadi(function, kwargs={"p": wide.P})
    expected = wide.values(wide.W0, wide.P)
    np.testing.assert_allclose(named.values(wide.W0)[0], expected, rtol=1e-14)


def test_arguments_are_checked():
    expression, w, p = wide_expression(casadi.SX)
    function = casadi.Function("F", [w, p], [expression], ["w", "p"], ["r"])
    with pytest.raises(TypeError, match=r"must be a casadi.Function, or an SX or MX .* got int"):
        nlsolve.from_casadi(3)
    with pytest.raises(TypeError, match="w must be CasADi symbols"):
        nlsolve.from_casadi(expression)
    with pytest.raises(TypeError, match="w belongs to an expression"):
        nlsolve.from_casadi(function, w)
    with pytest.raises(ValueError, match="stack outputs with"):
        nlsolve.from_casadi(casadi.Function("F", [w], [w, w]))
    with pytest.raises(ValueError, match=r"must be a column, got shape \(8, 8\); use casadi.vec"):
        nlsolve.from_casadi(casadi.Function("F", [w], [w @ w.T]))
    with pytest.raises(nlsolve.EvaluationError, match=r"F takes 1 inputs after w \(p\); got 0"):
        nlsolve.solve(nlsolve.from_casadi(function), 0.0, wide.W0)
    with pytest.raises(nlsolve.EvaluationError, match="w has 3 entries, but F has 8 unknowns"):
        nlsolve.solve(nlsolve.from_casadi(function, args=(wide.P,)), 0.0, np.ones(3))
