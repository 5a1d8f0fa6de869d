"""When are two roots one solution? Certificates first, then accuracy, then distance."""

from types import SimpleNamespace

import numpy as np
import pytest

from nlsolve.certificates import Evidence
from nlsolve.explore.distinct import Candidate, Solutions, are_apart, grouped

EDGE = np.array([4.0, 4.0])


def root(w, certificate=None, correction=0.0):
    w = np.array(w)
    return Candidate(w, np.full(w.size, correction), certificate)


def certificate(distance, alone=None, evidence=Evidence.PROVED):
    return SimpleNamespace(
        holds=True, distance=(0.0, distance), unique_within=alone, evidence=evidence
    )


def result(w, certified=None):
    """What is read of a SolveResult, of a square system whose Jacobian is the identity."""
    w = np.array(w)
    return SimpleNamespace(
        w=w, fun=np.zeros(w.size), jac=np.eye(w.size), known_certificate=certified
    )


def same(a, b, distinct=None, wide=False):
    answers = []
    for one, other in ((a, b), (b, a)):
        known = Solutions(1, EDGE, distinct)
        known.add(one)
        answers.append(known.number_of(other, wide=wide))
    assert answers[0] == answers[1]
    return answers[0] == 0


@pytest.mark.parametrize(
    ("gap", "distinct", "wide", "expected"),
    [
        (0.9e-6, None, False, True),  # a millionth of their size
        (1.2e-6, None, False, False),
        (0.039, None, True, True),  # a hundredth of the edge
        (0.041, None, True, False),
        (0.39, 0.1, False, True),
        (0.41, 0.1, True, False),
    ],
)
def test_tolerances(gap, distinct, wide, expected):
    assert same(root([1.0, 0.0]), root([1.0 + gap, 0.0]), distinct, wide) == expected


def test_every_unknown_counts():
    assert not same(root([1.0, 0.0]), root([1.0, 1.0]))
    assert same(root([1.0, 0.0]), root([1.0, 3e-9]))  # a billionth of the edge


def test_roots_that_are_not_well_known_may_be_one():
    assert same(root([1.0, 1.0], correction=1e-3), root([1.001, 1.001], correction=1e-4))


def test_balls_that_do_not_meet_hold_two_solutions():
    a, b = (root([x, 0.0], certificate(4e-8)) for x in (1.0, 1.0 + 1e-7))
    assert are_apart(a, b)
    assert not same(a, b)


def test_balls_that_meet_prove_nothing():
    a, b = (root([x, 0.0], certificate(6e-8)) for x in (1.0, 1.0 + 1e-7))
    assert not are_apart(a, b)
    assert same(a, b)


@pytest.mark.parametrize(("alone", "expected"), [(0.51, True), (0.49, False)])
def test_the_only_solution_of_a_ball_is_near_every_root_in_it(alone, expected):
    """The solution within 0.1 of b is within 0.4 + 0.1 of a."""
    a, b = root([1.0, 0.0], certificate(0.35, alone)), root([1.4, 0.0], certificate(0.1))
    assert same(a, b, distinct=1e-9) == expected


def test_a_certificate_of_one_alone_proves_nothing():
    assert same(root([1.0, 0.0], certificate(0.0)), root([1.0, 1e-10]))
    assert not are_apart(root([1.0, 0.0], certificate(0.0)), root([3.0, 0.0]))


def test_groups_are_counted_in_the_order_of_the_starts():
    results = [result([1.0, 0.0]), None, result([2.0, 0.0]), result([1.0, 1e-10])]
    groups = grouped(results, EDGE, None)
    assert groups == ([0, 2], [0, -1, 1, 0], None)


def test_many_points_of_a_curve_are_told_apart_fast():
    """5000 points, 12.5 million pairs."""
    angles = np.linspace(0.0, 1.0, 5000)
    results = [result([angle, 0.0]) for angle in angles]
    for one in results:
        one.fun, one.jac = np.zeros(1), None
    groups = grouped(results, EDGE, 1e-6)
    assert groups.first == list(range(5000))


def test_the_weakest_evidence_of_any_solution_is_that_of_all():
    words = (Evidence.PROVED, Evidence.ESTIMATED, Evidence.ASSUMED)
    results = [result([k, 0.0], certificate(0.1, evidence=e)) for k, e in enumerate(words)]
    assert grouped(results, EDGE, None).certified is Evidence.ESTIMATED
    assert grouped([*results, result([5.0, 0.0])], EDGE, None).certified is None
    assert grouped(results[:1], EDGE, None).certified is None
