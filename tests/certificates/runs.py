"""Which runs are certified? A nearly linear system in both lanes."""

import numpy as np
from numba import njit

import nlsolve
from tests.zoo.known_constants import known_systems

START = np.array([0.4, -0.3, 0.2])


FAMILY = [k for k in known_systems(120, seed=17) if k.h < 0.45 and k.n * k.m < 2000][:24]
STEPPING = ("gd", "sgd")


@njit
def bowl(w):
    """D^2F[u, v] = 0.02 (u_1 v_1, u_0 v_0), so beta = 0.02."""
    return np.array([w[0] + 0.01 * w[1] ** 2 - 0.4, w[1] - w[2] + 0.01 * w[0] ** 2 + 0.5])


@njit
def bowl_jacobian(w):
    return np.array([[1.0, 0.02 * w[1], 0.0], [0.02 * w[0], 1.0, -1.0]])


BETA = 0.02


def bowl_again(w):
    return bowl.py_func(w)


def bowl_again_jacobian(w):
    return bowl_jacobian.py_func(w)


IN_LANE = {"compiled": (bowl, bowl_jacobian), "interpreted": (bowl_again, bowl_again_jacobian)}


def run(lane="interpreted", method="gauss-newton", **words):
    F, jac = IN_LANE[lane]
    certify = {"lipschitz": BETA} | words.pop("known", {})
    return nlsolve.solve(F, 0.0, START, method=method, lane=lane, jac=jac, certify=certify, **words)
