"""What is said of files that are no checkpoints, of other systems, and where none can be made?"""

import json
import os

import numpy as np
import pytest

import nlsolve
from nlsolve import checkpoint


def circle(w):
    return np.array([w @ w - 1.0])


def ellipse(w):
    return np.array([w[0] ** 2 + 2.0 * w[1] ** 2 - 1.0])


@pytest.fixture
def path(tmp_path):
    """The file of a run that was stopped after three iterations."""
    path = tmp_path / "run.npz"
    nlsolve.solve(circle, 0.0, [3.0, 4.0], method="gd", max_iter=3, checkpoint=path)
    return path


def rewrite(path, about=(), **arrays):
    with np.load(path) as held:
        kept = dict(held)
    kept["about"] = np.array(json.dumps({**json.loads(str(kept["about"])), **dict(about)}))
    np.savez(path, **{**kept, **arrays})


def test_nothing_in_a_file_is_pickled(path):
    with np.load(path, allow_pickle=False) as held:
        assert all(held[name].dtype.kind in "fiU" for name in held.files)


def test_only_the_file_is_left(path):
    assert os.listdir(path.parent) == ["run.npz"]


@pytest.mark.parametrize("content", [b"", b"no numbers", b"PK\x03\x04 broken"])
def test_other_files_are_refused(path, content):
    path.write_bytes(content)
    with pytest.raises(ValueError, match="is not a checkpoint of nlsolve"):
        nlsolve.resume(path, circle)


def test_files_cut_short_are_refused(path):
    whole = path.read_bytes()
    for size in range(0, len(whole), 97):
        path.write_bytes(whole[:size])
        with pytest.raises(ValueError, match="is not a checkpoint of nlsolve"):
            nlsolve.resume(path, circle)


def test_arrays_of_others_are_refused(path):
    np.savez(path, w=np.ones(2))
    with pytest.raises(ValueError, match="is not a checkpoint of nlsolve"):
        nlsolve.resume(path, circle)
    np.savez(path, about=np.array([None], dtype=object))
    with pytest.raises(ValueError, match="is not a checkpoint of nlsolve"):
        nlsolve.resume(path, circle)


def test_a_single_array_is_refused(path):
    with open(path, "wb") as file:
        np.save(file, np.ones(2))
    with pytest.raises(ValueError, match="is not a checkpoint of nlsolve"):
        nlsolve.resume(path, circle)


def test_other_versions_are_refused(path):
    rewrite(path, {"version": 99})
    with pytest.raises(ValueError, match=r"version 99, this nlsolve reads version 1"):
        nlsolve.resume(path, circle)


@pytest.mark.parametrize(
    "about", [{"log": {}}, {"generator": {"bit_generator": "os"}}, {"ends": [["sgg", [], 1]]}]
)
def test_damaged_files_are_refused(path, about):
    rewrite(path, about)
    with pytest.raises(ValueError, match="is a damaged checkpoint"):
        nlsolve.resume(path, circle)


def test_a_missing_file_is_told(tmp_path):
    with pytest.raises(FileNotFoundError):
        nlsolve.resume(tmp_path / "none.npz", circle)


@pytest.mark.parametrize(
    ("F", "y", "message"),
    [
        (ellipse, None, "F is not the function of the checkpoint"),
        (circle, 0.5, "y is not that of the run"),
        (circle, [0.0, 0.0], "y has 2 entries"),
        (lambda w: np.append(circle(w), w[0]), None, "y has 1 entries, but F returns 2"),
    ],
)
def test_another_system_is_refused_and_the_file_kept(path, F, y, message):
    before = path.read_bytes()
    with pytest.raises(ValueError, match=message):
        nlsolve.resume(path, F, y)
    assert path.read_bytes() == before


def test_the_same_y_may_be_given(path):
    assert nlsolve.resume(path, circle, [0.0], max_iter=200).success


@pytest.mark.parametrize("word", ["method", "w0", "bounds", "x_scale", "rng", "momentum"])
def test_what_cannot_change_is_refused(path, word):
    with pytest.raises(TypeError, match=rf"resume\(\) takes no {word}"):
        nlsolve.resume(path, circle, **{word: 1})


def counted(calls):
    def F(w):
        calls.append(w)
        return circle(w)

    return F


@pytest.mark.parametrize(
    ("words", "error", "message"),
    [
        ({"checkpoint": 3}, TypeError, "checkpoint must be the path of a file, got int"),
        ({"checkpoint": "."}, ValueError, "checkpoint must be a file"),
        ({"checkpoint": "none/run.npz"}, FileNotFoundError, "checkpoint: no file can be written"),
        ({"checkpoint": "a.npz", "every": 0}, ValueError, "every must be a positive integer"),
        ({"checkpoint": "a.npz", "every": 1.5}, ValueError, "every must be a positive integer"),
    ],
)
def test_bad_arguments_are_told_before_anything_is_evaluated(
    tmp_path, monkeypatch, words, error, message
):
    monkeypatch.chdir(tmp_path)
    calls = []
    with pytest.raises(error, match=message):
        nlsolve.solve(counted(calls), 0.0, [3.0, 4.0], **words)
    assert calls == []


def full(*_):
    raise OSError(28, "No space left on device")


@pytest.mark.parametrize("place", ["replace", "fsync"])
def test_a_full_disk_costs_nothing_but_the_file(path, monkeypatch, place):
    older = path.read_bytes()
    monkeypatch.setattr(checkpoint.os, place, full)
    words = {"method": "gauss-newton"}
    with pytest.warns(RuntimeWarning, match=r"not written after iteration .*No space left"):
        found = nlsolve.solve(circle, 0.0, [3.0, 4.0], checkpoint=path, every=1, **words)
    np.testing.assert_array_equal(found.w, nlsolve.solve(circle, 0.0, [3.0, 4.0], **words).w)
    assert path.read_bytes() == older
    assert os.listdir(path.parent) == ["run.npz"]
