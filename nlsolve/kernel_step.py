"""Which constant step does the tangent kernel at w0 suggest to gradient descent and to SGD?

With lambda the largest eigenvalue of K = J J^T and k the largest entry of its diagonal,

    gd      eta = 1 / lambda,
    sgd     eta = 1 / (k + (b - 1) lambda / n)      for batches of b equations.

For linear F = A w, with mu the smallest eigenvalue of K, a step of gradient descent leaves at most
(1 - eta mu)^2 of the loss. A draw of SGD from w, with e = w - w* and r = A e, has

    E|e'|^2 = |e|^2 - 2 eta (b/n) |r|^2 + eta^2 E|sum of A_i^T r_i|^2,
    E|sum|^2 = (b/n) sum |A_i|^2 r_i^2 + (b (b-1)/n^2) |A^T r|^2
            <= (b/n) (k + (b-1) lambda/n) |r|^2,

least at the eta above, which leaves at most 1 - eta b mu / n of |e|^2 in the mean, for e in the
range of A^T. Where F is curved none of this is a promise: step='certified' asks for one.

lambda is found by Lanczos iterations on products with J, so that J need not be formed.

Source: S. Ma, R. Bassily, M. Belkin, "The power of interpolation: understanding the effectiveness
of SGD in modern over-parametrized learning", ICML 2018, theorem 1 (there for the mean loss).
"""

import math
from typing import Any

import numpy as np
from scipy.sparse.linalg import LinearOperator, eigsh

from nlsolve.linalg import kernel_of
from nlsolve.systems.jacobians import KernelOperator, is_operator
from nlsolve.systems.linearization import Linearization

SMALL = 32  # equations up to which K is formed
LEAST = 1e-6  # relative error of lambda


def kernel_step(J: Linearization, method: str, batch: int) -> float:
    """Return the step.

    Parameters
    ----------
    J : Linearization
        At w0.
    method : {'gd', 'sgd'}
    batch : int
        Equations per draw of 'sgd'.

    Raises
    ------
    ValueError
        If J is zero or not finite.
    """
    steepness = largest_eigenvalue(J)
    if method == "sgd":
        steepness = _longest_row(J, steepness) + (batch - 1) * steepness / J.r.size
    if not 0.0 < steepness < math.inf:
        raise ValueError(
            f"step='kernel': the tangent kernel at w0 has largest eigenvalue {steepness:.3g}, from "
            "which no step follows; start elsewhere, or give a number"
        )
    return 1.0 / steepness


def _longest_row(J: Linearization, largest: float) -> float:
    """Return k; where only products are known lambda, which no diagonal entry exceeds."""
    known = isinstance(J.jacobian, KernelOperator) or not is_operator(J.jacobian)
    return float(np.max(J.squared_row_norms())) if known else largest


def largest_eigenvalue(J: Linearization) -> float:
    """Return the largest eigenvalue of K = J J^T, to 1e-6."""
    n = J.r.size
    if n <= SMALL:
        return float(np.linalg.eigvalsh(kernel_of(J.jacobian))[-1])

    def product(u: Any) -> Any:
        return J.jvp(J.vjp(u.ravel()))

    K = LinearOperator((n, n), product, dtype=np.float64)
    start = np.random.default_rng(0).standard_normal(n)
    found = eigsh(K, k=1, which="LM", v0=start, tol=LEAST, return_eigenvectors=False)
    return float(found[0])
