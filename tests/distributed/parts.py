"""Blocks for the tests of this folder, and the same systems in one piece, written independently."""

import numpy as np

import nlsolve

N, M, P = 6, 40, 4  # equations, unknowns of a block, blocks
TARGET = 0.4 * np.sin(np.arange(N))


def matrix(p):
    return np.random.default_rng(p).standard_normal((N, M)) / 4.0


def bent(A):
    """z + sin(z) / 2, z = A w."""
    return nlsolve.System(
        lambda w: A @ w + 0.5 * np.sin(A @ w),
        jac=lambda w: (1.0 + 0.5 * np.cos(A @ w))[:, None] * A,
    )


def columns_part(p):
    """F_p(w_p) = A_p w_p + sin(A_p w_p) / 2."""
    A = matrix(p)
    return bent(A), np.full(M, 0.1 * p)


START = np.repeat(0.1 * np.arange(P), M)


def whole_columns(w):
    found = np.zeros(N)
    for p, part in enumerate(w.reshape(P, M)):
        found = found + matrix(p) @ part + 0.5 * np.sin(matrix(p) @ part)
    return found


def whole_jacobian(w):
    parts = enumerate(w.reshape(P, M))
    return np.hstack([(1.0 + 0.5 * np.cos(matrix(p) @ v))[:, None] * matrix(p) for p, v in parts])


def rows_part(p):
    """p + 1 equations in all unknowns."""
    A = rows_matrix(p)
    return bent(A)


def rows_matrix(p):
    return np.random.default_rng(p).standard_normal((p + 1, M)) / 4.0


STACKED = np.vstack([rows_matrix(p) for p in range(P)])


def whole_rows(w):
    return STACKED @ w + 0.5 * np.sin(STACKED @ w)


def whole_rows_jacobian(w):
    return (1.0 + 0.5 * np.cos(STACKED @ w))[:, None] * STACKED


METHODS = [
    ("auto", {}),
    ("gauss-newton", {}),
    ("gauss-newton", {"damping": "adaptive"}),
    ("levenberg-marquardt", {}),
    ("dogleg", {}),
    ("gd", {}),
    ("gd", {"step": 0.05}),
    ("gd", {"momentum": "nesterov"}),
    ("sgd", {"batch": 2, "rng": 3}),
    ("block-kaczmarz", {"batch": 2, "rng": 3}),
]


def assert_same(found, expected):
    """Same steps, same points."""
    assert found.status == expected.status
    assert found.nit == expected.nit
    assert found.stages == expected.stages
    np.testing.assert_allclose(np.asarray(found.w), expected.w, rtol=0.0, atol=1e-10)
    table = found.history.table[:, :4]
    np.testing.assert_allclose(table, expected.history.table[:, :4], rtol=1e-6, atol=1e-10)
