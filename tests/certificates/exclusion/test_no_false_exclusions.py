"""Is anything excluded that holds a solution? Systems with a solution known exactly.

Whatever a search does to a region, no part it excludes may hold the solution, not even at its edge.
"""

import flint
import numpy as np
import pytest

from nlsolve.certificates.checking import exclusion
from nlsolve.certificates.checking.claims import NotProved
from nlsolve.certificates.checking.exclusion import Checker
from nlsolve.certificates.checking.ranges import Range, Undefined
from nlsolve.certificates.checking.stated import StatedExclusion
from nlsolve.certificates.constants import nodes
from nlsolve.certificates.exclusion import part as part_of
from nlsolve.certificates.exclusion import region
from nlsolve.certificates.exclusion.defined import Formulas, intervals
from nlsolve.certificates.exclusion.subdivision import Exclusion
from nlsolve.intervals import EnclosureError, interval
from nlsolve.systems.problem import Problem
from tests.certificates.exclusion.solved_at_random import ball_about, box_about, solved

EACH = 15  # systems a test


def searched(system, where, parts=6):
    """Search without asking for solutions; return the parts that were excluded, and the search."""
    problem = Problem(system, np.zeros(system.tape.n), system.tape.m)
    with np.errstate(all="ignore"):
        found = Exclusion(problem, where, lambda w: None).search(parts, 60.0)
    stack, excluded = [found.root], []
    while stack:
        node = stack.pop()
        stack += node.parts
        if node.reason is not None and not node.parts:
            excluded.append(node)
    return excluded, found


def holding(nodes, w):
    return [node.reason for node in nodes if ((node.lo <= w) & (w <= node.hi)).all()]


def false_exclusions(seeds, of_ball=False):
    """Return how many parts with the solution were excluded, and how many without it."""
    wrong, right = 0, 0
    for seed in seeds:
        system, solution = solved(seed)
        where = region.ball(*ball_about(solution, seed)) if of_ball else None
        excluded, found = searched(system, where or region.box(box_about(solution, seed)))
        wrong += len(holding(excluded, solution)) + (not found.left)
        right += len(excluded) - len(holding(excluded, solution))
    return wrong, right


@pytest.mark.parametrize("first", range(0, 3 * EACH, EACH))
@pytest.mark.parametrize("of_ball", [False, True])
def test_no_part_with_a_solution_is_excluded(first, of_ball):
    wrong, right = false_exclusions(range(first, first + EACH), of_ball)
    assert wrong == 0
    assert right > EACH


def weights(part, random):
    """Combinations a search would try, and others."""
    found = [*part.slopes(), *(part.curvatures() if part.curved else [])]
    n = part.y.size
    return [*found, *np.eye(n), *random.standard_normal((3, n))]


def reasons_given(seed, size):
    """Return the reasons given for a box with a solution, and how many combinations were tried."""
    system, solution = solved(seed)
    random = np.random.default_rng(seed)
    lo, hi = box_about(solution, seed)
    lo, hi = solution - size * (solution - lo), solution + size * (hi - solution)
    formulas, goal = Formulas(system), np.zeros(system.tape.n)
    given = [("value", i) for i in range(goal.size) if formulas.excludes(i, 0.0, intervals(lo, hi))]
    checker, sides = (
        checker_of(system),
        [Range(flint.arb(a), flint.arb(b)) for a, b in zip(lo, hi, strict=True)],
    )
    given += [("checked value", i) for i in range(goal.size) if checker.value(sides, i)]
    try:
        part = part_of.Part(nodes.Formulas(system), goal, lo, hi)
        tried = weights(part, random)
        for a in tried:
            given += ["slope"] * part.slope_excludes(a)
            given += ["curvature"] * part.curvature_excludes(a)
            given += ["checked slope"] * checker.slope(sides, a.tolist())
            given += ["checked curvature"] * checker.curvature(sides, a.tolist())
    except (EnclosureError, Undefined, NotProved):
        return given, 0
    return given, len(tried)


def checker_of(system):
    goal = tuple([0.0] * system.tape.n)
    file = StatedExclusion(
        claim="", kind="empty", method=None, theorem="exclusion", evidence="proved", equations="",
        unknowns=(), parameters={}, y=goal, point=(), radius=1.0, box=None, parts=(),
    )  # fmt: skip
    return Checker(file, system.tape)


@pytest.mark.parametrize("size", [1.0, 1e-3, 1e-7, 1e-12, 0.0])
def test_no_reason_is_given_for_a_box_with_a_solution(size):
    tried = 0
    for seed in range(EACH):
        with flint.ctx.workprec(128), np.errstate(all="ignore"):
            given, count = reasons_given(seed, size)
        assert given == [], seed
        tried += count
    assert tried > 5 * EACH


# --- what a proof needs: without it, a check above fails ----------------------------------------


def false_reasons(size, seeds=range(EACH)):
    with flint.ctx.workprec(128), np.errstate(all="ignore"):
        return {reason for seed in seeds for reason in reasons_given(seed, size)[0]}


def test_mutation_slopes_at_the_middle_only(monkeypatch):
    enclosure = part_of.Enclosure

    def at_the_middle(system, lo, hi):
        return enclosure(system, region.middle(lo, hi), region.middle(lo, hi))

    monkeypatch.setattr(part_of, "Enclosure", at_the_middle)
    assert "slope" in false_reasons(1.0)


def test_mutation_the_largest_eigenvalue(monkeypatch):
    monkeypatch.setattr(part_of, "_by_eigenvalue", lambda B: np.full(len(B), spread(B.hi)))
    assert "curvature" in false_reasons(1.0, range(2 * EACH))


def spread(B):
    return float(np.linalg.eigvalsh(B)[-1])


def test_mutation_the_largest_eigenvalue_in_the_verifier(monkeypatch):
    def largest(form, m):
        size = max((float(entry.size) for entry in form.values()), default=0.0)
        return [flint.arb(m * size)] * m

    monkeypatch.setattr(exclusion, "_by_root", largest)
    assert "checked curvature" in false_reasons(1.0, range(2 * EACH))


def test_mutation_no_room_for_rounding(monkeypatch):
    for name in ("down", "up", "down_unless_zero", "up_unless_zero"):
        monkeypatch.setattr(interval, name, lambda x: x)
    assert any(reason[0] == "value" for reason in false_reasons(0.0, range(2 * EACH)))
