"""
Can a reaction and diffusion be steady where it is observed?
============================================================

And how little must change for it? The steady Brusselator on the unit square with periodic ends, on
a 32 x 32 grid,

::

    0 = alpha lap(u) + B + u^2 v - (A + 1) u + f,
    0 = alpha lap(v) + A u - u^2 v,

with A = 3.4, B = 1 and alpha = 10, where f = 5 in the disc of radius 0.1 about (0.3, 0.6) and 0
elsewhere. All 2048 values of u and v are unknown, but the equations are asked for at every third
grid point only: 684 of them. The Jacobian is sparse, and minimum-norm Gauss-Newton changes the
start little.

Sources: I. Prigogine, R. Lefever, J. Chem. Phys. 48 (1968) 1695-1700; the constants, f and the
start are those of the tutorial of NonlinearSolve.jl on large systems.
"""

import time

import matplotlib.pyplot as plt
import numpy as np
from scipy import sparse

import nlsolve

POINTS = 32  # along one edge
A, B, ALPHA = 3.4, 1.0, 10.0
OBSERVED = np.arange(0, POINTS**2, 3)

edge = np.linspace(0.0, 1.0, POINTS)
x, y = (axis.ravel() for axis in np.meshgrid(edge, edge, indexing="ij"))
SOURCE = 5.0 * ((x - 0.3) ** 2 + (y - 0.6) ** 2 <= 0.1**2)
START = np.concatenate([22.0 * (y * (1.0 - y)) ** 1.5, 27.0 * (x * (1.0 - x)) ** 1.5])


def diffusion():
    """alpha times the five-point Laplacian on the observed points, sparse (342, 1024)."""
    second = sparse.diags_array(
        [1.0, 1.0, -2.0, 1.0, 1.0], offsets=[1 - POINTS, -1, 0, 1, POINTS - 1], shape=(POINTS,) * 2
    )
    identity = sparse.eye_array(POINTS)
    laplacian = sparse.kron(second, identity) + sparse.kron(identity, second)
    return ALPHA * (POINTS - 1) ** 2 * laplacian.tocsr()[OBSERVED]


DIFFUSION = diffusion()


def observed(w):
    u, v = w.reshape(2, -1)
    return u, v, u[OBSERVED], v[OBSERVED]


def F(w):
    u, v, u_seen, v_seen = observed(w)
    reaction = u_seen**2 * v_seen
    return np.concatenate(
        [
            DIFFUSION @ u + B + reaction - (A + 1.0) * u_seen + SOURCE[OBSERVED],
            DIFFUSION @ v + A * u_seen - reaction,
        ]
    )


def at_observed(values):
    """The sparse matrix (342, 1024) with one entry a row, at the observed point."""
    rows = np.arange(OBSERVED.size)
    return sparse.csr_array((values, (rows, OBSERVED)), shape=DIFFUSION.shape)


def jacobian(w):
    _, _, u, v = observed(w)
    by_u, by_v = 2.0 * u * v, u**2
    return sparse.block_array(
        [
            [DIFFUSION + at_observed(by_u - A - 1.0), at_observed(by_v)],
            [at_observed(A - by_u), DIFFUSION - at_observed(by_v)],
        ],
        format="csr",
    )


# %%
# How fast the Jacobian changes
# -----------------------------
# Only u² v is not linear. At a point its second derivative is the matrix H = ((2v, 2u), (2u, 0)),
# whose size is abs(v) + sqrt(v² + 4 u²); it enters two equations with opposite signs, and different
# points do not mix. So sqrt(2) times the largest size on a ball is a Lipschitz constant there. It
# is given to the certificates, whose evidence is "assumed" then: the derivation is ours.


def lipschitz(centre, radius):
    _, _, u, v = (np.abs(part) + radius for part in observed(centre))
    return np.sqrt(2.0) * np.max(v + np.sqrt(v**2 + 4.0 * u**2))


def steady_state():
    return nlsolve.solve(
        F, 0.0, START, jac=jacobian, method="gauss-newton", certify={"lipschitz": lipschitz}
    ).raise_if_failed()


# %%
# The promise at the start
# ------------------------
# Diffusion is so strong, and curvature so small, that convergence is promised before the first
# step, with the distance it will be: no solution is nearer than the lower end.

begin = time.perf_counter()
sol = steady_state()
print(f"{sol.fun.size} equations, {sol.w.size} unknowns: {time.perf_counter() - begin:.2f} s")
print(f"|r| from {np.linalg.norm(F(START)):.1e} to {sol.residual_norm:.1e} in {sol.nit} iterations")
print(f"at the start {sol.start_certificate.evidence}: {sol.start_certificate.claim}")
print(f"moved {sol.history.distance[-1]:.5f}, the start being {np.linalg.norm(START):.1f} long")
print(sol.check_promise())
print(f"at the end {sol.certificate.evidence}: {sol.certificate.claim}")

# %%
# Steady everywhere would be something else: between the observed points the equations are not asked
# for, and u and v stay rough there.

figure, axes = plt.subplots(1, 3, figsize=(10.4, 3.4), layout="constrained", sharey=True)
u, v = sol.w.reshape(2, POINTS, POINTS)
moved = (sol.w - START).reshape(2, POINTS, POINTS)[0]
for axis, values, name, colors in (
    (axes[0], u, "u", "viridis"),
    (axes[1], v, "v", "viridis"),
    (axes[2], 1e3 * moved, "1000 times the change of u", "PuOr"),
):
    image = axis.imshow(values.T, origin="lower", extent=(0.0, 1.0, 0.0, 1.0), cmap=colors)
    axis.set(title=name, xlabel="x", xticks=[0.0, 0.5, 1.0], yticks=[0.0, 0.5, 1.0])
    figure.colorbar(image, ax=axis, shrink=0.8)
axes[0].set_ylabel("y")
plt.show()
