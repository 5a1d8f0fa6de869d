"""What is proved of wide networks, from which width, and is it ever violated?

`width`: shallow tanh, hidden layer trained, d = n, x random on the unit sphere, hidden units paired
so that F(w0) = 0, y = sin(3 x_1)/2; gradient descent is certified for h below about 1/2, with the
best rate below 1/4. `trainings`: random small networks of every kind trained in plain numpy from
starts that are certified (tests/trainings.py).
"""

import time
from collections.abc import Iterator

import nlsolve
from benchmarks.table import table
from tests.certificates.test_networks import published
from tests.trainings import trainings

SEED = 8


def report(quick: bool) -> Iterator[str]:
    """Yield the tables."""
    yield "### The width from which gradient descent is proved to converge\n"
    sizes = (
        [(50, 100), (50, 1_000)] if quick else [(n, 10**k) for n in (50, 100) for k in (2, 3, 4, 5)]
    )
    rows = [width(n, H) for n, H in sizes]
    yield table(["n", "hidden units", "unknowns", "h", "proved", "seconds"], rows)
    yield from kept(4 if quick else 200)


def width(n: int, H: int) -> list[str]:
    """Return the row of one network."""
    network, y, w = published(n, H)
    begun = time.perf_counter()
    found = nlsolve.certify(network, y, w, method="gd")
    seconds = time.perf_counter() - begun
    return [str(n), str(H), str(network.m), f"{found.h:.3g}", str(found.holds), f"{seconds:.1f}"]


def kept(count: int) -> Iterator[str]:
    """Yield what came of random trainings."""
    found = trainings(count, SEED)
    yield f"### {len(found)} trainings of {count} random networks are certified\n"
    rows = []
    for method in ("gd", "gauss-newton"):
        own = [one for one in found if one.certificate.method == method]
        violated = sum(max(one.residual, one.distance, one.nearest) > 1.0 for one in own)
        closest = max(one.distance for one in own)
        rows.append([method, str(len(own)), f"{closest:.3g}", str(violated)])
    yield table(["method", "trainings", "farthest / radius", "violated"], rows)
