"""Which small systems are certificates shown on? Their constants are known in closed form."""

import numpy as np

import nlsolve

W = np.array([0.1, -0.2, 0.3])


Y = np.array([0.1, 0.5])


METHODS = (None, "gauss-newton", "gd", "sgd")


def F(w):
    """beta = |(H_1, H_2)|: |D^2F[u, v]| = 0.2 |u_0 v_0| + ... at most 0.2 sqrt(2)."""
    return np.array([w[0] + 0.1 * w[1] ** 2, w[1] - w[2] + 0.1 * w[0] ** 2])


def jac(w):
    return np.array([[1.0, 0.2 * w[1], 0.0], [0.2 * w[0], 1.0, -1.0]])


BETA = 0.2  # D^2F[u, v] = 0.2 (u_1 v_1, u_0 v_0), of norm 0.2


def certify(**words):
    return nlsolve.certify(F, Y, W, **{"jac": jac, "lipschitz": BETA, **words})


def line(w):
    """Four equations for two unknowns: an over-determined line fit, linear."""
    t = np.arange(4.0)
    return w[0] + w[1] * t


DATA = np.array([0.0, 1.1, 1.9, 3.2])
