"""Is the pattern's rank, and the part with too many equations, what matchings say?"""

import numpy as np
import pytest
from scipy.sparse import csr_array
from scipy.sparse.csgraph import structural_rank

from nlsolve.explore.structure import structure


@pytest.mark.parametrize("seed", range(60))
def test_overdetermined_part_are_the_equations_that_can_be_left_out(seed):
    """An equation belongs to it if the others alone have the same structural rank."""
    rng = np.random.default_rng(seed)
    shape = rng.integers(1, 9, 2)
    pattern = rng.random(shape) < rng.choice([0.1, 0.25, 0.5])
    found = structure(pattern)

    def rank(rows):
        return structural_rank(csr_array(pattern[rows].astype(float))) if len(rows) else 0

    n = shape[0]
    assert found.rank == rank(np.arange(n))
    dispensable = [i for i in range(n) if rank(np.delete(np.arange(n), i)) == found.rank]
    assert found.equations == tuple(dispensable)
    unknowns = np.flatnonzero(pattern[dispensable].any(axis=0))
    assert found.unknowns == tuple(unknowns)
    assert len(found.equations) - len(found.unknowns) == n - found.rank


def test_too_many_equations_within_a_wide_system():
    pattern = np.ones((5, 9), dtype=bool)
    pattern[[0, 2, 3], 2:] = False
    assert structure(pattern) == (4, (0, 2, 3), (0, 1))
