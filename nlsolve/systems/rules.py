"""What are the derivatives of a tape's operations, written in any kind of numbers?

`RULES[name]` holds the partial derivatives of v = f(a, b), (f_a, f_b), and the second ones,
(f_aa, f_ab, f_bb); for one operand (f_a,) and (f_aa,). Each is a Python integer where it does not
depend on the point, else a function of the arithmetic f and (a, v, p), p = f_a, or (a, b, v).

Every formula holds wherever the operation is smooth and uses only functions of the table, so that
with enclosures of these it is an enclosure. Where it is not smooth, abs, max and min go through
'side', and their second derivatives too: 0 times something that fails still fails.
"""

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any, NamedTuple

from nlsolve.systems.tape import Number


class Arithmetic(NamedTuple):
    """A kind of numbers, which know + - * / among themselves.

    Attributes
    ----------
    number : callable
        ``number(exact)`` for a Fraction, 'pi' or 'e'.
    functions : mapping
        The functions of `tape.OPERATIONS` from 'sqrt' on by name, and 'pow' with an integer
        exponent. For derivatives of abs, sign, max and min also 'side': 1 or -1, the sign of a
        number that is certainly not 0. Where it may be 0 an enclosure must fail; for points it is 1
        at 0, which gives the derivatives that interpreter.py has there.
    """

    number: Callable[[Number], Any]
    functions: Mapping[str, Callable[..., Any]]

    def whole(self, integer: int) -> Any:
        """Return an integer as a number."""
        return self.number(Fraction(integer))

    def over(self, a: Any) -> Any:
        """Return 1 / a."""
        return self.whole(1) / a

    def power(self, a: Any, exponent: int) -> Any:
        """Return a ** exponent."""
        return a if exponent == 1 else self.functions["pow"](a, exponent)

    def of(self, name: str, *given: Any) -> Any:
        """Return a function of the table."""
        return self.functions[name](*given)


Rule = int | Callable[..., Any]
Rules = tuple[tuple[Rule, ...], tuple[Rule, ...]]


def power_rules(exponent: int) -> Rules:
    """Return the rules of a ** exponent."""
    n = exponent
    if n in (0, 1):
        return (n,), (0,)
    if n == 2:
        return (lambda f, a, v, p: a + a,), (2,)
    return (
        (lambda f, a, v, p: f.whole(n) * f.power(a, n - 1),),
        (lambda f, a, v, p: f.whole(n * (n - 1)) * f.power(a, n - 2),),
    )


def _one_and_square(f: Arithmetic, a: Any) -> Any:
    return f.whole(1) + f.power(a, 2)


def _asin(f: Arithmetic, a: Any) -> Any:
    return f.over(f.of("sqrt", f.whole(1) - f.power(a, 2)))


def _erf(f: Arithmetic, a: Any) -> Any:
    return f.whole(2) / f.of("sqrt", f.number("pi")) * f.of("exp", -f.power(a, 2))


def _flat(f: Arithmetic, a: Any) -> Any:
    """Return 0 if a is not 0."""
    return f.whole(0) * f.of("side", a)


def _above(f: Arithmetic, a: Any, b: Any) -> Any:
    """Return 1 where a > b, 0 where a < b."""
    return f.number(Fraction(1, 2)) * (f.whole(1) + f.of("side", a - b))


_TIES: tuple[Rule, ...] = (lambda f, a, b, v: _flat(f, a - b),) * 3


def _square(f: Arithmetic, a: Any, b: Any) -> Any:
    return f.power(a, 2) + f.power(b, 2)


def _atan2_aa(f: Arithmetic, a: Any, b: Any) -> Any:
    return -(f.whole(2) * a * b / f.power(_square(f, a, b), 2))


def _atan2_ab(f: Arithmetic, a: Any, b: Any) -> Any:
    return (f.power(a, 2) - f.power(b, 2)) / f.power(_square(f, a, b), 2)


def _lowered(f: Arithmetic, a: Any, b: Any, by: int) -> Any:
    return f.of("real_power", a, b - f.whole(by))


_ONE: dict[str, tuple[Rule, Rule]] = {
    "neg": (-1, 0),
    "sqrt": (lambda f, a, v, p: f.over(v + v), lambda f, a, v, p: -(p / (a + a))),
    "exp": (lambda f, a, v, p: v, lambda f, a, v, p: v),
    "log": (lambda f, a, v, p: f.over(a), lambda f, a, v, p: -f.power(p, 2)),
    "sin": (lambda f, a, v, p: f.of("cos", a), lambda f, a, v, p: -v),
    "cos": (lambda f, a, v, p: -f.of("sin", a), lambda f, a, v, p: -v),
    "tan": (lambda f, a, v, p: _one_and_square(f, v), lambda f, a, v, p: (v + v) * p),
    "asin": (lambda f, a, v, p: _asin(f, a), lambda f, a, v, p: a * f.power(p, 3)),
    "acos": (lambda f, a, v, p: -_asin(f, a), lambda f, a, v, p: a * f.power(p, 3)),
    "atan": (
        lambda f, a, v, p: f.over(_one_and_square(f, a)),
        lambda f, a, v, p: -((a + a) * f.power(p, 2)),
    ),
    "sinh": (lambda f, a, v, p: f.of("cosh", a), lambda f, a, v, p: v),
    "cosh": (lambda f, a, v, p: f.of("sinh", a), lambda f, a, v, p: v),
    "tanh": (lambda f, a, v, p: f.whole(1) - f.power(v, 2), lambda f, a, v, p: -((v + v) * p)),
    "asinh": (
        lambda f, a, v, p: f.over(f.of("sqrt", _one_and_square(f, a))),
        lambda f, a, v, p: -(a * f.power(p, 3)),
    ),
    "erf": (lambda f, a, v, p: _erf(f, a), lambda f, a, v, p: -((a + a) * p)),
    "abs": (lambda f, a, v, p: f.of("side", a), lambda f, a, v, p: _flat(f, a)),
    "sign": (lambda f, a, v, p: _flat(f, a), lambda f, a, v, p: _flat(f, a)),
}

_TWO: dict[str, Rules] = {
    "add": ((1, 1), (0, 0, 0)),
    "sub": ((1, -1), (0, 0, 0)),
    "mul": ((lambda f, a, b, v: b, lambda f, a, b, v: a), (0, 1, 0)),
    "div": (
        (lambda f, a, b, v: f.over(b), lambda f, a, b, v: -(v / b)),
        (
            0,
            lambda f, a, b, v: -f.over(f.power(b, 2)),
            lambda f, a, b, v: (v + v) / f.power(b, 2),
        ),
    ),
    "max": (
        (lambda f, a, b, v: _above(f, a, b), lambda f, a, b, v: f.whole(1) - _above(f, a, b)),
        _TIES,
    ),
    "min": (
        (lambda f, a, b, v: _above(f, b, a), lambda f, a, b, v: f.whole(1) - _above(f, b, a)),
        _TIES,
    ),
    "atan2": (
        (
            lambda f, a, b, v: b / _square(f, a, b),
            lambda f, a, b, v: -(a / _square(f, a, b)),
        ),
        (
            lambda f, a, b, v: _atan2_aa(f, a, b),
            lambda f, a, b, v: _atan2_ab(f, a, b),
            lambda f, a, b, v: -_atan2_aa(f, a, b),
        ),
    ),
    "real_power": (
        (
            lambda f, a, b, v: b * _lowered(f, a, b, 1),
            lambda f, a, b, v: v * f.of("log", a),
        ),
        (
            lambda f, a, b, v: b * (b - f.whole(1)) * _lowered(f, a, b, 2),
            lambda f, a, b, v: _lowered(f, a, b, 1) * (f.whole(1) + b * f.of("log", a)),
            lambda f, a, b, v: v * f.power(f.of("log", a), 2),
        ),
    ),
}

_NONE: dict[str, Rules] = dict.fromkeys(("constant", "unknown", "parameter"), ((), ()))
_UNARY: dict[str, Rules] = {name: ((slope,), (bend,)) for name, (slope, bend) in _ONE.items()}
RULES = _NONE | _UNARY | _TWO
