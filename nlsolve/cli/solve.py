"""`python -m nlsolve solve`: a root, or why there is none."""

import argparse
from typing import Any

import nlsolve
from nlsolve.cli import documents, words
from nlsolve.cli.answer import INTERRUPTED, NO, YES, Answer
from nlsolve.cli.keeping import NOT_ASKED, Kept, kept
from nlsolve.cli.options import add_method, settings
from nlsolve.cli.printing import some, table
from nlsolve.cli.problems import Problem, add_problem, read_problem, sides

SHOWN = 40  # unknowns in words
LIMITS = ("tol", "max_iter", "max_nfev", "max_time")
NAMES = ("method", "x_scale", "tol_distance", "select", *LIMITS)
FROM_FILE = ("bounds", "secondary", "secondary_jac")
EXAMPLES = """examples:
  nlsolve solve 'x**2 + y**2 + z**2 = 1; x*y = z' --at x=1,y=2,z=3
  nlsolve solve 'x**2 = a' --at x=1 --parameters a=2 --certificate root.json
  nlsolve solve circle.py --method gd --option momentum=heavy-ball
  nlsolve solve circle.json --json"""


def add(add_verb: Any) -> None:
    """Add the verb to the parser."""
    parser = add_verb("solve", "solve equations, and prove that there is a solution", EXAMPLES)
    add_problem(parser)
    how = parser.add_argument_group("how")
    add_method(
        how,
        "auto (the default), gauss-newton, levenberg-marquardt, dogleg, gd, sgd, block-kaczmarz",
    )
    how.add_argument("--bounds", type=words.ranges, metavar="x=0:1,y=-2:", help="of the unknowns")
    how.add_argument(
        "--x-scale", type=words.sizes, metavar="1,1e6", help="sizes of the unknowns, or jac"
    )
    how.add_argument(
        "--select", metavar="NAME", help="nearest or min-norm: which of many solutions"
    )
    _add_limits(parser)
    shown = parser.add_argument_group("what is shown and kept")
    shown.add_argument("--progress", action="store_true", help="show a bar on standard error")
    shown.add_argument("--certificate", metavar="FILE", help="write a certificate for `verify`")
    shown.add_argument("--no-certify", action="store_true", help="do not look for a certificate")
    parser.set_defaults(run=run)


def _add_limits(parser: argparse.ArgumentParser) -> None:
    until = parser.add_argument_group("until when")
    until.add_argument(
        "--tol", type=words.positive_real, metavar="NUMBER", help="of the residual (1e-10)"
    )
    until.add_argument(
        "--tol-distance", type=words.positive_real, metavar="NUMBER",
        help="certified distance to a solution",
    )  # fmt: skip
    until.add_argument(
        "--max-iter", type=words.positive_number, metavar="COUNT", help="most iterations"
    )
    until.add_argument(
        "--max-nfev", type=words.positive_number, metavar="COUNT", help="most evaluations of F"
    )
    until.add_argument(
        "--max-time", type=words.positive_real, metavar="SECONDS", help="longest time"
    )


def run(given: argparse.Namespace) -> Answer:
    """Solve, and certify what was found."""
    problem = read_problem(given)
    keywords = problem.said(FROM_FILE) | settings(problem, given, NAMES)
    if given.bounds is not None:
        keywords["bounds"] = sides(given.bounds, problem.F, "--bounds")
    progress = given.progress
    try:
        result = nlsolve.solve(problem.F, problem.y, problem.start(), progress=progress, **keywords)
    except KeyboardInterrupt as interrupt:
        partial = getattr(interrupt, "partial_result", None)
        if partial is None:  # before the run began
            raise
        return _answer(problem, partial, INTERRUPTED)
    try:
        return _certified(problem, result, given)
    except KeyboardInterrupt:
        interrupted = Kept(notes=("no certificate: interrupted",))
        return _answer(problem, result, INTERRUPTED, file=interrupted)


def _certified(problem: Problem, result: Any, given: argparse.Namespace) -> Answer:
    """Return the answer with a certificate, which is written if that was asked for."""
    code = YES if result.success else NO
    if given.no_certify and given.certificate is None:
        return _answer(problem, result, code)
    file = kept(result.certificate, given.certificate)
    return _answer(problem, result, max(code, file.code), result.certificate, file)


def _answer(
    problem: Problem, result: Any, code: int, certificate: Any = None, file: Kept = NOT_ASKED
) -> Answer:
    """Return what is said of a result."""
    unknowns = result.named if getattr(problem.F, "unknowns", None) else None
    document = documents.of_result(result, unknowns) | {
        "certificate": None if certificate is None else documents.of_certificate(certificate),
        "certificate_file": file.path,
    }
    return Answer(code, document, _text(result, unknowns) + file.line, file.notes)


def _text(result: Any, unknowns: dict[str, float] | None) -> str:
    """Return the verdict, every unknown with all its digits, and the numbers of the run."""
    named = unknowns or {f"w[{j}]": value for j, value in enumerate(result.w.tolist())}
    rows = some([(f"  {name}", "=", repr(value)) for name, value in named.items()], SHOWN)
    verdict, _w, *numbers = str(result).split("\n")
    return "\n".join([verdict, "", table(rows, " "), "", *numbers])
