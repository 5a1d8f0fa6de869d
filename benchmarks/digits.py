"""How long do ten thousand equations of a network with ten outputs take?

scikit-learn's handwritten digits: ten values a sample, 1 for the digit it is and 0 for the others,
met by one hidden layer. K would have 10^8 entries; steps are found by conjugate gradients,
preconditioned by the mean kernel of single outputs, only as exactly as they are worth
(forcing='eisenstat-walker'). The samples kept back say whether meeting all values was of any use.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
from sklearn.datasets import load_digits

import nlsolve
from benchmarks.table import table, verdict
from benchmarks.timing import clock

REACHED = 1e-6


def report(quick: bool) -> Iterator[str]:
    """Yield the table."""
    samples, width = (100, 256) if quick else (1_000, 1_024)
    images, digit = load_digits(return_X_y=True)
    order = np.random.default_rng(0).permutation(len(digit))
    X, digit = (images / 16.0 - (images / 16.0).mean())[order], digit[order]
    network = nlsolve.networks.Dense(X[:samples], [width], outputs=10, bias=True)
    found: list[Any] = []
    seconds = clock(lambda: found.append(solved(network, np.eye(10)[digit[:samples]])), 1)
    answers = network.predict(found[0].w, X[samples:]).reshape(-1, 10).argmax(axis=1)
    length = found[0].residual_norm
    yield table(["ten outputs", ""], [
        ["equations", f"{network.n:,}"],
        ["weights", f"{network.m:,}"],
        ["Gauss-Newton steps", found[0].nit],
        ["processor time [s]", f"{seconds:.3g}"],
        [f"|r|, target <= {REACHED:g}", f"{length:.1e} {verdict(length <= REACHED)}"],
        ["right among the samples kept back", f"{np.mean(answers == digit[samples:]):.1%}"],
    ])  # fmt: skip


def solved(network: nlsolve.networks.Dense, Y: np.ndarray) -> Any:
    method = nlsolve.GaussNewton(forcing="eisenstat-walker")
    start = network.initial(0)
    return nlsolve.solve(network, Y.ravel(), start, method=method, tol=1e-9, max_iter=30)
