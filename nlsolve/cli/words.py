"""What do the words of a command line say? Numbers, points, ranges and options, read from text."""

import argparse
import json
import math
import re
from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Any

LARGEST_EXPONENT = 1000  # of an exact number: beyond, it would fill the memory


def joined(arguments: Sequence[str]) -> list[str]:
    """Join '--at', '-1,2' to '--at=-1,2': argparse would take the second for an option."""
    found: list[str] = []
    for word in arguments:
        negative = re.match(r"-(\d|\.\d|inf)", word)
        if negative and found and re.fullmatch(r"--[a-z-]+", found[-1]):
            found[-1] += f"={word}"
        else:
            found.append(word)
    return found


def _at_least(least: int, text: str) -> int:
    number = int(text)
    if number < least:
        raise argparse.ArgumentTypeError(f"must be at least {least}, is {number}")
    return number


def seed_number(text: str) -> int:
    """Read an integer from 0 up."""
    return _at_least(0, text)


def positive_number(text: str) -> int:
    """Read an integer from 1 up."""
    return _at_least(1, text)


def positive_real(text: str) -> float:
    """Read a number above 0."""
    number = float(text)
    if not 0.0 < number < math.inf:
        raise argparse.ArgumentTypeError(f"must be above 0, is {text}")
    return number


def point(text: str) -> Any:
    """Read 'x=1,y=-2.5' as a mapping, '1,-2.5' as a list, '1' as a number."""
    if "=" in text:
        return {name: _number(word) for name, word in _named(text, "number")}
    numbers = [_number(word) for word in text.split(",")]
    return numbers if len(numbers) > 1 else numbers[0]


def sizes(text: str) -> Any:
    """Read 'jac', or a point."""
    return text if text == "jac" else point(text)


def exact_numbers(text: str) -> dict[str, Fraction]:
    """Read 'a=0.1,b=1/3' as exact numbers."""
    return {name: _exact(word) for name, word in _named(text, "number")}


def exact(text: str) -> Fraction:
    """Read '0.1', '1e-3' or '1/3' exactly.

    Raises
    ------
    ValueError
        If it is no such number, or its exponent is beyond a thousand.
    """
    exponent = text.lower().partition("e")[2]
    if exponent and abs(int(exponent)) > LARGEST_EXPONENT:
        raise ValueError(f"the exponent of {text} is beyond {LARGEST_EXPONENT}")
    return Fraction(text)


def ranges(text: str) -> Any:
    """Read 'x=0:1,y=-2:' as a mapping to pairs, '0:1,-2:' as a list of them; '' is infinite."""
    if "=" in text:
        return {name: _ends(word) for name, word in _named(text, "low:high")}
    pairs = [_ends(word) for word in text.split(",")]
    return pairs if len(pairs) > 1 else pairs[0]


def option(text: str) -> tuple[str, Any]:
    """Read 'damping=backtracking' or 'step=0.1': a name, and a JSON value or else a text."""
    ((name, word),) = _named(text, "value", 1)
    try:
        return name, json.loads(word)
    except ValueError:
        return name, word


def _named(text: str, kind: str, most: int = -1) -> Iterator[tuple[str, str]]:
    """Yield the names and texts of 'name=text,...', each name once."""
    seen: set[str] = set()
    for part in text.split(",") if most < 0 else [text]:
        name, equals, word = (piece.strip() for piece in part.partition("="))
        if not (name and equals) or name in seen:
            raise argparse.ArgumentTypeError(f"must be name={kind},..., each name once: {part!r}")
        seen.add(name)
        yield name, word


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number") from None


def _exact(text: str) -> Fraction:
    try:
        return exact(text)
    except (ValueError, ZeroDivisionError):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number such as 0.1 or 1/3") from None


def _ends(text: str) -> tuple[float, float]:
    low, colon, high = text.partition(":")
    if not colon:
        raise argparse.ArgumentTypeError(f"must be low:high, is {text!r}")
    return _number(low) if low else -math.inf, _number(high) if high else math.inf
