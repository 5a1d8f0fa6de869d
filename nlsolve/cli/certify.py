"""`python -m nlsolve certify`: will a method converge, is a solution near, or is there none?"""

import argparse
from typing import Any

import nlsolve
from nlsolve.cli import documents, words
from nlsolve.cli.answer import NO, YES, Answer
from nlsolve.cli.keeping import kept
from nlsolve.cli.options import add_method, settings
from nlsolve.cli.problems import Problem, add_problem, read_problem, sides

NAMES = (
    "claim", "theorem", "radius", "evidence", "lipschitz", "hessian_bound", "loss", "max_boxes",
    "max_time",
)  # fmt: skip
CLAIMS = ("convergence", "existence", "conditioning", "pl-star-eps", "empty")
EXAMPLES = """examples:
  nlsolve certify 'x**2 + y**2 = 1; x = y' --at x=1,y=0.5
  nlsolve certify 'x**2 + y**2 = 1; x = y' --at 0.7,0.7 --claim existence
  nlsolve certify 'x**2 + y**2 = -1' --claim empty --box -10:10
  nlsolve certify circle.py --method gd --certificate promise.json"""


def add(add_verb: Any) -> None:
    """Add the verb to the parser."""
    parser = add_verb("certify", "certify convergence, existence or emptiness", EXAMPLES)
    add_problem(parser, "the point")
    what = parser.add_argument_group("what is claimed")
    what.add_argument(
        "--claim", choices=CLAIMS, metavar="CLAIM",
        help="convergence (the default), existence, conditioning, pl-star-eps or empty",
    )  # fmt: skip
    add_method(what, "gauss-newton (the default), gd, sgd; none for existence")
    what.add_argument(
        "--theorem", metavar="NAME", help="one by name; docs/reference/certificates.md"
    )
    what.add_argument(
        "--radius", type=words.positive_real, metavar="NUMBER", help="of the ball about the point"
    )
    what.add_argument("--box", type=words.ranges, metavar="x=0:1,y=0:2", help="for --claim empty")
    what.add_argument(
        "--loss", type=words.positive_real, metavar="NUMBER", help="for --claim pl-star-eps"
    )
    _add_numbers(parser)
    files = parser.add_argument_group("what is kept")
    files.add_argument("--certificate", metavar="FILE", help="write it for `verify`")
    parser.set_defaults(run=run)


def _add_numbers(parser: argparse.ArgumentParser) -> None:
    numbers = parser.add_argument_group("what it may rest on")
    numbers.add_argument(
        "--evidence",
        choices=("proved", "estimated"),
        metavar="WORD",
        help="proved accepts nothing less, estimated does not try",
    )
    numbers.add_argument(
        "--lipschitz", type=words.positive_real, metavar="NUMBER", help="constant of the Jacobian"
    )
    numbers.add_argument(
        "--hessian-bound", type=words.point, metavar="1,2", help="one, or one an equation"
    )
    numbers.add_argument(
        "--max-boxes", type=words.positive_number, metavar="COUNT", help="for empty (4096)"
    )
    numbers.add_argument(
        "--max-time", type=words.positive_real, metavar="SECONDS", help="for empty (30)"
    )


def run(given: argparse.Namespace) -> Answer:
    """Certify, and keep the certificate if that was asked for."""
    problem = read_problem(given)
    certificate = nlsolve.certify(
        problem.F, problem.y, _point(problem, given), **_keywords(problem, given)
    )
    file = kept(certificate, given.certificate)
    document = documents.of_certificate(certificate) | {"certificate_file": file.path}
    code = max(YES if certificate.holds else NO, file.code)
    return Answer(code, document, f"{certificate}{file.line}", file.notes)


def _point(problem: Problem, given: argparse.Namespace) -> Any:
    """Return the point, which a box does without."""
    return None if given.box is not None and given.at is None else problem.start()


def _keywords(problem: Problem, given: argparse.Namespace) -> dict[str, Any]:
    """Return what is said to nlsolve.certify."""
    keywords = problem.said(("bounds",)) | settings(problem, given, NAMES)
    method = given.method or problem.settings.get("method", "gauss-newton")
    of_none = given.claim == "existence" and given.method is None
    keywords["method"] = None if of_none or method in ("none", "auto") else method
    if given.box is not None:
        keywords["box"] = sides(given.box, problem.F, "--box")
    return keywords
