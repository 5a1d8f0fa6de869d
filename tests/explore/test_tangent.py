"""Are normal and tangent parts what exact arithmetic says, and does the way back lead back?"""

import numpy as np
import pytest
import sympy

from nlsolve.explore.tangent import Tangent, retracted
from nlsolve.systems import System
from nlsolve.systems.problem import Problem

TOLERANCE = 32.0 * 2.0**-52
INTEGERS = np.array([[3, 1, 4, 1, 5], [9, 2, 6, 5, 3], [5, 8, 9, 7, 9]])


def exact_pseudo_inverse(J):
    """J^T (J J^T)^-1 in rationals."""
    A = sympy.Matrix(J.tolist())
    return np.array(A.T * (A * A.T).inv(), dtype=float)


@pytest.mark.parametrize("exponents", [(0, 0, 0), (0, 600, -600), (-1000, -1000, -1000)])
def test_the_pseudo_inverse_is_exact_to_rounding_whatever_the_rows_scale(exponents):
    scales = 2.0 ** np.array(exponents)
    tangent = Tangent(scales[:, None] * INTEGERS, TOLERANCE)
    assert tangent.rank == 3
    assert tangent.dependent is None
    inverse, s = exact_pseudo_inverse(INTEGERS), np.array([1.0, -2.0, 0.5])
    np.testing.assert_allclose(tangent.shortest(scales * s), inverse @ s, rtol=1e-13)
    np.testing.assert_allclose(tangent.shortest(np.diag(scales)), inverse, rtol=1e-12)
    v = np.array([1.0, 2.0, -3.0, 0.0, 1.0])
    np.testing.assert_allclose(scales * tangent.multipliers(v), inverse.T @ v, rtol=1e-12)


def test_tangent_parts_are_those_of_the_exact_projection():
    J = sympy.Matrix(INTEGERS.tolist())
    P = np.array(sympy.eye(5) - J.T * (J * J.T).inv() * J, dtype=float)
    tangent, v = Tangent(1.0 * INTEGERS, TOLERANCE), np.array([1.0, 2.0, -3.0, 0.0, 1.0])
    np.testing.assert_allclose(tangent.part(v), P @ v, atol=1e-14)
    normal = INTEGERS.T @ [1.0, 1.0, 1.0]
    assert np.linalg.norm(tangent.part(normal)) <= 1e-15 * np.linalg.norm(normal)
    np.testing.assert_allclose(tangent.basis() @ tangent.basis().T, P, atol=1e-14)


@pytest.mark.parametrize("scale", [1.0, 1e-12, 1e12])
def test_a_dependent_row_is_found_whatever_its_scale(scale):
    J = np.array([[1.0, 2.0, 0.0], [0.0, 1.0, 1.0], [1.0, 3.0, 1.0]])
    J[2] *= scale
    tangent = Tangent(J, TOLERANCE)
    assert tangent.rank == 2
    assert tangent.dependent in (0, 1, 2)
    along = np.array([2.0, -1.0, 1.0]) / np.sqrt(6.0)  # J along = 0
    np.testing.assert_allclose(np.abs(tangent.basis()[:, 0] @ along), 1.0, rtol=1e-14)


def test_rows_of_zeros_have_no_normal():
    tangent = Tangent(np.zeros((2, 3)), TOLERANCE)
    assert tangent.rank == 0
    np.testing.assert_array_equal(tangent.part(np.ones(3)), np.ones(3))


def circle(w):
    if w[0] < -2.0:
        raise ValueError("w[0] is below -2")
    return np.array([w @ w - 1.0])


@pytest.fixture
def problem():
    return Problem(System(circle, jac=lambda w: 2.0 * w[None, :]), np.zeros(1), 2)


def test_the_way_back_is_the_shortest_and_goes_to_the_rounding_floor(problem):
    root = retracted(problem, np.array([3.0, 4.0]), 1e-3)
    np.testing.assert_allclose(root.w, [0.6, 0.8], rtol=1e-15)
    assert root.residual_norm <= 4.0 * 2.0**-52
    np.testing.assert_array_equal(root.r, circle(root.w))
    np.testing.assert_array_equal(root.J, [2.0 * root.w])


@pytest.mark.parametrize("w", [[0.0, 0.0], [-3.0, 0.0], [np.nan, 1.0]])
def test_where_there_is_no_way_back_there_is_no_root(problem, w):
    assert retracted(problem, np.array(w), 1e-10) is None
