"""Does `certify` answer what it is asked, and name what is wrong in what it is given?"""

import math

import numpy as np
import pytest

import nlsolve
from tests.certificates.small import BETA, METHODS, F, W, Y, certify, jac

ERRORS = [
    ({"method": "newton"}, ValueError, r"method must be one of .*got 'newton'"),
    ({"method": "gaus-newton"}, ValueError, r"did you mean gauss-newton\?"),
    ({"method": 3}, TypeError, "method must be a name or an options object .* got int"),
    ({"method": None, "claim": "convergence"}, ValueError, "claim='convergence' needs a method"),
    ({"claim": "uniqueness"}, ValueError, r"claim must be one of .*got 'uniqueness'"),
    ({"theorem": "kantorovich"}, ValueError, r"theorem must be .*'existence'.*got 'kantorovich'"),
    ({"claim": "conditioning"}, ValueError, "claim='conditioning' needs radius="),
    ({"claim": "pl-star"}, ValueError, "needs radius="),
    ({"theorem": "liu-zhu-belkin-kernel"}, ValueError, "needs radius="),
    ({"radius": 0.0}, ValueError, "radius must be a positive number, got 0"),
    ({"radius": -1.0}, ValueError, "radius must be a positive number, got -1"),
    ({"radius": math.nan}, ValueError, "radius must be a positive number, got nan"),
    ({"radius": math.inf}, ValueError, "radius must be a positive number, got inf"),
    ({"radius": "1"}, ValueError, "radius must be a positive number, got '1'"),
    ({"radius": True}, ValueError, "radius must be a positive number, got True"),
    ({"lipschitz": "1"}, TypeError, r"lipschitz must be a number or a function .*got '1'"),
    ({"lipschitz": [1.0, 2.0]}, TypeError, "lipschitz must be a number or a function"),
    ({"lipschitz": 1j}, TypeError, "lipschitz must be a number or a function"),
    ({"lipschitz": True}, TypeError, "lipschitz must be a number or a function"),
    ({"lipschitz": -1.0}, ValueError, "lipschitz must not be negative, got -1"),
    ({"lipschitz": lambda c, R: -1.0}, ValueError, "lipschitz must not be negative"),
    ({"lipschitz": lambda c, R: "x"}, TypeError, "lipschitz must be a number"),
    ({"lipschitz": lambda c, R: None}, TypeError, "lipschitz must be a number"),
    ({"hessian_bound": [1.0, 1.0, 1.0]}, ValueError, "hessian_bound must be .*2 of them, got 3"),
    ({"hessian_bound": [[1.0, 1.0]]}, TypeError, "hessian_bound must be"),
    ({"hessian_bound": "x"}, TypeError, "hessian_bound must be"),
    ({"hessian_bound": -1.0}, ValueError, "hessian_bound must not be negative"),
    ({"hessian_bound": [1.0, -1.0]}, ValueError, "hessian_bound must not be negative"),
    ({"method": "sgd", "batch": 0}, ValueError, "batch must be a positive integer, got 0"),
    ({"method": "sgd", "batch": 1.5}, ValueError, "batch must be a positive integer, got 1.5"),
    ({"method": "sgd", "batch": True}, ValueError, "batch must be a positive integer, got True"),
    ({"method": "gd", "step": 0.0}, ValueError, "step must be a positive number, got 0"),
    ({"method": "gd", "step": -0.1}, ValueError, "step must be a positive number, got -0.1"),
    ({"method": "sgd", "step": math.nan}, ValueError, "step must be a positive number, got nan"),
    ({"method": "sgd", "step": math.inf}, ValueError, "step must be a positive number, got inf"),
    ({"method": "gd", "step": True}, ValueError, "step must be a positive number, got True"),
    ({"claim": "pl-star-eps", "loss": -1.0}, ValueError, "loss must be a positive number, got -1"),
    ({"method": "sgd", "sampling": "epochs"}, ValueError, "sampling must be one of .*'epochs'"),
    ({"damping": "backtrackin"}, ValueError, "damping must be .*'backtrackin'"),
    ({"method": "gd", "step": "certifed"}, ValueError, "step must be .*'certifed'"),
    ({"claim": "existence", "theorem": "gd"}, ValueError, "claim='existence' .*theorem='gd'"),
    ({"method": "gd", "theorem": "sgd"}, ValueError, "theorem='sgd' is not about method='gd'"),
    ({"bounds": (0.0, 1.0, 2.0)}, ValueError, "bounds must be a pair"),
    ({"bounds": 3.0}, ValueError, "bounds must be a pair"),
    ({"bounds": ([0.0, 0.0], [1.0, 1.0])}, ValueError, "bounds must be a pair .*3 numbers"),
    ({"bounds": ("a", "b")}, ValueError, "bounds must be a pair"),
    ({"method": "gd", "stp": 0.1}, TypeError, r"'stp'.*did you mean step\?"),
    ({"method": "sgd", "bacth": 2}, TypeError, r"'bacth'.*did you mean batch\?"),
    ({"dampng": "none"}, TypeError, r"'dampng'.*did you mean damping\?"),
    ({"batch": 2}, TypeError, "'batch' .*belongs to sgd"),
    ({"method": "auto", "step": 0.1}, TypeError, "unknown keyword 'step' for method='auto'"),
    ({"w": None}, TypeError, "w is missing"),
    ({"w": [0.0, math.nan, 0.0]}, ValueError, r"w must be finite, but w\[1\] is nan"),
    ({"w": [[0.0]]}, ValueError, "w must be a number or a vector"),
    ({"y": [1.0, 2.0, 3.0]}, ValueError, "y has 3 entries, but F returns 2"),
]


@pytest.mark.parametrize(("words", "error", "message"), ERRORS, ids=range(len(ERRORS)))
def test_an_error_names_the_argument_what_was_expected_and_what_came(words, error, message):
    with pytest.raises(error, match=message):
        nlsolve.certify(F, **{"y": Y, "w": W, "jac": jac, **({"lipschitz": BETA} | words)})


@pytest.mark.parametrize("bad", [np.nan, (0.0, np.nan)], ids=str)
def test_bounds_that_are_no_numbers(bad):
    with pytest.raises(ValueError, match="bounds"):
        certify(bounds=bad)


def test_a_jacobian_that_cannot_be_evaluated_is_an_evaluation_error():
    def broken(w):
        raise ZeroDivisionError("at the start")

    with pytest.raises(nlsolve.EvaluationError):
        certify(jac=broken)


def test_radius_limits_the_ball_in_which_all_happens():
    free = certify()
    assert free.holds
    for share in (1.01, 3.0):
        assert certify(radius=share * free.radius).holds
    for derivative in (jac, None):
        small = certify(radius=0.9 * free.radius, jac=derivative)
        assert not small.holds
        assert f"{0.9 * free.radius:.4g}" in small.reason
        sampled = certify(radius=0.5 * free.radius, jac=derivative, lipschitz=None)
        assert not sampled.holds


def test_radius_is_the_region_of_a_number_given():
    inside = certify(radius=2.0)
    beta = next(b for b in inside.ingredients if b.quantity == "beta")
    assert beta.region.radius == 2.0
    everywhere = next(b for b in certify().ingredients if b.quantity == "beta")
    assert everywhere.region.radius == math.inf
    assert "everywhere" in str(everywhere)


def test_a_function_is_asked_for_the_ball_it_is_used_on():
    asked = []

    def lipschitz(centre, radius):
        asked.append(radius)
        np.testing.assert_array_equal(centre, W)
        centre[:] = 99.0  # its own copy
        return BETA

    certificate = certify(lipschitz=lipschitz)
    assert certificate.holds
    beta = next(b for b in certificate.ingredients if b.quantity == "beta")
    assert beta.region.radius in asked
    assert certificate.radius <= beta.region.radius
    np.testing.assert_array_equal(certificate.w, W)


def smallest_kernel(F_jac, w, radius, count=300):
    """The smallest lambda_min K met in the ball, by numpy."""
    rng = np.random.default_rng(0)
    least = math.inf
    for k in range(count):
        d = rng.standard_normal(w.size)
        z = w + radius * (1.0 if k % 2 else rng.random()) * d / np.linalg.norm(d)
        least = min(least, float(np.linalg.svd(F_jac(z), compute_uv=False)[-1]) ** 2)
    return least


@pytest.mark.parametrize("claim", ["conditioning", "pl-star"])
@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("known", [BETA, None])
def test_conditioning(claim, method, known):
    for radius in (1e-3, 0.5, 2.0):
        certificate = certify(claim=claim, radius=radius, method=method, lipschitz=known)
        assert certificate.holds, certificate.reason
        assert certificate.radius == radius
        assert certificate.theorem in ("conditioning", "conditioning-delta")
        assert 0.0 < certificate.mu <= smallest_kernel(jac, W, radius)
        assert "PL* holds with mu" in certificate.claim
        assert certificate.distance == (certificate.distance[0], math.inf)
        assert certificate.step is certificate.rate is None
        with pytest.raises(ValueError, match="no method's steps"):
            certificate.steps_to(1e-3)


def test_conditioning_is_weyls_inequality():
    sigma0 = np.linalg.svd(jac(W), compute_uv=False)[-1]
    certificate = certify(theorem="conditioning", radius=1.0)
    assert certificate.mu == pytest.approx((sigma0 - BETA) ** 2, rel=1e-6)
    assert certificate.mu <= (sigma0 - BETA) ** 2
    lost = certify(claim="conditioning", radius=1.01 * sigma0 / BETA)
    assert not lost.holds
    assert f"needs a radius below {sigma0 / BETA:.3g}" in lost.reason


def test_conditioning_where_the_kernel_is_singular():
    asked = {"claim": "pl-star", "radius": 1.0}
    refused = nlsolve.certify(lambda w: w[:1] * w[1:], [0.0], np.zeros(2), **asked)
    assert not refused.holds
    assert "tangent kernel at w is singular" in refused.reason


@pytest.mark.parametrize("theorem", ["conditioning", "conditioning-delta", "liu-zhu-belkin-kernel"])
def test_theorems_of_conditioning_by_name(theorem):
    certificate = certify(theorem=theorem, radius=0.3)
    assert certificate.theorem == theorem
    assert certificate.holds
    assert certificate.mu <= smallest_kernel(jac, W, 0.3)
