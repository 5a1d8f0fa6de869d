"""Is what the user gave to a verb what it expects? Checks of the keywords that are not F's.

Each error names the argument, what was expected, what came and what to do.
"""

import numbers
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.optimize import Bounds

from nlsolve import methods
from nlsolve.saved import SavedRun
from nlsolve.systems import System, as_system
from nlsolve.systems.base import FloatArray
from nlsolve.systems.box import Box
from nlsolve.systems.checks import first_evaluation
from nlsolve.systems.vectors import real_vector

if TYPE_CHECKING:
    from nlsolve.certificates.asked import Asked


def own_words(options: dict[str, Any], parameters: tuple[str, ...]) -> dict[str, Any]:
    """Refuse option keywords that look like misspelt keywords of solve itself."""
    if not options:
        return options
    known = set(parameters) - {"options"}
    fields = {field for entry in methods.REGISTRY.values() for field in entry.options._fields}
    for word in options:
        hint = methods.suggestion(word, known | fields)
        if word not in fields and hint:
            raise TypeError(f"solve() got an unknown keyword {word!r}{hint}")
    return options


def check_words(
    tol: Any, max_iter: Any, max_nfev: Any, max_time: Any, callback: Any, verbose: Any, rng: Any,
    tol_distance: Any,
) -> None:  # fmt: skip
    """Check the keywords that do not belong to F or to a method."""
    for name, value in (("tol", tol), ("max_time", max_time), ("tol_distance", tol_distance)):
        if not (is_number(value, numbers.Real) and value >= 0) and not (
            value is None and name != "tol"
        ):
            raise ValueError(f"{name} must be a number >= 0, got {value!r}")
    for name, value in (("max_iter", max_iter), ("max_nfev", max_nfev)):
        if value is not None and not (is_number(value, numbers.Integral) and value >= 1):
            raise ValueError(f"{name} must be a positive integer, got {value!r}")
    if callback is not None and not callable(callback):
        raise TypeError(f"callback must be callable, got {type(callback).__name__}")
    if verbose not in (0, 1, 2):
        raise ValueError(f"verbose must be 0, 1 or 2, got {verbose!r}")
    known = isinstance(rng, (np.random.Generator, np.random.SeedSequence, np.random.BitGenerator))
    if not (rng is None or known or (is_number(rng, numbers.Integral) and rng >= 0)):
        raise TypeError(f"rng must be a seed >= 0 or a numpy.random.Generator, got {rng!r}")


def is_number(value: Any, kind: Any) -> bool:
    """Return whether a value is a number of a kind, and no bool."""
    if type(value) is float:  # told at once; abstract base classes are slow
        return kind is numbers.Real
    return isinstance(value, kind) and not isinstance(value, (bool, np.bool_))


def point(value: Any, name: str, system: System) -> FloatArray:
    """Return a vector of unknowns; a mapping gives them by their names."""
    if not isinstance(value, Mapping):
        return system.vector(value, name)  # type: ignore[no-any-return]
    if system.unknowns is None:
        raise TypeError(f"{name} is a mapping, but F has no names for its unknowns; give a vector")
    missing = [unknown for unknown in system.unknowns if unknown not in value]
    further = [word for word in value if word not in system.unknowns]
    if missing or further:
        what = f"no value for {missing[0]!r}" if missing else f"unknown name {further[0]!r}"
        raise ValueError(f"{name}: {what}; the unknowns are {', '.join(system.unknowns)}")
    return real_vector([value[unknown] for unknown in system.unknowns], name)


def evaluated(F: Any, y: Any, w: Any, keywords: dict[str, Any]) -> tuple[Any, Any, Any, FloatArray]:
    """Return (problem, r, J, w) at a point that must be given."""
    system = as_system(F, keywords)
    at = point(w, "w", system)
    return *first_evaluation(system, y, at, None), at


def sides(box: Any, system: System) -> tuple[Any, Any]:
    """Return the lower and the upper side of a box; a mapping gives a pair for every name."""
    try:
        low, high = zip(*box.values(), strict=True) if isinstance(box, Mapping) else box
    except (TypeError, ValueError) as error:
        raise ValueError(
            f"box must be a pair (lo, hi), or a mapping of names to such pairs, got {box!r}"
        ) from error
    if not isinstance(box, Mapping):
        return low, high
    named = (dict(zip(box, side, strict=True)) for side in (low, high))
    lower, upper = (point(side, "box", system) for side in named)
    return lower, upper


def start(w0: Any, state: SavedRun | None, method: str, system: System) -> Any:
    """Return the starting vector: w0, or where the kept state stands."""
    if state is None:
        return point(w0, "w0", system)
    if not isinstance(state, SavedRun):
        raise TypeError(
            f"state must be result.state of an earlier solve, got {type(state).__name__}"
        )
    if state.method != method:
        raise ValueError(f"state belongs to method={state.method!r}, not to {method!r}")
    if w0 is not None and np.size(w0) != state.origin.size:
        raise ValueError(
            f"state has {state.origin.size} unknowns, but w0 has {np.size(w0)}; leave w0 out"
        )
    return state.point * state.scale


def scale(
    x_scale: Any, state: SavedRun | None, m: int, system: System, lane: str | None
) -> FloatArray | str | None:
    """Return the sizes of the unknowns, 'jac', or None where all are 1."""
    known = x_scale if state is None else state.scale
    if type(known) is float and known == 1.0:
        return None
    if lane == "compiled":
        raise ValueError(
            "x_scale has no lane='compiled': leave lane out, or write F in units of its own"
        )
    if isinstance(known, str) and known == "jac":
        return known
    if isinstance(known, str):
        raise ValueError(f"x_scale must be 'jac', a positive number or {m} of them, got {known!r}")
    sizes = point(known, "x_scale", system)
    if sizes.size not in (1, m) or not (sizes > 0.0).all():
        raise ValueError(f"x_scale must be 'jac', a positive number or {m} of them, got {known!r}")
    return np.full(m, sizes[0]) if sizes.size == 1 else sizes


BOUNDED = ("auto", "gauss-newton", "levenberg-marquardt")


def bounds(
    given: Any, w0: FloatArray, system: System, method: str, lane: str | None, choice: Any
) -> Box | None:
    """Return the bounds of the unknowns, checked; None where there are none."""
    if given is None:
        return None
    if method not in BOUNDED:
        raise ValueError(f"method={method!r} takes no bounds; those that do are {BOUNDED}")
    if lane == "compiled":
        raise ValueError("bounds have no lane='compiled': leave lane out")
    if choice is not None:
        raise ValueError(
            "select and secondary go along the solutions without bounds: leave one out"
        )
    box = _box(given, w0.size, system)
    if not (box.low < box.high).all():
        j = int(np.argmin(box.low < box.high))
        raise ValueError(
            f"bounds must have low < high, but entry {j} has {box.low[j]}, {box.high[j]}"
        )
    outside = np.flatnonzero((w0 < box.low) | (w0 > box.high))
    if outside.size:
        j, within = outside[0], [float(side[outside[0]]) for side in box]
        raise ValueError(f"w0 must be within bounds, but w0[{j}] = {w0[j]} is not in {within}")
    return box


def _box(given: Any, m: int, system: System) -> Box:
    if isinstance(given, Bounds):
        given = (given.lb, given.ub)
    try:
        sides = [_side(side, system) for side in given]
        low, high = (np.array(np.broadcast_to(side, (m,))) for side in sides)
    except (TypeError, ValueError) as error:
        raise ValueError(
            f"bounds must be a pair (low, high), each a number or {m} of them, got {given!r}"
        ) from error
    return Box(low, high)


def _side(side: Any, system: System) -> Any:
    """Return lower or upper bounds; a mapping gives all of them by the names of the unknowns."""
    if isinstance(side, Mapping) and system.unknowns is not None:
        side = [side[name] for name in system.unknowns]
    return np.asarray(side, dtype=float)


def asked_for(certify: Any, bounds: Box | None) -> "Asked | None":
    """Return what solve's ``certify=`` says of every certificate of the run; None: nothing.

    Balls must not leave the bounds of the run.
    """
    if certify is False or certify is True or certify is None:
        if bounds is None:
            return None
        certify = {}
    if bounds is not None and "bounds" in certify:
        raise TypeError("give bounds to solve or to certify=: balls are kept within those of solve")
    if not isinstance(certify, Mapping):
        raise TypeError(
            f"certify must be True, False or a mapping of keywords of nlsolve.certify, "
            f"got {type(certify).__name__}"
        )
    allowed = ("lipschitz", "hessian_bound", "precondition", "bounds", "evidence")
    for word in certify:
        if word not in allowed:
            raise TypeError(f"certify: unknown keyword {word!r}, expected some of {allowed}")
    from nlsolve.certificates.asked import Asked  # not loaded by every solve

    return Asked(**{"bounds": bounds, **certify})
