"""What may watch a run, and what is shown of it: callbacks, progress, verbose?"""

import numpy as np
import pytest

import nlsolve
from nlsolve import Status
from tests.systems.functions import LANES, METHODS, ROOT_OF_TWO, jitted, squares

START = [1.0, 5.0]


@pytest.mark.parametrize("lane", LANES)
@pytest.mark.parametrize("method", METHODS)
def test_callback_sees_every_iteration_also_the_last(method, lane):
    points, seen = [], []
    words = {"method": method, "lane": lane, "tol": 1e-6}
    result = nlsolve.solve(jitted["squares"], 0.0, START, callback=points.append, **words)
    nlsolve.solve(
        jitted["squares"], 0.0, START, **words,
        callback=lambda intermediate_result: seen.append(intermediate_result),
    )  # fmt: skip
    assert len(points) == len(seen) == result.nit
    assert [entry.nit for entry in seen] == list(range(1, result.nit + 1))
    np.testing.assert_array_equal(points[-1], result.w)
    np.testing.assert_array_equal([entry.x for entry in seen], points)
    for entry in seen:
        np.testing.assert_allclose(entry.fun, entry.x**2 - 2.0, atol=1e-13)
        assert entry.residual_norm == pytest.approx(np.linalg.norm(entry.fun), abs=1e-13)


@pytest.mark.parametrize("lane", LANES)
def test_callback_may_stop_the_run(lane):
    def stop(w):
        if w[1] < 3.0:
            raise StopIteration

    result = nlsolve.solve(jitted["squares"], 0.0, START, callback=stop, lane=lane)
    assert (result.status, result.nit, result.success) == (Status.CALLBACK, 1, False)
    np.testing.assert_allclose(result.w, [1.5, 2.7], rtol=1e-6)  # Newton: (w + 2 / w) / 2


@pytest.mark.parametrize("lane", LANES)
def test_callback_cannot_move_the_solver(lane):
    def spoil(intermediate_result):
        for name in ("x", "w", "fun"):
            intermediate_result[name][:] = 77.0

    result = nlsolve.solve(jitted["squares"], 0.0, START, callback=spoil, lane=lane)
    assert result.success
    np.testing.assert_allclose(result.w, ROOT_OF_TWO, rtol=1e-9)


def test_an_error_in_the_callback_comes_through():
    with pytest.raises(ZeroDivisionError):
        nlsolve.solve(squares, 0.0, START, callback=lambda w: 1 / 0)


def test_nothing_is_printed_unasked(capfd):
    nlsolve.solve(squares, 0.0, START)
    assert capfd.readouterr() == ("", "")


def test_verbose_prints_the_result_and_a_line_an_iteration(capfd):
    result = nlsolve.solve(squares, 0.0, START, verbose=1)
    assert capfd.readouterr() == (repr(result) + "\n", "")
    result = nlsolve.solve(squares, 0.0, START, verbose=2)
    out, err = capfd.readouterr()
    lines = out.removesuffix(repr(result) + "\n").splitlines()
    assert err == ""
    assert [int(line.split()[0]) for line in lines[1:]] == list(range(1, result.nit + 1))


@pytest.mark.parametrize("lane", LANES)
def test_progress_goes_to_standard_error_up_to_the_last_iteration(capfd, lane):
    result = nlsolve.solve(jitted["squares"], 0.0, START, progress=True, lane=lane)
    out, err = capfd.readouterr()
    assert out == ""
    assert f"{result.nit} iterations" in err
    assert f"|r| = {result.residual_norm:.3e}" in err
