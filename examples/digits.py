"""
A thousand digits, fitted exactly by a wide network
===================================================

Handwritten digits, 8 by 8 pixels: is the digit even (+1) or odd (-1)? A network with two hidden
layers of 512 units has 300 times as many weights as there are samples, so that all 1,000 values can
be met: one equation a sample, F(w) = y. Gauss-Newton does it in few steps. The n x n tangent kernel
K is built from the layers; the Jacobian, 1,000 by 296,961, is never formed.

At the end there is a proof that weights exist, near those found, which fit all samples exactly.

Data: scikit-learn (E. Alpaydin, C. Kaynak, UCI, 1998).
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits

import nlsolve

SAMPLES = 1_000

images, digit = load_digits(return_X_y=True)
order = np.random.default_rng(0).permutation(len(digit))
X, digit = (images / 16.0 - (images / 16.0).mean())[order], digit[order]
y = np.where(digit % 2 == 0, 1.0, -1.0)

# %%
# The system and its solution

network = nlsolve.networks.Dense(X[:SAMPLES], [512, 512], bias=True)
sol = nlsolve.solve(network, y[:SAMPLES], network.initial(0), method="gauss-newton", tol=1e-8)
print(sol)

# %%
# What is new to the network
# --------------------------
#
# Exactly fitted is not overfitted: the samples it never saw.

answers = network.predict(sol.w, X[SAMPLES:]).ravel()
correct = np.mean((answers > 0) == (y[SAMPLES:] > 0))
print(f"correct on {correct:.1%} of the {len(answers)} samples kept back")

# %%
# The certificate of the end point

certificate = nlsolve.certify(network, y[:SAMPLES], sol.w)
print(certificate)

# %%
# Towards the root, and what the network says of other samples

figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.6), layout="constrained")
left.semilogy(sol.history.residual_norm, marker="o", markersize=3)
left.set(xlabel="iteration", ylabel="|r|", title="Gauss-Newton")
for kind, sign in (("even", 1.0), ("odd", -1.0)):
    right.hist(answers[y[SAMPLES:] == sign], bins=40, alpha=0.7, label=kind)
right.set(xlabel="answer of the network", title="samples kept back")
right.legend()
plt.show()
