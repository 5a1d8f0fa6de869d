"""
Can a wide network solve Burgers' equation exactly at collocation points?
=========================================================================

A viscous wave in a pipe with closed ends,

.. math:: u_t + u \\, u_x = \\nu u_{xx}, \\qquad 0 \\le x \\le 1, \\quad u(0, t) = u(1, t) = 0.

The unknown function is a network of one hidden layer, u(x, t) = sum of v tanh(a x + b t + c) over 300
units. Its derivatives are written down, and the equation, the initial state and the ends are asked
for at 106 points: 106 equations for 1200 weights, far more weights than equations, which keeps the
tangent kernel away from zero around a random start. Few Gauss-Newton steps arrive, and move the
weights little. What the network does between the points is another question: here the solution is
known in closed form (E. Hopf 1950, J. D. Cole 1951), and the error is printed.

Source of the closed form: W. L. Wood, Comm. Numer. Methods Engng 22 (2006) 797-798.
"""

import matplotlib.pyplot as plt
import numpy as np

import nlsolve

NU, UNITS = 0.1, 300


def exact(x, t):
    decay = np.exp(-NU * np.pi**2 * t)
    return 2.0 * NU * np.pi * decay * np.sin(np.pi * x) / (2.0 + decay * np.cos(np.pi * x))


def points(count):
    """Chebyshev's points on [0, 1], dense towards the ends."""
    return (1.0 - np.cos(np.pi * (np.arange(count) + 0.5) / count)) / 2.0


inner = np.reshape(np.meshgrid(points(10), points(8), indexing="ij"), (2, -1))
first = np.stack([points(10), np.zeros(10)])
ends = [np.stack([np.full(8, end), points(8)]) for end in (0.0, 1.0)]
x, t = np.hstack([inner, first, *ends])[:, :, None]
inside = np.arange(x.size)[:, None] < inner.shape[1]  # elsewhere u itself is asked for
y = np.where(inside, 0.0, exact(x, t))[:, 0]


def network(w, x, t):
    a, b, c, v = w.reshape(4, UNITS)
    return np.tanh(x * a + t * b + c) @ v


def collocated(w):
    """The equations at all points, (106,), and their Jacobian (106, 1200)."""
    a, b, c, v = w.reshape(4, UNITS)
    T = np.tanh(x * a + t * b + c)
    T1 = 1.0 - T**2  # derivatives of tanh
    T2 = -2.0 * T * T1
    T3 = -2.0 * (T1**2 + T * T2)
    u, u_x, u_t, u_xx = ((part @ v)[:, None] for part in (T, T1 * a, T1 * b, T2 * a**2))
    r = np.where(inside, u_t + u * u_x - NU * u_xx, u)

    def change(du, du_x, du_t, du_xx):
        return np.where(inside, du_t + du * u_x + u * du_x - NU * du_xx, du)

    by_c = change(v * T1, v * a * T2, v * b * T2, v * a**2 * T3)
    by_a = x * by_c + change(0.0, v * T1, 0.0, 2.0 * v * a * T2)
    by_b = t * by_c + change(0.0, 0.0, v * T1, 0.0)
    by_v = change(T, a * T1, b * T1, a**2 * T2)
    return r[:, 0], np.hstack([by_a, by_b, by_c, by_v])


# %%
# Units are drawn so that each has its steepest place somewhere in the domain; outer weights are small.

rng = np.random.default_rng(0)
a, b = rng.normal(0.0, 3.0, (2, UNITS))
c = -a * rng.uniform(size=UNITS) - b * rng.uniform(size=UNITS)
w0 = np.concatenate([a, b, c, 0.1 / np.sqrt(UNITS) * rng.standard_normal(UNITS)])
sol = nlsolve.solve(collocated, y, w0, jac=True, method="gauss-newton").raise_if_failed()
print(f"{y.size} equations, {w0.size} weights: {sol.message}, {sol.nit} steps")
print(f"moved {sol.history.distance[-1]:.3f}, the weights being {np.linalg.norm(w0):.1f} long")

# %%
# Two different things are said now. The certificate is about the 106 equations: weights that satisfy
# them exactly are very near. The error is about Burgers' equation everywhere.

grid_x, grid_t = np.meshgrid(np.linspace(0.0, 1.0, 61), np.linspace(0.0, 1.0, 61))
found = network(sol.w, grid_x[..., None], grid_t[..., None])
error = found - exact(grid_x, grid_t)
print(f"largest error {np.abs(error).max():.1e}, the largest |u| being {np.abs(found).max():.2f}")
print(f"{sol.certificate.evidence}: {sol.certificate.claim}")
print(f"convergence was certain from entry {sol.certified_from} of {len(sol.history) - 1} on")
print(f"at the start not certified, because {sol.start_certificate.reason}")
