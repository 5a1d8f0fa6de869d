"""Is a function of PyTorch the same system as its twin in NumPy, and a solve part of autograd?"""

import pickle

import numpy as np
import pytest

import nlsolve
from nlsolve.interop import torch_solve
from tests.interop import wide

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.filterwarnings("ignore:`torch.jit.script` is deprecated")

A, B = torch.as_tensor(wide.A), torch.as_tensor(wide.B)
WEIGHTS = torch.as_tensor(wide.WEIGHTS)


def F(w, p):
    return A @ torch.tanh(p[0] * (B @ w)) + p[1] * w[:3] ** 2


def sphere(w):
    return w @ w


def needing_gradients(value):
    return torch.tensor(value, dtype=torch.float64, requires_grad=True)


@pytest.fixture
def system():
    return nlsolve.from_torch(F, args=(wide.P,))


def test_values_and_derivatives_are_those_of_numpy(system):
    wide.assert_same(system)


@pytest.mark.parametrize("mode", ["forward", "reverse"])
def test_either_mode_alone_is_enough(mode):
    system = nlsolve.from_torch(F, args=(wide.P,), mode=mode)
    J = wide.jacobian(wide.W0, wide.P)
    np.testing.assert_allclose(system.jacobian(wide.W0, 3), J, rtol=1e-13, atol=1e-14)


def test_solves_and_is_pickled(system):
    sol = nlsolve.solve(system, wide.Y, wide.W0)
    assert sol.success
    np.testing.assert_allclose(wide.values(sol.w, wide.P), wide.Y, atol=1e-9)
    assert pickle.loads(pickle.dumps(sol)).certificate.holds


def test_unknowns_may_be_the_parameters_of_a_module():
    torch.manual_seed(0)
    layers = torch.nn.Linear(1, 20), torch.nn.Tanh(), torch.nn.Linear(20, 1)
    net, X = torch.nn.Sequential(*layers), torch.linspace(-1.0, 1.0, 6)[:, None]

    def outputs(parameters, X):
        return torch.func.functional_call(net, parameters, X)[:, 0]

    def rows(parameters, batch, X):
        return outputs(parameters, X[batch])

    system = nlsolve.from_torch(outputs, dict(net.named_parameters()), args=(X,), rows=rows)
    y = np.sin(X[:, 0].numpy())
    sol = nlsolve.solve(system, y, system.w0, method="block-kaczmarz")
    assert sol.success
    net.double().load_state_dict(system.unravel(sol.w))
    np.testing.assert_allclose(net(X.double())[:, 0].detach(), y, atol=1e-8)


def test_tolerances_follow_a_cast_to_fewer_digits():
    sol = nlsolve.solve(nlsolve.from_torch(lambda w: torch.sin(w.float())), 0.7, [1.0, 2.0])
    assert sol.status is nlsolve.Status.ROOT_TO_ROUNDING


def test_two_types_of_tensors_are_named():
    narrow = torch.ones((2, 3))
    with pytest.raises(nlsolve.EvaluationError, match="must be of that type and there too"):
        nlsolve.solve(nlsolve.from_torch(lambda w: narrow @ w), 0.0, np.ones(3))


def test_gradients_are_those_of_solving_again_from_the_solution():
    y, p = needing_gradients(wide.Y), needing_gradients(wide.P)
    w = torch_solve(F, y, torch.as_tensor(wide.W0), p)
    (WEIGHTS @ w).backward()
    by_y, by_p = wide.gradients(w.detach().numpy())
    np.testing.assert_allclose(y.grad, by_y, rtol=1e-6)
    np.testing.assert_allclose(p.grad, by_p, rtol=1e-6)


def test_a_loss_that_is_constant_along_the_solutions_has_the_derivative_from_any_start():
    a, p = torch.tensor([1.0, 2.0, -1.0], dtype=torch.float64), needing_gradients([4.0, 1.5])
    start = torch.tensor([3.0, 1.0, 2.0], dtype=torch.float64)
    w = torch_solve(lambda w, p: torch.stack([w @ w, a @ w]) - p["both"], 0.0, start, {"both": p})
    ((w @ w) * (a @ w)).backward()
    np.testing.assert_allclose(p.grad, [1.5, 4.0], rtol=1e-9)


def test_what_cannot_be_differentiated_is_refused():
    start, needing = torch.tensor([1.0, 2.0, 2.0]), torch.ones(3, requires_grad=True)
    with pytest.raises(ValueError, match=r"use w0.detach\(\)"):
        torch_solve(sphere, 1.0, needing)
    with pytest.raises(ValueError, match="F closes over tensors that require gradients"):
        torch_solve(lambda w: needing * w, 1.0, start)
    y = needing_gradients(9.0)
    (once,) = torch.autograd.grad(torch_solve(sphere, y, start).sum(), y, create_graph=True)
    with pytest.raises(RuntimeError, match="can be differentiated once"):
        once.backward()


def test_failures_are_errors_or_nan():
    start, y = torch.tensor([1.0, 2.0, 2.0]), needing_gradients(0.0)
    with pytest.raises(nlsolve.SolveError, match="not a root"):
        torch_solve(sphere, -1.0, start)
    assert torch_solve(sphere, -1.0, start, throw=False).isnan().all()
    with pytest.raises(np.linalg.LinAlgError, match="not settled"):
        torch_solve(sphere, y, start).sum().backward()
    torch_solve(sphere, y, start, throw=False).sum().backward()
    assert y.grad.isnan()
