"""Which problem does a JSON file say? One object with the keys of `KEYS`; any other is an error."""

import difflib
import json
import math
from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

import nlsolve
from nlsolve.cli import words
from nlsolve.cli.answer import WrongInput
from nlsolve.cli.problems import SETTINGS, Problem, sides

NUMBER = (int, float)
KEYS: dict[str, tuple[Any, str]] = {  # key -> types of its value, and what it must be
    "equations": ((str, list), "a text, or a list of texts"),
    "unknowns": (list, "a list of names"),
    "parameters": (dict, "numbers by name; texts such as '1/3' are exact"),
    "y": ((*NUMBER, list), "a number, or a list of numbers"),
    "w0": ((*NUMBER, list, dict), "a number, a list of numbers, or numbers by name"),
    "method": (str, "a text"),
    "options": (dict, "values by name"),
    "bounds": ((list, dict), "pairs [low, high] by name, or a list of them; null is infinite"),
    "x_scale": ((str, *NUMBER, list, dict), "'jac', a number, a list, or numbers by name"),
    "tol": (NUMBER, "a number"),
    "max_iter": (int, "a whole number"),
    "max_nfev": (int, "a whole number"),
    "max_time": (NUMBER, "a number"),
    "tol_distance": (NUMBER, "a number"),
    "select": (str, "a text"),
    "lipschitz": (NUMBER, "a number"),
    "hessian_bound": ((*NUMBER, list), "a number, or a list of numbers"),
}


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
        text = Path(path).read_text(encoding="utf-8")
        found, as_written = json.loads(text), json.loads(text, parse_float=str)
    except json.JSONDecodeError as error:
        place = f"{path}, line {error.lineno}, column {error.colno}"
        raise WrongInput(f"{place}: no JSON: {error.msg}") from error
    if not isinstance(found, dict):
        raise WrongInput(f"{path}: must be one object, {{...}}, is a {type(found).__name__}")
    try:
        _check(found)
        values = {k: _exact(k, v) for k, v in as_written.get("parameters", {}).items()}
        return _problem(found, {**values, **parameters})
    except (TypeError, ValueError) as error:
        raise WrongInput(f"{path}: {error}") from error


def _problem(found: dict[str, Any], parameters: Mapping[str, Any]) -> Problem:
    equations = found["equations"]
    text = equations if isinstance(equations, str) else "\n".join(equations)
    F = nlsolve.parse(text, unknowns=found.get("unknowns"), parameters=parameters)
    settings = {key: found[key] for key in SETTINGS if key in found}
    if "bounds" in found:
        settings["bounds"] = sides(_pairs(found["bounds"]), F, "bounds")
    return Problem(F, found.get("y", 0.0), found.get("w0"), settings)


def _check(found: dict[str, Any]) -> None:
    """Refuse a key that does not exist, and a value of another type than it has."""
    for key, value in found.items():
        if key not in KEYS:
            near = difflib.get_close_matches(key, KEYS, 1)
            hint = f"did you mean {near[0]!r}?" if near else f"the keys are {', '.join(KEYS)}"
            raise WrongInput(f"unknown key {key!r}; {hint}")
        types, what = KEYS[key]
        if not isinstance(value, types) or isinstance(value, bool):
            raise WrongInput(f"{key!r} must be {what}, is {json.dumps(value)[:40]}")
    if "equations" not in found:
        raise WrongInput("no 'equations': a text such as 'x**2 + y**2 = 1; x = y'")


def _exact(name: str, written: Any) -> Fraction:
    """Return a parameter's exact value: decimals, which come as written, mean the decimal."""
    if isinstance(written, bool) or not isinstance(written, (int, str)):
        raise WrongInput(f"parameter {name!r} must be a number or '1/3', is {json.dumps(written)}")
    try:
        return words.exact(str(written))
    except (ValueError, ZeroDivisionError) as error:
        raise WrongInput(f"parameter {name!r}: {error}") from error


def _pairs(given: Any) -> Any:
    """Return ranges as `words.ranges` reads them."""
    if isinstance(given, dict):
        return {name: _pair(pair) for name, pair in given.items()}
    return [_pair(pair) for pair in given]


def _pair(pair: Any) -> tuple[float, float]:
    if not (isinstance(pair, list) and len(pair) == 2):
        raise WrongInput(f"'bounds' must be {KEYS['bounds'][1]}, has {json.dumps(pair)[:40]}")
    low, high = pair
    return -math.inf if low is None else low, math.inf if high is None else high
