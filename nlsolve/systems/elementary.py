"""How are NumPy's functions of numbers written with the operations of a tape?

`ELEMENTARY` holds them by NumPy's name and by that of the math module, as functions of numbers of
which one at least is an Entry. Functions that have no formula of this kind (floor, cbrt below 0,
anything by cases) are not there. Those that look for nan or inf are, since an Entry stands for a
finite real number.
"""

import math
from collections.abc import Callable
from typing import Any

from nlsolve.systems.entries import Entry, written

Function = Callable[..., Any]

_HALF_TURN = 180  # degrees


def _named(name: str) -> Function:
    return lambda *given: written(name, *given)


def _exactly(name: str, x: Any) -> Any:
    """Return the entry of the number pi or e, on the tape of x."""
    return Entry(x.writer, x.writer.constant(name))


def _logarithm(base: int) -> Function:
    return lambda x: (
        written("log", x) / Entry(x.writer, x.writer.apply("log", x.writer.constant(base)))
    )


def _log(x: Any, base: Any = None) -> Any:
    if base is None:
        return written("log", x)
    return _log_of(x) / _log_of(base)


def _log_of(x: Any) -> Any:
    return written("log", x) if isinstance(x, Entry) else math.log(x)


def _hypot(*given: Any) -> Any:
    total = sum((x**2 for x in given[1:]), given[0] ** 2)
    return written("sqrt", total)


def _power(x: Any, exponent: Any, modulus: None = None) -> Any:
    return written("pow", x, exponent)


def _logaddexp(x: Any, y: Any) -> Any:
    return written("log", _exp(x) + _exp(y))


def _exp(x: Any) -> Any:
    return written("exp", x) if isinstance(x, Entry) else math.exp(x)


def _clip(x: Any, low: Any = None, high: Any = None) -> Any:
    raised = x if low is None else _extreme("max", x, low)
    return raised if high is None else _extreme("min", raised, high)


def _extreme(name: str, *given: Any) -> Any:
    if any(isinstance(one, Entry) for one in given):
        return written(name, *given)
    return max(given) if name == "max" else min(given)


_TRIGONOMETRIC = ("sin", "cos", "tan", "asin", "acos", "atan", "atan2")
_HYPERBOLIC = ("sinh", "cosh", "tanh", "asinh")
_WRITTEN = (*_TRIGONOMETRIC, *_HYPERBOLIC, "sqrt", "exp", "sign", "erf", "max", "min")
_OTHERWISE = {
    "arcsin": "asin",
    "arccos": "acos",
    "arctan": "atan",
    "arcsinh": "asinh",
    "arctan2": "atan2",
    "absolute": "abs",
    "fabs": "abs",
    "maximum": "max",
    "fmax": "max",
    "minimum": "min",
    "fmin": "min",
}
_COMPOSED: dict[str, Function] = {
    "log": _log,
    "log1p": lambda x: written("log", 1 + x),
    "log2": _logarithm(2),
    "log10": _logarithm(10),
    "expm1": lambda x: written("exp", x) - 1,
    "exp2": lambda x: written("pow", 2, x),
    "arccosh": lambda x: written("log", x + written("sqrt", x**2 - 1)),
    "arctanh": lambda x: written("log", (1 + x) / (1 - x)) / 2,
    "square": lambda x: x**2,
    "reciprocal": lambda x: 1 / x,
    "power": _power,
    "float_power": _power,
    "pow": _power,
    "hypot": _hypot,
    "logaddexp": _logaddexp,
    "expit": lambda x: 1 / (1 + written("exp", -x)),
    "erfc": lambda x: 1 - written("erf", x),
    "deg2rad": lambda x: x * (_exactly("pi", x) / _HALF_TURN),
    "rad2deg": lambda x: x * (_HALF_TURN / _exactly("pi", x)),
    "clip": _clip,
    "conjugate": lambda x: x,
    "isfinite": lambda x: True,
    "isnan": lambda x: False,
    "isinf": lambda x: False,
}
_SAME = {
    "acosh": "arccosh",
    "atanh": "arctanh",
    "radians": "deg2rad",
    "degrees": "rad2deg",
}
ELEMENTARY: dict[str, Function] = {
    **{name: _named(name) for name in _WRITTEN},
    **{name: _named(ours) for name, ours in _OTHERWISE.items()},
    **_COMPOSED,
    **{name: _COMPOSED[other] for name, other in _SAME.items()},
}


def _method(function: Function) -> Function:
    return lambda entry, *others: function(entry, *others)


for _name, _function in ELEMENTARY.items():  # what NumPy calls in loops over objects
    setattr(Entry, _name, _method(_function))
