"""
How much must errors correlate for one factor to explain six school marks?
===========================================================================

Spearman's table of 1904: correlations S of the marks in six subjects. His theory, the first
structural equation model with a latent variable, says that one general factor stands behind all of
them. A mark is its loading times the factor plus an error, so

::

    loading_i loading_j + theta_ij = S_ij,   i >= j,

with covariances theta of the errors: 21 equations. The strict theory has theta diagonal, 12
unknowns and no solution. If all errors may correlate there are 27 unknowns, and solutions form a
surface of dimension 6; the one wanted is that with the least correlation between errors.

Sources: C. Spearman, American Journal of Psychology 15 (1904) 201-293; H. H. Harman, W. H. Jones,
Psychometrika 31 (1966) 351-368, for the loadings with the least sum of squared residuals (minres).
"""

import matplotlib.pyplot as plt
import numpy as np
from scipy.optimize import least_squares

import nlsolve

SUBJECTS = ["classics", "French", "English", "mathematics", "pitch", "music"]
CORRELATIONS = """1
                  .83 1
                  .78 .67 1
                  .70 .67 .64 1
                  .66 .65 .54 .45 1
                  .63 .57 .51 .51 .40 1"""
S = np.array(CORRELATIONS.split(), dtype=float)  # the lower triangle, row by row
rows, columns = np.tril_indices(6)
between = rows != columns


def implied(w):
    """The correlations that loadings w[:6] and error covariances w[6:] imply."""
    return w[:6][rows] * w[:6][columns] + w[6:]


# %%
# The error covariances enter linearly, each into an equation of its own: J = (D, I), and the
# tangent kernel K = J Jᵀ = D Dᵀ + I has no eigenvalue below 1, wherever w is. So PL* holds
# everywhere with mu = 1, there is no local minimum that is not a solution, and the loss can be
# taken to zero from any start. The certificate must not claim more than that on its ball, and it
# claims nearly as much.

start = np.concatenate([np.full(6, 0.8), np.where(between, 0.0, 0.36)])
ball = nlsolve.certify(implied, S, start, claim="pl-star", radius=0.01)
print(f"{ball.evidence}: {ball.claim}")


# %%
# Of all solutions the one with the least squares of error covariances, found along the surface of
# solutions, ...


def blame(w):
    """How far errors of different subjects go together."""
    return np.sum(w[6:][between] ** 2)


sol = nlsolve.solve(implied, S, start, secondary=blame, tol_distance=1e-12).raise_if_failed()
print(sol.message)
print(f"{sol.certificate.evidence}: {sol.certificate.claim}")

# %%
# ... has the loadings that factor analysts call minres: those which leave the least sum of squared
# residuals outside the diagonal. scipy finds them as a regression of 15 numbers on 6 loadings.

minres = least_squares(lambda a: (a[rows] * a[columns] - S)[between], start[:6], xtol=1e-15).x
for subject, ours, other in zip(SUBJECTS, sol.w[:6], minres, strict=True):
    print(f"{subject:>12}: loading {ours:.6f}, scipy {other:.6f}")
difference = np.abs(sol.w[:6] - minres).max()
print(f"largest difference of loadings: {difference:.1e}")

# %%
# The errors that remain are small, so one factor explains the table well; what it explains least is
# how the discrimination of pitch goes together with French and with mathematics.

errors = np.zeros((6, 6))
errors[rows, columns] = errors[columns, rows] = np.where(between, sol.w[6:], 0.0)
figure, (left, right) = plt.subplots(1, 2, figsize=(9.0, 4.2), layout="constrained")
left.barh(SUBJECTS, sol.w[:6], color="#0072B2")
left.plot(minres, SUBJECTS, "D", color="#E69F00", markeredgecolor="black")
left.invert_yaxis()
left.set(xlabel="loading on the general factor", xlim=(0.0, 1.05))
left.set_title("loadings, and those of scipy (diamonds)")
image = right.imshow(errors, cmap="PuOr", vmin=-0.06, vmax=0.06)
right.set_xticks(range(6), SUBJECTS, rotation=40, ha="right")
right.set_yticks(range(6), SUBJECTS)
right.set_title("covariance of errors")
figure.colorbar(image, ax=right)
plt.show()
