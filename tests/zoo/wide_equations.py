"""Which wide systems extend classical test functions or interpolate?"""

import numpy as np

from tests.zoo.problem import Problem, entry

BROYDEN = "MGH 30 and 31 with free ends: no boundary terms, so n rows see more than n unknowns"
GAUSS = "Gauss-Legendre nodes and weights (numpy.polynomial.legendre.leggauss)"


def free_broyden_tridiagonal(w):
    """Row i sees w[i], w[i+1], w[i+2]; the constants -sqrt(1/2) and sqrt(1/2) are roots."""
    n = w.size - 2
    out = np.empty(n, w.dtype)
    for i in range(n):
        out[i] = (3.0 - 2.0 * w[i + 1]) * w[i + 1] - w[i] - 2.0 * w[i + 2] + 1.0
    return out


def free_broyden_tridiagonal_jac(w):
    n = w.size - 2
    J = np.zeros((n, n + 2))
    for i in range(n):
        J[i, i] = -1.0
        J[i, i + 1] = 3.0 - 4.0 * w[i + 1]
        J[i, i + 2] = -2.0
    return J


def free_broyden_banded(w):
    """Row i sees w[i] to w[i+6]; the constant 1/5 is a root of 5x^3 - 6x^2 - 4x + 1."""
    n = w.size - 6
    out = np.empty(n, w.dtype)
    for i in range(n):
        out[i] = w[i + 5] * (2.0 + 5.0 * w[i + 5] ** 2) + 1.0
        for j in range(i, i + 7):
            if j != i + 5:
                out[i] -= w[j] * (1.0 + w[j])
    return out


def free_broyden_banded_jac(w):
    n = w.size - 6
    J = np.zeros((n, n + 6))
    for i in range(n):
        for j in range(i, i + 7):
            J[i, j] = -1.0 - 2.0 * w[j]
        J[i, i + 5] = 2.0 + 15.0 * w[i + 5] ** 2
    return J


def exponential_sum(w):
    """a1 e^(-b1 t) + a2 e^(-b2 t) + a3 e^(-b3 t) through four values; w = (a, b)."""
    out = np.empty(4, w.dtype)
    for i in range(4):
        t = 0.5 * i
        out[i] = -np.exp(-t) - 2.0 * np.exp(-0.5 * t) + np.exp(-2.0 * t)
        for k in range(3):
            out[i] += w[k] * np.exp(-w[k + 3] * t)
    return out


def exponential_sum_jac(w):
    J = np.empty((4, 6))
    for i in range(4):
        t = 0.5 * i
        for k in range(3):
            J[i, k] = np.exp(-w[k + 3] * t)
            J[i, k + 3] = -t * w[k] * J[i, k]
    return J


def exponential_chain(w):
    n = w.size - 2
    out = np.empty(n, w.dtype)
    for i in range(n):
        out[i] = np.exp(w[i]) - 1.0 - w[i + 1] + w[i + 2] ** 2
    return out


def exponential_chain_jac(w):
    n = w.size - 2
    J = np.zeros((n, n + 2))
    for i in range(n):
        J[i, i] = np.exp(w[i])
        J[i, i + 1] = -1.0
        J[i, i + 2] = 2.0 * w[i + 2]
    return J


def wide_trigonometric(w):
    """The trigonometric function of MGH without its last four rows."""
    m = w.size
    out = np.empty(m - 4, w.dtype)
    missing = m - np.cos(w).sum()
    for i in range(m - 4):
        out[i] = missing + (i + 1) * (1.0 - np.cos(w[i])) - np.sin(w[i])
    return out


def wide_trigonometric_jac(w):
    m = w.size
    J = np.empty((m - 4, m))
    for i in range(m - 4):
        for j in range(m):
            J[i, j] = np.sin(w[j])
        J[i, i] += (i + 1) * np.sin(w[i]) - np.cos(w[i])
    return J


def wide_brown_almost_linear(w):
    m = w.size
    n = m - 4
    total = w[0] - (m + 1.0)
    product = 1.0 * w[0]
    for j in range(1, m):
        total += w[j]
        product *= w[j]
    out = w[:n] + total
    out[n - 1] = product - 1.0
    return out


def wide_brown_almost_linear_jac(w):
    m = w.size
    n = m - 4
    J = np.ones((n, m))
    for i in range(n - 1):
        J[i, i] = 2.0
    for k in range(m):
        for j in range(m):
            if j != k:
                J[n - 1, k] *= w[j]
    return J


def rosenbrock_valley(w):
    out = np.empty(w.size - 1, w.dtype)
    for i in range(w.size - 1):
        out[i] = 10.0 * (w[i + 1] - w[i] ** 2)
    return out


def rosenbrock_valley_jac(w):
    J = np.zeros((w.size - 1, w.size))
    for i in range(w.size - 1):
        J[i, i] = -20.0 * w[i]
        J[i, i + 1] = 10.0
    return J


def wide_freudenstein_roth(w):
    return np.array(
        [
            w[0] - 13.0 + ((5.0 - w[1]) * w[1] - 2.0) * w[1] + w[2],
            w[0] - 29.0 + ((w[1] + 1.0) * w[1] - 14.0) * w[1] - w[2],
        ]
    )


def wide_freudenstein_roth_jac(w):
    return np.array(
        [
            [1.0, (10.0 - 3.0 * w[1]) * w[1] - 2.0, 1.0],
            [1.0, (3.0 * w[1] + 2.0) * w[1] - 14.0, -1.0],
        ]
    )


def moments(n):
    """A quadrature rule (nodes, then weights) that is exact for 1, x, ..., x^(n-1) on [-1, 1]."""

    def F(w):
        k = w.size // 2
        out = np.zeros(n, w.dtype)
        for i in range(n):
            for j in range(k):
                out[i] += w[k + j] * w[j] ** i
            if i % 2 == 0:
                out[i] -= 2.0 / (i + 1.0)
        return out

    def jac(w):
        k = w.size // 2
        J = np.zeros((n, 2 * k))
        for i in range(n):
            for j in range(k):
                J[i, k + j] = w[j] ** i
                if i > 0:
                    J[i, j] = i * w[k + j] * w[j] ** (i - 1)
        return J

    return F, jac


def equispaced_rule(k: int) -> list[float]:
    return [*np.linspace(-0.9, 0.9, k), *[2.0 / k] * k]


def padded_gauss(k: int, extra: int) -> list[float]:
    """The k-point Gauss rule and some nodes at 0 of weight 0."""
    nodes, weights = np.polynomial.legendre.leggauss(k)
    return [*nodes, *[0.0] * extra, *weights, *[0.0] * extra]


moments_6, moments_6_jac = moments(6)
moments_12, moments_12_jac = moments(12)

WIDE_EQUATIONS: list[Problem] = [
    entry(
        "free Broyden tridiagonal",
        free_broyden_tridiagonal,
        free_broyden_tridiagonal_jac,
        [-1.0] * 12,
        BROYDEN,
        [-np.sqrt(0.5)] * 12,
    ),
    entry(
        "free Broyden banded",
        free_broyden_banded,
        free_broyden_banded_jac,
        [-1.0] * 26,
        BROYDEN,
        [0.2] * 26,
    ),
    entry(
        "exponential sum through four values",
        exponential_sum,
        exponential_sum_jac,
        [1.0, 1.0, 1.0, 2.0, 1.0, 0.1],
        "R. Prony (1795); Biggs EXP6 with fewer points than parameters",
        [1.0, 2.0, -1.0, 1.0, 0.5, 2.0],
    ),
    entry(
        "exponential chain",
        exponential_chain,
        exponential_chain_jac,
        [1.0] * 12,
        "constructed: exp(x) - 1 at the root 0",
        [0.0] * 12,
    ),
    entry(
        "wide trigonometric",
        wide_trigonometric,
        wide_trigonometric_jac,
        [1.0 / 12.0] * 12,
        "MGH 26 with four rows left out",
        [0.0] * 12,
    ),
    entry(
        "wide Brown almost linear",
        wide_brown_almost_linear,
        wide_brown_almost_linear_jac,
        [0.5] * 10,
        "MGH 27 with four linear rows left out",
        [1.0] * 10,
    ),
    entry(
        "Rosenbrock valley",
        rosenbrock_valley,
        rosenbrock_valley_jac,
        [-1.2, 1.0] * 5,
        "MGH 21 chained, without the rows 1 - x",
        [1.0] * 10,
    ),
    entry(
        "wide Freudenstein-Roth",
        wide_freudenstein_roth,
        wide_freudenstein_roth_jac,
        [0.5, -2.0, 0.0],
        "MGH 2 with a slack of opposite signs",
        [5.0, 4.0, 0.0],
    ),
    entry(
        "quadrature rule, 6 moments",
        moments_6,
        moments_6_jac,
        equispaced_rule(5),
        GAUSS,
        padded_gauss(3, 2),
    ),
    entry(
        "quadrature rule, 12 moments",
        moments_12,
        moments_12_jac,
        equispaced_rule(9),
        GAUSS,
        padded_gauss(6, 3),
    ),
]
