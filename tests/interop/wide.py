"""A wide system with parameters, in NumPy, and the map whose derivative a solve has.

F(w, p) = A tanh(p0 B w) + p1 w_{0..2}^2, with its Jacobian by hand: n = 3, m = 8.
"""

import numpy as np

random = np.random.default_rng(0)
A = random.standard_normal((3, 5))
B = random.standard_normal((5, 8)) / 2.0
W0 = random.standard_normal(8)
P = np.array([1.2, 0.4])
Y = np.array([0.3, -0.2, 0.5])
WEIGHTS = random.standard_normal(8)


def values(w, p):
    return A @ np.tanh(p[0] * (B @ w)) + p[1] * w[:3] ** 2


def jacobian(w, p):
    inner = p[0] * (1.0 - np.tanh(p[0] * (B @ w)) ** 2)
    return (A * inner) @ B + np.eye(3, 8) * (2.0 * p[1] * np.append(w[:3], np.zeros(5)))


def assert_same(system):
    """Compare values and derivatives of a system with those of NumPy."""
    J, u, v = jacobian(W0, P), np.arange(3.0), np.arange(8.0)
    np.testing.assert_allclose(system.values(W0)[0], values(W0, P), rtol=1e-14)
    np.testing.assert_allclose(system.jacobian(W0, 3), J, rtol=1e-13, atol=1e-14)
    np.testing.assert_allclose(system.jvp(W0, v), J @ v, rtol=1e-13)
    np.testing.assert_allclose(system.vjp(W0, u), J.T @ u, rtol=1e-13)


def solved_again(w, y, p):
    """Return the solution that shortest steps from the solution w lead to for other y and p."""
    for _ in range(8):
        w = w - np.linalg.pinv(jacobian(w, p)) @ (values(w, p) - y)
    return w


def gradients(w):
    """Return central differences of WEIGHTS @ solved_again(w, y, p) by y and by p."""

    def moved(y, p):
        return WEIGHTS @ solved_again(w, y, p)

    h = 1e-5
    by_y = [(moved(Y + d, P) - moved(Y - d, P)) / (2 * h) for d in h * np.eye(3)]
    by_p = [(moved(Y, P + d) - moved(Y, P - d)) / (2 * h) for d in h * np.eye(2)]
    return np.array(by_y), np.array(by_p)
