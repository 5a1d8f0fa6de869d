"""The same blocks on Dask workers: the same steps, and the same root when a worker is killed."""

import os
import signal
import time

import numpy as np
import pytest
from distributed import Client, LocalCluster, get_task_stream
from distributed.utils import key_split

import nlsolve
from nlsolve.distributed import columns, hidden_units, rows
from nlsolve.systems.errors import ClusterError
from tests.distributed.parts import (
    START,
    TARGET,
    M,
    P,
    assert_same,
    columns_part,
    rows_part,
    whole_columns,
    whole_jacobian,
    whole_rows,
    whole_rows_jacobian,
)

ROWS_TARGET = 0.3 * np.cos(np.arange(10))
METHODS = [
    ("gauss-newton", {}),
    ("gd", {"step": 0.05, "max_iter": 6}),
    ("sgd", {"batch": 5, "rng": 3, "max_iter": 2}),
]


@pytest.fixture(scope="module")
def cluster():
    made = LocalCluster(
        n_workers=4, threads_per_worker=1, processes=True, dashboard_address=":0", silence_logs=50
    )
    with made, Client(made) as client:
        yield client


class Few:
    """A client that shows only some of its workers."""

    def __init__(self, client, count):
        self._client, self._count = client, count

    def __getattr__(self, name):
        return getattr(self._client, name)

    def scheduler_info(self, **words):
        info = self._client.scheduler_info(**words)
        kept = sorted(info["workers"])[: self._count]
        return {**info, "workers": {name: info["workers"][name] for name in kept}}


@pytest.mark.parametrize("workers", [1, 2, 3, 4])
@pytest.mark.parametrize(("method", "words"), METHODS)
def test_columns_on_workers_take_the_steps_of_the_whole(cluster, workers, method, words):
    system = columns(columns_part, range(P), client=Few(cluster, workers))
    assert len(set(system.engine.places)) == workers
    found = nlsolve.solve(system, TARGET, method=method, **words)
    expected = nlsolve.solve(
        whole_columns, TARGET, START, jac=whole_jacobian, method=method, **words
    )
    assert_same(found, expected)


@pytest.mark.parametrize("workers", [1, 2, 3, 4])
@pytest.mark.parametrize(("method", "words"), METHODS)
def test_rows_on_workers_take_the_steps_of_the_whole(cluster, workers, method, words):
    system, w0 = rows(rows_part, range(P), client=Few(cluster, workers)), np.zeros(M)
    found = nlsolve.solve(system, ROWS_TARGET, w0, method=method, **words)
    expected = nlsolve.solve(
        whole_rows, ROWS_TARGET, w0, jac=whole_rows_jacobian, method=method, **words
    )
    assert_same(found, expected)


def test_combined_columns_on_workers_take_the_steps_of_one_process(cluster):
    outer = nlsolve.System(lambda z: z + 0.1 * z**2, jac=lambda z: np.diag(1.0 + 0.2 * z))
    found, expected = (
        nlsolve.solve(columns(columns_part, range(P), combine=outer, client=client), TARGET)
        for client in (cluster, None)
    )
    assert found.success
    assert_same(found, expected)


def test_the_task_stream_of_the_dashboard_names_the_questions(cluster):
    with get_task_stream(cluster) as stream:
        system = columns(columns_part, range(P), client=cluster)
        assert nlsolve.solve(system, TARGET, method="gauss-newton").success
    names = {key_split(entry["key"]) for entry in stream.data}  # as the dashboard does
    assert {"block-nlsolve", "values-nlsolve", "gram-nlsolve"} <= names


def killer(client, system, at):
    """Return a callback that kills the worker of block 1 at an iteration, and waits for its end."""
    seen = [0]

    def callback(intermediate_result):
        seen[0] += 1
        if seen[0] == at:
            place = system.engine.places[1]
            os.kill(client.run(os.getpid, workers=[place])[place], signal.SIGKILL)
            end = time.monotonic() + 30.0
            while place in client.scheduler_info(n_workers=-1)["workers"]:
                assert time.monotonic() < end
                time.sleep(0.01)

    return callback


def test_columns_of_a_worker_that_is_killed_are_made_again_where_they_stood(cluster, tmp_path):
    words = {"method": "gd", "step": 0.05, "max_iter": 12}
    expected = nlsolve.solve(columns(columns_part, range(P)), TARGET, **words)
    system = columns(columns_part, range(P), client=cluster)
    found = nlsolve.solve(system, TARGET, callback=killer(cluster, system, 7), **words)
    assert system.engine.rebuilt >= 1
    np.testing.assert_array_equal(np.asarray(found.w), np.asarray(expected.w))
    system = columns(columns_part, range(P), client=cluster)
    path = tmp_path / "run.npz"
    again = nlsolve.solve(
        system, TARGET, callback=killer(cluster, system, 7), checkpoint=path, every=5, **words
    )
    assert system.engine.rebuilt >= 1
    np.testing.assert_array_equal(np.asarray(again.w), np.asarray(expected.w))


def test_rows_of_a_worker_that_is_killed_are_made_again(cluster):
    words = {"method": "gd", "step": 0.05, "max_iter": 6}
    expected = nlsolve.solve(rows(rows_part, range(P)), ROWS_TARGET, np.zeros(M), **words)
    system = rows(rows_part, range(P), client=cluster)
    found = nlsolve.solve(
        system, ROWS_TARGET, np.zeros(M), callback=killer(cluster, system, 3), **words
    )
    assert system.engine.rebuilt >= 1
    np.testing.assert_array_equal(found.w, expected.w)


def test_a_network_on_workers_is_proved_as_in_one_process(cluster):
    X = np.random.default_rng(0).standard_normal((8, 3))
    y = np.sin(X[:, 0])
    here, there = (hidden_units(X, [40] * 3, rng=0, client=c) for c in (None, cluster))
    expected, found = (nlsolve.solve(network, y) for network in (here, there))
    assert found.certificate.evidence.word == "proved"
    np.testing.assert_allclose(found.certificate.h, expected.certificate.h, rtol=1e-9)
    np.testing.assert_array_equal(np.asarray(found.w), np.asarray(expected.w))


def test_an_error_on_a_worker_says_which_block(cluster):
    def part(p):
        return (lambda w: np.log(w[:1] - 2.0 * p) if p else w[:1]), np.ones(3)

    with pytest.raises(nlsolve.EvaluationError, match="F"):
        columns(part, range(2), client=cluster)


def test_the_end_of_the_scheduler_names_the_checkpoint(tmp_path):
    made = LocalCluster(
        n_workers=1, threads_per_worker=1, processes=False, dashboard_address=":0", silence_logs=50
    )
    client = Client(made)
    path = tmp_path / "run.npz"
    system = columns(columns_part, range(P), client=client)

    def callback(intermediate_result):
        if intermediate_result.nit == 4:
            made.close()

    try:
        with pytest.raises(ClusterError, match=r"resume\(.*run.npz"):
            nlsolve.solve(
                system, TARGET, method="gd", step=0.05, callback=callback, checkpoint=path, every=2
            )
    finally:
        client.close()
    words = {"method": "gd", "step": 0.05, "max_iter": 9}
    found = nlsolve.resume(path, columns(columns_part, range(P)), max_iter=9)
    expected = nlsolve.solve(columns(columns_part, range(P)), TARGET, **words)
    np.testing.assert_array_equal(np.asarray(found.w), np.asarray(expected.w))
