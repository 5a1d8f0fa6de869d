"""What is a minimum-norm step, and who computes it for which kind of Jacobian?

d = -J^T (K + lambda I)^{-1} r, K = J J^T (n x n). Of all minimisers of |r + J d|^2 + lambda |d|^2
it is the shortest, also where J loses rank or n > m.

What kind of matrix J is, is asked here and nowhere else: `least_norm_step` dispatches on its type;
dense.py, sparse.py and products.py each answer for one.
"""

import math
from collections.abc import Callable, Iterable
from functools import singledispatch
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.linalg import blas

FloatArray = npt.NDArray[np.float64]
Blocks = Iterable[tuple[slice, FloatArray]]


class Inner(NamedTuple):
    """How a step is found where it takes iterations.

    Attributes
    ----------
    tolerance : float
        |r + J d| that is enough, relative to |r|; 0 for as small as rounding allows.
    blocks : callable, optional
        Gives the rows of J block by block, for the preconditioner.
    """

    tolerance: float = 0.0
    blocks: Callable[[], Blocks] | None = None


EXACT = Inner()


@singledispatch
def least_norm_step(
    J: Any, r: FloatArray, damping: float, rank_tolerance: float, inner: Inner = EXACT
) -> tuple[FloatArray, float]:
    """Return (d, sigma): the shortest minimiser of |r + J d|^2 + damping |d|^2.

    Parameters
    ----------
    J : (n, m) ndarray, sparse array or LinearOperator
        Jacobian.
    r : (n,) ndarray
        Residual.
    damping : float
        lambda >= 0.
    rank_tolerance : float
        A row whose part outside the span of others is below this, relative to the row's length,
        counts as dependent.
    inner : Inner, optional
        Of a LinearOperator: how near to d is enough, and what helps.

    Returns
    -------
    d : (m,) ndarray
    sigma : float
        Upper bound of the n-th singular value of J, up to rounding; NaN where none was a
        by-product.
    """
    raise TypeError(
        f"no minimum-norm step for a Jacobian of type {type(J).__name__}; expected a numpy array, "
        "a scipy.sparse array or a scipy.sparse.linalg.LinearOperator"
    )


def sigma_bound(solve: Callable[[Any], Any], n: int, damping: float) -> float:
    """Return an upper bound of sigma: sigma^2 + damping <= 1 / |K^{-1} x| for every unit x.

    `solve` applies (K + damping I)^{-1}.
    """
    x, length = np.full(n, 1.0 / math.sqrt(n)), 1.0
    for _ in range(2):
        x = solve(x)
        length = float(blas.dnrm2(x))
        if not 0.0 < length < math.inf:
            return math.nan
        x /= length
    return math.sqrt(max(1.0 / length - damping, 0.0))
