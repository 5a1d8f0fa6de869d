"""What can be asked of nlsolve from a shell?

`python -m nlsolve VERB`: one function a verb, each handed the parsed words and returning an exit
code: 0 done, 1 failed, 2 wrong usage, 130 interrupted. A new verb is a function and an entry in
`build_parser`. `solve` says 0 for a root and 1 for none, `verify` 0 for proved and 1 for not.
"""

from __future__ import annotations

import argparse
import json
import math
import platform
import sys
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from typing import Any

REPORTED_PACKAGES = ("nlsolve", "numpy", "scipy", "numba", "sympy")


class WrongInput(Exception):
    """Raised where what was asked cannot be understood or done, by what it says."""


def run_solve(words: argparse.Namespace) -> int:
    """Solve equations that are given as text."""
    import nlsolve

    try:
        system = nlsolve.parse(words.equations)
        result = nlsolve.solve(system, 0.0, words.at, method=words.method, tol=words.tol)
        certificate = result.certificate
        if words.certificate is not None and certificate.holds:
            certificate.save(words.certificate)
    except (TypeError, ValueError, OSError, nlsolve.EvaluationError) as error:
        raise WrongInput(str(error)) from error
    print(json.dumps(as_json(result)) if words.json else as_lines(result))
    if words.certificate is not None and not certificate.holds:
        print(f"nlsolve: {words.certificate} not written: no certificate", file=sys.stderr)
    return 0 if result.success else 1


def as_lines(result: Any) -> str:
    """A result as lines for people."""
    certificate = result.certificate
    verdict = f"{certificate.evidence.word}: {certificate.claim}"
    lines = [f"{name} = {value!r}" for name, value in result.named.items()]
    lines.append(result.message)
    lines.append(verdict if certificate.holds else f"no certificate: {certificate.reason}")
    return "\n".join(lines)


def as_json(result: Any) -> dict[str, Any]:
    """A result as JSON; what is not finite is null."""
    certificate = result.certificate
    return {
        "unknowns": {name: finite(value) for name, value in result.named.items()},
        "success": bool(result.success),
        "status": result.status.name.lower(),
        "message": result.message,
        "residual_norm": finite(result.residual_norm),
        "method": result.method,
        "iterations": int(result.nit),
        "certificate": {
            "holds": certificate.holds,
            "evidence": certificate.evidence.word,
            "claim": certificate.claim,
            "reason": certificate.reason,
            "distance": [finite(end) for end in certificate.distance],
        },
    }


def finite(value: float) -> float | None:
    """A number JSON knows, or None."""
    return float(value) if math.isfinite(value) else None


def run_verify(words: argparse.Namespace) -> int:
    """Check a certificate file again."""
    import nlsolve

    verdict = nlsolve.verify(words.file)
    print(verdict)
    return int(verdict.exit_code)


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


def positive_real(text: str) -> float:
    """Parse a number above 0."""
    number = float(text)
    if not 0.0 < number < math.inf:
        raise argparse.ArgumentTypeError(f"must be above 0, is {text}")
    return number


def named_numbers(text: str) -> dict[str, float]:
    """Parse 'x=1,y=-2.5'."""
    found: dict[str, float] = {}
    for part in text.split(","):
        name, equals, number = (word.strip() for word in part.partition("="))
        if not (name and equals) or name in found:
            raise argparse.ArgumentTypeError(f"must be name=number,..., each name once: {part!r}")
        try:
            found[name] = float(number)
        except ValueError:
            raise argparse.ArgumentTypeError(f"{number!r} is not a number: {part!r}") from None
    return found


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

    add_solve(verbs)

    verify = verbs.add_parser("verify", help="check a certificate file again")
    verify.add_argument("file", help="written by solve --certificate, or Certificate.save")
    verify.set_defaults(run=run_verify)

    info = verbs.add_parser("info", help="versions, for a bug report")
    info.set_defaults(run=run_info)
    return parser


def add_solve(verbs: Any) -> None:
    """Add the verb `solve` to the parser."""
    solve = verbs.add_parser("solve", help="solve equations, and prove that there is a solution")
    solve.add_argument("equations", help="such as 'x**2 + y**2 + z**2 = 1; x*y = z'")
    solve.add_argument(
        "--at", type=named_numbers, required=True, metavar="x=1,y=2", help="where to start"
    )
    solve.add_argument("--method", default="auto", help="of nlsolve.solve (%(default)s)")
    solve.add_argument(
        "--tol", type=positive_real, default=1e-10, help="of the residual (%(default)s)"
    )
    solve.add_argument("--json", action="store_true", help="print JSON")
    solve.add_argument("--certificate", metavar="FILE", help="write a certificate for `verify`")
    solve.set_defaults(run=run_solve)


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
        if isinstance(error, WrongInput):
            print(f"nlsolve: {str(error).partition(chr(10))[0]}", file=sys.stderr)
            return 2
        print(f"nlsolve: {type(error).__name__}: {error}", file=sys.stderr)
        return 1
