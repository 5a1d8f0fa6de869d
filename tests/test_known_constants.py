"""Are the constants of the generated systems what tests/zoo/known_constants.py says they are?

Nothing here uses how a system was built: Jacobians are compared with complex steps, singular values
come from LAPACK, and Lipschitz constants are attacked through the Jacobian alone. A Jacobian's
second derivative D^2 F [d, .] has the worst directions among its singular vectors (D^2 F is
symmetric), so one step of power iteration from a random d proposes them, and the line through the
centre along each is searched. Quotients are formed in extended precision: for condition 1e6 and
h = 1e-6 the Jacobian moves by 1e-12 of itself over the whole ball.
"""

import itertools
from collections import Counter

import numpy as np
import pytest

from tests.zoo import known_constants as zoo
from tests.zoo.known_constants import Known, known_system, known_systems

SYSTEMS = list(known_systems(320, seed=7))
EXTENDED = np.finfo(np.longdouble)

every_system = pytest.mark.parametrize("known", SYSTEMS, ids=lambda known: known.name)


def at_start(known: Known) -> tuple[np.ndarray, float, float]:
    """Singular values of J(w0), rho0 and the radius 2 rho0 / sigma0."""
    s = np.linalg.svd(known.jac(known.w0), compute_uv=False)
    rho0 = float(np.linalg.norm(known.F(known.w0) - known.y))
    return s, rho0, 2.0 * rho0 / float(s[-1])


def in_ball(rng: np.random.Generator, centre: np.ndarray, radius: float) -> np.ndarray:
    step = rng.standard_normal(len(centre))
    return centre + rng.random() * radius / np.linalg.norm(step) * step


def quotient(known: Known, u: np.ndarray, v: np.ndarray) -> tuple[float, float]:
    """|J(u) - J(v)|_2 / |u - v| and what rounding may have added to it or taken from it."""
    J, other = (known.jac(w.astype(np.longdouble)) for w in (u, v))
    distance = float(np.linalg.norm(u.astype(np.longdouble) - v))
    size = float(np.linalg.norm(J) + np.linalg.norm(other))
    change = np.linalg.norm((J - other).astype(float), 2)
    return float(change) / distance, 8.0 * float(EXTENDED.eps) * size / distance


def steepest_cell(known: Known, nodes: np.ndarray, d: np.ndarray) -> tuple[float, int]:
    """Return the largest |J(u) d - J(v) d| / |u - v| of neighbouring nodes, and where it is."""
    values = np.array([known.jac(w) @ d for w in nodes])
    slopes = np.linalg.norm(np.diff(values, axis=0), axis=1) / np.linalg.norm(nodes[1] - nodes[0])
    return float(np.max(slopes)), int(np.argmax(slopes))


def worst_lines(known: Known, rng: np.random.Generator, centre: np.ndarray, radius: float):
    """Return the right singular vectors of a change of the Jacobian, as rows."""
    half = in_ball(rng, np.zeros(known.m), radius)
    change = known.jac((centre + half).astype(np.longdouble)) - known.jac(centre - half)
    return np.linalg.svd(change.astype(float), full_matrices=False)[2]


def pairs_along(known: Known, lines: np.ndarray, centre: np.ndarray, radius: float):
    """Pairs of the ball, on lines through its centre, whose quotient is nearly the largest."""

    def nodes(d, cells):
        return centre + np.linspace(-radius, radius, cells + 1)[:, None] * d

    best = sorted(lines, key=lambda d: -steepest_cell(known, nodes(d, 16), d)[0])[:3]
    for d, cells in itertools.product(best, (1, 16, 256)):
        points = nodes(d, cells)
        k = steepest_cell(known, points, d)[1]
        yield points[k], points[k + 1]


def adversarial_pairs(known: Known, rng: np.random.Generator, centre: np.ndarray, radius: float):
    return list(pairs_along(known, worst_lines(known, rng, centre, radius), centre, radius))


@every_system
def test_jacobian_is_that_of_a_complex_step(known):
    rng = np.random.default_rng(0)
    radius = at_start(known)[2]
    for w in (known.w0, in_ball(rng, known.w0, radius)):
        directions = rng.standard_normal((5, known.m))
        exact = np.array([known.F(w + 1e-40j * d).imag / 1e-40 for d in directions]).T
        J = known.jac(w)
        assert J.shape == (known.n, known.m)
        size = np.linalg.norm(J, 2) * np.linalg.norm(directions, axis=1).max()
        np.testing.assert_allclose(J @ directions.T, exact, rtol=0, atol=1e-13 * size)


@every_system
def test_h_is_the_one_aimed_at(known):
    s, rho0, radius = at_start(known)
    h = known.lipschitz(known.w0, radius) * rho0 / s[-1] ** 2
    assert h == pytest.approx(known.h, rel=1e-9)
    assert known.y.shape == (known.n,)
    assert known.w0.shape == (known.m,)


@every_system
def test_lipschitz_constant_bounds_every_quotient_and_is_attained(known):
    rng = np.random.default_rng(1)
    radius = at_start(known)[2]
    beta = known.lipschitz(known.w0, radius)
    pairs = adversarial_pairs(known, rng, known.w0, radius)
    pairs += [(in_ball(rng, known.w0, radius), in_ball(rng, known.w0, radius)) for _ in range(3)]
    found, rounding = np.array([quotient(known, u, v) for u, v in pairs]).T
    assert np.all(found - rounding <= (1.0 + 1e-9) * beta)
    if known.tight:
        assert np.max(found - rounding) >= 0.99 * beta


@every_system
def test_lipschitz_constant_holds_on_other_balls(known):
    rng = np.random.default_rng(2)
    radius = at_start(known)[2]
    centre, smaller = in_ball(rng, known.w0, 3.0 * radius), 0.3 * radius
    beta = known.lipschitz(centre, smaller)
    for u, v in adversarial_pairs(known, rng, centre, smaller):
        found, rounding = quotient(known, u, v)
        assert found - rounding <= (1.0 + 1e-9) * beta


def test_rounding_hides_few_quotients():
    """The allowance is below 1e-9 of the constant for most systems, and below 1e-3 for all."""
    rng = np.random.default_rng(3)
    shares = []
    for known in SYSTEMS:
        radius = at_start(known)[2]
        beta = known.lipschitz(known.w0, radius)
        u, v = in_ball(rng, known.w0, radius), in_ball(rng, known.w0, radius)
        shares.append(quotient(known, u, v)[1] / beta)
    assert np.quantile(shares, 0.75) < 1e-9
    assert max(shares) < 1e-3


@pytest.mark.parametrize("m", [1, 2, 7, 40])
def test_constant_of_the_network_is_attained_by_one_sample(m):
    """One sample x: one line per hidden unit, along x (which J(w0) repeats for each of them)."""
    known = zoo.tanh_network(np.random.default_rng([4, m]), 1, m, 1.0, 0.1)
    units = known.jac(known.w0).reshape(-1, int(np.ceil(np.sqrt(m))))
    lines = np.kron(np.eye(len(units)), units[0] / np.linalg.norm(units[0]))
    radius = 10.0 + 4.0 * float(np.linalg.norm(known.w0))
    best = 0.0
    for line in lines:
        pairs = pairs_along(known, line[None], known.w0, radius)
        best = max(best, *(quotient(known, u, v)[0] for u, v in pairs))
    beta = known.lipschitz(known.w0, radius)
    assert 0.99 * beta <= best <= (1.0 + 1e-9) * beta


@pytest.mark.parametrize("h", [1e-3, 0.25, 0.4999, 0.5000001, 3.0])
@pytest.mark.parametrize(("n", "m"), [(1, 1), (1, 9), (6, 6), (20, 60)])
def test_worst_case_hides_one_parabola(n, m, h):
    """p . (F(w) - y) = rho0 - sigma0 t + beta t^2 / 2 for all w, t the coordinate along -v."""
    rng = np.random.default_rng(5)
    known = zoo.worst_case(rng, n, m, 100.0, h)
    _, s, V = np.linalg.svd(known.jac(known.w0), full_matrices=False)
    residual = known.F(known.w0) - known.y
    rho0 = np.linalg.norm(residual)
    p = residual / rho0
    v = p @ known.jac(known.w0) / s[-1]
    assert abs(v @ V[-1]) == pytest.approx(1.0)
    beta = known.lipschitz(known.w0, 1.0)
    for _ in range(10):
        w = in_ball(rng, known.w0, 2.0 * s[-1] / beta)
        t = -v @ (w - known.w0)
        expected = rho0 - s[-1] * t + 0.5 * beta * t**2
        size = s[0] * np.linalg.norm(w - known.w0) + rho0 + beta * t**2
        assert p @ (known.F(w) - known.y) == pytest.approx(expected, abs=1e-13 * size)
    assert len(known.roots) == (2 if s[-1] ** 2 > 2.0 * beta * rho0 else 0) == (2 if h < 0.5 else 0)


@pytest.mark.parametrize("h", [1e-3, 0.25, 0.4999])
@pytest.mark.parametrize(("n", "m"), [(1, 1), (6, 6), (20, 60)])
def test_worst_case_attains_the_radius_of_existence_and_of_uniqueness(n, m, h):
    known = zoo.worst_case(np.random.default_rng(6), n, m, 100.0, h)
    s, rho0, radius = at_start(known)
    beta = known.lipschitz(known.w0, radius)
    expected = np.sort(np.roots([0.5 * beta, -s[-1], rho0]))
    found = [np.linalg.norm(root - known.w0) for root in known.roots]
    np.testing.assert_allclose(found, expected, rtol=1e-9)


@pytest.mark.parametrize("seed", range(8))
def test_separable_roots_are_the_two_nearest_of_all(seed):
    rng = np.random.default_rng([8, seed])
    n = 1 + seed % 4
    known = zoo.separable(rng, n, n, 30.0, 0.4)
    U, s, V = np.linalg.svd(known.jac(known.w0))
    q = U.T @ (known.F(known.w0) - known.y)
    c = [
        2.0 * U[:, i] @ (known.F(known.w0 + V[i]) - known.F(known.w0)) - 2.0 * s[i]
        for i in range(n)
    ]
    each = [np.roots([0.5 * c[i], s[i], q[i]]) for i in range(n)]
    every = sorted(itertools.product(*each), key=np.linalg.norm)
    assert len(every) == 2**n
    for x, root in zip(every[:2], known.roots, strict=True):
        np.testing.assert_allclose(V @ (root - known.w0), x, rtol=1e-7, atol=1e-9)


@every_system
def test_given_roots_are_roots(known):
    s, rho0, _ = at_start(known)
    for root in known.roots:
        size = rho0 + s[0] * np.linalg.norm(root - known.w0) + s[0] * np.linalg.norm(root)
        assert np.linalg.norm(known.F(root) - known.y) <= 1e-14 * np.sqrt(known.n) * size


def test_every_family_edge_and_kind_occurs():
    families = Counter(known.name.split()[0] for known in SYSTEMS)
    assert set(families.values()) == {len(SYSTEMS) // len(zoo.FAMILIES)}
    assert set(zoo.EDGES) < {known.h for known in SYSTEMS}
    assert min(known.h for known in SYSTEMS) < 1e-5
    assert {known.n for known in SYSTEMS} >= {1, 2, 3, 50}
    assert max(known.m for known in SYSTEMS) > 190
    assert sum(known.n == known.m for known in SYSTEMS) > len(SYSTEMS) // 5
    assert 0.7 < np.mean([known.tight for known in SYSTEMS]) < 1.0
    assert sum(bool(known.roots) for known in SYSTEMS) > len(SYSTEMS) // 8


def test_residuals_are_adversarial_and_random():
    worst = []
    for known in SYSTEMS:
        U = np.linalg.svd(known.jac(known.w0), full_matrices=False)[0]
        residual = known.F(known.w0) - known.y
        cosine = abs(U[:, -1] @ residual) / np.linalg.norm(residual)
        worst.append(known.n > 1 and cosine > 1.0 - 1e-6)
    assert 0.3 < np.mean(worst) < 0.7


def test_a_system_depends_on_its_index_and_seed_only():
    again = known_system(31, seed=7)
    assert again.name == SYSTEMS[31].name
    np.testing.assert_array_equal(again.y, SYSTEMS[31].y)
    assert known_system(31, seed=8).name != again.name
    assert len(list(known_systems(3, seed=1))) == 3
