"""
Which density meets its line integrals, nearest to what was expected?
=====================================================================

A density on a grid of 24 x 24 cells, 576 unknowns, is seen along 34 rays only: sums over rows, over
columns and over diagonals. Infinitely many densities meet all sums. The one wanted is positive, and
nearest to a prior in Hellinger's distance, the distance of square roots.

So let the unknowns be the square roots s. The equations are A (s * s) = b, with the 0-1 matrix A of
the rays; no density can be negative, and the solution nearest to the start, the root of the prior,
is what is asked for. The rows sum to the same mass as the columns, so one column less is taken:
equations that repeat others would make the tangent kernel singular.
"""

import time

import matplotlib.pyplot as plt
import numpy as np
from scipy.optimize import root

import nlsolve

CELLS, WIDTH = 24, 2  # cells along an edge, and those a ray is wide
edge = (np.arange(CELLS) + 0.5) / CELLS
x, y = np.meshgrid(edge, edge, indexing="ij")


def blob(at_x, at_y, size):
    return np.exp(-((x - at_x) ** 2 + (y - at_y) ** 2) / (2.0 * size**2))


truth = 0.15 + blob(0.35, 0.62, 0.1) + 0.7 * blob(0.7, 0.33, 0.13)
truth /= truth.sum()
prior = np.full((CELLS, CELLS), 1.0 / CELLS**2)

row, column = np.indices((CELLS, CELLS)) // WIDTH
diagonal = (CELLS + np.subtract(*np.indices((CELLS, CELLS)))) // (2 * WIDTH)
bands = CELLS // WIDTH
rays = [*(row == k for k in range(bands)), *(column == k for k in range(bands - 1)),
        *(diagonal == k for k in range(bands - 1))]  # fmt: skip
A = np.reshape(rays, (len(rays), -1)).astype(float)
b = A @ truth.ravel()


def F(s):
    return A @ (s * s)


def jacobian(s):
    return 2.0 * A * s


# %%
# The certificates
# ----------------
# Nothing is promised at the prior: the curvature is too large for a start that far from a solution.
# At the end the code of F is traced to formulas, and that an exact solution is near is proved.

start = np.sqrt(prior.ravel())
begin = time.perf_counter()
sol = nlsolve.solve(F, b, start, jac=jacobian, method="gauss-newton", select="nearest")
print(f"{b.size} equations, {sol.w.size} unknowns, {time.perf_counter() - begin:.1f} s")
print(sol.message)
print(f"at the start not certified, because {sol.start_certificate.reason}")
proof = nlsolve.certify(F, b, sol.w, method=None, evidence="proved")
print(f"at the end {proof.evidence}: {proof.claim}")

# %%
# The nearest, by theory
# ----------------------
# Where the distance to the start is least on the solutions, its gradient s - start is a combination
# of the equations' gradients: s - start = -2 s * (Aᵀ λ), so s = start / (1 + 2 Aᵀ λ), with 34
# multipliers λ in place of 576 unknowns. scipy finds those.


def nearest(multipliers):
    return start / (1.0 + 2.0 * A.T @ multipliers)


dual = root(lambda multipliers: F(nearest(multipliers)) - b, np.zeros(b.size), tol=1e-14)
difference = np.abs(sol.w - nearest(dual.x)).max()
print(f"largest difference from the multipliers' solution: {difference:.1e}")

# %%
# Rays blur: streaks remain where they cross. All 34 sums are met nevertheless.

shown = {"truth": truth.ravel(), "prior": start**2, "nearest to the prior": sol.w**2}
figure, axes = plt.subplots(1, 3, figsize=(10.0, 3.6), layout="constrained", sharey=True)
for axis, (name, density) in zip(axes, shown.items(), strict=True):
    image = axis.imshow(
        density.reshape(CELLS, CELLS).T * CELLS**2, origin="lower", extent=(0.0, 1.0, 0.0, 1.0),
        cmap="cividis", vmin=0.0, vmax=truth.max() * CELLS**2,
    )  # fmt: skip
    axis.set(title=name, xlabel="x", xticks=[0.0, 0.5, 1.0], yticks=[0.0, 0.5, 1.0])
axes[0].set_ylabel("y")
figure.colorbar(image, ax=axes, label="density", shrink=0.8)
plt.show()
