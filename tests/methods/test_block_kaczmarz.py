"""Does block Kaczmarz project on the blocks it draws, at the proven rate?"""

import itertools

import numba
import numpy as np
import pytest

import nlsolve

RNG = np.random.default_rng(0)
A, SOLUTION = RNG.standard_normal((8, 15)), RNG.standard_normal(15)
Y = A @ SOLUTION
NEAREST = np.linalg.pinv(A) @ Y  # of the solutions, to w0 = 0


def rows(w, batch):
    return A[batch] @ w, A[batch]


def solve(batch, **words):
    return nlsolve.solve(
        lambda w: A @ w, Y, np.zeros(15), jac=lambda w: A, rows=rows, method="block-kaczmarz",
        batch=batch, **words,
    )  # fmt: skip


@pytest.mark.parametrize("batch", [1, 2, 3, 8, 20])
def test_an_epoch_is_a_random_order_cut_into_blocks(batch):
    result = solve(batch, rng=7, max_iter=2, tol=1e-300)
    rng, w, size = np.random.default_rng(7), np.zeros(15), min(batch, 8)
    for _ in range(result.nit):
        order = rng.permuted(np.arange(8))
        padded = np.append(order, order[: -8 % size])
        for block in padded.reshape(-1, size):
            w = w - np.linalg.pinv(A[block]) @ (A[block] @ w - Y[block])
    np.testing.assert_allclose(result.w, w, atol=1e-12)


def against_each_other(w, seen, count):
    """Seven equations that contradict each other, so that no run ends by itself."""
    return w[0] - np.arange(7.0)


def ones(w, seen, count):
    return np.ones((7, 1))


def noted_rows(w, batch, seen, count):
    """Note the block."""
    for equation in batch:
        seen[count[0]] = equation
        count[0] += 1
    return w[0] - 1.0 * batch, np.ones((batch.size, 1))


FUNCTIONS = (against_each_other, ones, noted_rows)
LANES = {"interpreted": FUNCTIONS, "compiled": tuple(numba.njit(f) for f in FUNCTIONS)}


@pytest.mark.parametrize("lane", LANES)
@pytest.mark.parametrize("batch", [2, 3, 5])
def test_every_epoch_sees_every_equation_and_no_block_one_twice(batch, lane):
    seen, count = np.zeros(1000, dtype=np.int64), np.zeros(1, dtype=np.int64)
    F, jac, some = LANES[lane]
    result = nlsolve.solve(
        F, 0.0, 0.0, jac=jac, rows=some, args=(seen, count), method="block-kaczmarz",
        batch=batch, max_iter=20, check_jac=False, rng=3,
    )  # fmt: skip
    assert result.lane == lane
    length = -(-7 // batch) * batch
    drawn = seen[count[0] - 20 * length : count[0]].reshape(20, length)
    assert all(set(epoch) == set(range(7)) for epoch in drawn.tolist())
    assert all(len(set(block)) == batch for block in drawn.reshape(-1, batch).tolist())
    assert len({tuple(epoch) for epoch in drawn.tolist()}) == 20


def circle(w):
    return np.array([w @ w - 1.0, w[0] - w[1]])


def test_a_block_of_all_equations_is_gauss_newton():
    words = {"jac": lambda w: np.array([2.0 * w, [1.0, -1.0, 0.0]]), "store_path": True}
    w0 = [0.5, -1.0, 2.0]
    blocks = nlsolve.solve(circle, 0.0, w0, method="block-kaczmarz", **words)
    newton = nlsolve.solve(circle, 0.0, w0, method="gauss-newton", **words)
    np.testing.assert_allclose(blocks.path, newton.path, atol=1e-12)


@pytest.mark.parametrize("batch", [1, 2, 4])
def test_the_mean_rate_is_at_least_the_proven_one(batch):
    # E |w_k - w*|^2 <= (1 - mu)^k |w_0 - w*|^2, k blocks; here every block of that size is listed
    blocks = [A[list(b)] for b in itertools.combinations(range(8), batch)]
    expected = np.mean([np.linalg.pinv(block) @ block for block in blocks], axis=0)
    mu = np.linalg.eigvalsh(expected)[-8]  # the least that is not zero: rank A = 8
    squares = []
    for seed in range(60):
        path = solve(batch, rng=seed, max_iter=6, tol=1e-300, store_path=True).path[:7]
        squares.append(np.sum((path - NEAREST) ** 2, axis=1))
    bound = (1.0 - mu) ** (8 // batch * np.arange(7)) * squares[0][0]
    assert np.all(np.mean(squares, axis=0) <= bound * (1.0 + 1e-12))
    assert np.all(np.diff(squares) <= 1e-12), "a projection never leads away"


@pytest.mark.parametrize("batch", [1, 3, 8])
def test_the_solution_nearest_to_the_start_is_found(batch):
    result = solve(batch, rng=1)
    assert result.success
    np.testing.assert_allclose(result.w, NEAREST, atol=1e-8)


def test_equations_that_repeat_each_other_in_a_block():
    B, y = A[[0, 1, 1, 0, 2]] * np.array([[1.0], [1.0], [1.0], [-3.0], [1e-6]]), np.zeros(5)
    w0 = np.ones(15)
    result = nlsolve.solve(
        lambda w: B @ w, y, w0, jac=lambda w: B, method="block-kaczmarz", batch=4
    )
    assert result.success
    np.testing.assert_allclose(result.w, w0 - np.linalg.pinv(A[:3]) @ A[:3] @ w0, atol=1e-4)


def test_the_same_seed_gives_the_same_run_and_another_another():
    runs = [solve(2, rng=seed, max_iter=5).w for seed in (3, 3, 4, None, 0)]
    np.testing.assert_array_equal(runs[0], runs[1])
    np.testing.assert_array_equal(runs[3], runs[4])
    assert np.max(np.abs(runs[0] - runs[2])) > 1e-3


def test_rows_may_be_jitted():
    values = numba.njit(lambda w, data: data @ w)
    jacobian = numba.njit(lambda w, data: data.copy())
    some = numba.njit(lambda w, batch, data: (data[batch] @ w, data[batch]))
    compiled = nlsolve.solve(
        values, Y, np.zeros(15), jac=jacobian, rows=some, args=(A,), method="block-kaczmarz",
        batch=3, rng=5,
    )  # fmt: skip
    plain = solve(3, rng=5)
    assert (compiled.lane, plain.lane) == ("compiled", "interpreted")
    assert compiled.nit == plain.nit > 10
    np.testing.assert_allclose(compiled.w, plain.w, atol=1e-11)


@pytest.mark.parametrize("batch", [0, 1.5, -2, "all"])
def test_bad_batches_are_refused(batch):
    with pytest.raises(ValueError, match="batch must be a positive integer"):
        solve(batch)
