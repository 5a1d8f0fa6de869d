"""
How does a robot arm with a joint to spare keep its joints at ease?
===================================================================

Six equations, a pose, in the seven joint angles of the Franka Emika Panda: solutions form curves.
Along a curve the elbow swings while the hand stays where it is. Among its points a local minimum of

::

    g(q) = sum_i ((q_i - middle_i) / half the range_i)^4

keeps joints away from their limits; at a limit a term is one. A curve may leave the limits
everywhere: then another start may lead to another curve.

Sources: kinematics and limits as in nlsolve/demo.py; the preference is that of A. Liegeois, IEEE
Trans. Systems, Man and Cybernetics 7 (1977) 868-871, with fourth powers for squares.
"""

import matplotlib.pyplot as plt
import numpy as np

import nlsolve
from nlsolve import demo

MIDDLE = (demo.UPPER_LIMITS + demo.LOWER_LIMITS) / 2
HALF = (demo.UPPER_LIMITS - demo.LOWER_LIMITS) / 2


def strain(q):
    return np.sum(((q - MIDDLE) / HALF) ** 4, axis=-1)


def strain_gradient(q):
    return 4.0 * ((q - MIDDLE) / HALF) ** 3 / HALF


def reach(target, start, **preference):
    return nlsolve.solve(demo.residual, 0.0, start, jac=demo.jacobian, args=(target,), **preference)


def eased(target, start):
    """A solution from `start`, whole turns taken off, and one of less strain on its curve."""
    some = reach(target, start).raise_if_failed()
    easier = reach(target, demo.wrap(some.w), secondary=strain, secondary_jac=strain_gradient)
    return demo.wrap(some.w), easier.raise_if_failed()


# %%
# One pose
# --------
# The arm is brought there from its ready position, and then along the curve to the least strain.
# The kinematics are traced to formulas, so that an exact solution is near is proved.

target = demo.random_targets(3, 1)[0]
some, easy = eased(target, demo.READY)
print("any solution       ", some.round(4), f"strain {strain(some):.3f}")
print("of least strain    ", easy.w.round(4), f"strain {strain(easy.w):.3f}")
print(f"{easy.certificate.evidence}: {easy.certificate.claim}")
print(f"largest error of the pose: {np.abs(demo.pose(easy.w) - target).max():.1e}")

# %%
# The whole curve near it, walked in both directions.

curve = nlsolve.manifold(demo.residual, 0.0, easy.w, jac=demo.jacobian, args=(target,))
walks = [curve.walk(sign * curve.tangent[:, 0], 1.5, max_step=0.05) for sign in (-1.0, 1.0)]
swing = np.concatenate([walks[0].w[::-1], walks[1].w[1:]])
print(f"{len(swing)} points of the curve, all with the hand where it was: "
      f"{max(np.abs(demo.pose(q) - target).max() for q in swing):.1e}")  # fmt: skip

# %%
# On the left the arm at points of the curve, the hand in one place; thick the one of least strain.

shown = [*swing[::6], easy.w]
figure = plt.figure(figsize=(9.8, 4.6), layout="constrained")
arm = figure.add_subplot(1, 2, 1, projection="3d")
for q in shown:
    joints = np.vstack([np.zeros(3), demo.frames(q)[:, :3, 3]])
    best = q is shown[-1]
    arm.plot(*joints.T, "o-", color="#0072B2" if best else "0.6", lw=3.5 if best else 1.0,
             markersize=5 if best else 2, zorder=3 if best else 1)  # fmt: skip
arm.plot(*target[:3, 3:], "D", color="#D55E00", markersize=9, zorder=4)
arm.set(xlabel="x [m]", ylabel="y [m]", zlabel="z [m]", aspect="equal", yticks=[-0.2, 0.0])
arm.view_init(elev=20, azim=-110)
side = figure.add_subplot(1, 2, 2)
arc = np.concatenate([-walks[0].arc[::-1], walks[1].arc[1:]])
side.plot(arc, strain(swing), color="#0072B2")
side.plot(0.0, strain(easy.w), "o", color="#0072B2", markersize=9)
side.set(xlabel="way along the curve [rad]", ylabel="strain g")

# %%
# Twenty poses
# ------------
# How often that ends within all limits, from the ready position and from the best of three starts.


def least_strained(target, starts):
    """The best of what is found from several starts, some of which may fail."""
    found = []
    for start in starts:
        try:
            found.append(eased(target, start)[1])
        except nlsolve.SolveError:
            continue
    return min(found, key=lambda sol: strain(sol.w))


targets = demo.random_targets(0, 20)
draw = np.random.default_rng(1).uniform
starts = [demo.READY, *(draw(demo.LOWER_LIMITS, demo.UPPER_LIMITS) for _ in range(2))]
pairs = [eased(one, demo.READY) for one in targets]
tried = {
    "any solution": [some for some, _ in pairs],
    "least strain on its curve": [sol.w for _, sol in pairs],
    "least strain of 3 starts": [least_strained(one, starts).w for one in targets],
}
for name, angles in tried.items():
    inside = sum(map(demo.within_limits, angles))
    middle = np.median([strain(q) for q in angles])
    print(f"{name:>26}: {inside} of {len(targets)} within limits, median strain {middle:.2f}")
plt.show()
