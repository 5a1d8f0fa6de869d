"""Which system is asked about, where, and with which settings?

The words of a command line give it: equations as text (also from standard input, '-'), a file .py
(python_files.py) or a file .json (json_files.py). What is said on the command line goes before what
a file says.
"""

import argparse
import math
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import nlsolve
from nlsolve.cli import words
from nlsolve.cli.answer import WrongInput

SETTINGS = (
    "method", "options", "bounds", "x_scale", "tol", "max_iter", "max_nfev", "max_time",
    "tol_distance", "select", "secondary", "secondary_jac", "lipschitz", "hessian_bound",
)  # fmt: skip


@dataclass(frozen=True)
class Problem:
    """F(w) = y at w0, and what a file says of how to solve it.

    Attributes
    ----------
    F : callable or System
    y : float or (n,) array_like
    w0 : vector, mapping or None
    settings : dict
        By the names of `SETTINGS`.
    """

    F: Any
    y: Any = 0.0
    w0: Any = None
    settings: dict[str, Any] = field(default_factory=dict)

    def start(self) -> Any:
        """Return w0, or say how to give it."""
        if self.w0 is None:
            raise WrongInput(
                "the point is missing: give --at x=1,y=2 (or --at 1,2), or w0 in the file"
            )
        return self.w0

    def said(self, names: tuple[str, ...]) -> dict[str, Any]:
        """Return those of the settings that a verb knows."""
        return {name: self.settings[name] for name in names if name in self.settings}


def add_problem(parser: argparse.ArgumentParser, of_point: str = "where to start") -> None:
    """Add the words that say which system is asked about, and where."""
    group = parser.add_argument_group("the system")
    group.add_argument(
        "problem",
        metavar="PROBLEM",
        help="equations such as 'x**2 + y**2 = 1; x = y', - to read them from standard input, or "
        "a file .py or .json",
    )
    group.add_argument(
        "--at",
        type=words.point,
        metavar="x=1,y=2",
        help=f"{of_point}; or 1,2",
    )
    group.add_argument("--y", type=words.point, metavar="1,2", help="right-hand side (0)")
    group.add_argument(
        "--parameters", type=words.exact_numbers, metavar="a=0.1,b=1/3",
        help="numbers that names in the equations stand for",
    )  # fmt: skip


def read_problem(given: argparse.Namespace) -> Problem:
    """Return the problem that the words of a command line give."""
    problem = _source(given.problem, given.parameters)
    if given.y is not None:
        problem = replace(problem, y=given.y)
    return problem if given.at is None else replace(problem, w0=given.at)


def _source(text: str, parameters: Mapping[str, Any] | None) -> Problem:
    if text.endswith(".py"):
        from nlsolve.cli.python_files import read_python

        return with_parameters(read_python(text), parameters)
    if text.endswith(".json"):
        from nlsolve.cli.json_files import read_json

        return read_json(text, parameters or {})
    return Problem(nlsolve.parse(sys.stdin.read() if text == "-" else text, parameters=parameters))


def with_parameters(problem: Problem, parameters: Mapping[str, Any] | None) -> Problem:
    """Return the problem at other values of its parameters."""
    if not parameters:
        return problem
    if not isinstance(problem.F, nlsolve.FormulaSystem):
        raise WrongInput("--parameters: F is no formulas; give args or kwargs in the file instead")
    return replace(problem, F=problem.F.at(**parameters))


def sides(given: Any, F: Any, name: str) -> tuple[Any, Any]:
    """Return (lo, hi) of ranges as `words.ranges` reads them; an unknown left out has none."""
    if isinstance(given, tuple):
        return given
    if isinstance(given, Mapping):
        unknowns = getattr(F, "unknowns", None)
        if unknowns is None:
            raise WrongInput(f"{name}: F has no names for its unknowns; give low:high,low:high")
        further = [word for word in given if word not in unknowns]
        if further:
            known = ", ".join(unknowns)
            raise WrongInput(f"{name}: unknown name {further[0]!r}; the unknowns are {known}")
        given = [given.get(unknown, (-math.inf, math.inf)) for unknown in unknowns]
    low, high = zip(*given, strict=True)
    return list(low), list(high)
