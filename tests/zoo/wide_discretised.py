"""Which wide systems are differential equations on a grid, with free ends, controls or parameters?

Finite differences and the trapezoidal rule, on up to 20 equations in 40 unknowns.
"""

import numpy as np

from tests.zoo.problem import Problem, entry

BRATU = "G. Bratu, Bull. Soc. Math. France 42 (1914) 113-142, by central differences"


def bratu_branch(w):
    """u'' + s e^u = 0, u = 0 at both ends, w = (u, s): a curve of solutions through 0."""
    n = w.size - 1
    square = 1.0 / (n + 1.0) ** 2
    out = np.empty(n, w.dtype)
    for i in range(n):
        out[i] = square * w[n] * np.exp(w[i]) - 2.0 * w[i]
        if i > 0:
            out[i] += w[i - 1]
        if i < n - 1:
            out[i] += w[i + 1]
    return out


def bratu_branch_jac(w):
    n = w.size - 1
    square = 1.0 / (n + 1.0) ** 2
    J = np.zeros((n, n + 1))
    for i in range(n):
        J[i, n] = square * np.exp(w[i])
        J[i, i] = J[i, n] * w[n] - 2.0
        if i > 0:
            J[i, i - 1] = 1.0
            J[i - 1, i] = 1.0
    return J


def bratu_control(w):
    """-u'' - e^u + f = 0, u = 0 at both ends, w = (u, f): the load f is unknown too."""
    n = w.size // 2
    square = (n + 1.0) ** 2
    out = np.empty(n, w.dtype)
    for i in range(n):
        out[i] = 2.0 * square * w[i] - np.exp(w[i]) + w[n + i]
        if i > 0:
            out[i] -= square * w[i - 1]
        if i < n - 1:
            out[i] -= square * w[i + 1]
    return out


def bratu_control_jac(w):
    n = w.size // 2
    square = (n + 1.0) ** 2
    J = np.zeros((n, 2 * n))
    for i in range(n):
        J[i, i] = 2.0 * square - np.exp(w[i])
        J[i, n + i] = 1.0
        if i > 0:
            J[i, i - 1] = -square
            J[i - 1, i] = -square
    return J


def brusselator(w):
    """0 = u'' d + 1 - 3u + u^2 v = v'' d + 2u - u^2 v at the inner points; the ends are free."""
    points = w.size // 2
    n = points - 2
    d = 0.02 * (n + 1.0) ** 2
    u = w[:points]
    v = w[points:]
    out = np.empty(2 * n, w.dtype)
    for i in range(n):
        reaction = u[i + 1] ** 2 * v[i + 1]
        bend_u = u[i] - 2.0 * u[i + 1] + u[i + 2]
        bend_v = v[i] - 2.0 * v[i + 1] + v[i + 2]
        out[i] = d * bend_u + 1.0 - 3.0 * u[i + 1] + reaction
        out[n + i] = d * bend_v + 2.0 * u[i + 1] - reaction
    return out


def brusselator_jac(w):
    points = w.size // 2
    n = points - 2
    d = 0.02 * (n + 1.0) ** 2
    J = np.zeros((2 * n, w.size))
    for i in range(n):
        u = w[i + 1]
        v = w[points + i + 1]
        for row, first in ((i, i), (n + i, points + i)):
            J[row, first] = d
            J[row, first + 1] = -2.0 * d
            J[row, first + 2] = d
        J[i, i + 1] += 2.0 * u * v - 3.0
        J[i, points + i + 1] = u**2
        J[n + i, i + 1] = 2.0 - 2.0 * u * v
        J[n + i, points + i + 1] -= u**2
    return J


def lotka_volterra(w):
    """x' = x - xy, y' = xy - y by the trapezoidal rule, h = 0.3, no initial values."""
    points = w.size // 2
    n = points - 1
    out = np.empty(2 * n, w.dtype)
    for i in range(n):
        x, y = w[i], w[points + i]
        x_next, y_next = w[i + 1], w[points + i + 1]
        out[i] = x_next - x - 0.15 * (x * (1.0 - y) + x_next * (1.0 - y_next))
        out[n + i] = y_next - y - 0.15 * (y * (x - 1.0) + y_next * (x_next - 1.0))
    return out


def lotka_volterra_jac(w):
    points = w.size // 2
    n = points - 1
    J = np.zeros((2 * n, w.size))
    for i in range(n):
        for k, sign in ((i, -1.0), (i + 1, 1.0)):
            x, y = w[k], w[points + k]
            J[i, k] = sign - 0.15 * (1.0 - y)
            J[i, points + k] = 0.15 * x
            J[n + i, k] = -0.15 * y
            J[n + i, points + k] = sign - 0.15 * (x - 1.0)
    return J


def pendulum(w):
    """Swing-up of theta'' = u - sin(theta) from rest at 0 to rest at pi; w = (theta, omega, u).

    Trapezoidal rule with h = 1/4; the torque u is free at every point.
    """
    points = w.size // 3
    n = points - 1
    theta = w[:points]
    omega = w[points : 2 * points]
    out = np.empty(2 * n + 4, w.dtype)
    acceleration = w[2 * points :] - np.sin(theta)
    for i in range(n):
        out[i] = theta[i + 1] - theta[i] - 0.125 * (omega[i] + omega[i + 1])
        force = acceleration[i] + acceleration[i + 1]
        out[n + i] = omega[i + 1] - omega[i] - 0.125 * force
    out[2 * n] = theta[0]
    out[2 * n + 1] = omega[0]
    out[2 * n + 2] = theta[n] - np.pi
    out[2 * n + 3] = omega[n]
    return out


def pendulum_jac(w):
    points = w.size // 3
    n = points - 1
    J = np.zeros((2 * n + 4, w.size))
    for i in range(n):
        for k, sign in ((i, -1.0), (i + 1, 1.0)):
            J[i, k] = sign
            J[i, points + k] = -0.125
            J[n + i, k] = 0.125 * np.cos(w[k])
            J[n + i, points + k] = sign
            J[n + i, 2 * points + k] = -0.125
    J[2 * n, 0] = 1.0
    J[2 * n + 1, points] = 1.0
    J[2 * n + 2, n] = 1.0
    J[2 * n + 3, 2 * points - 1] = 1.0
    return J


def swing_up(n: int) -> list[float]:
    """A parabola for omega, its integral theta, and the torque that the dynamics then ask for."""
    k = np.arange(n + 1.0)
    omega = k * (n - k)
    omega *= 4.0 * np.pi / omega.sum()
    steps = np.diff(omega)
    theta = np.concatenate([[0.0], np.cumsum(omega[1:] + omega[:-1]) / 8.0])
    acceleration = [4.0 * steps[0]]
    for step in steps:
        acceleration.append(8.0 * step - acceleration[-1])
    return [*theta, *omega, *(np.array(acceleration) + np.sin(theta))]


GRID = np.arange(1, 21) / 21.0

WIDE_DISCRETISED: list[Problem] = [
    entry(
        "Bratu branch",
        bratu_branch,
        bratu_branch_jac,
        [*4.0 * GRID * (1.0 - GRID), 1.0],
        BRATU,
        [0.0] * 21,
    ),
    entry(
        "Bratu with control",
        bratu_control,
        bratu_control_jac,
        [*2.0 * np.sin(np.pi * GRID), *[0.0] * 20],
        BRATU,
        [0.0] * 20 + [1.0] * 20,
    ),
    entry(
        "Brusselator with free ends",
        brusselator,
        brusselator_jac,
        [0.5] * 10 + [1.0] * 10,
        "I. Prigogine, R. Lefever, J. Chem. Phys. 48 (1968) 1695-1700; A = 1, B = 2",
        [1.0] * 10 + [2.0] * 10,
    ),
    entry(
        "Lotka-Volterra collocation",
        lotka_volterra,
        lotka_volterra_jac,
        [2.0] * 11 + [0.5] * 11,
        "A. Lotka (1925), V. Volterra (1926); its equilibrium",
        [1.0] * 22,
    ),
    entry(
        "pendulum swing-up",
        pendulum,
        pendulum_jac,
        [*np.linspace(0.0, np.pi, 9), *[0.0] * 18],
        "direct collocation, e.g. M. Kelly, SIAM Review 59 (2017) 849-904",
        swing_up(8),
    ),
]
