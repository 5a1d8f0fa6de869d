"""Is the lower bound of the smallest eigenvalue never above it, and often near?

Smallest eigenvalues are computed by mpmath with 60 digits, or known in closed form. The bound of
the error of Cholesky is compared with what this machine's LAPACK does, in rational arithmetic.
"""

import math
from fractions import Fraction

import mpmath
import numpy as np
import pytest

from nlsolve.intervals import (
    Interval,
    matmul,
    midpoint,
    radius,
    singular_value_upper,
    symmetric_eigenvalue_lower,
    symmetric_eigenvalue_upper,
)
from nlsolve.intervals import definite as module
from tests.intervals.test_matrices import exact

UNIT = 2.0**-53


def smallest(K):
    with mpmath.workdps(60):
        return min(mpmath.eigsy(mpmath.matrix(K.tolist()), eigvals_only=True))


def matrices(seed=41, count=80):
    """Gram matrices, well conditioned to singular, and indefinite ones, of several scales."""
    rng = np.random.default_rng(seed)
    for k in range(count):
        n = int(rng.integers(1, 9))
        J = rng.normal(size=(n, n + 2)) * 10.0 ** rng.uniform(-3, 3, (n, 1))
        if k % 3 == 1 and n > 1:
            J[-1] = J[0] + 10.0 ** -rng.uniform(5, 18) * rng.normal(size=n + 2)
        K = J @ J.T
        K = K + K.T if k % 5 else K + K.T - 1e-3 * np.trace(K) * np.eye(n)
        yield K * 10.0 ** rng.choice([-300.0, -150.0, 0.0, 0.0, 0.0, 150.0])


def test_the_largest_eigenvalue_is_not_exceeded_by_much():
    for K in matrices(count=40):
        with mpmath.workdps(60):
            largest = max(mpmath.eigsy(mpmath.matrix(K.tolist()), eigvals_only=True))
        found = symmetric_eigenvalue_upper(K)
        assert largest <= found <= largest * (1.0 + 1e-9) + 1e-300


def test_the_spread_of_a_matrix_is_in_its_largest_eigenvalue():
    K, spread = np.diag([1.0, 2.0, 3.0]), 0.1 * np.ones((3, 3))
    assert np.linalg.eigvalsh(K + spread)[-1] <= symmetric_eigenvalue_upper(K, spread)


@pytest.mark.parametrize("shape", [(1, 40), (40, 1), (7, 12), (12, 7), (1_600, 1_600)])
def test_the_largest_singular_value(shape):
    left, right = (np.cos(np.arange(size)) for size in shape)
    found = singular_value_upper(np.outer(left, right))  # of rank 1: |left| |right|
    true = np.linalg.norm(left) * np.linalg.norm(right)
    assert true * (1.0 - 1e-12) <= found <= true * 1.001


def check_lower(**words):
    for K in matrices(**words):
        bound, true = symmetric_eigenvalue_lower(K), smallest(K)
        assert bound == 0.0 or bound <= true
        if true > 100 * len(K) * UNIT * np.trace(K) and np.trace(K) > 1e-290:
            assert bound >= mpmath.mpf(0.9) * true


def test_never_above_the_smallest_eigenvalue():
    check_lower()


@pytest.mark.parametrize("n", [2, 3, 5, 8, 10, 12])
def test_hilbert_matrices(n):
    H = np.array([[1.0 / (i + j + 1) for j in range(n)] for i in range(n)])
    bound, true = symmetric_eigenvalue_lower(H), smallest(H)
    assert bound <= max(true, 0)
    assert bound >= 0.9 * true or n >= 10


@pytest.mark.parametrize("n", [1, 2, 20, 100, 300])
def test_second_differences(n):
    """Eigenvalues 2 - 2 cos(k pi/(n + 1)) = 4 sin^2(k pi/(2 (n + 1)))."""
    K = 2.0 * np.eye(n) - np.eye(n, k=1) - np.eye(n, k=-1)
    with mpmath.workdps(60):
        true = 4 * mpmath.sin(mpmath.pi / (2 * (n + 1))) ** 2
        assert true * (1 - mpmath.mpf(1e-6)) <= symmetric_eigenvalue_lower(K) <= true


@pytest.mark.parametrize("scale", [1.0, 1e-250, 1e-310, 5e-324, 1e140])
def test_singular_and_indefinite_matrices(scale):
    for K in (np.ones((2, 2)), np.zeros((3, 3)), np.diag([1.0, -1.0]), -np.eye(2)):
        assert symmetric_eigenvalue_lower(K * scale) == 0.0
    K = np.array([[1.0, 1.0], [1.0, np.nextafter(1.0, 2.0)]]) * scale
    assert symmetric_eigenvalue_lower(K) <= max(smallest(K), 0)


def test_what_is_not_finite_proves_nothing():
    for bad in (math.nan, math.inf):
        assert symmetric_eigenvalue_lower(np.array([[bad, 0.0], [0.0, 1.0]])) == 0.0
        assert symmetric_eigenvalue_lower(np.eye(2), np.full((2, 2), bad)) == 0.0
    assert symmetric_eigenvalue_lower(np.zeros((0, 0))) == 0.0


def test_with_radii_every_matrix_meant_is_covered():
    rng = np.random.default_rng(42)
    for k in range(40):
        n = int(rng.integers(1, 7))
        J = rng.normal(size=(n, n + 1))
        K, K_r = J @ J.T, np.abs(rng.normal(size=(n, n))) * 10.0 ** -rng.uniform(1, 9)
        bound = symmetric_eigenvalue_lower(K, K_r)
        for _ in range(4):
            signs = rng.choice([-1.0, 1.0], (n, n)) if k % 2 else -np.ones((n, n))
            lower = np.tril(K + (1.0 - 1e-15) * signs * K_r)
            assert bound == 0.0 or bound <= smallest(lower + np.tril(lower, -1).T)
    assert symmetric_eigenvalue_lower(np.eye(3), 0.25 * np.eye(3)) == pytest.approx(0.75, abs=1e-12)
    assert symmetric_eigenvalue_lower(np.eye(3), 1.1 * np.eye(3)) == 0.0


def test_only_the_lower_triangle_is_read():
    K = np.array([[2.0, 1e9], [1.0, 2.0]])
    assert symmetric_eigenvalue_lower(K, np.array([[0.0, 1e9], [0.0, 0.0]])) == pytest.approx(1.0)


def test_the_kernel_of_an_enclosed_jacobian():
    rng = np.random.default_rng(43)
    J = rng.normal(size=(6, 9))
    K = matmul(Interval(J - 1e-9, J + 1e-9), Interval(J - 1e-9, J + 1e-9).T)
    middle = midpoint(K)
    bound = symmetric_eigenvalue_lower(middle, radius(K, middle))
    for sign in (-1.0, 0.0, 1.0):
        moved = J + sign * 1e-9 * rng.uniform(-1, 1, J.shape)
        with mpmath.workdps(60):
            exact_J = mpmath.matrix(moved.tolist())
            assert bound <= min(mpmath.eigsy(exact_J * exact_J.T, eigvals_only=True))
    assert bound >= 0.999 * np.linalg.svd(J)[1][-1] ** 2


def test_cholesky_of_this_machine_keeps_the_derived_bound():
    """|E_ij| <= gamma/(1 - gamma) sqrt(b_ii b_jj) + 2 eta (n + 1 + max b), E = R^T R - B."""
    rng = np.random.default_rng(44)
    worst = 0.0
    for n, scale in ((3, 1.0), (12, 1e-3), (40, 1e5), (12, 1e-300), (6, 1e-319)):
        J = rng.normal(size=(n, n + 3)) * 10.0 ** rng.uniform(-3, 3, (n, 1))
        B = J @ J.T * scale
        B = (B + B.T) / 2.0 + np.diag(1e-12 * np.diagonal(B) + 50 * 5e-324)
        try:
            L = exact(np.linalg.cholesky(B))
        except np.linalg.LinAlgError:
            assert scale < 1e-310
            continue
        E = np.abs(np.dot(L, L.T) - exact(B))
        small = Fraction(4 * (n + 1 + float(B.max())) * 5e-324)
        for i in range(n):
            for j in range(n):
                size = Fraction((n + 4) * UNIT) ** 2 * Fraction(B[i, i]) * Fraction(B[j, j])
                rest = max(Fraction(E[i, j]) - small, 0)
                assert rest**2 <= size
                if scale > 1e-200:
                    worst = max(worst, float(E[i, j]) / math.sqrt(B[i, i] * B[j, j]) / UNIT)
    assert worst > 0.5, "rounding must have happened"


def rank_one(count=600):
    """Gram matrices of rank one, rounded: the smallest eigenvalue is a little below or above 0."""
    rng = np.random.default_rng(45)
    for _ in range(count):
        v = rng.normal(size=int(rng.integers(2, 5)))
        yield np.outer(v, v)


def check_shift_zero():
    """Where Cholesky runs to the end, lambda_min is at least what that proves."""
    ran = 0
    for K in rank_one():
        proved = module._proved(K, 0.0)
        ran += proved > -math.inf
        assert proved <= smallest(K)
    assert ran > 20


def test_success_of_cholesky_is_worth_what_is_derived():
    check_shift_zero()


def test_success_of_cholesky_alone_fails_the_check(monkeypatch):
    monkeypatch.setattr(module, "_error", lambda _: 0.0)
    with pytest.raises(AssertionError):
        check_shift_zero()


def test_the_eigensolvers_value_fails_the_check(monkeypatch):
    monkeypatch.setitem(
        globals(), "symmetric_eigenvalue_lower", lambda K: max(float(np.linalg.eigvalsh(K)[0]), 0.0)
    )
    with pytest.raises(AssertionError):
        check_lower()


def test_a_wrong_value_of_the_eigensolver_does_no_harm(monkeypatch):
    truly = module._approximately
    for wrong in (2.0, 1.0 + 1e-9, 0.5):
        monkeypatch.setattr(module, "_approximately", lambda K, wrong=wrong: wrong * truly(K))
        for K in matrices(count=30):
            bound = symmetric_eigenvalue_lower(K)
            assert bound == 0.0 or bound <= smallest(K)
