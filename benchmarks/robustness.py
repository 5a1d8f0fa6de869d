"""How many problems does each method solve, at what cost, and does it tell the truth about it?

Problems, starts, exact Jacobians and checks are the same for all. Solved means max|F| < 1e-8 at the
point that came back, evaluated here. A success is false where the method claims it although some
|F_i| is above 1e-8 and above what rounding explains, 16 u (|J| |w|)_i with u = 2^-53. Note what the
claims are: nlsolve says that there is a root, scipy's least_squares only that it has converged.
"""

import warnings
from collections.abc import Iterator, Sequence
from statistics import median
from typing import Any, NamedTuple

import numpy as np

from benchmarks import opening
from benchmarks.solvers import NLSOLVE, SCIPY, TOLERANCE, Solver
from benchmarks.table import table, verdict
from tests.zoo import MGH, STANDARD, WIDE, Problem, scaled_starts

SOLVED = 1e-8
ROUNDING = 16 * 2.0**-53
EVALUATIONS = 10_000

Case = tuple[Problem, float, Sequence[float]]


class Outcome(NamedTuple):
    """What one method did on one problem."""

    solved: bool
    claimed: bool
    true: bool  # the residual is small, or as small as rounding lets it be
    evaluations: int
    jacobians: int
    error: str = ""

    @property
    def false_success(self) -> bool:
        return self.claimed and not self.true


class Counted:
    """A function that counts its calls."""

    def __init__(self, function: Any) -> None:
        self.function, self.calls = function, 0

    def __call__(self, w: Any) -> Any:
        self.calls += 1
        return self.function(w)


def attempt(
    solver: Solver, problem: Problem, start: Sequence[float], limit: int = EVALUATIONS
) -> Outcome:
    """Run one method on one problem; an exception is a failure without a claim."""
    F, jac = Counted(problem.F), Counted(problem.jac)
    try:
        answer = solver.run(F, jac, np.array(start), limit)
    except Exception as error:
        return Outcome(False, False, False, F.calls, jac.calls, f"{type(error).__name__}: {error}")
    w = np.asarray(answer.w, dtype=float)
    solved, true = judge(problem, w)
    return Outcome(solved, answer.success, true, F.calls, jac.calls)


def judge(problem: Problem, w: np.ndarray) -> tuple[bool, bool]:
    """Return (whether max|F| < 1e-8, whether that or rounding explains every residual)."""
    r = np.abs(problem.F(w))
    floor = ROUNDING * (np.abs(problem.jac(w)) @ np.abs(w))
    return bool(r.max() < SOLVED), bool(np.all(r <= np.maximum(SOLVED, floor)))


def cases(quick: bool) -> dict[str, list[Case]]:
    """Return the problems and starts of each zoo."""
    one = slice(None, None, 10 if quick else 1)
    starts = [(problem, factor, w0) for problem in MGH for factor, w0 in scaled_starts(problem)]
    return {
        "standard": [(problem, 1.0, problem.w0) for problem in STANDARD[one]],
        "wide": [(problem, 1.0, problem.w0) for problem in WIDE[one]],
        "MGH from 1, 10 and 100 times the start": starts[one],
    }


def outcomes(solver: Solver, some: list[Case], limit: int) -> dict[str, Outcome]:
    """Return a method's outcomes by the case's name, without those it refuses."""
    taken = [case for case in some if solver.takes(case[0].n, case[0].m)]
    return {
        problem.name + f" x {factor:g}" * (factor != 1.0): attempt(solver, problem, w0, limit)
        for problem, factor, w0 in taken
    }


def row(solver: Solver, found: dict[str, Outcome], total: int) -> list[Any]:
    """Return a line of the table."""
    if not found:
        return [solver.name, "refuses", total, "-", "-", "-", "-", "-"]
    counts = [[o.evaluations for o in found.values()], [o.jacobians for o in found.values()]]
    return [
        solver.name,
        f"{sum(o.solved for o in found.values())} of {total}",
        total - len(found) or "",
        sum(o.false_success for o in found.values()),
        *(f(column) for column in counts for f in (sum, lambda column: f"{median(column):g}")),
    ]


HEAD = ["method", "solved", "refused", "false successes", "F total", "F median", "J total",
        "J median"]  # fmt: skip


def missed(found: dict[str, Outcome]) -> str:
    names = [name for name, outcome in found.items() if not outcome.solved]
    return f"Missed by auto: {', '.join(names) or 'none'}."


def target(found: dict[str, Outcome], share: float) -> str:
    """Return the line that compares auto with what is wanted of it."""
    rate = sum(o.solved for o in found.values()) / len(found)
    false = sum(o.false_success for o in found.values())
    return (
        f"Target for auto: at least {share:.0%} solved, here {rate:.1%} "
        f"({verdict(rate >= share)}); "
        f"no false success, here {false} ({verdict(false == 0)})."
    )


def report(quick: bool) -> Iterator[str]:
    """Yield the tables."""
    limit = 300 if quick else EVALUATIONS
    yield (
        f"Exact Jacobians and at most {limit} evaluations of F for all; nlsolve with its defaults "
        f"(tol=1e-10), scipy with xtol = ftol = gtol = {TOLERANCE:g}. F and J are counted by the "
        "benchmark, over all problems a method takes, solved or not.\n"
    )
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        for zoo, some in cases(quick).items():
            yield from zoo_report(zoo, some, limit)
        yield from opening.report(3 if quick else 20)


def zoo_report(zoo: str, some: list[Case], limit: int) -> Iterator[str]:
    """Yield the table of one zoo and what auto missed."""
    by_solver = {solver.name: outcomes(solver, some, limit) for solver in (*NLSOLVE, *SCIPY)}
    rows = [row(solver, by_solver[solver.name], len(some)) for solver in (*NLSOLVE, *SCIPY)]
    auto = by_solver[NLSOLVE[0].name]
    yield f"### {zoo}: {len(some)} runs\n\n{table(HEAD, rows)}\n"
    yield f"{missed(auto)}\n\n{target(auto, 0.95 if zoo.startswith('MGH') else 1.0)}\n"
    errors = [
        f"{solver}, {name}: {outcome.error}"
        for solver, found in by_solver.items()
        for name, outcome in found.items()
        if outcome.error
    ]
    if errors:
        yield "Raised an exception: " + "; ".join(errors) + "\n"
