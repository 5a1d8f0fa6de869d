"""`python -m nlsolve diagnose`: what is the matter with a system at a point?"""

import argparse
from typing import Any

import nlsolve
from nlsolve.cli import documents
from nlsolve.cli.answer import NO, YES, Answer
from nlsolve.cli.problems import add_problem, read_problem

SYSTEM = ("jac", "jvp", "vjp", "args", "kwargs", "check_jac")
EXAMPLES = """examples:
  nlsolve diagnose 'x + y = 1; x*z = 2; x + y + x*z = 4' --at 0.5,1,2
  nlsolve diagnose circle.py --json"""


def add(verbs: Any) -> None:
    """Add the verb to the parser."""
    parser = verbs("diagnose", "redundant, contradicting, singular equations", EXAMPLES)
    add_problem(parser, "the point")
    parser.set_defaults(run=run)


def run(given: argparse.Namespace) -> Answer:
    """Look for defects; any is a negative answer."""
    problem = read_problem(given)
    keywords = problem.kept_to(SYSTEM)
    diagnosis = nlsolve.diagnose(problem.F, problem.y, problem.start(), **keywords)
    code = YES if diagnosis.sound else NO
    return Answer(code, documents.of_diagnosis(diagnosis), str(diagnosis))
