"""How often does SGD leave the ball, and how large is its loss while inside?

Hundreds of runs at once in numpy, of systems whose F is quadratic: with x = w - w0,

    J(x) = J0 + H x,   r(x) = r0 + J0 x + 1/2 (H x) x,   H_k = (J(w0 + s e_k) - J(w0)) / s exactly.

Batches are drawn independently, uniformly and with replacement. What is claimed is an expectation
or a probability, what is seen a sample: the mean may exceed its bound by six standard errors, and a
frequency by what a binomial variable of the claimed probability exceeds once in a million.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from scipy.stats import binom

from tests import campaign, promised
from tests.campaign import certified
from tests.owed import Facts
from tests.promised import Claim, Ledger
from tests.zoo import known_constants as zoo
from tests.zoo.known_constants import Known

ERROR, SIGMAS = 1e-6, 6.0
MOST = 1500  # steps of a run
DELTAS = (0.02, 0.2, 0.5, 0.8, 0.95)
FAMILIES = (zoo.worst_case, zoo.quadratic, zoo.separable, zoo.block_quadratic)


class Quadratic:
    """A quadratic system about w0, for many x at once: rows of an array (runs, m)."""

    def __init__(self, facts: Facts) -> None:
        known, n, m = facts.known, facts.n, facts.m
        s = 2.0 ** np.round(np.log2(facts.sigma0 / facts.beta(facts.d)))
        slices = [(known.jac(known.w0 + s * e) - facts.J) / s for e in np.eye(m)]
        self.r, self.J, self.H = facts.r, facts.J, np.array(slices).reshape(m, n * m)

    def at(self, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return r, (runs, n), and J, (runs, n, m)."""
        change = (x @ self.H).reshape(len(x), *self.J.shape)
        return self.r + x @ self.J.T + 0.5 * np.einsum("tij,tj->ti", change, x), self.J + change


class Runs(NamedTuple):
    """Of every run and step: the square of |r|, whether it has stayed inside; the farthest |x|."""

    squares: np.ndarray
    inside: np.ndarray
    farthest: float


def run(facts: Facts, claim: Claim, batch: int, count: int, steps: int, seed: int) -> Runs:
    """Run SGD `count` times with the step claimed."""
    system, rng = Quadratic(facts), np.random.default_rng(seed)
    x, inside, every = np.zeros((count, facts.m)), np.ones(count, dtype=bool), np.arange(count)
    squares, stayed, farthest = [], [], 0.0
    for _ in range(steps + 1):
        r, J = system.at(x)
        far = np.linalg.norm(x, axis=1)
        inside = inside & (far <= claim.radius)
        farthest = max(farthest, float(far.max()))
        squares.append(np.sum(r * r, axis=1))
        stayed.append(inside)
        for drawn in rng.integers(0, facts.n, (batch, count)):
            x = x - (claim.step * r[every, drawn])[:, None] * J[every, drawn]
    return Runs(np.array(squares), np.array(stayed), farthest)


def check(ledger: Ledger, facts: Facts, claim: Claim, runs: Runs) -> None:
    """The probability of leaving, the mean loss of those inside, and steps_to in probability."""
    name, theorem, steps, count = facts.known.name, claim.theorem, *runs.squares.shape
    delta, left = claim.probability, int(np.sum(~runs.inside[-1]))
    ledger.at_most(name, theorem, "left", left, *unlikely(count, delta), shown=True)
    ledger.at_most(name, theorem, "farthest", runs.farthest, claim.radius, claim.radius * left)
    inside = runs.squares * runs.inside
    error = inside.std(axis=1, ddof=1) / np.sqrt(count)
    envelope = np.array(claim.promise.envelope(steps)) ** 2
    rounding = 1e-12 * facts.rho0**2
    ledger.at_most(
        name, theorem, "mean loss", inside.mean(axis=1), envelope, SIGMAS * error + rounding,
        shown=envelope <= promised.FALLEN * facts.rho0**2,
    )  # fmt: skip
    for share in (0.9, 0.7, 0.5, 0.3):
        at = promised.steps(claim, share * facts.rho0)
        if at is not None and at < steps:
            late = runs.squares[at] > (share * facts.rho0) ** 2
            missed = int(np.sum(late | ~runs.inside[at]))
            risk = min(2.0 * delta, (1.0 + delta) / 2.0)
            ledger.at_most(name, theorem, "late", missed, *unlikely(count, risk), shown=True)


def unlikely(count: int, probability: float) -> tuple[float, float]:
    """Return the expected number, and by how much it is exceeded once in a million."""
    return count * probability, float(binom.isf(ERROR, count, probability)) - count * probability


def systems(count: int, seed: int) -> Iterator[tuple[Known, int, float]]:
    """Return small systems, batch sizes and the delta each is scaled to: h is in proportion."""
    for index in range(count):
        rng = np.random.default_rng([seed, index])
        n = int(rng.integers(1, 6))
        m, condition = n + int(rng.integers(0, 8)), float(rng.uniform(1.0, 2.5)) if n > 1 else 1.0
        family, delta = FAMILIES[index % len(FAMILIES)], DELTAS[index % len(DELTAS)]
        batch = int(rng.integers(1, n + 1))
        h = 1e-6
        for _ in range(3):
            known = family(np.random.default_rng([seed, index, 1]), n, m, condition, h)
            claim = campaign.by_theorem(Facts(known), "sgd", batch=batch)
            h *= delta / claim.probability
        yield known, batch, delta


def claims(facts: Facts, batch: int) -> Iterator[tuple[Any, Claim]]:
    """Yield claims through certify: on the best ball, on the smallest, and the paper's."""
    beta = facts.beta(facts.d)
    words: dict[str, Any] = {"lipschitz": beta, "batch": batch}
    yield certified(facts, "sgd", **words)
    for radius in facts.d * 1.15 ** np.arange(60):
        cert, claim = certified(facts, "sgd", " (smallest ball)", radius=float(radius), **words)
        if cert.holds:
            yield cert, claim
            break
    yield certified(facts, "liu-zhu-belkin-sgd", **words)


def examine(ledger: Ledger, count: int, runs: int, seed: int) -> None:
    """Run SGD on `count` systems, `runs` times each."""
    for index, (known, batch, _) in enumerate(systems(count, seed)):
        facts = Facts(known)
        for cert, claim in claims(facts, batch):
            ledger.verdict(known.name, claim.theorem, None, cert.holds)
            if cert.holds:
                wanted = promised.steps(claim, 0.3 * facts.rho0)
                steps = MOST if wanted is None else min(wanted, MOST)
                check(ledger, facts, claim, run(facts, claim, batch, runs, steps, index))
