"""
Does PL* hold for convolutional and residual networks, and along the whole path?
================================================================================

The condition is about a ball, descent follows a path. For a convolutional and a residual network on
20 handwritten digits we look at both: all the way to the full target at the tangent kernel K and at
the PL ratio abs(grad L)²/(2 L); and, for a target near enough to be certified, at the constant mu
which is proved for a ball that the path cannot leave.

What is proved of several layers multiplies their norms, so that its balls are small. What is seen
along the path is much better.

Source: C. Liu, L. Zhu, M. Belkin, arXiv 2003.00307, section 4.
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits

import nlsolve
from nlsolve.networks import Convolutional, Residual

images, digit = load_digits(return_X_y=True)
chosen = np.random.default_rng(0).permutation(len(digit))[:20]
X, y = images[chosen] / 16.0, np.where(digit[chosen] % 2 == 0, 1.0, -1.0)
lines = X - X.mean(axis=0)
lines *= 8.0 / np.linalg.norm(lines, axis=1)[:, None]
words = {"antisymmetric": True, "rng": 1}  # so that F(w0) = 0
networks = {
    "convolutional": Convolutional(3.0 * X.reshape(-1, 8, 8, 1), [32, 32], stride=2, **words),
    "residual": Residual(lines, 256, blocks=2, **words),
}
NEAR = {"convolutional": 2e-6, "residual": 4e-4}  # of the target, for the certificates

# %%
# The whole path
# --------------
# Gradient descent to the full target, even against odd digits. K is looked at every tenth step.


def watched(network, target, **how):
    """A run of gradient descent, and the eigenvalues of K at every tenth of its points."""
    found = []

    def look(intermediate_result):
        if intermediate_result.nit % 10 == 0:
            K = network.values(intermediate_result.w)[1].gram()
            found.append(np.linalg.eigvalsh(K)[[0, -1]])

    start = network.initial(2)
    sol = nlsolve.solve(network, target, start, method="gd", callback=look, certify=False, **how)
    return sol, np.array(found)


full = {}
for name, network in networks.items():
    sol, spectrum = full[name] = watched(network, y)
    sol.raise_if_failed()
    ratio = sol.history.pl_ratio[:-1]
    condition = spectrum[:, 1] / spectrum[:, 0]
    least, most = spectrum[:, 0].min(), condition.max()
    print(f"{name}: {network.m:,} weights, {sol.nit} steps, {sol.message}")
    print(f"  at least: PL ratio {ratio.min():.2g}, smallest eigenvalue of K {least:.2g}")
    print(f"  condition number of K {condition.min():.3g} to {most:.3g}")

# %%
# What is proved
# --------------
# For a target near F(w0) = 0 the theorem holds at the start, its constants enclosed layer by layer.
# The PL ratio of the run may then not fall below mu.

near = {}
for name, network in networks.items():
    target = NEAR[name] * y
    promise = nlsolve.certify(network, target, network.initial(2), method="gd")
    assert promise.holds, promise.reason
    sol, spectrum = watched(network, target, step=promise.step, max_iter=200, tol=1e-15)
    lowest = min(sol.history.pl_ratio[:-1].min(), spectrum[:, 0].min())
    near[name] = sol, spectrum, promise
    moved = sol.history.distance.max()
    print(f"{name}, {promise.evidence}: mu = {promise.mu:.3g} within {promise.radius:.2g}")
    print(f"  moved {moved:.2g}, PL ratio and smallest eigenvalue at least {lowest:.3g}")
    assert lowest >= promise.mu

print(f"{promise.evidence}: {promise.claim}")

# %%
# Left: the full target. Right: the near one with the proved constant, dashed.

figure, axes = plt.subplots(1, 2, figsize=(10.0, 4.8), layout="constrained")
colors = {"convolutional": "#0072B2", "residual": "#D55E00"}
for name, color in colors.items():
    for panel, (sol, spectrum) in zip(axes, (full[name], near[name][:2]), strict=True):
        ratio = sol.history.pl_ratio[:-1]
        panel.semilogy(ratio, color=color, lw=1.0, label=f"PL ratio, {name}")
        at = 10 * (1 + np.arange(len(spectrum)))
        panel.semilogy(
            at, spectrum[:, 0], "o", color=color, ms=3, label=f"smallest eigenvalue of K, {name}"
        )
    axes[1].axhline(near[name][2].mu, color=color, ls="--", label=f"mu, proved, {name}")
axes[0].set(title="to the full target", xlabel="step")
axes[1].set(title="to a target near the start", xlabel="step")
figure.legend(*axes[1].get_legend_handles_labels(), loc="outside lower center", ncols=2)
plt.show()
