"""Do results of `solve` carry certificates, at the start and at the end, pickled and continued?"""

import math

import numpy as np
import pytest

import nlsolve
from nlsolve.certificates import Evidence
from tests.certificates.runs import (
    START,
    bowl_again,
    bowl_again_jacobian,
    run,
)
from tests.systems.functions import METHODS


@pytest.mark.parametrize("method", METHODS)
def test_start_and_end_of_every_method(method):
    sol = run(method=method)
    start, end = sol.start_certificate, sol.certificate
    assert sol.success
    np.testing.assert_array_equal(start.w, START)
    np.testing.assert_array_equal(end.w, sol.w)
    assert start.holds
    assert end.holds
    assert start.method == ("gauss-newton" if method == "gauss-newton" else None)
    assert end.method is None
    assert start.evidence is end.evidence is Evidence.ASSUMED
    assert end.distance[1] < 1e-9
    assert start.distance[0] <= np.linalg.norm(sol.w - START) + end.distance[1]
    assert sol.start_certificate is start, "computed once"
    assert sol.certificate is end


def test_certificates_cost_nothing_until_they_are_read_and_are_not_counted():
    calls = []

    def F(w):
        calls.append(1)
        return bowl_again(w)

    sol = nlsolve.solve(F, 0.0, START, method="gauss-newton")
    counted = (sol.nfev, sol.njev)
    before = len(calls)
    assert before == sol.nfev
    sol.certificate, sol.start_certificate, sol.certified_from, sol.check_promise()
    assert len(calls) > before
    assert (sol.nfev, sol.njev) == counted
    after = len(calls)
    assert sol.certificate.holds
    assert sol.start_certificate.holds
    assert sol.certified_from == 0
    assert len(calls) == after
    at_once = nlsolve.solve(F, 0.0, START, method="gauss-newton", certify=True)
    ready = len(calls)
    assert at_once.certificate.holds
    assert at_once.start_certificate.holds
    assert len(calls) == ready
    assert (at_once.nfev, at_once.njev) == counted


def test_certify_as_a_mapping_reaches_every_certificate():
    plain = run(known={"precondition": False})
    assert not plain.start_certificate.preconditioned
    assert run().start_certificate.preconditioned
    cut = run(known={"bounds": (START - 1e-6, START + 1e-6)})
    assert not cut.start_certificate.holds
    assert "bounds" in cut.start_certificate.reason
    hessians = nlsolve.solve(
        bowl_again, 0.0, START, method="gauss-newton", jac=bowl_again_jacobian,
        certify={"hessian_bound": 0.02, "precondition": False},
    )  # fmt: skip
    assert hessians.start_certificate.beta == pytest.approx(0.02 * math.sqrt(2.0))
    estimated = nlsolve.solve(bowl_again, 0.0, START, method="gauss-newton")
    assert estimated.start_certificate.evidence is Evidence.ESTIMATED


@pytest.mark.parametrize(
    ("certify", "error", "message"),
    [
        (3, TypeError, "certify must be True, False or a mapping .* got int"),
        ("yes", TypeError, "certify must be .* got str"),
        (np.True_, TypeError, "certify must be"),
        ([("lipschitz", 1.0)], TypeError, "certify must be .* got list"),
        ({"lipshitz": 1.0}, TypeError, "certify: unknown keyword 'lipshitz'"),
        ({"radius": 1.0}, TypeError, "certify: unknown keyword 'radius'"),
        ({"method": "gd"}, TypeError, "certify: unknown keyword 'method'"),
    ],
    ids=str,
)
def test_bad_words_for_certify(certify, error, message):
    with pytest.raises(error, match=message):
        nlsolve.solve(bowl_again, 0.0, START, certify=certify)


@pytest.mark.parametrize("certify", [True, {"lipschitz": -1.0}, {"lipschitz": "x"}], ids=str)
def test_a_bad_constant_is_named_when_it_is_used(certify):
    if certify is True:
        assert nlsolve.solve(bowl_again, 0.0, START, certify=certify).success
        return
    sol = nlsolve.solve(bowl_again, 0.0, START)
    assert sol.success
    with pytest.raises((TypeError, ValueError), match="lipschitz must"):
        nlsolve.solve(bowl_again, 0.0, START, certify=certify).certificate  # noqa: B018


NOT_CERTIFIABLE = [
    (lambda w: w**2 + 1e-12, [0.5]),
    (lambda w: w**2, [0.5]),
    (lambda w: np.array([w[0], w[0]]), [0.5]),
    (lambda w: np.array([w[0] + w[1], 2.0 * w[0] + 2.0 * w[1]]) - 0.5, [0.5, 0.1]),
    (lambda w: 0.1 + np.abs(w), [0.5]),
]


@pytest.mark.parametrize(("F", "w0"), NOT_CERTIFIABLE, ids=range(5))
@pytest.mark.parametrize("certify", [False, True])
def test_success_is_never_changed_by_certificates(F, w0, certify):
    """The residual is what decides, certified or not."""
    sol = nlsolve.solve(F, 0.0, w0, certify=certify)
    r = np.linalg.norm(F(sol.w))
    assert sol.success is bool(r <= 1e-10)
    assert not sol.certificate.holds
    before = (sol.success, sol.message, sol.status, sol.nfev)
    sol.start_certificate, sol.certified_from, sol.check_promise()
    assert (sol.success, sol.message, sol.status, sol.nfev) == before
    plain = nlsolve.solve(F, 0.0, w0)
    np.testing.assert_array_equal(plain.w, sol.w)
    assert plain.success is sol.success
    np.testing.assert_array_equal(plain.history.table, sol.history.table)


def test_a_success_that_cannot_be_certified_says_why():
    sol = nlsolve.solve(lambda w: w**2, 0.0, [0.5])
    assert sol.success
    assert not sol.certificate.holds
    assert sol.certificate.reason
    assert sol.certified_from is None
    assert sol.check_promise().kept is None
    assert repr(sol.check_promise()).startswith("nothing was promised: ")
