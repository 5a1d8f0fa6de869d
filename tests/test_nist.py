"""Are the NIST regressions the published ones, with exact Jacobians?

At the certified parameters the sum of squares and the standard deviations must come out with all
eleven published figures, as far as the parameters, rounded to eleven figures themselves, allow.
Jacobians are compared with complex steps (exact to rounding: no difference is formed).

Certified values: NIST/ITL, Statistical Reference Datasets, Nonlinear Regression,
https://www.itl.nist.gov/div898/strd/nls/nls_main.shtml
"""

import numpy as np
import pytest

from tests.zoo.nist import REGRESSIONS, Regression, whitened

EPSILON = np.finfo(float).eps
BY_NAME = {problem.name: problem for problem in REGRESSIONS}

# Observations and parameters.
SIZES = {
    "Bennett5": (154, 3),
    "BoxBOD": (6, 2),
    "Chwirut1": (214, 3),
    "Chwirut2": (54, 3),
    "DanWood": (6, 2),
    "ENSO": (168, 9),
    "Eckerle4": (35, 3),
    "Gauss1": (250, 8),
    "Gauss2": (250, 8),
    "Gauss3": (250, 8),
    "Hahn1": (236, 7),
    "Kirby2": (151, 5),
    "Lanczos1": (24, 6),
    "Lanczos2": (24, 6),
    "Lanczos3": (24, 6),
    "MGH09": (11, 4),
    "MGH10": (16, 3),
    "MGH17": (33, 5),
    "Misra1a": (14, 2),
    "Misra1b": (14, 2),
    "Misra1c": (14, 2),
    "Misra1d": (14, 2),
    "Nelson": (128, 3),
    "Rat42": (9, 3),
    "Rat43": (15, 4),
    "Roszman1": (25, 4),
    "Thurber": (37, 7),
}

# Certified standard deviations of the parameters.
DEVIATIONS = {
    "Misra1a": "2.7070075241 7.2668688436e-06",
    "Hahn1": (
        "1.7070154742e-01 1.2000289189e-02 2.2508314937e-04 2.7578037666e-07 "
        "2.4712888219e-04 1.0449373768e-05 1.3027335327e-08"
    ),
    "Thurber": (
        "4.6647963344 3.9571156086e+01 2.8698696102e+01 5.5675370270 "
        "3.1333340687e-02 1.4984928198e-02 6.5842344623e-03"
    ),
}

every_regression = pytest.mark.parametrize("problem", REGRESSIONS, ids=lambda problem: problem.name)


def points(problem: Regression) -> list[np.ndarray]:
    return [np.array(w) for w in (problem.start1, problem.start2, problem.certified)]


def complex_step(F, w: np.ndarray) -> np.ndarray:
    step = 1e-40
    return np.array([F(w + step * 1j * unit).imag / step for unit in np.eye(w.size)]).T


def half_unit(published: float | tuple[float, ...]) -> np.ndarray:
    """Half a unit of the eleventh figure."""
    return 0.5 * 10.0 ** (np.floor(np.log10(np.abs(published))) - 10.0)


def rounding(problem: Regression, w: np.ndarray) -> np.ndarray:
    """Bound for the rounding errors of F(w) - y."""
    return 4.0 * EPSILON * (np.abs(problem.F(w)) + np.abs(problem.y))


def uncertainty(problem: Regression, w: np.ndarray) -> np.ndarray:
    """Bound for the change of F(w) - y by rounding w to eleven figures, and all else to float64."""
    return np.abs(problem.jac(w)) @ half_unit(problem.certified) + rounding(problem, w)


def test_sizes_are_the_published_ones():
    sizes = {p.name: (p.y.size, len(p.certified)) for p in REGRESSIONS}
    assert sizes == SIZES
    assert len(REGRESSIONS) == len(SIZES)


@every_regression
def test_shapes(problem):
    for w in points(problem):
        before = w.copy()
        F, J = problem.F(w), problem.jac(w)
        assert F.shape == problem.y.shape
        assert J.shape == SIZES[problem.name]
        assert F.dtype == J.dtype == problem.y.dtype == np.float64
        assert J.flags.c_contiguous
        np.testing.assert_array_equal(w, before, err_msg="F or jac has written into w")


@every_regression
def test_jacobian_is_the_derivative(problem):
    for w in points(problem):
        J = problem.jac(w)
        rows = np.abs(J).max(axis=1, keepdims=True)
        assert np.all(np.abs(J - complex_step(problem.F, w)) <= 1e-13 * rows)


@every_regression
def test_certified_sum_of_squares(problem):
    """To all its figures; the error J dw of rounding w is orthogonal to r, so it enters squared.

    Only for Lanczos1 (1.4e-25) and Lanczos2 (2.2e-11) is that square above the eleventh figure:
    Lanczos1 is thus only shown to have a sum of squares below 1e-19.
    """
    w = np.array(problem.certified)
    r = problem.F(w) - problem.y
    change = uncertainty(problem, w)
    allowed = half_unit(problem.rss) + change @ change + 2.0 * np.abs(r) @ rounding(problem, w)
    assert abs(r @ r - problem.rss) <= allowed


@every_regression
def test_certified_parameters_are_stationary(problem):
    """J^T r = 0, up to J^T J dw with the error dw of rounding w to eleven figures."""
    w = np.array(problem.certified)
    J = problem.jac(w)
    gradient = J.T @ (problem.F(w) - problem.y)
    assert np.all(np.abs(gradient) <= np.abs(J).T @ uncertainty(problem, w))


@pytest.mark.parametrize("name", DEVIATIONS)
def test_certified_standard_deviations(name):
    """s^2 (J^T J)^(-1) = s^2 T T^T, s^2 = rss / (n - m): row norms of T times s."""
    problem = BY_NAME[name]
    _, _, T = whitened(problem, problem.certified)
    s = np.sqrt(problem.rss / (problem.y.size - T.shape[0]))
    expected = np.array(DEVIATIONS[name].split(), dtype=float)
    np.testing.assert_allclose(s * np.linalg.norm(T, axis=1), expected, rtol=1e-9)


@every_regression
def test_whitened_jacobian_is_orthonormal(problem):
    """Up to rounding, which R^(-1) magnifies by the condition of J with its columns scaled."""
    for w in points(problem):
        J = problem.jac(w)
        condition = np.linalg.cond(J / np.linalg.norm(J, axis=0))
        _, jac_v, _ = whitened(problem, w)
        Q = jac_v(np.zeros(w.size))
        assert np.abs(Q.T @ Q - np.eye(w.size)).max() <= 2.0 * w.size * EPSILON * condition


@every_regression
def test_whitened_is_the_same_system(problem):
    w = np.array(problem.certified)
    F_v, jac_v, T = whitened(problem, w)
    np.testing.assert_array_equal(F_v(np.zeros(w.size)), problem.F(w))
    v = 1e-6 * np.random.default_rng(0).standard_normal(w.size)
    np.testing.assert_array_equal(F_v(v), problem.F(w + T @ v))
    magnitude = np.abs(problem.jac(w + T @ v)) @ np.abs(T)
    assert np.all(np.abs(jac_v(v) - complex_step(F_v, v)) <= 1e-13 * magnitude.max(axis=1)[:, None])
