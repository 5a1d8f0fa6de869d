"""What does a Gauss-Newton step on a wide network cost, beside the matrix products it needs?

A step: solve() with two iterations less solve() with one. The bare products are those of one step
and nothing else: forward and back through the layers, two Gram matrices a layer, a Cholesky factor,
and the products that put the step together. The memory is the peak of a process that does nothing
else.

Beside it, where it fits, the same step in JAX from a dense Jacobian (`jax.jacrev`, then K, Cholesky
and J^T s, jitted, double precision). Its threads, if it has several, are added up.
"""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from statistics import median
from typing import Any, NamedTuple

import numpy as np
from scipy.linalg import cho_factor, cho_solve

import nlsolve
from benchmarks.table import table, verdict
from benchmarks.timing import clock
from nlsolve.networks import Dense

STEP_LIMIT, MEMORY_LIMIT, PEER_LIMIT = 3.0, 2.5, 10.0
FEATURES = 64

PEAK = """
import json, resource, sys
import numpy as np
import nlsolve
from benchmarks.networks import case
network, y, w0 = case(*json.loads(sys.argv[1]))
sol = nlsolve.solve(network, y, w0, method="gauss-newton", max_iter=10)
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
peak *= 1 if sys.platform == "darwin" else 1024
print(json.dumps([peak / 2**30, sol.nit, bool(sol.success), network.m]))
"""


class Size(NamedTuple):
    """Samples and width of two hidden layers."""

    samples: int
    width: int


def case(samples: int, width: int) -> tuple[Dense, np.ndarray, np.ndarray]:
    """Return a network with two hidden layers, values to fit and a start."""
    X = np.random.default_rng(0).standard_normal((samples, FEATURES))
    network = Dense(X, [width, width])
    return network, np.sin(X[:, 0]), network.initial(1)


def step_time(network: Dense, y: np.ndarray, w0: np.ndarray) -> Callable[[], float]:
    """Return a function that measures one more iteration of solve(), in seconds."""

    def run(iterations: int) -> Callable[[], Any]:
        return lambda: nlsolve.solve(
            network, y, w0, method="gauss-newton", max_iter=iterations, tol=1e-300
        )

    return lambda: clock(run(2), 1) - clock(run(1), 1)


def bare(size: Size) -> Callable[[], Any]:
    """Return the matrix products of one step on arrays of the right sizes."""
    random = np.random.default_rng(2)
    X = random.standard_normal((size.samples, FEATURES))
    W1 = random.standard_normal((size.width, FEATURES))
    W2 = random.standard_normal((size.width, size.width)) / size.width
    v = random.standard_normal((1, size.width))

    def products() -> Any:
        first = X @ W1.T
        second = first @ W2.T
        out = second @ v.T
        D2 = out * v
        D1 = D2 @ W2
        K = (D2 @ D2.T) * (first @ first.T) + (D1 @ D1.T) * (X @ X.T) + second @ second.T
        K.flat[:: size.samples + 1] += 1e3 * np.trace(K)
        s = cho_solve(cho_factor(K), out)
        return (D2 * s).T @ first, (D1 * s).T @ X, s.T @ second

    return products


def report(quick: bool) -> Iterator[str]:
    """Yield the lines of the report."""
    size = Size(200, 512) if quick else Size(1000, 4096)
    yield from _beside_products(size, rounds=2 if quick else 5)
    yield ""
    yield from _beside_jax(Size(20, 128) if quick else Size(100, 1024), rounds=2 if quick else 5)


def _beside_products(size: Size, rounds: int) -> Iterator[str]:
    problem = case(*size)
    one, products = step_time(*problem), bare(size)
    products()
    pairs = [(one(), clock(products, 1)) for _ in range(rounds)]
    ratio = median(step / product for step, product in pairs)
    done = subprocess.run(
        [sys.executable, "-c", PEAK, json.dumps(size)], capture_output=True, text=True, check=True
    )
    peak, iterations, success, unknowns = json.loads(done.stdout)
    rows = [
        ("step over the bare products", f"{ratio:.2f}", f"<= {STEP_LIMIT}", verdict(ratio <= 3.0)),
        ("peak memory, GiB", f"{peak:.2f}", f"< {MEMORY_LIMIT}", verdict(peak < MEMORY_LIMIT)),
    ]
    yield (
        f"{size.samples} samples, widths {size.width}-{size.width}, {unknowns:,} unknowns; solve() "
        f"{'found a root' if success else 'found no root'} in {iterations} iterations."
    )
    yield ""
    yield table(["Gauss-Newton", "measured", "target", ""], rows)


def _beside_jax(size: Size, rounds: int) -> Iterator[str]:
    try:
        peer = _in_jax(size)
    except ImportError as error:
        yield f"JAX was not measured: {error}."
        return
    one = step_time(*case(*size))
    one()
    times = [(peer(), one()) for _ in range(rounds)]
    ratio = median(theirs / ours for theirs, ours in times)
    row = (f"{size.samples} samples, widths {size.width}-{size.width}", f"{ratio:.1f}",
           f">= {PEER_LIMIT:.0f}", verdict(ratio >= PEER_LIMIT))  # fmt: skip
    yield table(["a step in JAX from a dense Jacobian over ours", "measured", "target", ""], [row])


def _in_jax(size: Size) -> Callable[[], float]:
    """Return a function that measures one Gauss-Newton step of JAX, in seconds."""
    import jax
    import jax.numpy as jnp

    network, y, w0 = case(*size)
    ends, X = [int(end) for end in network.ends], network.X

    def F(w: Any) -> Any:
        a = jnp.asarray(X)
        for number, layer in enumerate(network.layers):
            W = w[ends[number] : ends[number + 1]].reshape(layer.outputs, layer.inputs)
            z = layer.scale * a @ W.T
            a = jnp.tanh(z) if layer.act == "tanh" else z
        return a.ravel()

    def step(w: Any) -> Any:
        r, J = F(w) - y, jax.jacrev(F)(w)
        factor = jax.scipy.linalg.cho_factor(J @ J.T)
        return w - J.T @ jax.scipy.linalg.cho_solve(factor, r)

    with jax.enable_x64(True):
        compiled, start = jax.jit(step), jnp.asarray(w0)
        found = compiled(start).block_until_ready()
    np.testing.assert_allclose(network(np.asarray(found)), network(one_step(network, y, w0)))

    def measured() -> float:
        with jax.enable_x64(True):
            return clock(lambda: compiled(start).block_until_ready(), 1)

    return measured


def one_step(network: Dense, y: np.ndarray, w0: np.ndarray) -> np.ndarray:
    """Return where one iteration of solve() goes."""
    return nlsolve.solve(network, y, w0, method="gauss-newton", max_iter=1).w
