"""Is a system known as formulas, or can the code of its F be traced to some?

What is proved of formulas is proved of F only where they are the same function. F is run once on
symbols and compared with what that gave: near w before, and over the ball of the claim after.
"""

import copy
from typing import Any

from nlsolve.certificates.certificate import Certificate
from nlsolve.certificates.evidence import FloatArray

NO_FORMULAS = (
    "the system is not known as formulas, or lipschitz= was given: a proof needs nlsolve.parse, "
    "nlsolve.from_sympy or nlsolve.trace"
)
OWN_DERIVATIVES = (
    "steps would be taken with the derivatives given, which are not proved to be those of F: leave "
    "jac out, or ask for existence (method=None)"
)
TRACED = "the formulas are those that F's code was traced to; they agree with F at random points"
MOST_UNKNOWNS, MOST_OPERATIONS = 200, 5_000  # of a function that is traced without being asked to
TOO_LARGE = f"F has more than {MOST_UNKNOWNS} unknowns: evidence='proved' traces it all the same"


def formulas_of(problem: Any, w: FloatArray, asked: Any, method: str | None) -> tuple[Any, str]:
    """Return the problem as formulas, or None and why not. Functions are traced."""
    given = asked.lipschitz is not None or asked.hessian_bound is not None
    if given or asked.evidence == "estimated" or asked.claim == "pl-star-eps":
        return None, ""
    if problem.system.tape is not None:
        return problem, ""
    if method is not None and not problem.system.differenced:
        return None, OWN_DERIVATIVES
    if asked.evidence is None and w.size > MOST_UNKNOWNS:
        return None, TOO_LARGE
    return _traced(problem, w, MOST_OPERATIONS if asked.evidence is None else None)


def _traced(problem: Any, w: FloatArray, longest: int | None) -> tuple[Any, str]:
    """Return the problem with the formulas of F's code, or None and what cannot be followed."""
    from nlsolve.systems.errors import FormulaError
    from nlsolve.systems.language import system_of
    from nlsolve.systems.trace import traced

    system = problem.system
    F = _values_of(system)
    words = {"args": system.args, "kwargs": system.kwargs, "check": w, "longest": longest}
    try:
        formulas = system_of(traced(F, w.size, **words))
    except FormulaError as error:
        return None, str(error)
    own = copy.copy(problem)
    own.system, own.kind = formulas, formulas.kind
    return own, ""


def _values_of(system: Any) -> Any:
    """Return F without its Jacobian."""
    F = system.F
    return (lambda *args, **kwargs: F(*args, **kwargs)[0]) if system.returns_both else F


def of_code(found: Certificate, system: Any, tape: Any) -> tuple[Certificate | None, str]:
    """Return a certificate of formulas as one of F, which must agree with them over its ball."""
    from nlsolve.systems.agreement import check_agreement_over
    from nlsolve.systems.errors import FormulaError

    F = _values_of(system)
    try:
        if found.holds:
            check_agreement_over(tape, lambda w: system.call(F, w), found.w, found.radius)
    except FormulaError as error:
        return None, str(error)
    return found.resting_on(TRACED), found.reason
