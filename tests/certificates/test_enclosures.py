"""Do enclosures over boxes hold what mpmath finds? 10,000 random formulas, boxes and points.

See enclosed_truth.py for a draw and what is compared; `python -m benchmarks proofs` draws more.
"""

import pytest

from tests.certificates.enclosed_truth import examine

CHUNK, CHUNKS = 1_000, 10  # draws


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_enclosures_hold_values_slopes_and_bends(chunk):
    counts, missed = examine(range(chunk * CHUNK, (chunk + 1) * CHUNK))
    assert missed == []
    assert counts["draws"] == CHUNK
    assert counts["enclosures"] > 0.6 * CHUNK  # elsewhere one refuses: a pole, a kink, no value
    assert counts["points"] > 1.2 * CHUNK
