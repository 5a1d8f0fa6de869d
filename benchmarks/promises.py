"""Is a claim ever violated, and do the theorems hold where they must?

Certificates of random systems whose constants are known exactly (tests/zoo/known_constants.py), and
runs of methods written in plain numpy beside them: what is checked is in tests/promised.py, of
which systems in tests/campaign.py and tests/trajectories.py, when a theorem must hold in
tests/owed.py. `closest` is the largest measured / promised (for lower bounds the inverse) among the
promises for which rounding, or the size of a sample, is no excuse: 1 is a bound that is attained.
"""

import warnings
from collections.abc import Iterator

import numpy as np

import nlsolve
from benchmarks.table import table, verdict
from tests import campaign, trajectories
from tests.promised import Ledger
from tests.zoo.known_constants import known_systems

SEED = 2003
STEEP, FLAT = 5.0, 1.0  # singular values of the system of starts()


def report(quick: bool) -> Iterator[str]:
    """Yield the tables."""
    count, few, runs = (96, 4, 100) if quick else (20_000, 200, 2_000)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        ledger = campaign.run(known_systems(count, SEED))
        yield f"### {count} systems\n\n" + promises(ledger)
        yield "### Where a theorem must hold, by its inequality, and where it must not\n"
        yield verdicts(ledger)
        stochastic = Ledger()
        trajectories.examine(stochastic, few, runs, SEED)
        yield f"### SGD on {few} systems, {runs} runs of each\n\n" + promises(stochastic)
    yield from compared()
    yield from violated(ledger, stochastic)


def promises(ledger: Ledger) -> str:
    """Return how many promises were looked at, and how nearly each kind was broken."""
    rows = [
        [theorem, what, count, _share(ledger.closest.get((theorem, what)))]
        for (theorem, what), count in sorted(ledger.counts.items())
    ]
    return table(["theorem", "promise", "checked", "closest"], rows) + "\n"


def _share(closest: float | None) -> str:
    return "-" if closest is None else f"{closest:.10f}"


def verdicts(ledger: Ledger) -> str:
    """Return how often theorems hold, against how often they must."""
    found = ledger.verdicts
    answers = [(True, True), (True, False), (None, True), (None, False), (False, False)]
    rows = [
        [theorem, *(found[theorem, *answer] for answer in answers), found[theorem, False, True]]
        for theorem in sorted({theorem for theorem, _, _ in found})
    ]
    head = ["theorem", "must, holds", "must, does not", "margin, holds", "margin, does not",
            "must not, does not", "must not, holds"]  # fmt: skip
    return table(head, rows) + "\n"


def violated(*ledgers: Ledger) -> Iterator[str]:
    """Yield the target, and each breach."""
    breaches = [breach for ledger in ledgers for breach in ledger.breaches]
    checked = sum(ledger.counts.total() + ledger.verdicts.total() for ledger in ledgers)
    yield (
        f"Target: no promise violated, and every verdict the one owed; "
        f"of {checked} looked at {len(breaches)} are not ({verdict(not breaches)}).\n"
    )
    for breach in breaches:
        yield f"- {breach}"


# ---- from how far away does each theorem certify? -----------------------------------------------


def F(w: np.ndarray) -> np.ndarray:
    """(5 a, b + b^2 / 2): J(0) = diag(5, 1), Lipschitz constant 1 everywhere."""
    return np.array([STEEP * w[0], FLAT * w[1] + 0.5 * w[1] ** 2])


def jac(w: np.ndarray) -> np.ndarray:
    return np.array([[STEEP, 0.0], [0.0, FLAT + w[1]]])


def largest_start(theorem: str) -> float:
    """Return the largest |r0| along (1, 1) from which a theorem certifies, by bisection."""
    low, high = 1e-6, 1e2
    while high > low * (1.0 + 1e-6):
        middle = float(np.sqrt(low * high))
        y = -middle * np.sqrt([0.5, 0.5])
        method = "sgd" if theorem.endswith("sgd") else "gd"
        words = {"method": method, "theorem": theorem, "lipschitz": 1.0, "jac": jac}
        low, high = (middle, high) if nlsolve.certify(F, y, [0.0, 0.0], **words) else (low, middle)
    return low


def compared() -> Iterator[str]:
    """Yield the table of the largest start residuals."""
    rows, ratios = [], []
    for ours, theirs in campaign.COMPARED.items():
        starts = [largest_start(theorem) for theorem in (ours, theirs)]
        ratios.append(starts[0] / starts[1])
        rows.append([ours, *(f"{start:.4g}" for start in starts), f"{ratios[-1]:.3g}"])
    yield "### Largest |r0| that is certified: (5 a, b + b^2/2) at 0, r0 along (1, 1)\n"
    yield table(["method", "ours", "Liu, Zhu, Belkin", "ratio"], rows) + "\n"
    yield (
        f"Target: 10 times the start residual of Liu, Zhu, Belkin in a shown example; gradient "
        f"descent {ratios[0]:.3g} times ({verdict(ratios[0] >= 10.0)}).\n"
    )
