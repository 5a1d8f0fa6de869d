"""Which wide systems come from arms, linkages, frameworks and rotations?

More joints than conditions, or a mechanism that can move; each root is a posture drawn by hand.
"""

import numpy as np

from tests.zoo.problem import Problem, entry

ELEMENTARY = "elementary geometry"
ARMS = "R. Murray, Z. Li, S. Sastry, A Mathematical Introduction to Robotic Manipulation (1994)"


def planar_arm(length, x, y):
    """Links of equal length, w the joint angles: the hand is to be at (x, y)."""

    def F(w):
        out = np.zeros(2, w.dtype)
        angle = 0.0 * w[0]
        for k in range(w.size):
            angle += w[k]
            out[0] += length * np.cos(angle)
            out[1] += length * np.sin(angle)
        out[0] -= x
        out[1] -= y
        return out

    def jac(w):
        J = np.zeros((2, w.size))
        angle = 0.0
        for k in range(w.size):
            angle += w[k]
            for j in range(k + 1):
                J[0, j] -= length * np.sin(angle)
                J[1, j] += length * np.cos(angle)
        return J

    return F, jac


def planar_pose(x, y, heading):
    """Unit links: the hand is to be at (x, y) and to point along the heading."""

    def F(w):
        out = np.zeros(3, w.dtype)
        for k in range(w.size):
            out[2] += w[k]
            out[0] += np.cos(out[2])
            out[1] += np.sin(out[2])
        out[0] -= x
        out[1] -= y
        out[2] -= heading
        return out

    def jac(w):
        J = np.zeros((3, w.size))
        angle = 0.0
        for k in range(w.size):
            J[2, k] = 1.0
            angle += w[k]
            for j in range(k + 1):
                J[0, j] -= np.sin(angle)
                J[1, j] += np.cos(angle)
        return J

    return F, jac


def pointing(w):
    """A telescope on four axes, z x z x, is to look along e_y: three equations of rank two."""
    s = np.sin(w)
    c = np.cos(w)
    side = s[2] * s[3]
    across = c[1] * c[2] * s[3] + s[1] * c[3]
    return np.array(
        [
            c[0] * side + s[0] * across,
            s[0] * side - c[0] * across - 1.0,
            c[1] * c[3] - s[1] * c[2] * s[3],
        ]
    )


def pointing_jac(w):
    s = np.sin(w)
    c = np.cos(w)
    J = np.zeros((3, 4))
    # Derivatives of the direction before the first turn, one axis at a time.
    sides = (0.0, 0.0, c[2] * s[3], s[2] * c[3])
    acrosses = (
        0.0,
        c[1] * c[3] - s[1] * c[2] * s[3],
        -c[1] * s[2] * s[3],
        c[1] * c[2] * c[3] - s[1] * s[3],
    )
    side = s[2] * s[3]
    across = c[1] * c[2] * s[3] + s[1] * c[3]
    J[0, 0] = c[0] * across - s[0] * side
    J[1, 0] = c[0] * side + s[0] * across
    for k in range(1, 4):
        J[0, k] = c[0] * sides[k] + s[0] * acrosses[k]
        J[1, k] = s[0] * sides[k] - c[0] * acrosses[k]
    J[2, 1] = -across
    J[2, 2] = s[1] * s[2] * s[3]
    J[2, 3] = -c[1] * s[3] - s[1] * c[2] * c[3]
    return J


def spherical_four_bar(w):
    """Two moving joints a, b on the unit sphere, the fixed joints at e_z and e_x."""
    return np.array(
        [
            w[0] ** 2 + w[1] ** 2 + w[2] ** 2 - 1.0,
            w[3] ** 2 + w[4] ** 2 + w[5] ** 2 - 1.0,
            w[2] - 0.8,
            w[3] - 0.8,
            w[0] * w[3] + w[1] * w[4] + w[2] * w[5] - 0.36,
        ]
    )


def spherical_four_bar_jac(w):
    J = np.zeros((5, 6))
    for k in range(3):
        J[0, k] = 2.0 * w[k]
        J[1, k + 3] = 2.0 * w[k + 3]
        J[4, k] = w[k + 3]
        J[4, k + 3] = w[k]
    J[2, 2] = 1.0
    J[3, 3] = 1.0
    return J


def quaternion_turn(w):
    """The quaternion w (real part first) is to carry e_x to e_y; its norm is not prescribed."""
    return np.array(
        [
            w[0] ** 2 + w[1] ** 2 - w[2] ** 2 - w[3] ** 2,
            2.0 * (w[1] * w[2] + w[0] * w[3]) - 1.0,
            2.0 * (w[1] * w[3] - w[0] * w[2]),
        ]
    )


def quaternion_turn_jac(w):
    return 2.0 * np.array(
        [
            [w[0], w[1], -w[2], -w[3]],
            [w[3], w[2], w[1], w[0]],
            [-w[2], w[3], -w[0], w[1]],
        ]
    )


def framework(w):
    """Four points of the plane, five bars: the unit square and one diagonal."""
    ends = ((0, 1), (1, 2), (2, 3), (3, 0), (0, 2))
    out = np.empty(5, w.dtype)
    for i in range(5):
        a, b = ends[i]
        square = (w[2 * a] - w[2 * b]) ** 2 + (w[2 * a + 1] - w[2 * b + 1]) ** 2
        out[i] = square - (2.0 if i == 4 else 1.0)
    return out


def framework_jac(w):
    ends = ((0, 1), (1, 2), (2, 3), (3, 0), (0, 2))
    J = np.zeros((5, 8))
    for i in range(5):
        a, b = ends[i]
        for k in range(2):
            J[i, 2 * a + k] = 2.0 * (w[2 * a + k] - w[2 * b + k])
            J[i, 2 * b + k] = -J[i, 2 * a + k]
    return J


RIGHT = np.pi / 2.0
arm_3r, arm_3r_jac = planar_arm(1.0, 1.0, 0.0)
pose_5r, pose_5r_jac = planar_pose(2.0, 1.0, RIGHT)
snake, snake_jac = planar_arm(0.1, 1.0, 0.0)

WIDE_MECHANISMS: list[Problem] = [
    entry(
        "3R arm position",
        arm_3r,
        arm_3r_jac,
        [0.3, 0.3, 0.3],
        ARMS,
        [RIGHT, -RIGHT, -RIGHT],
    ),
    entry(
        "5R arm pose",
        pose_5r,
        pose_5r_jac,
        [0.3] * 5,
        ARMS,
        [RIGHT, -RIGHT, -RIGHT, RIGHT, RIGHT],
    ),
    entry(
        "20-link snake",
        snake,
        snake_jac,
        [0.1] * 20,
        ARMS,
        [np.pi / 3.0] + [0.0] * 9 + [-2.0 * np.pi / 3.0] + [0.0] * 9,
    ),
    entry(
        "redundant pointing",
        pointing,
        pointing_jac,
        [0.4, 0.3, 0.2, 0.1],
        ELEMENTARY,
        [0.0, -RIGHT, 0.0, 0.0],
    ),
    entry(
        "spherical four-bar linkage",
        spherical_four_bar,
        spherical_four_bar_jac,
        [1.0, 1.0, 1.0, 0.5, 2.0, -1.0],
        "J. Chiang, Kinematics of Spherical Mechanisms (1988), as distance constraints",
        [0.0, 0.6, 0.8, 0.8, 0.6, 0.0],
    ),
    entry(
        "quaternion of a turn",
        quaternion_turn,
        quaternion_turn_jac,
        [1.0, 0.0, 0.0, 0.0],
        "rotation of a vector by a quaternion, q v q*",
        [np.sqrt(0.5), 0.0, 0.0, np.sqrt(0.5)],
    ),
    entry(
        "bar framework",
        framework,
        framework_jac,
        [0.0, 0.0, 1.5, 0.2, 0.8, 1.7, -0.4, 0.9],
        ELEMENTARY,
        [0.0, 0.0, 1.0, 0.0, 1.0, 1.0, 0.0, 1.0],
    ),
]
