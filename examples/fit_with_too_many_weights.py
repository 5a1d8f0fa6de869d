"""Can a network with far more weights than data be interpolated exactly, and by which method?

Twelve samples, sixty hidden units, 180 weights: F_j(w) = network(w; x_j), y_j = sin(3 x_j).
Gauss-Newton, through the 12 x 12 tangent kernel, is at rounding after ten steps; gradient descent
takes hundreds for four digits, SGD on single samples hundreds of epochs for two.
"""

import numpy as np

import nlsolve

HIDDEN = 60
X = np.linspace(-1.0, 1.0, 12)
Y = np.sin(3.0 * X)


def split(w):
    return w.reshape(3, HIDDEN)


def network(w):
    u, b, v = split(w)
    return np.tanh(np.outer(X, u) + b) @ v / np.sqrt(HIDDEN)


def jacobian(w):
    u, b, v = split(w)
    activation = np.tanh(np.outer(X, u) + b)
    inner = (1.0 - activation**2) * v
    return np.hstack([inner * X[:, None], inner, activation]) / np.sqrt(HIDDEN)


def rows(w, batch):
    return network(w)[batch], jacobian(w)[batch]


w0 = np.random.default_rng(0).standard_normal(3 * HIDDEN) * np.repeat([3.0, 1.0, 1.0], HIDDEN)
for method, options in {
    "gauss-newton": {},
    "levenberg-marquardt": {},
    "gd": {"max_iter": 20_000, "tol": 1e-4},
    "sgd": {"rows": rows, "max_iter": 5_000, "tol": 1e-2, "rng": 1},
}.items():
    sol = nlsolve.solve(network, Y, w0, jac=jacobian, method=method, **options)
    moved = sol.history.distance[-1]
    reached = f"{sol.status.name}, |r| = {sol.residual_norm:.1e} after {sol.nit} iterations"
    print(f"{method:>20}: {reached}, moved {moved:.3f}")
    assert sol.success
