"""
How wide must a network be for its training to be proved to converge?
=====================================================================

Gradient descent is proved, before a run, to end at weights that fit all samples exactly, if at the
start

::

    h = beta |r| / sigma² < 1/2,

beta the Lipschitz constant of the Jacobian J, sigma its smallest singular value, r the residual.
For one hidden layer beta is at most a constant over √width, and sigma tends to a limit: so h falls
like 1 / √width, and from some width on there is a proof.

Samples are at random on the unit sphere, as many as dimensions; one hidden layer (tanh) whose
weights are trained, in pairs that cancel at the start. Numbers of samples go up to 40 here, or up
to the one given: ``python width_for_convergence.py 160`` also takes all samples of the real data.

Sources: C. Liu, L. Zhu, M. Belkin, arXiv 2003.00307 (no numbers); data: scikit-learn.
"""

import sys

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_diabetes, load_digits

import nlsolve

LARGEST = int(sys.argv[1]) if len(sys.argv) > 1 else 40
SAMPLES = [n for n in (5, 10, 20, 40, 80, 160) if n <= LARGEST]
WIDTHS = 2 ** np.arange(9, 16)


def unit(X):
    return X / np.linalg.norm(X, axis=1)[:, None]


def promise(X, y, width):
    """What is known of gradient descent before it begins, on samples of length one."""
    d = X.shape[1]
    network = nlsolve.networks.Dense(
        np.sqrt(d) * X, int(width), train="hidden", antisymmetric=True, rng=2
    )
    return nlsolve.certify(network, y, network.initial(3), method="gd", theorem="gd")


def until_proved(X, y):
    """Promises for growing widths, up to the first with h below 1/4."""
    promises = []
    for width in WIDTHS:
        promises.append(promise(X, y, width))
        if promises[-1].h < 0.25:
            return promises
    raise RuntimeError("no proof up to the largest width")


# %%
# Random data
# -----------
# At h just below 1/2 the promised rate is next to nothing; at 1/4 it is worth something. Widths are
# tried in powers of 2, for one draw of samples and weights.

found = {}
print("samples  proved from  h < 1/4 from  weights then")
for n in SAMPLES:
    X = unit(np.random.default_rng(1).standard_normal((n, n)))
    promises = found[n] = until_proved(X, np.sin(3.0 * X[:, 0]) / 2.0)
    first = int(np.argmax([one.holds for one in promises]))
    print(f"{n:7}  {WIDTHS[first]:11}  {WIDTHS[len(promises) - 1]:12}  {promises[-1].m:12,}")
last = promises[-1]
print(f"{last.evidence}: {last.claim}")

# %%
# Real data
# ---------
# Samples scaled to length one, targets to mean 0 and variance 1: the residual is as large as the
# root of their number, and samples are alike, so that sigma is small. The width is extrapolated
# from one that can be computed, by h falling like 1 / √width. That is no proof, and no width
# anybody would use: the theorem asks for more than training needs.

FEW, MANY = 200 if LARGEST <= 40 else 2000, 2048
for name, load in (("diabetes", load_diabetes), ("digits", load_digits)):
    X, y = load(return_X_y=True)
    chosen = np.random.default_rng(0).permutation(len(y))[:FEW]
    y = (y[chosen] - y.mean()) / y.std()
    here = promise(unit(X[chosen]), y, MANY)
    width = MANY * (2.0 * here.h) ** 2
    print(f"{name}, {len(y)} samples: h = {here.h:.0f} at width {MANY}, sigma = "
          f"{here.sigma_min:.2g}; 1/2 near width {width:.1e}")  # fmt: skip

# %%
# The figure: what is proved lies below the line.

figure, (left, right) = plt.subplots(1, 2, figsize=(9.6, 4.0), layout="constrained")
for n, promises in found.items():
    left.loglog(WIDTHS[: len(promises)], [one.h for one in promises], "o-", markersize=4, label=n)
left.axhline(0.5, color="black", ls="--")
left.legend(title="samples", loc="lower left")
left.set(xlabel="width", ylabel="h", title="h falls like 1/√width")
firsts = [WIDTHS[np.argmax([one.holds for one in promises])] for promises in found.values()]
right.loglog(SAMPLES, firsts, "o-", color="#0072B2", label="convergence proved")
quarters = [WIDTHS[len(promises) - 1] for promises in found.values()]
right.loglog(SAMPLES, quarters, "o-", color="#D55E00", label="h < 1/4")
right.set(xlabel="samples, and dimensions", ylabel="width", title="width from which, to a factor 2")
right.set_ylim(256, 65536)
right.legend()
plt.show()
