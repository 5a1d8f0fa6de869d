"""Does the tangent kernel tell the spectrum, the rank and the null space as they are?

Expected values: closed forms, and singular values by mpmath with 60 digits.
"""

import math

import mpmath
import numpy as np
import pytest
import scipy.linalg
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from nlsolve import kernel as room
from nlsolve.kernel import TangentKernel, spectrum

TOLERANCE = 32 * 2.0**-52
SHAPES = [(1, 1), (1, 6), (6, 1), (2, 3), (3, 2), (4, 4), (4, 30), (30, 4)]


def exact_singular_values(J):
    with mpmath.workdps(60):
        return list(mpmath.svd_r(mpmath.matrix(J.tolist()), compute_uv=False))


def assert_bounded(J):
    """The stated error covers every difference from the exact values; return the spectrum."""
    found = spectrum(J)
    expected = exact_singular_values(J)
    assert found.values.shape == (min(J.shape),)
    with mpmath.workdps(60):
        differences = [abs(float(a) - b) for a, b in zip(found.values, expected, strict=True)]
        assert max(differences) <= found.error
    return found


def hilbert(n, m):
    return 1.0 / (1.0 + np.arange(n)[:, None] + np.arange(m))


def with_singular_values(values, m, seed=0):
    """Return a matrix with about these singular values."""
    rng = np.random.default_rng(seed)
    n = len(values)
    U = np.linalg.qr(rng.standard_normal((n, n)))[0]
    V = np.linalg.qr(rng.standard_normal((m, n)))[0]
    return U * values @ V.T


@pytest.fixture
def no_svd(monkeypatch):
    monkeypatch.setattr(room, "_by_svd", lambda A: pytest.fail("the SVD was taken"))


@pytest.mark.parametrize("shape", SHAPES)
def test_random_matrices_against_mpmath(shape, no_svd):
    J = np.random.default_rng(sum(shape)).standard_normal(shape)
    found = assert_bounded(J)
    assert found.error < 1e-11 * found.values[-1]


@pytest.mark.parametrize("n", [2, 3, 4, 6, 9, 12])
@pytest.mark.parametrize("extra", [-1, 0, 3])
def test_hilbert_matrices_against_mpmath(n, extra):
    assert_bounded(hilbert(n, n + extra))


@pytest.mark.parametrize("smallest", [1e-1, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6, 1e-9, 1e-13])
@pytest.mark.parametrize("m", [4, 25])
def test_bound_on_either_side_of_the_change_to_the_svd(smallest, m):
    found = assert_bounded(with_singular_values([1.0, 0.7, 0.1, smallest], m))
    assert found.error < 1e-6 * max(smallest, 1e-7)


def test_the_svd_is_taken_only_where_squaring_costs_too_much(monkeypatch):
    calls = []
    by_svd = room._by_svd
    monkeypatch.setattr(room, "_by_svd", lambda A: calls.append(A) or by_svd(A))
    spectrum(np.diag([1.0, 1e-3]))
    assert len(calls) == 0
    assert spectrum(np.diag([1.0, 1e-7])).values[1] == pytest.approx(1e-7, abs=1e-14)
    assert len(calls) == 1


def test_large_side_is_never_squared(no_svd):
    """A square of the long side would need 80 GB."""
    row = np.full((1, 100_000), 3.0)
    expected = pytest.approx(3.0 * math.sqrt(100_000), rel=1e-14)
    assert spectrum(row).values[0] == expected
    assert spectrum(row.T).values[0] == expected
    assert TangentKernel(row, TOLERANCE).rank == 1


ENTRIES = st.one_of(st.just(0.0), st.floats(-1e3, 1e3), st.integers(-2, 2).map(float))


@st.composite
def matrices(draw):
    n, m = draw(st.integers(1, 4)), draw(st.integers(1, 5))
    flat = draw(st.lists(ENTRIES, min_size=n * m, max_size=n * m))
    return np.array(flat).reshape(n, m)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(matrices())
def test_any_small_matrix_against_mpmath(J):
    assert_bounded(J)


@settings(max_examples=100, deadline=None, derandomize=True)
@given(matrices(), st.integers(-900, 900))
def test_powers_of_two_change_the_exponent_only(J, exponent):
    J[np.abs(J) < 1e-10] = 0.0  # their multiples are to be exact
    plain, scaled = TangentKernel(J, TOLERANCE), TangentKernel(np.ldexp(J, exponent), TOLERANCE)
    np.testing.assert_array_equal(scaled.singular_values, np.ldexp(plain.singular_values, exponent))
    assert scaled.rank == plain.rank
    assert scaled.condition == plain.condition
    np.testing.assert_array_equal(scaled.null_space(), plain.null_space())


@settings(max_examples=150, deadline=None, derandomize=True)
@given(matrices())
def test_null_space_is_orthonormal_and_not_seen_by_any_row(J):
    kernel = TangentKernel(J, TOLERANCE)
    Z = kernel.null_space()
    assert Z.shape == (kernel.m, kernel.m - kernel.rank)
    np.testing.assert_allclose(Z.T @ Z, np.eye(Z.shape[1]), atol=1e-14)
    lengths = np.linalg.norm(J, axis=1)
    assert (np.abs(J @ Z) <= (2 * TOLERANCE) * lengths[:, None]).all()


@pytest.mark.parametrize("size", [1e-300, 1e-200, 1e200, 1e300])
@pytest.mark.parametrize("shape", SHAPES)
def test_huge_and_tiny_entries(size, shape):
    J = size * np.random.default_rng(3).standard_normal(shape)
    found = assert_bounded(J)
    assert 0.0 < found.error < 1e-10 * found.values[-1]
    kernel = TangentKernel(J, TOLERANCE)
    assert kernel.rank == min(shape)
    np.testing.assert_allclose(J / size @ kernel.null_space(), 0.0, atol=1e-14)


@pytest.mark.parametrize("exponent", [-1074, -1060, -1023])
def test_subnormal_entries(exponent):
    J = np.ldexp(np.array([[3.0, 0.0, 4.0], [0.0, 2.0, 0.0]]), exponent)
    assert_bounded(J)
    assert TangentKernel(J, TOLERANCE).rank == 2


def test_squares_out_of_range_are_zero_or_infinite():
    J = np.array([[3.0, 4.0], [4.0, -3.0]])
    size = 2.0**700
    huge, tiny = TangentKernel(J * size, TOLERANCE), TangentKernel(J / size, TOLERANCE)
    np.testing.assert_array_equal(huge.matrix, [[np.inf, 0.0], [0.0, np.inf]])
    np.testing.assert_array_equal(tiny.matrix, np.zeros((2, 2)))
    np.testing.assert_array_equal(huge.eigenvalues, [np.inf, np.inf])
    np.testing.assert_array_equal(tiny.eigenvalues, [0.0, 0.0])
    assert tiny.sigma_min == pytest.approx(5.0 / size, rel=1e-14)
    assert huge.condition == pytest.approx(1.0, rel=1e-14)
    assert (huge.rank, tiny.rank) == (2, 2)


def test_closed_form():
    """sigma^2 of [[1, 0, 1], [0, 1, 1]] are those of K = [[2, 1], [1, 2]]: 3 and 1."""
    kernel = TangentKernel([[1, 0, 1], [0, 1, 1]], TOLERANCE)
    assert (kernel.n, kernel.m, kernel.rank) == (2, 3, 2)
    np.testing.assert_array_equal(kernel.matrix, [[2.0, 1.0], [1.0, 2.0]])
    np.testing.assert_allclose(kernel.eigenvalues, [3.0, 1.0], rtol=1e-14)
    np.testing.assert_allclose(kernel.singular_values, [math.sqrt(3.0), 1.0], rtol=1e-14)
    assert kernel.sigma_max == pytest.approx(math.sqrt(3.0), rel=1e-14)
    assert kernel.sigma_min == pytest.approx(1.0, rel=1e-14)
    assert kernel.lambda_max == pytest.approx(3.0, rel=1e-14)
    assert kernel.lambda_min == pytest.approx(1.0, rel=1e-14)
    assert kernel.condition == pytest.approx(math.sqrt(3.0), rel=1e-14)
    direction = kernel.null_space()[:, 0] * math.sqrt(3.0)
    np.testing.assert_allclose(direction * np.sign(direction[0]), [1.0, 1.0, -1.0], rtol=1e-14)


@pytest.mark.parametrize("value", [-2.5, 1e-200, 7.0])
def test_one_by_one(value):
    kernel = TangentKernel([[value]], TOLERANCE)
    assert kernel.sigma_min == pytest.approx(abs(value), rel=1e-15)
    assert (kernel.rank, kernel.condition) == (1, 1.0)
    assert kernel.null_space().shape == (1, 0)


@pytest.mark.parametrize("shape", SHAPES)
def test_zero_matrix(shape):
    kernel = TangentKernel(np.zeros(shape), TOLERANCE)
    np.testing.assert_array_equal(kernel.singular_values, np.zeros(shape[0]))
    assert (kernel.rank, kernel.condition) == (0, math.inf)
    Z = kernel.null_space()
    np.testing.assert_allclose(Z.T @ Z, np.eye(shape[1]), atol=1e-15)


def test_more_equations_than_unknowns():
    kernel = TangentKernel([[3.0, 0.0], [0.0, 2.0], [4.0, 0.0]], TOLERANCE)
    np.testing.assert_allclose(kernel.singular_values, [5.0, 2.0, 0.0], rtol=1e-14)
    assert (kernel.sigma_min, kernel.lambda_min, kernel.condition) == (0.0, 0.0, math.inf)
    assert kernel.rank == 2
    assert kernel.matrix.shape == (3, 3)
    assert kernel.null_space().shape == (2, 0)


@pytest.mark.parametrize("factor", [1.0, -2.0, 1e-12, 1e150])
def test_repeated_equations(factor):
    rows = np.random.default_rng(4).standard_normal((3, 7))
    kernel = TangentKernel(np.vstack([rows, factor * rows[1]]), TOLERANCE)
    assert (kernel.rank, kernel.condition) == (3, math.inf)
    Z = kernel.null_space()
    assert Z.shape == (7, 4)
    np.testing.assert_allclose(rows @ Z, 0.0, atol=1e-14)


def test_row_of_zeros_is_one_rank_less():
    J = np.random.default_rng(5).standard_normal((3, 5))
    J[1] = 0.0
    assert TangentKernel(J, TOLERANCE).rank == 2


@pytest.mark.parametrize("scale", [1e-12, 1e-160, 1e-300])
def test_rank_does_not_depend_on_the_scale_of_rows(scale):
    J = np.random.default_rng(6).standard_normal((4, 6))
    kernel = TangentKernel(J * np.array([1.0, scale, 1.0, scale])[:, None], TOLERANCE)
    assert kernel.rank == 4
    np.testing.assert_allclose(J @ kernel.null_space(), 0.0, atol=1e-14)
    assert TangentKernel(J * scale**0.5, TOLERANCE).rank == 4


@pytest.mark.parametrize(("angle", "rank"), [(1e-3, 2), (1e-7, 2), (1e-9, 1), (0.0, 1)])
def test_rank_tolerance_is_the_sine_of_the_angle_between_rows(angle, rank):
    J = [[1.0, 0.0, 0.0], [1e5 * math.cos(angle), 0.0, 1e5 * math.sin(angle)]]
    assert TangentKernel(J, rank_tolerance=1e-8).rank == rank


@settings(max_examples=100, deadline=None, derandomize=True)
@given(matrices(), st.sampled_from([1e-14, 1e-6, 1e-2, 0.3]))
def test_rank_counts_the_diagonal_of_the_pivoted_triangle(J, rank_tolerance):
    """Also where the eigenvalues of K have answered in its place."""
    J = J[np.any(J, axis=1)]
    assume(J.size > 0)
    rows = J / np.abs(J).max(axis=1, keepdims=True)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    R = scipy.linalg.qr(rows.T, mode="r", pivoting=True)[0]
    diagonal = np.abs(R.diagonal())
    assume((np.abs(diagonal - rank_tolerance) > 1e-15).all())  # else rounding decides
    assert TangentKernel(J, rank_tolerance).rank == np.sum(diagonal > rank_tolerance)


def test_safe_kernel_answers_for_the_rank_without_factorisation(monkeypatch):
    monkeypatch.setattr(room, "qr", lambda A, **options: pytest.fail("factored"))
    J = np.random.default_rng(7).standard_normal((5, 9)) * np.geomspace(1.0, 1e-200, 5)[:, None]
    assert TangentKernel(J, TOLERANCE).rank == 5


def test_what_is_expensive_is_computed_once(monkeypatch):
    kernel = TangentKernel(hilbert(3, 5), TOLERANCE)
    first = (kernel.matrix, kernel.singular_values, kernel.rank, kernel.error)
    monkeypatch.setattr(room, "spectrum", lambda J: pytest.fail("computed again"))
    monkeypatch.setattr(room, "qr", lambda A, **options: pytest.fail("factored again"))
    assert kernel.matrix is first[0]
    assert kernel.singular_values is first[1]
    assert (kernel.rank, kernel.error) == first[2:]


def test_text_has_the_verdict_first():
    lines = repr(TangentKernel([[3.0, 0.0, 4.0], [0.0, 2.0, 0.0]], TOLERANCE)).splitlines()
    assert lines[0] == "rank 2 of 2: the equations are independent to first order"
    shown = dict(line.strip().split(": ") for line in lines[1:])
    assert shown["shape of J"] == "2 x 3"
    assert shown["sigma_max of J"] == "5"
    assert shown["sigma_min of J"].startswith("2 (rounding error at most ")
    assert (shown["lambda_max of K"], shown["lambda_min of K"]) == ("25", "4")
    assert shown["condition of J"] == "2.5"
    assert len({line.index(":") for line in lines[1:]}) == 1


def test_text_counts_the_dependent_equations():
    text = repr(TangentKernel(np.ones((3, 4)), TOLERANCE))
    assert text.startswith("rank 1 of 3: the equations are dependent (2 too many)")
    assert text.endswith("inf")


@pytest.mark.parametrize("J", [[[1.0, np.nan]], [[np.inf]], [1.0, 2.0], 3.0, np.ones((0, 3))])
def test_what_is_not_a_finite_matrix_is_refused(J):
    with pytest.raises(ValueError, match="J must be"):
        spectrum(J)
    with pytest.raises(ValueError, match="J must be"):
        TangentKernel(J, TOLERANCE)
