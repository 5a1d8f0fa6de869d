"""Is a claim kept by a method that was written without reading nlsolve?

Gauss-Newton and gradient descent here are a few lines of numpy. Residuals are measured in extended
precision, so the one allowance is for what rounding does to the iterates. A step of either method
is computed as if the residual were wrong by at most

    e(w) = 16 u |(|J| |w| + |F| + |y|)|,    u = 2^-53

(evaluation, the step's own rounding, storing w), and by what evaluating F in doubles is seen to
err, more where F cancels inside, as a saturated tanh less a constant does. The bound of |r|
grows by at most as much, so that after t steps the allowance is the sum of e over them; and since
the radius R of theorems E, GN and GD has dR/drho0 = 1/sqrt(mu), that of the distance is the same
sum over sqrt(mu).

A solution: at the last iterate theorem E with the known constants says how near an exact one is
(`reach`), a few units of rounding.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

import numpy as np
from scipy.linalg import solve_triangular

from tests.owed import EXTENDED_SHARE, Facts, evaluation_error, residual, singular_error
from tests.zoo.known_constants import Known

SHARP = 1e-10  # an allowance below this share of the promise counts as none
FALLEN = 0.9  # how near an envelope is reached says something below this share of |r0|
TOLERANCES = (0.5, 0.1, 1e-2, 1e-4, 1e-8)  # in units of |r0|


class Claim(NamedTuple):
    """What is claimed, by a certificate or by a theorem's own conclusion."""

    theorem: str
    radius: float
    mu: float
    step: float | None = None
    rate: float | None = None
    probability: float = 0.0
    lower: float = 0.0  # distance to the nearest solution
    upper: float = np.inf
    unique_within: float | None = None
    promise: Any = None  # has envelope(count) and steps_to(tol)


class Breach(NamedTuple):
    """A promise that was not kept."""

    system: str
    theorem: str
    what: str
    measured: float
    promised: float
    allowance: float


class Ledger:
    """Every promise looked at: how many, how nearly each kind was reached, and those not kept."""

    def __init__(self) -> None:
        self.counts: Counter[tuple[str, str]] = Counter()
        self.closest: dict[tuple[str, str], float] = {}
        self.verdicts: Counter[tuple[str, bool | None, bool]] = Counter()
        self.breaches: list[Breach] = []

    def at_most(
        self, system: str, theorem: str, what: str, measured: Any, promised: Any, allowance: Any,
        shown: Any = None,
    ) -> None:  # fmt: skip
        """Note measured <= promised, of numbers or element by element.

        `closest` looks at what is `shown`, by default where the allowance is no help.
        """
        measured, promised, allowance = np.broadcast_arrays(
            *(np.atleast_1d(np.asarray(x, dtype=float)) for x in (measured, promised, allowance))
        )
        self.counts[theorem, what] += measured.size
        for k in np.flatnonzero(~(measured <= promised + allowance)):
            numbers = (float(measured[k]), float(promised[k]), float(allowance[k]))
            self.breaches.append(Breach(system, theorem, what, *numbers))
        sharp = allowance <= SHARP * promised if shown is None else np.asarray(shown)
        sharp = sharp & (promised > 0.0) & np.isfinite(promised)
        if sharp.any():
            share = float((measured[sharp] / promised[sharp]).max())
            self.closest[theorem, what] = max(self.closest.get((theorem, what), 0.0), share)

    def verdict(self, system: str, theorem: str, owed: bool | None, holds: bool) -> None:
        """Note whether a theorem holds where it must, and does not where it must not."""
        self.verdicts[theorem, owed, holds] += 1
        if owed is not None and owed != holds:
            what = "holds where it must not" if holds else "does not hold where it must"
            self.breaches.append(Breach(system, theorem, what, float(holds), float(owed), 0.0))

    def held(self, theorem: str) -> int:
        """Return how many claims of a theorem were made."""
        return sum(k for (name, _, holds), k in self.verdicts.items() if name == theorem and holds)


class Path(NamedTuple):
    """A run: its last point, and of every iterate the residual norm, its rounding, the distance
    from the start and the root of the PL ratio, |J^T r| / |r|."""

    last: np.ndarray
    norms: np.ndarray
    errors: np.ndarray
    distances: np.ndarray
    ratios: np.ndarray

    @property
    def drift(self) -> np.ndarray:
        return np.cumsum(self.errors)


def gauss_newton_step(J: np.ndarray, r: np.ndarray) -> np.ndarray:
    """-J^+ r from J^T = Q R; infinite where R is singular."""
    Q, R = np.linalg.qr(J.T)
    if not np.abs(R.diagonal()).min() > 0.0:
        return np.full(J.shape[1], np.inf)
    return -Q @ solve_triangular(R, r, trans=1)


def pl_root(J: np.ndarray, r: np.ndarray) -> float:
    """|J^T r| / |r|, infinite at a solution."""
    size = float(np.linalg.norm(r))
    return float(np.linalg.norm(J.T @ (r / size))) if size > 0.0 else np.inf


def walk(facts: Facts, move: Callable[..., np.ndarray], most: int) -> Path:
    """Run w+ = w + move(J, r) for `most` steps, until |r| is rounding or w is far away."""
    known, w, rows = facts.known, facts.known.w0, []
    for _ in range(most + 1):
        J, exact = known.jac(w), residual(known, w)
        size, inexact = float(np.linalg.norm(exact)), known.F(w) - known.y
        error = evaluation_error(known, w, exact, J) + float(np.linalg.norm(inexact - exact))
        distance = float(np.linalg.norm(w - known.w0))
        rows.append((size, error, distance, pl_root(J, exact)))
        last = w
        if size <= error / 16.0 or not distance <= 100.0 * facts.d:
            break
        w = w + move(J, inexact)
        if not np.isfinite(w).all():
            break
    return Path(last, *np.array(rows).T)


def gauss_newton(facts: Facts, most: int = 60) -> Path:
    """Full Gauss-Newton steps."""
    return walk(facts, gauss_newton_step, most)


def gradient_descent(facts: Facts, step: float, most: int) -> Path:
    """Gradient descent with a constant step."""
    return walk(facts, lambda J, r: -step * (J.T @ r), most)


def reach(known: Known, w: np.ndarray) -> float:
    """Return how near to w an exact solution is, by theorem E; infinite where it does not say."""
    J, r = known.jac(w), residual(known, w)
    rho = np.linalg.norm(r) + EXTENDED_SHARE * evaluation_error(known, w, r, J)
    sigma = float(np.linalg.svd(J, compute_uv=False)[-1]) - singular_error(J)
    if not sigma > 0.0:
        return np.inf
    h = known.lipschitz(w, 2.0 * rho / sigma) * (rho / sigma) / sigma
    return float(2.0 * rho / sigma / (1.0 + np.sqrt(1.0 - 2.0 * h))) if h < 0.5 else np.inf


class Solution(NamedTuple):
    """An exact solution is within `reach` of the point w."""

    w: np.ndarray
    reach: float


def solution(known: Known, w: np.ndarray) -> list[Solution]:
    """Return the solution near w as a list, empty if there is none for certain."""
    found = Solution(w, reach(known, w)) if np.isfinite(w).all() else Solution(w, np.inf)
    return [found] if found.reach <= 1e-6 * max(np.linalg.norm(w - known.w0), 1e-300) else []


def check_path(ledger: Ledger, facts: Facts, claim: Claim, path: Path) -> None:
    """The ball, the envelope at every step, the step counts, the PL ratio."""
    name, theorem = facts.known.name, claim.theorem
    allowance = path.drift / np.sqrt(claim.mu)
    ledger.at_most(name, theorem, "radius", path.distances, claim.radius, allowance)
    envelope = np.array(claim.promise.envelope(len(path.norms)))
    ledger.at_most(name, theorem, "start", path.norms[0], envelope[0], path.drift[0])
    shown = (envelope <= FALLEN * facts.rho0) & (path.drift <= SHARP * envelope)
    ledger.at_most(
        name, theorem, "envelope", path.norms[1:], envelope[1:], path.drift[1:], shown[1:]
    )
    rounding = singular_error(facts.J)
    ledger.at_most(name, theorem, "PL ratio", np.sqrt(claim.mu), path.ratios, rounding)
    check_rate(ledger, facts, claim, path)
    check_steps(ledger, facts, claim, path)


def check_rate(ledger: Ledger, facts: Facts, claim: Claim, path: Path) -> None:
    """Every step leaves at most `rate` of the loss."""
    if claim.rate is not None and len(path.norms) > 1:
        name, before = facts.known.name, path.norms[:-1]
        error = path.errors[:-1] + path.errors[1:]  # of the step's residual, and of what it left
        allowed = np.sqrt(claim.rate) * before
        ledger.at_most(name, claim.theorem, "rate", path.norms[1:], allowed, error)


def check_steps(ledger: Ledger, facts: Facts, claim: Claim, path: Path) -> None:
    """|r| <= tol after steps_to(tol) steps, where the run is as long."""
    for share in TOLERANCES:
        tol = share * facts.rho0
        count = steps(claim, tol)
        if count is not None and count < len(path.norms):
            ledger.at_most(
                facts.known.name, claim.theorem, "steps_to", path.norms[count], tol,
                path.drift[count],
            )  # fmt: skip


def steps(claim: Claim, tol: float) -> int | None:
    """Return steps_to(tol), None where it is beyond what is claimed."""
    try:
        return int(claim.promise.steps_to(tol))
    except ValueError:
        return None


def check_solutions(
    ledger: Ledger, facts: Facts, claim: Claim, near: Solution | None, others: Iterable[Solution]
) -> None:
    """One solution within the upper distance, none nearer than the lower one, and uniqueness.

    `near` is the limit of Gauss-Newton from w0; `others` are any solutions.
    """
    name, theorem, w0 = facts.known.name, claim.theorem, facts.known.w0
    for found in (*([near] if near else []), *others):
        far = np.linalg.norm(found.w - w0)
        ledger.at_most(name, theorem, "no solution nearer", claim.lower, far, found.reach)
        if near and claim.unique_within is not None:
            apart = np.linalg.norm(found.w - near.w)
            if apart > 10.0 * (found.reach + near.reach) and apart > 1e-9 * far:
                bound = claim.unique_within
                ledger.at_most(name, theorem, "unique within", bound, far, found.reach)
    if near and np.isfinite(claim.upper):
        far = np.linalg.norm(near.w - w0)
        ledger.at_most(name, theorem, "solution within", far, claim.upper, near.reach)


def check_kernel(ledger: Ledger, facts: Facts, claim: Claim, points: Iterable[np.ndarray]) -> None:
    """lambda_min K >= mu at points of the ball."""
    name, root = facts.known.name, np.sqrt(claim.mu)
    for w in points:
        J = facts.known.jac(w)
        sigma = float(np.linalg.svd(J, compute_uv=False)[-1])
        ledger.at_most(name, claim.theorem, "lambda_min K", root, sigma, singular_error(J))


def ball_points(facts: Facts, radius: float, rng: np.random.Generator) -> list[np.ndarray]:
    """Random points of a ball, and its rim where J changes most and where sigma_min falls."""
    known, v = facts.known, facts.V[-1]
    change = known.jac(known.w0 + radius * v) - facts.J
    worst = change.T @ np.linalg.eigh(change @ change.T)[1][:, -1]
    worst /= np.linalg.norm(worst)
    random = rng.standard_normal(known.m)
    random *= rng.random() ** (1.0 / known.m) / np.linalg.norm(random)
    # a hair inside: w0 + R v is rounded
    inside = radius * (1.0 - 1e-12)
    return [known.w0 + inside * x for x in (random, v, -v, worst, -worst)]


def other_roots(facts: Facts, radius: float, rng: np.random.Generator) -> list[Solution]:
    """Solutions that Gauss-Newton finds from random points of a ball."""
    found = []
    for w in ball_points(facts, radius, rng)[:2]:
        for _ in range(20):
            r = facts.known.F(w) - facts.known.y
            step = gauss_newton_step(facts.known.jac(w), r)
            w = w + step
            far = np.linalg.norm(w - facts.known.w0)
            if not 1e15 * np.linalg.norm(step) > far or not far <= 10.0 * radius:
                break
        found += solution(facts.known, w)
    return found
