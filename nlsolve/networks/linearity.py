"""How nearly is a network linear in its weights around a point?

As a network with a linear output grows wider, its second derivative falls like 1 / sqrt(width)
while the tangent kernel stays of order one, so that in a ball of fixed radius the kernel, and with
it PL*, hardly changes. A nonlinear output, or a narrow layer, breaks that.

|D^2 F| = sup |D^2 F[u, v]| over unit u and v is approached from below: D^2 F[u, .] is the
derivative of J along u, had from products with J at w0 +- h u, and power iteration finds the v that
it lengthens most, which is the next u. Where it ends depends on the start, so there are several.

Sources: C. Liu, L. Zhu, M. Belkin, arXiv 2003.00307, section 4, and "On the linearity of large
non-linear models: when and why the tangent kernel is constant", arXiv 2010.01092.
"""

import math
from typing import Any, NamedTuple

import numpy as np
from scipy.linalg import eigvalsh

from nlsolve.networks.layers import Array
from nlsolve.networks.network import Network

STEPS = {"float64": 1e-4, "float32": 1e-2}  # of the differences, for unit directions
STARTS, TURNS, ENOUGH = 8, 30, 1e-3


class Linearity(NamedTuple):
    """What `linearity` measured; suprema are approached from below.

    Attributes
    ----------
    hessian_norm : float
        |D^2 F| at w0.
    kernel_change : float
        Largest |K(w) - K(w0)| / |K(w0)| seen in the ball, spectral norms.
    lambda_min, lambda_max : float
        Of K at w0.
    smallest : float
        Smallest lambda_min of K seen in the ball.
    radius : float
    """

    hessian_norm: float
    kernel_change: float
    lambda_min: float
    lambda_max: float
    smallest: float
    radius: float

    def __str__(self) -> str:
        return (
            f"|D^2 F|: {self.hessian_norm:.4g} at w0\n"
            f"      K: changes by {self.kernel_change:.3g} of its size within {self.radius:g}\n"
            f"lambda_min of K: {self.lambda_min:.4g} at w0, {self.smallest:.4g} at worst"
        )


def linearity(
    network: Network, w0: Any, radius: float = 1.0, *, points: int = 4, rng: Any = 0
) -> Linearity:
    """Measure how far a network is from linear in its weights, at w0 and in a ball around it.

    Parameters
    ----------
    network : Network
    w0 : (m,) array_like
        Centre of the ball.
    radius : float, optional
    points : int, optional
        Random points on the sphere at which K is looked at, besides those along the direction in
        which J changes most.
    rng : int or numpy.random.Generator, optional

    Returns
    -------
    Linearity
        What was measured: the Hessian at w0, and how K changes in the ball.

    Raises
    ------
    ValueError
        If `radius` is not positive.

    Examples
    --------
    >>> import numpy as np, nlsolve
    >>> X = np.random.default_rng(0).standard_normal((5, 3))
    >>> found = []
    >>> for width in (100, 10_000):
    ...     network = nlsolve.networks.Dense(X, width, train="hidden", rng=0)
    ...     found.append(nlsolve.networks.linearity(network, network.initial(0)).hessian_norm)
    >>> 8 < found[0] / found[1] < 12
    True
    """
    if not 0.0 < radius < math.inf:
        raise ValueError(f"radius must be a positive number, got {radius!r}")
    centre, random = np.asarray(w0, dtype=float), np.random.default_rng(rng)
    found = [_steepest(network, centre, _unit(random, centre.size)) for _ in range(STARTS)]
    norm, along = max(found, key=lambda pair: pair[0])
    directions = [along, -along, *(_unit(random, centre.size) for _ in range(points))]
    K = network.values(centre)[1].gram()
    values = eigvalsh(K)
    moved = [network.values(centre + radius * d)[1].gram() for d in directions]
    changes = [float(np.linalg.norm(other - K, 2)) / values[-1] for other in moved]
    smallest = min(float(eigvalsh(other)[0]) for other in (K, *moved))
    return Linearity(norm, max(changes), float(values[0]), float(values[-1]), smallest, radius)


def _unit(random: np.random.Generator, m: int) -> Array:
    v = random.standard_normal(m)
    return v / np.linalg.norm(v)


def _steepest(network: Network, w: Array, u: Array) -> tuple[float, Array]:
    """Return (|D^2 F[u, v]|, u) where it no longer grows, from a direction u."""
    size = 0.0
    for _ in range(TURNS):
        v, found = _lengthened(network, w, u)
        if not found > (1.0 + ENOUGH) * size:
            return max(found, size), u
        size, u = found, v
    return size, u


def _lengthened(network: Network, w: Array, u: Array) -> tuple[Array, float]:
    """Return (v, |D^2 F[u, v]|), v the unit vector it lengthens most, after a few iterations."""
    h = STEPS[network.X.dtype.name]
    ahead, behind = network.values(w + h * u)[1], network.values(w - h * u)[1]
    v, length = u, 0.0
    for _ in range(3):
        image = (ahead.matvec(v) - behind.matvec(v)) / (2.0 * h)
        length = float(np.linalg.norm(image))
        back = ahead.rmatvec(image) - behind.rmatvec(image)
        size = np.linalg.norm(back)
        if size == 0.0:
            return v, length
        v = back / size
    return v, length
