"""`python -m nlsolve kernel`: spectrum, rank and condition of the tangent kernel at a point."""

import argparse
from typing import Any

import nlsolve
from nlsolve.cli import documents
from nlsolve.cli.answer import YES, Answer
from nlsolve.cli.printing import some, table
from nlsolve.cli.problems import add_problem, read_problem

SHOWN = 20  # singular values in words
EXAMPLES = """examples:
  nlsolve kernel 'x**2 + y**2 = 1; x = y' --at x=1,y=2
  nlsolve kernel circle.py --json"""


def add(add_verb: Any) -> None:
    """Add the verb to the parser."""
    parser = add_verb("kernel", "spectrum, rank and condition at a point", EXAMPLES)
    add_problem(parser, "the point")
    parser.set_defaults(run=run)


def run(given: argparse.Namespace) -> Answer:
    """Return the tangent kernel K = J J^T at the point."""
    problem = read_problem(given)
    kernel = nlsolve.tangent_kernel(problem.F, problem.start())
    return Answer(YES, documents.of_kernel(kernel), f"{kernel}\n\n{_spectrum(kernel)}")


def _spectrum(kernel: Any) -> str:
    """Return the singular values of J and the eigenvalues of K, descending."""
    pairs = zip(kernel.singular_values.tolist(), kernel.eigenvalues.tolist(), strict=True)
    rows = [(f"  {k}", f"{sigma:.6e}", f"{value:.6e}") for k, (sigma, value) in enumerate(pairs)]
    return table([("  k", "sigma of J", "lambda of K"), *some(rows, SHOWN)])
