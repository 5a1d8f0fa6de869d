"""Which problem does a JSON file say? One object with the keys of `KEYS`; any other is an error."""

import difflib
import json
from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

import nlsolve
from nlsolve.cli import words
from nlsolve.cli.answer import WrongInput
from nlsolve.cli.problems import Problem, sides

TEXT, NUMBER, VECTOR = "a text", "a number", "a list of numbers, or numbers by name"
KEYS = {  # key -> what it must be
    "equations": "a text, or a list of texts",
    "unknowns": "a list of names",
    "parameters": "numbers by name; texts such as '1/3' are exact",
    "y": "a number, or a list of numbers",
    "w0": f"{NUMBER}, {VECTOR}",
    "method": TEXT,
    "options": "values by name",
    "bounds": "pairs [low, high] by name, or a list of them; null is infinite",
    "x_scale": f"'jac', {NUMBER}, {VECTOR}",
    "tol": NUMBER,
    "max_iter": NUMBER,
    "max_nfev": NUMBER,
    "max_time": NUMBER,
    "tol_distance": NUMBER,
    "select": TEXT,
    "lipschitz": NUMBER,
    "hessian_bound": f"{NUMBER}, or a list of numbers",
}
SETTINGS = tuple(KEYS)[5:]


class Decimal(float):
    """A number of a file, which remembers how it is written."""

    def __new__(cls, text: str) -> "Decimal":
        number = super().__new__(cls, text)
        number.text = text
        return number

    text: str


def read_json(path: str, parameters: Mapping[str, Any]) -> Problem:
    """Return the problem a JSON file says, at other values of some of its parameters.

    Raises
    ------
    WrongInput
        If it is no such file, with its line and column, or the key.
    OSError
        If it cannot be read.
    """
    try:
        found = json.loads(Path(path).read_text(encoding="utf-8"), parse_float=Decimal)
    except json.JSONDecodeError as error:
        place = f"{path}, line {error.lineno}, column {error.colno}"
        raise WrongInput(f"{place}: no JSON: {error.msg}") from error
    if not isinstance(found, dict):
        raise WrongInput(f"{path}: must be one object, {{...}}, is a {type(found).__name__}")
    try:
        return _problem(found, parameters)
    except (TypeError, ValueError) as error:
        raise WrongInput(f"{path}: {error}") from error


def _problem(found: dict[str, Any], parameters: Mapping[str, Any]) -> Problem:
    for key, value in found.items():
        _check(key, value)
    if "equations" not in found:
        raise WrongInput("no 'equations': a text such as 'x**2 + y**2 = 1; x = y'")
    equations = found["equations"]
    values = {name: _exact(name, value) for name, value in found.get("parameters", {}).items()}
    F = nlsolve.parse(
        equations if isinstance(equations, str) else "\n".join(equations),
        unknowns=found.get("unknowns"),
        parameters={**values, **parameters} or None,
    )
    settings = {key: found[key] for key in SETTINGS if key in found}
    if "bounds" in found:
        settings["bounds"] = sides(_pairs(found["bounds"]), F, "bounds")
    return Problem(F, found.get("y", 0.0), found.get("w0"), settings=settings)


def _check(key: str, value: Any) -> None:
    """Refuse a key that does not exist, or a value of another kind than it has."""
    if key not in KEYS:
        near = difflib.get_close_matches(key, KEYS, 1)
        hint = f"did you mean {near[0]!r}?" if near else f"the keys are {', '.join(KEYS)}"
        raise WrongInput(f"unknown key {key!r}; {hint}")
    kinds = [kind for kind, word in _KINDS if word in KEYS[key]]
    if not any(isinstance(value, kind) for kind in kinds) or isinstance(value, bool):
        raise WrongInput(f"{key!r} must be {KEYS[key]}, is {json.dumps(value)[:40]}")


_KINDS = (
    (str, "text"), (str, "'jac'"), (list, "list"), (dict, "by name"), ((int, float), "a number"),
)  # fmt: skip


def _exact(name: str, value: Any) -> Fraction:
    """Return a parameter's exact value: decimals mean the decimal."""
    if isinstance(value, bool) or not isinstance(value, (int, Decimal, str)):
        raise WrongInput(f"parameter {name!r} must be a number or '1/3', is {json.dumps(value)}")
    try:
        return words.exact(value.text if isinstance(value, Decimal) else str(value))
    except (ValueError, ZeroDivisionError) as error:
        raise WrongInput(f"parameter {name!r}: {error}") from error


def _pairs(given: Any) -> Any:
    """Return ranges as `words.ranges` reads them."""
    if isinstance(given, dict):
        return {name: _pair(pair) for name, pair in given.items()}
    return [_pair(pair) for pair in given]


def _pair(pair: Any) -> tuple[float, float]:
    if not (isinstance(pair, list) and len(pair) == 2):
        raise WrongInput(f"'bounds' must be {KEYS['bounds']}, has {json.dumps(pair)[:40]}")
    low, high = pair
    return -float("inf") if low is None else low, float("inf") if high is None else high
