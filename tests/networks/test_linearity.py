"""Is the measured second derivative the true one, and does it fall with the width where it must?"""

import numpy as np
import pytest

from nlsolve.networks import Dense, linearity
from tests.networks.given import KINDS, data


def second_derivatives(network, w):
    """Return D^2 F, (n, m, m), by central differences of J."""
    h, parts = 1e-5, []
    for unit in np.eye(network.m):
        ahead, behind = network.values(w + h * unit)[1], network.values(w - h * unit)[1]
        parts.append((ahead.array() - behind.array()) / (2.0 * h))
    return np.stack(parts, axis=2)


def largest(T):
    """Return sup |T[u, v]| by many alternating maximisations."""
    best = 0.0
    for seed in range(40):
        u = np.random.default_rng(seed).standard_normal(T.shape[2])
        for _ in range(60):
            _, sizes, rows = np.linalg.svd(T @ u, full_matrices=False)
            u = rows[0]
        best = max(best, sizes[0])
    return best


@pytest.mark.parametrize("kind", KINDS)
def test_hessian_norm_against_all_second_derivatives(kind):
    network = KINDS[kind]()
    w = network.initial(0)
    expected = largest(second_derivatives(network, w))
    found = linearity(network, w, 0.5).hessian_norm
    assert found <= expected * (1.0 + 1e-5)
    assert found >= 0.95 * expected


def test_a_single_product_of_weights():
    """F = v u x: D^2 F[u, v] has norm |x| between the two weights."""
    network = Dense([[3.0]], 1, activation="linear", parameterization="standard")
    found = linearity(network, [1.0, 2.0], 0.1)
    assert found.hessian_norm == pytest.approx(3.0, rel=1e-6)
    assert found.lambda_min == pytest.approx(9.0 * (1.0 + 4.0), rel=1e-12)


def test_a_linear_network_is_linear():
    network = Dense(data(4, 3), 7, activation="linear", train="output", rng=0)
    found = linearity(network, network.initial(0), 2.0)
    assert found.hessian_norm < 1e-8
    assert found.kernel_change < 1e-12


def test_transition_to_linearity():
    """Slope -1/2 of the Hessian's norm for a linear output, and none for a nonlinear one."""
    X, widths = data(8, 4), np.array([64, 256, 1024, 4096])
    slopes = {}
    for output in ("linear", "tanh"):
        networks = [Dense(X, int(width), output=output) for width in widths]
        norms = [linearity(net, net.initial(1)).hessian_norm for net in networks]
        slopes[output] = np.polyfit(np.log(widths), np.log(norms), 1)[0]
    assert slopes["linear"] == pytest.approx(-0.5, abs=0.1)
    assert slopes["tanh"] > -0.2


def test_a_radius_that_is_none():
    network = Dense(data(4, 3), 5)
    with pytest.raises(ValueError, match="radius must be a positive number, got 0"):
        linearity(network, network.initial(0), 0.0)
