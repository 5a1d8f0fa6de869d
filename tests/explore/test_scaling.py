"""Are rows and columns brought to like size, whatever units they came in?"""

import numpy as np
import pytest
import scipy.optimize

from nlsolve.explore.scaling import equilibrated, scale_exponents

SHAPES = [(1, 1), (1, 5), (5, 1), (3, 3), (4, 9), (9, 4)]


def sparse(shape, seed):
    rng = np.random.default_rng(seed)
    A = rng.uniform(0.5, 2.0, shape) * rng.choice([-1.0, 1.0], shape)
    A[rng.random(shape) < 0.4] = 0.0
    A[0, 0] = 1.0
    return A


def log_spread(A, rows, columns):
    """The objective of Curtis and Reid."""
    i, j = np.nonzero(A)
    return np.sum((np.log2(np.abs(A[i, j])) + rows[i] + columns[j]) ** 2)


@pytest.mark.parametrize("shape", SHAPES)
def test_logarithms_are_least_squares(shape):
    """Against the dense problem by scipy; rounding to integers costs at most 1 an entry."""
    A = sparse(shape, 1) * 10.0 ** np.random.default_rng(2).uniform(-3, 3, shape)
    i, j = np.nonzero(A)
    k = np.arange(i.size)
    E = np.zeros((i.size, sum(shape)))
    E[k, i], E[k, shape[0] + j] = 1.0, 1.0
    logarithms = np.log2(np.abs(A[i, j]))
    best = 2.0 * scipy.optimize.lsq_linear(E, -logarithms).cost
    found = log_spread(A, *scale_exponents(A))
    assert np.sqrt(found) <= np.sqrt(best) + np.sqrt(i.size)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("seed", range(5))
def test_units_are_undone(shape, seed):
    A = sparse(shape, seed)
    rng = np.random.default_rng(seed)
    rows, columns = rng.integers(-300, 300, shape[0]), rng.integers(-300, 300, shape[1])
    known = equilibrated(A).matrix
    found = equilibrated(np.ldexp(A, rows[:, None] + columns)).matrix
    np.testing.assert_array_equal(found != 0.0, known != 0.0)
    ratio = found[known != 0.0] / known[known != 0.0]
    assert ratio.max() <= 4.0  # exponents are rounded
    assert ratio.min() >= 0.25


def test_rows_have_length_one_and_zeros_stay():
    A = np.zeros((3, 4))
    A[0, 1], A[2, 1], A[2, 3] = 3e200, -1e-200, 4e150
    scaled = equilibrated(A)
    np.testing.assert_allclose(np.linalg.norm(scaled.matrix, axis=1), [1.0, 0.0, 1.0], rtol=1e-15)
    assert scaled.rows[1] == 0
    assert scaled.columns[0] == scaled.columns[2] == 0
    np.testing.assert_allclose(scaled.scaled(A), scaled.matrix, rtol=1e-15)


def test_a_negligible_entry_sets_no_units():
    """cos(pi/2) beside 1, in a row and a column that have other entries."""
    A = np.array([[1.0, np.cos(np.pi / 2), 1.0], [1.0, 1.0, 0.0]])
    rows, columns = scale_exponents(A)
    assert np.ptp(rows) <= 1
    assert np.ptp(columns) <= 1


def test_coefficients_are_those_of_the_matrix():
    A = np.array([[1e-8, 2e-8, 0.0], [0.0, 3e8, 1e8], [0.0, 0.0, 0.0]])
    A[2] = 5e3 * A[0] - 7e-9 * A[1]
    scaled = equilibrated(A)
    x = np.linalg.lstsq(scaled.matrix[:2].T, scaled.matrix[2], rcond=None)[0]
    np.testing.assert_allclose(scaled.coefficients(x, np.array([0, 1]), 2), [5e3, -7e-9])
