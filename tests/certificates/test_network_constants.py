"""Are the constants of networks never too small, and attained where they can be?

Below: adversarial curvatures of every kind of network, by power iteration on differences of J.
Attained: shallow networks (closed forms of THEORY's kind), and networks whose layers are one unit
wide, whose second derivatives are written down. K and F: by mpmath, with the networks written
again.
"""

import math

import mpmath
import numpy as np
import pytest

from nlsolve.certificates.constants.network import NetworkBounds
from nlsolve.certificates.constants.network_point import NetworkPoint
from nlsolve.certificates.evidence import Ball
from nlsolve.networks import Convolutional, Dense, Residual
from nlsolve.systems.checks import first_evaluation
from tests.networks.given import CASES, case, label

SMOOTH = [(kind, words) for kind, words in CASES if words.get("activation") != "relu"]
STEEPEST = math.atanh(1.0 / math.sqrt(3.0))  # where |tanh''| is largest
SHARPEST = 4.0 / (3.0 * math.sqrt(3.0))


def bounds_at(network, w):
    problem, r, J = first_evaluation(network, 0.0, w, None)
    return NetworkBounds(NetworkPoint(problem, w, r, J.jacobian))


def jacobian(network, w):
    return network.values(w)[1].array()


def curvature(network, w, rng, climbs=4):
    """Return the largest |D^2F[u, .]| met by power iteration, from below."""
    u, most = rng.standard_normal(network.m), 0.0
    for _ in range(climbs):
        step = 1e-4 * u / np.linalg.norm(u)
        change = jacobian(network, w + step) - jacobian(network, w - step)
        _, values, vectors = np.linalg.svd(change / 2e-4, full_matrices=False)
        most, u = max(most, float(values[0])), vectors[0]
    return most


@pytest.mark.parametrize(("kind", "words"), SMOOTH, ids=label)
def test_no_sample_is_above_the_constants(kind, words):
    network, w = case(kind, words)
    source, rng = bounds_at(network, w), np.random.default_rng(1)
    for radius in (0.0, 0.5):
        known = source.over(radius)
        for _ in range(2):
            away = rng.standard_normal(network.m)
            there = w + radius * away / np.linalg.norm(away)
            J = jacobian(network, there)
            assert curvature(network, there, rng) <= known.beta * (1.0 + 1e-6) + 1e-7
            assert np.linalg.norm(J, 2) <= known.L_F * (1.0 + 1e-12)
            assert np.linalg.norm(J, axis=1).max() <= known.G * (1.0 + 1e-12)


@pytest.mark.parametrize(("kind", "words"), SMOOTH, ids=label)
def test_the_kernel_and_the_derivatives_backward_are_enclosed(kind, words):
    network, w = case(kind, words)
    passes = bounds_at(network, w).point.passes
    J = network.values(w)[1]
    K, array = passes.kernel(), J.array()
    size = 1e-11 * (1.0 + np.abs(array @ array.T).max())
    assert np.abs(K.lo - array @ array.T).max() < size
    assert np.abs(K.hi - array @ array.T).max() < size
    for D, seen in zip(passes.backward[1], J.D, strict=True):
        rounding = 1e-14 * (1.0 + np.abs(seen).max())
        assert (D.lo <= seen + rounding).all()
        assert (D.hi >= seen - rounding).all()


def forward(network, w, number):
    """Return a network of one position, in mpmath: values of the sample with this number."""
    a, first = [mpmath.mpf(x) for x in network.X[number]], 0
    for layer in network.layers:
        s = 1 / mpmath.sqrt(layer.inputs)
        W = [w[first + i * layer.inputs :][: layer.inputs] for i in range(layer.outputs)]
        first += layer.inputs * layer.outputs
        b = w[first : first + layer.outputs] if layer.bias else [0] * layer.outputs
        first += layer.outputs if layer.bias else 0
        z = [s * mpmath.fdot(row, a) + c for row, c in zip(W, b, strict=True)]
        out = z if layer.act == "linear" else [mpmath.tanh(x) for x in z]
        a = [x + y for x, y in zip(a, out, strict=True)] if layer.skip else out
    return a


@pytest.mark.parametrize(
    "network",
    [
        Dense(np.array([[1.5, -0.3], [0.2, 2.0]]), [3, 2], outputs=2, bias=True),
        Residual(np.array([[1.5, -0.3], [0.2, 2.0]]), 2, blocks=2, output="tanh"),
    ],
    ids=["dense", "residual"],
)
def test_values_and_the_kernel_to_high_precision(network):
    w = network.initial(4) + 0.1
    point = bounds_at(network, w).point
    with mpmath.workdps(60):
        exact, step = [mpmath.mpf(x) for x in w], mpmath.mpf(10) ** -25
        values = [f for i in range(2) for f in forward(network, exact, i)]
        columns = []
        for j in range(network.m):
            moved = [x + step * (k == j) for k, x in enumerate(exact)]
            back = [x - step * (k == j) for k, x in enumerate(exact)]
            ends = [[f for i in range(2) for f in forward(network, x, i)] for x in (moved, back)]
            columns.append([(a - b) / (2 * step) for a, b in zip(*ends, strict=True)])
        K = [[mpmath.fdot((c[e], c[f]) for c in columns) for f in range(network.n)]
             for e in range(network.n)]  # fmt: skip
        inside = point.passes.values
        assert all(a <= v <= b for a, v, b in zip(inside.lo, values, inside.hi, strict=True))
        low, high = point.enclosed_kernel.lo, point.enclosed_kernel.hi
        for e in range(network.n):
            assert all(low[e, f] <= K[e][f] <= high[e, f] for f in range(network.n))
        least = min(mpmath.eigsy(mpmath.matrix(K), eigvals_only=True))
        assert 0.999999 * least <= point.sigma_min**2 <= least


def shallow(rng, n=7, d=5, width=12, **words):
    X = rng.standard_normal((n, d))
    network = Dense(math.sqrt(d) * X, width, rng=rng, **words)
    return X, network, network.initial(rng)


def test_hidden_units_of_a_shallow_network_have_the_closed_form():
    X, network, w = shallow(np.random.default_rng(2), train="hidden")
    longest = np.linalg.norm(X, axis=1).max()
    expected = SHARPEST * np.linalg.norm(X, 2) * longest / math.sqrt(12)
    known = bounds_at(network, w)
    assert known.over(0.0).beta == pytest.approx(expected, rel=1e-9)
    assert known.over(5.0).beta == pytest.approx(expected, rel=1e-9)  # good everywhere


def test_both_layers_of_a_shallow_network_have_the_closed_form():
    X, network, w = shallow(np.random.default_rng(2))
    v, R = network.unpack(w)["output weights"], 0.7
    size, longest = np.linalg.norm(X, 2), np.linalg.norm(X, axis=1).max()
    a = (np.abs(v).max() + math.sqrt(1.0) * R) * SHARPEST * size * longest / math.sqrt(12)
    b = size / math.sqrt(12)
    expected = a / 2.0 + math.sqrt(a * a / 4.0 + b * b)
    assert bounds_at(network, w).over(R).beta == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("output", ["linear", "tanh"])
def test_a_single_unit_attains_its_curvature(output):
    act, train = ("tanh", "hidden") if output == "linear" else ("linear", "output")
    network = Dense([[2.0]], 1, train=train, activation=act, output=output, rng=0)
    w = np.array([STEEPEST / 2.0])
    if output == "tanh":
        w = STEEPEST / jacobian(network, np.zeros(1))[0]
    seen = curvature(network, w, np.random.default_rng(0), 1)
    assert bounds_at(network, w).over(0.0).beta == pytest.approx(seen, rel=1e-6)


def test_a_bias_alone_attains_its_curvature():
    network = Dense([[0.0]], 1, train=["hidden 1"], bias=True, rng=0)
    known = bounds_at(network, np.array([3.0, STEEPEST])).over(0.0)
    assert known.beta == pytest.approx(SHARPEST, rel=1e-9)
    assert pytest.approx(1.0, rel=1e-9) == known.L_F


def scalar_hessian(factors, x):
    """Return |d^2 f| entry by entry, f the product of the factors and x."""
    numbers = range(len(factors))
    others = [[[k for k in numbers if k not in (i, j)] for j in numbers] for i in numbers]
    H = np.abs(x * np.array([[np.prod(np.take(factors, k)) for k in row] for row in others]))
    return H - np.diag(np.diagonal(H))


@pytest.mark.parametrize("w", [(2.0, 3.0, 5.0), (0.1, 7.0, 0.2), (4.0, 0.0, 0.3)])
def test_linear_units_in_a_row_attain_theirs(w):
    known = bounds_at(Dense([[1.7]], [1, 1], activation="linear"), np.array(w)).over(0.0)
    assert known.beta == pytest.approx(np.linalg.norm(scalar_hessian(w, 1.7), 2), rel=1e-9)


@pytest.mark.parametrize("w", [(2.0, 3.0, 5.0, 0.4), (0.1, 7.0, 0.2, 2.0), (4.0, 0.0, 0.3, 5.0)])
def test_linear_units_with_their_input_added_attain_theirs(w):
    known = bounds_at(Residual([[1.7]], 1, blocks=2, activation="linear"), np.array(w)).over(0.0)
    H = scalar_hessian((w[0], 1.0 + w[1], 1.0 + w[2], w[3]), 1.7)
    assert known.beta == pytest.approx(np.linalg.norm(H, 2), rel=1e-9)


@pytest.mark.parametrize("away", [0, 1, 2])
def test_the_ball_counts_in_every_factor(away):
    network, R = Dense([[1.0]], [1, 1], activation="linear"), 3.0
    known = bounds_at(network, np.zeros(3)).over(R)
    there = R * np.eye(3)[away]
    assert known.beta >= np.linalg.norm(scalar_hessian(there, 1.0), 2)
    assert known.beta == pytest.approx(2.0 * R, rel=1e-9)  # R everywhere but on the diagonal
    assert (
        2.0 * (R / math.sqrt(3.0)) ** 2 / 2.0 * math.sqrt(3.0) <= known.L_F
    )  # at (1, 1, 1) R/root 3


def test_output_weights_that_grow_count_in_the_curvature():
    network, R = Dense([[100.0]], 1), 1.0
    known = bounds_at(network, np.array([STEEPEST / 100.0, 0.0])).over(R)
    there = np.array([STEEPEST / 100.0, R])  # f = v tanh(100 u), f_uu = 10^4 v tanh''
    assert known.beta >= 1e4 * SHARPEST * 0.9999
    assert known.beta >= curvature(network, there, np.random.default_rng(0), 6)


def test_slopes_that_change_above_count_in_the_curvature_below():
    network, w, R = Dense([[1.0]], [1, 1], activation="softplus", train=["hidden 1"]), 300.0, 301.0
    network.own(network.fixed, 1)[...] = -0.1  # at w the slope of the second unit is 1e-13
    network.own(network.fixed, 2)[...] = 1.0
    seen = curvature(network, np.zeros(1), np.random.default_rng(0), 1)
    assert seen > 0.01
    assert bounds_at(network, np.array([w])).over(R).beta >= seen


def test_overlapping_patches_attain_their_slope():
    network = Convolutional(np.ones((1, 400, 1)), [1, 1], activation="linear", rng=0,
                            train=["hidden 1"], parameterization="standard")  # fmt: skip
    whole = network.fixed
    network.own(whole, 1)[...] = 1.0
    network.own(whole, 2)[...] = 1.0
    known = bounds_at(network, np.ones(3)).over(0.0)
    assert np.linalg.norm(jacobian(network, np.ones(3)), 2) <= known.L_F
    assert 1.01 * np.linalg.norm(jacobian(network, np.ones(3)), 2) >= known.L_F


def test_constants_grow_with_the_ball_and_overflow_is_refused():
    network, w = case("dense", {"activation": "tanh", "outputs": 2})
    source = bounds_at(network, w)
    beta = [source.over(R).beta for R in (0.0, 0.1, 1.0, 10.0)]
    assert beta == sorted(beta)
    assert beta[0] > 0.0
    with pytest.raises(Exception, match="overflow"):
        source.bounds(Ball(w, 1e200))
