"""
How good a fit can be promised, where no exact one exists?
==========================================================

A regression has more equations than unknowns, and noise: F(w) = y has no solution. Two things can
still be certified. Here for Misra1a of NIST's reference regressions, 14 observations of a
monomolecular adsorption and two parameters, which are published to eleven figures:

- that a point is the optimum: there the gradient Jᵀ(F - y) vanishes, two equations in two unknowns;
- that gradient descent brings the loss below a certain level, and in how many steps: PL*_eps, the
  condition of Polyak and Lojasiewicz wherever the loss exceeds eps.

Source: NIST/ITL, Statistical Reference Datasets, Misra1a (D. Misra, NIST, 1978),
https://www.itl.nist.gov/div898/strd/nls/data/misra1a.shtml
"""

import matplotlib.pyplot as plt
import numpy as np

import nlsolve

x = np.array([77.6, 114.9, 141.1, 190.8, 239.9, 289.0, 332.8, 378.4, 434.8, 477.3, 536.8, 593.1,
              689.1, 760.0])  # fmt: skip
y = np.array([10.07, 14.73, 17.94, 23.93, 29.61, 35.18, 40.02, 44.82, 50.76, 55.05, 61.01, 66.40,
              75.47, 81.78])  # fmt: skip
PUBLISHED = np.array([2.3894212918e02, 5.5015643181e-04])
UNITS = np.array([100.0, 1e-4])  # of the parameters


def model(w):
    b1, b2 = UNITS * w
    return b1 * (1.0 - np.exp(-b2 * x))


def jacobian(w):
    b1, b2 = UNITS * w
    decay = np.exp(-b2 * x)
    return np.stack([1.0 - decay, b1 * x * decay], axis=1) * UNITS


# %%
# The optimum
# -----------
# From NIST's second start, first as a regression: it ends at what is no root, and says so. From
# there the equations of the gradient. Their formulas are traced, so that the claim is a proof: the
# gradient vanishes within that distance, and at one point only.


def gradient(w):
    return jacobian(w).T @ (model(w) - y)


fit = nlsolve.solve(model, y, np.array([250.0, 5e-4]) / UNITS, jac=jacobian)
print(f"the regression: {fit.message}")
sol = nlsolve.solve(gradient, 0.0, fit.w, tol_distance=1e-12)
print(f"{sol.certificate.evidence}: {sol.certificate.claim}")
for found, published in zip(UNITS * sol.w, PUBLISHED, strict=True):
    print(f"{found:.10e} found, {published:.10e} published")
relative_error = np.abs(UNITS * sol.w / PUBLISHED - 1.0).max()

# %%
# What descent is promised to reach
# ---------------------------------
# The parameters are measured in units in which J is orthonormal at the optimum. With the published
# noise nothing is promised, however near the start, and the reason says what is missing: the model
# curves too strongly for noise of that size. With a thousandth of the noise there is a promise.

scales = np.linalg.inv(np.linalg.qr(jacobian(sol.w), mode="r"))
noise = y - model(sol.w)


def scaled(v):
    return model(sol.w + scales @ v)


def scaled_jacobian(v):
    return jacobian(sol.w + scales @ v) @ scales


def certified(part, away):
    """Data with a part of the noise, a start some noises from the optimum, and a certificate."""
    data = model(sol.w) + part * noise
    start = away * part * np.linalg.norm(noise) * np.array([0.6, 0.8])
    return data, start, nlsolve.certify(
        scaled, data, start, jac=scaled_jacobian, claim="pl-star-eps", method="gd"
    )  # fmt: skip


print(f"published noise: not certified, because {certified(1.0, 0.1)[2].reason}")
data, start, certificate = certified(1e-3, 3.0)
print(f"a thousandth of it, {certificate.evidence}: {certificate.claim}")

# %%
# The claim is about steps of plain gradient descent; here they are taken. The optimum's loss, that
# of the noise, is what no w can go below.

losses, v = [], start
promised = certificate.steps_to(np.sqrt(2.0 * certificate.loss) * (1.0 + 1e-12))
for _ in range(promised + 1):
    r = scaled(v) - data
    losses.append(r @ r / 2.0)
    v = v - certificate.step * scaled_jacobian(v).T @ r
took = int(np.argmax(np.array(losses) <= certificate.loss))
least = 0.5 * np.sum((1e-3 * noise) ** 2)
print(
    f"promised {certificate.loss / least:.2f} times the least loss in {promised} steps, took {took}"
)

figure, (left, right) = plt.subplots(1, 2, figsize=(9.6, 4.0), layout="constrained")
line = np.linspace(0.0, 800.0, 200)
left.plot(line, UNITS[0] * sol.w[0] * (1.0 - np.exp(-UNITS[1] * sol.w[1] * line)), color="#0072B2")
left.plot(x, y, "o", color="#D55E00", markersize=5)
left.set(xlabel="pressure", ylabel="volume", title="Misra1a and its optimum")
right.semilogy(np.array(losses) / least, ".-", color="#0072B2", label="gradient descent")
right.axhline(certificate.loss / least, color="#D55E00", ls="--", label="promised to be reached")
right.axvline(promised, color="#D55E00", ls=":", label="within these steps")
right.axhline(1.0, color="black", lw=1.0, label="least loss")
right.set(xlabel="step", ylabel="loss / least loss", title="a thousandth of the noise")
right.legend()
plt.show()
