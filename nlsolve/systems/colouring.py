"""Which unknowns may be moved together, so that differences find a sparse Jacobian?

Columns of J that share no row: one moved point then gives all their entries. Greedily, the unknowns
with most equations first, each takes the first group in which no unknown shares an equation with
it (Curtis, Powell, Reid 1974; Coleman, More 1983). The number of groups is at least the length of
the longest row, and for banded patterns it is that.
"""

from typing import Any

import numpy as np
from scipy import sparse

from nlsolve.systems.jacobians import FloatArray, IntegerArray

PLAIN = 2_000  # entries up to which the text runs as it stands, without loading numba


class Pattern:
    """The entries of J that may differ from 0, and the groups of its columns.

    Parameters
    ----------
    given : (n, m) array_like or sparse
        Entries that are not 0 may be so in J too.

    Attributes
    ----------
    shape : (n, m)
    rows, columns : (E,) ndarray
        Of the entries, row by row.
    groups : (m,) ndarray
        The number of each unknown's group.

    Raises
    ------
    ValueError
        If that is no matrix of numbers.
    """

    def __init__(self, given: Any) -> None:
        found = _read(given)
        entries = found.tocoo()
        self.shape: tuple[int, int] = found.shape
        self.rows, self.columns = entries.row.astype(np.int64), entries.col.astype(np.int64)
        self.groups = _grouped(found)

    @property
    def count(self) -> int:
        """Number of groups."""
        return int(self.groups.max(initial=-1)) + 1

    def array(self, entries: FloatArray) -> Any:
        """Return the sparse array with these entries."""
        return sparse.csr_array((entries, (self.rows, self.columns)), shape=self.shape)


def _read(given: Any) -> Any:
    try:
        matrix: Any = given if sparse.issparse(given) else np.atleast_2d(given)
        found = sparse.csr_array(matrix)
    except (TypeError, ValueError) as error:
        raise ValueError(
            "jac_sparsity must be an (n, m) array or sparse array, not 0 where J may differ from "
            f"0, got {type(given).__name__}: {error}"
        ) from error
    found.eliminate_zeros()
    return found


def _grouped(pattern: Any) -> IntegerArray:
    by_column = pattern.tocsc()
    order = np.argsort(-np.diff(by_column.indptr), kind="stable")
    search = first_fit if pattern.nnz <= PLAIN else _compiled()
    lists = (by_column.indptr, by_column.indices, pattern.indptr, pattern.indices)
    starts, rows, ends, columns = (one.astype(np.int64) for one in lists)
    groups: IntegerArray = search(starts, rows, ends, columns, order)
    return groups


def first_fit(starts: Any, rows: Any, ends: Any, columns: Any, order: Any) -> Any:
    """Return the group of each column: ``rows[starts[j]:starts[j + 1]]`` are those of column j."""
    groups = np.full(order.size, -1)
    taken = np.full(order.size + 1, -1)
    for j in order:
        for entry in range(starts[j], starts[j + 1]):
            i = rows[entry]
            for k in columns[ends[i] : ends[i + 1]]:
                taken[groups[k]] = j  # of columns without a group: the last cell
        group = 0
        while taken[group] == j:
            group += 1
        groups[j] = group
    return groups


def _compiled() -> Any:
    from nlsolve.systems.operations import kernel  # loads numba

    return kernel(first_fit)
