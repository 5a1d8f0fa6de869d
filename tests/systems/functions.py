"""What do the tests of systems solve? Functions of a user, jitted once for all files.

Each has a root that is known in closed form; the names say what is special about the function.
"""

import numpy as np
from numba import njit

from nlsolve.methods import REGISTRY

LANES = ("compiled", "interpreted")
METHODS = (*REGISTRY, "auto")
ROOT_OF_TWO = np.sqrt(2.0)


def squares(w):
    """Roots at +-sqrt(2) in every coordinate."""
    return w * w - 2.0


def squares_jacobian(w):
    return np.diag(2.0 * w)


def squares_and_jacobian(w):
    return w * w - 2.0, np.diag(2.0 * w)


def rosenbrock(w):
    """The one root is (1, 1)."""
    return np.array([10.0 * (w[1] - w[0] ** 2), 1.0 - w[0]])


def rosenbrock_jacobian(w):
    return np.array([[-20.0 * w[0], 10.0], [-1.0, 0.0]])


def shifted(w, a):
    """The one root is a."""
    return w - a


def weighted(w, a):
    """The one root is sum_k k a_k, k = 1, 2, ... in C order: tells strides and shapes apart."""
    total, k = 0.0, 1
    for value in a.flat:
        total += k * value
        k += 1
    return w - total


def overwriting(w):
    """`squares`, and then the argument is spoilt."""
    values = w * w - 2.0
    w[:] = 99.0
    return values


def overwriting_jacobian(w):
    J = np.diag(2.0 * w)
    w[:] = 99.0
    return J


def buffered(w, buffer):
    """`squares`, always in the same array."""
    buffer[:] = w * w - 2.0
    return buffer


def growing(w):
    """Two values for w[0] <= 1.2, three beyond."""
    if w[0] > 1.2:
        return np.zeros(3)
    return w * w - 2.0


def raising(w):
    """`squares`, defined for w[0] < 1.41 only: the roots are just outside."""
    if w[0] > 1.41:
        raise ValueError("out of range")
    return w * w - 2.0


def arctangents(w):
    return np.arctan(w) - 0.5


jitted = {
    function.__name__: njit(function)
    for function in (
        squares,
        squares_jacobian,
        squares_and_jacobian,
        rosenbrock,
        rosenbrock_jacobian,
        shifted,
        weighted,
        overwriting,
        overwriting_jacobian,
        buffered,
        growing,
        raising,
    )
}
