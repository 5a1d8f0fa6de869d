"""Is F seen around w, in the sizes of the unknowns, and as well as the errors say?"""

import mpmath
import numpy as np
import pytest

from nlsolve.explore.neighbourhood import neighbourhood
from nlsolve.systems import System
from nlsolve.systems.checks import first_evaluation


def seen(F, w, **keywords):
    problem, r, J = first_evaluation(System(F, **keywords), 0.0, np.array(w, dtype=float), None)
    return neighbourhood(problem, J.w, r, J.jacobian), problem


def curved(w):
    return np.array([np.sin(w[0]) * w[1], np.exp(w[0] / 2.0) - w[2] ** 3])


def curved_jac(w):
    return np.array(
        [
            [np.cos(w[0]) * w[1], np.sin(w[0]), 0.0],
            [0.5 * np.exp(w[0] / 2.0), 0.0, -3.0 * w[2] ** 2],
        ]
    )


def test_unknowns_are_moved_by_an_eighth_of_their_size():
    w = np.array([1e-8, -2.0, 3e8])
    near, _ = seen(lambda w: w[:2] + w[2], w)
    assert len(near.samples) == 4
    np.testing.assert_array_equal(near.samples[0].w, w)
    for sample in near.samples[1:]:
        moved = np.abs(sample.w - w) / np.abs(w)
        assert (moved > 0.0).all()
        assert (moved <= 0.125 * (1.0 + 1e-12)).all()


def test_an_unknown_that_is_zero_has_the_size_its_units_say():
    """F depends on w[1] / 1e-8; no unknown is moved farther than others are."""
    scale = np.array([1.0, 1e-8, 1e8])
    jac = lambda w: np.array([[1.0, 1.0, 1.0], [1.0, -1.0, 2.0]]) / scale  # noqa: E731
    near, _ = seen(lambda w: jac(w) @ w, [2.0, 0.0, 0.0], jac=jac)
    moved = np.abs(near.samples[1].w - [2.0, 0.0, 0.0])
    assert 1e-11 < moved[1] < 1e-7
    assert 1e-3 < moved[2] <= 0.25


def test_zero_is_moved_by_one_where_nothing_else_is_known():
    near, _ = seen(lambda w: w * w, [0.0, 0.0], jac=lambda w: 2.0 * np.diag(w))
    moved = np.abs(near.samples[1].w)
    assert (moved > 1e-3).all()
    assert (moved <= 0.125).all()


@pytest.mark.parametrize("jac", [None, "2-point", "3-point"])
@pytest.mark.parametrize("unit", [1e-8, 1.0, 1e8])
def test_differences_are_as_good_as_their_errors_say(jac, unit):
    near, _ = seen(lambda w: curved(w / unit), unit * np.array([0.7, -1.2, 2.0]), jac=jac)
    for sample in near.samples:
        exact = curved_jac(sample.w / unit) / unit
        assert (np.abs(sample.J - exact) <= 4.0 * sample.J_error).all()
        assert (sample.J_error <= 1e-7 / unit).all()
        assert (sample.r_error <= 1e-12).all()


def test_residuals_are_as_good_as_their_errors_say():
    """Against mpmath, where terms cancel."""
    a = [1e8 / 3.0, -1e8 / 7.0, 1e-8 / 11.0]
    near, _ = seen(lambda w: [np.dot(a, w)], [1.0, 2.0, 3e16])
    for sample in near.samples:
        with mpmath.workdps(60):
            exact = mpmath.fdot(a, sample.w.tolist())
            assert abs(sample.r[0] - exact) <= sample.r_error[0]


def test_points_are_nearer_where_f_is_not_defined():
    def F(w):
        if abs(w[0] - 1.0) > 1e-3:
            raise ValueError("too far")
        return [w[0] ** 2 if w[0] > 0.9999 else np.nan]

    near, _ = seen(F, [1.0])
    assert len(near.samples) == 4
    for sample in near.samples[1:]:
        assert 0.0 < abs(sample.w[0] - 1.0) < 1e-3
        assert np.isfinite(sample.J).all()


def test_f_that_is_defined_at_w_alone():
    near, _ = seen(lambda w: [w[0] if w[0] == 1.0 else np.nan], [1.0], jac=lambda w: [[1.0]])
    assert len(near.samples) == 1


def test_one_sided_domain():
    """sqrt(w - 1) at 1 + 1e-9: half of a central difference is not defined."""
    near, _ = seen(lambda w: [np.sqrt(w[0] - 1.0) + 2.0 * w[1]], [1.0 + 1e-9, 3.0])
    assert np.isfinite(near.samples[0].J).all()
    assert near.samples[0].J[0, 1] == pytest.approx(2.0, rel=1e-8)


def test_relations_are_kept_by_slopes_better_than_by_differences():
    def F(w):
        first = curved(w)
        return np.append(first, 2.0 * first[0] - 3.0 * first[1])

    near, _ = seen(F, [0.7, -1.2, 2.0])
    gap = np.abs(np.array([2.0, -3.0, -1.0]) @ near.slopes)
    assert (gap <= 1e-12 * np.abs(near.slopes).max(axis=0)).all()
    assert near.slopes.shape == (3, 12)


def test_there_are_more_slopes_than_equations():
    near, _ = seen(lambda w: w[0] ** np.arange(1.0, 12.0), [1.5])
    assert near.slopes.shape[1] > 11


def test_what_an_unknown_changes_is_seen_from_far_away_too():
    """1e-9 w[1] is lost beside 1e9 w[0] until w[1] is moved by 2^30."""
    near, _ = seen(lambda w: [1e9 * w[0] + 1e-9 * w[1]], [1.0, 1.0, 1.0])
    np.testing.assert_array_equal(near.depends, [[True, True, False]])


@pytest.mark.parametrize(("jac", "most"), [(None, 90), (curved_jac, 6)])
def test_cost(jac, most):
    _, problem = seen(curved, [0.7, -1.2, 2.0], jac=jac)
    assert problem.counts[0] <= most
