"""What is the tangent kernel K = J J^T of a Jacobian, in each of the forms J may have?"""

from functools import singledispatch
from typing import Any

import numpy as np
from scipy import sparse
from scipy.sparse.linalg import LinearOperator

from nlsolve.linalg.dense import lower_kernel
from nlsolve.linalg.step import FloatArray
from nlsolve.systems.jacobians import KernelOperator

COLUMNS = 64  # of K that are found at a time where only products are known


@singledispatch
def kernel_of(J: Any) -> FloatArray:
    """Return K, (n, n), as an array."""
    K = lower_kernel(J)
    upper = np.triu_indices(K.shape[0], 1)
    K[upper] = K.T[upper]
    return K


@kernel_of.register
def _(J: sparse.csr_array) -> FloatArray:
    return np.asarray((J @ J.T).toarray())


@kernel_of.register
def _(J: LinearOperator) -> FloatArray:
    n = J.shape[0]
    parts = [np.eye(n)[:, first : first + COLUMNS] for first in range(0, n, COLUMNS)]
    return np.hstack([J.matmat(J.rmatmat(part)) for part in parts])


@kernel_of.register
def _(J: KernelOperator) -> FloatArray:
    return J.gram()
