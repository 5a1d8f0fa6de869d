"""How are linear systems solved outside compiled code?

`least_norm_step` (step.py) is the one question the methods ask; dense.py, sparse.py, products.py
and kernels.py answer it for arrays, sparse arrays, linear operators, and those of them that know
their tangent kernel.
"""

from nlsolve.linalg import kernels, products, sparse
from nlsolve.linalg.bounded import least_norm_within
from nlsolve.linalg.dense import cholesky, svd
from nlsolve.linalg.gram import kernel_of
from nlsolve.linalg.step import EXACT, Inner, least_norm_step

__all__ = [
    "EXACT",
    "Inner",
    "cholesky",
    "kernel_of",
    "kernels",
    "least_norm_step",
    "least_norm_within",
    "products",
    "sparse",
    "svd",
]
