"""`python -m nlsolve verify`: is what a certificate file claims true?"""

import argparse
from typing import Any

import nlsolve
from nlsolve.cli import words
from nlsolve.cli.answer import Answer
from nlsolve.cli.problems import read_problem

EXAMPLES = """examples:
  nlsolve verify root.json
  nlsolve verify root.json --about 'x**2 = a' --parameters a=2"""


def add(add_verb: Any) -> None:
    """Add the verb to the parser."""
    parser = add_verb("verify", "check a certificate file again", EXAMPLES)
    parser.add_argument("file", help="written by solve --certificate, or Certificate.save")
    parser.add_argument(
        "--about", metavar="PROBLEM", dest="problem",
        help="equations, or a file .py or .json, that the file must speak of",
    )  # fmt: skip
    parser.add_argument("--y", type=words.point, metavar="1,2", help="their right-hand side (0)")
    parser.add_argument(
        "--parameters", type=words.exact_numbers, metavar="a=0.1", help="values in them"
    )
    parser.set_defaults(run=run, at=None)


def run(given: argparse.Namespace) -> Answer:
    """Check the file, in other arithmetic than what made it."""
    asked = {}
    if given.problem is not None:
        problem = read_problem(given)
        asked = {"system": problem.F, "y": problem.y}
    verdict = nlsolve.verify(given.file, **asked)
    document = {"proved": verdict.proved, "claim": verdict.claim, "reason": verdict.reason}
    return Answer(verdict.exit_code, document, str(verdict))
