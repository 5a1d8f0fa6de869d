"""Which of the solutions does the user want, and was it reached?

After a method has converged, `solve` hands the run over; what comes back is another root, or the
same one, and a sentence for the message. A root is never given up: the outcome stays what it was.
"""

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from nlsolve.explore.descent import Descended, Objective, descend
from nlsolve.explore.nearest import Distance
from nlsolve.explore.secondary import Secondary
from nlsolve.explore.tangent import root_at
from nlsolve.systems.base import FloatArray
from nlsolve.systems.jacobians import LARGEST, too_large
from nlsolve.systems.scaled import plain_problem

SELECT = ("nearest", "min-norm")


class Choice(NamedTuple):
    """The words of `solve` that choose among solutions."""

    select: str | None
    secondary: Callable[..., Any] | None
    secondary_jac: Callable[..., Any] | None

    def objective(self, origin: FloatArray) -> Objective:
        """Return what is minimised over the solutions."""
        if self.secondary is not None:
            return Secondary(self.secondary, self.secondary_jac)
        return Distance(origin if self.select == "nearest" else np.zeros(origin.size))

    def sentence(self, found: Descended, origin: FloatArray) -> str:
        """Return what was reached, with its numbers; see descent.py for the KKT residual."""
        numbers = f"|w - w0| = {float(np.linalg.norm(found.root.w - origin)):.6g}"
        if self.secondary is not None:
            what = "at a local minimum of secondary"
            numbers = f"secondary = {found.value:.6g} (was {found.first:.6g}), {numbers}"
        elif self.select == "nearest":
            what = "locally nearest to w0"
        else:
            what = "locally of least norm"
            numbers = f"|w| = {math.sqrt(2.0 * found.value):.6g}, {numbers}"
        outcome = what if found.stationary else f"not yet {what} ({found.why})"
        return f"{outcome}: {numbers}, KKT residual {found.slope:.1e}"


def choice_of(select: Any, secondary: Any, secondary_jac: Any) -> Choice | None:
    """Return what the user wants, checked; None where any root will do."""
    if select is not None and select not in SELECT:
        raise ValueError(f"select must be one of {SELECT} or None, got {select!r}")
    for name, value in (("secondary", secondary), ("secondary_jac", secondary_jac)):
        if value is not None and not callable(value):
            raise TypeError(f"{name} must be callable, got {type(value).__name__}")
    if secondary is None and secondary_jac is not None:
        raise TypeError("secondary_jac is the gradient of secondary, which is missing")
    if select is not None and secondary is not None:
        raise TypeError("give select or secondary: each alone chooses the solution")
    wanted = Choice(select, secondary, secondary_jac)
    return None if wanted == (None, None, None) else wanted


def chosen_root(choice: Choice, run: Any) -> tuple[FloatArray, str]:
    """Return the root wanted, beginning at the one where a run ended, and a sentence about it."""
    n, m = run.problem.n, run.problem.m
    if n * m > LARGEST:
        return run.w, f"not moved along the solutions: {too_large(n, m)}"
    scale, budget = run.problem.system.scale, run.budget
    problem = plain_problem(run.problem).with_arrays()
    most, seconds = budget.max_nfev or math.inf, budget.max_time or math.inf

    def allowed() -> str:
        if problem.counts[0] >= most:
            return f"max_nfev = {most}"
        return f"max_time = {seconds:g} s" if run.elapsed >= seconds else ""

    root = root_at(problem, run.point, run.r)
    objective = choice.objective(scale * run.origin)
    if not math.isfinite(objective.value(root.w)):
        return run.w, "secondary is not finite at the root found, and so was not minimised"
    found = descend(problem, root, objective, max(budget.tol, run.residual_norm), allowed)
    return found.root.w / scale, choice.sentence(found, scale * run.origin)
