"""What are the operations of a tape in floats, with their first and second derivatives?

Compiled once for all tapes. `values` runs nodes; `slopes` and `bends` write the partial derivatives
of v = f(a, b) from the values: (f_a, f_b) and (f_aa, f_ab, f_bb). A missing operand is node number
T, past the end, where everything is 0.

Where an operation has no derivative: |a| at 0 takes that from the right, max and min of equal
numbers that of their first operand, sign has derivative 0. Where it is not defined the result is
NaN or infinite, as in numpy; so is real_power of a negative number, as the tape defines it.

numba's cache watches this file only: nothing that is compiled here may come from another one.
"""

import math
from typing import Any

from numba import njit

# the numbers of tape.OPERATIONS, which a test compares
CONSTANT, UNKNOWN, PARAMETER, ADD, SUB, MUL, DIV, NEG, POW, SQRT, EXP, LOG, SIN, COS = range(14)
TAN, ASIN, ACOS, ATAN, SINH, COSH, TANH, ASINH, ERF, ABS, SIGN = range(14, 25)
MAX, MIN, ATAN2, REAL_POWER = range(25, 29)

_ERF = 2.0 / math.sqrt(math.pi)

inner = njit(error_model="numpy", no_cpython_wrapper=True, no_cfunc_wrapper=True)


def kernel(function: Any) -> Any:
    """Compile when first called, and keep it on disk where a folder can be written."""
    try:
        return njit(cache=True, error_model="numpy")(function)
    except RuntimeError:  # numba finds no folder for its cache
        return njit(error_model="numpy")(function)


@inner
def integer_power(a: float, exponent: int) -> float:
    if exponent == 2:
        return a * a
    return math.pow(a, float(exponent))


@inner
def of_one(op: int, a: float) -> float:
    if op == SQRT:
        return math.sqrt(a)
    if op == EXP:
        return math.exp(a)
    if op == LOG:
        return math.log(a)
    if op == SIN:
        return math.sin(a)
    if op == COS:
        return math.cos(a)
    if op == TAN:
        return math.tan(a)
    if op == ASIN:
        return math.asin(a)
    if op == ACOS:
        return math.acos(a)
    if op == ATAN:
        return math.atan(a)
    if op == SINH:
        return math.sinh(a)
    if op == COSH:
        return math.cosh(a)
    if op == TANH:
        return math.tanh(a)
    if op == ASINH:
        return math.asinh(a)
    if op == ERF:
        return math.erf(a)
    if op == ABS:
        return abs(a)
    return 1.0 if a > 0.0 else -1.0 if a < 0.0 else a  # sign; of NaN it is NaN


@inner
def of_two(op: int, a: float, b: float) -> float:
    if op == MAX:
        return a if a >= b or a != a else b
    if op == MIN:
        return a if a <= b or a != a else b
    if op == ATAN2:
        return math.atan2(a, b)
    return math.pow(a, b) if a >= 0.0 else math.nan


@kernel
def values(
    op: Any, left: Any, right: Any, constants: Any, nodes: Any, w: Any, parameters: Any, work: Any
) -> None:
    """Write the values of these nodes, and of T."""
    work[op.size] = 0.0
    for k in nodes:
        code, i, j = op[k], left[k], right[k]
        if code == ADD:
            work[k] = work[i] + work[j]
        elif code == MUL:
            work[k] = work[i] * work[j]
        elif code == SUB:
            work[k] = work[i] - work[j]
        elif code == UNKNOWN:
            work[k] = w[i]
        elif code == CONSTANT:
            work[k] = constants[i]
        elif code == PARAMETER:
            work[k] = parameters[i]
        elif code == DIV:
            work[k] = work[i] / work[j]
        elif code == NEG:
            work[k] = -work[i]
        elif code == POW:
            work[k] = integer_power(work[i], j)
        elif code >= MAX:
            work[k] = of_two(code, work[i], work[j])
        else:
            work[k] = of_one(code, work[i])


@inner
def slope_of_one(op: int, a: float, v: float) -> float:
    if op == SQRT:
        return 0.5 / v
    if op == EXP:
        return v
    if op == LOG:
        return 1.0 / a
    if op == SIN:
        return math.cos(a)
    if op == COS:
        return -math.sin(a)
    if op == TAN:
        return 1.0 + v * v
    if op == ASIN:
        return 1.0 / math.sqrt((1.0 - a) * (1.0 + a))
    if op == ACOS:
        return -1.0 / math.sqrt((1.0 - a) * (1.0 + a))
    if op == ATAN:
        return 1.0 / (1.0 + a * a)
    if op == SINH:
        return math.cosh(a)
    if op == COSH:
        return math.sinh(a)
    if op == TANH:
        return (1.0 / math.cosh(a)) ** 2  # 1 - v^2 would cancel
    if op == ASINH:
        return 1.0 / math.hypot(1.0, a)
    if op == ERF:
        return _ERF * math.exp(-a * a)
    if op == ABS:
        return 1.0 if a >= 0.0 else -1.0
    return 0.0


@inner
def slope_of_two(op: int, a: float, b: float, v: float) -> tuple[float, float]:
    if op == MUL:
        return b, a
    if op == DIV:
        return 1.0 / b, -v / b
    if op in (MAX, MIN):
        first = 1.0 if v == a else 0.0
        return first, 1.0 - first
    if op == ATAN2:
        square = a * a + b * b
        return b / square, -a / square
    if op == REAL_POWER:
        limit = a == 0.0 and b > 0.0
        return b * math.pow(a, b - 1.0), 0.0 if limit else v * math.log(a)
    return 1.0, 1.0 if op == ADD else -1.0


@kernel
def slopes(op: Any, right: Any, first: Any, second: Any, nodes: Any, work: Any, slope: Any) -> None:
    """Write the first partial derivatives of these nodes from their values."""
    for k in nodes:
        code, a, v = op[k], work[first[k]], work[k]
        slope[k, 0], slope[k, 1] = 0.0, 0.0
        if code <= PARAMETER:
            continue
        if code == NEG:
            slope[k, 0] = -1.0
        elif code == POW:
            slope[k, 0] = float(right[k]) * integer_power(a, right[k] - 1)
        elif code >= MAX or code < NEG:
            slope[k, 0], slope[k, 1] = slope_of_two(code, a, work[second[k]], v)
        else:
            slope[k, 0] = slope_of_one(code, a, v)


@inner
def bend_of_one(op: int, a: float, v: float, p: float) -> float:
    """Return f'' from a, v = f(a) and p = f'(a)."""
    if op == SQRT:
        return -0.5 * p / a
    if op in (EXP, SINH, COSH):
        return v
    if op == LOG:
        return -p * p
    if op in (SIN, COS):
        return -v
    if op == TAN:
        return 2.0 * v * p
    if op in (ASIN, ACOS):
        return a * p * p * p
    if op == ATAN:
        return -2.0 * a * p * p
    if op == TANH:
        return -2.0 * v * p
    if op == ASINH:
        return -a * p * p * p
    if op == ERF:
        return -2.0 * a * p
    return 0.0


@inner
def bend_of_two(op: int, a: float, b: float, v: float) -> tuple[float, float, float]:
    if op == MUL:
        return 0.0, 1.0, 0.0
    if op == DIV:
        return 0.0, -1.0 / (b * b), 2.0 * v / (b * b)
    if op == ATAN2:
        square = a * a + b * b
        mixed = 2.0 * (a / square) * (b / square)
        return -mixed, (a - b) * (a + b) / (square * square), mixed
    if op == REAL_POWER:
        log, power = math.log(a), math.pow(a, b - 1.0)
        return b * (b - 1.0) * math.pow(a, b - 2.0), power * (1.0 + b * log), v * log * log
    return 0.0, 0.0, 0.0


@kernel
def bends(op: Any, right: Any, first: Any, second: Any, work: Any, slope: Any, bend: Any) -> None:
    """Write the second partial derivatives of all nodes."""
    for k in range(op.size):
        code, a, v = op[k], work[first[k]], work[k]
        bend[k, 0], bend[k, 1], bend[k, 2] = 0.0, 0.0, 0.0
        if code == POW:
            exponent = float(right[k])
            bend[k, 0] = exponent * (exponent - 1.0) * integer_power(a, right[k] - 2)
        elif code >= MAX or code in (MUL, DIV):
            bend[k, 0], bend[k, 1], bend[k, 2] = bend_of_two(code, a, work[second[k]], v)
        elif code > POW:
            bend[k, 0] = bend_of_one(code, a, v, slope[k, 0])
