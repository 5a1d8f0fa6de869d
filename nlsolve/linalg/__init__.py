"""How are linear systems solved outside compiled code?

`least_norm_step` (step.py) is the one question the methods ask; dense.py, sparse.py and products.py
answer it for arrays, sparse arrays and linear operators.
"""

from nlsolve.linalg import products, sparse
from nlsolve.linalg.dense import cholesky, svd
from nlsolve.linalg.step import EXACT, Inner, least_norm_step

__all__ = ["EXACT", "Inner", "cholesky", "least_norm_step", "products", "sparse", "svd"]
