"""How does a command line become an exit code?

Each verb has a file, with `add`, which says its words, and `run`, which returns an Answer and
prints nothing. A new verb is a file and an entry in `VERBS`. Here the answer is printed, and errors
become one line and an exit code; answer.py lists the codes.
"""

import argparse
import contextlib
import os
import sys
import traceback
import warnings
from collections.abc import Sequence
from typing import Any

import nlsolve
from nlsolve.cli import cache, certify, demo, diagnose, info, kernel, solve, verify
from nlsolve.cli.answer import BAD_INPUT, BROKEN_PIPE, INTERRUPTED, Answer
from nlsolve.cli.failures import words_of
from nlsolve.cli.printing import print_answer, safe_streams
from nlsolve.cli.words import joined

VERBS = (solve, certify, verify, kernel, diagnose, demo, info, cache)
CODES = """exit codes: 0 yes (root found, certified, verified, no defect), 1 no,
2 bad input, 3 an error inside nlsolve, 130 interrupted.
`nlsolve VERB --help` says more, with examples."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one verb and return the exit code of the process.

    Parameters
    ----------
    arguments : sequence of str, optional
        The words after the program's name; those of the process if None.

    Raises
    ------
    SystemExit
        With code 2 at words that are not understood, 0 after --help and --version.
    """
    safe_streams()
    parser = build_parser()
    given = parser.parse_args(joined(sys.argv[1:] if arguments is None else arguments))
    if not hasattr(given, "run"):
        parser.print_help(sys.stderr)
        return BAD_INPUT
    try:
        answer = _answered(given)
        print_answer(answer, given.json)
        return answer.code
    except OSError as error:  # standard output takes no more
        _close_output()
        if isinstance(error, BrokenPipeError):
            return BROKEN_PIPE
        print(f"nlsolve: standard output: {error.strerror}", file=sys.stderr)
        return BAD_INPUT


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of `python -m nlsolve`."""
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--json", action="store_true", help="print one JSON document")
    common.add_argument(
        "--traceback", action="store_true", default=argparse.SUPPRESS,
        help="show where an error arose",
    )  # fmt: skip
    parser = argparse.ArgumentParser(
        prog="nlsolve",
        description="Solve nonlinear systems with at least as many unknowns as equations.",
        epilog=CODES, formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    version = f"nlsolve {nlsolve.__version__}"
    parser.add_argument("--version", action="version", version=version)
    parser.add_argument("--traceback", action="store_true", help="show where an error arose")
    verbs = parser.add_subparsers(title="verbs", metavar="VERB", dest="verb")

    def added(name: str, help: str, examples: str) -> argparse.ArgumentParser:
        return verbs.add_parser(
            name, help=help, description=f"{help[0].upper()}{help[1:]}.", epilog=examples,
            parents=[common], formatter_class=argparse.RawDescriptionHelpFormatter,
        )  # fmt: skip

    for verb in VERBS:
        verb.add(added)
    return parser


def _answered(given: argparse.Namespace) -> Answer:
    """Run a verb; an error is an answer too. What the user's code prints is kept out of JSON."""
    aside = contextlib.redirect_stdout(sys.stderr) if given.json else contextlib.nullcontext()
    try:
        with aside, warnings.catch_warnings():
            warnings.showwarning = _one_line
            answer: Answer = given.run(given)
    except BrokenPipeError:
        raise
    except (Exception, KeyboardInterrupt) as error:
        answer = _failed(error, given)
    return answer._replace(document={"command": given.verb, **answer.document})


def _failed(error: BaseException, given: argparse.Namespace) -> Answer:
    """Return what is said of an error."""
    if given.traceback:
        traceback.print_exception(error)
    problem = getattr(given, "problem", None) or ""
    if isinstance(error, KeyboardInterrupt):
        return Answer(INTERRUPTED, {"error": "interrupted"}, "", ("interrupted",))
    code, message = words_of(error, problem if problem.endswith(".py") else None)
    return Answer(code, {"error": message}, "", (message,))


def _one_line(message: Any, category: Any, *_place: Any, **_further: Any) -> None:
    """Show a warning as the other lines on standard error."""
    print(f"nlsolve: {category.__name__}: {message}", file=sys.stderr)


def _close_output() -> None:
    """Point standard output to nowhere, so that nothing is said when it is closed."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
