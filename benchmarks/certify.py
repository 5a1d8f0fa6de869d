"""What does an estimated certificate cost, in Gauss-Newton steps? What does one promise a fit?

Proofs are in proof_cost.py.

Both sides begin with nothing but F, jac, y and the point. A step is F, J and the minimum-norm step;
a certificate evaluates the same, checks jac, takes the singular values of J and samples how J
changes over a ball (more where J is cheap: see certificates/constants/sampled.py). It is asked for
at a point as a solve returns it, where h is tiny, and at a start where it holds with h of about a
quarter.

tanh:       n samples, one hidden layer of m weights in all, tanh, half the units with weight -1
sine:       F(w) = A w + sin(B w) / 2, A and B dense: F and J cost as much as the linear algebra
quadratic:  F_i(w) = (A w)_i + |w_i|^2 / 20, w_i the i-th block of w: J is nearly free
"""

from collections.abc import Callable, Iterator
from math import inf, isfinite, sqrt
from statistics import median
from typing import Any, NamedTuple

import numpy as np

import nlsolve
from benchmarks import proof_cost
from benchmarks.table import table, verdict
from benchmarks.timing import alternate, ratio
from nlsolve.linalg import least_norm_step
from tests.zoo.nist import REGRESSIONS, Regression, whitened

TARGET = 10.0
AIMED = (200, 5_000)
SIZES = [(10, 20), (50, 200), AIMED]
METHODS = (None, "gauss-newton")
HEAD = ["system", "n x m", "point", "method", "h", "F", "J", "step [ms]",
        "certificate [ms]", "steps", "target"]  # fmt: skip


class Case(NamedTuple):
    """A system, and a point w with F(w) = y."""

    name: str
    F: Callable[..., Any]
    jac: Callable[..., Any]
    root: np.ndarray
    n: int

    @property
    def y(self) -> np.ndarray:
        return np.asarray(self.F(self.root))


def tanh(n: int, m: int) -> Case:
    rng = np.random.default_rng(0)
    d = m // 100 if m >= 1_000 else max(2, m // 10)
    X = rng.standard_normal((n, d))
    X /= np.linalg.norm(X, axis=1, keepdims=True)
    units = m // d
    v = np.where(np.arange(units) % 2 == 0, 1.0, -1.0) / sqrt(units)

    def F(w):
        return np.tanh(X @ w.reshape(units, d).T) @ v

    def jac(w):
        slope = v * (1.0 - np.tanh(X @ w.reshape(units, d).T) ** 2)
        return (slope[:, :, None] * X[:, None, :]).reshape(n, m)

    return Case("tanh", F, jac, rng.standard_normal(m), n)


def sine(n: int, m: int) -> Case:
    rng = np.random.default_rng(1)
    A, B = rng.standard_normal((2, n, m)) / sqrt(m)

    def F(w):
        return A @ w + 0.5 * np.sin(B @ w)

    def jac(w):
        return A + (0.5 * np.cos(B @ w))[:, None] * B

    return Case("sine", F, jac, rng.standard_normal(m), n)


def quadratic(n: int, m: int) -> Case:
    rng = np.random.default_rng(2)
    A = rng.standard_normal((n, m)) / sqrt(m)
    block = m // n
    rows, columns = np.arange(n)[:, None], np.arange(m).reshape(n, block)

    def F(w):
        return A @ w + 0.05 * (w.reshape(n, block) ** 2).sum(axis=1)

    def jac(w):
        J = A.copy()
        J[rows, columns] += 0.1 * w.reshape(n, block)
        return J

    return Case("quadratic", F, jac, rng.standard_normal(m), n)


FAMILIES = (tanh, sine, quadratic)


def certified(case: Case, w: np.ndarray, method: Any, F: Any = None, jac: Any = None) -> Any:
    words = {"jac": jac or case.jac, "method": method, "evidence": "estimated"}
    return nlsolve.certify(F or case.F, case.y, w, **words)


def points(case: Case) -> Iterator[tuple[str, np.ndarray]]:
    """Yield the end of a solve, and the farthest start of a sequence that is certified."""
    away = np.random.default_rng(3).standard_normal(case.root.size) / sqrt(case.root.size)
    end = nlsolve.solve(case.F, case.y, case.root + 1e-3 * away, jac=case.jac)
    yield "end", end.w
    for k in range(20):
        start = case.root + 4.0 * 0.7**k * away
        found = [certified(case, start, method) for method in METHODS]
        if all(found):
            yield "start", start
            return
    raise AssertionError(f"no start of {case.name} is certified")


def step(case: Case, w: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return a full Gauss-Newton step, everything evaluated."""
    r, J = case.F(w) - y, case.jac(w)
    d: np.ndarray = least_norm_step(J, r, 0.0, 1e-14)[0]
    return d


def counted(case: Case, w: np.ndarray, method: Any) -> tuple[Any, int, int]:
    """Return a certificate, and the evaluations of F and J it took."""
    calls = {"F": 0, "J": 0}

    def F(w):
        calls["F"] += 1
        return case.F(w)

    def jac(w):
        calls["J"] += 1
        return case.jac(w)

    return certified(case, w, method, F, jac), calls["F"], calls["J"]


def rows(case: Case, rounds: int) -> Iterator[list[Any]]:
    """Yield the lines of one system at one size."""
    n, m, y = case.n, case.root.size, case.y
    for where, w in points(case):
        sides: dict[str, Any] = {"step": lambda w=w: step(case, w, y)}
        for method in METHODS:
            sides[str(method)] = lambda w=w, method=method: nlsolve.certify(
                case.F, y, w, jac=case.jac, method=method, evidence="estimated"
            )
        times = alternate(sides, rounds)
        for method in METHODS:
            found, evaluations, jacobians = counted(case, w, method)
            if not found:
                raise AssertionError(f"{case.name} {n} x {m}: {found.reason}")
            steps = ratio(times, str(method), "step")
            medians = [f"{1e3 * median(times[side]):.3g}" for side in ("step", str(method))]
            met = verdict(steps <= TARGET) if (n, m) == AIMED else ""
            yield [
                case.name, f"{n} x {m}", where, method, f"{found.h:.2g}", evaluations, jacobians,
                *medians, f"{steps:.1f}", met,
            ]  # fmt: skip


def report(quick: bool) -> Iterator[str]:
    """Yield the table."""
    yield (
        f"Estimated certificates; target at n = {AIMED[0]}, m = {AIMED[1]:,}: at most "
        f"{TARGET:g} Gauss-Newton steps.\n"
    )
    sizes = SIZES[:1] if quick else SIZES
    cases = [make(n, m) for n, m in sizes for make in FAMILIES]
    yield table(HEAD, [line for case in cases for line in rows(case, 3 if quick else 9)])
    yield from report_nist(quick)
    yield from proof_cost.report(quick)


# ---- how low the loss of NIST's regressions is certain to fall -----------------------------------


class Attempt(NamedTuple):
    """A start beside the optimum of a regression, and what it is promised and does."""

    distance: float  # of the start, in the coordinates in which J is orthonormal at the optimum
    start_loss: float
    certificate: Any
    promised: int = 0
    steps: int = 0  # it took
    reached: float = inf


def nist_attempts(problem: Regression) -> Iterator[Attempt]:
    """Yield starts at growing distances, from a tenth of the noise, sqrt(rss), on."""
    F, jac, T = whitened(problem, problem.certified)
    direction = np.random.default_rng(4).standard_normal(T.shape[0])
    direction /= np.linalg.norm(direction)
    for distance in sqrt(problem.rss) * 10.0 ** np.arange(-1, 6):
        w = distance * direction
        with np.errstate(all="ignore"):
            start = 0.5 * float(np.sum((F(w) - problem.y) ** 2))
            if not isfinite(start) or distance > 1e3:
                return
            found = nlsolve.certify(
                F, problem.y, w, jac=jac, claim="pl-star-eps", method="gd", check_jac=False
            )
        if not found:
            yield Attempt(distance, start, found)
            continue
        promised = found.steps_to(sqrt(2.0 * found.loss) * (1.0 + 1e-12))
        steps, reached = walk(F, jac, problem.y, w, found, promised)
        yield Attempt(distance, start, found, promised, steps, reached)


def walk(
    F: Callable[..., Any], jac: Callable[..., Any], y: np.ndarray, w: np.ndarray,
    certificate: Any, most: int,
) -> tuple[int, float]:  # fmt: skip
    """Return the steps gradient descent takes to the loss promised, and the loss there."""
    steps = 0
    while (loss := 0.5 * float(np.sum((F(w) - y) ** 2))) > certificate.loss and steps < most:
        w = w - certificate.step * (jac(w).T @ (F(w) - y))
        steps += 1
    return steps, loss


def report_nist(quick: bool) -> Iterator[str]:
    """Yield the table of the regressions: what is certain, and what becomes of it."""
    yield "\n### PL*_eps on NIST's regressions\n"
    yield (
        "Losses in units of rss / 2, the optimum's; in coordinates in which J is orthonormal at "
        "the optimum, from the start with the lowest promise for its loss. Without one: why not, "
        "from the nearest start.\n"
    )
    head = ["regression", "n x m", "start", "certain to reach", "within steps", "took", "reason"]
    problems = REGRESSIONS[:2] if quick else REGRESSIONS
    yield table(head, [nist_row(problem) for problem in problems])


def nist_row(problem: Regression) -> list[Any]:
    attempts = list(nist_attempts(problem))
    unit, size = problem.rss / 2.0, f"{problem.y.size} x {len(problem.certified)}"
    held = [attempt for attempt in attempts if attempt.certificate]
    if not held:
        reason = attempts[0].certificate.reason
        return [problem.name, size, f"{attempts[0].start_loss / unit:.3g}", "", "", "", reason]
    best = min(held, key=lambda attempt: attempt.certificate.loss / attempt.start_loss)
    return [
        problem.name, size, f"{best.start_loss / unit:.3g}",
        f"{best.certificate.loss / unit:.3g}", best.promised, best.steps, "",
    ]  # fmt: skip
