"""What is done once a run stands at a root, where the user wants more of it?

Another root is chosen among the solutions, or the run goes on until one is certified to be near.
"""

from typing import TYPE_CHECKING, Any

from nlsolve import methods
from nlsolve.explore.choice import Choice, chosen_root
from nlsolve.loop import Run
from nlsolve.outcome import result_of
from nlsolve.result import SolveResult

if TYPE_CHECKING:
    from nlsolve.certificates.certificate import Certificate


def chosen_solution(
    run: Run, chosen: methods.Chosen, asked: Any, choice: Choice,
    tol_distance: float | None,
) -> SolveResult:  # fmt: skip
    """Go on from a root to the one the user wants."""
    w, sentence = chosen_root(choice, run)
    run.settle(w)
    result = result_of(run, chosen, asked)
    result.message += f"; {sentence}"
    if tol_distance is not None:
        result.message += f"; {_reached(result.certificate, tol_distance)}"
    return result


PATIENCE = 7  # certificates without progress, after 1, 2, 4, ... steps


def nearer_solution(
    run: Run,
    chosen: methods.Chosen,
    asked: Any,
    result: SolveResult,
    tol_distance: float,
) -> SolveResult:
    """Go on from a root, step by step, until an exact solution is certified to be that near."""
    nearest, fruitless = result, 0
    further = result.success
    while further and not nearest.certificate.distance[1] <= tol_distance:
        further = run.go_on(2**fruitless)
        result = result_of(run, chosen, asked)
        nearer = result.certificate.distance[1] < nearest.certificate.distance[1]
        if result.success and nearer:
            nearest, fruitless = result, 0
        fruitless += 1
        further = further and fruitless <= PATIENCE
    if nearest.success:
        nearest.message += f"; {_reached(nearest.certificate, tol_distance)}"
    return nearest


def _reached(certificate: "Certificate", tol_distance: float) -> str:
    """Return what became of the wish to be within tol_distance of a solution."""
    if not certificate.holds:
        return f"tol_distance not reached: not certified, because {certificate.reason}"
    within = f"certified to be within {certificate.distance[1]:.3g} of an exact solution"
    missed = certificate.distance[1] > tol_distance
    return f"{within}, tol_distance = {tol_distance:.3g}{' not reached' if missed else ''}"
