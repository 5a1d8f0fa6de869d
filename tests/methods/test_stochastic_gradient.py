"""Does SGD draw as it says, cost what it says, and take the steps theorem SGD speaks of?"""

import numba
import numpy as np
import pytest

import nlsolve
from nlsolve.methods import REGISTRY

RNG = np.random.default_rng(0)
A, SOLUTION = RNG.standard_normal((6, 15)), RNG.standard_normal(15)
Y = A @ SOLUTION


def F(w):
    return A @ w


def jac(w):
    return A


def rows(w, batch):
    return A[batch] @ w, A[batch]


def by_hand(batches, step):
    w = np.zeros(15)
    for batch in batches:
        r, J = A[batch] @ w - Y[batch], A[batch]
        g = J.T @ r
        w = w - (step if step else (r @ r) / (g @ g)) * g
    return w


@pytest.mark.parametrize("step", [None, 0.01])
@pytest.mark.parametrize("batch", [1, 3])
@pytest.mark.parametrize("given", [None, rows])
def test_an_epoch_is_ceil_n_over_b_draws_with_replacement(step, batch, given):
    options = {} if step is None else {"step": step}
    result = nlsolve.solve(
        F, Y, np.zeros(15), jac=jac, rows=given, method="sgd", batch=batch, rng=7, max_iter=1,
        **options,
    )  # fmt: skip
    draws = np.random.default_rng(7).integers(6, size=(1, -(-6 // batch), batch))[0]
    assert result.nit == 1
    np.testing.assert_allclose(result.w, by_hand(draws, step), atol=1e-12)


@pytest.mark.parametrize("batch", [1, 2, 6])
def test_it_solves(batch):
    result = nlsolve.solve(F, Y, np.zeros(15), jac=jac, method="sgd", batch=batch, rng=1)
    assert result.success
    np.testing.assert_allclose(A @ result.w, Y, atol=1e-9)


def test_a_kaczmarz_step_on_one_equation_is_its_projection():
    row = np.array([[3.0, 4.0, 0.0]])
    result = nlsolve.solve(
        lambda w: row @ w, 25.0, np.zeros(3), jac=lambda w: row, method="sgd", max_iter=1
    )
    np.testing.assert_allclose(result.w, [3.0, 4.0, 0.0], atol=1e-14)


@pytest.mark.parametrize("method", [name for name, one in REGISTRY.items() if one.draws])
def test_with_rows_a_batch_costs_a_batch(method):
    evaluated = {"F": 0, "rows": 0}

    def counted(w):
        evaluated["F"] += 1
        return A @ w

    def counted_rows(w, batch):
        evaluated["rows"] += batch.size
        return rows(w, batch)

    nlsolve.solve(
        counted, Y, np.zeros(15), jac=jac, rows=counted_rows, method=method, batch=2,
        max_iter=10, tol=0.0, check_jac=False,
    )  # fmt: skip
    assert evaluated["F"] <= 12  # the start and the end of each epoch
    assert evaluated["rows"] == 10 * 6


def test_every_equation_is_drawn_equally_often():
    seen = np.zeros(6)

    def counting(w, batch):
        np.add.at(seen, batch, 1)
        return w[0] - batch, np.ones((batch.size, 1))

    # six equations that contradict each other, so that the run never ends by itself
    nlsolve.solve(
        lambda w: w[0] - np.arange(6.0), 0.0, 0.0, rows=counting, method="sgd",
        jac=lambda w: np.ones((6, 1)), max_iter=500, check_jac=False,
    )  # fmt: skip
    draws = seen.sum()
    assert draws >= 3000 * 0.99
    # chi-square with 5 degrees of freedom: 20.5 has probability 0.001
    assert np.sum((seen - draws / 6) ** 2 / (draws / 6)) < 20.5


def test_the_same_seed_gives_the_same_run_and_another_another():
    runs = [
        nlsolve.solve(F, Y, np.zeros(15), jac=jac, method="sgd", rng=seed, max_iter=5).w
        for seed in (3, 3, 4, None, 0)
    ]
    np.testing.assert_array_equal(runs[0], runs[1])
    np.testing.assert_array_equal(runs[3], runs[4])
    assert np.max(np.abs(runs[0] - runs[2])) > 1e-3


def test_rows_may_be_jitted():
    data, right = A, Y

    @numba.njit
    def values(w, data):
        return data @ w

    @numba.njit
    def jacobian(w, data):
        return data.copy()

    @numba.njit
    def some(w, batch, data):
        return data[batch] @ w, data[batch]

    keywords = {"jac": jacobian, "rows": some, "args": (data,), "method": "sgd", "rng": 5}
    compiled = nlsolve.solve(values, right, np.zeros(15), **keywords)
    plain = nlsolve.solve(F, right, np.zeros(15), jac=jac, rows=rows, method="sgd", rng=5)
    assert (compiled.lane, plain.lane) == ("compiled", "interpreted")
    assert compiled.nit == plain.nit
    np.testing.assert_allclose(compiled.w, plain.w, atol=1e-9)


@pytest.mark.parametrize("batch", [0, 1.5, -2, "all"])
def test_bad_batches_are_refused(batch):
    with pytest.raises(ValueError, match="batch must be a positive integer"):
        nlsolve.solve(F, Y, np.zeros(15), jac=jac, method="sgd", batch=batch)
