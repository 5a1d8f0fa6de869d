"""Is anything proved that is false? More random formulas, points and balls than the tests draw.

Enclosures over boxes against values, slopes and second derivatives in mpmath
(tests/certificates/enclosed_truth.py), and proved balls against solutions that mpmath finds
(tests/certificates/proved_truth.py). Nothing is kept safe: formulas leave their domains, and
numbers are as large and as small as doubles are. The draws are not those of the tests; another SEED
draws others again.
"""

import warnings
from collections.abc import Iterator
from typing import Any

from benchmarks.table import table, verdict
from tests.certificates import enclosed_truth, proved_truth

SEED = 1_000_000
SHOWN = 10  # of what is false


def report(quick: bool) -> Iterator[str]:
    """Yield the tables."""
    boxes, balls = (300, 60) if quick else (200_000, 20_000)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield from told("Enclosures over boxes", enclosed_truth.examine, boxes)
        yield from told("Proved balls", proved_truth.examine, balls)


def told(title: str, examine: Any, count: int) -> Iterator[str]:
    """Yield how much was drawn and looked at, and what was false."""
    counts, wrong = examine(range(SEED, SEED + count))
    yield f"### {title}\n"
    yield table(["", "number"], [[what, number] for what, number in counts.items()]) + "\n"
    yield f"Target: nothing false; found: {len(wrong)} ({verdict(not wrong)}).\n"
    for one in wrong[:SHOWN]:
        yield f"- {one}"
