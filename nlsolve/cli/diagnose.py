"""`python -m nlsolve diagnose`: what is the matter with a system at a point?"""

import argparse
from typing import Any

import nlsolve
from nlsolve.cli import documents
from nlsolve.cli.answer import NO, YES, Answer
from nlsolve.cli.problems import add_problem, read_problem

EXAMPLES = """examples:
  nlsolve diagnose 'x + y = 1; x*z = 2; x + y + x*z = 4' --at 0.5,1,2
  nlsolve diagnose circle.py --json"""


def add(add_verb: Any) -> None:
    """Add the verb to the parser."""
    parser = add_verb("diagnose", "redundant, contradicting, singular equations", EXAMPLES)
    add_problem(parser, "the point")
    parser.set_defaults(run=run)


def run(given: argparse.Namespace) -> Answer:
    """Look for defects; any is a negative answer."""
    problem = read_problem(given)
    diagnosis = nlsolve.diagnose(problem.F, problem.y, problem.start())
    code = YES if diagnosis.sound else NO
    return Answer(code, documents.of_diagnosis(diagnosis), str(diagnosis))
