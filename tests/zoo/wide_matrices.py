"""Which wide systems have the entries of matrices as unknowns?"""

import numpy as np

from tests.zoo.problem import Problem, entry

FACTORS = "matrix factorisation with the entries as unknowns"
STIEFEL = "A. Edelman, T. Arias, S. Smith, SIAM J. Matrix Anal. 20 (1998) 303-353"


def gram_factor(w):
    """X X^T = A for X of size 3 x 4, upper triangle; A = L L^T, L = (2; 1 2; 1 1 1)."""
    A = np.array([[4.0, 2.0, 2.0], [2.0, 5.0, 3.0], [2.0, 3.0, 3.0]])
    out = np.zeros(6, w.dtype)
    row = 0
    for i in range(3):
        for j in range(i, 3):
            out[row] = -A[i, j]
            for k in range(4):
                out[row] += w[4 * i + k] * w[4 * j + k]
            row += 1
    return out


def gram_factor_jac(w):
    J = np.zeros((6, 12))
    row = 0
    for i in range(3):
        for j in range(i, 3):
            for k in range(4):
                J[row, 4 * i + k] += w[4 * j + k]
                J[row, 4 * j + k] += w[4 * i + k]
            row += 1
    return J


def product_factors(p):
    """X Y = A, X of size 3 x p, Y of size p x 3, A = (1 2 3; 2 1 0; 3 3 3) of rank two.

    With p = 2 the nine rows have rank eight everywhere, the dimension of the matrices of rank two.
    """

    def F(w):
        A = np.array([[1.0, 2.0, 3.0], [2.0, 1.0, 0.0], [3.0, 3.0, 3.0]])
        out = np.zeros(9, w.dtype)
        for i in range(3):
            for j in range(3):
                out[3 * i + j] = -A[i, j]
                for k in range(p):
                    out[3 * i + j] += w[p * i + k] * w[3 * p + 3 * k + j]
        return out

    def jac(w):
        J = np.zeros((9, 6 * p))
        for i in range(3):
            for j in range(3):
                for k in range(p):
                    J[3 * i + j, p * i + k] = w[3 * p + 3 * k + j]
                    J[3 * i + j, 3 * p + 3 * k + j] = w[p * i + k]
        return J

    return F, jac


def orthonormal_columns(p, q):
    """X^T X = I for a p x q matrix X, the upper triangle row by row: the Stiefel manifold."""

    def F(w):
        out = np.zeros(q * (q + 1) // 2, w.dtype)
        row = 0
        for i in range(q):
            out[row] = -1.0
            for j in range(i, q):
                for k in range(p):
                    out[row] += w[q * k + i] * w[q * k + j]
                row += 1
        return out

    def jac(w):
        J = np.zeros((q * (q + 1) // 2, p * q))
        row = 0
        for i in range(q):
            for j in range(i, q):
                for k in range(p):
                    J[row, q * k + i] += w[q * k + j]
                    J[row, q * k + j] += w[q * k + i]
                row += 1
        return J

    return F, jac


def eigenpair(w):
    """A x = s x, |x| = 1 with A tridiagonal (-1, 2 + t i, -1), i = 0..4; w = (x, s, t)."""
    out = np.empty(6, w.dtype)
    out[5] = -1.0
    for i in range(5):
        out[i] = (2.0 + w[6] * i - w[5]) * w[i]
        out[5] += w[i] ** 2
        if i > 0:
            out[i] -= w[i - 1]
        if i < 4:
            out[i] -= w[i + 1]
    return out


def eigenpair_jac(w):
    J = np.zeros((6, 7))
    for i in range(5):
        J[i, i] = 2.0 + w[6] * i - w[5]
        J[i, 5] = -w[i]
        J[i, 6] = i * w[i]
        J[5, i] = 2.0 * w[i]
        if i > 0:
            J[i, i - 1] = -1.0
            J[i - 1, i] = -1.0
    return J


def hilbert_like(p: int, q: int) -> list[float]:
    """A full-rank start far from orthonormal columns."""
    return [1.0 / (i + j + 1.0) + (i == j) for i in range(p) for j in range(q)]


stiefel_5_3, stiefel_5_3_jac = orthonormal_columns(5, 3)
stiefel_10_4, stiefel_10_4_jac = orthonormal_columns(10, 4)
square_product, square_product_jac = product_factors(3)
low_rank, low_rank_jac = product_factors(2)
SINE = [np.sin(np.pi * k / 6.0) / np.sqrt(3.0) for k in range(1, 6)]
A = [1.0, 2.0, 3.0, 2.0, 1.0, 0.0, 3.0, 3.0, 3.0]

WIDE_MATRICES: list[Problem] = [
    entry(
        "Gram factor",
        gram_factor,
        gram_factor_jac,
        hilbert_like(3, 4),
        FACTORS,
        [2.0, 0.0, 0.0, 0.0, 1.0, 2.0, 0.0, 0.0, 1.0, 1.0, 1.0, 0.0],
    ),
    entry(
        "product of two square matrices",
        square_product,
        square_product_jac,
        hilbert_like(3, 3) * 2,
        FACTORS,
        [*np.eye(3).ravel(), *A],
    ),
    entry(
        "low-rank product",
        low_rank,
        low_rank_jac,
        hilbert_like(3, 2) + hilbert_like(2, 3),
        FACTORS + "; one row too many everywhere",
        [1.0, 0.0, 0.0, 1.0, 1.0, 1.0, *A[:6]],
    ),
    entry(
        "orthonormal columns 5 x 3",
        stiefel_5_3,
        stiefel_5_3_jac,
        hilbert_like(5, 3),
        STIEFEL,
        np.eye(5, 3),
    ),
    entry(
        "orthonormal columns 10 x 4",
        stiefel_10_4,
        stiefel_10_4_jac,
        hilbert_like(10, 4),
        STIEFEL,
        np.eye(10, 4),
    ),
    entry(
        "eigenpair of a pencil",
        eigenpair,
        eigenpair_jac,
        [0.5, 0.5, 0.5, 0.5, 0.5, 0.0, 0.5],
        "eigenvalues of the second difference: 2 - 2 cos(k pi / 6)",
        [*SINE, 2.0 - np.sqrt(3.0), 0.0],
    ),
]
