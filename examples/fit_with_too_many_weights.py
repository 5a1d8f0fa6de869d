"""
Can a network with far more weights than data be fitted exactly, and how?
=========================================================================

Twelve samples, sixty hidden units, 180 weights: F_j(w) = network(w; x_j), y_j = sin(3 x_j).
Gauss-Newton, through the 12 x 12 tangent kernel, is at rounding after ten steps; gradient descent
takes hundreds for four digits, SGD on single samples hundreds of epochs for two.
"""

import matplotlib.pyplot as plt
import numpy as np

import nlsolve

HIDDEN = 60
X = np.linspace(-1.0, 1.0, 12)
Y = np.sin(3.0 * X)


def evaluate(w, x):
    u, b, v = w.reshape(3, HIDDEN)
    return np.tanh(np.outer(x, u) + b) @ v / np.sqrt(HIDDEN)


def network(w):
    return evaluate(w, X)


def jacobian(w):
    u, b, v = w.reshape(3, HIDDEN)
    activation = np.tanh(np.outer(X, u) + b)
    inner = (1.0 - activation**2) * v
    return np.hstack([inner * X[:, None], inner, activation]) / np.sqrt(HIDDEN)


def rows(w, batch):
    return network(w)[batch], jacobian(w)[batch]


# %%
# Four methods from one start
# ---------------------------
# All arrive: with that many weights the tangent kernel stays away from zero on the way. They arrive
# at different points of the same 168-dimensional surface of solutions.

w0 = np.random.default_rng(0).standard_normal(3 * HIDDEN) * np.repeat([3.0, 1.0, 1.0], HIDDEN)
asked = {
    "gauss-newton": {},
    "levenberg-marquardt": {},
    "gd": {"max_iter": 20_000, "tol": 1e-4},
    "sgd": {"rows": rows, "max_iter": 5_000, "tol": 1e-2, "rng": 1},
}
solved = {}
for method, options in asked.items():
    sol = nlsolve.solve(network, Y, w0, jac=jacobian, method=method, **options)
    solved[method] = sol.raise_if_failed()
    reached = f"|r| = {sol.residual_norm:.1e} after {sol.nit} iterations"
    print(f"{method:>20}: {reached}, moved {sol.history.distance[-1]:.3f}")

# %%
# What is certified
# -----------------
# The code of the network is traced to formulas: that weights exist which fit the data exactly, so
# near, is proved at two of the ends. The other two runs stopped too early for that, and at w0 no
# promise could be made; the reasons say how small a residual would do.

newton = solved["gauss-newton"]
print(f"at w0 not certified, because {newton.start_certificate.reason}")
for method, sol in solved.items():
    found = sol.certificate
    words = (
        f"{found.evidence}: {found.claim}" if found else f"not certified, because {found.reason}"
    )
    print(f"{method:>20}: {words}")

# %%
# The samples are met by all curves; between them nothing was asked for.

styles = dict(zip(solved, ("#0072B2", "#E69F00", "#009E73", "#CC79A7"), strict=True))
figure, (left, right) = plt.subplots(1, 2, figsize=(9.6, 4.0), layout="constrained")
line = np.linspace(-1.2, 1.2, 200)
for method, sol in solved.items():
    left.plot(line, evaluate(sol.w, line), color=styles[method])
    count = np.arange(len(sol.history)) + 1
    right.loglog(count, sol.history.residual_norm, color=styles[method], label=method)
left.plot(X, Y, "o", color="black", markersize=4)
left.set(xlabel="x", ylabel="y", title="fits, and the data (dots)")
right.legend(loc="lower right")
right.set(xlabel="iteration (sgd: epoch), counted from 1", ylabel="|r|", title="convergence")
plt.show()
