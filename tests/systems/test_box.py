"""Do bounds keep points, steps and differences inside, in floats?"""

import numpy as np

from nlsolve.systems import differences
from nlsolve.systems.box import Box
from nlsolve.systems.colouring import Pattern


def test_boxes_are_rounded_inward():
    random = np.random.default_rng(0)
    scale = random.uniform(0.1, 10.0, 1000)
    low = random.standard_normal(1000)
    a, b = Box(low, np.where(low > 0, low + 1.0, np.inf)).scaled(scale)
    assert (scale * a >= low).all()
    assert (scale * b <= np.where(low > 0, low + 1.0, np.inf)).all()
    assert np.isinf(b[low <= 0]).all()


def test_offsets_of_differences_stay_in_thin_boxes():
    box = Box(np.array([0.0, 0.0, 1.0]), np.array([1e-12, 1.0, 1.0 + 1e-10]))
    w, h = np.array([1e-12, 0.0, 1.0 + 5e-11]), np.full(3, 1e-8)
    for kind in ("2-point", "3-point"):
        for offset in box.offsets(w, kind, h):
            assert ((box.low <= w + offset) & (w + offset <= box.high)).all()
            assert (offset != 0.0).all()


def test_steps_end_inside_as_they_are_rounded():
    random = np.random.default_rng(1)
    low, high = -(10.0 ** random.uniform(-9, 9, 10_000)), 10.0 ** random.uniform(-9, 9, 10_000)
    w = low + random.random(10_000) * (high - low)
    down, up = Box(low, high).steps(np.clip(w, low, high))
    assert (np.clip(w, low, high) + down >= low).all()
    assert (np.clip(w, low, high) + up <= high).all()


def test_the_gradient_counts_by_the_room_that_is_left():
    box = Box(np.array([0.0, 0.0, -np.inf, 0.0]), np.array([4.0, 4.0, np.inf, 1e-3]))
    w, gradient = np.array([0.0, 0.0, 0.0, 5e-4]), np.array([1.0, -1.0, 3.0, 2.0])
    np.testing.assert_allclose(box.projected(w, gradient), [0.0, -1.0, 3.0, 1.0])
    assert box.active(w).tolist() == [-1, -1, 0, 0]
    beside = np.array([1e-15, 4.0 - 1e-14, 0.0, 1e-3])
    assert box.active(beside).tolist() == [-1, 1, 0, 1]
    assert np.abs(box.projected(beside, np.array([1.0, -1.0, 0.0, -1.0]))).max() <= 1e-14


def test_differences_in_blocks_are_those_in_one(monkeypatch):
    box, w = Box(np.zeros(5), np.ones(5)), np.array([0.0, 1.0, 0.5, 0.2, 1.0])
    for kind, step in (("2-point", 1e-8), ("3-point", 1e-5)):
        for pattern in (None, Pattern(np.eye(5))):
            given = (lambda w: w**3, w, w**3, kind, step, box, pattern)
            whole = differences.bounded(*given)
            monkeypatch.setattr(differences, "BLOCK", 7)
            assert np.array_equal(differences.bounded(*given), whole)
            monkeypatch.undo()
            exact = np.diag(3 * w**2) if pattern is None else 3 * w**2
            np.testing.assert_allclose(whole, exact, atol=1e-7 if kind == "2-point" else 1e-9)
