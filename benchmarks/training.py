"""How soon is |r| = 1e-6 on a wide network: Gauss-Newton, gradient descent, SGD, Adam?

scikit-learn's handwritten digits, even against odd: values 1 and -1, one hidden layer of tanh
units, the same data, network and start for all. Adam (Kingma and Ba 2015) is optax's, on all
samples at once, in double precision, jitted by JAX; of LEARNING_RATES the one that gets nearest is
shown.
Gradient descent and SGD are nlsolve's, with their default steps, with and without momentum.

Each is stopped when it has used PATIENCE times the processor time of Gauss-Newton and SECONDS at
least; what |r| it has come to by then is shown. Threads of JAX, if it has several, are added up;
its compilation does not count.
"""

import time
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np
from sklearn.datasets import load_digits

import nlsolve
from benchmarks.table import table

REACHED, PATIENCE, SECONDS = 1e-6, 50.0, 40.0
LEARNING_RATES = (1e-1, 1e-2, 1e-3, 1e-4)
STEPS = 50  # of Adam between two looks at |r|


class Found(NamedTuple):
    """Processor seconds, steps, and the residual norm reached."""

    seconds: float
    steps: int
    residual_norm: float


class Digits:
    """Even against odd digits, a network and its start."""

    def __init__(self, samples: int, width: int) -> None:
        images, digit = load_digits(return_X_y=True)
        order = np.random.default_rng(0).permutation(len(digit))[:samples]
        self.X = (images / 16.0 - (images / 16.0).mean())[order]
        self.y = np.where(digit[order] % 2 == 0, 1.0, -1.0)
        self.network, self.width = nlsolve.networks.Dense(self.X, [width]), width
        self.w0 = self.network.initial(0)

    def solved(self, method: str, seconds: float, **words: Any) -> Found:
        """Return what a method of nlsolve reaches within some seconds."""
        began = time.process_time()

        def stop(intermediate_result: Any) -> None:
            length = np.linalg.norm(intermediate_result.fun)
            if length <= REACHED or time.process_time() - began > seconds:
                raise StopIteration

        sol = nlsolve.solve(
            self.network, self.y, self.w0, method=method, tol=1e-12, callback=stop,
            certify=False, max_iter=10**9, **words,
        )  # fmt: skip
        return Found(time.process_time() - began, sol.nit, sol.residual_norm)


def report(quick: bool) -> Iterator[str]:
    """Yield the table."""
    digits, least = (Digits(20, 64), 0.1) if quick else (Digits(300, 2_048), SECONDS)
    digits.solved("gauss-newton", 0.0)  # what is loaded and compiled then is not measured
    newton = digits.solved("gauss-newton", np.inf)
    seconds = max(PATIENCE * newton.seconds, least)
    found = {
        "Gauss-Newton": newton,
        "gradient descent": digits.solved("gd", seconds),
        "gradient descent, Nesterov": digits.solved("gd", seconds, momentum="nesterov"),
        "SGD, batches of 10": digits.solved("sgd", seconds, batch=10),
    }
    peers: dict[str, Found] = {}
    missing = ""
    try:
        rates = LEARNING_RATES[:1] if quick else LEARNING_RATES
        peers = adam(digits, seconds, rates)
    except ImportError as error:
        missing = f"\nAdam was not measured: {error}; it is in the extra `benchmark`."
    yield (
        f"{digits.y.size} samples, {digits.network.m:,} weights, width {digits.width}; "
        f"|r| = {np.linalg.norm(digits.network(digits.w0) - digits.y):.3g} at the start\n"
    )
    head = ["method", "steps", "[s]", "|r|", "times as long as Gauss-Newton"]
    rows = (found | peers).items()
    yield table(head, [line(name, one, newton.seconds) for name, one in rows]) + missing


def line(name: str, found: Found, best: float) -> list[Any]:
    """Return a line of the table."""
    over = "over " if found.residual_norm > REACHED else ""
    share = f"{over}{found.seconds / best:.3g}"
    return [name, f"{found.steps:,}", f"{found.seconds:.3g}", f"{found.residual_norm:.1e}", share]


def adam(digits: Digits, seconds: float, rates: tuple[float, ...]) -> dict[str, Found]:
    """Return what Adam reaches with the best of some learning rates, by its name."""
    found = {rate: adam_with(digits, seconds, rate) for rate in rates}
    best = min(found, key=lambda rate: (max(found[rate].residual_norm, REACHED), found[rate]))
    return {f"Adam, learning rate {best:g}": found[best]}


def adam_with(digits: Digits, seconds: float, rate: float) -> Found:
    """Return what Adam reaches with a learning rate."""
    advance, residual_norm, state = compiled_adam(digits, rate)
    spent, steps, length = 0.0, 0, np.inf
    while spent < seconds and length > REACHED:
        began = time.process_time()
        state = advance(state)
        length = float(residual_norm(state))
        spent, steps = spent + time.process_time() - began, steps + STEPS
        if not np.isfinite(length):
            return Found(spent, steps, np.inf)
    return Found(spent, steps, length)


def compiled_adam(digits: Digits, rate: float) -> tuple[Callable[..., Any], ...]:
    """Return STEPS steps, |r|, both compiled, and the first state; ImportError without optax."""
    import jax
    import jax.numpy as jnp
    import optax

    jax.config.update("jax_enable_x64", True)
    X, y = jnp.asarray(digits.X), jnp.asarray(digits.y)
    inner, outer = np.sqrt(digits.X.shape[1]), np.sqrt(digits.width)
    rule = optax.adam(rate)

    def residual(w: Any) -> Any:
        U = w[: digits.width * X.shape[1]].reshape(digits.width, -1)
        return jnp.tanh(X @ U.T / inner) @ w[U.size :] / outer - y

    def loss(w: Any) -> Any:
        return 0.5 * jnp.sum(residual(w) ** 2)

    def step(_: int, state: Any) -> Any:
        w, memory = state
        updates, memory = rule.update(jax.grad(loss)(w), memory, w)
        return optax.apply_updates(w, updates), memory

    advance = jax.jit(lambda state: jax.lax.fori_loop(0, STEPS, step, state))
    length = jax.jit(lambda state: jnp.linalg.norm(residual(state[0])))
    start = jnp.asarray(digits.w0)
    first = (start, rule.init(start))
    ours = np.linalg.norm(digits.network(digits.w0) - digits.y)
    if not np.isclose(float(length(first)), ours, rtol=1e-10):
        raise AssertionError("the network in JAX is another one")
    jax.block_until_ready(advance(first))
    return advance, length, first
