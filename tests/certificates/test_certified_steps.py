"""Does a run with a certified step obey its promise, and is a broken one seen?"""

import numpy as np
import pytest

import nlsolve
from tests.certificates.runs import (
    BETA,
    FAMILY,
    START,
    STEPPING,
    bowl,
    bowl_again,
    bowl_again_jacobian,
    bowl_jacobian,
    run,
)


@pytest.mark.parametrize("method", STEPPING)
def test_a_run_with_a_certified_step_obeys_its_promise(lane, method):
    words = {"batch": 2} if method == "sgd" else {}
    sol = run(lane, method, step="certified", tol=1e-8, **words)
    promise = sol.start_certificate
    assert promise.holds, promise.reason
    assert promise.method == method
    direct = nlsolve.certify(
        bowl, 0.0, START, jac=bowl_jacobian, lipschitz=BETA, method=method, **words
    )
    assert (promise.step, promise.rate, promise.radius) == (
        direct.step, direct.rate, direct.radius,
    )  # fmt: skip
    assert sol.success
    report = sol.check_promise()
    assert report.kept is True, repr(report)
    assert sol.lane == lane
    explicit = run(lane, method, step=promise.step, tol=1e-8, **words)
    np.testing.assert_array_equal(explicit.w, sol.w)
    np.testing.assert_array_equal(explicit.history.table, sol.history.table)


def test_gradient_descent_stays_under_its_envelope_at_every_step(lane):
    sol = run(lane, "gd", step="certified", tol=1e-8, store_path=True)
    promise = sol.start_certificate
    rho = np.array([np.linalg.norm(bowl_again(w)) for w in sol.path])
    assert (rho <= np.array(promise.envelope(len(rho))) * (1.0 + 1e-9) + 1e-15).all()
    assert sol.nit <= promise.steps_to(1e-8)
    assert np.linalg.norm(sol.path - START, axis=1).max() <= promise.radius
    least = min(np.linalg.svd(bowl_again_jacobian(w), compute_uv=False)[-1] ** 2 for w in sol.path)
    assert least >= promise.mu
    line = sol.check_promise().lines[2]
    assert line.kept is True
    assert line.promised == promise.mu
    assert line.measured >= promise.mu


def test_the_promise_of_sgd_is_not_a_sure_one(lane):
    sol = run(lane, "sgd", step="certified", tol=1e-8)
    promise, report = sol.start_certificate, sol.check_promise()
    assert 0.0 < promise.probability < 1.0
    contraction = report.lines[0]
    assert contraction.kept is None
    assert "root of E|r|^2" in contraction.what
    left = sol.history.distance.max() > promise.radius
    assert report.lines[1].kept is (None if left else True)
    epochs, steps = len(sol.history) - 1, 2  # batch 1 of 2 equations: two steps an epoch
    expected = promise.envelope(epochs * steps + 1)[-1]
    assert contraction.promised >= expected * (1.0 - 1e-9)
    assert contraction.promised <= expected * (1.0 + 1e-6) + 1e-14


@pytest.mark.parametrize("method", STEPPING)
@pytest.mark.parametrize("index", range(4))
def test_a_linear_system_obeys_too(method, index):
    rng = np.random.default_rng(index)
    A = rng.standard_normal((3, 6))
    sol = nlsolve.solve(
        lambda w: A @ w, A @ np.full(6, 1e-3), np.zeros(6), method=method, step="certified",
        jac=lambda w: A, certify={"lipschitz": 0.0}, tol=1e-4, rng=index, max_iter=20_000,
    )  # fmt: skip
    assert sol.start_certificate.holds, sol.start_certificate.reason
    assert sol.check_promise().kept is True


@pytest.mark.parametrize("known", [k for k in FAMILY if k.h < 0.2][:10], ids=lambda k: k.name)
def test_gd_with_certified_steps_on_known_systems(known):
    sol = nlsolve.solve(
        known.F, known.y, known.w0, method="gd", step="certified", jac=known.jac,
        certify={"lipschitz": known.lipschitz}, max_iter=100, store_path=True,
    )  # fmt: skip
    promise = sol.start_certificate
    assert promise.holds
    assert sol.check_promise().kept is True, repr(sol.check_promise())
    apart = np.linalg.norm(sol.path - known.w0, axis=1)
    assert apart.max() <= promise.radius * (1.0 + 1e-9)


@pytest.mark.parametrize("method", STEPPING)
@pytest.mark.parametrize(
    ("F", "w0"), [(lambda w: w**2 + 1.0, [1.0]), (lambda w: w[:1] * np.ones(2) - 1.0, [0.0])]
)
def test_no_certified_step_is_an_error_with_the_certificate(method, F, w0):
    with pytest.raises(ValueError, match="step='certified': no step is certified at w0") as caught:
        nlsolve.solve(F, 0.0, w0, method=method, step="certified")
    certificate = caught.value.certificate
    assert not certificate.holds
    assert certificate.reason in str(caught.value)
    assert certificate.method == method


@pytest.mark.parametrize("method", ["gauss-newton", "levenberg-marquardt", "auto"])
def test_only_gd_and_sgd_have_steps_to_certify(method):
    with pytest.raises(TypeError, match="'step'"):
        nlsolve.solve(bowl_again, 0.0, START, method=method, step="certified")


def test_no_step_is_certified_with_momentum():
    with pytest.raises(ValueError, match=r"no step is certified at w0, .* without momentum"):
        nlsolve.solve(bowl_again, 0.0, START, method="gd", step="certified", momentum="heavy-ball")


@pytest.mark.parametrize("options", [nlsolve.GradientDescent, nlsolve.StochasticGradient])
def test_certified_steps_by_an_options_object(options):
    sol = nlsolve.solve(
        bowl_again, 0.0, START, method=options(step="certified"), jac=bowl_again_jacobian,
        certify={"lipschitz": BETA}, tol=1e-6,
    )  # fmt: skip
    assert sol.start_certificate.holds
    assert sol.start_certificate.step is not None


def test_steps_of_their_own_are_promised_existence_only():
    sol = run(method="gd")
    assert sol.start_certificate.method is None
    assert sol.certified_from is None
    report = sol.check_promise()
    assert report.kept is not False
    assert report.lines[0].kept is None


def test_a_promise_that_is_broken_is_shown_as_broken():
    """beta = 0 is false where no sample falls: F = w - 1 but for a bump at 0.5, of width 1e-3.

    The first step from 0 goes to 0.5, where |r| is 1.25 instead of 0.5.
    """

    def bump(w):
        t = (w[0] - 0.5) / 1e-3
        return max(0.0, 1.0 - t * t) ** 3, -6.0 * t * max(0.0, 1.0 - t * t) ** 2 / 1e-3

    sol = nlsolve.solve(
        lambda w: w - 1.0 - 0.75 * bump(w)[0], 0.0, [0.0], method="gd", step=0.5,
        jac=lambda w: np.array([[1.0 - 0.75 * bump(w)[1]]]), certify={"lipschitz": 0.0},
        max_iter=3,
    )  # fmt: skip
    assert sol.start_certificate.holds
    assert sol.history.residual_norm[1] == 1.25
    report = sol.check_promise()
    assert report.kept is report.lines[0].kept is False
    assert repr(report).startswith("the promise was NOT kept")
    assert report.lines[0].measured == 1.25


def test_check_promise_sees_a_run_that_breaks_it():
    """The history of another run, from the same start, which does not converge."""
    good = run(method="gd", step="certified")
    slow = run(method="gd", step=good.start_certificate.step / 50.0, max_iter=40)
    slow.__dict__["_certificates"] = {"start": good.start_certificate}
    report = slow.check_promise()
    assert report.kept is False
    assert report.lines[0].kept is False
    assert "NOT KEPT" in repr(report)
