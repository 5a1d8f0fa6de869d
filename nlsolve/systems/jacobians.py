"""In which forms may a Jacobian come, and what is asked of each?

A numpy array, a scipy.sparse array or matrix (kept as csr_array), or a LinearOperator, of which
products are all there is. The questions are functions that dispatch on the type, so that nobody
else asks what a Jacobian is.
"""

from collections.abc import Callable
from functools import singledispatch
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.sparse.linalg import LinearOperator

from nlsolve.systems.errors import EvaluationError

FloatArray = npt.NDArray[np.float64]
IntegerArray = npt.NDArray[np.int64]

ALL = slice(None)
PROBES = 8
LARGEST = 20_000_000  # entries of a J that is made an array for questions that need one


@singledispatch
def as_jacobian(J: Any, name: str) -> Any:
    """Return a user's Jacobian in the form that is kept; EvaluationError for complex ones.

    An array in Fortran order is not copied: BLAS takes both orders.
    """
    if type(J) is np.ndarray and J.dtype is _FLOAT and J.flags.farray:
        return J
    return as_real(J, name)


@as_jacobian.register(sparse.sparray)
@as_jacobian.register(sparse.spmatrix)
def _(J: Any, name: str) -> Any:
    _check_real(J.dtype, name)
    return sparse.csr_array(J, dtype=np.float64)


@as_jacobian.register
def _(J: LinearOperator, name: str) -> Any:
    _check_real(np.dtype(J.dtype), name)
    return J


def as_real(value: Any, name: str) -> FloatArray:
    """Return a function's result as a C-ordered float64 array; complex values are an error."""
    if type(value) is np.ndarray and value.dtype is _FLOAT and value.flags.carray:
        return value
    array = np.asarray(value)
    _check_real(array.dtype, name)
    return np.array(array, dtype=np.float64, order="C")


_FLOAT = np.dtype(np.float64)


def _check_real(dtype: Any, name: str) -> None:
    if dtype.kind == "c":
        raise EvaluationError(
            f"{name} returned complex values; split the equations into real and imaginary parts"
        )
    if dtype.kind not in "fiub":
        raise EvaluationError(f"{name} must return real numbers, got dtype {dtype}")


class KernelOperator(LinearOperator):
    """A Jacobian known by products and by its tangent kernel, which needs no Jacobian."""

    def gram(self) -> FloatArray:
        """Return K = J J^T, (n, n)."""
        raise NotImplementedError

    def array(self) -> FloatArray:
        """Return J as an array."""
        raise NotImplementedError

    def near_inverse(self, damping: float) -> Callable[[FloatArray], FloatArray] | None:
        """Return what nearly applies (K + damping I)^{-1}; None where nothing cheap does."""
        return None


def is_operator(J: Any) -> bool:
    """Return whether products are all that is known of J."""
    return isinstance(J, LinearOperator)


@singledispatch
def shaped(J: Any, n: int, m: int) -> Any:
    """Return J as (n, m), None where it is not; a single row or column may come flat."""
    flat = 1 in (n, m) and J.size == n * m
    return J.reshape(n, m) if J.shape == (n, m) or flat else None


@shaped.register(sparse.csr_array)
@shaped.register(LinearOperator)
def _(J: Any, n: int, m: int) -> Any:
    return J if J.shape == (n, m) else None


@singledispatch
def not_finite(J: Any) -> tuple[int, int, float] | None:
    """Return an entry that is not a finite number, (i, j, value); None where there is none."""
    bad = np.argwhere(~np.isfinite(J))
    return (int(bad[0][0]), int(bad[0][1]), float(J[tuple(bad[0])])) if bad.size else None


@not_finite.register
def _(J: sparse.csr_array) -> tuple[int, int, float] | None:
    entries = J.tocoo()
    bad = np.flatnonzero(~np.isfinite(entries.data))
    if not bad.size:
        return None
    k = bad[0]
    return int(entries.row[k]), int(entries.col[k]), float(entries.data[k])


@not_finite.register
def _(J: LinearOperator) -> tuple[int, int, float] | None:
    return None


@singledispatch
def rows_of(J: Any, batch: IntegerArray) -> Any:
    """Return some rows of J, in the form of J."""
    return J[batch]


@rows_of.register
def _(J: LinearOperator, batch: IntegerArray) -> Any:
    def back(u: FloatArray) -> Any:
        whole = np.zeros(J.shape[0])
        np.add.at(whole, batch, u.ravel())
        return J.rmatvec(whole)

    def forth(v: FloatArray) -> Any:
        return J.matvec(v)[batch]

    return LinearOperator((batch.size, J.shape[1]), forth, back, dtype=float)


@singledispatch
def times_columns(J: Any, scale: FloatArray) -> Any:
    """Return J D, D = diag(scale), in the form of J."""
    return J * scale


@times_columns.register
def _(J: sparse.csr_array, scale: FloatArray) -> Any:
    return sparse.csr_array((J.data * scale[J.indices], J.indices, J.indptr), shape=J.shape)


@times_columns.register
def _(J: LinearOperator, scale: FloatArray) -> Any:
    return LinearOperator(
        J.shape,
        lambda v: J.matvec(scale * v.ravel()),
        lambda u: scale * J.rmatvec(u.ravel()),
        dtype=float,
    )


@singledispatch
def column_norms(J: Any) -> FloatArray:
    """Return the lengths of the columns of J.

    Raises
    ------
    EvaluationError
        For an operator, whose columns are not known.
    """
    return np.asarray(np.linalg.norm(J, axis=0))


@column_norms.register
def _(J: sparse.csr_array) -> FloatArray:
    return np.asarray(sparse.linalg.norm(J, axis=0))


@column_norms.register
def _(J: LinearOperator) -> FloatArray:
    raise EvaluationError(
        "x_scale='jac' needs the columns of J, but only products with J are known; give numbers"
    )


@singledispatch
def squared_row_norms(J: Any) -> FloatArray:
    """Return the diagonal of K = J J^T; of an operator, its mean as estimated from products."""
    return np.einsum("ij,ij->i", J, J)  # type: ignore[no-any-return]


@squared_row_norms.register
def _(J: sparse.csr_array) -> FloatArray:
    return np.asarray(J.multiply(J).sum(axis=1)).ravel()


@squared_row_norms.register
def _(J: LinearOperator) -> FloatArray:
    n = J.shape[0]
    signs = np.random.default_rng(0).choice([-1.0, 1.0], (PROBES, n))
    squares = [float(np.sum(J.rmatvec(z) ** 2)) for z in signs]  # of mean |J|_F^2
    return np.full(n, np.mean(squares) / n)


@squared_row_norms.register
def _(J: KernelOperator) -> FloatArray:
    return J.gram().diagonal()


@singledispatch
def sizes(J: Any, v: FloatArray, rows: slice = ALL) -> FloatArray | None:
    """Return the rows of |J| |v|, absolute values by entries; None where those are not known."""
    found: FloatArray = abs(J[rows]) @ np.abs(v)
    return found


@sizes.register
def _(J: LinearOperator, v: FloatArray, rows: slice = ALL) -> None:
    return None


@singledispatch
def as_array(J: Any) -> FloatArray:
    """Return J as a numpy array.

    Raises
    ------
    EvaluationError
        If it would have too many entries.
    """
    return J  # type: ignore[no-any-return]


@as_array.register
def _(J: sparse.csr_array) -> FloatArray:
    _check_size(J)
    return np.ascontiguousarray(J.toarray())


@as_array.register
def _(J: LinearOperator) -> FloatArray:
    _check_size(J)
    n, m = J.shape
    if n <= m:
        return np.array([J.rmatvec(unit) for unit in np.eye(n)])
    return np.ascontiguousarray(np.array([J.matvec(unit) for unit in np.eye(m)]).T)


@as_array.register
def _(J: KernelOperator) -> FloatArray:
    _check_size(J)
    return J.array()


def _check_size(J: Any) -> None:
    n, m = J.shape
    if n * m > LARGEST:
        raise EvaluationError(too_large(n, m))


def too_large(n: int, m: int) -> str:
    """Return what is said where J would have too many entries."""
    return f"this needs all {n} x {m} entries of J as an array, which is done up to {LARGEST:,}"
