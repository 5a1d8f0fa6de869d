"""Between which doubles does an elementary function of one double lie?

arb (python-flint) computes with 80 bits and encloses its own error; the library's exp or tanh may
be off by more than a unit in the last place and is never asked. The ends of an enclosure become
doubles that are compared with them, so that they lie outside whatever the conversion does. They are
nearly always next to one another.

sin and cos have their extrema at the multiples of pi/2. How many lie between lo and hi follows from
floor(x/pi - shift) at both, shift = 1/2 for sin and 0 for cos, which arb decides with as many bits
as x needs; with two or more the answer is [-1, 1]. The poles of tan are the extrema of sin.

Values are remembered, because ends repeat. arb has one precision for all threads, hence the lock;
were it another one, enclosures would be wider or narrower, but right.
"""

import math
import threading
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from nlsolve.intervals.rounding import EnclosureError, down, up

BITS = 80
REMEMBERED = 1 << 16  # values of functions

Pair = tuple[float, float]

_lock = threading.RLock()


def computed(bits: int, compute: Callable[[Any], Any]) -> Any:
    """Return compute(arb) with this precision; whatever it is, enclosures are right."""
    import flint

    with _lock:
        before = flint.ctx.prec
        try:
            flint.ctx.prec = bits
            return compute(flint.arb)
        finally:
            flint.ctx.prec = before


def expanded(function: Callable[[Any], Any], centre: Any, length: int) -> Any:
    """Return so many Taylor coefficients of a function of arb_series, about an arb.

    To be called inside `computed`. The library cuts every series at a length of its own, too.
    """
    import flint

    before = flint.ctx.cap
    try:
        flint.ctx.cap = length
        found = function(flint.arb_series([centre, 1], prec=length))
    finally:
        flint.ctx.cap = before
    if found.prec < length:
        raise EnclosureError(f"a series was cut after {found.prec} terms of {length}")
    return [found[j] for j in range(length)]


def doubles(name: str, value: Any) -> Pair:
    """Return doubles below and above an arb."""
    arb, low, high = type(value), value.lower(), value.upper()
    below, above = float(low), float(high)
    if math.isnan(below) or math.isnan(above):
        raise EnclosureError(f"{name} could not be enclosed")
    while not arb(below) <= low:
        below = down(below)
    while not arb(above) >= high:
        above = up(above)
    return below, above


@lru_cache(maxsize=REMEMBERED)
def at(name: str, x: float) -> Pair:
    """Return doubles below and above f(x)."""
    found: Pair = computed(BITS, lambda arb: doubles(name, getattr(arb(x), name)()))
    return found


@lru_cache(maxsize=REMEMBERED)
def _piece(x: float, shift: float) -> int | None:
    """Return floor(x/pi - shift), None where that cannot be decided."""
    bits = BITS + max(0, math.frexp(x)[1])
    floor = computed(bits, lambda arb: (arb(x) / arb.pi() - arb(shift)).floor().unique_fmpz())
    return None if floor is None else int(floor)


@lru_cache(maxsize=REMEMBERED)
def turns(name: str, shift: float, lo: float, hi: float) -> Pair:
    """Return bounds of sin or cos on [lo, hi]: extremum k is at (k + shift) pi, even ones are 1."""
    if not hi - lo < 6.3:  # two extrema at least; also where an end is infinite
        return -1.0, 1.0
    first, last = _piece(lo, shift), _piece(hi, shift)
    if first is None or last is None or last - first > 1:
        return -1.0, 1.0
    low = min(at(name, lo)[0], at(name, hi)[0])
    high = max(at(name, lo)[1], at(name, hi)[1])
    if last > first:
        low, high = (low, 1.0) if last % 2 == 0 else (-1.0, high)
    return max(low, -1.0), min(high, 1.0)


def no_pole(lo: float, hi: float) -> float:
    """Return whether tan certainly has no pole on [lo, hi]: extrema of sin are its poles."""
    first, last = _piece(lo, 0.5), _piece(hi, 0.5)
    return float(first is not None and first == last)
