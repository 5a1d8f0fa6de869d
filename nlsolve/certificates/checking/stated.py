"""What does a certificate file state? Its text, read strictly: nothing is evaluated or guessed.

A file is a JSON object with exactly the entries of `ENTRIES`. Numbers are texts, doubles as Python
writes them in hexadecimal and rationals as p/q, or null where nothing is stated, so that nothing is
rounded, NaN or infinite. Whatever differs is `Unreadable`.
"""

import json
import math
import os
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, NamedTuple

FORMAT = "nlsolve certificate 1"
LARGEST_FILE = 64_000_000  # bytes
MOST_UNKNOWNS = 5_000

_HEX = re.compile(r"-?0x[01]\.[0-9a-f]{1,13}p[+-][0-9]{1,4}")
_RATIONAL = re.compile(r"-?[0-9]{1,1300}(/[0-9]{1,1300})?")

Rows = tuple[tuple[float, ...], ...]


class Unreadable(ValueError):
    """Raised where a file is not what a certificate file must be."""


class Constant(NamedTuple):
    """A number the claim rests on, good at the point (radius 0) or on the ball of that radius.

    Without a radius it is said to be good everywhere.
    """

    quantity: str
    side: str
    value: float
    radius: float
    evidence: str


@dataclass(frozen=True, kw_only=True)
class Subject:
    """What every file says: which claim, of which equations, at which point."""

    claim: str
    kind: str
    method: str | None
    theorem: str
    evidence: str
    equations: str
    unknowns: tuple[str, ...]
    parameters: dict[str, Fraction]
    y: tuple[float, ...]
    point: tuple[float, ...]


@dataclass(frozen=True, kw_only=True)
class Stated(Subject):
    """What a file says; None where it says nothing.

    `A` is what the equations were multiplied by where the constants are those of A F, `X` the right
    inverse of the theorem of that name.
    """

    A: Rows | None
    X: Rows | None
    radius: float
    distance: tuple[float, float | None]
    unique_within: float | None
    h: float | None
    mu: float | None
    step: float | None
    rate: float | None
    probability: float | None
    batch: int | None
    residual_norm: float
    sigma_min: float
    sigma_max: float
    constants: tuple[Constant, ...]


class Part(NamedTuple):
    """A box that is cut, at (unknown, number), or the reason why it is empty."""

    name: str
    entries: Any


@dataclass(frozen=True, kw_only=True)
class StatedExclusion(Subject):
    """What a file says that proves a ball about the point, or a box, empty part by part."""

    radius: float | None
    box: Rows | None
    parts: tuple[Part, ...]


def stated(file: Any) -> Stated | StatedExclusion:
    """Return what a file, or a mapping that was read from one, says.

    Raises
    ------
    Unreadable
    """
    record = file if isinstance(file, Mapping) else _read(file)
    excluded = record.get("theorem") == "exclusion"
    entries = EXCLUSION if excluded else ENTRIES
    wanted = {"format", *entries}
    if record.get("format") != FORMAT:
        raise Unreadable(f"the format is not {FORMAT!r}")
    if set(record) != wanted:
        odd = sorted(str(name)[:40] for name in wanted ^ set(record))
        raise Unreadable(f"missing or unknown entries: {', '.join(odd[:5])}")
    read = {name: reader(record[name], name) for name, reader in entries.items()}
    found = StatedExclusion(**read) if excluded else Stated(**read)
    _check_shapes(found)
    return found


def _read(file: Any) -> Mapping[str, Any]:
    try:
        with open(os.fspath(file), "rb") as stream:
            content = stream.read(LARGEST_FILE + 1)
        if len(content) > LARGEST_FILE:
            raise Unreadable(f"the file has more than {LARGEST_FILE} bytes")
        record = json.loads(content, object_pairs_hook=_once)
    except (OSError, ValueError, TypeError, RecursionError) as error:
        raise Unreadable(str(error)[:200] or type(error).__name__) from error
    if not isinstance(record, Mapping):
        raise Unreadable("the file is not a JSON object")
    return record


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise Unreadable("an entry comes twice")
    return found


def _check_shapes(found: Stated | StatedExclusion) -> None:
    n, m = len(found.y), len(found.point)
    if not (0 < n <= MOST_UNKNOWNS and 0 < m <= MOST_UNKNOWNS and len(found.unknowns) == m):
        raise Unreadable(f"{n} equations, {m} entries of the point, {len(found.unknowns)} unknowns")
    if isinstance(found, StatedExclusion):
        _check_parts(found, n, m)
        return
    for name, rows, shape in (("A", found.A, (n, n)), ("X", found.X, (m, n))):
        if rows is not None and (len(rows), {len(row) for row in rows}) != (shape[0], {shape[1]}):
            raise Unreadable(f"{name} is not a matrix of {shape[0]} x {shape[1]} numbers")


def _check_parts(found: StatedExclusion, n: int, m: int) -> None:
    if found.box is not None and [len(ends) for ends in found.box] != [m, m]:
        raise Unreadable(f"box is not a pair of {m} numbers each")
    for number, (name, entries) in enumerate(found.parts):
        if name == "cut":
            right = entries[0] < m
        elif name == "value":
            right = entries < n
        else:
            right = name == "outside" or len(entries) == n
        if not right:
            raise Unreadable(f"parts[{number}] speaks of equations or unknowns that are not there")


def _text(value: Any, name: str) -> str:
    if not isinstance(value, str):
        raise Unreadable(f"{name} is not a text")
    return value


def _number(value: Any, name: str) -> float:
    if not (isinstance(value, str) and len(value) < 40 and _HEX.fullmatch(value)):
        raise Unreadable(f"{name} is not a hexadecimal double such as '0x1.8p+1'")
    try:
        return float.fromhex(value)
    except OverflowError as error:
        raise Unreadable(f"{name} is too large for a double") from error


def _size(value: Any, name: str) -> float:
    number = _number(value, name)
    if number < 0.0:
        raise Unreadable(f"{name} is negative")
    return number


def _rational(value: Any, name: str) -> Fraction:
    if not (isinstance(value, str) and len(value) < 3_000 and _RATIONAL.fullmatch(value)):
        raise Unreadable(f"{name} is not a rational such as '-1/3'")
    above, _, below = value.partition("/")
    if below and not int(below):
        raise Unreadable(f"{name} divides by 0")
    return Fraction(int(above), int(below or 1))


def _or_null(read: Callable[[Any, str], Any]) -> Callable[[Any, str], Any]:
    return lambda value, name: None if value is None else read(value, name)


def _each(read: Callable[[Any, str], Any]) -> Callable[[Any, str], tuple[Any, ...]]:
    def items(value: Any, name: str) -> tuple[Any, ...]:
        if not isinstance(value, Sequence) or isinstance(value, str):
            raise Unreadable(f"{name} is not a list")
        return tuple(read(item, f"{name}[{k}]") for k, item in enumerate(value))

    return items


def _whole(value: Any, name: str) -> int:
    if not (isinstance(value, int) and not isinstance(value, bool) and 1 <= value < 2**53):
        raise Unreadable(f"{name} is not a positive integer")
    return value


def _values(value: Any, name: str) -> dict[str, Fraction]:
    if not isinstance(value, Mapping):
        raise Unreadable(f"{name} is not an object")
    return {
        _text(key, name): _rational(item, f"{name}[{key!r:.40}]") for key, item in value.items()
    }


def _distance(value: Any, name: str) -> tuple[float, float | None]:
    if not isinstance(value, Sequence) or isinstance(value, str) or len(value) != 2:
        raise Unreadable(f"{name} is not a pair")
    upper = None if value[1] is None else _size(value[1], name)
    return _size(value[0], name), upper


def _constant(value: Any, name: str) -> Constant:
    if not isinstance(value, Mapping) or set(value) != set(Constant._fields):
        raise Unreadable(f"{name} has not the entries {', '.join(Constant._fields)}")
    words = {key: _text(value[key], f"{name}.{key}") for key in ("quantity", "side", "evidence")}
    size = _size(value["value"], f"{name}.value")
    radius = math.inf if value["radius"] is None else _size(value["radius"], f"{name}.radius")
    return Constant(words["quantity"], words["side"], size, radius, words["evidence"])


def _part(value: Any, name: str) -> Part:
    if not isinstance(value, Sequence) or isinstance(value, str) or not value:
        raise Unreadable(f"{name} is not a list")
    kind, *entries = value
    if kind == "outside" and not entries:
        return Part(kind, None)
    if kind == "value" and len(entries) == 1:
        return Part(kind, _index(entries[0], name))
    if kind == "cut" and len(entries) == 2:
        return Part(kind, (_index(entries[0], name), _number(entries[1], name)))
    if kind in ("slope", "curvature"):
        return Part(kind, _each(_number)(entries, name))
    raise Unreadable(f"{name} is no part that is known")


def _index(value: Any, name: str) -> int:
    if not (isinstance(value, int) and not isinstance(value, bool) and 0 <= value < MOST_UNKNOWNS):
        raise Unreadable(f"{name} has no number of an equation or unknown")
    return value


_SIZES = ("radius", "residual_norm", "sigma_min", "sigma_max")
_SIZES_OR_NULL = ("unique_within", "h", "mu", "step", "rate", "probability")
_TEXTS = ("claim", "kind", "theorem", "evidence", "equations")
_SYSTEM: dict[str, Callable[[Any, str], Any]] = {
    **dict.fromkeys(_TEXTS, _text),
    "method": _or_null(_text),
    "unknowns": _each(_text),
    "parameters": _values,
    **dict.fromkeys(("y", "point"), _each(_number)),
}
EXCLUSION = {
    **_SYSTEM,
    "radius": _or_null(_size),
    "box": _or_null(_each(_each(_number))),
    "parts": _each(_part),
}
ENTRIES: dict[str, Callable[[Any, str], Any]] = {
    **_SYSTEM,
    **dict.fromkeys(_SIZES, _size),
    **dict.fromkeys(_SIZES_OR_NULL, _or_null(_size)),
    **dict.fromkeys(("A", "X"), _or_null(_each(_each(_number)))),
    "distance": _distance,
    "batch": _or_null(_whole),
    "constants": _each(_constant),
}
