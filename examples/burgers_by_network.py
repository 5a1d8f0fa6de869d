"""
Can a wide network solve Burgers' equation exactly at collocation points?
=========================================================================

A viscous wave in a pipe with closed ends,

::

    u_t + u u_x = nu u_xx,   0 <= x <= 1,   u(0, t) = u(1, t) = 0.

The unknown function is a network of one hidden layer, u(x, t) = sum of v tanh(a x + b t + c) over
300 units. Its derivatives are written down, and the equation, the initial state and the ends are
asked for at 106 points: 106 equations for 1200 weights, far more weights than equations, which
keeps the tangent kernel away from zero around a random start. Few Gauss-Newton steps arrive, and
move the weights little. What the network does between the points is another question: here the
solution is known in closed form (E. Hopf 1950, J. D. Cole 1951), and the error is printed.

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
# Units are drawn so that each has its steepest place somewhere in the domain; outer weights are
# small.

rng = np.random.default_rng(0)
a, b = rng.normal(0.0, 3.0, (2, UNITS))
c = -a * rng.uniform(size=UNITS) - b * rng.uniform(size=UNITS)
w0 = np.concatenate([a, b, c, 0.1 / np.sqrt(UNITS) * rng.standard_normal(UNITS)])
sol = nlsolve.solve(collocated, y, w0, jac=True, method="gauss-newton").raise_if_failed()
print(f"{y.size} equations, {w0.size} weights: {sol.message}, {sol.nit} steps")
print(f"moved {sol.history.distance[-1]:.3f}, the weights being {np.linalg.norm(w0):.1f} long")

# %%
# The certificate
# ---------------
# It is about the 106 equations. If only the outer weights v may move, u and its derivatives are
# linear in v, T v for instance, and the equations quadratic: the second derivative is made of
# products (T v)(T_x v), so that its size is at most 2 max(row length of T) \|T_x\|. That constant
# is ours, and the evidence "assumed"; solutions for outer weights are solutions of the whole.

inner_weights, v = np.split(sol.w, [3 * UNITS])
a, b, c = inner_weights.reshape(3, UNITS)
T = np.tanh(x * a + t * b + c)
bound = 2.0 * np.linalg.norm(T, axis=1).max() * np.linalg.norm((1.0 - T**2) * a, 2)


def outer(v):
    return collocated(np.concatenate([inner_weights, v]))[0]


def outer_jacobian(v):
    return collocated(np.concatenate([inner_weights, v]))[1][:, 3 * UNITS :]


certificate = nlsolve.certify(outer, y, v, jac=outer_jacobian, method=None, lipschitz=bound)
print(f"{certificate.evidence}: {certificate.claim}")
print(f"convergence was guaranteed from step {sol.certified_from} of {sol.nit} on "
      f"({sol.certificate.evidence})")  # fmt: skip
print(f"at the start not certified, because {sol.start_certificate.reason}")

# %%
# The error
# ---------
# That is about Burgers' equation everywhere, and no certificate speaks of it.

grid_x, grid_t = np.meshgrid(np.linspace(0.0, 1.0, 61), np.linspace(0.0, 1.0, 61))
error = network(sol.w, grid_x[..., None], grid_t[..., None]) - exact(grid_x, grid_t)
height = exact(grid_x, grid_t).max()
print(f"largest error {np.abs(error).max():.1e}, the wave being {height:.2f} high")

figure, (left, right) = plt.subplots(1, 2, figsize=(9.6, 4.0), layout="constrained")
line = np.linspace(0.0, 1.0, 101)
for at, color in zip(
    (0.0, 0.3, 0.6, 1.0), ("#0072B2", "#D55E00", "#009E73", "#CC79A7"), strict=True
):
    left.plot(line, network(sol.w, line[:, None], at), color=color, label=f"t = {at}")
    left.plot(line[::5], exact(line[::5], at), "o", color=color, markersize=3.5)
left.set(xlabel="x", ylabel="u", title="network (lines) and closed form (dots)")
left.legend()
image = right.contourf(grid_x, grid_t, 1e3 * error, 15, cmap="PuOr")
right.plot(x, t, ".", color="black", markersize=4, clip_on=False)
right.set(xlabel="x", ylabel="t", title="error, and the points of collocation")
figure.colorbar(image, ax=right, label="1000 times the error of u")
plt.show()
