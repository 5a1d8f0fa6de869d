"""Certificates made of what blocks know, against those of the same system in one piece."""

import numpy as np
import pytest

import nlsolve
from nlsolve.distributed import columns, hidden_units
from tests.distributed.parts import TARGET, M, P, columns_part, whole_columns, whole_jacobian

X = np.random.default_rng(0).standard_normal((12, 4))
Y = np.sin(X[:, 0])


@pytest.fixture(scope="module")
def trained():
    """A network in blocks, a root of it, and the same network in one piece with that root."""
    network = hidden_units(X, [60, 50, 40, 50], rng=0)
    sol = nlsolve.solve(network, Y)
    parts = [sol.w.part(p) for p in range(4)]
    both = list(zip(parts, SIZES, strict=True))
    weights = [part[: 4 * units].reshape(units, 4) for part, units in both]
    outputs = [part[4 * units :] for part, units in both]
    return network, sol, np.concatenate([np.vstack(weights).ravel(), *outputs])


SIZES = [60, 50, 40, 50]


def test_hidden_units_are_those_of_one_network(trained):
    network, sol, w = trained
    whole = nlsolve.networks.Dense(X, [200])
    np.testing.assert_allclose(network(sol.w), whole(w), rtol=0.0, atol=1e-13)
    new = np.random.default_rng(5).standard_normal((7, 4))
    J, order = network.values(sol.w)[1].array(), np.argsort(_place_in_whole())
    np.testing.assert_allclose(J[:, order], whole.values(w)[1].array(), rtol=0.0, atol=1e-13)
    np.testing.assert_allclose(network.predict(sol.w, new), whole.predict(w, new), atol=1e-13)


def _place_in_whole():
    """Return where each unknown of the blocks is among those of the whole network."""
    places, hidden, output = [], 0, 4 * sum(SIZES)
    for units in SIZES:
        places += [*range(hidden, hidden + 4 * units), *range(output, output + units)]
        hidden, output = hidden + 4 * units, output + units
    return places


def test_a_network_in_blocks_is_proved_with_the_constants_of_the_whole(trained):
    _, sol, w = trained
    whole = nlsolve.certify(nlsolve.networks.Dense(X, [200]), Y, w, method=None)
    found = sol.certificate
    assert found.evidence.word == whole.evidence.word == "proved"
    for name in ("sigma_min", "sigma_max"):
        np.testing.assert_allclose(getattr(found, name), getattr(whole, name), rtol=1e-8)
    np.testing.assert_allclose(found.beta, whole.beta, rtol=0.05)  # the largest of the blocks'
    assert found.distance[1] < 1e-7


@pytest.mark.parametrize(("train", "size"), [("all", 0.01), ("hidden", 0.1)])
def test_start_promises_hold_on_the_run(train, size):
    network = hidden_units(X, [4000] * 4, rng=0, antisymmetric=True, train=train)
    sol = nlsolve.solve(network, size * Y, method="gauss-newton")
    assert sol.start_certificate.holds
    assert sol.start_certificate.evidence.word == "proved"
    assert sol.check_promise().kept
    assert sol.certified_from == 0


def test_functions_in_blocks_are_estimated_like_the_whole():
    system = columns(columns_part, range(P))
    sol = nlsolve.solve(system, TARGET, method="gauss-newton")
    found = sol.certificate
    whole = nlsolve.certify(
        whole_columns, TARGET, np.asarray(sol.w), jac=whole_jacobian, method=None,
        evidence="estimated",
    )  # fmt: skip
    assert found.holds
    assert found.evidence.word == "estimated"
    np.testing.assert_allclose(found.sigma_min, whole.sigma_min, rtol=1e-9)
    np.testing.assert_allclose(found.sigma_max, whole.sigma_max, rtol=1e-9)
    # rows of J_p are (1 + cos(z)/2) A_p, so beta_p <= |A_p|^2 / 2 max row
    assert found.beta > 0.0
    refused = nlsolve.certify(system, TARGET, sol.w, method=None, evidence="proved")
    assert not refused.holds
    assert "neither formulas nor a smooth network" in refused.reason


def formulas_part(p):
    return nlsolve.parse(f"x + sin(x + {p + 1}*y); x*y + {p}*y**2 + y"), [0.1, 0.2]


def test_formulas_in_blocks_are_proved_like_the_whole():
    system = columns(formulas_part, range(3))
    sol = nlsolve.solve(system, [0.3, 0.2])
    names = [(f"x{p}", f"y{p}") for p in range(3)]
    first = " + ".join(f"{x} + sin({x} + {p + 1}*{y})" for p, (x, y) in enumerate(names))
    second = " + ".join(f"{x}*{y} + {p}*{y}**2 + {y}" for p, (x, y) in enumerate(names))
    w = np.asarray(sol.w)
    whole = nlsolve.parse(f"{first}; {second}", unknowns=[name for both in names for name in both])
    expected = nlsolve.certify(whole, [0.3, 0.2], w, method=None, theorem="existence")
    found = sol.certificate
    assert found.evidence.word == expected.evidence.word == "proved"
    np.testing.assert_allclose(found.sigma_min, expected.sigma_min, rtol=1e-6)
    assert found.beta <= expected.beta * (1.0 + 1e-6) * 3.0  # never looser than all together


def test_beta_of_blocks_is_never_below_what_the_whole_shows():
    """|J(u) - J(v)| / |u - v| over random pairs of the ball."""
    system = columns(formulas_part, range(3))
    w = np.array([0.3, -0.2, 0.1, 0.4, -0.5, 0.2])
    point, source = system.constants_at(*_at(system, w))
    from nlsolve.certificates.evidence import Ball

    beta = next(b for b in source.bounds(Ball(point.w, 0.5)) if b.quantity == "beta")
    blocks = [nlsolve.parse(f"x + sin(x + {p + 1}*y); x*y + {p}*y**2 + y") for p in range(3)]

    def jacobian(z):
        return np.hstack([b.jacobian(z[2 * p : 2 * p + 2], 2) for p, b in enumerate(blocks)])

    rng = np.random.default_rng(0)
    for _ in range(300):
        u, v = (w + 0.5 * d / max(np.linalg.norm(d), 1.0) for d in rng.standard_normal((2, 6)))
        change = np.linalg.norm(jacobian(u) - jacobian(v), 2)
        assert change <= float(beta.value.hi) * np.linalg.norm(u - v) * (1.0 + 1e-12)


def _at(system, w):
    from nlsolve.certificates.asked import Asked
    from nlsolve.systems.checks import first_evaluation

    shards = system.vector(w, "w")
    problem, r, J = first_evaluation(system, 0.0, shards, None)
    return problem, (shards, r, J), Asked()


def test_lipschitz_that_is_given_is_taken_as_given():
    system = columns(columns_part, range(P))
    sol = nlsolve.solve(system, TARGET, method="gauss-newton", certify={"lipschitz": 60.0})
    assert sol.certificate.evidence.word == "assumed"
    assert sol.certificate.holds
    assert sol.w.size == M * P
