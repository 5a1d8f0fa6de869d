"""Are difference Jacobians as good as their formulas say, and counted?

A solve that starts at a root returns J(w0) at once, so `jacobian_at` sees exactly the differences.
Errors that the formulas predict in closed form are compared with the prediction.
"""

import mpmath
import numpy as np
import pytest

import nlsolve
from tests.systems.functions import LANES, jitted

TWO_POINT_STEP, THREE_POINT_STEP = 2.0**-26, (2.0**-52) ** (1 / 3)


def jacobian_at(F, w, **words):
    w = np.array(w, dtype=float)
    result = nlsolve.solve(F, F(w), w, **words)
    assert result.nit == 0
    return result


@pytest.mark.parametrize("w", [0.0, 0.25, 1.0, -1024.0, 2.0**20])
def test_forward_error_of_a_square_is_the_step(w):
    """((w + h)^2 - w^2) / h = 2 w + h with h = 2^-26 max(1, |w|), in exact arithmetic."""
    J = jacobian_at(lambda w: w * w, [w], jac="2-point").jac
    h, rounding = TWO_POINT_STEP * max(1.0, abs(w)), 2.0**-52 * w * w
    assert J[0, 0] - 2.0 * w == pytest.approx(h, rel=1e-6, abs=rounding / h)


@pytest.mark.parametrize("w", [0.0, 1.0, -3.0])
def test_central_error_of_a_cube_is_the_step_squared(w):
    """((w + h)^3 - (w - h)^3) / 2h = 3 w^2 + h^2."""
    J = jacobian_at(lambda w: w**3, [w], jac="3-point").jac
    h = THREE_POINT_STEP * max(1.0, abs(w))
    rounding = 2.0**-52 * abs(w) ** 3 / h
    assert J[0, 0] - 3.0 * w * w == pytest.approx(h * h, rel=1e-6, abs=2.0 * rounding)
    assert abs(jacobian_at(lambda w: w * w, [w], jac="3-point").jac[0, 0] - 2.0 * w) <= rounding


def transcendental(w):
    return np.stack([np.exp(w[0] * w[1]) + w[2], np.sin(w[0]) / (1.0 + w[2] ** 2)])


def transcendental_jacobian(w):
    functions = (
        lambda a, b, c: mpmath.exp(a * b) + c,
        lambda a, b, c: mpmath.sin(a) / (1 + c**2),
    )
    orders = ((1, 0, 0), (0, 1, 0), (0, 0, 1))
    with mpmath.workdps(40):
        point = tuple(mpmath.mpf(float(value)) for value in w)
        return np.array([[float(mpmath.diff(f, point, k)) for k in orders] for f in functions])


@pytest.mark.parametrize(
    ("kind", "error"), [(None, 2e-7), ("2-point", 2e-7), ("3-point", 1e-9), ("cs", 1e-15)]
)
@pytest.mark.parametrize("w", [(0.3, -1.2, 0.7), (2.0, 0.5, -3.0)])
def test_values_against_mpmath(kind, error, w):
    J = jacobian_at(transcendental, w, jac=kind).jac
    expected = transcendental_jacobian(w)
    np.testing.assert_allclose(J, expected, rtol=0, atol=error * np.abs(expected).max())


@pytest.mark.parametrize(("kind", "points"), [("2-point", 3), ("3-point", 6), ("cs", 4)])
@pytest.mark.parametrize("words", [{}, {"vectorized": True}, {"workers": map}])
def test_every_point_counts(kind, points, words):
    """One evaluation at w0, then m or 2 m points; 'cs' pays one real difference for its check."""
    result = jacobian_at(transcendental, (0.3, -1.2, 0.7), jac=kind, **words)
    assert (result.nfev, result.njev) == (1 + points, 1)


@pytest.mark.parametrize("kind", ["2-point", "3-point"])
def test_nfev_is_the_number_of_calls(kind):
    calls = []

    def F(w):
        calls.append(w.shape)
        return transcendental(w)

    result = nlsolve.solve(F, 1.0, [0.3, -1.2, 0.7], jac=kind)
    assert result.success
    assert len(calls) == result.nfev


@pytest.mark.parametrize(("kind", "columns"), [("2-point", 3), ("3-point", 6), ("cs", 3)])
def test_vectorized_takes_one_call_a_jacobian(kind, columns):
    shapes = []

    def F(w):
        shapes.append(w.shape)
        return transcendental(w)

    result = nlsolve.solve(F, transcendental([0.3, -1.2, 0.7]), [0.3, -1.2, 0.7], jac=kind,
                           vectorized=True)  # fmt: skip
    assert result.nit == 0
    assert shapes.count((3, columns)) == 1
    assert shapes.count((3,)) == len(shapes) - 1 <= 2


@pytest.mark.parametrize("kind", ["2-point", "3-point", "cs"])
@pytest.mark.parametrize("words", [{"vectorized": True}, {"workers": map}])
def test_at_once_or_one_by_one_is_the_same(kind, words):
    w = [0.3, -1.2, 0.7]
    alone = nlsolve.solve(transcendental, 0.5, w, jac=kind)
    together = nlsolve.solve(transcendental, 0.5, w, jac=kind, **words)
    assert alone.success
    np.testing.assert_allclose(together.w, alone.w, rtol=0, atol=1e-12)
    assert together.nfev == alone.nfev


@pytest.mark.parametrize("kind", ["2-point", "3-point"])
def test_lanes_take_the_same_differences(kind):
    w = np.array([0.7, -1.3])
    compiled, interpreted = (
        nlsolve.solve(jitted["rosenbrock"], 0.0, w, jac=kind, lane=lane, method="gauss-newton")
        for lane in LANES
    )
    assert (compiled.lane, interpreted.lane) == LANES
    assert (compiled.nfev, compiled.nit) == (interpreted.nfev, interpreted.nit)
    np.testing.assert_allclose(compiled.jac, [[-20.0, 10.0], [-1.0, 0.0]], atol=1e-5)
    np.testing.assert_allclose(interpreted.jac, compiled.jac, atol=1e-6)


NOT_ANALYTIC = {
    "abs": (lambda w: np.abs(w) - 2.0, [-1.0, 5.0], [-2.0, 2.0]),
    "conjugate": (lambda w: np.conj(w) - 2.0, [-1.0, 5.0], [2.0, 2.0]),
    "real part": (lambda w: np.where(abs(w) > 1.0, w.real, 2.0 * w.real) - 1.5, [0.1], [0.75]),
    "abs away from w0": (lambda w: np.where(w.real > 3, w * w, 2 * abs(w)) - 2.0, [4.0], [1.0]),
}


@pytest.mark.parametrize("case", NOT_ANALYTIC)
def test_complex_step_that_is_wrong_is_noticed_and_replaced(case):
    F, w0, root = NOT_ANALYTIC[case]
    with pytest.warns(nlsolve.JacobianWarning, match="complex step disagrees"):
        result = nlsolve.solve(F, 0.0, w0, jac="cs")
    assert result.success
    np.testing.assert_allclose(result.w, root, rtol=1e-9)


@pytest.mark.parametrize("case", NOT_ANALYTIC)
def test_complex_step_that_is_wrong_is_an_error_on_request(case):
    F, w0, _ = NOT_ANALYTIC[case]
    with pytest.raises(nlsolve.EvaluationError, match="complex step disagrees") as caught:
        nlsolve.solve(F, 0.0, w0, jac="cs", check_jac="raise")
    assert isinstance(caught.value.partial_result, nlsolve.SolveResult)


def test_complex_step_warning_points_at_the_call():
    F, w0, _ = NOT_ANALYTIC["abs"]
    with pytest.warns(nlsolve.JacobianWarning) as caught:
        nlsolve.solve(F, 0.0, w0, jac="cs")
    assert caught[0].filename == __file__


def test_complex_step_of_a_function_that_takes_no_complex_numbers():
    with pytest.raises(nlsolve.EvaluationError, match=r"F raised TypeError.*arctan2") as caught:
        nlsolve.solve(lambda w: np.arctan2(w, 1.0) - 0.5, 0.0, [0.1, 5.0], jac="cs")
    assert isinstance(caught.value.__cause__, TypeError)
