"""
Is the loss convex near its minima? No, and descent works all the same
======================================================================

L = abs(r)²/2 of a system with more unknowns than equations has surfaces of minima, and where such a
surface bends no neighbourhood of it is convex: there are points as near as one likes at which the
Hessian of L,

::

    J^T J + sum of r_i D²F_i,

has a negative eigenvalue. Across the surface the first term is large; along it only the second is
left, and that has one sign on one side and the other on the other. The PL* condition does not mind:
it asks the tangent kernel K = J Jᵀ to be positive definite, and K hardly changes near the surface.

Source: C. Liu, L. Zhu, M. Belkin, arXiv 2003.00307.
"""

import matplotlib.pyplot as plt
import numpy as np

import nlsolve

# %%
# Two unknowns
# ------------
# For u v = 1 all is known. Where u v = 1 + s, the determinant of the Hessian is -s (2 + 3 s):
# negative for all small s > 0, next to every solution. K = u² + v² is at least 2 at all solutions,
# and on a ball around one of them PL* is proved.

product = nlsolve.parse("u*v = 1")
ball = nlsolve.certify(product, 0.0, [1.0, 1.0], claim="pl-star", radius=0.7)
print(f"product, {ball.evidence}: {ball.claim}")

# %%
# A network
# ---------
# 20 hidden units on 5 samples: 5 equations, 80 weights. Gauss-Newton finds a solution. From there
# we go a distance t along J^T s for a few unit vectors s, to both sides, and ask for the smallest
# eigenvalue of the Hessian, from differences of J^T r.

rng = np.random.default_rng(0)
X = np.sqrt(3.0) * rng.standard_normal((5, 3))
y = np.array([0.5, -0.5, 0.2, -0.1, 0.3])
network = nlsolve.networks.Dense(X, 20, rng=0)
sol = nlsolve.solve(network, y, network.initial(1)).raise_if_failed()


def gradient(w):
    F, J = network.values(w)
    return J.rmatvec(F - y)


def smallest_eigenvalue(w, h=1e-5):
    """Smallest eigenvalue of the Hessian of L, from central differences of its gradient."""
    units = np.eye(w.size)
    H = np.array([gradient(w + h * e) - gradient(w - h * e) for e in units]) / (2.0 * h)
    return np.linalg.eigvalsh((H + H.T) / 2.0)[0]


J = network.values(sol.w)[1]
sides = [sign * J.rmatvec(s) for s in np.eye(5)[:3] for sign in (1.0, -1.0)]
sides = [direction / np.linalg.norm(direction) for direction in sides]
distances = 10.0 ** np.arange(-5.0, -0.5)
eigenvalues = np.array(
    [[smallest_eigenvalue(sol.w + t * side) for t in distances] for side in sides]
)
print("distance  most negative eigenvalue of the Hessian")
for t, found in zip(distances, eigenvalues.min(axis=0), strict=True):
    print(f"{t:8.0e}  {found:.2e}")
slope = np.polyfit(np.log(distances), np.log(-eigenvalues.min(axis=0)), 1)[0]
print(f"it vanishes like distance to the power {slope:.3f}")

# %%
# On a ball about the same solution, which contains the nearest of these points, PL* is proved.

proof = nlsolve.certify(network, y, sol.w, claim="pl-star", radius=0.01)
print(f"network, {proof.evidence}: {proof.claim}")

# %%
# On the left, the Hessian has a negative eigenvalue in all that is shaded; the solutions (black)
# are on its edge everywhere. The dashed circle is the ball of the proof.

u, v = np.meshgrid(np.linspace(0.05, 2.5, 301), np.linspace(0.05, 2.5, 301))
determinant = (u * v) ** 2 - (2.0 * u * v - 1.0) ** 2
figure, (left, right) = plt.subplots(1, 2, figsize=(9.6, 4.4), layout="constrained")
left.contourf(u, v, determinant, [-1e9, 0.0], colors=["#56B4E9"], alpha=0.5)
left.contour(u, v, (u * v - 1.0) ** 2 / 2.0, [0.02, 0.1, 0.3, 1.0], colors="0.45", linewidths=0.7)
left.contour(u, v, u * v, [1.0], colors="black", linewidths=2.0)
left.add_patch(plt.Circle(ball.w, ball.radius, fill=False, color="#009E73", ls="--", lw=2.0))
left.set(xlabel="u", ylabel="v", aspect="equal", title="u v = 1; shaded: not convex")
for found in eigenvalues:
    negative = found < 0.0
    right.loglog(distances[negative], -found[negative], "o-", color="#D55E00", markersize=4)
right.hlines(proof.mu, distances[0], proof.radius, color="#009E73", ls="--", lw=2.0)
right.annotate("PL* constant, proved up to 0.01", (distances[0], 1.3 * proof.mu), color="#009E73")
right.set(xlabel="distance from the solution", title="a network with 80 weights, 5 samples")
right.set_ylabel("minus the smallest eigenvalue of the Hessian")
plt.show()
