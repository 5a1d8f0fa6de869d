"""
How fast do gradient descent and SGD train a network, and what was promised?
============================================================================

With more weights than samples, and a wide network, the PL* condition holds on a ball around the
start that is large enough for the whole way. The loss then falls by at least a fixed factor a
step. Both are proved before the run. With fewer weights than samples the tangent kernel is singular
everywhere, the condition fails, and no such promise is possible.

20 samples at random on the unit sphere in 20 dimensions, one hidden layer of 4096 units (tanh),
whose weights are trained, in pairs that cancel at the start.

Source: C. Liu, L. Zhu, M. Belkin, arXiv 2003.00307.
"""

import matplotlib.pyplot as plt
import numpy as np

import nlsolve
from nlsolve.networks import Dense

rng = np.random.default_rng(0)
X = rng.standard_normal((20, 20))
X /= np.linalg.norm(X, axis=1)[:, None]
y = np.sin(3.0 * X[:, 0]) / 2.0
network = Dense(np.sqrt(20.0) * X, 4096, train="hidden", antisymmetric=True, rng=1)
w0 = network.initial(2)

# %%
# Gradient descent
# ----------------
# The promise is a factor on the loss for every step, and a radius.

descent = nlsolve.certify(network, y, w0, method="gd")
print(f"{descent.evidence}: {descent.claim}")
sol = nlsolve.solve(network, y, w0, method="gd", step=descent.step, tol=1e-6).raise_if_failed()
residuals = sol.history.residual_norm
slowest = np.max((residuals[1:] / residuals[:-1]) ** 2)
moved = sol.history.distance.max()
print(f"slowest step left {slowest:.4f} of the loss, promised {descent.rate:.4f}")
print(f"moved {moved:.3f}, promised {descent.radius:.3f}: {sol.check_promise().kept}")

# %%
# SGD
# ---
# Batches of 4. What is promised is an expectation, unless the run leaves the ball, and the bound of
# that probability is below 1 only for a start close to a solution: 1/1000 of the target, here.
# The mean of a few runs falls much faster. From the full target SGD arrives too, without a promise.

TARGET, RUNS, EPOCHS = y / 1000.0, 8, 60
promise = nlsolve.certify(network, TARGET, w0, method="sgd", batch=4)
print(f"{promise.evidence}: {promise.claim}")
options = {"method": "sgd", "step": promise.step, "batch": 4, "max_iter": EPOCHS}
runs = [nlsolve.solve(network, TARGET, w0, rng=seed, **options) for seed in range(RUNS)]
mean_loss = np.mean([run.history.residual_norm**2 for run in runs], axis=0) / 2.0
per_step = (mean_loss[-1] / mean_loss[0]) ** (1.0 / (5 * EPOCHS))
farthest = max(run.history.distance.max() for run in runs)
print(f"a step left {per_step:.4f} of the mean loss, promised {promise.rate:.4f}")
print(f"moved {farthest:.4f} at most, promised {promise.radius:.3f}")
refused = nlsolve.certify(network, y, w0, method="sgd", batch=4)
print(f"full target not certified, because {refused.reason}")
full = nlsolve.solve(network, y, w0, method="sgd", step=0.3, batch=4, tol=1e-6).raise_if_failed()
print(f"it arrives: {full.message}")

# %%
# Fewer weights than samples
# --------------------------
# 3 hidden units on the first 2 coordinates: 9 weights for 20 samples and a random target. The
# kernel is singular, there is no certificate, and descent all but stops where the loss is not zero.
# The PL ratio |grad L|² / (2 L), which PL* would keep above mu, falls by five powers of ten.

small = Dense(np.sqrt(2.0) * X[:, :2], 3)
w_small, noise = small.initial(0), rng.standard_normal(20) / 4.0
for words in ({"method": "gd"}, {"claim": "pl-star", "radius": 1e-3}):
    nothing = nlsolve.certify(small, noise, w_small, **words)
    print(f"not certified, because {nothing.reason}")
stuck = nlsolve.solve(small, noise, w_small, method="gd", step=0.2, max_iter=5_000)
ratios, losses = stuck.history.pl_ratio[:-1], stuck.history.residual_norm**2 / 2.0
print(f"{stuck.message}; PL ratio from {ratios[0]:.1e} to {ratios[-1]:.1e}")

# %%
# Promises are dashed.

figure, axes = plt.subplots(1, 3, figsize=(11.0, 3.8), layout="constrained")
axes[0].semilogy(residuals**2 / 2.0, color="#0072B2")
axes[0].semilogy(np.square(descent.envelope(residuals.size)) / 2.0, "--", color="#0072B2")
axes[0].set(title="gradient descent", xlabel="step", ylabel="loss")
steps = 5 * np.arange(mean_loss.size)
for run in runs:
    axes[1].semilogy(steps, run.history.residual_norm**2 / 2.0, color="#E69F00", lw=0.6)
axes[1].semilogy(steps, mean_loss, color="#D55E00")
bounds = np.square(promise.envelope(int(steps[-1]) + 1)) / 2.0
axes[1].semilogy(bounds, "--", color="#D55E00")
axes[1].set(title="SGD, 8 runs and their mean", xlabel="step")
axes[2].loglog(np.arange(losses.size) + 1, losses, color="black")
axes[2].loglog(np.arange(ratios.size) + 1, ratios, color="#CC79A7")
axes[2].set(title="9 weights, 20 samples", xlabel="step, counted from 1")
axes[2].legend(["loss", "PL ratio"], loc="lower left")
plt.show()
