"""Do products, sums and norms contain what rational arithmetic finds?"""

import math
from fractions import Fraction

import mpmath
import numpy as np
import pytest

from nlsolve.intervals import (
    EnclosureError,
    Interval,
    matmul,
    matrices,
    norm_lower,
    norm_upper,
    perron_upper,
    spectral_upper,
    total,
)
from tests.intervals.truth import LARGEST, SMALLEST, doubles, lies_in

INF = math.inf


def exact(A):
    return np.array([Fraction(x) for x in np.ravel(A).tolist()], dtype=object).reshape(np.shape(A))


def ordinary(rng, n, m):
    return rng.normal(size=(n, m))


def cancelling(rng, n, m):
    """Rows whose products with columns of ones nearly vanish."""
    half = rng.normal(size=(n, (m + 1) // 2)) * 10.0 ** rng.uniform(0, 16, (n, 1))
    return np.concatenate([half, -half * (1.0 + 2.0**-50)], axis=1)[:, :m]


def mixed(rng, n, m):
    return rng.normal(size=(n, m)) * 10.0 ** rng.uniform(-150.0, 150.0, (n, m))


def subnormal(rng, n, m):
    return rng.normal(size=(n, m)) * 10.0 ** rng.uniform(-200.0, -120.0, (n, m))


def integers(rng, n, m):
    return rng.integers(-9, 9, (n, m)).astype(float)


def halves(rng, n, m):
    """Products that lie between doubles."""
    return 1.0 + 2.0**-30 * rng.integers(0, 2**20, (n, m)) + 2.0**-52


KINDS = [ordinary, cancelling, mixed, subnormal, integers, halves]
SHAPES = [(4, 7, 3), (1, 1, 1), (3, 40, 2), (9, 5, 9), (2, 0, 3)]


def check_product(kind, other, seed=31, shapes=SHAPES):
    rng = np.random.default_rng(seed)
    for n, k, m in shapes:
        A, B = kind(rng, n, k), other(rng, k, m)
        C, true = matmul(A, B), np.dot(exact(A), exact(B))
        assert C.shape == (n, m)
        for i in range(n):
            for j in range(m):
                assert lies_in(Fraction(true[i, j]), C.lo[i, j], C.hi[i, j])


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("other", KINDS)
def test_products_of_doubles(kind, other):
    check_product(kind, other)


@pytest.mark.parametrize("kind", KINDS)
def test_products_of_intervals(kind):
    """At corners of both factors, and inside."""
    rng = np.random.default_rng(32)
    for n, k, m in SHAPES[:4]:
        A, B = kind(rng, n, k), kind(rng, k, m)
        spreads = [np.abs(M) * 10.0 ** rng.uniform(-17, 1, M.shape) for M in (A, B)]
        X, Y = (Interval(M - s, M + s) for M, s in zip((A, B), spreads, strict=True))
        products = [matmul(X, Y), matmul(X, B), matmul(A, Y)]
        for _ in range(4):
            P, Q = (np.where(rng.random(Z.shape) < 0.5, Z.lo, Z.hi) for Z in (X, Y))
            members = [(P, Q), (P, B), (A, Q)]
            for C, (left, right) in zip(products, members, strict=True):
                true = np.dot(exact(left), exact(right))
                ends = zip(true.ravel(), C.lo.ravel(), C.hi.ravel(), strict=True)
                assert all(lies_in(Fraction(t), lo, hi) for t, lo, hi in ends)


def test_long_products():
    rng = np.random.default_rng(33)
    A, B = cancelling(rng, 2, 6000), np.ones((6000, 1))
    true, C = np.dot(exact(A), exact(B)), matmul(A, B)
    assert all(
        lies_in(Fraction(t), lo, hi) for t, lo, hi in zip(true[:, 0], C.lo, C.hi, strict=True)
    )


def test_products_are_narrow():
    rng = np.random.default_rng(34)
    A, B = rng.normal(size=(20, 50)), rng.normal(size=(50, 30))
    C = matmul(A, B)
    assert (C.hi - C.lo <= 2.1 * 53 * 2.0**-53 * (abs(A) @ abs(B))).all()
    X = Interval(A - 1e-6, A + 1e-6)
    spread = 1e-6 * np.abs(B).sum(axis=0)
    assert (matmul(X, B).hi - matmul(X, B).lo <= 2.0 * spread * (1.0 + 1e-6)).all()


def test_products_of_vectors_and_matrices():
    rng = np.random.default_rng(35)
    A, v = rng.normal(size=(3, 4)), rng.normal(size=4)
    assert matmul(A, v).shape == (3,)
    assert matmul(v, A.T).shape == (3,)
    dot = matmul(v, v)
    assert type(dot.lo) is float
    assert lies_in(sum(Fraction(x) ** 2 for x in v.tolist()), dot.lo, dot.hi)
    assert matmul(np.stack([A, A]), v).shape == (2, 3)


def test_products_that_overflow_have_no_end():
    A = np.array([[1e200, 1e200], [1.0, 1.0]])
    C = matmul(A, np.array([[1e200, 1.0], [-1e200, 1.0]]))
    assert (C.lo[0, 0], C.hi[0, 0]) == (-INF, INF)
    assert np.isfinite([C.lo[1, 1], C.hi[1, 1]]).all()
    D = matmul(Interval([[-INF, 0.0]], [[INF, 0.0]]), np.eye(2))
    assert not np.isnan([D.lo, D.hi]).any()
    assert (D.lo[0, 0], D.hi[0, 0]) == (-INF, INF)


def test_sums():
    rng = np.random.default_rng(36)
    for count in (0, 1, 2, 500):
        x = np.array([*doubles(rng, count, 1e-3), *cancelling(rng, 1, count)[0]])
        s = total(Interval(x, x + np.abs(x)))
        assert lies_in(sum(map(Fraction, x.tolist())), s.lo, s.hi)
        assert lies_in(sum(map(Fraction, (x + np.abs(x)).tolist())), s.lo, s.hi)
    rows = total(Interval(np.ones((3, 5))), axis=1)
    assert rows.shape == (3,)
    assert (rows.lo <= 5.0).all()
    assert (rows.hi - rows.lo <= 1e-14).all()
    assert total(Interval(np.array([LARGEST, LARGEST]))).hi == INF
    assert total(Interval([-INF, 1.0], [1.0, 2.0])).hi >= 3.0


@pytest.mark.parametrize("kind", [*KINDS, lambda rng, n, m: rng.normal(size=(n, m)) * SMALLEST * 9])
def test_frobenius_norms(kind):
    rng = np.random.default_rng(37)
    for n, m in ((3, 4), (1, 1), (30, 30)):
        A = kind(rng, n, m)
        with mpmath.workdps(60):
            true = mpmath.sqrt(sum(mpmath.mpf(x) ** 2 for x in A.ravel().tolist()))
            assert norm_lower(A) <= true <= norm_upper(A)
            spare = mpmath.mpf(1e-12) * true + 4 * m * n * SMALLEST
            assert norm_upper(A) - norm_lower(A) <= spare


def test_norms_of_intervals():
    x = Interval([-3.0, 3.0], [1.0, 4.0])
    assert 5.0 <= norm_upper(x) <= 5.0 + 1e-14
    assert 3.0 - 1e-14 <= norm_lower(x) <= 3.0
    assert (
        norm_upper(np.zeros((2, 3)))
        == norm_lower(np.zeros(3))
        == spectral_upper(np.zeros(2 * [2]))
        == 0.0
    )
    assert norm_upper(Interval([0.0], [INF])) == spectral_upper(Interval([[0.0]], [[INF]])) == INF
    assert 3e307 <= norm_upper(np.full(9, 1e307)) <= 3.00001e307
    assert (
        norm_upper(np.zeros(0))
        == spectral_upper(np.zeros((0, 3)))
        == perron_upper(np.zeros((0, 0)))
    )


def largest_eigenvalue(T):
    """Of a symmetric matrix of rationals, with 60 digits."""
    entries = [[mpmath.mpf(x.numerator) / x.denominator for x in row] for row in T.tolist()]
    return max(mpmath.eigsy(mpmath.matrix(entries), eigvals_only=True))


BLOCKS = [
    np.diag([1.0, 2.0, 3.0]),
    np.array([[0.0, 1.0], [0.0, 0.0]]),
    np.block([[np.ones((2, 2)), np.zeros((2, 2))], [np.zeros((2, 2)), 3 * np.ones((2, 2))]]),
    np.eye(3)[:, :2],
    np.array([[1e-200, 2e-200]]),
    np.array([[1e200], [1e199]]),
    np.ones((4, 3)),
    np.array([[1.0, SMALLEST], [1e-30, 1e-8]]),
]


def check_spectral(seed=38):
    rng = np.random.default_rng(seed)
    found = [
        rng.normal(size=tuple(rng.integers(1, 6, 2))) * 10.0 ** rng.integers(-9, 9)
        for _ in range(60)
    ]
    for M in [*found, *BLOCKS]:
        for signs in (M, np.abs(M)):
            T = np.dot(exact(signs).T, exact(signs))
            with mpmath.workdps(60):
                true = mpmath.sqrt(largest_eigenvalue(T))
                assert spectral_upper(M) >= true
                if (signs >= 0.0).all():
                    assert spectral_upper(M) <= true * (1 + mpmath.mpf(1e-2))


def test_spectral_norms():
    check_spectral()


def test_perron_bounds():
    rng = np.random.default_rng(39)
    for _ in range(40):
        n = int(rng.integers(1, 7))
        T = np.abs(rng.normal(size=(n, n))) * (rng.random((n, n)) < 0.7)
        T = T + T.T
        with mpmath.workdps(60):
            assert largest_eigenvalue(exact(T)) <= perron_upper(T)
        assert perron_upper(T) <= np.linalg.norm(T, 2) * 1.02


def test_sums_that_are_too_long_are_refused():
    with pytest.raises(EnclosureError, match="longer than the bounds"):
        matrices._covered(2**26 + 1)


@pytest.mark.parametrize("kind", [ordinary, halves, subnormal])
def test_without_the_bound_of_rounding_the_check_fails(kind, monkeypatch):
    monkeypatch.setattr(matrices, "raised", lambda x: x)
    monkeypatch.setattr(matrices, "_rounding", lambda _: 0.0)
    monkeypatch.setattr(matrices, "SUBNORMAL", 0.0)
    monkeypatch.setattr(np, "nextafter", lambda x, _: x)
    with pytest.raises(AssertionError):
        check_product(kind, kind)


def test_the_eigensolvers_norm_fails_the_check(monkeypatch):
    module = {"spectral_upper": lambda M: float(np.linalg.norm(np.abs(M), 2))}
    monkeypatch.setitem(globals(), "spectral_upper", module["spectral_upper"])
    with pytest.raises(AssertionError):
        check_spectral()
