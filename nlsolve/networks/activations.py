"""Which activation functions are there, and what is known of their derivatives?

The suprema are of |act'| and |act''| over the real line:

- tanh: act' = 1 - t^2, |act''| = 2 |t| (1 - t^2), largest at t^2 = 1/3: 4 / (3 sqrt 3).
- sigmoid = (1 + tanh(z / 2)) / 2: 1/4 and 1 / (6 sqrt 3). softplus' = sigmoid: 1 and 1/4.
- erf: act' = 2 exp(-z^2) / sqrt(pi), |act''| = 4 |z| exp(-z^2) / sqrt(pi), largest at z^2 = 1/2.
- gelu = z Phi(z), phi = Phi': act' = Phi + z phi, largest at z = sqrt 2; act'' = (2 - z^2) phi,
  largest at 0, where it is sqrt(2 / pi).
- silu = z sigmoid(z): act'' is largest at 0, where it is 1/2, and act' where act'' = 0.
- relu has no second derivative: theorems that need one refuse it.
"""

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from scipy.special import erf, expit, ndtr

Entrywise = Callable[[Any], Any]


class Activation(NamedTuple):
    """A function applied to every entry.

    Attributes
    ----------
    name : str
    value : callable
    slope : callable
        The derivative at z, given z and the value there.
    steepest, sharpest : float
        Upper bounds of |act'| and |act''|; `sharpest` is infinite where there is no second
        derivative.
    """

    name: str
    value: Entrywise
    slope: Callable[[Any, Any], Any]
    steepest: float
    sharpest: float


def _density(z: Any) -> Any:
    return np.exp(-0.5 * z * z) / math.sqrt(2.0 * math.pi)


def _bump(z: Any) -> Any:
    return 2.0 / math.sqrt(math.pi) * np.exp(-z * z)


_ALL = (
    Activation("linear", lambda z: z, lambda z, a: np.ones_like(z), 1.0, 0.0),
    Activation("tanh", np.tanh, lambda z, a: 1.0 - a * a, 1.0, 4.0 / 3.0 / math.sqrt(3.0)),
    Activation("sigmoid", expit, lambda z, a: a * expit(-z), 0.25, 1.0 / 6.0 / math.sqrt(3.0)),
    Activation("erf", erf, lambda z, a: _bump(z), 2.0 / math.sqrt(math.pi), 0.9678828980765734),
    Activation(
        "softplus", lambda z: np.logaddexp(z.dtype.type(0.0), z), lambda z, a: expit(z), 1.0, 0.25
    ),
    Activation(
        "gelu", lambda z: z * ndtr(z), lambda z, a: ndtr(z) + z * _density(z),
        1.128904145185155, math.sqrt(2.0 / math.pi),
    ),
    Activation(
        "silu", lambda z: z * expit(z), lambda z, a: expit(z) + a * expit(-z),
        1.099839320128867, 0.5,
    ),
    Activation(
        "relu", lambda z: np.maximum(z, 0.0), lambda z, a: (z > 0.0).astype(z.dtype), 1.0, math.inf
    ),
)  # fmt: skip

ACTIVATIONS = {activation.name: activation for activation in _ALL}
