"""Where does a sphere meet a plane, nearest to where we look?

Two equations in three unknowns: the solutions form a circle. scipy.optimize.root refuses such
systems; minimum-norm Gauss-Newton walks to the circle and, since each step is the shortest there
is, ends near the start.
"""

import numpy as np

import nlsolve


def F(x):
    return np.array([x @ x - 1.0, x[0] - x[1]])


for start in ([2.0, 0.5, 1.0], [-1.0, -3.0, 0.2], [0.1, 0.0, -5.0]):
    sol = nlsolve.solve(F, 0.0, start)
    sol.raise_if_failed()
    print(f"from {start}: w = {sol.w.round(6)}, |r| = {sol.residual_norm:.1e}, {sol.nit} steps")
    assert np.max(np.abs(F(sol.w))) < 1e-9
