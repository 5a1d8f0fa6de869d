"""Which wide systems are models: networks, chemistry, radiation, power?"""

import numpy as np

from tests.zoo.problem import Problem, entry


def tanh_network(n):
    """One hidden layer through n points of tanh(2x) - tanh(3x - 1) / 2 on [-1, 1].

    w = (input weights, biases, output weights), as many neurons as w.size / 3.
    """

    def F(w):
        width = w.size // 3
        out = np.empty(n, w.dtype)
        for i in range(n):
            x = 2.0 * i / (n - 1.0) - 1.0
            out[i] = 0.5 * np.tanh(3.0 * x - 1.0) - np.tanh(2.0 * x)
            for k in range(width):
                out[i] += w[2 * width + k] * np.tanh(w[k] * x + w[width + k])
        return out

    def jac(w):
        width = w.size // 3
        J = np.empty((n, 3 * width))
        for i in range(n):
            x = 2.0 * i / (n - 1.0) - 1.0
            for k in range(width):
                value = np.tanh(w[k] * x + w[width + k])
                slope = w[2 * width + k] * (1.0 - value**2)
                J[i, k] = slope * x
                J[i, width + k] = slope
                J[i, 2 * width + k] = value
        return J

    return F, jac


def chemical_equilibrium(w):
    """Mass action in (H2, O2, H, O, OH, H2O) and the balance of hydrogen; oxygen is left free."""
    return np.array(
        [
            w[2] ** 2 - 0.01 * w[0],
            w[3] ** 2 - 0.01 * w[1],
            w[4] ** 2 - w[0] * w[1],
            w[5] ** 2 - 16.0 * w[0] ** 2 * w[1],
            2.0 * w[0] + w[2] + w[4] + 2.0 * w[5] - 6.6,
        ]
    )


def chemical_equilibrium_jac(w):
    J = np.zeros((5, 6))
    for k in range(4):
        J[k, k + 2] = 2.0 * w[k + 2]
    J[0, 0] = -0.01
    J[1, 1] = -0.01
    J[2, 0] = -w[1]
    J[2, 1] = -w[0]
    J[3, 0] = -32.0 * w[0] * w[1]
    J[3, 1] = -16.0 * w[0] ** 2
    J[4, 0] = 2.0
    J[4, 2] = 1.0
    J[4, 4] = 1.0
    J[4, 5] = 2.0
    return J


def chandrasekhar_branch(w):
    """The H-equation at the nodes (i + 1/2) / n, its albedo c the last unknown."""
    n = w.size - 1
    out = np.empty(n, w.dtype)
    for i in range(n):
        total = 0.0 * w[0]
        for j in range(n):
            total += (i + 0.5) * w[j] / (i + j + 1.0)
        out[i] = w[i] * (1.0 - 0.5 * w[n] / n * total) - 1.0
    return out


def chandrasekhar_branch_jac(w):
    n = w.size - 1
    J = np.zeros((n, n + 1))
    for i in range(n):
        total = 0.0
        for j in range(n):
            total += (i + 0.5) * w[j] / (i + j + 1.0)
            J[i, j] = -0.5 * w[i] * w[n] / n * (i + 0.5) / (i + j + 1.0)
        J[i, i] += 1.0 - 0.5 * w[n] / n * total
        J[i, n] = -0.5 * w[i] / n * total
    return J


def power_flow(w):
    """Three buses, lossless lines of susceptance 10; w = three voltages, two angles.

    Given are the injections P2, Q2, P3; no voltage is, not even at the slack bus (angle 0).
    """
    angle = np.zeros(3, w.dtype)
    angle[1] = w[3]
    angle[2] = w[4]
    p2 = 10.0 + 0.0 * w[0]
    q2 = 10.0 * np.sqrt(3.0) - 20.0 + 0.0 * w[0]
    p3 = -5.0 + 0.0 * w[0]
    for j in range(3):
        p2 += 10.0 * w[1] * w[j] * np.sin(angle[1] - angle[j])
        q2 += 10.0 * w[1] * (w[1] - w[j] * np.cos(angle[1] - angle[j]))
        p3 += 10.0 * w[2] * w[j] * np.sin(angle[2] - angle[j])
    return np.array([p2, q2, p3])


def power_flow_jac(w):
    angle = np.array([0.0, w[3], w[4]])
    J = np.zeros((3, 5))
    for row, bus in ((0, 1), (2, 2)):
        for j in range(3):
            sine = 10.0 * np.sin(angle[bus] - angle[j])
            cosine = 10.0 * w[bus] * w[j] * np.cos(angle[bus] - angle[j])
            J[row, bus] += w[j] * sine
            J[row, j] += w[bus] * sine
            J[row, bus + 2] += cosine
            if j > 0:
                J[row, j + 2] -= cosine
    for j in range(3):
        cosine = 10.0 * np.cos(angle[1] - angle[j])
        sine = 10.0 * w[1] * w[j] * np.sin(angle[1] - angle[j])
        J[1, 1] += 20.0 * w[1] - w[j] * cosine
        J[1, j] -= w[1] * cosine
        J[1, 3] += sine
        if j > 0:
            J[1, j + 2] -= sine
    return J


def spread_weights(width: int) -> list[float]:
    """A start without symmetry between the neurons."""
    k = np.arange(width)
    return [*2.0 * np.cos(k + 1.0), *np.sin(2.0 * k + 1.0), *0.3 * (-1.0) ** k]


def teacher(width: int) -> list[float]:
    """The two neurons that made the data; the others have output weight zero."""
    inner = np.array(spread_weights(width)[: 2 * width]).reshape(2, width)
    inner[:, :2] = [[2.0, 3.0], [0.0, -1.0]]
    return [*inner.ravel(), 1.0, -0.5, *[0.0] * (width - 2)]


NETWORK = "interpolation by a network wider than the data; the data come from two of its neurons"
network_6, network_6_jac = tanh_network(6)
network_10, network_10_jac = tanh_network(10)

WIDE_MODELS: list[Problem] = [
    entry(
        "tanh network, 6 points",
        network_6,
        network_6_jac,
        spread_weights(8),
        NETWORK,
        teacher(8),
    ),
    entry(
        "tanh network, 10 points",
        network_10,
        network_10_jac,
        spread_weights(13),
        NETWORK,
        teacher(13),
    ),
    entry(
        "chemical equilibrium",
        chemical_equilibrium,
        chemical_equilibrium_jac,
        [1.0] * 6,
        "mass action for hydrogen and oxygen; constants chosen for a round root",
        [1.0, 0.25, 0.1, 0.05, 0.5, 2.0],
    ),
    entry(
        "Chandrasekhar branch",
        chandrasekhar_branch,
        chandrasekhar_branch_jac,
        [1.0] * 10 + [0.9],
        "TEST_NONLIN 23 multiplied out, c unknown; H = 1 at c = 0",
        [1.0] * 10 + [0.0],
    ),
    entry(
        "power flow with free voltages",
        power_flow,
        power_flow_jac,
        [1.0, 1.0, 1.0, 0.0, 0.0],
        "AC power flow, e.g. J. Grainger, W. Stevenson, Power System Analysis (1994)",
        [1.0, 1.0, 1.0, -np.pi / 6.0, 0.0],
    ),
]
