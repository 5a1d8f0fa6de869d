"""What can be asked of nlsolve from a shell?

`python -m nlsolve VERB`: one function a verb, each handed the parsed words and returning an exit
code: 0 done, 1 failed, 2 wrong usage, 130 interrupted. A new verb is a function and an entry in
`build_parser`.
"""

from __future__ import annotations

import argparse
import platform
import sys
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version

REPORTED_PACKAGES = ("nlsolve", "numpy", "scipy", "numba", "sympy")


def run_demo(words: argparse.Namespace) -> int:
    """Inverse kinematics of a robot arm."""
    from nlsolve import demo

    return demo.run(words.seed, words.poses)


def installed_version(package: str) -> str:
    """Version of an installed package; nlsolve itself may be run from a checkout."""
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"


def run_info(_words: argparse.Namespace) -> int:
    """Versions, for a bug report."""
    print(f"{'python':8}{platform.python_version()}")
    for package in REPORTED_PACKAGES:
        print(f"{package:8}{installed_version(package)}")
    return 0


def _at_least(least: int, text: str) -> int:
    number = int(text)
    if number < least:
        raise argparse.ArgumentTypeError(f"must be at least {least}, is {number}")
    return number


def seed_number(text: str) -> int:
    """Parse an integer from 0 up."""
    return _at_least(0, text)


def positive_number(text: str) -> int:
    """Parse an integer from 1 up."""
    return _at_least(1, text)


def build_parser() -> argparse.ArgumentParser:
    """The parser of `python -m nlsolve`."""
    parser = argparse.ArgumentParser(
        prog="nlsolve", description="Solve nonlinear systems with at least as many unknowns."
    )
    parser.add_argument(
        "--version", action="version", version=f"nlsolve {installed_version('nlsolve')}"
    )
    parser.add_argument("--traceback", action="store_true", help="show where an error arose")
    verbs = parser.add_subparsers(title="verbs", metavar="VERB")

    demo = verbs.add_parser("demo", help="inverse kinematics of a 7-joint robot arm")
    demo.add_argument(
        "--seed", type=seed_number, default=0, help="of the random poses (%(default)s)"
    )
    demo.add_argument("--poses", type=positive_number, default=100, help="how many (%(default)s)")
    demo.set_defaults(run=run_demo)

    info = verbs.add_parser("info", help="versions, for a bug report")
    info.set_defaults(run=run_info)
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one verb and return the exit code of the process."""
    parser = build_parser()
    words = parser.parse_args(arguments)
    if not hasattr(words, "run"):
        parser.print_help(sys.stderr)
        return 2
    try:
        return int(words.run(words))
    except KeyboardInterrupt:
        return 130
    except Exception as error:
        if words.traceback:
            raise
        print(f"nlsolve: {type(error).__name__}: {error}", file=sys.stderr)
        return 1
