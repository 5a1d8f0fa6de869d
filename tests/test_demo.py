"""Is the robot arm of the demo the published one, and does the solver reach its poses?

Independent of nlsolve/demo.py: the kinematics written as a product of elementary transforms in
mpmath, from the published table; derivatives by mpmath; poses printed in public documentation.
"""

import re

import mpmath as mp
import numpy as np
import pytest
from scipy.spatial.transform import Rotation

import nlsolve
from nlsolve import demo

# Franka Control Interface documentation: a [m], alpha in quarter turns, d [m]; last row the flange.
PUBLISHED_LINKS = [
    ("0", 0, "0.333"),
    ("0", -1, "0"),
    ("0", 1, "0.316"),
    ("0.0825", 1, "0"),
    ("-0.0825", -1, "0.384"),
    ("0", 1, "0"),
    ("0.088", 1, "0"),
    ("0", 0, "0.107"),
]


def exact_rotation(axis, angle):
    """4x4 turn about the x axis (0) or the z axis (2)."""
    i, j = ((1, 2), (2, 0), (0, 1))[axis]
    turn = mp.eye(4)
    turn[i, i] = turn[j, j] = mp.cos(angle)
    turn[j, i], turn[i, j] = mp.sin(angle), -mp.sin(angle)
    return turn


def exact_shift(axis, length):
    shift = mp.eye(4)
    shift[axis, 3] = length
    return shift


def exact_pose(q):
    reached = mp.eye(4)
    for (a, quarter_turns, d), theta in zip(PUBLISHED_LINKS, [*q, 0], strict=True):
        reached *= exact_rotation(0, quarter_turns * mp.pi / 2) * exact_shift(0, mp.mpf(a))
        reached *= exact_rotation(2, theta) * exact_shift(2, mp.mpf(d))
    return reached


def exact_residual(q, target):
    reached = exact_pose(q)
    E = reached[:3, :3] * mp.matrix(target[:3, :3]).T
    scale = 1 + E[0, 0] + E[1, 1] + E[2, 2]
    rotation = [(E[2, 1] - E[1, 2]), (E[0, 2] - E[2, 0]), (E[1, 0] - E[0, 1])]
    return [reached[i, 3] - target[i, 3] for i in range(3)] + [one / scale for one in rotation]


def exact_jacobian(q, target):
    columns = []
    for j in range(7):

        def along(t, j=j):
            return mp.matrix(exact_residual([*q[:j], q[j] + t, *q[j + 1 :]], target))

        step = mp.mpf(10) ** -15
        columns.append((along(step) - along(-step)) / (2 * step))
    return np.array([[float(column[i]) for column in columns] for i in range(6)])


@pytest.fixture(autouse=True)
def forty_digits():
    with mp.workdps(40):
        yield


@pytest.fixture
def angles():
    rng = np.random.default_rng(20)
    return rng.uniform(demo.LOWER_LIMITS, demo.UPPER_LIMITS, (5, 7))


@pytest.fixture
def targets():
    return demo.random_targets(7, 5)


def turned(target, rotation_vector):
    """`target` turned in place."""
    pose = target.copy()
    pose[:3, :3] = Rotation.from_rotvec(rotation_vector).as_matrix() @ target[:3, :3]
    return pose


def test_pose_at_zero_follows_from_the_published_lengths():
    # The arm stretches straight up; the last link carries the flange 0.088 out and 0.107 down.
    expected = np.diag([1.0, -1.0, -1.0, 1.0])
    expected[0, 3], expected[2, 3] = 0.088, 0.333 + 0.316 + 0.384 - 0.107
    np.testing.assert_allclose(demo.pose(np.zeros(7)), expected, atol=1e-15)


def test_pose_agrees_with_the_robotics_toolbox():
    # README of the Robotics Toolbox for Python: its Panda, with the hand (a tool 0.1034 m along the
    # flange's axis and turned by -45 degrees about it), at its ready configuration.
    q = np.array([0, -0.3, 0, -2.2, 0, 2, np.pi / 4])
    hand = np.eye(4)
    hand[:3, :3] = Rotation.from_euler("z", -45, degrees=True).as_matrix()
    hand[2, 3] = 0.1034
    printed = [[0.995, 0, 0.09983, 0.484], [0, -1, 0, 0], [0.09983, 0, -0.995, 0.4126]]
    np.testing.assert_allclose((demo.pose(q) @ hand)[:3], printed, atol=6e-5)


def test_pose_agrees_with_elementary_transforms(angles):
    for q in angles:
        expected = np.array(exact_pose(q).tolist(), dtype=float)
        np.testing.assert_allclose(demo.pose(q), expected, atol=5e-15)


def test_residual_agrees_with_its_definition(angles, targets):
    for q, target in zip(angles, targets, strict=True):
        expected = np.array(exact_residual(q, target), dtype=float)
        np.testing.assert_allclose(demo.residual(q, target), expected, rtol=1e-12, atol=1e-14)


def test_jacobian_is_the_derivative_of_the_residual(angles, targets):
    for q, target in zip(angles, targets, strict=True):
        expected = exact_jacobian(list(q), target)
        error = np.abs(demo.jacobian(q, target) - expected).max()
        assert error <= 1e-12 * np.abs(expected).max()


def test_rotation_error_is_rodrigues_vector(targets):
    direction = np.array([2.0, -1.0, 2.0]) / 3
    for target, angle in zip(targets, [0.0, 1e-6, 0.5, 2.0, 3.1], strict=True):
        error = demo.rotation_error(turned(target, angle * direction), target)
        np.testing.assert_allclose(error, np.tan(angle / 2) * direction, rtol=1e-11, atol=1e-15)


@pytest.mark.parametrize("short_of_half_turn", [1e-3, -1e-3])
def test_half_turns_are_far_from_roots(targets, short_of_half_turn):
    # The skew part alone would be sin(pi - 1e-3) = 1e-3 here; Rodrigues' vector is 2000 long.
    for axis, target in zip(np.eye(3), targets[:3], strict=True):
        error = demo.rotation_error(turned(target, (np.pi - short_of_half_turn) * axis), target)
        assert np.linalg.norm(error) == pytest.approx(1 / np.tan(5e-4), rel=1e-6)


def test_residual_is_zero_at_the_pose(angles):
    for q in angles:
        np.testing.assert_allclose(demo.residual(q, demo.pose(q)), np.zeros(6), atol=1e-15)


def test_targets_repeat_with_the_seed():
    first, again, other = (demo.random_targets(seed, 3) for seed in (5, 5, 6))
    np.testing.assert_array_equal(first, again)
    assert not np.allclose(first, other)


def test_limits_are_those_of_the_data_sheet():
    # Panda data sheet, in whole degrees; the interface documentation has them in radians.
    degrees = [
        (-166, 166),
        (-101, 101),
        (-166, 166),
        (-176, -4),
        (-166, 166),
        (-1, 215),
        (-166, 166),
    ]
    limits = np.column_stack([demo.LOWER_LIMITS, demo.UPPER_LIMITS])
    np.testing.assert_allclose(limits, np.deg2rad(degrees), atol=6e-5)


def test_limits_hold_up_to_whole_turns():
    middle = (demo.LOWER_LIMITS + demo.UPPER_LIMITS) / 2
    np.testing.assert_allclose(demo.wrap(middle + 2 * np.pi), middle, atol=1e-15)
    assert demo.within_limits(demo.UPPER_LIMITS - 6 * np.pi - 1e-9)
    assert not demo.within_limits(demo.UPPER_LIMITS + 1e-9)
    assert not demo.within_limits(demo.LOWER_LIMITS - 1e-9)


def test_ready_configuration_is_within_limits():
    assert demo.within_limits(demo.READY)


@pytest.mark.parametrize("seed", range(5))
def test_most_poses_are_solved(seed, capsys):
    assert demo.run(seed=seed, poses=100) == 0
    lines = capsys.readouterr().out.splitlines()
    (counted,) = (line for line in lines if line.startswith("solved "))
    solved, total = (int(word) for word in counted.split()[1:4:2])
    assert total == 100
    assert solved >= 97
    certificate, evidence, guaranteed = lines[-3:]
    assert certificate.startswith("certificate         an exact solution lies within ")
    assert evidence.startswith("evidence            proved")
    assert re.fullmatch(r"guaranteed from     iteration \d+ of \d+ on .*", guaranteed)


@pytest.mark.parametrize("seed", [0, 2, 3])
def test_an_exact_solution_is_as_near_as_certified(seed):
    """Newton's steps with residuals of 40 digits lead to it, from the point returned."""
    (target,) = demo.random_targets(seed, 1)
    result = demo.solve_pose(target, demo.WITHIN).result
    with mp.workdps(40):
        w = mp.matrix(result.w.tolist())
        inverse = np.linalg.pinv(exact_jacobian(list(w), target))
        for _ in range(6):
            w -= mp.matrix(inverse.tolist()) * mp.matrix(exact_residual(list(w), target))
        assert mp.norm(mp.matrix(exact_residual(list(w), target))) < mp.mpf(10) ** -30
        apart = mp.norm(w - mp.matrix(result.w.tolist()))
    lower, upper = result.certificate.distance
    assert lower <= apart <= upper <= 1e-12


def test_convergence_was_guaranteed_from_where_the_demo_says():
    """Certified again at that very iterate, with its own constants."""
    (target,) = demo.random_targets(0, 1)
    result = nlsolve.solve(
        demo.residual, 0.0, demo.READY, jac=demo.jacobian, args=(target,), store_path=True
    )
    k = result.certified_from
    again = nlsolve.certify(demo.residual, 0.0, result.path[k], jac=demo.jacobian, args=(target,))
    assert 0 < k < result.nit
    assert again.holds, again.reason
    left = result.nit - k
    assert left <= again.steps_to(1e-10)


def test_solved_means_that_the_pose_is_reached():
    for target in demo.random_targets(1, 10):
        found = demo.solve_pose(target)
        exact = np.array(exact_pose(found.result.w).tolist(), dtype=float)
        assert found.pose_error == pytest.approx(np.abs(exact - target).max(), abs=1e-14)
        assert found.solved == (np.abs(exact - target).max() <= 1e-8)
        np.testing.assert_allclose(
            demo.residual(found.result.w, target), found.result.fun, atol=1e-14
        )


def test_too_few_solved_poses_fail_the_demo(monkeypatch, capsys):
    monkeypatch.setattr(demo, "POSE_TOLERANCE", -1.0)
    assert demo.run(seed=0, poses=2) == 1
    assert "solved 0 of 2 poses" in capsys.readouterr().out
