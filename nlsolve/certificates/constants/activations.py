"""Between which numbers do activation functions and their slopes lie?

By Taylor tables (intervals/tables.py), from their series in arb. Their asymptotes: 1 - tanh z <=
2 exp(-2 z), sigmoid z <= exp z, softplus z - max(z, 0) <= exp(-|z|), |z| sigmoid(-|z|) <=
|z| exp(-|z|), and those of erf and gelu fall faster; for |z| >= 64 all are below 2^-80, and so are
their slopes' distances from their limits.

The suprema of slopes are those of networks/activations.py, closed forms in doubles; a few units in
the last place are added, because they are rounded.
"""

from typing import Any

import numpy as np

from nlsolve.certificates.evidence import Refusal
from nlsolve.intervals import Interval
from nlsolve.intervals.tables import Smooth, enclosed
from nlsolve.networks.activations import ACTIVATIONS

ROUNDED = 1.0 + 2.0**-49  # relative: sixteen times u


def _gelu(z: Any) -> Any:
    root = type(z[0])(2).sqrt()
    return z * (-z / root).erfc() / 2


_SERIES = (
    ("tanh", lambda z: 1 - 2 / (1 + (2 * z).exp()), (-1.0, 0.0, 1.0, 0.0)),
    ("sigmoid", lambda z: 1 / (1 + (-z).exp()), (0.0, 0.0, 1.0, 0.0)),
    ("erf", lambda z: z.erf(), (-1.0, 0.0, 1.0, 0.0)),
    ("softplus", lambda z: (1 + z.exp()).log(), (0.0, 0.0, 0.0, 1.0)),
    ("gelu", _gelu, (0.0, 0.0, 0.0, 1.0)),
    ("silu", lambda z: z / (1 + (-z).exp()), (0.0, 0.0, 0.0, 1.0)),
)


def suprema(name: str) -> tuple[float, float]:
    """Return upper bounds of |act'| and |act''|.

    Raises
    ------
    Refusal
        Where there is no second derivative.
    """
    activation = ACTIVATIONS[name]
    if not np.isfinite(activation.sharpest):
        raise Refusal(
            f"{name} has no second derivative at 0: nothing bounds how fast J changes, and no "
            "theorem covers it; choose a smooth activation, as softplus or gelu"
        )
    return activation.steepest * ROUNDED, activation.sharpest * ROUNDED


def activated(name: str, z: Interval) -> tuple[Interval, Interval]:
    """Return intervals of act and act'.

    Raises
    ------
    Refusal
        For relu.
    EnclosureError
        Where z overflowed.
    """
    steepest, sharpest = suprema(name)
    if name == "linear":
        return z, Interval(np.ones(z.shape))
    series, ends = _BY_NAME[name]
    return enclosed(Smooth(name, series, ends, steepest, sharpest), z)


_BY_NAME = {name: (series, ends) for name, series, ends in _SERIES}
