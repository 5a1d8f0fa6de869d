"""How is a tape run and differentiated in outward-rounded doubles, with nothing to compile for it?

As interpreter.py does in floats, with lower and upper bounds [lo, hi] of every number (the last
axis of every array). What is not + - * is left to whoever calls: `values` stops there, and the
partial derivatives `slope` and `bend` of the nodes are given. The rest is sums and products:

    reverse         a' += f_a v',  b' += f_b v'                          v' = adjoint of node v
    forward         d_v = f_a d_a + f_b d_b                              d_v = gradient of v
    second order    H = sum over v of v' (f_aa d_a d_a^T + f_ab (d_a d_b^T + d_b d_a^T)
                                          + f_bb d_b d_b^T)

where only curved nodes count, those with a second partial derivative. Gradients keep the entries
that are not always 0, so that H costs what the gradients of the curved nodes' operands fill.

Outward. Nearest doubles are monotone, so that x - e <= pred(x), the double below x, is enough for
fl(x - e) <= pred(x), and e = fl(2u |x| + eta) >= x - pred(x), u = 2^-53, eta = 2^-1074: that
distance is at most 2u |x|, or eta where x is subnormal; 2u |x| is exact, or subnormal and off by
eta / 2 at most. What overflows has no end on that side. No end is ever NaN: lo is never +inf and
hi never -inf, and 0 * inf counts as 0, no number being infinite. A sum that is computed as 0 is 0.

numba's cache watches this file only: nothing that is compiled here may come from another one.
"""

import math
from typing import Any

import numpy as np

from nlsolve.systems.operations import inner, kernel

CONSTANT, UNKNOWN, PARAMETER, ADD, SUB, MUL, _DIV, NEG = range(8)  # as in tape.OPERATIONS
_INFINITE, _TWO_UNITS, _SUBNORMAL = math.inf, 2.0**-52, 2.0**-1074


@inner
def below(x: float) -> float:
    """Return a double below x."""
    return x - (_TWO_UNITS * abs(x) + _SUBNORMAL) if abs(x) < _INFINITE else -_INFINITE


@inner
def above(x: float) -> float:
    """Return a double above x."""
    return x + (_TWO_UNITS * abs(x) + _SUBNORMAL) if abs(x) < _INFINITE else _INFINITE


@inner
def plus(a: float, b: float, c: float, d: float) -> tuple[float, float]:
    """Return [a, b] + [c, d]."""
    if a == 0.0 and b == 0.0:
        return c, d
    if c == 0.0 and d == 0.0:
        return a, b
    lo, hi = a + c, b + d
    return lo if lo == 0.0 else below(lo), hi if hi == 0.0 else above(hi)


@inner
def product(x: float, y: float) -> float:
    return 0.0 if x == 0.0 or y == 0.0 else x * y


@inner
def times(a: float, b: float, c: float, d: float) -> tuple[float, float]:
    """Return [a, b] * [c, d]."""
    if (a == 0.0 and b == 0.0) or (c == 0.0 and d == 0.0):
        return 0.0, 0.0
    if a == 1.0 and b == 1.0:
        return c, d
    if c == 1.0 and d == 1.0:
        return a, b
    p, q, r, s = product(a, c), product(a, d), product(b, c), product(b, d)
    lo, hi = below(min(min(p, q), min(r, s))), above(max(max(p, q), max(r, s)))
    if (a >= 0.0 and c >= 0.0) or (b <= 0.0 and d <= 0.0):
        lo = max(lo, 0.0)
    elif (a >= 0.0 and d <= 0.0) or (b <= 0.0 and c >= 0.0):
        hi = min(hi, 0.0)
    return lo, hi


@inner
def square(a: float, b: float) -> tuple[float, float]:
    """Return [a, b]^2."""
    least, most = min(abs(a), abs(b)), max(abs(a), abs(b))
    if a <= 0.0 <= b:
        least = 0.0
    return times(least, least, least, least)[0], times(most, most, most, most)[1]


@inner
def add_product(sums: Any, k: int, a: float, b: float, c: float, d: float) -> None:
    """Add [a, b] * [c, d] to a sum."""
    lo, hi = times(a, b, c, d)
    sums[k, 0], sums[k, 1] = plus(sums[k, 0], sums[k, 1], lo, hi)


@kernel
def values(
    start: int, op: Any, left: Any, right: Any, constants: Any, w: Any, parameters: Any, work: Any
) -> int:
    """Write values of nodes from `start` on; return the first that is for others, else T."""
    for k in range(start, op.size):
        code, i, j = op[k], left[k], right[k]
        if code == ADD:
            work[k, 0], work[k, 1] = plus(work[i, 0], work[i, 1], work[j, 0], work[j, 1])
        elif code == SUB:
            work[k, 0], work[k, 1] = plus(work[i, 0], work[i, 1], -work[j, 1], -work[j, 0])
        elif code == MUL:
            work[k, 0], work[k, 1] = times(work[i, 0], work[i, 1], work[j, 0], work[j, 1])
        elif code == NEG:
            work[k, 0], work[k, 1] = -work[i, 1], -work[i, 0]
        elif code == CONSTANT:
            work[k, 0], work[k, 1] = constants[i, 0], constants[i, 1]
        elif code == UNKNOWN:
            work[k, 0], work[k, 1] = w[i, 0], w[i, 1]
        elif code == PARAMETER:
            work[k, 0], work[k, 1] = parameters[i, 0], parameters[i, 1]
        else:
            return k
    return int(op.size)


@kernel
def depends(op: Any, first: Any, second: Any, active: Any) -> None:
    """Write which nodes depend on unknowns; T does not."""
    for k in range(op.size):
        active[k] = op[k] == UNKNOWN or active[first[k]] or active[second[k]]


@kernel
def pull(nodes: Any, first: Any, second: Any, slope: Any, adjoint: Any) -> None:
    """Write the adjoints of the nodes of one equation, which is the last of them."""
    for k in nodes:
        adjoint[k, 0], adjoint[k, 1] = 0.0, 0.0
    adjoint[nodes[nodes.size - 1], 0] = adjoint[nodes[nodes.size - 1], 1] = 1.0
    for position in range(nodes.size - 1, -1, -1):
        k = nodes[position]
        for side in range(2):
            operand = first[k] if side == 0 else second[k]
            if operand < first.size:
                lo, hi = slope[k, side, 0], slope[k, side, 1]
                add_product(adjoint, operand, lo, hi, adjoint[k, 0], adjoint[k, 1])


@kernel
def gradients(
    starts: Any, nodes: Any, first: Any, second: Any, slope: Any, ends: Any, columns: Any,
    leaves: Any, J: Any,
) -> None:  # fmt: skip
    """Write J, (n, m, 2)."""
    adjoint = np.zeros((first.size + 1, 2))
    for i in range(ends.size - 1):
        pull(nodes[starts[i] : starts[i + 1]], first, second, slope, adjoint)
        for entry in range(ends[i], ends[i + 1]):
            J[i, columns[entry], 0] = adjoint[leaves[entry], 0]
            J[i, columns[entry], 1] = adjoint[leaves[entry], 1]


@kernel
def rows_of(
    nodes: Any, first: Any, second: Any, curved: Any, most: int, begin: Any, size: Any
) -> int:  # fmt: skip
    """Write where the gradient of each node begins that H needs, -1 for others; return the end.

    `size`, of which entry T is 0, says how many entries it has at most.
    """
    end = 0
    for k in nodes:
        begin[k] = -1
    for position in range(nodes.size - 1, -1, -1):
        k = nodes[position]
        if curved[k] or begin[k] == 0:
            begin[first[k]], begin[second[k]] = 0, 0
    for k in nodes:
        if begin[k] == 0:
            leaf = first[k] == first.size
            size[k] = 1 if leaf else min(size[first[k]] + size[second[k]], most)
            begin[k], end = end, end + size[k]
    return end


@kernel
def push(
    nodes: Any, first: Any, second: Any, slope: Any, number: Any, begin: Any, count: Any,
    index: Any, rows: Any, place: Any,
) -> None:  # fmt: skip
    """Write the gradients of nodes: entries `rows` of the unknowns `index`, `count` of them."""
    for k in nodes:
        count[k] = 0
        if begin[k] < 0:
            continue
        if number[k] >= 0:
            count[k], index[begin[k]] = 1, number[k]
            rows[begin[k], 0], rows[begin[k], 1] = 1.0, 1.0
        for side in range(2):
            operand = first[k] if side == 0 else second[k]
            for entry in range(begin[operand], begin[operand] + count[operand]):
                p = index[entry]
                own = place[p]
                if not (begin[k] <= own < begin[k] + count[k] and index[own] == p):
                    own = place[p] = begin[k] + count[k]
                    count[k] += 1
                    index[own], rows[own, 0], rows[own, 1] = p, 0.0, 0.0
                lo, hi = slope[k, side, 0], slope[k, side, 1]
                add_product(rows, own, lo, hi, rows[entry, 0], rows[entry, 1])


@kernel
def add_outer(
    H: Any, start: int, factor: Any, index: Any, rows: Any, x: Any, y: Any, same: bool
) -> None:  # fmt: skip
    """Add factor * (x y^T + y x^T), or factor * x x^T, for gradients x = (begin, end) and y."""
    for e in range(x[0], x[1]):
        p = index[e]
        lo, hi = times(factor[0], factor[1], rows[e, 0], rows[e, 1])
        for f in range(y[0], e + 1 if same else y[1]):
            q = index[f]
            place = start + max(p, q) * (max(p, q) + 1) // 2 + min(p, q)
            if same and e == f:
                a, b = square(rows[e, 0], rows[e, 1])
                add_product(H, place, factor[0], factor[1], a, b)
            else:
                add_product(H, place, lo, hi, rows[f, 0], rows[f, 1])
                if p == q:
                    add_product(H, place, lo, hi, rows[f, 0], rows[f, 1])


@kernel
def second_derivatives(
    starts: Any, nodes: Any, first: Any, second: Any, slope: Any, bend: Any, curved: Any,
    ends: Any, leaves: Any, H: Any,
) -> None:  # fmt: skip
    """Write the lower triangles of the equations' Hessians by their own unknowns, flat."""
    size, total = first.size + 1, 0
    adjoint, begin, count = np.zeros((size, 2)), np.full(size, -1), np.zeros(size, dtype=np.int64)
    number, place = np.full(size, -1), np.zeros(size, dtype=np.int64)
    for i in range(ends.size - 1):
        own, most = nodes[starts[i] : starts[i + 1]], ends[i + 1] - ends[i]
        pull(own, first, second, slope, adjoint)
        end = rows_of(own, first, second, curved, most, begin, count)
        index, rows = np.empty(end, dtype=np.int64), np.empty((end, 2))
        for j in range(most):
            number[leaves[ends[i] + j]] = j
        push(own, first, second, slope, number, begin, count, index, rows, place)
        for k in own:
            if not curved[k]:
                continue
            a = (begin[first[k]], begin[first[k]] + count[first[k]])
            b = (begin[second[k]], begin[second[k]] + count[second[k]])
            pairs = ((a, a), (a, b), (b, b))
            for position in range(3):
                x, y = pairs[position]
                lo, hi = bend[k, position, 0], bend[k, position, 1]
                factor = times(adjoint[k, 0], adjoint[k, 1], lo, hi)
                if factor[0] != 0.0 or factor[1] != 0.0:
                    add_outer(H, total, factor, index, rows, x, y, position != 1)
        for j in range(most):
            number[leaves[ends[i] + j]] = -1
        total += most * (most + 1) // 2
