"""Do starts, views, files, other samples and other precisions do what they say?"""

import pickle

import numpy as np
import pytest

import nlsolve
from nlsolve.networks import Convolutional, Dense, Residual
from nlsolve.networks.activations import ACTIVATIONS
from tests.networks.given import KINDS, data


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("train", ["all", "hidden"])
def test_an_antisymmetric_start_is_at_zero(kind, train):
    network = KINDS[kind](antisymmetric=True, outputs=2, train=train)
    start = network.initial(4)
    assert np.abs(network(start)).max() < 1e-14
    assert np.abs(start).max() > 0.5


def test_starts_are_repeatable_and_normal():
    network = Dense(data(5, 3), [300, 200])
    w = network.initial(4)
    np.testing.assert_array_equal(w, network.initial(4))
    assert abs(w.std() - 1.0) < 0.02
    standard = Dense(data(5, 3), [300, 200], outputs=10, parameterization="standard")
    sizes = {name: W.std() * np.sqrt(W.shape[1]) for name, W in
             standard.unpack(standard.initial(4)).items()}  # fmt: skip
    assert sizes == pytest.approx(dict.fromkeys(sizes, 1.0), abs=0.06)


def test_output_weights_that_are_not_trained_are_signs():
    network = Dense(np.eye(3), 50, train="hidden", rng=0)
    assert set(network.fixed[-50:]) == {-1.0, 1.0}
    hidden = network.unpack(network.initial(1))["hidden 1 weights"]
    by_hand = np.tanh(hidden.T / np.sqrt(3)) @ network.fixed[-50:] / np.sqrt(50)
    np.testing.assert_allclose(network(network.initial(1)), by_hand, rtol=1e-13)


def test_views_are_of_the_parameters():
    network = Dense(data(5, 3), [4], bias=True, outputs=2)
    w = np.arange(float(network.m))
    views = network.unpack(w)
    assert {name: view.shape for name, view in views.items()} == {
        "hidden 1 weights": (4, 3), "hidden 1 biases": (4,),
        "output weights": (2, 4), "output biases": (2,),
    }  # fmt: skip
    views["output biases"][:] = -1.0
    assert (w[-2:] == -1.0).all()
    np.testing.assert_array_equal(np.concatenate([v.ravel() for v in views.values()]), w)


@pytest.mark.parametrize("kind", KINDS)
def test_predictions_on_the_samples_are_the_equations(kind):
    network = KINDS[kind](outputs=2)
    w = network.initial(0)
    np.testing.assert_array_equal(network.predict(w, network.X).ravel(), network(w))
    one = KINDS[kind]()
    assert one.predict(one.initial(0), one.X[:3]).shape == (3,)


def test_predictions_on_samples_of_another_shape():
    network = Dense(data(5, 3), 4)
    with pytest.raises(
        ValueError, match=r"X_new must be samples of shape \(3,\), got shape \(2, 4\)"
    ):
        network.predict(network.initial(0), np.zeros((2, 4)))


def test_parameters_in_a_file(tmp_path):
    network = Dense(data(5, 3), [4], bias=True)
    w = network.initial(2)
    network.save(tmp_path / "w.npz", w)
    np.testing.assert_array_equal(network.load(tmp_path / "w.npz"), w)
    with pytest.raises(ValueError, match="path holds parameters"):
        Dense(data(5, 3), [5], bias=True).load(tmp_path / "w.npz")


def test_single_precision():
    double, single = (Dense(data(8, 3), [60], dtype=kind) for kind in ("float64", "float32"))
    w, y = double.initial(0), np.linspace(-0.5, 0.5, 8)
    assert single(w).dtype == np.float32
    np.testing.assert_allclose(single(w), double(w), atol=1e-6)
    sol = nlsolve.solve(single, y, w, method="gauss-newton", tol=1e-5)
    assert sol.success
    np.testing.assert_allclose(double(sol.w), y, atol=1e-4)


def test_a_network_can_be_pickled():
    network = Convolutional(data(4, 6, 2), [3])
    w = network.initial(0)
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(network))(w), network(w))


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_suprema_are_bounds_and_nearly_attained(name):
    activation = ACTIVATIONS[name]
    z = np.linspace(-24.0, 24.0, 4_800_001)
    slope = activation.slope(z, activation.value(z))
    assert np.abs(slope).max() == pytest.approx(activation.steepest, rel=1e-9)
    if name != "relu":
        second = np.abs(np.diff(slope)).max() / (z[1] - z[0])
        assert second == pytest.approx(activation.sharpest, rel=1e-5, abs=1e-9)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Dense(data(3), 4), r"X must have shape \(N, d\), got shape \(3,\)"),
        (lambda: Dense([[np.nan]], 4), "X must be finite"),
        (lambda: Dense(data(3, 2), [4, 0]), r"widths must be positive integers, got \[4, 0\]"),
        (lambda: Dense(data(3, 2), 4, activation="tan"), "activation must be one of 'linear', 'ta"),
        (lambda: Dense(data(3, 2), 4, output="tan"), "output must be one of"),
        (lambda: Dense(data(3, 2), 4, train="first"), "train must be one of 'all', 'hidden', 'out"),
        (lambda: Dense(data(3, 2), 4, dtype="float16"), "dtype must be one of float64, float32"),
        (lambda: Dense(data(3, 2), 4, parameterization="mup"), "parameterization must be one of"),
        (lambda: Dense(data(3, 2), 5, antisymmetric=True), "an even width of the last hidden"),
        (lambda: Dense(data(3, 2), 4, antisymmetric=True, output="sigmoid"), "is not 0 at 0"),
        (lambda: Residual(data(3, 2), 4, blocks=0), "blocks must be 1 positive integers, or one"),
        (lambda: Convolutional(data(3, 2), 4), r"X must have shape \(N, length, c\) or"),
        (lambda: Convolutional(data(3, 2, 1), 4, padding="full"), "padding must be one of 'same'"),
        (lambda: Convolutional(data(3, 2, 1), 4, padding="valid"), "nothing is left"),
    ],
)
def test_bad_arguments(make, message):
    with pytest.raises(ValueError, match=message):
        make()


def test_a_start_of_the_wrong_size():
    network = Dense(data(3, 2), 4)
    with pytest.raises(nlsolve.EvaluationError, match="12 trained parameters; start from initial"):
        nlsolve.solve(network, 0.0, np.zeros(3))
