"""Which square systems of fixed size do the standard collections share?

Formulas only, with their Jacobians; standard.py and mgh.py say where they are started.
Sources: J. J. More, B. S. Garbow, K. E. Hillstrom, Testing unconstrained optimization software,
ACM TOMS 7 (1981) 17-41 (MGH below), and J. Burkardt, TEST_NONLIN (2003-2020).
"""

import numpy as np


def powell_singular(w):
    return np.array(
        [
            w[0] + 10.0 * w[1],
            np.sqrt(5.0) * (w[2] - w[3]),
            (w[1] - 2.0 * w[2]) ** 2,
            np.sqrt(10.0) * (w[0] - w[3]) ** 2,
        ]
    )


def powell_singular_jac(w):
    inner = 2.0 * (w[1] - 2.0 * w[2])
    outer = 2.0 * np.sqrt(10.0) * (w[0] - w[3])
    root = np.sqrt(5.0)
    return np.array(
        [
            [1.0, 10.0, 0.0, 0.0],
            [0.0, 0.0, root, -root],
            [0.0, inner, -2.0 * inner, 0.0],
            [outer, 0.0, 0.0, -outer],
        ]
    )


def powell_badly_scaled(w):
    return np.array([1e4 * w[0] * w[1] - 1.0, np.exp(-w[0]) + np.exp(-w[1]) - 1.0001])


def powell_badly_scaled_jac(w):
    return np.array([[1e4 * w[1], 1e4 * w[0]], [-np.exp(-w[0]), -np.exp(-w[1])]])


def wood_gradient(w):
    """The gradient of Wood's function, rows 1 and 3 halved, as in MINPACK's tests."""
    first = w[1] - w[0] ** 2
    second = w[3] - w[2] ** 2
    return np.array(
        [
            -200.0 * w[0] * first - (1.0 - w[0]),
            200.0 * first + 20.2 * (w[1] - 1.0) + 19.8 * (w[3] - 1.0),
            -180.0 * w[2] * second - (1.0 - w[2]),
            180.0 * second + 20.2 * (w[3] - 1.0) + 19.8 * (w[1] - 1.0),
        ]
    )


def wood_gradient_jac(w):
    return np.array(
        [
            [1.0 - 200.0 * (w[1] - 3.0 * w[0] ** 2), -200.0 * w[0], 0.0, 0.0],
            [-400.0 * w[0], 220.2, 0.0, 19.8],
            [0.0, 0.0, 1.0 - 180.0 * (w[3] - 3.0 * w[2] ** 2), -180.0 * w[2]],
            [0.0, 19.8, -360.0 * w[2], 200.2],
        ]
    )


def helical_valley(w):
    """The turn is counted from -1/4 to 3/4: its cut is the half plane w1 = 0, w2 < 0."""
    if w[0].real > 0.0:
        turn = np.arctan(w[1] / w[0]) / (2.0 * np.pi)
    elif w[0].real < 0.0:
        turn = np.arctan(w[1] / w[0]) / (2.0 * np.pi) + 0.5
    else:
        turn = 0.25 * np.sign(w[1])
    return np.array(
        [10.0 * (w[2] - 10.0 * turn), 10.0 * (np.sqrt(w[0] ** 2 + w[1] ** 2) - 1.0), w[2]]
    )


def helical_valley_jac(w):
    square = w[0] ** 2 + w[1] ** 2
    radius = np.sqrt(square)
    turning = 50.0 / (np.pi * square)
    return np.array(
        [
            [turning * w[1], -turning * w[0], 10.0],
            [10.0 * w[0] / radius, 10.0 * w[1] / radius, 0.0],
            [0.0, 0.0, 1.0],
        ]
    )


def matrix_square_root(k):
    """X X = A for k x k matrices, A = 1e-4 I + e1 e2^T: Hammarling's nearly defective A."""

    def F(w):
        out = np.zeros_like(w)
        for i in range(k):
            for j in range(k):
                for q in range(k):
                    out[k * i + j] += w[k * i + q] * w[k * q + j]
            out[k * i + i] -= 1e-4
        out[1] -= 1.0
        return out

    def jac(w):
        J = np.zeros((k * k, k * k))
        for i in range(k):
            for j in range(k):
                for q in range(k):
                    J[k * i + j, k * i + q] += w[k * q + j]
                    J[k * i + j, k * q + j] += w[k * i + q]
        return J

    return F, jac


def dennis_schnabel(w):
    return np.array([w[0] + w[1] - 3.0, w[0] ** 2 + w[1] ** 2 - 9.0])


def dennis_schnabel_jac(w):
    return np.array([[1.0, 1.0], [2.0 * w[0], 2.0 * w[1]]])


def sample_18(w):
    """(w2^2 g(w1), w1 g(w2)) with g(x) = (1 - exp(-x^2)) / x and g(0) = 0."""
    g = np.zeros_like(w)
    for i in range(2):
        if w[i] != 0.0:
            g[i] = -np.expm1(-(w[i] ** 2)) / w[i]
    return np.array([w[1] ** 2 * g[0], w[0] * g[1]])


def sample_18_jac(w):
    g = np.zeros(2)
    slope = np.ones(2)
    for i in range(2):
        if w[i] ** 2 > 0.0:
            g[i] = -np.expm1(-(w[i] ** 2)) / w[i]
            slope[i] = 2.0 * np.exp(-(w[i] ** 2)) - g[i] / w[i]
    return np.array([[w[1] ** 2 * slope[0], 2.0 * w[1] * g[0]], [g[1], w[0] * slope[1]]])


def sample_19(w):
    square = w[0] ** 2 + w[1] ** 2
    return np.array([w[0] * square, w[1] * square])


def sample_19_jac(w):
    cross = 2.0 * w[0] * w[1]
    return np.array([[3.0 * w[0] ** 2 + w[1] ** 2, cross], [cross, w[0] ** 2 + 3.0 * w[1] ** 2]])


def double_root(w):
    return np.array([w[0] * (w[0] - 5.0) ** 2])


def double_root_jac(w):
    return np.array([[(3.0 * w[0] - 5.0) * (w[0] - 5.0)]])


def freudenstein_roth(w):
    return np.array(
        [
            w[0] - 13.0 + ((5.0 - w[1]) * w[1] - 2.0) * w[1],
            w[0] - 29.0 + ((w[1] + 1.0) * w[1] - 14.0) * w[1],
        ]
    )


def freudenstein_roth_jac(w):
    return np.array(
        [
            [1.0, (10.0 - 3.0 * w[1]) * w[1] - 2.0],
            [1.0, (3.0 * w[1] + 2.0) * w[1] - 14.0],
        ]
    )


def boggs(w):
    return np.array([w[0] ** 2 - w[1] + 1.0, w[0] - np.cos(0.5 * np.pi * w[1])])


def boggs_jac(w):
    return np.array([[2.0 * w[0], -1.0], [1.0, 0.5 * np.pi * np.sin(0.5 * np.pi * w[1])]])
