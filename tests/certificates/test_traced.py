"""Is a function of NumPy proved without being asked for it, and is it said where it is not?"""

import numpy as np
import pytest

import nlsolve
from nlsolve.certificates import Evidence
from nlsolve.certificates.formulas import MOST_OPERATIONS, MOST_UNKNOWNS, TOO_LARGE, TRACED


def sphere_and_plane(w):
    return np.array([w @ w - 1.0, w[0] - w[1]])


def branch(w):
    return np.array([w[0] if w[1] > 0.0 else 2.0 * w[0]])


def test_a_function_is_traced_and_proved():
    found = nlsolve.solve(sphere_and_plane, 0.0, [0.5, -1.0, 2.0]).certificate
    assert found.evidence is Evidence.PROVED
    assert found.assumptions == (TRACED,)


@pytest.mark.parametrize("words", [{"evidence": "estimated"}, {"lipschitz": 2.0}])
def test_nothing_is_traced_where_that_is_not_wanted(words):
    def seen(w):
        assert w.dtype == np.float64
        return sphere_and_plane(w)

    certificate = nlsolve.certify(seen, 0.0, [0.7, 0.7, 0.1], **words)
    assert certificate.evidence < Evidence.PROVED
    assert TRACED not in certificate.assumptions


def test_what_cannot_be_followed_is_named_and_estimated():
    certificate = nlsolve.certify(branch, 0.1, [0.0, 1.0])
    assert certificate.evidence is Evidence.ESTIMATED
    assert "no proof was found: F cannot be followed: a data-dep" in certificate.assumptions[0]


def by_type(w):
    """What a trace cannot see: entries of w are no floats."""
    return w - 7.0 if w.dtype == object or w[0] < 5.0 else 0.0 * w + 1.0


def by_text(w):
    try:
        near = float(str(w[0])) < 5.0
    except ValueError:
        near = True
    return w - 7.0 if near else 0.0 * w + 1.0


@pytest.mark.parametrize("F", [by_type, by_text])
@pytest.mark.parametrize("w", [1.0, 4.0, 4.9])
def test_what_holds_near_w_only_is_not_proved_farther_away(F, w):
    """There is no solution: from 5 on F is 1. It agrees with its trace about w."""
    demanded = nlsolve.certify(F, 0.0, [w], method=None, evidence="proved")
    assert not demanded.holds
    assert "F does not repeat what was traced" in demanded.reason
    assert nlsolve.certify(F, 0.0, [w], method=None).evidence is Evidence.ESTIMATED


def test_large_functions_are_traced_on_demand_only():
    def norms(w):
        return np.array([w @ w - 1.0])

    w = np.full(MOST_UNKNOWNS + 1, (MOST_UNKNOWNS + 1) ** -0.5)
    certificate = nlsolve.certify(norms, 0.0, w, method=None)
    assert certificate.evidence is Evidence.ESTIMATED
    assert certificate.assumptions[0] == f"no proof was found: {TOO_LARGE}"
    assert nlsolve.certify(norms, 0.0, w, method=None, evidence="proved").holds


def test_long_functions_are_given_up():
    def repeated(w):
        total = w
        for k in range(MOST_OPERATIONS):
            total = total + w / (k + 1.0)
        return total

    certificate = nlsolve.certify(repeated, 0.01, [0.0], method=None)
    assert certificate.evidence is Evidence.ESTIMATED
    assert f"more than {MOST_OPERATIONS} operations" in certificate.assumptions[0]


def test_given_derivatives_are_not_those_of_the_formulas():
    def jac(w):
        return np.array([2.0 * w, [1.0, -1.0, 0.0]])

    certificate = nlsolve.certify(sphere_and_plane, 0.0, [0.7, 0.7, 0.1], jac=jac)
    assert certificate.evidence is Evidence.ESTIMATED
    assert "steps would be taken with the derivatives given" in certificate.assumptions[0]
    existence = nlsolve.certify(sphere_and_plane, 0.0, [0.7, 0.7, 0.1], jac=jac, method=None)
    assert existence.evidence is Evidence.PROVED
