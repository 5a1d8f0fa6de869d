"""Are the rows that depend named, with their coefficients, and no others?

Expected values: exact rational null spaces by sympy.
"""

import numpy as np
import pytest
import sympy

from nlsolve.explore.dependence import Dependence

EXACT = 16 * 2.0**-53


def dependence(A, error=EXACT):
    A = np.asarray(A, dtype=float)
    return Dependence(A, error * np.abs(A))


def integers(seed, *, columns=0):
    """A small integer matrix, some of whose rows are combinations, and its rank."""
    rng = np.random.default_rng(seed)
    k = int(rng.integers(1, 5))
    m = k + int(rng.integers(0, 4)) + columns
    A = rng.integers(-3, 4, (k, m)) * (rng.random((k, m)) < 0.7)
    M = rng.integers(-2, 3, (int(rng.integers(1, 7)), k))
    return np.vstack([A, M @ A])[rng.permutation(k + len(M))]


@pytest.mark.parametrize("spread", [0, 8])
@pytest.mark.parametrize("seed", range(40))
def test_rank_and_combinations_against_exact_ones(seed, spread):
    A = integers(seed)
    rng = np.random.default_rng(seed + 1)
    R, C = (10.0 ** rng.uniform(-spread, spread, size) for size in A.shape)
    exact = sympy.Matrix(A.tolist())
    found = dependence(R[:, None] * A * C)
    assert found.rank == exact.rank()
    assert found.clear
    rows = [one.row for one in found.combinations]
    assert len(set(rows)) == len(A) - found.rank
    rest = [i for i in range(len(A)) if i not in rows]
    if not rest:
        return
    basis = sympy.Matrix(A[rest].tolist()).T  # of full rank: each combination is the only one
    for one in found.combinations:
        x = basis.gauss_jordan_solve(sympy.Matrix(A[one.row].tolist()))[0]
        expected = {i: float(c) for i, c in zip(rest, x, strict=True) if c != 0}
        assert set(one.others) == set(expected)
        c = [expected[i] * R[one.row] / R[i] for i in one.others]
        np.testing.assert_allclose(one.coefficients, c, rtol=1e-9)


@pytest.mark.parametrize("spread", [0, 8])
@pytest.mark.parametrize("seed", range(25))
def test_movable_unknowns_against_the_exact_null_space(seed, spread):
    A = integers(seed, columns=1)
    rng = np.random.default_rng(seed + 2)
    R, C = (10.0 ** rng.uniform(-spread, spread, size) for size in A.shape)
    null_space = sympy.Matrix(A.tolist()).nullspace()
    expected = [any(vector[j] != 0 for vector in null_space) for j in range(A.shape[1])]
    found = dependence(R[:, None] * A * C)
    np.testing.assert_array_equal(found.movable, expected)
    prescribed = list(found.parameters)
    assert len(prescribed) == len(null_space)
    determined = sympy.Matrix(np.delete(A, prescribed, axis=1).tolist())
    assert determined.rank() == found.rank


def test_a_later_row_repeats_earlier_ones():
    found = dependence([[1.0, 2.0], [3.0, 6.0], [-1.0, -2.0], [0.0, 1.0]])
    assert [(one.row, one.others) for one in found.combinations] == [(1, (0,)), (2, (0,))]


@pytest.mark.parametrize("factor", [1e-8, 1e8, -1e150])
def test_one_row_times_a_factor(factor):
    (one,) = dependence([[1.0, 2.0, 0.5], [factor, 2.0 * factor, 0.5 * factor]]).combinations
    assert one.coefficients == pytest.approx((factor,), rel=1e-14)


@pytest.mark.parametrize("angle", [1e-10, 1e-6, 1e-4])
def test_nearly_parallel_rows_are_independent(angle):
    found = dependence([[1.0, 2.0, 0.0], [1.0, 2.0 + angle, 0.0]])
    assert found.rank == 2
    assert found.clear


def test_a_small_term_counts_in_units_of_its_own():
    """c is measured in other units: its coefficient 1e-17 is no rounding error."""
    assert dependence([[1.0, 1.0, 0.0], [1.0, 1.0, 1e-17]]).rank == 2


def test_nothing_is_named_where_no_row_depends():
    """Triangular with 1 on the diagonal and -1 right of it: sigma_min is about 2^-n."""
    triangular = np.eye(60) - np.triu(np.ones((60, 60)), 1)
    assert dependence(triangular).combinations == ()
    assert not dependence(triangular).clear


def test_nothing_is_named_where_singular_values_have_no_gap():
    hilbert = 1.0 / (1.0 + np.arange(30)[:, None] + np.arange(33))
    assert dependence(hilbert).rank < 30
    assert dependence(hilbert).combinations == ()
    assert not dependence(hilbert).clear


def test_nothing_is_told_from_entries_that_are_hardly_known():
    A = np.array([[1.0, 2.0], [2.0, 4.0]])
    assert dependence(A, 1e-9).combinations[0].row == 1
    assert dependence(A, 1e-3).combinations == ()
    assert not dependence(A, 1e-3).clear


def test_entries_below_their_errors_are_zero():
    A, error = np.array([[1.0, 1e-9], [0.0, 3e-9]]), np.full((2, 2), 2e-9)
    assert [one.row for one in Dependence(A, error).combinations] == [1]


@pytest.mark.parametrize("shape", [(1, 1), (1, 4), (4, 1), (3, 5)])
def test_zeros(shape):
    found = dependence(np.zeros(shape))
    assert found.rank == 0
    assert found.combinations == tuple((i, (), ()) for i in range(shape[0]))
    assert found.movable.all()
    assert found.parameters == tuple(range(shape[1]))
    assert found.condition == 1.0
