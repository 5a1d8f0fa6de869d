"""How are the defects of a system said in words, and what is to be done about each?

Equations are called by their numbers, with their text where it is known and short; unknowns by
their names, else w[j]. r is F(w) - y.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import numpy as np

from nlsolve.explore.diagnosis import Diagnosis, Relation
from nlsolve.systems.errors import FormulaError
from nlsolve.systems.printed import text_of
from nlsolve.systems.tape import equation

MANY = 6  # things named one by one
SHORT = 40  # characters of an equation


class Finding(NamedTuple):
    """One thing that was found.

    Attributes
    ----------
    kind : str
        'redundant', 'inconsistent', 'overdetermined', 'functional', 'flat', 'singular', 'unused',
        'freedom', 'row scale', 'column scale', 'stationary', 'unclear' or 'domain'.
    text, advice : str
        What it is and what to do.
    defect : bool
        False for what is no fault of the system.
    """

    kind: str
    text: str
    advice: str
    defect: bool = True


def findings(d: Diagnosis) -> tuple[Finding, ...]:
    """Return everything worth saying, the worst first."""
    return tuple(finding for part in _PARTS for finding in part(d))


def _inconsistent(d: Diagnosis) -> Iterator[Finding]:
    for one in d.inconsistent:
        if not one.others:
            text = f"{_equation(d, one.equation)} cannot hold: its residual is {one.gap:.6g}"
            yield Finding("inconsistent", f"{text}{_everywhere(d)}", "correct it or leave it out")
            continue
        text = f"{_equations(d, one.equations)} contradict each other: {_formula(one)}"
        advice = f"leave one of them out, or add {one.gap:.6g} to y[{one.equation}]"
        yield Finding("inconsistent", text + _everywhere(d), advice)


def _redundant(d: Diagnosis) -> Iterator[Finding]:
    for one in d.redundant:
        if not one.others:
            text = f"{_equation(d, one.equation)} holds by itself: no unknown changes it"
            yield Finding("redundant", text, "leave it out")
            continue
        others = _equations(d, one.others)
        text = f"{_equation(d, one.equation)} repeats {others}: {_formula(one)}{_everywhere(d)}"
        yield Finding("redundant", text, f"leave equation {one.equation} out")


def _overdetermined(d: Diagnosis) -> Iterator[Finding]:
    part = d.overdetermined
    if not part.equations:
        return
    unknowns = _unknowns(d, part.unknowns) if part.unknowns else "no unknown"
    yield Finding(
        "overdetermined",
        f"{_equations(d, part.equations)} depend on no more than {unknowns}: they hold together "
        "for special y only",
        f"leave {len(part.equations) - len(part.unknowns)} of them out, or find the unknowns that "
        "are missing in them",
    )


def _functional(d: Diagnosis) -> Iterator[Finding]:
    explained = set(d.overdetermined.equations)
    for one in d.functional:
        if explained.issuperset(one.equations):
            continue
        if not one.others:
            text = f"the gradient of {_equation(d, one.equation)} is zero at all points tried"
            yield Finding("functional", text, "see what it was meant to depend on")
            continue
        yield Finding(
            "functional",
            f"{_equation(d, one.equation)} is a function of {_equations(d, one.others)}: their "
            f"gradients are dependent{_everywhere(d)}",
            f"solve without equation {one.equation}, and see whether it holds at the solution",
        )


def _flat(d: Diagnosis) -> Iterator[Finding]:
    seen = "does not change" if d.exact else "is not seen, by differences, to change"
    for i in d.flat:
        text = f"{_equation(d, i)} {seen} around w, but does far away"
        yield Finding("flat", text, "start from another point")


def _singular(d: Diagnosis) -> Iterator[Finding]:
    where = "at w" if d.points == 1 else "at w, though not around it,"
    accuracy = "" if d.exact else " (J comes from differences: give jac= to be sure)"
    for one in d.singular:
        text = f"{where} the gradients of {_equations(d, one.equations)} are dependent"
        if not one.others:
            text = f"{where} the gradient of {_equation(d, one.equation)} is zero"
        yield Finding(
            "singular",
            f"{text}: rank {d.rank} of J" + (f" instead of {d.generic_rank}" * (d.points > 1)),
            "start from another point; near such a solution convergence is slow and nothing can be "
            f"certified{accuracy}",
        )


def _stationary(d: Diagnosis) -> Iterator[Finding]:
    if d.stationary:
        text = f"w is stationary but no root: J^T r vanishes, |r| = {d.residual_norm:.3g}"
        yield Finding("stationary", text, "start from another point")


def _unused(d: Diagnosis) -> Iterator[Finding]:
    if d.free:
        depends = "depends on" if d.exact else "is seen, by differences, to change with"
        yield Finding(
            "unused",
            f"no equation {depends} {_unknowns(d, d.free)}, at w or around it",
            "leave out what is not needed, or see which equation it was meant for",
        )


def _freedom(d: Diagnosis) -> Iterator[Finding]:
    bound = [j for j in d.movable if j not in d.free]
    if not bound or not d.clear:
        return
    directions = d.degrees_of_freedom - len(d.free)
    prescribed = [j for j in d.parameters if j not in d.free]
    yield Finding(
        "freedom",
        f"{_unknowns(d, bound)} can move in {_count(directions, 'direction')} while no equation "
        "changes",
        f"for an isolated solution, prescribe for example {_unknowns(d, prescribed)}",
        defect=False,
    )


def _rows(d: Diagnosis) -> Iterator[Finding]:
    far = d.badly_scaled_rows
    if len(far) > MANY:
        text = f"{_equations(d, far)} are written in units of their own"
        yield Finding("row scale", text, "multiply equation i by row_scale[i] of this diagnosis")
        return
    for i in far:
        factor = _power(d.row_scale[i])
        text = f"{_equation(d, i)} is written in units of its own: {1 / factor:.0e} of others"
        yield Finding("row scale", text, f"multiply equation {i} by {factor:.0e}")


def _columns(d: Diagnosis) -> Iterator[Finding]:
    far = d.badly_scaled_columns
    if len(far) > MANY:
        text = f"{_unknowns(d, far)} have natural sizes of their own"
        yield Finding("column scale", text, "measure w[j] in units of column_scale[j]")
        return
    for j in far:
        unit = _power(d.column_scale[j])
        text = f"{_unknown(d, j)} has a natural size of its own: {unit:.0e} of others"
        yield Finding("column scale", text, f"measure {_unknown(d, j)} in units of {unit:.0e}")


def _unclear(d: Diagnosis) -> Iterator[Finding]:
    if d.clear:
        return
    source, advice = "rounding", "write the equations so that double precision can tell them apart"
    if not d.exact:
        source = "the errors of differences"
        advice = "give jac=, or a w at which each unknown has about its size in a solution"
    text = f"rank {d.generic_rank} of J is a matter of {source}: what depends cannot be told"
    yield Finding("unclear", text, advice)


def _domain(d: Diagnosis) -> Iterator[Finding]:
    if d.points == 1:
        yield Finding(
            "domain",
            "F could not be evaluated around w: what is said of dependence holds at w only",
            "diagnose at a point inside the domain of F",
        )


_PARTS: tuple[Callable[[Diagnosis], Iterator[Finding]], ...] = (
    _inconsistent, _redundant, _overdetermined, _functional, _flat, _singular, _unclear,
    _stationary, _unused, _freedom, _rows, _columns, _domain,
)  # fmt: skip


def _everywhere(d: Diagnosis) -> str:
    return f" at all {d.points} points"


def _power(scale: float) -> float:
    """Return a scale as a power of ten."""
    return float(10.0 ** np.rint(np.log10(scale)))


def _formula(one: Relation) -> str:
    """Return r[3] = 2 r[0] - r[1] + 0.5."""
    terms = list(zip(one.coefficients, one.others, strict=True))
    parts = [_term(c, f"r[{i}]") for c, i in terms[:MANY]]
    parts += ["+ ..."] * (len(terms) > MANY) + [_term(one.gap, "")] * (one.gap != 0.0)
    text = " ".join(parts).removeprefix("+ ")
    return f"r[{one.equation}] = {'-' + text[2:] if text.startswith('- ') else text}"


def _term(c: float, name: str) -> str:
    size = f"{abs(c):.6g}"
    text = name if size == "1" and name else f"{size} {name}".rstrip()
    return f"{'-' if c < 0 else '+'} {text}"


def _equation(d: Diagnosis, i: int) -> str:
    text = _text(d, i)
    shown = 0 < len(text) <= SHORT and "\n" not in text
    return f"equation {i} ({text})" if shown else f"equation {i}"


def _text(d: Diagnosis, i: int) -> str:
    """Return the formula of an equation, if it is known, not large, and can be written down."""
    tape = None if d.system.tape is None else equation(d.system.tape, i)
    try:
        return "" if tape is None or len(tape) > SHORT else text_of(tape)
    except FormulaError:  # a name that cannot be read back
        return ""


def _equations(d: Diagnosis, numbers: Sequence[int]) -> str:
    if len(numbers) == 1:
        return _equation(d, numbers[0])
    return f"equations {_listed([_equation(d, i).removeprefix('equation ') for i in numbers])}"


def _unknown(d: Diagnosis, j: int) -> str:
    return d.system.unknowns[j] if d.system.unknowns else f"w[{j}]"


def _unknowns(d: Diagnosis, numbers: Sequence[int]) -> str:
    return _listed([_unknown(d, j) for j in numbers])


def _listed(names: Sequence[str]) -> str:
    """Return a, b and c; of many the first few and how many more."""
    if len(names) > MANY:
        return f"{', '.join(names[:MANY])} and {len(names) - MANY} more"
    return " and ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else names[0]


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'s' * (number != 1)}"
