"""Is the solution that solve ends at the one asked for? Against closed forms and SLSQP."""

import itertools

import numpy as np
import pytest
from scipy.optimize import minimize, minimize_scalar

import nlsolve
from nlsolve import EvaluationError, Status, demo
from nlsolve.methods import REGISTRY
from tests.systems.functions import jitted
from tests.zoo import WIDE


def sphere(w):
    return np.array([w @ w - 1.0])


def sphere_jacobian(w):
    return 2.0 * w[None, :]


def curved(w):
    """Two equations for five unknowns."""
    return np.array([w @ w - 1.0, w[0] * w[1] - w[2] * w[3] + 0.1 * w[4] ** 3])


def curved_jacobian(w):
    return np.array([2.0 * w, [w[1], w[0], -w[3], -w[2], 0.3 * w[4] ** 2]])


def ellipse(w):
    return np.array([(w[0] / 3.0) ** 2 + w[1] ** 2 - 1.0])


STARTS = 2.0 * np.random.default_rng(5).standard_normal((6, 5))


def by_slsqp(g, gradient, F, jacobian, start):
    """The minimum of g over F = 0 that SLSQP finds from a point near by."""
    constraint = {"type": "eq", "fun": F, "jac": jacobian}
    return minimize(
        g, start, jac=gradient, method="SLSQP", constraints=constraint,
        options={"ftol": 1e-15, "maxiter": 1000},
    ).x  # fmt: skip


def multipliers_left(gradient, J):
    """What of a gradient is no combination of rows of J, relative to it."""
    s, *_ = np.linalg.lstsq(J.T, gradient, rcond=None)
    return np.linalg.norm(gradient - J.T @ s) / np.linalg.norm(gradient)


def test_the_nearest_point_of_a_sphere_is_on_the_ray():
    w0 = np.array([3.0, -4.0, 1.0])
    tilted = nlsolve.solve(
        lambda w: np.append(sphere(w), w[0] + w[1] + w[2] - 0.5), 0.0, w0, select="nearest"
    )
    along = w0 - w0.mean()  # the plane's circle has its centre at (1, 1, 1) / 6
    radius = np.sqrt(1.0 - 3 * (1 / 6) ** 2)
    np.testing.assert_allclose(tilted.w, 1 / 6 + radius * along / np.linalg.norm(along), atol=1e-7)


@pytest.mark.parametrize("w0", [[0.5, 0.1], [-2.0, 0.4], [5.0, 3.0], [0.1, -4.0], [2.9, 0.01]])
def test_the_nearest_point_of_an_ellipse_is_a_nearest_one(w0):
    """Inside, curvature times distance exceeds 1 at the far ends: the plain iteration fails."""
    sol = nlsolve.solve(ellipse, 0.0, w0, select="nearest")

    def distance(angle):
        return np.hypot(3.0 * np.cos(angle) - w0[0], np.sin(angle) - w0[1])

    angle = np.arctan2(sol.w[1], sol.w[0] / 3.0)
    near = minimize_scalar(distance, bounds=(angle - 0.1, angle + 0.1), options={"xatol": 1e-10})
    assert np.linalg.norm(sol.w - w0) == pytest.approx(near.fun, abs=1e-9)
    assert abs(near.x - angle) < 1e-4
    assert "locally nearest to w0: |w - w0| =" in sol.message


@pytest.mark.parametrize("w0", STARTS)
@pytest.mark.parametrize("select", ["nearest", "min-norm"])
def test_no_point_near_by_is_nearer(select, w0):
    sol = nlsolve.solve(curved, 0.0, w0, jac=curved_jacobian, select=select)
    centre = w0 if select == "nearest" else np.zeros(5)
    assert sol.success
    assert sol.residual_norm <= 1e-10
    if select == "nearest":  # every root has norm 1
        assert multipliers_left(sol.w - centre, sol.jac) < 1e-8
        expected = by_slsqp(
            lambda w: 0.5 * (w - centre) @ (w - centre), lambda w: w - centre,
            curved, curved_jacobian, sol.w + 0.01,
        )  # fmt: skip
        np.testing.assert_allclose(sol.w, expected, atol=1e-6)


@pytest.mark.parametrize("method", ["auto", *REGISTRY])
def test_after_any_method(method):
    w0 = np.array([1.0, 0.5, 0.7])
    sol = nlsolve.solve(
        sphere, 0.0, w0, jac=sphere_jacobian, method=method, max_iter=20_000, select="nearest"
    )
    np.testing.assert_allclose(sol.w, w0 / np.linalg.norm(w0), atol=1e-9)


@pytest.mark.parametrize("problem", WIDE, ids=lambda problem: problem.name)
def test_roots_of_the_zoo_are_never_lost_and_come_no_farther(problem):
    plain = nlsolve.solve(problem.F, 0.0, problem.w0, jac=problem.jac)
    sol = nlsolve.solve(problem.F, 0.0, problem.w0, jac=problem.jac, select="nearest")
    w0 = np.array(problem.w0)
    assert plain.success
    assert sol.success
    assert np.linalg.norm(sol.w - w0) <= np.linalg.norm(plain.w - w0) * (1.0 + 1e-9)
    assert np.linalg.norm(problem.F(sol.w)) <= max(1e-10, plain.residual_norm)
    if "locally nearest" in sol.message and "not yet" not in sol.message:
        # rank as the J of a rank-deficient system must be judged here too
        J = sol.jac / np.maximum(np.linalg.norm(sol.jac, axis=1, keepdims=True), 1e-300)
        s, *_ = np.linalg.lstsq(J.T, sol.w - w0, rcond=1e-12)
        left = np.linalg.norm(sol.w - w0 - J.T @ s)
        assert left <= 2e-6 * max(1.0, np.linalg.norm(plain.w - w0))
    else:
        assert problem.name in NOT_REACHED


NOT_REACHED = ("redundant pointing", "wide Powell singular (singular root)")  # J singular there


@pytest.mark.parametrize("select", [None, "nearest", "min-norm"])
def test_linear_systems_have_closed_forms(select):
    A = np.array([[2.0, 1.0, 0.0, 1.0], [0.0, 1.0, -1.0, 3.0]])
    y, w0 = np.array([1.0, 2.0]), np.array([5.0, -3.0, 2.0, 1.0])
    sol = nlsolve.solve(lambda w: A @ w, y, w0, jac=lambda w: A, select=select)
    origin = np.zeros(4) if select == "min-norm" else w0
    expected = origin + np.linalg.pinv(A) @ (y - A @ origin)
    np.testing.assert_allclose(sol.w, expected, atol=1e-12)


@pytest.mark.parametrize("lane", ["compiled", "interpreted"])
def test_isolated_solutions_stay_where_they_are(lane):
    plain = nlsolve.solve(jitted["squares"], 0.0, [1.0, -5.0], lane=lane)
    sol = nlsolve.solve(jitted["squares"], 0.0, [1.0, -5.0], lane=lane, select="nearest")
    np.testing.assert_array_equal(sol.w, plain.w)
    assert sol.status is plain.status
    assert sol.lane == lane


def test_a_secondary_objective_finds_the_lowest_point_of_a_circle():
    w0 = [2.0, 1.0, 0.3]
    sol = nlsolve.solve(
        lambda w: np.append(sphere(w), w[0] + w[1] + w[2]), 0.0, w0, secondary=lambda w: w[2]
    )
    np.testing.assert_allclose(sol.w, np.array([1.0, 1.0, -2.0]) / np.sqrt(6.0), atol=1e-6)
    assert f"secondary = {-2 / np.sqrt(6.0):.6g}" in sol.message


@pytest.mark.parametrize("given", [True, False], ids=["gradient", "differences"])
@pytest.mark.parametrize("w0", STARTS)
def test_secondary_satisfies_the_kkt_conditions_and_slsqp_agrees(w0, given):
    weights = np.array([1.0, 10.0, 0.1, 3.0, 1.0])

    def g(w):
        return np.sum(weights * (w - 0.3) ** 2) + np.exp(w[0] * w[4])

    def gradient(w):
        coupled = np.exp(w[0] * w[4]) * np.array([w[4], 0.0, 0.0, 0.0, w[0]])
        return 2.0 * weights * (w - 0.3) + coupled

    sol = nlsolve.solve(
        curved, 0.0, w0, jac=curved_jacobian, secondary=g,
        secondary_jac=gradient if given else None,
    )  # fmt: skip
    assert sol.residual_norm <= 1e-10
    assert multipliers_left(gradient(sol.w), curved_jacobian(sol.w)) < 2e-8
    expected = by_slsqp(g, gradient, curved, curved_jacobian, sol.w + 1e-3)
    np.testing.assert_allclose(sol.w, expected, atol=2e-6)


def test_an_arm_keeps_its_pose_and_turns_away_from_the_limits_of_its_joints():
    middle = (demo.LOWER_LIMITS + demo.UPPER_LIMITS) / 2.0
    span = demo.UPPER_LIMITS - demo.LOWER_LIMITS

    def preference(q):
        return np.sum(((q - middle) / span) ** 2)

    for target in demo.random_targets(3, 4):
        words = {"jac": demo.jacobian, "args": (target,)}
        plain = nlsolve.solve(demo.residual, 0.0, demo.READY, **words)
        sol = nlsolve.solve(demo.residual, 0.0, demo.READY, **words, secondary=preference)
        assert sol.residual_norm <= 1e-10
        assert np.abs(demo.pose(sol.w) - target).max() <= 1e-10
        assert preference(sol.w) < preference(plain.w)
        J = demo.jacobian(sol.w, target)
        assert multipliers_left(2.0 * (sol.w - middle) / span**2, J) < 1e-7


def test_a_barrier_is_not_crossed():
    """-log of a coordinate is not finite beyond 0: the descent stays on its side."""

    def barrier(w):
        return -np.log(w[0]) + 5.0 * w[0] if w[0] > 0.0 else np.nan

    sol = nlsolve.solve(sphere, 0.0, [0.6, 0.8], secondary=barrier)
    np.testing.assert_allclose(sol.w, [0.2, np.sqrt(0.96)], atol=1e-6)


def test_a_minimum_at_the_edge_of_where_secondary_is_defined():
    """Differences reach over the edge there, and the gradient is NaN."""

    def rooted(w):
        return np.sqrt(w[0]) if w[0] >= 0.0 else np.nan

    sol = nlsolve.solve(sphere, 0.0, [0.6, 0.8], jac=sphere_jacobian, secondary=rooted)
    assert sol.success
    assert 0.0 <= sol.w[0] < 0.6


def test_a_saddle_of_the_distance_is_left():
    """Seen from the axis the ellipse has a farthest and a nearest end, and two saddles at right
    angles to both; the method begins at one of them."""

    def ellipsoid(w):
        return np.array([w[0] ** 2 + (w[1] / 2.0) ** 2 + (w[2] / 3.0) ** 2 - 1.0])

    sol = nlsolve.solve(ellipsoid, 0.0, [0.0, 0.5, 0.0], select="min-norm")
    np.testing.assert_allclose(np.abs(sol.w), [1.0, 0.0, 0.0], atol=1e-6)


def test_a_barrier_that_is_crossed_already_is_told():
    sol = nlsolve.solve(sphere, 0.0, [-0.6, 0.8], secondary=lambda w: np.nan)
    assert sol.success
    assert "secondary is not finite at the root found" in sol.message


def test_points_where_F_is_not_defined_are_stepped_over():
    def defined_above(w):
        if w[1] < 0.55:
            raise ValueError("w[1] is below 0.55")
        return sphere(w)

    sol = nlsolve.solve(
        defined_above, 0.0, [0.1, 1.0], jac=sphere_jacobian, check_jac=False,
        secondary=lambda w: -w[0] + w[1],
    )  # fmt: skip
    assert sol.success
    assert 0.55 <= sol.w[1] < 0.56  # the minimum, at w[1] = -0.7, is out of reach
    assert "not yet at a local minimum of secondary (no step" in sol.message


def test_limits_end_the_choice_but_not_the_root():
    least = nlsolve.solve(curved, 0.0, STARTS[0]).nfev + 3
    short = nlsolve.solve(curved, 0.0, STARTS[0], select="nearest", max_nfev=least)
    assert short.status is Status.ROOT
    assert "not yet locally nearest to w0 (max_nfev =" in short.message


def test_an_interrupt_while_choosing_keeps_the_root():
    calls = itertools.count()

    def interrupted(w):
        if next(calls) == 3:
            raise KeyboardInterrupt
        return float(w[0])

    with pytest.raises(KeyboardInterrupt) as error:
        nlsolve.solve(sphere, 0.0, [0.3, 0.8], secondary=interrupted)
    assert error.value.partial_result.success


def test_the_history_knows_of_the_choice():
    sol = nlsolve.solve(curved, 0.0, STARTS[0], select="nearest", store_path=True)
    np.testing.assert_array_equal(sol.path[-1], sol.w)
    assert sol.history.distance[-1] == pytest.approx(np.linalg.norm(sol.w - STARTS[0]))
    np.testing.assert_array_equal(sol.fun, curved(sol.w))


def test_a_promise_is_one_of_the_method_not_of_the_choice():
    sol = nlsolve.solve(
        sphere, 0.0, [0.7, 0.8, 0.1], jac=sphere_jacobian, method="gauss-newton",
        secondary=lambda w: w[0], certify={"lipschitz": 2.0},
    )  # fmt: skip
    assert sol.start_certificate.holds
    assert np.linalg.norm(sol.w - [0.7, 0.8, 0.1]) > sol.start_certificate.radius
    assert sol.check_promise().kept


def test_a_run_goes_on_from_where_the_method_ended():
    plain = nlsolve.solve(curved, 0.0, STARTS[0])
    sol = nlsolve.solve(curved, 0.0, STARTS[0], select="nearest")
    again = nlsolve.solve(curved, 0.0, state=sol.state, select="nearest")
    np.testing.assert_array_equal(sol.state.point, plain.w)
    np.testing.assert_array_equal(again.w, sol.w)
    assert again.history.distance[0] == plain.history.distance[-1]


def test_a_run_that_fails_is_not_touched():
    sol = nlsolve.solve(lambda w: [w @ w + 1.0], 0.0, [0.3, 0.8], select="nearest")
    assert not sol.success
    assert "nearest" not in sol.message


def test_what_is_chosen_can_be_certified():
    system = nlsolve.parse("x**2 + y**2 = 1")
    sol = nlsolve.solve(system, 0.0, [3.0, 4.0], select="nearest", tol_distance=1e-12)
    assert sol.certificate.evidence.word == "proved"
    assert "tol_distance = 1e-12" in sol.message
    np.testing.assert_allclose(sol.w, [0.6, 0.8], atol=1e-9)


@pytest.mark.parametrize(
    ("words", "error", "message"),
    [
        ({"select": "closest"}, ValueError, "select must be one of"),
        ({"secondary": 3.0}, TypeError, "secondary must be callable, got float"),
        ({"secondary_jac": np.sin}, TypeError, "secondary, which is missing"),
        ({"secondary": np.sum, "select": "nearest"}, TypeError, "give select or secondary"),
        ({"secondary": np.sin}, EvaluationError, r"must return a number, got shape \(2,\)"),
        ({"secondary": lambda w: 1 / 0}, EvaluationError, "secondary raised ZeroDivisionError"),
        (
            {"secondary": np.sum, "secondary_jac": np.sum},
            EvaluationError,
            r"secondary_jac returned shape \(\), expected \(2,\)",
        ),
    ],
)
def test_what_is_not_understood_is_named(words, error, message):
    with pytest.raises(error, match=message):
        nlsolve.solve(sphere, 0.0, [0.3, 0.8], **words)
