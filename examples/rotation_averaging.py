"""
Which smallest corrections make the measured turns of a robot fit together?
===========================================================================

A pose graph of SLAM, synthetic: 60 orientations, the turn from each to the next measured, and 12
more between places met again, all with errors of about 2 degrees. Turns are unit quaternions M.
Every loop should close: with a correction of each turn, the turns along the way and the one that
was measured directly are the same,

::

    c_ij M_ij = (c_{j-1,j} M_{j-1,j}) ... (c_{i,i+1} M_{i,i+1}).

These are 3 equations a loop, 36 in all, for 213 unknowns: all corrections, c = (1, g/2) by
Rodrigues' vectors g = 2 tan(φ/2) times the axis, in radians nearly. The least corrections are those
of rotation averaging, the minimum of the squared angles between measured turns and those of a
consistent set of orientations; there is no gauge to fix, and every loop has a measurement of its
own. What is left of a loop is measured by Rodrigues' vector too, which vanishes at no half turn.

Source of the averaging problem: R. Hartley, J. Trumpf, Y. Dai, H. Li, Int. J. Computer Vision 103
(2013) 267-305.
"""

import time
from typing import Any, NamedTuple

import matplotlib.pyplot as plt
import numpy as np
from scipy.spatial.transform import Rotation

import nlsolve

POSES, LOOPS, NOISE = 60, 12, np.deg2rad(2.0) / np.sqrt(3.0)


class Graph(NamedTuple):
    """Orientations (POSES, 3, 3), loops (LOOPS, 2), turns measured: first from each to the next."""

    true: Any
    loops: Any
    measured: Any


def graph(rng):
    turns = Rotation.from_rotvec(rng.normal(0.0, 0.3, (POSES, 3))).as_matrix()
    true = composed(turns[1:])
    starts = rng.choice(POSES // 2, LOOPS, replace=False)
    loops = np.stack([starts, starts + rng.integers(5, POSES // 2, LOOPS)], axis=1)
    ends = np.concatenate([np.stack([np.arange(POSES - 1), np.arange(1, POSES)], axis=1), loops])
    exact = true[ends[:, 1]] @ true[ends[:, 0]].transpose(0, 2, 1)
    errors = rng.normal(0.0, NOISE, (len(ends), 3))
    return Graph(true, loops, Rotation.from_rotvec(errors).as_matrix() @ exact)


def composed(turns):
    """Orientations relative to the first, from the turns between neighbours."""
    reached = [np.eye(3)]
    for turn in turns:
        reached.append(turn @ reached[-1])
    return np.array(reached)


# %%
# The equations
# -------------
# Products of quaternions are sums of products. Their lengths do not matter, so nothing has to be
# normalised, and the formulas stay simple: `nlsolve.trace` follows them, differentiates them
# exactly, and can prove what they say.


def product(p, q):
    """Of quaternions, scalar first: what turns by q and then by p."""
    a, b = p[..., :1], p[..., 1:]
    c, d = q[..., :1], q[..., 1:]
    x, y, z = (b[..., k] for k in range(3))
    u, v, w = (d[..., k] for k in range(3))
    cross = np.stack([y * w - z * v, z * u - x * w, x * v - y * u], axis=-1)
    scalar = a * c - np.sum(b * d, axis=-1, keepdims=True)
    return np.concatenate([scalar, a * d + c * b + cross], axis=-1)


def mismatches(slam):
    """The system: what is left of each loop, (3 LOOPS,), of corrections (3 measured,)."""
    M = Rotation.from_matrix(slam.measured).as_quat()[:, [3, 0, 1, 2]]

    def mismatch(g):
        halves = g.reshape(-1, 3) / 2.0
        turns = product(np.concatenate([np.ones((len(M), 1)), halves], axis=1), M)
        left = []
        for (i, j), direct in zip(slam.loops, turns[POSES - 1 :], strict=True):
            along = turns[i]
            for k in range(i + 1, j):
                along = product(turns[k], along)
            E = product(direct, along * np.array([1.0, -1.0, -1.0, -1.0]))
            left.append(2.0 * E[1:] / E[0])
        return np.concatenate(left)

    return nlsolve.trace(mismatch, 3 * len(M))


def average(slam):
    """The least corrections, found from none."""
    system = mismatches(slam)
    none = np.zeros(3 * len(slam.measured))
    sol = nlsolve.solve(system, 0.0, none, method="gauss-newton", select="min-norm")
    return sol.raise_if_failed()


def orientations(g, slam):
    halves = g.reshape(-1, 3) / 2.0
    turns = np.concatenate([halves, np.ones((len(halves), 1))], axis=1)
    corrections = Rotation.from_quat(turns).as_matrix()
    return composed((corrections @ slam.measured)[: POSES - 1])


def errors(g, slam):
    """Angles between orientations and the true ones, in degrees, (POSES,)."""
    apart = orientations(g, slam) @ slam.true.transpose(0, 2, 1)
    return np.rad2deg(Rotation.from_matrix(apart).magnitude())


# %%
# The promise and the proof
# -------------------------
# At the start, no corrections, convergence of Gauss-Newton is asked for; at the end the existence
# of an exact solution.

slam = graph(np.random.default_rng(0))
none = np.zeros(3 * len(slam.measured))
begin = time.perf_counter()
sol = average(slam)
print(f"{LOOPS} loops, {sol.fun.size} equations, {sol.w.size} unknowns, "
      f"{time.perf_counter() - begin:.2f} s")  # fmt: skip
print(sol.message)
start = nlsolve.certify(mismatches(slam), 0.0, none)
print(f"at the start not certified, because {start.reason}")
print(f"at the end {sol.certificate.evidence}: {sol.certificate.claim}")

# %%
# The loops are closed, and orientations are nearer to the truth, which the solver did not know.

largest = np.rad2deg(2.0 * np.arctan(np.linalg.norm(sol.w.reshape(-1, 3), axis=1).max() / 2.0))
before, after = errors(none, slam), errors(sol.w, slam)
print(f"corrections of up to {largest:.1f} degrees")
print(f"orientations wrong by {np.sqrt(np.mean(before**2)):.2f} degrees (root of the mean square), "
      f"now by {np.sqrt(np.mean(after**2)):.2f}")  # fmt: skip

figure, axis = plt.subplots(figsize=(7.6, 4.0), layout="constrained")
axis.plot(before, "o-", color="#D55E00", markersize=4, label="turns as measured")
axis.plot(after, "s-", color="#0072B2", markersize=4, label="corrected, loops closed")
for k, (i, j) in enumerate(slam.loops):
    axis.plot(
        [i, j], [-0.8 - 0.35 * k] * 2, "|-", color="0.5", lw=1.0, label="loops" if not k else None
    )
axis.set(xlabel="place", ylabel="error of orientation [degrees]", yticks=[0, 5, 10, 15])
axis.legend()
plt.show()
