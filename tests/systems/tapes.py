"""How do tests look at a tape? In a form that does not depend on the order of its nodes."""

import mpmath

from nlsolve.systems.evaluation import run
from nlsolve.systems.tape import ADD, CONSTANT, MUL, PARAMETER, POW, UNKNOWN, operands
from tests.systems.formulas_at_random import MPMATH


def canonical(tape):
    """Return (equations, their nodes, names) without node numbers."""
    forms = []
    for op, left, right in zip(
        tape.op.tolist(), tape.left.tolist(), tape.right.tolist(), strict=True
    ):
        if op in (CONSTANT, UNKNOWN, PARAMETER):
            form = (op, tape.constants[left] if op == CONSTANT else left)
        else:
            inner = [forms[k] for k in operands(op, left, right)]
            inner = sorted(inner) if op in (ADD, MUL) else inner
            form = (op, *inner, right if op == POW else None)
        forms.append(hash(form))
    assert len(set(forms)) == len(tape), "two nodes are equal"
    return [forms[k] for k in tape.outputs], set(forms), tape.unknowns, tape.parameters


def high_values(tape, w, parameters=()):
    """Return the equations' values with 40 digits."""
    with mpmath.workdps(40):
        return run(tape, [mpmath.mpf(x) for x in w], [mpmath.mpf(p) for p in parameters], MPMATH)
