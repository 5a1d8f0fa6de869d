"""
Where is a loss landscape benign, and where does it fail?
=========================================================

Two systems of one equation in two unknowns, small enough to draw:

- a single neuron, v tanh(u) = 1/2, with weights u and v;
- the product behind the Lasso, u v = 1. Of all (u, v) with u v = x the nearest to the origin has
  (u² + v²) / 2 = abs(x), so that squares of u and v stand for the absolute value of x.

The loss L = (F - y)²/2 is not convex, not even near its minima, which form curves. Descent works
nevertheless wherever the PL* condition

::

    1/2 |grad L|^2 >= mu L

holds with some mu > 0, since there a point without slope is a point without loss. What decides is
the tangent kernel K = J Jᵀ, here a single number: its least value over a region is such a mu.

Source: C. Liu, L. Zhu, M. Belkin, arXiv 2003.00307.
"""

import matplotlib.pyplot as plt
import numpy as np

import nlsolve

neuron = nlsolve.parse("0*u + v*tanh(u) = 1/2")  # u is named first, to be the first unknown
lasso = nlsolve.parse("u*v = 1")

# %%
# Where it holds
# --------------
# Around a start the condition is proved on a ball. For the product K = u² + v², so the truth is
# known: the least K on a ball of radius R about w is (abs(w) - R)². The certificate has just that.

near_neuron = nlsolve.certify(neuron, 0.0, [0.8, 0.8], claim="pl-star", radius=0.4)
near_lasso = nlsolve.certify(lasso, 0.0, [0.6, 1.4], claim="pl-star", radius=1.2)
for ball in (near_neuron, near_lasso):
    print(f"{ball.evidence}: {ball.claim}")
exact = (np.hypot(0.6, 1.4) - 1.2) ** 2
print(f"product: mu = {near_lasso.mu:.6f} certified, {exact:.6f} is the truth")

# %%
# Where it fails
# --------------
# At u = v = 0 the kernel of both is zero and the loss is not: a saddle. A start there is stationary
# at once. Worse, the product's descent from (1, -1) stays on the line u = -v by symmetry, and ends
# there. No certificate is given on the way, and a point without slope is not called a root.

at_zero = nlsolve.certify(neuron, 0.0, [0.0, 0.0], method="gd")
print(f"neuron at 0, not certified, because {at_zero.reason}")
stuck = nlsolve.solve(lasso, 0.0, [1.0, -1.0], method="gd", step=0.2, store_path=True)
print(f"product from (1, -1), {stuck.message}")

# %%
# What follows
# ------------
# From a start whose ball is large enough convergence is proved, with its rate. Of all solutions of
# the product the one of least norm is (1, 1), by symmetry.

paths = {}
for name, system, start in (("neuron", neuron, [0.8, 0.8]), ("product", lasso, [0.6, 1.4])):
    sol = nlsolve.solve(
        system, 0.0, start, method="gd", step="certified", tol=1e-8, store_path=True
    )  # fmt: skip
    paths[name] = sol.path
    promise = sol.start_certificate
    print(f"{name}, {promise.evidence}: {promise.claim}")
    print(
        f"    promised {promise.steps_to(1e-8)} steps, took {sol.nit}: {sol.check_promise().kept}"
    )
least = nlsolve.solve(lasso, 0.0, [0.6, 1.4], select="min-norm")
print(f"least norm {least.w}, {least.certificate.evidence}: {least.certificate.claim}")

# %%
# In the figure the shade is the kernel: white where K exceeds 1, dark where it vanishes. Dashed
# circles are the balls of the certificates, lines of descent begin at their centres; solutions are
# black, and the cross is where PL* fails.

u, v = np.meshgrid(np.linspace(-2.0, 2.7, 221), np.linspace(-2.0, 2.7, 221))
kernels = np.tanh(u) ** 2 + v**2 / np.cosh(u) ** 4, u**2 + v**2
residuals = v * np.tanh(u) - 0.5, u * v - 1.0
figure, axes = plt.subplots(1, 2, figsize=(9.6, 4.6), layout="constrained", sharey=True)
for axis, K, r, ball, path in zip(
    axes, kernels, residuals, (near_neuron, near_lasso), paths.values(), strict=True
):
    shade = axis.contourf(u, v, np.minimum(K, 1.0), np.linspace(0.0, 1.0, 11), cmap="Blues_r")
    axis.contour(u, v, r**2 / 2.0, [0.02, 0.1, 0.3, 1.0, 3.0], colors="0.45", linewidths=0.7)
    axis.contour(u, v, r, [0.0], colors="black", linewidths=2.0)
    axis.add_patch(plt.Circle(ball.w, ball.radius, fill=False, color="#009E73", ls="--", lw=2.0))
    axis.plot(*path.T, "o-", color="#D55E00", markersize=3.5)
    axis.plot(0.0, 0.0, "X", color="#E69F00", markeredgecolor="black", markersize=11)
    axis.set(xlabel="u", aspect="equal")
axes[0].set(ylabel="v", title="a neuron, v tanh(u) = 1/2")
axes[1].plot(*stuck.path.T, "s-", color="#CC79A7", markersize=3.5)
axes[1].set(title="the Lasso's product, u v = 1")
figure.colorbar(shade, ax=axes, label="tangent kernel K (white: 1 and above)")
plt.show()
