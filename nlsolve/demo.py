"""Can a redundant robot arm be brought to a given pose?

Inverse kinematics of the 7-joint Franka Emika Panda: 6 equations (a pose) in 7 unknowns (joint
angles), so that the solutions form curves and a solver must choose one point of them.

Kinematics. Link i of Craig's (modified) Denavit-Hartenberg convention is the transform
Rot_x(alpha) Trans_x(a) Rot_z(q_i) Trans_z(d); the pose of the flange is the product of the links.

Equations. With R, p the orientation and position reached, R_t, p_t those of the target and
E = R R_t^T, the residual is (p - p_t, g) where

    g = vee(E - E^T) / (1 + trace E),   vee(S) = (S_32, S_13, S_21).

For a rotation by phi about the unit vector u, vee(E - E^T) = 2 sin(phi) u and
1 + trace E = 2 (1 + cos(phi)), so g = tan(phi/2) u (Rodrigues' vector): zero at the pose only. The
skew part alone would also vanish at half turns; g grows without bound there instead.

Sources: Franka Control Interface documentation, "Robot and interface specifications" (parameters
and joint limits of the Panda); J. J. Craig, Introduction to Robotics (the convention).
"""

from __future__ import annotations

import contextlib
from time import perf_counter
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

import nlsolve

FloatArray = NDArray[np.float64]

# One row a joint, the last one the flange: a [m], alpha [rad], d [m].
DENAVIT_HARTENBERG = np.array(
    [
        [0.0, 0.0, 0.333],
        [0.0, -np.pi / 2, 0.0],
        [0.0, np.pi / 2, 0.316],
        [0.0825, np.pi / 2, 0.0],
        [-0.0825, -np.pi / 2, 0.384],
        [0.0, np.pi / 2, 0.0],
        [0.088, np.pi / 2, 0.0],
        [0.0, 0.0, 0.107],
    ]
)
LOWER_LIMITS = np.array([-2.8973, -1.7628, -2.8973, -3.0718, -2.8973, -0.0175, -2.8973])
UPPER_LIMITS = np.array([2.8973, 1.7628, 2.8973, -0.0698, 2.8973, 3.7525, 2.8973])
READY = np.array([0.0, -np.pi / 4, 0.0, -3 * np.pi / 4, 0.0, np.pi / 2, np.pi / 4])

POSE_TOLERANCE = 1e-8
REQUIRED_PERCENT = 97
WITHIN = 1e-12  # of an exact solution, certified for the first pose


class SolvedPose(NamedTuple):
    """One target of the demo and what the solver made of it."""

    target: FloatArray
    result: Any
    pose_error: float

    @property
    def solved(self) -> bool:
        return self.pose_error <= POSE_TOLERANCE


def link(a: float, alpha: float, d: float, theta: float) -> FloatArray:
    """Transform of one link, Rot_x(alpha) Trans_x(a) Rot_z(theta) Trans_z(d)."""
    cos_alpha, sin_alpha = np.cos(alpha), np.sin(alpha)
    cos_theta, sin_theta = np.cos(theta), np.sin(theta)
    return np.array(
        [
            [cos_theta, -sin_theta, 0.0, a],
            [sin_theta * cos_alpha, cos_theta * cos_alpha, -sin_alpha, -d * sin_alpha],
            [sin_theta * sin_alpha, cos_theta * sin_alpha, cos_alpha, d * cos_alpha],
            [0.0, 0.0, 0.0, 1.0],
        ]
    )


def cross(a: FloatArray, b: FloatArray) -> FloatArray:
    """The vector product a x b in three dimensions."""
    return np.array(
        [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]]
    )


def frames(q: FloatArray) -> FloatArray:
    """Frames of the seven joints and the flange, (8, 4, 4); a joint turns about its third axis."""
    reached = np.empty((8, 4, 4))
    frame = np.eye(4)
    for i in range(8):
        a, alpha, d = DENAVIT_HARTENBERG[i]
        theta = q[i] if i < 7 else 0.0
        frame = frame @ link(a, alpha, d, theta)
        reached[i] = frame
    return reached


def pose(q: FloatArray) -> FloatArray:
    """Pose of the flange at joint angles `q` (7,), a homogeneous 4x4 matrix in metres."""
    flange: FloatArray = frames(q)[7]
    return flange


def rotation_error(reached: FloatArray, target: FloatArray) -> FloatArray:
    """Rodrigues' vector tan(phi/2) u of the rotation that leads from `target` to `reached`."""
    E = reached[:3, :3] @ target[:3, :3].T
    skew = np.array([E[2, 1] - E[1, 2], E[0, 2] - E[2, 0], E[1, 0] - E[0, 1]])
    g: FloatArray = skew / (1.0 + np.trace(E))
    return g


def residual(q: FloatArray, target: FloatArray) -> FloatArray:
    """Position error [m] and rotation error, (6,), of the flange at joint angles `q`."""
    reached = pose(q)
    return np.concatenate([reached[:3, 3] - target[:3, 3], rotation_error(reached, target)])


def rotation_rate(g: FloatArray, omega: FloatArray) -> FloatArray:
    """Rate of Rodrigues' vector `g` while the flange turns with angular velocity `omega`.

    Let (s, v) be the unit quaternion of E, so g = v/s. E' = [omega] E, as R_t is constant, which
    is s' = -omega.v/2 and v' = (s omega + omega x v)/2 for the quaternion. Hence
    g' = v'/s - v s'/s^2 = (omega + omega x g + (g.omega) g)/2.
    """
    return (omega + cross(omega, g) + np.sum(g * omega) * g) / 2


def jacobian(q: FloatArray, target: FloatArray) -> FloatArray:
    """Derivative of `residual`, (6, 7).

    Turning joint i at unit rate gives the flange the angular velocity z_i (the joint's axis) and
    the velocity z_i x (p - p_i), p_i any point of the axis.
    """
    reached = frames(q)
    g = rotation_error(reached[7], target)
    derivative = np.empty((6, 7))
    for i in range(7):
        axis = reached[i, :3, 2]
        derivative[:3, i] = cross(axis, reached[7, :3, 3] - reached[i, :3, 3])
        derivative[3:, i] = rotation_rate(g, axis)
    return derivative


def wrap(q: FloatArray) -> FloatArray:
    """The same pose by joint angles within half a turn of the middle of their limits."""
    middle: FloatArray = (LOWER_LIMITS + UPPER_LIMITS) / 2
    turns: FloatArray = np.round((q - middle) / (2 * np.pi))
    return q - 2 * np.pi * turns


def within_limits(q: FloatArray) -> bool:
    """Whether joint angles `q`, whole turns aside, respect the published limits."""
    angles = wrap(q)
    return bool(np.all((angles >= LOWER_LIMITS) & (angles <= UPPER_LIMITS)))


def random_targets(seed: int, count: int) -> list[FloatArray]:
    """Poses reached from joint angles drawn uniformly within the published limits."""
    rng = np.random.default_rng(seed)
    return [pose(rng.uniform(LOWER_LIMITS, UPPER_LIMITS)) for _ in range(count)]


def solve_pose(target: FloatArray, tol_distance: float | None = None) -> SolvedPose:
    """Joint angles for `target`, found from the ready configuration."""
    result = nlsolve.solve(
        residual, 0.0, READY, jac=jacobian, args=(target,), tol_distance=tol_distance
    )
    return SolvedPose(target, result, float(np.max(np.abs(pose(result.w) - target))))


def describe(found: SolvedPose) -> str:
    """Joint angles, error and outcome of one pose, as text."""
    angles = " ".join(f"{angle:9.5f}" for angle in wrap(found.result.w))
    return (
        f"joint angles [rad]  {angles}\n"
        f"pose error          {found.pose_error:.1e} (largest entry of the 4x4 difference)\n"
        f"outcome             {found.result.message}"
    )


def certified(result: Any) -> str:
    """What is certified of a pose, and since when convergence was guaranteed."""
    certificate = result.certificate
    if not certificate.holds:
        return f"certificate         none: {certificate.reason}"
    first = result.certified_from
    since = "not seen" if first is None else f"iteration {first} of {len(result.history) - 1} on"
    return (
        f"certificate         {certificate.claim}\n"
        f"evidence            {certificate.evidence.word} (theorem {certificate.theorem})\n"
        f"guaranteed from     {since} (full Gauss-Newton steps)"
    )


class Campaign(NamedTuple):
    """Random poses and what the solver made of them; the first one is certified.

    `asked` is how many there were to be; a Ctrl-C leaves fewer.
    """

    found: list[SolvedPose]
    asked: int
    seed: int
    seconds: float

    @property
    def solved(self) -> int:
        return sum(one.solved for one in self.found)

    @property
    def within_limits(self) -> int:
        return sum(within_limits(one.result.w) for one in self.found if one.solved)

    @property
    def iterations(self) -> float:
        """The median."""
        return float(np.median([one.result.nit for one in self.found]))

    @property
    def passed(self) -> bool:
        """Whether at least 97% of the poses that were tried were solved."""
        return 100 * self.solved >= REQUIRED_PERCENT * len(self.found)

    def document(self) -> dict[str, Any]:
        """Return the outcome as names and numbers."""
        certificate = self.found[0].result.certificate
        return {
            "seed": self.seed,
            "poses": len(self.found),
            "solved": self.solved,
            "within_limits": self.within_limits,
            "median_iterations": self.iterations,
            "seconds": self.seconds,
            "first_angles": wrap(self.found[0].result.w),
            "first_claim": certificate.claim if certificate.holds else None,
        }

    def __str__(self) -> str:
        first = self.found[0]
        return (
            "Inverse kinematics of the Franka Emika Panda: 6 equations, 7 joint angles\n"
            f"first pose\n{describe(first)}\n"
            f"solved {self.solved} of {len(self.found)} poses (seed {self.seed}), "
            f"{self.within_limits} within the joint limits, median {self.iterations:g} iterations, "
            f"{self.seconds:.1f} s\n"
            f"first pose again\n{certified(first.result)}"
        )


def campaign(seed: int = 0, poses: int = 100) -> Campaign:
    """Solve random poses from the ready configuration, the first to a certified distance.

    Raises
    ------
    KeyboardInterrupt
        If the first pose was broken off; later ones end the campaign.
    """
    start = perf_counter()
    first, *others = random_targets(seed, poses)
    found = [solve_pose(first, WITHIN)]
    with contextlib.suppress(KeyboardInterrupt):
        for target in others:
            found.append(solve_pose(target))
    return Campaign(found, poses, seed, perf_counter() - start)


def run(seed: int = 0, poses: int = 100) -> int:
    """Solve random poses, print the first and the count; 0 if at least 97% were solved, else 1."""
    done = campaign(seed, poses)
    print(done)
    return 0 if done.passed else 1
