"""Do two tapes say the same formulas?

The formulas of both are written, node by node, onto one new tape on which equal operations are one
node. The tapes are the same if the outputs are the same nodes there, whatever the order of theirs.
"""

from nlsolve.systems.language import Writer
from nlsolve.systems.tape import CONSTANT, NAMES, PARAMETER, POW, UNKNOWN, Tape, operands


def same_formulas(one: Tape, other: Tape) -> bool:
    """Return whether two tapes of the same unknowns and parameters are the same."""
    if (one.unknowns, set(one.parameters)) != (other.unknowns, set(other.parameters)):
        return False
    writer = Writer(one.unknowns, one.parameters)
    return _outputs(one, writer) == _outputs(other, writer)


def _outputs(tape: Tape, writer: Writer) -> list[int]:
    nodes: list[int] = []
    rows = zip(tape.op.tolist(), tape.left.tolist(), tape.right.tolist(), strict=True)
    for op, left, right in rows:
        given = [nodes[a] for a in operands(op, left, right)]
        nodes.append(_written(tape, writer, (op, left, right), given))
    return [nodes[int(end)] for end in tape.outputs]


def _written(tape: Tape, writer: Writer, node: tuple[int, int, int], given: list[int]) -> int:
    op, left, right = node
    if op == CONSTANT:
        return writer.constant(tape.constants[left])
    if op == UNKNOWN:
        return writer.unknown(left)
    if op == PARAMETER:
        return writer.parameter(writer.parameters.index(tape.parameters[left]))
    if op == POW:
        return writer.power(given[0], right)
    if NAMES[op] == "real_power":
        return writer.raised(*given)
    return writer.apply(NAMES[op], *given)
