"""Are the problems of the zoo what they claim to be?

Jacobians are compared with complex steps (exact to rounding: no difference is formed), formulas
with values that others published, and roots by inserting them. (That they are the same compiled is
checked in tests/test_lanes.py, which compiles them.)

Published: MINPACK's driver output for hybrj and lmder (devernay/cminpack, examples/ref), the
output of J. Burkardt's TEST_NONLIN in Python (2021), and the values in gonum's optimize/functions.
"""

from collections import Counter

import numpy as np
import pytest
from scipy.integrate import quad

from tests.zoo import MGH, STANDARD, WIDE, Problem, points, scaled_starts
from tests.zoo import any_size as free

ALL = STANDARD + WIDE + [problem for problem in MGH if problem not in STANDARD]
BY_NAME = {problem.name: problem for problem in ALL}
UNIT = np.finfo(float).eps / 2.0

every_problem = pytest.mark.parametrize("problem", ALL, ids=lambda problem: problem.name)


def complex_step(problem: Problem, w: np.ndarray) -> np.ndarray:
    step = 1e-40
    columns = [problem.F(w + step * 1j * unit).imag / step for unit in np.eye(problem.m)]
    return np.array(columns).T


def start_norm(problem: Problem, start: tuple[float, ...]) -> float:
    return float(np.linalg.norm(problem.F(np.array(start))))


def test_counts():
    assert len(STANDARD) == 23
    assert len(WIDE) >= 28
    assert all(problem.n == problem.m for problem in STANDARD)
    assert all(problem.n < problem.m for problem in WIDE)
    assert all(problem.n >= problem.m for problem in MGH)


def test_names_are_unique():
    for zoo in (STANDARD, WIDE, MGH):
        assert Counter(problem.name for problem in zoo).most_common(1)[0][1] == 1


@every_problem
def test_shapes(problem):
    w = np.array(problem.w0)
    F, J = problem.F(w), problem.jac(w)
    assert F.shape == (problem.n,)
    assert J.shape == (problem.n, problem.m)
    assert F.dtype == J.dtype == np.float64
    assert J.flags.c_contiguous
    np.testing.assert_array_equal(w, problem.w0, err_msg="F or jac has written into w")


@every_problem
def test_jacobian_is_the_derivative(problem):
    for w in points(problem):
        J = problem.jac(w)
        rows = np.abs(J).max(axis=1, keepdims=True)
        assert np.all(np.abs(J - complex_step(problem, w)) <= 1e-13 * (rows + 1e-300))


@every_problem
def test_starts_are_no_roots(problem):
    assert start_norm(problem, problem.w0) > 1e-3


@pytest.mark.parametrize(
    "problem", [problem for problem in ALL if problem.solution], ids=lambda problem: problem.name
)
def test_solutions_are_roots(problem):
    """To the rounding of w and of the terms of F (the largest of them bounded by |F(w0)|)."""
    w = np.array(problem.solution)
    rounding = np.abs(problem.jac(w)) @ np.abs(w) + np.abs(problem.F(np.array(problem.w0))) + 1.0
    assert np.all(np.abs(problem.F(w)) <= 8.0 * UNIT * rounding)


@pytest.mark.parametrize(
    "problem", [problem for problem in ALL if problem.solution], ids=lambda problem: problem.name
)
def test_singular_means_that_the_rank_drops_at_the_root(problem):
    def rank(w):
        J = problem.jac(w)
        rows = np.linalg.norm(J, axis=1, keepdims=True)
        return np.linalg.matrix_rank(J / np.where(rows > 0.0, rows, 1.0), tol=1e-9)

    at_root = rank(np.array(problem.solution))
    nearby = rank(np.array(problem.solution) + 0.1 * (points(problem)[1] - problem.solution))
    assert (at_root < nearby) == problem.singular


# Euclidean norms of F at the standard start times 1, 10, 100 (hybrj and lmder drivers).
MINPACK = {
    "Rosenbrock": (4.919350, 1340.063, 143000.1),
    "Powell singular": (14.66288, 1270.984, 126887.9),
    "Powell badly scaled": (1.065487, 1.0),
    "Wood gradient": (8550.557, 7349823.0, 7273070000.0),
    "helical valley": (50.0, 102.9563, 991.2618),
    "Chebyquad 5 on [0, 1]": (0.2257066, 4117243.0, 5.636130e11),
    "Chebyquad 7 on [0, 1]": (0.1837679, 4.269328e9, 6.414317e16),
    "Chebyquad 9 on [0, 1]": (0.1699499,),
    "Brown almost linear": (16.53022, 9765624.0, 9.765625e16),
    "discrete boundary value": (0.02808058, 0.5255526, 106.5739),
    "discrete integral equation": (0.2518270, 6.116833, 1269.309),
    "trigonometric": (0.08411753, 20.30519, 93.36937),
    "variably dimensioned gradient": (2240213.0, 52234380.0, 1.592365e11),
    "Broyden tridiagonal": (4.582576, 639.1009, 63337.58),
    "Broyden banded": (18.97367, 17130.92, 15949860.0),
    "Freudenstein-Roth": (20.01250, 12432.83, 11426450.0),
    "Box 3-D": (32.11158,),
}


@pytest.mark.parametrize("name", MINPACK)
def test_start_norms_agree_with_minpack(name):
    problem = BY_NAME[name]
    norms = [start_norm(problem, start) for _, start in scaled_starts(problem)]
    np.testing.assert_allclose(norms[: len(MINPACK[name])], MINPACK[name], rtol=1e-6)


# Euclidean norms of F at the start, from the output of TEST_NONLIN.
TEST_NONLIN = {
    "generalized Rosenbrock": 4.91935,
    "Chebyquad": 0.444444,
    "Hammarling 2x2 matrix square root": 1.7319353394396686,
    "Hammarling 3x3 matrix square root": 1.9998500018751406,
    "Dennis and Schnabel 2x2": 17.26267650163207,
    "sample problem 18": 2.195112963893241,
    "sample problem 19": 76.36753236814714,
    "scalar x (x - 5)^2": 16.0,
    "Boggs": 2.0,
}


@pytest.mark.parametrize("name", TEST_NONLIN)
def test_start_norms_agree_with_test_nonlin(name):
    norm = start_norm(BY_NAME[name], BY_NAME[name].w0)
    np.testing.assert_allclose(norm, TEST_NONLIN[name], rtol=2e-6)


# Sums of squares and their gradients at the start (gonum).
GONUM = {
    "Beale": (14.203125, (0.0, 27.75)),
    "Biggs EXP6": (
        0.77907007565597,
        (
            -0.149371887533426,
            -0.183163468182936,
            -1.483958013575642,
            1.428277503849742,
            -0.149371887533426,
            -1.483958013575642,
        ),
    ),
    "Box 3-D": (1031.1538106093985, (98.22343149849218, -2.11937420675874, 112.38817362220350)),
    "Brown badly scaled": (999998000003.0, (-2e6, -4e-6)),
    "Gulf": (12.11070582556949, (2.0879783574289799, 0.0345792619697154, -39.67668010293864)),
    "Wood": (19192.0, (-12008.0, -2080.0, -10808.0, -1880.0)),
}


@pytest.mark.parametrize("name", GONUM)
def test_sums_of_squares_agree_with_gonum(name):
    problem = BY_NAME[name]
    w = np.array(problem.w0)
    F = problem.F(w)
    value, gradient = GONUM[name]
    np.testing.assert_allclose(F @ F, value, rtol=1e-13)
    np.testing.assert_allclose(2.0 * problem.jac(w).T @ F, gradient, rtol=1e-11, atol=1e-11)


def test_formulas_at_sizes_that_others_printed():
    """Watson with 6 and 9 unknowns (MINPACK), the H-equation with 5, sums of squares (gonum)."""
    for n, at_zero, at_ten in ((6, 68.48587, 3531259.0), (9, 88.78955, 10151080.0)):
        assert np.linalg.norm(free.watson_gradient(np.zeros(n))) == pytest.approx(at_zero, 1e-6)
        start = np.full(n, 10.0)
        assert np.linalg.norm(free.watson_gradient(start)) == pytest.approx(at_ten, 1e-6)
    assert np.linalg.norm(free.chandrasekhar(np.ones(5))) == pytest.approx(0.7176539271810876)
    sums = {
        "variably dimensioned": ((0.75, 0.5, 0.25, 0.0), 3222.1875),
        "extended Powell 12": ((3.0, -1.0, 0.0, 3.0) * 2, 190.0),
        "extended Rosenbrock 10": ((-1.2, 1.0) * 2, 2 * 24.2),
    }
    for name, (w, expected) in sums.items():
        residual = BY_NAME[name].F(np.array(w))
        assert residual @ residual == pytest.approx(expected, 1e-13)


BOUNDARY_VALUE = (
    "-0.4316498 -0.8157716 -1.144857 -1.409736 -1.599087 "
    "-1.698772 -1.690900 -1.552495 -1.253559 -0.7541653"
)
# Roots with seven figures from the hybrj driver, and the power of ten they are printed with.
PUBLISHED_ROOTS = {
    "discrete boundary value": (BOUNDARY_VALUE, 0.1),
    "discrete integral equation": (BOUNDARY_VALUE, 0.1),
    "Broyden tridiagonal": (
        "-0.5707221 -0.6818069 -0.7022101 -0.7055106 -0.7049062 "
        "-0.7014966 -0.6918893 -0.6657965 -0.5960351 -0.4164123",
        1.0,
    ),
    "Broyden banded": (
        "-0.4283029 -0.4765964 -0.5196525 -0.5580993 -0.5925062 "
        "-0.6245037 -0.6232395 -0.6213938 -0.6204536 -0.5864693",
        1.0,
    ),
    "Chebyquad 5 on [0, 1]": ("0.08375126 0.3127293 0.5 0.6872707 0.9162487", 1.0),
    "Chebyquad 7 on [0, 1]": (
        "0.05806915 0.2351716 0.3380441 0.5 0.6619559 0.7648284 0.9419309",
        1.0,
    ),
    "Chebyquad 9 on [0, 1]": (
        "0.04420535 0.1994907 0.2356191 0.4160469 0.5 0.5839531 0.7643809 0.8005093 0.9557947",
        1.0,
    ),
    "Wood gradient": ("-0.9679740 0.9471391 -0.9695163 0.9512477", 1.0),
}


@pytest.mark.parametrize("name", PUBLISHED_ROOTS)
def test_published_roots(name):
    """One Newton step from the printed root moves it by no more than its last figure."""
    problem = BY_NAME[name]
    text, power = PUBLISHED_ROOTS[name]
    w = power * np.array(text.split(), dtype=float)
    step = np.linalg.solve(problem.jac(w), problem.F(w))
    assert np.abs(step).max() <= 1e-7


def test_published_root_of_watson():
    w = np.array([-0.01572509, 1.012435, -0.2329916, 1.260430, -1.513729, 0.9929964])
    step = np.linalg.solve(free.watson_gradient_jac(w), free.watson_gradient(w))
    assert np.abs(step).max() <= 2e-6


def test_watson_is_half_the_gradient():
    """Against the sum of squares as MGH define it, by a complex step."""

    def half_sum_of_squares(w):
        total = w[0] ** 2 + (w[1] - w[0] ** 2 - 1.0) ** 2
        k = np.arange(w.size)
        for t in np.arange(1, 30) / 29.0:
            total += ((k[1:] * w[1:] * t ** (k[1:] - 1)).sum() - (w * t**k).sum() ** 2 - 1.0) ** 2
        return 0.5 * total

    w = np.random.default_rng(1).standard_normal(7)
    gradient = [half_sum_of_squares(w + 1e-40j * unit).imag / 1e-40 for unit in np.eye(7)]
    np.testing.assert_allclose(free.watson_gradient(w), gradient, rtol=1e-12)


def test_chebyquad_subtracts_the_integrals():
    """At one node, T_i(u) minus the mean of T_i over [-1, 1]."""
    F, _ = free.chebyquad(1.0, 0.0)
    value = F(np.full(6, 0.3))
    for i in range(1, 7):
        T = np.polynomial.Chebyshev.basis(i)
        assert value[i - 1] == pytest.approx(T(0.3) - quad(T, -1.0, 1.0)[0] / 2.0, abs=1e-14)


def test_scaled_starts():
    standard, ten, hundred = scaled_starts(BY_NAME["Boggs"])
    assert standard == (1.0, (1.0, 0.0))
    assert ten == (10.0, (10.0, 0.0))
    assert hundred == (100.0, (100.0, 0.0))
    assert [start for _, start in scaled_starts(BY_NAME["Watson gradient"])] == [
        (0.0, 0.0),
        (10.0, 10.0),
        (100.0, 100.0),
    ]
