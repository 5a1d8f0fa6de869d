"""How is a tape run and differentiated in floats, with nothing to compile for a new tape?

With the partial derivatives of every node v = f(a, b) known at a point (operations.py; `slope` and
`bend`), what remains is linear and knows no operations. d is a derivative along some direction,
v' = `adjoint` that of an equation by v, v'' = `moved` the change of v' along the direction:

    forward         d_v = f_a d_a + f_b d_b
    reverse         a' += f_a v',  b' += f_b v'
    second order    a'' += f_a v'' + v' (f_aa d_a + f_ab d_b),  b'' likewise

Reverse gives a row of J. Forward along one unknown and then second order gives a column of the
Hessian of an equation. Each equation is swept over the nodes it needs only, so that a sparse
Jacobian costs what its entries cost.

numba's cache watches this file only: nothing that is compiled here may come from another one.
"""

from typing import Any

import numpy as np

from nlsolve.systems.base import FloatArray
from nlsolve.systems.operations import bends, kernel, slopes, values
from nlsolve.systems.tape import OPERATIONS, UNKNOWN, IntegerArray, Number, Tape


@kernel
def reach(first: Any, second: Any, outputs: Any, starts: Any, nodes: Any) -> None:
    """Write which nodes each equation needs, operands first, and where its list starts.

    With `nodes` too short only `starts` is right.
    """
    end, total = first.size, 0
    stamp, stack = np.full(end + 1, -1), np.empty(end + 1, dtype=np.int64)
    for i in range(outputs.size):
        stamp[end], stack[0], height = i, outputs[i], 1
        while height > 0:
            k = stack[height - 1]
            for operand in (first[k], second[k]):
                if stamp[operand] != i:
                    stack[height] = operand
                    height += 1
                    break
            else:
                height -= 1
                if stamp[k] != i:
                    stamp[k] = i
                    if total < nodes.size:
                        nodes[total] = k
                    total += 1
        starts[i + 1] = total


@kernel
def push(nodes: Any, first: Any, second: Any, slope: Any, d: Any) -> None:
    """Carry a direction from the unknowns, where d is given, to these nodes."""
    for k in nodes:
        if first[k] < first.size:
            d[k] = slope[k, 0] * d[first[k]] + slope[k, 1] * d[second[k]]


@kernel
def pull(nodes: Any, first: Any, second: Any, slope: Any, adjoint: Any) -> None:
    """Carry adjoints from the equations, where they are given, through these nodes."""
    for position in range(nodes.size - 1, -1, -1):
        k = nodes[position]
        if first[k] < first.size:
            adjoint[first[k]] += slope[k, 0] * adjoint[k]
            adjoint[second[k]] += slope[k, 1] * adjoint[k]


@kernel
def pull_one(nodes: Any, first: Any, second: Any, slope: Any, adjoint: Any) -> None:
    """Write the adjoints of the nodes of one equation, which is the last of them."""
    for k in nodes:
        adjoint[k] = 0.0
    adjoint[nodes[nodes.size - 1]] = 1.0
    pull(nodes, first, second, slope, adjoint)


@kernel
def gradients(
    batch: Any, starts: Any, nodes: Any, first: Any, second: Any, slope: Any, ends: Any,
    leaves: Any, entries: Any,
) -> None:  # fmt: skip
    """Write the entries of J of the equations in `batch`, one after the other."""
    adjoint, total = np.zeros(first.size + 1), 0
    for i in batch:
        own = nodes[starts[i] : starts[i + 1]]
        pull_one(own, first, second, slope, adjoint)
        for entry in range(ends[i], ends[i + 1]):
            entries[total] = adjoint[leaves[entry]]
            total += 1


@kernel
def pull_second(
    nodes: Any, first: Any, second: Any, slope: Any, bend: Any, d: Any, adjoint: Any, moved: Any
) -> None:
    for k in nodes:
        moved[k] = 0.0
    for position in range(nodes.size - 1, -1, -1):
        k = nodes[position]
        a, b = first[k], second[k]
        if a < first.size:
            along_a = bend[k, 0] * d[a] + bend[k, 1] * d[b]
            along_b = bend[k, 1] * d[a] + bend[k, 2] * d[b]
            moved[a] += slope[k, 0] * moved[k] + adjoint[k] * along_a
            moved[b] += slope[k, 1] * moved[k] + adjoint[k] * along_b


@kernel
def second_derivatives(
    starts: Any, nodes: Any, first: Any, second: Any, slope: Any, bend: Any, ends: Any,
    leaves: Any, H: Any,
) -> None:  # fmt: skip
    """Write the Hessians of all equations by their own unknowns, one after the other, flat."""
    adjoint, moved, d = np.zeros(first.size + 1), np.zeros(first.size + 1), np.zeros(first.size + 1)
    total = 0
    for i in range(ends.size - 1):
        own = nodes[starts[i] : starts[i + 1]]
        pull_one(own, first, second, slope, adjoint)
        for direction in range(ends[i], ends[i + 1]):
            d[leaves[direction]] = 1.0
            push(own, first, second, slope, d)
            pull_second(own, first, second, slope, bend, d, adjoint, moved)
            for entry in range(ends[i], ends[i + 1]):
                H[total] = moved[leaves[entry]]
                total += 1
            d[leaves[direction]] = 0.0


class Program:
    """A tape made ready to be run: plain arrays, prepared once.

    Attributes
    ----------
    constants : (c,) ndarray
        The tape's, correctly rounded.
    starts, nodes : (n + 1,) and (N,) ndarray
        Equation i needs ``nodes[starts[i]:starts[i + 1]]``, in an order in which they can be run.
    ends, columns, entry_rows : (n + 1,) and twice (E,) ndarray
        Equation i has the unknowns ``columns[ends[i]:ends[i + 1]]``, ascending; ``entry_rows`` says
        i for each.
    """

    def __init__(self, tape: Tape) -> None:
        self.n, self.m, self.size = tape.n, tape.m, len(tape)
        arrays = (tape.op, tape.left, tape.right, tape.outputs)
        self.op, self.left, self.right, self.outputs = (np.array(a, np.int64) for a in arrays)
        operands = _OPERANDS[self.op]
        self.first = np.where(operands > 0, self.left, self.size)
        self.second = np.where(operands == 2, self.right, self.size)
        self.constants = np.array([rounded(number) for number in tape.constants], np.float64)
        self.everything = np.arange(self.size)
        self._list_nodes()
        self._list_unknowns()

    def _list_nodes(self) -> None:
        self.starts, self.nodes = np.zeros(self.n + 1, np.int64), np.empty(0, np.int64)
        reach(self.first, self.second, self.outputs, self.starts, self.nodes)
        self.nodes = np.empty(int(self.starts[-1]), np.int64)
        reach(self.first, self.second, self.outputs, self.starts, self.nodes)

    def _list_unknowns(self) -> None:
        owner = np.repeat(np.arange(self.n), np.diff(self.starts))
        own = self.op[self.nodes] == UNKNOWN
        leaves, owner = self.nodes[own], owner[own]
        order = np.lexsort((self.left[leaves], owner))
        self.leaves, self.entry_rows = leaves[order], owner[order]
        self.columns = self.left[self.leaves]
        self.ends = np.concatenate(([0], np.cumsum(np.bincount(owner, minlength=self.n))))
        self.unknown_nodes = np.flatnonzero(self.op == UNKNOWN)
        self.unknowns = self.left[self.unknown_nodes]

    def work(self, w: FloatArray, parameters: FloatArray, nodes: Any = None) -> FloatArray:
        """Return the values of all nodes, or of some."""
        work = np.empty(self.size + 1)
        some = self.everything if nodes is None else nodes
        values(self.op, self.left, self.right, self.constants, some, w, parameters, work)
        return work

    def slope(self, work: FloatArray, nodes: Any = None) -> FloatArray:
        """Return the first partial derivatives of all nodes, or of some."""
        slope = np.empty((self.size + 1, 2))
        some = self.everything if nodes is None else nodes
        slopes(self.op, self.right, self.first, self.second, some, work, slope)
        return slope

    def values(self, w: FloatArray, parameters: FloatArray) -> FloatArray:
        """Return F(w), (n,)."""
        return self.work(w, parameters)[self.outputs]

    def jacobian(self, w: FloatArray, parameters: FloatArray) -> FloatArray:
        """Return J(w), (n, m)."""
        J = np.zeros((self.n, self.m))
        J[self.entry_rows, self.columns] = self.entries(w, parameters)
        return J

    def entries(self, w: FloatArray, parameters: FloatArray) -> FloatArray:
        """Return the entries of J(w) at `entry_rows` and `columns`."""
        return self._gradients(np.arange(self.n), self.slope(self.work(w, parameters)))

    def rows(
        self, w: FloatArray, batch: IntegerArray, parameters: FloatArray
    ) -> tuple[FloatArray, FloatArray]:
        """Return values and rows of J of the equations in `batch`, at the cost of their nodes."""
        lists = [self.nodes[self.starts[i] : self.starts[i + 1]] for i in batch]
        nodes = np.concatenate([_NONE, *lists])
        work = self.work(w, parameters, nodes)
        J, counts = np.zeros((batch.size, self.m)), np.diff(self.ends)[batch]
        columns = [self.columns[self.ends[i] : self.ends[i + 1]] for i in batch]
        places = np.repeat(np.arange(batch.size), counts), np.concatenate([_NONE, *columns])
        J[places] = self._gradients(batch, self.slope(work, nodes))
        return work[self.outputs[batch]], J

    def _gradients(self, batch: IntegerArray, slope: FloatArray) -> FloatArray:
        entries = np.empty(int(np.diff(self.ends)[batch].sum()))
        gradients(
            batch, self.starts, self.nodes, self.first, self.second, slope, self.ends,
            self.leaves, entries,
        )  # fmt: skip
        return entries

    def jvp(self, w: FloatArray, v: FloatArray, parameters: FloatArray) -> FloatArray:
        """Return J(w) v by one sweep forward."""
        d = np.zeros(self.size + 1)
        d[self.unknown_nodes] = v[self.unknowns]
        push(self.everything, self.first, self.second, self.slope(self.work(w, parameters)), d)
        return d[self.outputs]

    def vjp(self, w: FloatArray, u: FloatArray, parameters: FloatArray) -> FloatArray:
        """Return J(w)^T u by one sweep backward."""
        adjoint, product = np.zeros(self.size + 1), np.zeros(self.m)
        np.add.at(adjoint, self.outputs, u)
        slope = self.slope(self.work(w, parameters))
        pull(self.everything, self.first, self.second, slope, adjoint)
        product[self.unknowns] = adjoint[self.unknown_nodes]
        return product

    def hessians(
        self, w: FloatArray, parameters: FloatArray
    ) -> list[tuple[IntegerArray, FloatArray]]:
        """Return for each equation its unknowns and its Hessian by them."""
        work = self.work(w, parameters)
        slope, bend = self.slope(work), np.empty((self.size, 3))
        bends(self.op, self.right, self.first, self.second, work, slope, bend)
        counts = np.diff(self.ends)
        H, ends = np.empty(int((counts**2).sum())), np.cumsum(counts**2)
        second_derivatives(
            self.starts, self.nodes, self.first, self.second, slope, bend, self.ends,
            self.leaves, H,
        )  # fmt: skip
        own = np.split(self.columns, self.ends[1:-1])
        blocks = zip(own, np.split(H, ends[:-1]), strict=True)
        return [(columns, block.reshape(columns.size, columns.size)) for columns, block in blocks]


_NONE = np.empty(0, np.int64)
_OPERANDS = np.array([operation.operands for operation in OPERATIONS.values()])


def rounded(number: Number) -> float:
    """Return the double nearest to an exact constant; infinite beyond the largest."""
    if isinstance(number, str):
        return {"pi": np.pi, "e": np.e}[number]
    try:
        return float(number)
    except OverflowError:
        return np.inf if number > 0 else -np.inf
