"""A robot drove around and its measured turns do not fit together: which smallest corrections do?

A pose graph of SLAM, synthetic: 60 orientations R_i, the turn from each to the next measured, and
12 more between places met again, all with errors of about 2 degrees. Every such loop should close,

    exp(c_ij) M_ij = [exp(c_{j-1,j}) M_{j-1,j}] ... [exp(c_{i,i+1}) M_{i,i+1}],

which is 3 equations a loop, 36 in all, for 213 unknowns: the rotation vectors c of all corrections.
The least corrections are those of rotation averaging, min sum |log(R_j R_i^T M_ij^T)|^2 over all R;
there is no gauge to fix, and every loop has a measurement of its own. A loop's mismatch E is
measured by vee(E - E^T) / (1 + trace E), which vanishes at no half turn.

Source of the averaging problem: R. Hartley, J. Trumpf, Y. Dai, H. Li, Int. J. Computer Vision 103
(2013) 267-305.
"""

import time
from typing import Any, NamedTuple

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


def corrected(c, graph):
    return Rotation.from_rotvec(c.reshape(-1, 3)).as_matrix() @ graph.measured


def mismatch(c, graph):
    """Rodrigues' vectors of what is left of each loop, (3 LOOPS,)."""
    turns = corrected(c, graph)
    R = composed(turns[: POSES - 1])
    i, j = graph.loops.T
    E = turns[POSES - 1 :] @ R[i] @ R[j].transpose(0, 2, 1)
    skew = np.stack([E[:, 2, 1] - E[:, 1, 2], E[:, 0, 2] - E[:, 2, 0], E[:, 1, 0] - E[:, 0, 1]])
    return (skew / (1.0 + np.trace(E, axis1=1, axis2=2))).T.ravel()


def average(graph):
    """The least corrections, found from none."""
    sol = nlsolve.solve(
        mismatch, 0.0, np.zeros(3 * len(graph.measured)),
        jac="3-point", args=(graph,), method="gauss-newton", select="min-norm",
    )  # fmt: skip
    return sol.raise_if_failed()


def error(c, graph):
    """Root of the mean square angle between orientations and the true ones, in degrees."""
    apart = composed(corrected(c, graph)[: POSES - 1]) @ graph.true.transpose(0, 2, 1)
    return np.rad2deg(np.sqrt(np.mean(Rotation.from_matrix(apart).magnitude() ** 2)))


def main():
    slam = graph(np.random.default_rng(0))
    none = np.zeros(3 * len(slam.measured))
    begin = time.perf_counter()
    sol = average(slam)
    seconds = time.perf_counter() - begin
    print(f"{LOOPS} loops, {sol.fun.size} equations, {sol.w.size} unknowns, {seconds:.2f} s")
    print(sol.message)
    open_by = np.rad2deg(
        2.0 * np.arctan(np.linalg.norm(mismatch(none, slam).reshape(-1, 3), axis=1))
    )
    largest = np.rad2deg(np.max(np.linalg.norm(sol.w.reshape(-1, 3), axis=1)))
    print(
        f"loops were open by up to {open_by.max():.1f} degrees; corrections of up to {largest:.1f}"
    )
    print(f"orientations wrong by {error(none, slam):.2f} degrees, now by {error(sol.w, slam):.2f}")
    print(f"{sol.certificate.evidence.word}: {sol.certificate.claim}")


if __name__ == "__main__":
    main()
