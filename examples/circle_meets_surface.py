"""
Where does a sphere meet a plane?
=================================

Two equations in three unknowns: the solutions form a circle. `scipy.optimize.root` refuses such
systems. Minimum-norm Gauss-Newton walks to the circle and, since each of its steps is the shortest
there is, ends near the start.
"""

import matplotlib.pyplot as plt
import numpy as np

import nlsolve


def F(x):
    return np.array([x @ x - 1.0, x[0] - x[1]])


starts = ([1.4, 0.4, 1.0], [-0.6, -1.5, 0.2], [0.4, 0.0, -1.6])
solved = [nlsolve.solve(F, 0.0, start, store_path=True, tol_distance=1e-12) for start in starts]
for sol in solved:
    print(f"{sol.w.round(6)} after {sol.nit} steps")
    print(f"    {sol.certificate.evidence}: {sol.certificate.claim}")

# %%
# The certificate was computed from the formulas that the code of F was traced to, in intervals that
# are rounded outward: it is *proved* that an exact solution lies that near. It is the theorem's own
# distance; no reference solution was used. Here there is one, for the circle is known: its points
# are (s, s, z) with 2 s² + z² = 1.

for sol in solved:
    s, _, z = sol.w
    norm = np.hypot(np.sqrt(2.0) * s, z)
    print(
        f"distance from the circle {abs(norm - 1.0):.1e}, proved {sol.certificate.distance[1]:.1e}"
    )
    assert abs(norm - 1.0) < 1e-12

# %%
# The ways from the three starts, in the plane x = y and across it.

angle = np.linspace(0.0, 2.0 * np.pi, 200)
figure = plt.figure(figsize=(6.0, 5.4), layout="constrained")
axes = figure.add_subplot(projection="3d")
axes.plot(np.cos(angle) / np.sqrt(2.0), np.cos(angle) / np.sqrt(2.0), np.sin(angle),
          color="black", label="solutions")  # fmt: skip
for sol, color, marker in zip(solved, ("#0072B2", "#D55E00", "#009E73"), "os^", strict=True):
    axes.plot(*sol.path.T, color=color, marker=marker, label=f"from {sol.path[0].tolist()}")
axes.set(xlabel="x", ylabel="y", zlabel="z", box_aspect=(1, 1, 1))
axes.view_init(elev=18, azim=-20)
figure.legend(loc="outside upper center", ncols=2)
plt.show()
