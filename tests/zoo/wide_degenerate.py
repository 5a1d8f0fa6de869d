"""Which wide systems are redundant, badly scaled, or singular at their roots?"""

import numpy as np

from tests.zoo.problem import Problem, entry

CONSTRUCTED = "constructed; the root is seen by eye"


def redundant_rows(w):
    """Two equations, each said twice: the Jacobian has rank two of four everywhere."""
    sphere = -1.0 + 0.0 * w[0]
    for k in range(5):
        sphere += w[k] ** 2
    return np.array([sphere, w[0] - w[1], w[0] - w[1], 2.0 * sphere])


def redundant_rows_jac(w):
    J = np.zeros((4, 5))
    for k in range(5):
        J[0, k] = 2.0 * w[k]
        J[3, k] = 4.0 * w[k]
    for i in range(1, 3):
        J[i, 0] = 1.0
        J[i, 1] = -1.0
    return J


def dependent_rows(w):
    """Two equations f = g = 0 and (1 + f)(1 + g) = 1: rank two everywhere, but no row repeats."""
    first = w[0] ** 2 + w[1] ** 2 - 2.0
    second = w[2] * w[3] - 1.0
    return np.array([first, second, first + second + first * second])


def dependent_rows_jac(w):
    first = w[0] ** 2 + w[1] ** 2 - 2.0
    second = w[2] * w[3] - 1.0
    J = np.zeros((3, 4))
    for k in range(2):
        J[0, k] = 2.0 * w[k]
        J[1, k + 2] = w[3 - k]
        J[2, k] = 2.0 * w[k] * (1.0 + second)
        J[2, k + 2] = w[3 - k] * (1.0 + first)
    return J


def scaled_quartet(rows, columns):
    """Three equations in u = w / columns, row i multiplied by rows[i]; u = (1, 1, 1, 1) is a root.

    |u|^2 = 4, u1 u2 = u3 u4, u1 + 2 u2 = 3 u3.
    """

    def F(w):
        u = np.empty_like(w)
        for k in range(4):
            u[k] = w[k] / columns[k]
        return np.array(
            [
                rows[0] * (u[0] ** 2 + u[1] ** 2 + u[2] ** 2 + u[3] ** 2 - 4.0),
                rows[1] * (u[0] * u[1] - u[2] * u[3]),
                rows[2] * (u[0] + 2.0 * u[1] - 3.0 * u[2]),
            ]
        )

    def jac(w):
        u = np.empty(4)
        for k in range(4):
            u[k] = w[k] / columns[k]
        J = np.array(
            [
                [2.0 * u[0], 2.0 * u[1], 2.0 * u[2], 2.0 * u[3]],
                [u[1], u[0], -u[3], -u[2]],
                [1.0, 2.0, -3.0, 0.0],
            ]
        )
        for i in range(3):
            for k in range(4):
                J[i, k] *= rows[i] / columns[k]
        return J

    return F, jac


def square_times_line(w):
    return np.array([w[0] ** 2 * w[1]])


def square_times_line_jac(w):
    return np.array([[2.0 * w[0] * w[1], w[0] ** 2]])


def cusp(w):
    """w1^2 = w2^3: the start, at w2 < 0, faces the cusp at the origin."""
    return np.array([w[0] ** 2 - w[1] ** 3, w[2] - w[3]])


def cusp_jac(w):
    return np.array([[2.0 * w[0], -3.0 * w[1] ** 2, 0.0, 0.0], [0.0, 0.0, 1.0, -1.0]])


def wide_powell_singular(w):
    """Powell's singular function with a fifth unknown that enters squared."""
    return np.array(
        [
            w[0] + 10.0 * w[1],
            w[2] - w[3],
            (w[1] - 2.0 * w[2]) ** 2 + w[4] ** 2,
            (w[0] - w[3]) ** 2 - w[4] ** 2,
        ]
    )


def wide_powell_singular_jac(w):
    J = np.zeros((4, 5))
    J[0, 0] = 1.0
    J[0, 1] = 10.0
    J[1, 2] = 1.0
    J[1, 3] = -1.0
    J[2, 1] = 2.0 * (w[1] - 2.0 * w[2])
    J[2, 2] = -2.0 * J[2, 1]
    J[2, 4] = 2.0 * w[4]
    J[3, 0] = 2.0 * (w[0] - w[3])
    J[3, 3] = -J[3, 0]
    J[3, 4] = -2.0 * w[4]
    return J


ONES = (1.0, 1.0, 1.0, 1.0)
COLUMNS = (1e-6, 1.0, 1e6, 1.0)
rows_apart, rows_apart_jac = scaled_quartet((1e6, 1e-6, 1.0), ONES)
columns_apart, columns_apart_jac = scaled_quartet((1.0, 1.0, 1.0), COLUMNS)

WIDE_DEGENERATE: list[Problem] = [
    entry(
        "redundant rows",
        redundant_rows,
        redundant_rows_jac,
        [0.5, -1.0, 2.0, 0.3, -0.7],
        CONSTRUCTED,
        [0.0, 0.0, 1.0, 0.0, 0.0],
    ),
    entry(
        "nonlinearly dependent rows",
        dependent_rows,
        dependent_rows_jac,
        [2.0, 0.5, 3.0, 1.0],
        CONSTRUCTED,
        ONES,
    ),
    entry(
        "badly scaled rows",
        rows_apart,
        rows_apart_jac,
        [2.0, 0.5, 3.0, -1.0],
        CONSTRUCTED,
        ONES,
    ),
    entry(
        "badly scaled columns",
        columns_apart,
        columns_apart_jac,
        [2e-6, 0.5, 0.8e6, -1.0],
        CONSTRUCTED,
        COLUMNS,
    ),
    entry(
        "square times line (singular root)",
        square_times_line,
        square_times_line_jac,
        [1.0, 1.0],
        CONSTRUCTED,
        [0.0, 1.0],
        singular=True,
    ),
    entry(
        "cusp (singular root)",
        cusp,
        cusp_jac,
        [0.5, -1.0, 2.0, 0.0],
        CONSTRUCTED,
        [0.0] * 4,
        singular=True,
    ),
    entry(
        "wide Powell singular (singular root)",
        wide_powell_singular,
        wide_powell_singular_jac,
        [3.0, -1.0, 0.0, 1.0, 1.0],
        "MGH 13 with a fifth unknown",
        [0.0] * 5,
        singular=True,
    ),
]
