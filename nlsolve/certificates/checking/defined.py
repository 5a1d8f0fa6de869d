"""Which values can an equation take over a box, wherever in it it is defined?

At a solution every operation is defined: what is outside a domain is left out, and where nothing is
left there is no solution (`Nowhere`). An end that is None is not there: the values go on without
bound. Kinks do no harm to values; derivatives have formulas.py.
"""

from collections.abc import Callable, Iterable, Sequence

import flint

from nlsolve.certificates.checking.extents import (
    EVERYTHING,
    Extent,
    Nowhere,
    added,
    by_ends,
    least_size,
    negative,
    not_negative,
    of,
    product,
    raised,
    reciprocal,
)
from nlsolve.certificates.checking.formulas import Structure
from nlsolve.certificates.checking.ranges import (
    ONE,
    ZERO,
    Number,
    Range,
    Undefined,
    cosine,
    exact,
    hull,
    larger,
    pi,
    point,
    sine,
    tangent,
)
from nlsolve.systems.tape import CONSTANT, NAMES, PARAMETER, POW, UNKNOWN


def values_at(
    structure: Structure, i: int, box: Sequence[Range], parameters: Iterable[object]
) -> Extent:
    """Return the values of equation i over a box.

    Raises
    ------
    Nowhere
        If it is not defined at any point of the box.
    """
    given = [point(exact(value)) for value in parameters]  # type: ignore[arg-type]
    found: dict[int, Extent] = {}
    for k in structure.needed(i):
        op, left, right = structure.nodes[k]
        inner = [found[a] for a in structure.operands[k]]
        if op == CONSTANT:
            found[k] = of(point(exact(structure.tape.constants[left])))
        elif op in (UNKNOWN, PARAMETER):
            found[k] = of((box if op == UNKNOWN else given)[left])
        else:
            rule = RULES[NAMES[op]] if op != POW else _powers(right)
            found[k] = _bounded(rule(*inner))
    return found[int(structure.tape.outputs[i])]


def _bounded(x: Extent) -> Extent:
    """Return an extent without ends that are no numbers."""
    lo, hi = (None if end is None or not end.is_finite() else end for end in x)
    return Extent(lo, hi)


def _powers(n: int) -> Callable[[Extent], Extent]:
    return lambda a: raised(a, n)


def _cut(a: Extent, least: Number | None, most: Number | None) -> Extent:
    """Return what lies in a domain that contains its ends; ends become exact numbers in it."""
    lo, hi = a
    if most is not None and lo is not None and lo > most:
        raise Nowhere("an argument above its domain")
    if least is not None and hi is not None and hi < least:
        raise Nowhere("an argument below its domain")
    lo = None if lo is None else flint.arb(lo.lower())
    hi = None if hi is None else flint.arb(hi.upper())
    lo = least if least is not None and (lo is None or not lo > least) else lo
    hi = most if most is not None and (hi is None or not hi < most) else hi
    return Extent(lo, hi)


def _sqrt(a: Extent) -> Extent:
    return by_ends(_cut(a, ZERO, None), lambda x: x.sqrt())


def _log(a: Extent) -> Extent:
    if a.hi is not None and a.hi <= ZERO:
        raise Nowhere("log of what is not positive")
    lo, hi = _cut(a, ZERO, None)
    least = None if lo is None or not lo > ZERO else lo.log()
    return Extent(least, None if hi is None else hi.log())


def _asin(a: Extent) -> Extent:
    return by_ends(_cut(a, -ONE, ONE), lambda x: x.asin())


def _acos(a: Extent) -> Extent:
    return added(of(point(pi() / 2)), negative(_asin(a)))


def _cosh(a: Extent) -> Extent:
    known, lo = a.range, least_size(a).cosh()
    return Extent(lo, None if known is None else known.size.cosh())


def _wave(rule: Callable[[Range], Range]) -> Callable[[Extent], Extent]:
    def over_all(a: Extent) -> Extent:
        known = a.range
        return Extent(-ONE, ONE) if known is None else of(rule(known))

    return over_all


def _tan(a: Extent) -> Extent:
    known = a.range
    try:
        return EVERYTHING if known is None else of(tangent(known))
    except Undefined:
        return EVERYTHING


def _abs(a: Extent) -> Extent:
    known = a.range
    return Extent(least_size(a), None if known is None else known.size)


def _sign(a: Extent) -> Extent:
    lo, hi = -ONE, ONE
    if a.lo is not None and a.lo >= ZERO:
        lo = ONE if a.lo > ZERO else ZERO
    if a.hi is not None and a.hi <= ZERO:
        hi = -ONE if a.hi < ZERO else ZERO
    return Extent(lo, hi)


def _max(a: Extent, b: Extent) -> Extent:
    ends = [end for end in (a.lo, b.lo) if end is not None]
    lo = larger(*ends) if len(ends) == 2 else ends[0] if ends else None
    return Extent(lo, None if a.hi is None or b.hi is None else larger(a.hi, b.hi))


def _min(a: Extent, b: Extent) -> Extent:
    return negative(_max(negative(a), negative(b)))


def _atan2(a: Extent, b: Extent) -> Extent:
    y, x = a.range, b.range
    if y is None or x is None or not (x.lo > ZERO or y.lo > ZERO or y.hi < ZERO):
        return Extent(-pi(), pi())
    return of(hull(flint.arb.atan2(p, q) for p in y.ends for q in x.ends))


def _may_be_integer(x: Range) -> bool:
    return not bool(flint.arb(x.hi.upper()).floor() < x.lo)


def _power(a: Extent, b: Extent) -> Extent:
    """Return a^b; at a = 0 both its limit and 0^0 = 1 are taken in.

    Powers of negative numbers are not defined, but anything where b may be an integer.
    """
    exponent = b.range
    if not not_negative(a) and (exponent is None or _may_be_integer(exponent)):
        return EVERYTHING
    base = _cut(a, ZERO, None)
    known = base.range
    if known is None or exponent is None:
        return Extent(ZERO, None)
    if known.lo > ZERO:
        return of(hull(p**q for p in known.ends for q in exponent.ends))
    if not exponent.lo >= ZERO:
        return Extent(ZERO, None)
    most = hull(known.hi**q for q in exponent.ends).hi if known.hi > ZERO else ONE
    return Extent(ZERO, most)


RULES: dict[str, Callable[..., Extent]] = {
    "add": added,
    "sub": lambda a, b: added(a, negative(b)),
    "mul": product,
    "div": lambda a, b: product(a, reciprocal(b)),
    "neg": negative,
    "sqrt": _sqrt,
    "exp": lambda a: by_ends(a, lambda x: x.exp(), ZERO),
    "log": _log,
    "sin": _wave(sine),
    "cos": _wave(cosine),
    "tan": _tan,
    "asin": _asin,
    "acos": _acos,
    "atan": lambda a: by_ends(a, lambda x: x.atan(), -pi() / 2, pi() / 2),
    "sinh": lambda a: by_ends(a, lambda x: x.sinh()),
    "cosh": _cosh,
    "tanh": lambda a: by_ends(a, lambda x: x.tanh(), -ONE, ONE),
    "asinh": lambda a: by_ends(a, lambda x: x.asinh()),
    "erf": lambda a: by_ends(a, lambda x: x.erf(), -ONE, ONE),
    "abs": _abs,
    "sign": _sign,
    "max": _max,
    "min": _min,
    "atan2": _atan2,
    "real_power": _power,
}
