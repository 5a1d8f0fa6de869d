"""Are networks certified by themselves: proved, without J, as published, and never falsely?"""

import numpy as np
import pytest

import nlsolve
from nlsolve.certificates.evidence import Evidence
from nlsolve.networks import Convolutional, Dense, Residual
from tests.trainings import trainings

# h as published with the theorem, shallow tanh, hidden layer trained, d = n; H hidden units
PUBLISHED = [(50, 100, 2.4), (50, 1_000, 0.63), (100, 10_000, 0.22)]
KINDS = [
    Dense(np.array([[1.0, 0.5], [-0.5, 1.0]]), [60], bias=True, outputs=2),
    Dense(np.array([[1.0, 0.5], [-0.5, 1.0]]), [30, 40], output="tanh", activation="erf"),
    Residual(np.array([[1.0, 0.5], [-0.5, 1.0]]), 40, blocks=1, activation="softplus"),
    Convolutional(np.array([[1.0, 0.5, -1.0], [-0.5, 1.0, 0.3]])[:, :, None], [20], bias=True),
]


def published(n, width):
    """Return the network of the published table, its start and target."""
    rng = np.random.default_rng(1)
    X = rng.standard_normal((n, n))
    X /= np.linalg.norm(X, axis=1)[:, None]
    network = Dense(np.sqrt(n) * X, width, train="hidden", antisymmetric=True, rng=2)
    return network, np.sin(3.0 * X[:, 0]) / 2.0, network.initial(3)


@pytest.mark.parametrize(("n", "width", "h"), PUBLISHED)
def test_the_published_table(n, width, h):
    network, y, w = published(n, width)
    certificate = nlsolve.certify(network, y, w, method="gd")
    assert certificate.h == pytest.approx(h, rel=0.25)  # the draw is not the published one
    assert certificate.evidence is Evidence.PROVED
    assert certificate.holds is (width == 10_000)


@pytest.mark.parametrize("network", KINDS, ids=repr)
@pytest.mark.parametrize("method", ["gd", "gauss-newton", "sgd", None])
def test_proved_where_the_target_is_near(network, method):
    w = network.initial(5)
    certificate = nlsolve.certify(network, network(w) + 1e-7, w, method=method)
    assert certificate.holds
    assert certificate.evidence is Evidence.PROVED
    assert certificate.radius < 1.0


def test_j_is_not_needed_with_millions_of_unknowns(monkeypatch):
    def refuse(self, *_):
        raise AssertionError("J is formed")

    monkeypatch.setattr("nlsolve.networks.jacobian.NetworkJacobian.array", refuse)
    X = np.eye(3, 1_000) * np.sqrt(1_000.0)
    network = Dense(X, 3_000)
    assert network.m > 3_000_000
    w = network.initial(0)
    sol = nlsolve.solve(network, network(w) + 0.01, w, method="gauss-newton")
    assert sol.certificate.evidence is Evidence.PROVED
    assert sol.certificate.holds
    assert sol.start_certificate.holds
    assert sol.certified_from == 0
    assert sol.check_promise().kept


def test_relu_is_refused_with_the_reason():
    network = Dense(np.eye(2), 8, activation="relu")
    w = network.initial(0)
    certificate = nlsolve.certify(network, network(w) + 1e-9, w)
    assert not certificate.holds
    assert "relu has no second derivative" in certificate.reason
    sol = nlsolve.solve(network, network(w) + 0.1, w)
    assert not sol.certificate.holds
    assert sol.certified_from is None
    assert sol.check_promise().kept is None


def test_steps_of_gradient_descent_are_found():
    network, y, w = published(20, 4_000)
    sol = nlsolve.solve(network, y, w, method="gd", step="certified", max_iter=30)
    assert sol.start_certificate.holds
    assert sol.check_promise().kept
    with pytest.raises(ValueError, match="no step is certified"):
        nlsolve.solve(network, 100.0 * y, w, method="gd", step="certified")


@pytest.mark.parametrize("theorem", ["conditioning", "liu-zhu-belkin-kernel"])
def test_the_kernel_on_a_ball(theorem):
    network, _, w = published(10, 5_000)
    certificate = nlsolve.certify(network, 0.0, w, theorem=theorem, radius=0.02)
    assert certificate.holds
    assert certificate.evidence is Evidence.PROVED
    for seed in range(3):
        away = np.random.default_rng(seed).standard_normal(network.m)
        J = network.values(w + 0.02 * away / np.linalg.norm(away))[1]
        assert np.linalg.eigvalsh(J.gram())[0] >= certificate.mu


def test_constants_of_the_user_and_samples_are_still_asked_for():
    network = KINDS[0]
    w = network.initial(1)
    y = network(w) + 1e-6
    assumed = nlsolve.certify(network, y, w, lipschitz=10.0)
    estimated = nlsolve.certify(network, y, w, evidence="estimated")
    assert (assumed.evidence, estimated.evidence) == (Evidence.ASSUMED, Evidence.ESTIMATED)


def test_what_is_of_scaled_unknowns_is_no_proof():
    network = KINDS[0]
    w = network.initial(1)
    sol = nlsolve.solve(network, network(w) + 1e-3, w, x_scale=2.0, method="gauss-newton")
    assert sol.start_certificate.evidence is Evidence.ESTIMATED
    assert sol.certified_from == 0
    assert sol.certificate.evidence is Evidence.PROVED  # of F in w itself


def test_single_precision_is_a_matter_of_steps_not_of_the_network():
    X = np.array([[1.0, 0.5], [-0.5, 1.0]])
    single, double = (Dense(X, 50, dtype=dtype, rng=0) for dtype in ("float32", "float64"))
    w = single.initial(0)
    y = double(w) + 1e-3
    found = [nlsolve.certify(network, y, w) for network in (single, double)]
    assert found[0].radius == found[1].radius


def test_there_is_no_file_and_the_error_says_so(tmp_path):
    network = KINDS[0]
    w = network.initial(1)
    certificate = nlsolve.certify(network, network(w) + 1e-6, w)
    with pytest.raises(ValueError, match="a network has no file"):
        certificate.save(tmp_path / "certificate.json")


def test_no_right_inverse_is_formed():
    network = KINDS[0]
    w = network.initial(1)
    certificate = nlsolve.certify(network, network(w), w, theorem="right-inverse")
    assert "no right inverse is formed" in certificate.reason


def test_trainings_keep_what_is_proved():
    found = trainings(8, 7)
    assert len(found) == 8
    for one in found:
        assert max(one.residual, one.distance, one.nearest) <= 1.0, one
        assert one.reached < 1.0
