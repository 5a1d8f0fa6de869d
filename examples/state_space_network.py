"""
Can a nonlinear state-space model reproduce a record from random weights?
=========================================================================

A state of 8 numbers, a network of 40 hidden units that says what enters it, one output:

::

    s_{k+1} = leak s_k + C tanh(A s_k + b u_k + d),   s_1 = 0,   output_k = c s_{k+1}.

The record is that of a Wiener-Hammerstein system (filter, saturation, filter) at a random input:
50 equations for 728 weights. The Jacobian is carried along with the state. What was learned beyond
the record shows at a fresh input. Full steps do not arrive from every start: some stall.
"""

import time

import matplotlib.pyplot as plt
import numpy as np

import nlsolve

STATES, HIDDEN, SAMPLES = 8, 40, 50
LEAK = np.linspace(0.1, 0.9, STATES)
SHAPES = [(HIDDEN, STATES), (HIDDEN,), (HIDDEN,), (STATES, HIDDEN), (STATES,)]  # A, b, d, C, c
SPREADS = [0.3, 1.0, 0.5, 0.1, 0.3]  # of the weights at the start
ENDS = np.cumsum([int(np.prod(shape)) for shape in SHAPES])
WEIGHTS = int(ENDS[-1])


def plant(inputs):
    """The system that made the record."""
    first = second = 0.0
    outputs = []
    for u in inputs:
        first, second = 0.7 * first + 0.3 * u, 0.8 * second + 0.2 * np.tanh(3.0 * first)
        outputs.append(second)
    return np.array(outputs)


def split(w):
    """The weights by matrices; or the columns of a derivative, (k, WEIGHTS), by matrices."""
    return np.split(w, ENDS[:-1], axis=-1)


def simulate(w, inputs):
    """Outputs (k,) and their derivatives by the weights (k, WEIGHTS)."""
    A, b, d, C, c = (part.reshape(shape) for part, shape in zip(split(w), SHAPES, strict=True))
    s, by_w = np.zeros(STATES), np.zeros((STATES, WEIGHTS))
    outputs, rows = [], []
    for u in inputs:
        activation = np.tanh(A @ s + b * u + d)
        inner = A @ by_w
        by_A, by_b, by_d, _, _ = split(inner)
        by_A += np.kron(np.eye(HIDDEN), s)
        by_b += u * np.eye(HIDDEN)
        by_d += np.eye(HIDDEN)
        by_w = LEAK[:, None] * by_w + C @ ((1.0 - activation**2)[:, None] * inner)
        split(by_w)[3] += np.kron(np.eye(STATES), activation)
        s = LEAK * s + C @ activation
        row = c @ by_w
        row[ENDS[3] :] += s
        outputs.append(c @ s)
        rows.append(row)
    return np.array(outputs), np.array(rows)


def identify(rng):
    """A record (inputs, outputs) and the weights that reproduce it."""
    inputs = rng.uniform(-1.0, 1.0, SAMPLES)
    outputs = plant(inputs)
    start = [a * rng.standard_normal(np.prod(s)) for a, s in zip(SPREADS, SHAPES, strict=True)]
    sol = nlsolve.solve(
        simulate, outputs, np.concatenate(start),
        jac=True, args=(inputs,), method="gauss-newton",
    )  # fmt: skip
    return inputs, outputs, sol.raise_if_failed()


# %%
# Fifty equations, 728 weights
# ----------------------------
# The record is reproduced to rounding, and the weights hardly move.

rng = np.random.default_rng(0)
begin = time.perf_counter()
inputs, outputs, sol = identify(rng)
print(f"{SAMPLES} samples, {WEIGHTS} weights, {time.perf_counter() - begin:.2f} s: {sol.message}")
length = np.linalg.norm(sol.w)
print(f"moved {sol.history.distance[-1]:.3f}, the weights being {length:.1f} long")

# %%
# What is certified
# -----------------
# Nothing at the start: random weights are too far from a solution for the curvature there. From the
# middle of the run on convergence was guaranteed, and at the end a solution is near. The evidence
# is "estimated", curvature being sampled: enclosures of 50 steps in sequence become too wide for
# proofs.

print(f"at the start not certified, because {sol.start_certificate.reason}")
print(f"convergence was guaranteed from iteration {sol.certified_from} of {sol.nit} on")
print(f"at the end {sol.certificate.evidence}: {sol.certificate.claim}")

# %%
# What was learned beyond the record is no matter of certificates.

fresh = rng.uniform(-1.0, 1.0, SAMPLES)
truth, guess = plant(fresh), simulate(sol.w, fresh)[0]
error = np.linalg.norm(guess - truth) / np.linalg.norm(truth)
print(f"error at a fresh input: {100.0 * error:.0f} % (at the record: 0 %)")

figure, (left, middle, right) = plt.subplots(1, 3, figsize=(11.0, 3.4), layout="constrained")
for axis, name, true, model in (
    (left, "the record", outputs, simulate(sol.w, inputs)[0]),
    (middle, "a fresh input", truth, guess),
):
    axis.plot(true, "o", color="#D55E00", markersize=4, label="plant")
    axis.plot(model, color="#0072B2", label="model")
    axis.set(title=name, xlabel="sample", ylabel="output")
left.legend()
right.semilogy(sol.history.residual_norm, "o-", color="#0072B2", markersize=4)
right.axvspan(sol.certified_from, sol.nit, color="#009E73", alpha=0.25)
right.set(title="shaded: guaranteed to converge", xlabel="iteration", ylabel="|r|")
plt.show()
