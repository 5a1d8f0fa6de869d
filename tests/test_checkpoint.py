"""Does `resume` go on from every file of a run as if the run had never been stopped?

The expected value is the run without files: equal to the last bit, in its point, history, status,
message and counts.
"""

import os
import shutil
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

import nlsolve
from nlsolve import Status, checkpoint
from tests.systems.functions import LANES, METHODS
from tests.test_continuation import broyden, freudenstein_roth, rootless

START = np.full(5, -1.0)


@pytest.fixture
def files(monkeypatch, tmp_path):
    """Every file that is written from here on, as a kill right afterwards would leave it."""
    written = []
    write = checkpoint.write_whole

    def write_and_copy(path, arrays):
        write(path, arrays)
        written.append(shutil.copy(path, tmp_path / f"{len(written)}.npz"))

    monkeypatch.setattr(checkpoint, "write_whole", write_and_copy)
    return written


def some(files):
    return {files[0], files[len(files) // 2], files[-1]}


def assert_same(found, whole):
    np.testing.assert_array_equal(found.w, whole.w)
    np.testing.assert_array_equal(found.fun, whole.fun)
    np.testing.assert_array_equal(found.history.table, whole.history.table)
    for name in ("status", "message", "nit", "nfev", "njev", "stages", "method", "lane"):
        assert found[name] == whole[name], name


def assert_goes_on(files, path, every, words):
    """Solve broyden with and without files, and go on from the first, a middle and the last."""
    whole = nlsolve.solve(broyden, 0.0, START, **words)
    kept = nlsolve.solve(broyden, 0.0, START, checkpoint=path, every=every, **words)
    assert_same(kept, whole)
    assert len(files) > 1
    for file in some(files):
        assert_same(nlsolve.resume(file, broyden), whole)


@pytest.mark.parametrize("lane", LANES)
@pytest.mark.parametrize("method", METHODS)
def test_every_method_goes_on(files, tmp_path, method, lane):
    assert_goes_on(files, tmp_path / "run.npz", 1, {"method": method, "lane": lane})


@pytest.mark.parametrize("lane", LANES)
@pytest.mark.parametrize(
    "words",
    [
        {"method": "gd", "momentum": "nesterov"},
        {"method": "gd", "momentum": "heavy-ball", "step": 0.02},
        {"method": "gauss-newton", "damping": "adaptive"},
        {"method": "sgd", "batch": 2, "rng": 5},
        {"method": "block-kaczmarz", "rng": np.random.SeedSequence(5)},
    ],
    ids=lambda words: "-".join(map(str, list(words.values())[:2])),
)
def test_options_and_generators_are_kept(files, tmp_path, words, lane):
    assert_goes_on(files, tmp_path / "run.npz", 2, {**words, "lane": lane})


@pytest.mark.parametrize("bits", ["PCG64", "PCG64DXSM", "MT19937", "Philox", "SFC64"])
def test_generators_of_every_kind_go_on(files, tmp_path, bits):
    def generator():
        return np.random.Generator(getattr(np.random, bits)(7))

    words = {"method": "sgd", "max_iter": 6}
    whole = nlsolve.solve(broyden, 0.0, START, rng=generator(), **words)
    path = tmp_path / "run.npz"
    nlsolve.solve(broyden, 0.0, START, rng=generator(), checkpoint=path, every=2, **words)
    assert_same(nlsolve.resume(files[0], broyden), whole)


@pytest.mark.parametrize("lane", LANES)
@pytest.mark.parametrize(
    ("F", "w0", "several"), [(rootless, [0.7], True), (freudenstein_roth, [0.5, -2.0], False)]
)
def test_the_stages_of_auto_go_on(files, tmp_path, F, w0, several, lane):
    with np.errstate(over="ignore"):
        whole = nlsolve.solve(F, 0.0, w0, lane=lane)
        nlsolve.solve(F, 0.0, w0, lane=lane, checkpoint=tmp_path / "run.npz", every=7)
        for file in {*files[:: max(1, len(files) // 4)], files[-1]}:
            assert_same(nlsolve.resume(file, F), whole)
    assert (len(whole.stages) > 1) is several


@pytest.mark.parametrize(
    "words",
    [
        {"bounds": (-2.0, 0.0), "method": "levenberg-marquardt"},
        {"x_scale": 3.0, "method": "gd"},
        {"x_scale": [1.0, 2.0, 3.0, 4.0, 5.0], "method": "gauss-newton"},
        {"store_path": True, "method": "dogleg"},
        {"jac": "cs", "method": "gd", "lane": "interpreted"},
        {"select": "min-norm", "method": "gauss-newton", "y": [0.0, 0.1, 0.2, 0.3, 0.4]},
    ],
    ids=lambda words: next(iter(words)),
)
def test_what_was_said_to_solve_is_kept(files, tmp_path, words):
    y, again = words.get("y", 0.0), {name: words[name] for name in ("jac",) if name in words}
    words = {name: value for name, value in words.items() if name != "y"}
    whole = nlsolve.solve(broyden, y, START, **words)
    nlsolve.solve(broyden, y, START, checkpoint=tmp_path / "run.npz", every=1, **words)
    for file in some(files):
        found = nlsolve.resume(file, broyden, **again)
        assert_same(found, whole)
        assert (found.path is None) == (whole.path is None)
        if whole.path is not None:
            np.testing.assert_array_equal(found.path, whole.path)


@pytest.mark.parametrize("lane", LANES)
@pytest.mark.parametrize("limit", [{"max_iter": 7}, {"max_nfev": 20}])
def test_limits_are_those_of_the_whole_run(tmp_path, limit, lane):
    path, words = tmp_path / "run.npz", {"method": "gd", "lane": lane}
    cut = nlsolve.solve(broyden, 0.0, START, checkpoint=path, **words, **limit)
    assert_same(nlsolve.resume(path, broyden), cut)
    raised = {name: 3 * value for name, value in limit.items()}
    whole = nlsolve.solve(broyden, 0.0, START, **words, **raised)
    assert_same(nlsolve.resume(path, broyden, **raised), whole)


def test_time_is_that_of_the_whole_run(tmp_path):
    def slow(w):
        time.sleep(0.002)
        return w * w + 1.0

    path = tmp_path / "run.npz"
    words = {"method": "gd", "step": 1e-6, "max_time": 0.05}
    cut = nlsolve.solve(slow, 0.0, [0.7], checkpoint=path, **words)
    again = nlsolve.resume(path, slow)
    assert cut.status is again.status is Status.MAX_TIME
    assert again.nit == cut.nit


def test_a_finished_run_can_go_on_to_a_smaller_tolerance(tmp_path):
    path = tmp_path / "run.npz"
    nlsolve.solve(broyden, 0.0, START, method="gd", tol=1e-3, checkpoint=path)
    whole = nlsolve.solve(broyden, 0.0, START, method="gd")
    assert_same(nlsolve.resume(path, broyden, tol=1e-10), whole)


@pytest.mark.parametrize("error", [KeyboardInterrupt, RuntimeError])
@pytest.mark.parametrize("method", METHODS)
def test_a_run_that_was_broken_off_goes_on(tmp_path, method, error):
    calls = 0

    def F(w):
        nonlocal calls
        calls += 1
        if calls == failing:
            raise error
        return broyden.py_func(w)

    failing = -1
    path, words = tmp_path / "run.npz", {"method": method}
    whole = nlsolve.solve(F, 0.0, START, **words)
    failing, calls = calls // 2, 0
    with pytest.raises((KeyboardInterrupt, nlsolve.EvaluationError)) as caught:
        nlsolve.solve(F, 0.0, START, checkpoint=path, every=1000, **words)
    assert_same(nlsolve.resume(path, F), whole)
    assert caught.value.partial_result.nit < whole.nit


KILLED = """
import numpy as np
import nlsolve

def F(w):
    r = (3.0 - 2.0 * w) * w + 1.0
    r[1:] -= w[:-1]
    r[:-1] -= 2.0 * w[1:]
    return r

if __name__ == "__main__":
    nlsolve.solve(
        F, 0.0, np.full(5, -1.0), method="sgd", max_iter=10**9, tol=0.0, check_jac=False,
        checkpoint="run.npz", every=2,
    )
"""


def test_a_killed_process_leaves_a_file_to_go_on_from(tmp_path):
    (tmp_path / "endless.py").write_text(KILLED)
    path = tmp_path / "run.npz"
    process = subprocess.Popen([sys.executable, "endless.py"], cwd=tmp_path)
    try:
        deadline = time.monotonic() + 60.0
        while not path.exists() and time.monotonic() < deadline:
            time.sleep(0.01)
        time.sleep(0.05)
    finally:
        os.kill(process.pid, signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    words = {"method": "sgd", "max_iter": 10_000}
    whole = nlsolve.solve(broyden.py_func, 0.0, START, **words)
    rest = nlsolve.resume(path, broyden.py_func, max_iter=10_000, tol=1e-10)
    assert whole.success
    assert_same(rest, whole)
