"""Which options do verbs share, and what do they say to the functions of nlsolve?"""

import argparse
from typing import Any

from nlsolve.cli import words
from nlsolve.cli.problems import Problem


def add_method(parser: Any, names: str) -> None:
    """Add the words that choose a method and its options."""
    parser.add_argument("--method", metavar="NAME", help=names)
    parser.add_argument(
        "--option", type=words.option, action="append", metavar="NAME=VALUE",
        help="of the method, such as damping=backtracking or step=0.1; may be repeated",
    )  # fmt: skip


def settings(problem: Problem, given: argparse.Namespace, names: tuple[str, ...]) -> dict[str, Any]:
    """Return the keywords for a function of nlsolve: those of the command line before the file's.

    `names` are words that the function and the command line call the same. Options of the method
    in the file are left out where the command line chooses another one.
    """
    of_file = problem.settings.get("options", {})
    if given.method not in (None, problem.settings.get("method", "auto")):
        of_file = {}
    said = {name: getattr(given, name) for name in names}
    said = {name: value for name, value in said.items() if value is not None}
    return {**problem.said(names), **said, **of_file, **dict(given.option or ())}
