"""Which system do SymPy expressions say?

Every expression tree is walked once, a part that several equations share once altogether; nothing
is differentiated, simplified or compiled. Integers, rationals, pi and E stay exact, and a Float is
the binary number it is (Float(0.1) is the double nearest to 1/10).

SymPy writes x - y as x + (-1)*y and x/y as x * y**(-1). Here signs and negative exponents are
taken out of sums and products again, so that the tape subtracts and divides: a node is remembered
as (negative, node), its value without the sign.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import sympy

from nlsolve.systems.errors import FormulaError
from nlsolve.systems.language import FUNCTIONS, Writer, as_names, system_of
from nlsolve.systems.tape import LARGEST_NUMBER

if TYPE_CHECKING:
    from nlsolve.systems.formulas import FormulaSystem

_SPELLED = {"abs": "Abs", "max": "Max", "min": "Min"}
_FUNCTIONS: dict[Any, str] = {
    getattr(sympy, _SPELLED.get(name, name)): name
    for name in sorted(set(FUNCTIONS.values()) - {"sqrt"})
}
_CONSTANTS = {sympy.pi: "pi", sympy.E: "e"}

Signed = tuple[bool, int]  # whether negative, node of the value without the sign


def from_sympy(
    equations: Any, unknowns: Any, *, parameters: Iterable[Any] | Mapping[Any, Any] = ()
) -> "FormulaSystem":
    """Return the system of SymPy expressions or equations.

    Parameters
    ----------
    equations : Expr, Eq, Matrix, or nested sequence of them
        Expressions meant to be 0, or equations; matrices count as their entries, row by row.
    unknowns : sequence or Matrix of symbols
        The unknowns in their order: symbols, or other expressions that stand for an unknown, such
        as ``x[0]`` or ``theta(t)``.
    parameters : sequence of symbols, or mapping of symbols to values, optional
        Symbols that stand for numbers given later, or given here.

    Returns
    -------
    FormulaSystem
        F(w) = left - right, with exact derivatives. An unknown is named as its symbol prints, with
        _ for what no name has: ``x[0]`` is x_0.

    Raises
    ------
    FormulaError
        A ValueError, where an equation has other symbols, or a function that no tape has.

    Examples
    --------
    >>> import sympy, nlsolve
    >>> x, y, radius = sympy.symbols("x y radius")
    >>> system = nlsolve.from_sympy(
    ...     [sympy.Eq(x**2 + y**2, radius**2), x - sympy.cos(y)], [x, y], parameters={radius: 2}
    ... )
    >>> system.unknowns
    ('x', 'y')
    """
    listed = list(_symbols(unknowns))
    names = as_names([_name(one) for one in listed], "unknowns")
    given = list(_symbols(parameters))
    extra = as_names([_name(one) for one in given], "parameters")
    as_names([*names, *extra], "unknowns and parameters")
    walk = _Walk(Writer(names, extra), [*listed, *given])
    outputs = [walk.equation(left, right) for left, right in _sides(equations)]
    if not outputs:
        raise FormulaError("there are no equations")
    walk.check()
    values = None
    if isinstance(parameters, Mapping):
        values = dict(zip(extra, parameters.values(), strict=True))
    return system_of(walk.writer.build(outputs), values)


def _symbols(given: Any) -> Iterator[Any]:
    """Yield symbols given as one or many."""
    if isinstance(given, str):
        raise TypeError(f"unknowns and parameters are symbols, got the text {given!r}")
    for one in [given] if isinstance(given, sympy.Expr) else given:
        if not isinstance(one, sympy.Expr) or one.is_number:
            raise TypeError(f"unknowns and parameters are symbols, got {one!r}")
        yield one


def _name(symbol: Any) -> str:
    return re.sub(r"\W+", "_", str(symbol)).strip("_")


def _sides(given: Any) -> Iterator[tuple[Any, Any]]:
    """Yield both sides of every equation; the right one is None where it is 0."""
    if isinstance(given, sympy.Equality):
        left, right = list(_entries(given.lhs)), list(_entries(given.rhs))
        yield from zip(left, right, strict=True)
    elif isinstance(given, sympy.MatrixBase | sympy.MatrixExpr):
        yield from ((one, None) for one in _entries(given))
    elif isinstance(given, sympy.Expr):  # a Symbol is a Boolean too
        yield given, None
    elif isinstance(given, str):
        raise TypeError(f"equations are SymPy expressions, got the text {given!r}; use parse")
    elif isinstance(given, Iterable):
        for one in given:
            yield from _sides(one)
    elif isinstance(given, bool | sympy.logic.boolalg.Boolean):
        raise FormulaError(f"{given} is no equation (Eq of equal sides is True, of others False)")
    else:
        yield sympy.sympify(given, strict=True), None


def _entries(given: Any) -> list[Any]:
    if isinstance(given, sympy.MatrixBase):
        return list(given)
    return list(given.as_explicit()) if isinstance(given, sympy.MatrixExpr) else [given]


class _Walk:
    """Writes expressions, every one once."""

    def __init__(self, writer: Writer, leaves: list[Any]) -> None:
        self.writer = writer
        m = len(writer.unknowns)
        self.known: dict[Any, Signed] = {
            leaf: (False, writer.unknown(k) if k < m else writer.parameter(k - m))
            for k, leaf in enumerate(leaves)
        }
        self.strange: set[str] = set()

    def equation(self, left: Any, right: Any) -> int:
        """Return the node of left - right."""
        terms = [self.signed(left)]
        if right is not None:
            negative, node = self.signed(right)
            terms.append((not negative, node))
        return self.plain(self._sum(terms))

    def check(self) -> None:
        """Raise where symbols were met that are neither unknowns nor parameters."""
        if self.strange:
            raise FormulaError(
                f"the equations use {', '.join(sorted(self.strange))}, neither among unknowns nor "
                "parameters (a symbol with other assumptions is another symbol)"
            )

    def signed(self, whole: Any) -> Signed:
        """Return the node of an expression; parts first, with a stack instead of recursion."""
        stack = [whole]
        while stack:
            expression = stack[-1]
            missing = [part for part in _parts(expression) if part not in self.known]
            if expression in self.known or not missing:
                stack.pop()
                if expression not in self.known:
                    self.known[expression] = self._written(expression)
            else:
                stack.extend(missing)
        return self.known[whole]

    def plain(self, signed: Signed) -> int:
        """Return the node with its sign."""
        negative, node = signed
        return self.writer.apply("neg", node) if negative else node

    def _node(self, expression: Any) -> int:
        return self.plain(self.known[expression])

    def _written(self, expression: Any) -> Signed:
        """Return the node of an expression whose parts are known."""
        if expression.is_Number:
            value = _rational(expression)
            return value < 0, self.writer.constant(abs(value))
        if expression.is_Add:
            return self._sum([self.known[one] for one in expression.args])
        if expression.is_Mul or _is_quotient(expression):
            return self._product(expression.args if expression.is_Mul else (expression,))
        if expression.is_Pow:
            return False, self.writer.raised(*map(self._node, expression.args))
        if expression in _CONSTANTS:
            return False, self.writer.constant(_CONSTANTS[expression])
        return False, self._function(expression)

    def _function(self, expression: Any) -> int:
        if expression.is_Symbol:
            self.strange.add(str(expression))
            return self.writer.constant(1)
        name = _FUNCTIONS.get(expression.func)
        if name is None:
            raise FormulaError(
                f"{_short(expression)}: {expression.func.__name__} is not understood; functions "
                f"are sqrt, {', '.join(sorted(set(_FUNCTIONS.values())))}"
            )
        arguments = expression.args
        if name in ("max", "min"):  # a set, whose order differs from run to run
            arguments = sorted(arguments, key=sympy.default_sort_key)
        return self.writer.called(name, [self._node(one) for one in arguments])

    def _sum(self, terms: list[Signed]) -> Signed:
        """Return the sum of what is added less the sum of what is subtracted."""
        added = [node for negative, node in terms if not negative]
        taken = [node for negative, node in terms if negative]
        total = self.writer.combined("add", added)
        if not taken:
            return False, total
        less = self.writer.combined("add", taken)
        return (False, self.writer.apply("sub", total, less)) if added else (True, less)

    def _product(self, factors: Iterable[Any]) -> Signed:
        """Return the product of what is multiplied over that of what is divided by."""
        writer, above, below, coefficient = self.writer, [], [], Fraction(1)
        for one in factors:
            if one.is_Number:
                coefficient *= _rational(one)
            elif _is_quotient(one):
                exponent = writer.constant(-_rational(one.exp))
                below.append(writer.raised(self._node(one.base), exponent))
            else:
                above.append(self.known[one])
        negative = (sum(sign for sign, _ in above) + (coefficient < 0)) % 2 == 1
        size = abs(coefficient)
        if size.numerator == 1:  # x/3 is rounded once, (1/3)*x twice
            below.append(writer.constant(size.denominator))
        else:
            above.append((False, writer.constant(size)))
        product = writer.combined("mul", [node for _, node in above])
        return negative, writer.apply("div", product, writer.combined("mul", below))


def _parts(expression: Any) -> Iterable[Any]:
    """Return the expressions whose nodes must be known first."""
    if _is_quotient(expression):
        return (expression.base,)
    if expression.is_Mul:
        wanted = (one for one in expression.args if not one.is_Number)
        return [one.base if _is_quotient(one) else one for one in wanted]
    if expression.is_Add or expression.is_Pow or expression.func in _FUNCTIONS:
        return expression.args  # type: ignore[no-any-return]
    return ()


def _is_quotient(expression: Any) -> bool:
    """Return whether an expression is base**(-number)."""
    return bool(expression.is_Pow and expression.exp.is_Number and expression.exp.is_negative)


def _rational(number: Any) -> Fraction:
    """Return a SymPy number exactly."""
    if number.is_Rational:
        return Fraction(int(number.p), int(number.q))
    if not (number.is_Float and number.is_finite):
        raise FormulaError(f"{number} is not a finite real number")
    sign, mantissa, exponent, _ = number._mpf_
    if abs(exponent) > LARGEST_NUMBER:
        raise FormulaError(f"{number}: a number has more than {LARGEST_NUMBER} bits")
    size = Fraction(int(mantissa) << max(exponent, 0), 1 << max(-exponent, 0))
    return -size if sign else size


def _short(expression: Any) -> str:
    text = str(expression)
    return text if len(text) <= 60 else text[:57] + "..."
