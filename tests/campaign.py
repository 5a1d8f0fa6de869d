"""What is asked of each system of the campaign, and which claims does it give?

Every theorem speaks twice: through `nlsolve.certify`, from the known Lipschitz constant, and by
itself, from the known constants as Bounds. Both are checked by tests/promised.py against runs in
plain numpy, and by tests/owed.py for whether they had to hold.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np

import nlsolve
from nlsolve.certificates.evidence import Ball, Bound, Evidence, Ingredients, Refusal
from nlsolve.certificates.theorems import REGISTRY, existence
from tests import owed, promised
from tests.owed import Facts, u
from tests.promised import Claim, Ledger, Path, Solution
from tests.zoo.known_constants import FAMILIES, Known

DIRECT = " (theorem)"  # how the names of claims made without certify end
FEW, MANY = 25, 400  # steps of gradient descent: of every run, and at most if that keeps a count
WIDE = 1e8  # units of d: contains every ball a theorem with a constant beta may choose

FLOW = ("existence", "gauss-newton", "gd")
COMPARED = {"gd": "liu-zhu-belkin-gd", "sgd": "liu-zhu-belkin-sgd"}
OWED: dict[str, Callable[..., bool | None]] = {
    "existence": owed.existence,
    "gauss-newton": owed.existence,
    "gd": owed.gradient_descent,
    "liu-zhu-belkin-gd": owed.liu_zhu_belkin_gd,
    "sgd": owed.stochastic,
    "liu-zhu-belkin-sgd": owed.liu_zhu_belkin_sgd,
    "existence-delta": owed.existence_delta,
    "conditioning": owed.conditioning,
    "liu-zhu-belkin-kernel": owed.liu_zhu_belkin_kernel,
}


def known_bounds(facts: Facts, ball: Ball, stairs: int) -> Iterator[Bound]:
    """Yield the known constants of a system, those of the ball for this ball."""

    def at(quantity: str, value: float, side: Any, region: Ball) -> Bound:
        return Bound(quantity, float(value), side, region, Evidence.ASSUMED, "known")

    point, few = Ball(ball.centre, 0.0), 4.0 * u * facts.sigma_max
    beta = facts.beta(ball.radius)
    yield at("rho0", facts.rho0, "upper", point)
    yield at("rho0", facts.rho0, "lower", point)
    yield at("sigma0", max(facts.sigma0 - few, 0.0), "lower", point)
    yield at("sigma_max", facts.sigma_max + few, "upper", point)
    yield at("row_max", facts.row_max, "upper", point)
    yield at("beta", beta, "upper", ball)
    yield at("H", beta, "upper", ball)
    for k in range(1, stairs + 1):
        s = ball.radius * k / stairs
        yield at("Delta", facts.beta(s) * s, "upper", Ball(ball.centre, s))


def radii(facts: Facts, theorem: str, radius: float | None) -> Iterable[float]:
    """Return the balls to try."""
    if radius is not None:
        return [radius]
    if theorem == "existence-delta":
        return [2.0 * facts.d]
    if facts.constant:
        return [WIDE * facts.d]
    return [2.0 * facts.d] if theorem in FLOW else facts.d * 4.0 ** np.arange(1, 7)


def by_theorem(
    facts: Facts, theorem: str, radius: float | None = None, **words: Any
) -> Claim | None:
    """Return what a theorem concludes from the known constants, on the best of the balls."""
    claims = [_conclusion(facts, theorem, R, words) for R in radii(facts, theorem, radius)]
    return min((c for c in claims if c is not None), key=_worth, default=None)


def _worth(claim: Claim) -> float:
    return claim.probability if claim.probability else claim.radius


def _conclusion(facts: Facts, theorem: str, radius: float, words: dict[str, Any]) -> Claim | None:
    ball = Ball(facts.known.w0, float(radius))
    given = Ingredients(
        list(known_bounds(facts, ball, 16 * theorem.endswith("delta"))), ball, facts.n, facts.m
    )
    try:
        found = REGISTRY[theorem].conclude(given, **words)
    except Refusal:
        return None
    if not found.holds:
        return None
    ends = REGISTRY[theorem].claim != "conditioning"
    return Claim(
        theorem + DIRECT, float(found.radius), float(found.mu), found.step, found.rate,
        float(found.probability), float(existence.no_solution_within(given)),
        float(found.radius) if ends else np.inf, found.unique_within, found.promise,
    )  # fmt: skip


def certified(facts: Facts, theorem: str, label: str = "", **words: Any) -> tuple[Any, Claim]:
    """Return the certificate of a theorem from the known constant, and its claim."""
    known = facts.known
    cert = nlsolve.certify(
        known.F, known.y, known.w0, jac=known.jac, theorem=theorem,
        method=REGISTRY[theorem].method, **words,
    )  # fmt: skip
    return cert, Claim(
        theorem + label, cert.radius, cert.mu, cert.step, cert.rate, cert.probability,
        *cert.distance, cert.unique_within, cert,
    )  # fmt: skip


class Case:
    """One system, its runs, and the ledger its claims go to."""

    def __init__(self, known: Known, ledger: Ledger, seed: int, function: bool = False) -> None:
        self.facts, self.ledger = Facts(known), ledger
        self.lipschitz = known.lipschitz
        if self.facts.constant and not function:  # nlsolve then tries one ball only
            self.lipschitz = self.facts.beta(self.facts.d)
        self.rng = np.random.default_rng([seed, known.n, known.m])
        self.path = promised.gauss_newton(self.facts)
        limit = promised.solution(known, self.path.last)
        self.near: Solution | None = limit[0] if limit else None
        self.known_claims: dict[Any, Claim | None] = {}
        self.solutions = [found for root in known.roots for found in promised.solution(known, root)]

    def by_theorem(self, theorem: str, **words: Any) -> Claim | None:
        """Return what a theorem concludes from the known constants, computed once."""
        key = (theorem, *sorted(words.items()))
        if key not in self.known_claims:
            self.known_claims[key] = by_theorem(self.facts, theorem, **words)
        return self.known_claims[key]

    def verdict(self, theorem: str, owed_: bool | None, holds: bool) -> None:
        self.ledger.verdict(self.facts.known.name, theorem, owed_, holds)

    def check(self, claim: Claim, path: Path | None = None, kernel: bool = True) -> None:
        """Check a claim that holds, of whatever theorem."""
        facts, ledger = self.facts, self.ledger
        if path is not None:
            promised.check_path(ledger, facts, claim, path)
        promised.check_solutions(ledger, facts, claim, self.near, self.solutions)
        if kernel and claim.mu == claim.mu:
            points = promised.ball_points(facts, claim.radius, self.rng)
            promised.check_kernel(ledger, facts, claim, points)

    # ---- one theorem each -----------------------------------------------------------------------

    def newton(self, theorem: str, *preconditioned: bool) -> None:
        """Gauss-Newton or existence by the theorem itself and through certify, of A F and of F."""
        facts, plain = self.facts, owed.existence(self.facts)
        path = self.path if theorem == "gauss-newton" else None
        direct = self.by_theorem(theorem)
        self.verdict(theorem + DIRECT, plain, direct is not None)
        self.settle(direct is not None, direct, path)
        for A in preconditioned:
            words = {"precondition": A, "lipschitz": self.lipschitz}
            cert, claim = certified(facts, theorem, " (A F)" if A else "", **words)
            must = owed.existence_either(facts) if A else plain
            self.verdict(claim.theorem, must, cert.holds)
            self.settle(cert.holds, claim, path)

    def settle(self, holds: bool, claim: Claim | None, path: Path | None = None) -> None:
        """Check the claim if it holds; the lower distance if not."""
        if claim is None:
            return
        if holds:
            self.check(claim, path, kernel=claim.theorem[0] != "g")  # existence has that mu too
        else:
            nothing = claim._replace(upper=np.inf, unique_within=None)
            promised.check_solutions(self.ledger, self.facts, nothing, self.near, self.solutions)

    def claims(self, theorem: str, must: bool | None, through: bool, **words: Any) -> list[Claim]:
        """Return the claims that hold: by the theorem itself and, if asked, through certify."""
        direct = self.by_theorem(theorem, **words)
        self.verdict(theorem + DIRECT, must, direct is not None)
        found = [] if direct is None else [direct]
        if through:
            cert, claim = certified(self.facts, theorem, lipschitz=self.lipschitz, **words)
            self.verdict(theorem, must, cert.holds)
            found += [claim] if cert.holds else []
        return found

    def descent(self, theorem: str, through: bool) -> None:
        """Gradient descent with the step of the claim, of the one through certify if there is."""
        facts = self.facts
        for claim in self.claims(theorem, OWED[theorem](facts), through)[-1:]:
            wanted = promised.steps(claim, 0.1 * facts.rho0)
            most = FEW if wanted is None or wanted > MANY else max(wanted + 1, FEW)
            path = promised.gradient_descent(facts, claim.step, most)
            self.check(claim, path, kernel=theorem == "gd")

    def stochastic(self, theorem: str, batch: int, through: bool) -> None:
        """SGD: whether it must hold, mu on its ball, the expected loss after one step."""
        must = OWED[theorem](self.facts, batch)
        for claim in self.claims(theorem, must, through, batch=batch):
            self.check(claim)
            self.first_expectation(claim, batch)

    def first_expectation(self, claim: Claim, batch: int) -> None:
        """E L(w_1) <= rate L(w_0), over every equation for batches of one."""
        facts, known = self.facts, self.facts.known
        if batch != 1:
            return
        ends = (known.w0 - claim.step * r * row for r, row in zip(facts.r, facts.J, strict=True))
        mean = np.mean([np.sum(owed.residual(known, w) ** 2) for w in ends])
        promise = float(claim.promise.envelope(2)[1]) ** 2
        rounding = 4.0 * facts.rho0 * facts.residual_error
        name = known.name
        self.ledger.at_most(name, claim.theorem, "expected loss, step 1", mean, promise, rounding)

    def delta(self) -> None:
        """Existence by Delta, and by a right inverse."""
        for theorem in ("existence-delta", "right-inverse"):
            cert, claim = certified(
                self.facts, theorem, lipschitz=self.lipschitz, precondition=theorem[0] == "r"
            )
            must = getattr(owed, theorem.replace("-", "_"))(self.facts)
            self.verdict(theorem, must, cert.holds)
            self.settle(cert.holds, claim)

    def conditioning(self, theorem: str, through: bool) -> None:
        """PL* on a ball of a given radius, by certify and by the theorem itself."""
        facts = self.facts
        full = facts.sigma0 / facts.beta(facts.d)
        share = float(np.exp(self.rng.uniform(np.log(1e-3), np.log(1.5))))
        scale = 1.0 if theorem == "conditioning" else facts.sigma0 / facts.sigma_max / 4.0
        radius = share * full * scale
        for claim in self.claims(theorem, OWED[theorem](facts, radius), through, radius=radius):
            self.check(claim)

    def uniqueness(self) -> None:
        """For m = n: no other solution is found in the ball of uniqueness."""
        claim = self.by_theorem("existence")
        if self.facts.m == self.facts.n and claim is not None and claim.unique_within:
            within = min(claim.unique_within, 100.0 * self.facts.d)
            self.solutions += promised.other_roots(self.facts, within, self.rng)

    def compared(self, theorem: str, **words: Any) -> None:
        """Ours holds wherever the paper's does, and within a smaller ball or with less risk."""
        theirs = self.by_theorem(COMPARED[theorem], **words)
        if theirs is None:
            return
        ours = self.by_theorem(theorem, **words)
        name, label = self.facts.known.name, f"{theorem} beside liu-zhu-belkin"
        self.verdict(label, True, ours is not None)
        if ours is not None:
            what = "delta" if theorem == "sgd" else "radius"
            pair = [c.probability if theorem == "sgd" else c.radius for c in (ours, theirs)]
            self.ledger.at_most(name, label, what, *pair, 0.0)


def run(systems: Iterable[Known], every: int = 8, seed: int = 0) -> Ledger:
    """Check every system; the theorems that are not ours, and Delta, on each `every`-th."""
    ledger = Ledger()
    for index, known in enumerate(systems):
        turn = (index // len(FAMILIES)) % every
        with np.errstate(over="ignore", invalid="ignore"):  # runs from hopeless starts
            examine(Case(known, ledger, seed + index, function=index % 29 == 0), index, turn)
    return ledger


def examine(case: Case, index: int, turn: int) -> None:
    """Ask of one system what its turn is, and what all are asked.

    Through certify all but Gauss-Newton take turns; where the Lipschitz constant is a function
    nlsolve tries some forty balls, and GD and SGD are rarely asked for.
    """
    batch = int(case.rng.integers(1, case.facts.n + 1)) if index % 3 == 0 else 1
    cheap, rare = not callable(case.lipschitz), index // len(FAMILIES) % 24 == 0
    other = index % 5  # and 5 has no factor in common with the number of families
    case.uniqueness()
    case.newton("gauss-newton", True, False)
    case.newton("existence", *[other == 3] * (other > 2))
    case.descent("gd", through=other == 0 if cheap else rare)
    case.stochastic("sgd", batch, through=other == 1 if cheap else rare)
    case.conditioning("conditioning", through=other == 2)
    case.compared("gd")
    case.compared("sgd", batch=batch)
    if turn == 1:
        case.delta()
    elif turn == 2:
        case.stochastic("liu-zhu-belkin-sgd", batch, through=cheap)
        case.conditioning("liu-zhu-belkin-kernel", through=True)
    elif turn == 3:
        case.descent("liu-zhu-belkin-gd", through=cheap)
