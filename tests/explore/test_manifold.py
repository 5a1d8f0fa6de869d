"""Do walks stay on the solutions and go where geometry says, and are samples even?"""

import numpy as np
import pytest
from scipy.special import ellipeinc

import nlsolve
from nlsolve import demo


def sphere(w):
    return np.array([w @ w - 1.0])


def sphere_jacobian(w):
    return 2.0 * w[None, :]


def ellipse(w):
    return np.array([(w[0] / 3.0) ** 2 + w[1] ** 2 - 1.0])


def ellipse_jacobian(w):
    return np.array([[2.0 * w[0] / 9.0, 2.0 * w[1]]])


def helix(w):
    return np.array([np.cos(w[2]) - w[0], np.sin(w[2]) - w[1]])


def torus(w):
    return np.array([(np.hypot(w[0], w[1]) - 2.0) ** 2 + w[2] ** 2 - 1.0])


def torus_jacobian(w):
    ring = np.hypot(w[0], w[1])
    slope = 2.0 * (ring - 2.0) / ring
    return np.array([[slope * w[0], slope * w[1], 2.0 * w[2]]])


def test_the_tangent_basis_is_orthonormal_and_keeps_F():
    w = np.array([0.6, 0.0, 0.8])
    around = nlsolve.manifold(sphere, 0.0, w, jac=sphere_jacobian)
    assert (around.n, around.m, around.dimension) == (1, 3, 2)
    np.testing.assert_allclose(around.tangent.T @ around.tangent, np.eye(2), atol=1e-15)
    np.testing.assert_allclose(w @ around.tangent, 0.0, atol=1e-15)
    np.testing.assert_allclose(around.project([1.0, 2.0, 3.0]), [-0.8, 2.0, 0.6])


def test_redundant_equations_do_not_count():
    def doubled(w):
        return np.append(sphere(w), 3.0 * sphere(w))

    around = nlsolve.manifold(doubled, 0.0, [0.6, 0.0, 0.8])
    assert around.dimension == 2
    end = around.walk([0.0, 1.0, 0.0], np.pi / 2.0).w[-1]
    np.testing.assert_allclose(end, [0.0, 1.0, 0.0], atol=1e-6)


@pytest.mark.parametrize("length", [1e-3, 1.0, np.pi, 20.0])
def test_walks_on_a_sphere_are_great_circles(length):
    w, t = np.array([0.6, 0.0, 0.8]), np.array([0.0, 1.0, 0.0])
    walk = nlsolve.manifold(sphere, 0.0, w, jac=sphere_jacobian).walk(t, length)
    assert walk.complete
    assert walk.arc[-1] == length
    expected = np.cos(walk.arc)[:, None] * w + np.sin(walk.arc)[:, None] * t
    np.testing.assert_allclose(walk.w, expected, atol=1e-8)
    assert max(abs(sphere(one)[0]) for one in walk.w) <= 1e-10
    assert "complete" in repr(walk)


def test_arc_length_on_an_ellipse_is_that_of_the_elliptic_integral():
    quarter = ellipeinc(np.pi / 2.0, 1.0 - 9.0)  # from (0, 1): |(3 cos, -sin)|, and 9 = 1 + 8
    around = nlsolve.manifold(ellipse, 0.0, [3.0, 0.0], jac=ellipse_jacobian)
    walk = around.walk([0.0, 1.0], quarter, max_step=0.02)
    np.testing.assert_allclose(walk.w[-1], [0.0, 1.0], atol=1e-5)
    coarse = around.walk([0.0, 1.0], quarter)
    np.testing.assert_allclose(coarse.w[-1], [0.0, 1.0], atol=5e-3)
    assert len(coarse.arc) < len(walk.arc) / 3


def test_a_helix_is_followed_both_ways():
    around = nlsolve.manifold(helix, 0.0, [1.0, 0.0, 0.0])
    for sign in (1.0, -1.0):
        walk = around.walk([0.0, 0.0, sign], 5.0, max_step=0.1)
        angle = sign * walk.arc / np.sqrt(2.0)
        expected = np.column_stack([np.cos(angle), np.sin(angle), angle])
        np.testing.assert_allclose(walk.w, expected, atol=1e-6)


def test_walks_are_geodesics_to_second_order():
    """Clairaut: on a surface of revolution, radius times the cosine of the angle to the circle of
    latitude is constant along a geodesic."""

    def spheroid(w):
        return np.array([w[0] ** 2 + w[1] ** 2 + (w[2] / 2.0) ** 2 - 1.0])

    around = nlsolve.manifold(
        spheroid, 0.0, [1.0, 0.0, 0.0], jac=lambda w: np.array([[2 * w[0], 2 * w[1], w[2] / 2]])
    )
    drift = []
    for h in (0.1, 0.05, 0.025):
        w = around.walk([0.0, 1.0, 1.0], 6.0, max_step=h).w
        chord, middle = np.diff(w, axis=0), (w[1:] + w[:-1]) / 2.0
        moment = middle[:, 0] * chord[:, 1] - middle[:, 1] * chord[:, 0]
        clairaut = moment / np.linalg.norm(chord, axis=1)
        drift.append(np.abs(clairaut - np.sqrt(0.5)).max())
    assert drift[0] < 2e-3
    assert 3.5 < drift[0] / drift[1] < 4.5
    assert 3.5 < drift[1] / drift[2] < 4.5


def test_steps_are_no_longer_than_asked():
    walk = nlsolve.manifold(sphere, 0.0, [0.0, 1.0]).walk([1.0, 0.0], 1.0, max_step=0.1)
    longest = np.linalg.norm(np.diff(walk.w, axis=0), axis=1).max()
    assert longest == pytest.approx(0.1 / np.cos(np.arcsin(0.1) / 2.0))  # 0.1 on the tangent
    assert (np.diff(walk.arc) > 0.0).all()


def test_an_arm_moves_its_elbow_and_holds_its_hand():
    target = demo.pose(demo.READY)
    around = nlsolve.manifold(demo.residual, 0.0, demo.READY, jac=demo.jacobian, args=(target,))
    assert around.dimension == 1
    walk = around.walk(around.tangent[:, 0], 2.0)
    assert walk.complete
    assert max(np.abs(demo.pose(q) - target).max() for q in walk.w) <= 1e-10
    assert np.linalg.norm(walk.w[-1] - demo.READY) > 0.5


def test_a_walk_that_cannot_go_on_says_so():
    """The lines w[0] w[1] = 0 cross at 0, where J vanishes; F ends at w[0] = -1."""

    def lines(w):
        if w[0] < -1.0:
            raise ValueError("w[0] is below -1")
        return np.array([w[0] * w[1]])

    J = {"jac": lambda w: np.array([[w[1], w[0]]]), "check_jac": False}
    walk = nlsolve.manifold(lines, 0.0, [-0.5, 0.0], **J).walk([-1.0, 0.0], 2.0)
    assert not walk.complete
    np.testing.assert_allclose(walk.w[-1], [-1.0, 0.0], atol=1e-6)
    assert walk.arc[-1] == pytest.approx(0.5, abs=1e-6)
    assert "no step leads on" in repr(walk)


def test_around_another_solution():
    around = nlsolve.manifold(sphere, 0.0, [1.0, 0.0], jac=sphere_jacobian)
    np.testing.assert_allclose(around.at([3.0, 4.0]).w, [0.6, 0.8], atol=1e-12)
    named = nlsolve.manifold(nlsolve.parse("x**2 + y**2 = 1"), 0.0, {"x": 3.0, "y": 4.0})
    np.testing.assert_allclose(named.w, [0.6, 0.8], atol=1e-12)


def within(samples, share, tolerance=0.05):
    """Whether a share of all samples meets a condition, as often as it must."""
    return abs(np.mean(samples) - share) <= tolerance


def test_samples_of_an_ellipse_are_even_by_arc_length():
    points = nlsolve.manifold(ellipse, 0.0, [3.0, 0.0], jac=ellipse_jacobian).sample(1500, rng=1)
    np.testing.assert_allclose((points[:, 0] / 3.0) ** 2 + points[:, 1] ** 2, 1.0, atol=1e-10)
    angle = np.arcsin(np.clip(np.abs(points[:, 0]) / 3.0, 0.0, 1.0))  # from the short axis
    arc = ellipeinc(angle, 1.0 - 1.0 / 9.0) / ellipeinc(np.pi / 2.0, 1.0 - 1.0 / 9.0)
    for share in (0.25, 0.5, 0.75):
        assert within(arc <= share, share)
    assert within(points[:, 0] > 0.0, 0.5, 0.1)


def test_samples_of_a_torus_are_even_by_area():
    """By area the angle phi of the tube has the density (2 + cos phi) / (4 pi)."""
    points = nlsolve.manifold(torus, 0.0, [3.0, 0, 0], jac=torus_jacobian).sample(2000, rng=2)
    outside = np.hypot(points[:, 0], points[:, 1]) > 2.0  # |phi| < pi/2
    assert within(outside, 0.5 + 1.0 / (2.0 * np.pi))
    assert within(points[:, 2] > 0.0, 0.5)
    assert max(abs(torus(one)[0]) for one in points) <= 1e-10


def test_samples_are_the_same_for_the_same_seed():
    around = nlsolve.manifold(sphere, 0.0, [0.0, 0.0, 1.0], jac=sphere_jacobian)
    np.testing.assert_array_equal(around.sample(5), around.sample(5, rng=0))
    assert not np.array_equal(around.sample(5), around.sample(5, rng=1))
    near = around.sample(20, scale=1e-3)
    assert np.linalg.norm(near - around.w, axis=1).max() < 0.1


@pytest.mark.parametrize(
    ("ask", "error", "message"),
    [
        (lambda s: s.walk([0.0, 0.0, 2.0], 1.0), ValueError, "direction is normal to the sol"),
        (lambda s: s.walk([1.0, 0.0], 1.0), ValueError, "direction has 2 entries, expected 3"),
        (lambda s: s.walk([1.0, 0.0, 0.0], -1.0), ValueError, "length must be a positive number"),
        (lambda s: s.walk([1.0, 0, 0], 1.0, max_step=0), ValueError, "max_step must be a positive"),
        (lambda s: s.sample(0), ValueError, "k must be a positive integer"),
        (lambda s: s.sample(1, scale=0.0), ValueError, "scale must be a positive number"),
        (lambda s: s.at([1.0, 0.0]), ValueError, "w has 2 entries, but there are 3 unknowns"),
        (lambda s: s.at([0.0, 0.0, 0.0]), ValueError, r"no solution was found from w.*\|r\| = 1"),
    ],
)
def test_what_is_not_understood_is_named(ask, error, message):
    with pytest.raises(error, match=message):
        ask(nlsolve.manifold(sphere, 0.0, [0.0, 0.0, 1.0], jac=sphere_jacobian))


def test_isolated_solutions_have_no_directions():
    single = nlsolve.manifold(lambda w: w - 1.0, 0.0, [1.0, 1.0])
    assert single.dimension == 0
    assert single.tangent.shape == (2, 0)
    with pytest.raises(ValueError, match="of dimension 0"):
        single.walk([1.0, 0.0], 1.0)
    with pytest.raises(ValueError, match="isolated"):
        single.sample(3)


def test_a_solution_is_asked_for():
    with pytest.raises(TypeError, match="w is missing"):
        nlsolve.manifold(sphere)
    with pytest.raises(ValueError, match="tol must be a positive number"):
        nlsolve.manifold(sphere, 0.0, [1.0, 0.0], tol=0)
