import numpy as np
import pytest

import nlsolve
from nlsolve.distributed import columns
from tests.distributed.parts import (
    METHODS,
    START,
    TARGET,
    M,
    N,
    P,
    assert_same,
    columns_part,
    whole_columns,
    whole_jacobian,
)


@pytest.fixture
def system():
    return columns(columns_part, range(P))


@pytest.mark.parametrize(("method", "words"), METHODS)
def test_blocks_take_the_steps_of_the_whole(system, method, words):
    found = nlsolve.solve(system, TARGET, method=method, **words)
    expected = nlsolve.solve(
        whole_columns, TARGET, START, jac=whole_jacobian, method=method, **words
    )
    assert expected.success
    assert_same(found, expected)


def test_a_start_that_is_given_is_sent_to_the_blocks(system):
    w0 = np.random.default_rng(0).standard_normal(P * M)
    found = nlsolve.solve(system, TARGET, w0)
    assert_same(found, nlsolve.solve(whole_columns, TARGET, w0, jac=whole_jacobian))
    again = nlsolve.solve(system, TARGET, found.w)
    assert again.nit == 0


def test_jacobian_products_and_kernel_are_those_of_the_whole(system):
    w = system.vector(START, "w")
    J, expected = system.values(w)[1], whole_jacobian(START)
    v, u = np.random.default_rng(1).standard_normal(P * M), np.arange(N) - 2.0
    np.testing.assert_allclose(J @ v, expected @ v, rtol=1e-12)
    np.testing.assert_allclose(np.asarray(J.T @ u), expected.T @ u, rtol=1e-12, atol=1e-14)
    np.testing.assert_allclose(J.gram(), expected @ expected.T, rtol=1e-12)
    np.testing.assert_allclose(J.array(), expected, rtol=1e-12)


def test_no_more_than_one_jacobian_is_in_memory_when_none_is_kept():
    alive, most = set(), [0]

    class Counted(np.ndarray):
        def __del__(self):
            alive.discard(id(self))

    def part(p):
        A = np.random.default_rng(p).standard_normal((N, M))

        def jac(w):
            J = (np.cos(A @ w)[:, None] * A).view(Counted)
            alive.add(id(J))
            most[0] = max(most[0], len(alive))
            return J

        return nlsolve.System(lambda w: np.sin(A @ w), jac=jac, check_jac=False), np.zeros(M)

    streamed = columns(part, range(P), keep=0)
    most[0] = 0
    assert nlsolve.solve(streamed, 0.1 * TARGET, method="gauss-newton").success
    assert most[0] <= 2  # one, and the one that takes its place


def test_a_result_shows_and_gathers_its_unknowns(system):
    sol = nlsolve.solve(system, TARGET)
    assert "Shards(160 unknowns in 4 blocks)" in repr(sol)
    np.testing.assert_allclose(whole_columns(np.asarray(sol.w)), TARGET, atol=1e-9)
    np.testing.assert_array_equal(sol.w.part(2), np.asarray(sol.w)[2 * M : 3 * M])
    gradient = whole_jacobian(np.asarray(sol.w)).T @ sol.fun
    np.testing.assert_allclose(sol.optimality, np.abs(gradient).max(), rtol=1e-6)
    assert np.asarray(sol.active_mask).shape == (P * M,)


@pytest.mark.parametrize(
    ("factory", "specs", "words", "error", "message"),
    [
        (3, [1], {}, TypeError, "factory must be callable, got int"),
        (columns_part, [], {}, ValueError, "specs is empty"),
        (columns_part, [1], {"keep": -1}, ValueError, "keep must be an integer >= 0, got -1"),
        (lambda p: 7, [1], {}, TypeError, r"factory must return \(F, w0\)"),
        (
            lambda p: (lambda w: w[: p + 1], np.ones(4)), [1, 2], {}, ValueError,
            "same number of equations in every block",
        ),
    ],
)  # fmt: skip
def test_bad_blocks_are_named(factory, specs, words, error, message):
    with pytest.raises(error, match=message):
        columns(factory, specs, **words)


def test_a_start_of_another_length_is_refused(system):
    with pytest.raises(ValueError, match="w0 has 3 entries, but the blocks have 160"):
        nlsolve.solve(system, TARGET, [1.0, 2.0, 3.0])


def test_an_error_in_a_block_says_which():
    def part(p):
        def F(w):
            if w[0] > 0.5:
                raise ZeroDivisionError("pole")
            return np.array([w @ w + 3.0 * p])

        return F, np.zeros(3)

    system = columns(part, range(3))
    with pytest.raises(nlsolve.EvaluationError, match="block 0: F raised ZeroDivisionError: pole"):
        system(np.ones(9))
