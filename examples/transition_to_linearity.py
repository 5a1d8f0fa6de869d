"""
Do wide networks become linear in their weights?
================================================

With a linear output they do: as the width grows, the second derivative D²F falls like 1 / √width,
while the tangent kernel K = J Jᵀ at a random start stays what it is. With a nonlinear output, or
behind a narrow layer, D²F does not fall, and K is positive definite all the same. So it is K that
matters for descent, and not that the network is nearly linear.

D²F is measured from below (power iteration) and bounded from above (proved by a recursion over
layers); the truth lies in between.

The widths go up to 2^11 here, or up to the power given: ``python transition_to_linearity.py 14``.

Source: C. Liu, L. Zhu, M. Belkin, arXiv 2003.00307.
"""

import sys

import matplotlib.pyplot as plt
import numpy as np

import nlsolve
from nlsolve.networks import Dense, linearity

LARGEST = int(sys.argv[1]) if len(sys.argv) > 1 else 11
WIDTHS = 2 ** np.arange(5, LARGEST + 1, 3 if LARGEST < 12 else 1)
DRAWS, MANY = 3, 30  # starts at which D²F and K are looked at

X = np.random.default_rng(0).standard_normal((8, 5))
X *= np.sqrt(5.0) / np.linalg.norm(X, axis=1)[:, None]

KINDS = {
    "linear output": lambda width: Dense(X, width, train="hidden", rng=0),
    "linear output, all weights": lambda width: Dense(X, width),
    "nonlinear output": lambda width: Dense(X, width, output="tanh"),
    "bottleneck of 4 units": lambda width: Dense(X, [width, 4, width]),
}


def measured(network):
    """Norm of D²F from below and, proved, from above, and lambda_min of K, medians of starts."""
    starts = [network.initial(seed) for seed in range(MANY)]
    below = [linearity(network, w, 1e-6).hessian_norm for w in starts[:DRAWS]]
    proofs = [
        nlsolve.certify(network, 0.0, w, claim="pl-star", radius=1e-6) for w in starts[:DRAWS]
    ]
    kernels = [network.values(w)[1].gram() for w in starts]
    smallest = [np.linalg.eigvalsh(K)[0] for K in kernels]
    return [np.median(found) for found in (below, [one.beta for one in proofs], smallest)]


def slope(values):
    return np.polyfit(np.log(WIDTHS), np.log(values), 1)[0]


# %%
# With all weights trained the output weights are normal random numbers, and the largest of them,
# which D²F follows, grows with the width like the root of its logarithm: the slope is nearer to
# -0.4. The paper's bound has such a factor. Where output weights are signs, it is -1/2.

table = {
    kind: np.transpose([measured(make(int(width))) for width in WIDTHS])
    for kind, make in KINDS.items()
}
slopes = {kind: [slope(row) for row in rows] for kind, rows in table.items()}
print(f"widths {WIDTHS[0]} to {WIDTHS[-1]}, slopes in logarithms")
for kind, rows in table.items():
    below, above, smallest = slopes[kind]
    print(f"{kind:>27}: |D²F| {below:.2f} measured, {above:.2f} proved above; lambda_min of K "
          f"{smallest:.2f}, {rows[2].min():.4f} to {rows[2].max():.4f}")  # fmt: skip

# %%
# The largest network of each kind: on a ball around its start PL* is proved.

for kind, make in KINDS.items():
    network = make(int(WIDTHS[-1]))
    ball = nlsolve.certify(network, 0.0, network.initial(0), claim="pl-star", radius=1e-4)
    print(f"{kind}, {ball.evidence}: {ball.claim}")

# %%
# In the figure a band is what is known of D²F: the truth lies between its edges. The bound for two
# wide layers around a narrow one is too coarse to be of use, as it multiplies the norms of layers.

colors = dict(zip(KINDS, ("#0072B2", "#56B4E9", "#D55E00", "#009E73"), strict=True))
figure, (left, right) = plt.subplots(1, 2, figsize=(9.6, 4.2), layout="constrained")
for kind, (below, above, smallest) in table.items():
    left.loglog(WIDTHS, below, "o-", color=colors[kind], markersize=4, label=kind)
    if "bottleneck" not in kind:
        left.fill_between(WIDTHS, below, above, color=colors[kind], alpha=0.2)
    right.loglog(WIDTHS, smallest, "o-", color=colors[kind], markersize=4)
left.loglog(WIDTHS, 0.5 * table["linear output"][0][0] * np.sqrt(WIDTHS[0] / WIDTHS), "k:")
left.annotate("slope -1/2", (WIDTHS[0], 0.25 * table["linear output"][0][0]))
left.set(xlabel="width", ylabel="|D²F|", title="second derivative at the start")
right.set(xlabel="width", ylabel="smallest eigenvalue of K", title="tangent kernel at the start")
figure.legend(*left.get_legend_handles_labels(), loc="outside lower center", ncols=4)
plt.show()
