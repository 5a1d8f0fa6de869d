"""Is every outcome called by its name, above all: is a root always a root and nothing else one?

Roots, minima and stationary points here are known in closed form.
"""

import numpy as np
import pytest

import nlsolve
from nlsolve import Status
from tests.systems.functions import METHODS, squares

LOCAL = [method for method in METHODS if method != "auto"]

NO_ROOT = {
    "w^2 + 1": (lambda w: w * w + 1.0, [0.7], [0.0]),
    "w^2 + 1 at 0": (lambda w: w * w + 1.0, [0.0], [0.0]),
    "constant": (lambda w: np.array([3.0]), [1.0, 2.0], None),
    "|w|^2 + 1, w0 + w1": (
        lambda w: np.array([w @ w + 1.0, w[0] + w[1]]), [1.0, 2.0], [0.0, 0.0],
    ),
}  # fmt: skip


@pytest.mark.filterwarnings("ignore:overflow:RuntimeWarning")
@pytest.mark.parametrize("case", NO_ROOT)
@pytest.mark.parametrize("method", METHODS)
def test_without_a_root_there_is_no_success(case, method):
    F, w0, _ = NO_ROOT[case]
    result = nlsolve.solve(F, 0.0, w0, method=method)
    assert not result.success
    assert result.status in (Status.STATIONARY, Status.STALLED, Status.MAX_ITER)
    assert result.residual_norm >= 1.0


@pytest.mark.filterwarnings("ignore:overflow:RuntimeWarning")
@pytest.mark.parametrize("case", NO_ROOT)
def test_auto_says_stationary_with_the_numbers_that_show_it(case):
    F, w0, minimum = NO_ROOT[case]
    result = nlsolve.solve(F, 0.0, w0)
    assert result.status is Status.STATIONARY
    assert "|J^T r| =" in result.message
    if minimum is not None:
        np.testing.assert_allclose(result.w, minimum, atol=1e-4)


@pytest.mark.parametrize("method", ["gauss-newton", "levenberg-marquardt", "dogleg", "gd"])
def test_exact_stationary_points_hold_local_methods(method):
    saddle = nlsolve.solve(
        lambda w: w[0] * w[1] - 1.0, 0.0, [0.0, 0.0], jac="3-point", method=method
    )
    top = nlsolve.solve(
        lambda w: w * w - 2.0 * w, 0.0, [1.0], jac=lambda w: 2.0 * w - 2.0, method=method
    )
    for result, residual in ((saddle, 1.0), (top, 1.0)):
        assert (result.status, result.success) == (Status.STATIONARY, False)
        assert result.residual_norm == residual
        with pytest.raises(nlsolve.SolveError, match="stationary but not a root"):
            result.raise_if_failed()


@pytest.mark.parametrize("seed", range(8))
def test_auto_leaves_stationary_points(seed):
    saddle = nlsolve.solve(lambda w: w[0] * w[1] - 1.0, 0.0, [0.0, 0.0], jac="3-point", rng=seed)
    assert saddle.success
    assert saddle.w[0] * saddle.w[1] == pytest.approx(1.0, abs=1e-9)
    top = nlsolve.solve(
        lambda w: w * w - 2.0 * w, 0.0, [1.0], jac=lambda w: 2.0 * w - 2.0, rng=seed
    )
    assert top.success
    assert min(abs(top.w[0]), abs(top.w[0] - 2.0)) < 1e-9


@pytest.mark.parametrize("method", METHODS)
def test_a_double_root_is_a_root_though_J_vanishes_there(method):
    result = nlsolve.solve(lambda w: w * w, 0.0, [1.0], method=method)
    assert result.status is Status.ROOT
    assert abs(result.w[0]) <= 1e-5  # |w^2| <= 1e-10


@pytest.mark.parametrize("method", METHODS)
def test_a_start_that_is_a_double_root(method):
    result = nlsolve.solve(lambda w: w * w, 0.0, [0.0], method=method)
    assert (result.status, result.nit) == (Status.ROOT, 0)


@pytest.mark.parametrize("method", METHODS)
def test_redundant_equations(method):
    result = nlsolve.solve(
        lambda w: np.array([w[0] + w[1] - 3.0, 2.0 * w[0] + 2.0 * w[1] - 6.0]), 0.0, [1.0, 5.0],
        method=method,
    )  # fmt: skip
    assert result.success
    np.testing.assert_allclose(result.w, [-0.5, 3.5], atol=1e-9)  # the nearest point of the line


def mean_of_data(w):
    return w[0] - np.array([1.0, 2.0, 6.0])  # least squares: the mean, 3, with |r|^2 = 14


def circle_and_lines(w):
    return np.array([w @ w - 25.0, w[0] - 3.0, w[1] - 4.0])  # (3, 4) solves all three


@pytest.mark.parametrize("method", ["gauss-newton", "levenberg-marquardt", "dogleg", "gd", "auto"])
def test_more_equations_than_unknowns_end_at_the_least_squares_minimum(method):
    result = nlsolve.solve(mean_of_data, 0.0, [10.0], method=method)
    assert (result.status, result.success) == (Status.LEAST_SQUARES, False)
    np.testing.assert_allclose(result.w, [3.0], rtol=1e-7)
    assert result.cost == pytest.approx(7.0, rel=1e-12)
    assert result.message.startswith("least-squares minimum, not a root (|r| = 3.74")


@pytest.mark.parametrize("method", METHODS)
def test_more_equations_than_unknowns_with_a_root(method):
    result = nlsolve.solve(circle_and_lines, 0.0, [2.0, 5.0], method=method)
    assert result.success
    np.testing.assert_allclose(result.w, [3.0, 4.0], rtol=1e-8)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("tol", [1e-2, 1e-6, 1e-10])
def test_success_never_lies_about_the_tolerance(method, tol):
    result = nlsolve.solve(squares, 1.0, [1.0, 5.0, 30.0], method=method, tol=tol)
    assert result.status is Status.ROOT
    residual = np.linalg.norm(squares(result.w) - 1.0)
    assert residual <= tol * (1.0 + np.sqrt(3.0))
    assert f"|r| = {residual:.3g} <=" in result.message


def test_values_that_stop_being_finite():
    def F(w):
        return np.where(w < 1.0, np.inf, w) - 0.5

    result = nlsolve.solve(F, 0.0, [4.0], method="gauss-newton")
    assert (result.status, result.success) == (Status.NON_FINITE, False)
    np.testing.assert_array_equal(result.w, [4.0])  # the best point, not the last
    assert np.isfinite(result.fun).all()


LINEAR = np.array([[1.0, 1.0], [2.0, -1.0]])


@pytest.mark.parametrize("seed", range(8))
def test_sgd_does_not_take_a_satisfied_equation_for_a_stall(seed):
    """A batch that is satisfied moves nothing; the other equation still does: w = (1, 2)."""
    result = nlsolve.solve(
        lambda w: LINEAR @ w - [3.0, 0.0],
        0.0,
        [5.0, -7.0],
        jac=lambda w: LINEAR,
        method="sgd",
        rng=seed,
    )
    assert result.success
    np.testing.assert_allclose(result.w, [1.0, 2.0], rtol=1e-8)


@pytest.mark.parametrize("method", LOCAL)
def test_steep_scales_do_not_pass_for_stationary(method):
    """F = s (w - 1): the gradient s^2 (w - 1) is tiny for s = 1e-6, w0 = 3 is not stationary."""
    result = nlsolve.solve(lambda w: 1e-6 * (w - 1.0), 0.0, [3.0], tol=1e-14, method=method)
    assert result.success
    np.testing.assert_allclose(result.w, [1.0], rtol=1e-7)


def folded_arm(q):  # three links folded onto one line: J has rank one up to rounding
    angles = np.cumsum(q)
    return np.array([np.cos(angles).sum() - 1.0, np.sin(angles).sum() - 1.0])


def folded_arm_jacobian(q):
    angles = np.cumsum(q)
    below = np.array([[j <= i for j in range(3)] for i in range(3)], dtype=float)
    return np.vstack([-np.sin(angles) @ below, np.cos(angles) @ below])


FAR_THROWN = {
    "folded arm, middle joint": (folded_arm, folded_arm_jacobian, [0.0, np.pi, 0.0]),
    "folded arm, outer joints": (folded_arm, folded_arm_jacobian, [np.pi, 0.0, np.pi]),
    "sine without root": (lambda x: np.sin(x) + 2.0, lambda x: np.diag(np.cos(x)), [np.pi / 2]),
    "sine at its top": (lambda x: np.sin(x) + 0.5, lambda x: np.diag(np.cos(x)), [np.pi / 2]),
    "infinite slope": (
        lambda x: np.sqrt(np.maximum(x, 0.0)) + 1.0,
        lambda x: np.diag(np.full(1, np.inf) if x[0] <= 0 else 0.5 / np.sqrt(x)),
        [1.0],
    ),
}


@pytest.mark.parametrize("name", FAR_THROWN)
@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("exact", [True, False])
def test_a_point_thrown_far_away_is_no_root_to_rounding(name, method, exact):
    """A step over a singular J lands at |w| = 1e16, where every residual is within 8 u |J| |w|."""
    F, jac, w0 = FAR_THROWN[name]
    with np.errstate(all="ignore"):
        result = nlsolve.solve(
            F, 0.0, w0, jac=jac if exact else None, method=method, max_iter=300, check_jac=False
        )
    assert not result.success or result.residual_norm < 1e-7
    if name in ("sine without root", "infinite slope"):
        assert not result.success


def test_a_root_near_a_singular_start_is_found():
    for name in ("folded arm, middle joint", "folded arm, outer joints", "sine at its top"):
        F, jac, w0 = FAR_THROWN[name]
        assert nlsolve.solve(F, 0.0, w0, jac=jac).success, name


def test_steep_equations_still_end_at_their_rounding_floor():
    result = nlsolve.solve(lambda x: 1e12 * (x * x - 2.0), 0.0, [1.0])
    assert result.status is nlsolve.Status.ROOT_TO_ROUNDING
    assert result.w[0] == pytest.approx(np.sqrt(2.0), rel=4e-16)
