"""How does w move? The registry: one entry a method.

To add a method, write its file (Options, State, start, make_step, METHOD; see base.py) and name it
here; the tests over the registry then cover it in both lanes.
"""

import difflib
import math
import numbers
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from nlsolve.methods import (
    auto,
    block_kaczmarz,
    dogleg,
    gauss_newton,
    gradient_descent,
    levenberg_marquardt,
    stochastic_gradient,
)
from nlsolve.methods.base import Method
from nlsolve.methods.block_kaczmarz import BlockKaczmarz
from nlsolve.methods.dogleg import Dogleg
from nlsolve.methods.gauss_newton import GaussNewton
from nlsolve.methods.gradient_descent import GradientDescent
from nlsolve.methods.levenberg_marquardt import LevenbergMarquardt
from nlsolve.methods.stochastic_gradient import StochasticGradient

__all__ = [
    "BlockKaczmarz",
    "Dogleg",
    "GaussNewton",
    "GradientDescent",
    "LevenbergMarquardt",
    "StochasticGradient",
]

REGISTRY: dict[str, Method] = {
    entry.METHOD.name: entry.METHOD
    for entry in (
        gauss_newton,
        levenberg_marquardt,
        dogleg,
        gradient_descent,
        stochastic_gradient,
        block_kaczmarz,
    )
}


AUTO = auto.stages(REGISTRY)
AT_START = ("certified", "kernel")  # steps of gd and sgd that are found at w0


def stages_for(
    method: Any, words: dict[str, Any], max_iter: int | None
) -> tuple[str, list[auto.Stage]]:
    """Return the method's name and its stages; `words` are option keywords of the user.

    Raises
    ------
    TypeError
        For an unknown method type or an option the method does not have.
    ValueError
        For an unknown name or an option's value out of its range.
    """
    if method == "auto":
        reject(words, (), "method='auto'")
        return "auto", AUTO
    entry, options = find(method)
    reject(words, options._fields, f"method={entry.name!r}")
    options = options._replace(**words)
    return entry.name, [
        auto.Stage(entry, lowered(entry, options), max_iter or entry.max_iter, "w0")
    ]


class Chosen(NamedTuple):
    """A method as the user chose it: name, stages, and the options in their own words."""

    name: str
    stages: list[auto.Stage]
    words: dict[str, Any]

    @property
    def awaits(self) -> str:
        """How its step is to be found at w0: 'certified', 'kernel', or '' where it is known."""
        step = self.words.get("step")
        return step if isinstance(step, str) and step in AT_START else ""

    def with_step(self, step: float, max_iter: int | None) -> "Chosen":
        """Return the same with the step that was found."""
        return chosen(self.name, {**self.words, "step": step}, max_iter)


def chosen(method: Any, words: dict[str, Any], max_iter: int | None) -> Chosen:
    """Return what is to be run. A step that is yet to be found at w0 stands as 1 in the stages.

    Raises
    ------
    TypeError, ValueError
        As `stages_for`.
    """
    if method == "auto":
        return Chosen("auto", stages_for(method, words, max_iter)[1], {})
    own = {**find(method)[1]._asdict(), **words}
    waits = isinstance(own.get("step"), str) and own["step"] in AT_START
    lowered_words = {**words, "step": 1.0} if waits else words
    name, stages = stages_for(method, lowered_words, max_iter)
    return Chosen(name, stages, own)


def described(
    method: Any, words: dict[str, Any], known: Mapping[str, set[str]]
) -> tuple[str | None, dict[str, Any]]:
    """Return a method's name and the options that describe it, the defaults of an object included.

    `known` are the words each method may be described by; a method may also be one that no theorem
    covers.
    """
    own: dict[str, Any] = {}
    if not (method is None or isinstance(method, str)):
        entry, options = find(method)
        method, own = entry.name, options._asdict()
    elif method not in (None, "auto"):
        find(method)
    fields = known.get(method, set()) if method is not None else set().union(*known.values())
    reject(words, tuple(sorted(fields)), f"method={method!r}")
    return method, {**own, **words}


def find(method: Any) -> tuple[Method, Any]:
    """Return the registry entry and the options a method's name or options object stands for."""
    for entry in REGISTRY.values():
        if isinstance(method, entry.options):
            return entry, method
    if not isinstance(method, str):
        raise TypeError(
            f"method must be a name or an options object such as nlsolve.GaussNewton(), "
            f"got {type(method).__name__}"
        )
    if method not in REGISTRY:
        names = ["auto", *REGISTRY]
        raise ValueError(
            f"method must be one of {names}, got {method!r}{suggestion(method, names)}"
        )
    return REGISTRY[method], REGISTRY[method].options()


ALIASES = {"x0": "w0", "fprime": "jac", "maxfev": "max_nfev", "lm": "levenberg-marquardt"}


def suggestion(word: str, known: Any) -> str:
    """Return '; did you mean ...?' where a known word is near, or scipy's for it."""
    near = difflib.get_close_matches(word, list(known), n=1)
    near = [ALIASES[word]] if ALIASES.get(word) in known else near
    return f"; did you mean {near[0]}?" if near else ""


def reject(words: dict[str, Any], fields: tuple[str, ...], where: str) -> None:
    """Raise TypeError for the first word that is not a field."""
    for word in words:
        if word not in fields:
            allowed = ", ".join(fields) or "none"
            owners = [name for name, entry in REGISTRY.items() if word in entry.options._fields]
            belongs = f"; it belongs to {' and '.join(owners)}" if owners else ""
            raise TypeError(
                f"unknown keyword {word!r} for {where} (options: {allowed})"
                f"{belongs or suggestion(word, fields)}"
            )


def lowered(entry: Method, options: Any) -> Any:
    """Return the options as numbers, checked: what the step's text sees in both lanes."""
    values = {name: _number(entry, name, value) for name, value in options._asdict().items()}
    return options._replace(**values)


def _number(entry: Method, name: str, value: Any) -> float | int:
    words = entry.choices.get(name, ())
    if isinstance(value, str) and value in words:
        index = words.index(value)
        return float(index) if name in entry.positive else index
    default = entry.options._field_defaults[name]
    whole = isinstance(default, int)
    kind = numbers.Integral if whole else numbers.Real
    number = isinstance(value, kind) and not isinstance(value, (bool, np.bool_))
    if name in entry.positive and number and math.isfinite(value) and value > 0:
        return int(value) if whole else float(value)
    wanted = [repr(word) for word in words]
    if name in entry.positive:
        wanted.append("a positive integer" if whole else "a positive number")
    raise ValueError(f"{name} must be {' or '.join(wanted)}, got {value!r}")
