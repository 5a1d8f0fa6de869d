"""What do certificates know of a run that was continued, pickled or broken off?"""

import pickle

import numpy as np
import pytest

import nlsolve
from tests.certificates.runs import (
    BETA,
    IN_LANE,
    START,
    bowl_again,
    bowl_again_jacobian,
    run,
)


@pytest.mark.parametrize(
    ("lane", "method"),
    [("compiled", "gd"), ("interpreted", "gd"), ("interpreted", "gauss-newton")],
)
def test_certificates_of_a_continued_run(lane, method):
    """w0 of the second run is where the first one stopped; its promise is of there."""
    words = {"step": 0.1} if method == "gd" else {}
    cut = run(lane, method, max_iter=1, tol=1e-9, **words)
    F, jac = IN_LANE[lane]
    rest = nlsolve.solve(
        F, 0.0, method=method, lane=lane, jac=jac, state=cut.state, tol=1e-9, store_path=True,
        certify={"lipschitz": BETA}, **words,
    )  # fmt: skip
    assert rest.success
    np.testing.assert_array_equal(rest.start_certificate.w, cut.w)
    assert rest.start_certificate.holds
    assert rest.check_promise().kept is True, repr(rest.check_promise())
    assert rest.certificate.holds
    assert rest.certified_from == 0
    assert rest.history.distance[0] > 0.0
    assert not cut.success
    np.testing.assert_array_equal(cut.start_certificate.w, START)
    assert cut.check_promise().kept is True


def test_a_pickled_result_of_module_level_functions_keeps_its_certificates():
    sol = nlsolve.solve(
        bowl_again, 0.0, START, method="gauss-newton", jac=bowl_again_jacobian,
        certify={"lipschitz": BETA},
    )  # fmt: skip
    unread = pickle.loads(pickle.dumps(sol))
    assert unread.certificate.holds
    assert repr(unread.certificate) == repr(sol.certificate)
    assert repr(unread.start_certificate) == repr(sol.start_certificate)
    assert unread.certified_from == sol.certified_from == 0
    assert unread.check_promise().kept is True
    read = pickle.loads(pickle.dumps(sol))
    assert repr(read.certificate) == repr(sol.certificate)
    assert repr(read.start_certificate) == repr(sol.start_certificate)


def test_a_pickled_result_of_a_lambda_says_that_its_system_is_gone():
    sol = nlsolve.solve(lambda w: bowl_again(w), 0.0, START, method="gauss-newton")
    again = pickle.loads(pickle.dumps(sol))
    assert again.success is sol.success
    for certificate in (again.certificate, again.start_certificate):
        assert not certificate.holds
        assert "could not be pickled" in certificate.reason
        assert repr(certificate).startswith("not certified, because the system could not be")
        assert certificate._repr_html_()
    assert again.certified_from is None
    assert again.check_promise().kept is None
    assert sol.certificate.holds, "the original still knows"


def test_certificates_that_were_read_survive_pickling_even_of_a_lambda():
    sol = nlsolve.solve(lambda w: bowl_again(w), 0.0, START, method="gauss-newton", certify=True)
    shown = repr(sol.certificate), repr(sol.start_certificate)
    again = pickle.loads(pickle.dumps(sol))
    assert (repr(again.certificate), repr(again.start_certificate)) == shown
    assert again.certificate.holds
    assert again.start_certificate.steps_to(1e-9) == sol.start_certificate.steps_to(1e-9)


def test_a_result_that_was_broken_off_still_has_certificates():
    def F(w):
        if F.left == 0:
            raise KeyboardInterrupt
        F.left -= 1
        return bowl_again(w)

    F.left = 6
    with pytest.raises(KeyboardInterrupt) as caught:
        nlsolve.solve(F, 0.0, START, method="gd", step=0.01)
    F.left = 10**6
    partial = caught.value.partial_result
    assert not partial.success
    assert partial.start_certificate.holds
    assert partial.certificate.holds
