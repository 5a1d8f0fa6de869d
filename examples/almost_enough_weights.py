"""
How far does descent come with slightly fewer weights than equations?
=====================================================================

With m >= n unknowns the loss L = abs(r)²/2 can vanish, and PL* says how fast it does. With fewer,
K = J Jᵀ is singular, and where L is smallest the gradient vanishes though L does not: PL* fails.
What is left is PL* wherever L >= eps. Descent then comes below eps, at a known rate, and eps can be
computed at the start: it is what the m tangent directions leave of the residual, and what curvature
adds (theorem `pl-star-eps`, docs/reference/certificates.md).

40 equations z + z²/100 = y with z = A w, A the first m cosines of an orthonormal basis, y random
(length about 0.6). The Lipschitz constant of J is known: by J = (1 + z/50) A it is at most a
fiftieth of the longest row of A. For every m what is promised stands beside what descent reaches,
and beside the least loss there is, by scipy.

Source: C. Liu, L. Zhu, M. Belkin, arXiv 2003.00307, on systems that are almost over-parameterized.
"""

import matplotlib.pyplot as plt
import numpy as np
from scipy.fft import idct
from scipy.optimize import least_squares

import nlsolve

N, BEND = 40, 0.01
cosines = idct(np.eye(N), norm="ortho", axis=0)
y = 0.1 * np.random.default_rng(0).standard_normal(N)


def system(m):
    """The first m cosines: F, its Jacobian, and a Lipschitz constant of it."""
    A = cosines[:, :m]

    def F(w):
        return A @ w + BEND * (A @ w) ** 2

    def jac(w):
        return (1.0 + 2.0 * BEND * (A @ w))[:, None] * A

    return F, jac, 2.0 * BEND * np.linalg.norm(A, axis=1).max()


# %%
# What is promised, and what comes
# --------------------------------
# `loss` is the eps of the promise; `promised_steps` the steps after which it has been reached.

widths = [24, 30, 34, 37, 38, 39]
print(" m  eps promised  in steps  reached in  after them  least (scipy)")
promised, reached, least, runs = [], [], [], {}
for m in widths:
    F, jac, beta = system(m)
    words = {"jac": jac, "method": "gd"}
    promise = nlsolve.certify(F, y, np.zeros(m), claim="pl-star-eps", lipschitz=beta, **words)
    assert promise.holds, promise.reason
    start = np.sum((F(np.zeros(m)) - y) ** 2) / 2.0
    steps = int(np.ceil(np.log(promise.loss / start) / np.log(promise.rate)))
    run = nlsolve.solve(
        F, y, np.zeros(m), step=promise.step, max_iter=steps, certify=False, **words
    )
    losses = run.history.residual_norm**2 / 2.0
    best = least_squares(lambda w, F=F: F(w) - y, np.zeros(m), jac, xtol=1e-14, ftol=1e-14).cost
    first = int(np.argmax(losses <= promise.loss))
    assert losses.min() <= promise.loss
    print(f"{m}  {promise.loss:12.3e}  {steps:8}  {first:10}  {losses[-1]:10.3e}  {best:13.3e}")
    promised, reached, least = [*promised, promise.loss], [*reached, losses[-1]], [*least, best]
    runs[m] = losses, promise
print(f"{promise.evidence}: {promise.claim}")

# %%
# With as many unknowns as equations
# ----------------------------------
# The floor is gone: descent goes to a solution.

F, jac, beta = system(N)
enough = nlsolve.certify(F, y, np.zeros(N), jac=jac, method="gd", lipschitz=beta)
print(f"{N} unknowns, {enough.evidence}: {enough.claim}")

# %%
# The promised floor stays above the least loss, by what curvature costs; descent meets it, and
# comes nearly to the least loss there is.

figure, (left, right) = plt.subplots(1, 2, figsize=(9.6, 4.0), layout="constrained")
left.semilogy(widths, promised, "--", color="#D55E00", marker="v", label="eps, promised")
left.semilogy(widths, reached, color="#0072B2", marker="o", label="reached by then")
left.semilogy(widths, least, ":", color="black", marker="x", label="least there is (scipy)")
left.set(xlabel="unknowns, for 40 equations", ylabel="loss")
left.legend(frameon=False)
losses, promise = runs[37]
steps = np.arange(losses.size)
bound = np.maximum(losses[0] * promise.rate**steps, promise.loss)
right.semilogy(steps, losses, color="#0072B2", label="gradient descent")
right.semilogy(steps, bound, "--", color="#D55E00", label="promised")
right.set(xlabel="step", title="37 unknowns, 40 equations")
right.legend(frameon=False)
plt.show()
