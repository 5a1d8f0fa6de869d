"""Which least-squares test problems have residual zero, and so are systems to solve?

J. J. More, B. S. Garbow, K. E. Hillstrom, Testing unconstrained optimization software,
ACM TOMS 7 (1981) 17-41: the residual forms, square or with n > m, at the sizes listed there.
Left out are those whose least sum of squares is positive: Jennrich-Sampson, Bard, Gaussian,
Meyer, Kowalik-Osborne, Brown-Dennis, Osborne 1 and 2, Watson, both penalty functions, the linear
functions of rank 1, and Chebyquad with 8 or more than 9 points.

Gulf's formula is read with a minus sign where the paper prints "mi", as everybody does.
Its start times 10 is its root; scaled_starts gives that start all the same.
"""

import numpy as np

from tests.zoo import any_size as free
from tests.zoo.problem import Problem, entry
from tests.zoo.standard import STANDARD

SOURCE = "More, Garbow, Hillstrom, ACM TOMS 7 (1981) 17-41"


def brown_badly_scaled(w):
    return np.array([w[0] - 1e6, w[1] - 2e-6, w[0] * w[1] - 2.0])


def brown_badly_scaled_jac(w):
    return np.array([[1.0, 0.0], [0.0, 1.0], [w[1], w[0]]])


def beale(w):
    return np.array(
        [
            1.5 - w[0] * (1.0 - w[1]),
            2.25 - w[0] * (1.0 - w[1] ** 2),
            2.625 - w[0] * (1.0 - w[1] ** 3),
        ]
    )


def beale_jac(w):
    return np.array(
        [
            [w[1] - 1.0, w[0]],
            [w[1] ** 2 - 1.0, 2.0 * w[0] * w[1]],
            [w[1] ** 3 - 1.0, 3.0 * w[0] * w[1] ** 2],
        ]
    )


def gulf(w):
    out = np.empty(99, w.dtype)
    for i in range(99):
        t = (i + 1) / 100.0
        gap = 25.0 + (-50.0 * np.log(t)) ** (2.0 / 3.0) - w[1]
        distance = gap if gap.real >= 0.0 else -gap
        out[i] = np.exp(-(distance ** w[2]) / w[0]) - t
    return out


def gulf_jac(w):
    J = np.zeros((99, 3))
    for i in range(99):
        t = (i + 1) / 100.0
        gap = 25.0 + (-50.0 * np.log(t)) ** (2.0 / 3.0) - w[1]
        distance = abs(gap)
        if distance > 0.0:
            power = distance ** w[2] / w[0]
            decay = power * np.exp(-power)
            J[i, 0] = decay / w[0]
            J[i, 1] = decay * w[2] / gap
            J[i, 2] = -decay * np.log(distance)
    return J


def box_3d(w):
    out = np.empty(10, w.dtype)
    for i in range(10):
        t = 0.1 * (i + 1)
        out[i] = np.exp(-t * w[0]) - np.exp(-t * w[1]) - w[2] * (np.exp(-t) - np.exp(-10.0 * t))
    return out


def box_3d_jac(w):
    J = np.empty((10, 3))
    for i in range(10):
        t = 0.1 * (i + 1)
        J[i, 0] = -t * np.exp(-t * w[0])
        J[i, 1] = t * np.exp(-t * w[1])
        J[i, 2] = np.exp(-10.0 * t) - np.exp(-t)
    return J


def wood(w):
    return np.array(
        [
            10.0 * (w[1] - w[0] ** 2),
            1.0 - w[0],
            np.sqrt(90.0) * (w[3] - w[2] ** 2),
            1.0 - w[2],
            np.sqrt(10.0) * (w[1] + w[3] - 2.0),
            (w[1] - w[3]) / np.sqrt(10.0),
        ]
    )


def wood_jac(w):
    root = np.sqrt(10.0)
    return np.array(
        [
            [-20.0 * w[0], 10.0, 0.0, 0.0],
            [-1.0, 0.0, 0.0, 0.0],
            [0.0, 0.0, -6.0 * root * w[2], 3.0 * root],
            [0.0, 0.0, -1.0, 0.0],
            [0.0, root, 0.0, root],
            [0.0, 1.0 / root, 0.0, -1.0 / root],
        ]
    )


def biggs_exp6(w):
    out = np.empty(13, w.dtype)
    for i in range(13):
        t = 0.1 * (i + 1)
        y = np.exp(-t) - 5.0 * np.exp(-10.0 * t) + 3.0 * np.exp(-4.0 * t)
        out[i] = w[2] * np.exp(-t * w[0]) - w[3] * np.exp(-t * w[1]) + w[5] * np.exp(-t * w[4]) - y
    return out


def biggs_exp6_jac(w):
    J = np.empty((13, 6))
    for i in range(13):
        t = 0.1 * (i + 1)
        J[i, 0] = -t * w[2] * np.exp(-t * w[0])
        J[i, 1] = t * w[3] * np.exp(-t * w[1])
        J[i, 2] = np.exp(-t * w[0])
        J[i, 3] = -np.exp(-t * w[1])
        J[i, 4] = -t * w[5] * np.exp(-t * w[4])
        J[i, 5] = np.exp(-t * w[4])
    return J


def extended_rosenbrock(w):
    out = np.empty_like(w)
    for i in range(0, w.size, 2):
        out[i] = 10.0 * (w[i + 1] - w[i] ** 2)
        out[i + 1] = 1.0 - w[i]
    return out


def extended_rosenbrock_jac(w):
    J = np.zeros((w.size, w.size))
    for i in range(0, w.size, 2):
        J[i, i] = -20.0 * w[i]
        J[i, i + 1] = 10.0
        J[i + 1, i] = -1.0
    return J


def extended_powell(w):
    out = np.empty_like(w)
    for i in range(0, w.size, 4):
        out[i] = w[i] + 10.0 * w[i + 1]
        out[i + 1] = np.sqrt(5.0) * (w[i + 2] - w[i + 3])
        out[i + 2] = (w[i + 1] - 2.0 * w[i + 2]) ** 2
        out[i + 3] = np.sqrt(10.0) * (w[i] - w[i + 3]) ** 2
    return out


def extended_powell_jac(w):
    J = np.zeros((w.size, w.size))
    for i in range(0, w.size, 4):
        inner = 2.0 * (w[i + 1] - 2.0 * w[i + 2])
        outer = 2.0 * np.sqrt(10.0) * (w[i] - w[i + 3])
        J[i, i] = 1.0
        J[i, i + 1] = 10.0
        J[i + 1, i + 2] = np.sqrt(5.0)
        J[i + 1, i + 3] = -np.sqrt(5.0)
        J[i + 2, i + 1] = inner
        J[i + 2, i + 2] = -2.0 * inner
        J[i + 3, i] = outer
        J[i + 3, i + 3] = -outer
    return J


def variably_dimensioned(w):
    m = w.size
    out = np.empty(m + 2, w.dtype)
    total = 0.0 * w[0]
    for j in range(m):
        out[j] = w[j] - 1.0
        total += (j + 1) * out[j]
    out[m] = total
    out[m + 1] = total**2
    return out


def variably_dimensioned_jac(w):
    m = w.size
    J = np.zeros((m + 2, m))
    total = 0.0
    for j in range(m):
        J[j, j] = 1.0
        total += (j + 1) * (w[j] - 1.0)
    for j in range(m):
        J[m, j] = j + 1.0
        J[m + 1, j] = 2.0 * total * (j + 1)
    return J


def linear_full_rank(w):
    return w - 2.0 * w.sum() / w.size - 1.0


def linear_full_rank_jac(w):
    return np.eye(w.size) - 2.0 / w.size


def equispaced_chebyquad(n: int) -> Problem:
    F, jac = free.chebyquad(2.0, -1.0)
    start = [(k + 1.0) / (n + 1.0) for k in range(n)]
    return entry(f"Chebyquad {n} on [0, 1]", F, jac, start, SOURCE)


SHARED_WITH_STANDARD = {
    "Powell singular",
    "Powell badly scaled",
    "helical valley",
    "Freudenstein-Roth",
    "trigonometric",
    "Brown almost linear",
    "discrete boundary value",
    "discrete integral equation",
    "Broyden tridiagonal",
    "Broyden banded",
}

MGH: list[Problem] = [problem for problem in STANDARD if problem.name in SHARED_WITH_STANDARD] + [
    entry(
        "Rosenbrock", extended_rosenbrock, extended_rosenbrock_jac, [-1.2, 1.0], SOURCE, [1.0, 1.0]
    ),
    entry(
        "Brown badly scaled",
        brown_badly_scaled,
        brown_badly_scaled_jac,
        [1.0, 1.0],
        SOURCE,
        [1e6, 2e-6],
    ),
    entry("Beale", beale, beale_jac, [1.0, 1.0], SOURCE, [3.0, 0.5]),
    entry("Gulf", gulf, gulf_jac, [5.0, 2.5, 0.15], SOURCE, [50.0, 25.0, 1.5]),
    entry("Box 3-D", box_3d, box_3d_jac, [0.0, 10.0, 20.0], SOURCE, [1.0, 10.0, 1.0]),
    entry("Wood", wood, wood_jac, [-3.0, -1.0, -3.0, -1.0], SOURCE, [1.0] * 4),
    entry(
        "Biggs EXP6",
        biggs_exp6,
        biggs_exp6_jac,
        [1.0, 2.0, 1.0, 1.0, 1.0, 1.0],
        SOURCE,
        [1.0, 10.0, 1.0, 5.0, 4.0, 3.0],
    ),
    entry(
        "extended Rosenbrock 10",
        extended_rosenbrock,
        extended_rosenbrock_jac,
        [-1.2, 1.0] * 5,
        SOURCE,
        [1.0] * 10,
    ),
    entry(
        "extended Powell 12",
        extended_powell,
        extended_powell_jac,
        [3.0, -1.0, 0.0, 1.0] * 3,
        SOURCE,
        [0.0] * 12,
        singular=True,
    ),
    entry(
        "variably dimensioned",
        variably_dimensioned,
        variably_dimensioned_jac,
        [1.0 - k / 10.0 for k in range(1, 11)],
        SOURCE,
        [1.0] * 10,
    ),
    entry(
        "linear full rank",
        linear_full_rank,
        linear_full_rank_jac,
        [1.0] * 10,
        SOURCE,
        [-1.0] * 10,
    ),
    equispaced_chebyquad(5),
    equispaced_chebyquad(7),
    equispaced_chebyquad(9),
]
