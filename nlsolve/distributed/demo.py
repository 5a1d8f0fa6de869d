"""Does a network that is split over four processes survive the death of one of them?

`python -m nlsolve.distributed demo`: a wide network on scikit-learn's handwritten digits, its
hidden units in blocks on the four single-thread workers of a LocalCluster. Half-way one worker is
killed; the run goes on, meets every value, and ends with a proof that exact weights are near.
"""

import os
import signal
from typing import Any

import numpy as np

import nlsolve
from nlsolve.distributed.networks import WideNetwork, hidden_units

SAMPLES, WIDTHS, WORKERS = 300, (1000,) * 4, 4
KILLED_AFTER = 2  # iterations


def run() -> int:
    """Run the demo; return 0 if all values were met and exact weights proved to be near."""
    from distributed import Client, LocalCluster

    X, y, rest, truth = digits()
    cluster = LocalCluster(
        n_workers=WORKERS, threads_per_worker=1, dashboard_address=":0", silence_logs=50
    )  # type: ignore[no-untyped-call]
    with cluster, Client(cluster) as client:  # type: ignore[no-untyped-call]
        network = hidden_units(X, WIDTHS, rng=0, client=client)
        print(f"{network} on {WORKERS} processes; dashboard: {client.dashboard_link}")
        sol = nlsolve.solve(
            network, y, method="gauss-newton", damping="adaptive", callback=Witness(network, client)
        )
        right = np.mean(np.round(network.predict(sol.w, rest)) == truth)
        print(f"\n{sol}\n\n{sol.certificate}\n")
        print(f"{network.engine.rebuilt} block made again; {right:.0%} of other digits told apart")
        proved = sol.certificate.holds and sol.certificate.evidence.word == "proved"
    return 0 if sol.success and proved else 1


def digits() -> tuple[Any, Any, Any, Any]:
    """Return samples of the digits 0 and 1, what they are, and other such samples.

    Raises
    ------
    ImportError
        If scikit-learn is not installed, naming the extra that installs it.
    """
    try:
        from sklearn.datasets import load_digits  # type: ignore[import-untyped]
    except ImportError as error:
        raise ImportError(
            f"the demo's data is scikit-learn's, which cannot be imported ({error}); install it "
            'with python -m pip install "nlsolve[dask,examples]"'
        ) from error
    images, digit = load_digits(n_class=2, return_X_y=True)
    X = images / 16.0 - (images / 16.0).mean()
    return X[:SAMPLES], digit[:SAMPLES].astype(float), X[SAMPLES:], digit[SAMPLES:]


class Witness:
    """Prints a line an iteration, and kills the worker of the first block at one of them."""

    def __init__(self, network: WideNetwork, client: Any) -> None:
        self.network, self.client = network, client

    def __call__(self, intermediate_result: Any) -> None:
        """Print, and kill."""
        now = intermediate_result
        print(f"{now.nit:>3}  |r| = {now.residual_norm:.3e}  {self.network.engine.state}")
        if now.nit == KILLED_AFTER:
            place = self.network.engine.places[0]
            process = self.client.run(os.getpid, workers=[place])[place]
            os.kill(process, signal.SIGKILL)
            print(f"     worker {place} (process {process}) killed")
