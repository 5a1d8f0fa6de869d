"""Is what is proved of a network kept by trainings written without nlsolve's methods?

A random small network, a target about as far from its outputs as the theorem still allows, and
plain numpy gradient descent or Gauss-Newton from there: residual norms must stay below the
envelope, iterates in the ball, and no solution may be nearer than promised. The allowance is for
rounding.
"""

import warnings
from typing import Any, NamedTuple

import numpy as np

import nlsolve
from nlsolve.networks import Convolutional, Dense, Network, Residual

ROUNDING = 1e-11  # of |r| and of distances; networks here compute to about 1e-14
WANTED = {"gd": 0.35, "gauss-newton": 0.45}  # h, where theorems reach up to 1/2


class Training(NamedTuple):
    """A certificate, and what came: the largest shares of its promises."""

    network: Network
    certificate: Any
    residual: float
    distance: float
    nearest: float  # distance to the solution, as a share of the lower bound of it
    reached: float  # |r| at the end, as a share of |r0|


def drawn(rng: np.random.Generator) -> Network:
    """Return a random network."""
    n, act = int(rng.integers(1, 5)), rng.choice(["tanh", "softplus", "erf", "gelu", "silu"])
    words: dict[str, Any] = {"activation": str(act), "rng": rng, "bias": bool(rng.integers(2))}
    kind = rng.integers(4)
    if kind == 0:
        train = str(rng.choice(["all", "hidden"]))
        return Dense(rng.standard_normal((n, 3)), int(rng.integers(20, 120)), train=train, **words)
    if kind == 1:
        output = str(rng.choice(["linear", "tanh"]))
        return Dense(rng.standard_normal((n, 3)), [20, 30], output=output, **words)
    if kind == 2:
        return Residual(rng.standard_normal((n, 3)), 30, blocks=1, outputs=2, **words)
    return Convolutional(rng.standard_normal((n, 6, 1)), [12], **words)


def training(rng: np.random.Generator, method: str) -> Training | None:
    """Return one training, None where nothing near enough is certified."""
    network = drawn(rng)
    w = network.initial(rng)
    away = 1e-3 * rng.standard_normal(network.n)
    for _ in range(6):  # the ball, and with it h, changes with the distance
        y = network(w) + away
        certificate = nlsolve.certify(network, y, w, method=method)
        if certificate.holds and certificate.h > 0.5 * WANTED[method]:
            break
        away = away * WANTED[method] / certificate.h
    assert certificate.evidence.word == "proved"
    return compared(network, w, y, certificate, method) if certificate.holds else None


def compared(network: Network, w: Any, y: Any, certificate: Any, method: str) -> Training:
    """Train, and compare with what is promised."""
    steps = 12 if method == "gauss-newton" else 150
    norms, distances, start = [], [], w
    for _ in range(steps):
        values, J = network.values(w)
        r, A = values - y, J.array()
        norms.append(np.linalg.norm(r))
        distances.append(np.linalg.norm(w - start))
        step = np.linalg.lstsq(A, r)[0] if method == "gauss-newton" else certificate.step * A.T @ r
        w = w - step
    allowed = np.array(certificate.envelope(steps)) + ROUNDING
    root = w - np.linalg.lstsq(network.values(w)[1].array(), network(w) - y)[0]
    return Training(
        network, certificate, float(np.max(norms / allowed)),
        max(distances) / (certificate.radius + ROUNDING),
        float(certificate.distance[0] / (np.linalg.norm(root - start) + ROUNDING)),
        norms[-1] / norms[0],
    )  # fmt: skip


def trainings(count: int, seed: int) -> list[Training]:
    """Return trainings by both methods in turn; those that are not certified are left out."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        rng = np.random.default_rng(seed)
        found = (training(rng, ("gd", "gauss-newton")[k % 2]) for k in range(count))
        return [one for one in found if one is not None]
