"""Does every proved ball about a random point of random formulas contain a solution?

See proved_truth.py for a draw and what is compared; `python -m benchmarks proofs` draws more.
"""

import pytest

from tests.certificates.proved_truth import examine

CHUNK, CHUNKS = 150, 6  # draws


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_a_solution_is_where_it_is_proved_to_be(chunk):
    counts, wrong = examine(range(chunk * CHUNK, (chunk + 1) * CHUNK))
    assert wrong == []
    assert counts["proved"] > 0.4 * CHUNK
    assert counts["proved, not compared"] < 0.1 * CHUNK
