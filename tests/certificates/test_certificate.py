"""Does a certificate show and keep what it knows: numbers, text, page, pickles, steps?"""

import math
import pickle
from html.parser import HTMLParser

import numpy as np
import pytest

import nlsolve
from nlsolve.certificates import Evidence
from tests.certificates.small import BETA, METHODS, F, W, Y, certify, jac
from tests.zoo.known_constants import known_systems


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("known", [BETA, None])
def test_numbers_of_a_certificate(method, known):
    near = F(W) + 1e-4
    words = {"jac": jac, "lipschitz": known, "method": method, "evidence": "estimated"}
    c = nlsolve.certify(F, near, W, **words)
    sigma = np.linalg.svd(jac(W), compute_uv=False)
    assert c.holds
    assert bool(c) is True
    assert (c.n, c.m, c.method) == (2, 3, method)
    assert c.sigma_min == pytest.approx(sigma[-1], rel=1e-9)
    assert c.sigma_max == pytest.approx(sigma[0], rel=1e-9)
    assert c.sigma_min <= sigma[-1] <= sigma[0] <= c.sigma_max
    assert c.condition == c.sigma_max / c.sigma_min
    assert c.residual_norm == pytest.approx(1e-4 * math.sqrt(2.0), rel=1e-6)
    assert 0.0 < c.distance[0] <= c.distance[1] == c.radius
    assert (c.step is None) == (method in (None, "gauss-newton"))
    assert (c.probability > 0.0) == (method == "sgd")
    assert c.reason == ""
    assert all(isinstance(text, str) for text in c.assumptions)
    if method is not None:
        assert c.steps_to(1.0) == 0
        assert c.steps_to(1e-9) >= 1
        assert c.envelope(3)[0] >= c.residual_norm * (1.0 - 1e-9)


def test_a_certificate_that_does_not_hold_is_false():
    certificate = certify(lipschitz=1e3)
    assert not certificate.holds
    assert bool(certificate) is False
    assert certificate.claim == ""
    assert "needs h = beta |r0| / sigma0^2 < 0.5" in certificate.reason
    assert certificate.distance[1] == math.inf


def test_the_reason_says_what_would_make_it_hold():
    """With the residual it asks for, or a little less, it holds."""
    c = certify(lipschitz=50.0, precondition=False)
    assert not c.holds
    needed = float(c.reason.split("needs |r0| < ")[1].split(",")[0])
    r = F(W) - Y
    closer = F(W) - r / np.linalg.norm(r) * needed * 0.99
    again = nlsolve.certify(F, closer, W, jac=jac, lipschitz=50.0, precondition=False)
    assert again.holds
    farther = F(W) - r / np.linalg.norm(r) * needed * 1.02
    assert not nlsolve.certify(F, farther, W, jac=jac, lipschitz=50.0, precondition=False).holds


@pytest.mark.parametrize("tol", [0.0, -1.0, math.nan])
def test_steps_to_needs_a_tolerance(tol):
    with pytest.raises(ValueError, match="tol must be a positive number"):
        certify().steps_to(tol)


def test_steps_to_of_claims_without_steps():
    with pytest.raises(ValueError, match=r"theorem 'existence.*' is about no method's steps"):
        certify(method=None).steps_to(1e-3)
    with pytest.raises(ValueError, match="nothing is certified: needs h"):
        certify(lipschitz=1e3).steps_to(1e-3)
    with pytest.raises(ValueError, match="nothing is certified: needs h"):
        certify(lipschitz=1e3).envelope(3)


def test_steps_to_what_cannot_be_counted():
    certificate = certify(method="gd")
    for tol in (1e-320, 1e-300):
        try:
            assert certificate.steps_to(tol) > 0
        except ValueError as error:
            assert "math domain" not in str(error)  # noqa: PT017
    assert certificate.steps_to(1e300) == 0


@pytest.mark.parametrize("method", ["gd", "sgd"])
@pytest.mark.parametrize("beta", [0.0, BETA])
def test_the_certified_step_may_be_asked_for_again(method, beta):
    A = jac(W)
    G, y = (F, F(W) + 1e-4) if beta else ((lambda w: A @ w), A @ W + 1e-4)
    words = {"jac": jac if beta else (lambda w: A), "lipschitz": beta, "method": method}
    first = nlsolve.certify(G, y, W, **words)
    assert first.holds
    again = nlsolve.certify(G, y, W, step=first.step, **words)
    assert again.holds, again.reason
    assert (again.step, again.rate) == (first.step, first.rate)
    shorter = nlsolve.certify(G, y, W, step=first.step / 7.0, **words)
    assert shorter.holds
    assert shorter.rate >= first.rate
    longer = nlsolve.certify(G, y, W, step=first.step * 1e3, **words)
    assert not longer.holds
    assert "needs a step <=" in longer.reason


@pytest.mark.parametrize("batch", [1, 2, 7])
def test_batches(batch):
    near = F(W) + 1e-4
    c = nlsolve.certify(F, near, W, jac=jac, lipschitz=BETA, method="sgd", batch=batch)
    assert c.holds
    p = c.mu * c.step * batch / 2
    assert c.rate == pytest.approx(1.0 - p, abs=1e-7)
    as_object = nlsolve.StochasticGradient(step=c.step, batch=batch)
    again = nlsolve.certify(F, near, W, jac=jac, lipschitz=BETA, method=as_object)
    assert again.rate == c.rate


class Wellformed(HTMLParser):
    """Opens, closes in order, and collects what is shown."""

    def __init__(self):
        super().__init__()
        self.open, self.text, self.first = [], [], None

    def handle_starttag(self, tag, attributes):
        self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text.append(data)


def shown(page):
    parser = Wellformed()
    parser.feed(page)
    parser.close()
    assert parser.open == []
    return parser.text


SHOWN = [
    {},
    {"method": None},
    {"method": "gd"},
    {"method": "gd", "y": F(W) + 1e-2},
    {"method": "sgd", "y": F(W) + 1e-4},
    {"lipschitz": None},
    {"lipschitz": 1e3},
    {"method": "sgd", "sampling": "cyclic"},
    {"claim": "conditioning", "radius": 0.5},
    {"claim": "pl-star-eps"},
]


@pytest.mark.parametrize("words", SHOWN, ids=str)
def test_text_and_page_show_the_verdict_first_and_every_ingredient(words):
    c = nlsolve.certify(F, **{"y": Y, "w": W, "jac": jac, "lipschitz": BETA, **words})
    text, page = repr(c), shown(c._repr_html_())
    first = text.splitlines()[0]
    assert first == page[0]
    if c.holds:
        assert first.endswith(c.claim)
        assert first.startswith(("certified under the assumptions", "holds by estimated constants"))
        assert ("estimated" in first) == (c.evidence is Evidence.ESTIMATED)
        assert c.ingredients
    else:
        assert first == f"not certified, because {c.reason}"
    for bound in c.ingredients:
        assert str(bound) in text
        row = {bound.quantity, bound.side, f"{bound.value:.6g}", bound.evidence.word, bound.source}
        assert row <= set(page)
    for assumption in c.assumptions:
        assert assumption in page
        assert assumption in text or not c.holds
    assert str(c) == text


def test_what_a_user_writes_is_escaped_in_the_page():
    def narrow(w):
        if np.any(w != W):
            raise ArithmeticError("only at <b>one</b> point & nowhere else")
        return F(w)

    c = nlsolve.certify(narrow, Y, W, jac=jac, check_jac=False)
    assert not c.holds
    assert "<b>one" not in c._repr_html_()
    assert "only at <b>one</b> point & nowhere else" in "".join(shown(c._repr_html_()))


@pytest.mark.parametrize("system", ["module level", "lambda"])
@pytest.mark.parametrize("method", METHODS)
def test_pickled_certificates_are_the_same(method, system):
    whole = {"module level": (F, jac), "lambda": (lambda w: F(w), lambda w: jac(w))}[system]
    c = nlsolve.certify(whole[0], F(W) + 1e-4, W, jac=whole[1], lipschitz=BETA, method=method)
    again = pickle.loads(pickle.dumps(c))
    assert repr(again) == repr(c)
    assert again._repr_html_() == c._repr_html_()
    assert again.holds
    assert again.evidence is c.evidence
    for name in ("radius", "mu", "h", "rate", "step", "distance", "preconditioned", "probability"):
        assert getattr(again, name) == getattr(c, name)
    np.testing.assert_array_equal(again.w, c.w)
    if method is not None:
        assert again.steps_to(1e-8) == c.steps_to(1e-8)
        assert again.envelope(4) == c.envelope(4)
    assert len(pickle.dumps(c)) < 20_000


def test_a_certificate_does_not_change_with_the_arrays_it_was_made_of():
    w = W.copy()
    c = nlsolve.certify(F, Y, w, jac=jac, lipschitz=BETA)
    before = repr(c)
    w[:] = 7.0
    np.testing.assert_array_equal(c.w, W)
    assert repr(c) == before


def test_certify_twice_is_the_same():
    """Samples are drawn with a fixed seed."""
    assert repr(certify(lipschitz=None)) == repr(certify(lipschitz=None))


def test_evidence_follows_what_was_given():
    assert certify().evidence is Evidence.ASSUMED
    assert certify(lipschitz=None).evidence is Evidence.ESTIMATED
    assert certify(jac=None).evidence is Evidence.ESTIMATED
    assert certify(hessian_bound=0.2, lipschitz=None).evidence is Evidence.ASSUMED


@pytest.mark.parametrize("method", METHODS)
def test_preconditioning_can_be_left_out(method):
    near = F(W) + 1e-4
    plain = nlsolve.certify(F, near, W, jac=jac, lipschitz=BETA, method=method, precondition=False)
    assert plain.holds
    assert not plain.preconditioned
    assert all(b.region.equations is None for b in plain.ingredients)
    if method in ("gd", "sgd"):
        asked = nlsolve.certify(F, near, W, jac=jac, lipschitz=BETA, method=method)
        assert not asked.preconditioned, "never for these"


@pytest.mark.parametrize("known", list(known_systems(24, seed=31)), ids=lambda k: k.name)
def test_true_constants_of_known_systems(known):
    """Existence and Gauss-Newton hold where h < 1/2 for A F or for F, and roots are in range."""
    words = {"jac": known.jac, "lipschitz": known.lipschitz}
    for method in (None, "gauss-newton"):
        c = nlsolve.certify(known.F, known.y, known.w0, method=method, **words)
        if known.h < 0.4999:
            assert c.holds, c.reason
        for root in known.roots[:1]:
            apart = np.linalg.norm(root - known.w0)
            assert apart >= c.distance[0] * (1.0 - 1e-9)
            assert apart <= c.distance[1] * (1.0 + 1e-9)
