"""Does every compiled sum and product contain what rational arithmetic finds, and little more?

Derivatives made of them are compared with mpmath's in tests/certificates/test_enclosure.py.
"""

import math
import operator
from fractions import Fraction

import numpy as np
import pytest

from nlsolve.intervals import Interval
from nlsolve.systems import outward
from nlsolve.systems.interpreter import Program
from nlsolve.systems.tape import OPERATIONS, Builder
from tests.intervals.truth import SPECIAL, doubles, intervals, lies_in, members, pairs, steps_apart
from tests.systems.plain_outward import plain

EXACT = {"add": operator.add, "sub": operator.sub, "mul": operator.mul}
NOTHING = np.empty((0, 2))


def results(name, a, b, values=outward.values):
    """One operation on many pairs of intervals, (count, 2)."""
    count = a.size
    write = Builder([f"x{j}" for j in range(2 * count)])
    nodes = [write.unknown(j) for j in range(2 * count)]
    found = [write.apply(name, *nodes[2 * k : 2 * k + 2]) for k in range(count)]
    program, work = Program(write.build(found)), np.zeros((3 * count + 1, 2))
    ends = [np.ravel(np.column_stack(pair)) for pair in ((a.lo, b.lo), (a.hi, b.hi))]
    w = np.column_stack(ends)
    assert values(0, program.op, program.left, program.right, NOTHING, w, NOTHING, work) == (
        3 * count
    )
    return work[program.outputs]


def check_operation(name, values=outward.values, seed=1, count=1500):
    """Every member of a with every member of b: 9 rational results for each pair."""
    rng = np.random.default_rng(seed)
    a, b = intervals(rng, count), intervals(rng, count)
    found = results(name, a, b, values)
    for one, other in pairs(members(rng, a), members(rng, b)):
        for p, q, (lo, hi) in zip(one, other, found, strict=True):
            assert lies_in(EXACT[name](Fraction(p), Fraction(q)), lo, hi), (p, q)


@pytest.mark.parametrize("name", EXACT)
def test_results_of_members_lie_in_the_result(name):
    check_operation(name)


@pytest.mark.parametrize("name", EXACT)
def test_without_outward_rounding_the_check_fails(name):
    with pytest.raises(AssertionError), np.errstate(all="ignore"):
        check_operation(name, plain(margin=False).values, count=100)


@pytest.mark.parametrize("name", EXACT)
def test_results_of_points_are_a_few_doubles_wide(name):
    rng = np.random.default_rng(2)
    a, b = (rng.standard_normal(500) for _ in range(2))
    for lo, hi in results(name, Interval(a), Interval(b)):
        assert 0 < steps_apart(lo, hi) <= 6


def test_a_double_is_moved_past_its_neighbour():
    rng, below, above = np.random.default_rng(3), plain().below, plain().above
    for x in (*SPECIAL, *doubles(rng, 3000).tolist()):
        x = float(x)
        assert below(x) <= math.nextafter(x, -math.inf)
        assert above(x) >= math.nextafter(x, math.inf)
        if abs(x) < 1e308:
            assert steps_apart(below(x), above(x)) <= 6


@pytest.mark.parametrize(
    ("operation", "given", "expected"),
    [
        ("times", (0.0, 0.0, -math.inf, math.inf), (0.0, 0.0)),
        ("times", (1.0, 1.0, 0.1, 0.2), (0.1, 0.2)),
        ("times", (0.0, 5e-324, 0.0, 1.0), (0.0, 1e-323)),
        ("times", (-5e-324, 0.0, 0.0, 1.0), (-1e-323, 0.0)),
        ("times", (0.0, 1.0, 1.0, math.inf), (0.0, math.inf)),
        ("times", (-1.0, 1.0, 1.0, math.inf), (-math.inf, math.inf)),
        ("plus", (0.1, 0.2, -0.2, -0.1), (-0.1 - 2.0**-55, 0.1 + 2.0**-55)),
        ("plus", (1.5, 2.0, -1.5, -1.5), (0.0, 0.5 + 2.0**-53)),
        ("plus", (0.0, 0.0, 0.1, 0.2), (0.1, 0.2)),
        ("plus", (-math.inf, 1.0, 2.0, math.inf), (-math.inf, math.inf)),
        ("square", (-0.5, 0.25), (0.0, 0.25 + 2.0**-54)),
    ],
)  # fmt: skip
def test_zero_one_and_what_has_no_end(operation, given, expected):
    assert getattr(plain(), operation)(*given) == expected


def test_what_is_no_sum_or_product_is_left_to_others():
    write = Builder(["x"])
    x = write.unknown(0)
    program = Program(write.build([write.apply("exp", write.apply("neg", x))]))
    work = np.zeros((4, 2))
    given = (program.op, program.left, program.right, NOTHING, np.array([[1.0, 2.0]]), NOTHING)
    assert outward.values(0, *given, work) == 2
    assert work[1].tolist() == [-2.0, -1.0]
    assert outward.values(3, *given, work) == 3


def test_codes_are_those_of_the_tape():
    for name in ("constant", "unknown", "parameter", "add", "sub", "mul", "neg"):
        assert getattr(outward, name.upper()) == OPERATIONS[name].code
