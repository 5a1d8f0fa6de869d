"""A vector in shards does what a numpy array does."""

import pickle

import numpy as np
import pytest

from nlsolve.distributed import columns
from tests.distributed.parts import START, M, P, columns_part

OTHER = np.random.default_rng(0).standard_normal(P * M)


@pytest.fixture
def both():
    system = columns(columns_part, range(P))
    return system.vector(START, "w"), system.vector(OTHER, "w")


OPERATIONS = [
    lambda a, b: a + b,
    lambda a, b: a - 0.3 * b,
    lambda a, b: 2.0 * (a - b) + b,
    lambda a, b: -a,
    lambda a, b: b / 3.0,
    lambda a, b: np.float64(0.7) * a,
    lambda a, b: np.zeros_like(a) + b,
    lambda a, b: np.full_like(a, 2.5) - b,
    lambda a, b: (a + b).copy() - a,
    lambda a, b: OTHER + a,
    lambda a, b: OTHER - a,
]


@pytest.mark.parametrize("operation", OPERATIONS)
def test_sums_and_multiples(both, operation):
    found = operation(*both)
    np.testing.assert_allclose(np.asarray(found), operation(START, OTHER), rtol=1e-15, atol=1e-15)


NUMBERS = [
    lambda a, b: np.linalg.norm(a),
    lambda a, b: np.linalg.norm(a - b),
    lambda a, b: np.linalg.norm(a - a),
    lambda a, b: np.linalg.norm(3.0 * (a + b) - b),
    lambda a, b: np.linalg.norm(-2.0 * b),
    lambda a, b: np.linalg.norm(b, np.inf),
    lambda a, b: np.dot(a, b),
    lambda a, b: np.vdot(b, b),
]


@pytest.mark.parametrize("number", NUMBERS)
def test_numbers(both, number):
    np.testing.assert_allclose(number(*both), number(START, OTHER), rtol=1e-13)
    np.testing.assert_allclose(number(*both), number(START, OTHER), rtol=1e-13)  # known by now


def test_copies_and_names(both):
    a, b = both
    kept = a.copy()
    np.copyto(a, b)
    assert np.array_equal(a, b)
    assert not np.array_equal(kept, b)
    assert (a.size, a.shape, len(a)) == (P * M, (P * M,), P * M)
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(a)), OTHER)


def test_what_needs_the_entries_is_refused_with_the_way_to_get_them(both):
    with pytest.raises(TypeError, match=r"np.asarray\(w\) gathers them"):
        np.sort(both[0])
    with pytest.raises(TypeError):
        np.exp(both[0])
    with pytest.raises(TypeError):
        both[0] + "a"


def test_vectors_that_are_not_used_any_more_are_forgotten(both):
    a, b = both
    block = a.ledger.engine.blocks[0]
    for _ in range(5):
        np.asarray(a + b)
    np.asarray(a)
    assert len(block.vectors) <= 3
