"""Is a solution proved where there is one? What `solve` returns, and what 60 digits say of it."""

import numpy as np
import pytest
import sympy

import nlsolve
from nlsolve import demo
from nlsolve.systems.errors import FormulaError
from tests.certificates.proving import assert_proved, proof
from tests.zoo import STANDARD, WIDE

# formulas of what branches on w: they hold in x > 0, and off the axes
FORMULAS = {
    "helical valley": nlsolve.parse(
        "10*(z - 10*atan(y/x)/(2*pi)) = 0; 10*(sqrt(x**2 + y**2) - 1) = 0; z = 0",
        unknowns="x y z",
    ),
    "sample problem 18": nlsolve.parse(
        "y**2*(1 - exp(-x**2))/x = 0; x*(1 - exp(-y**2))/y = 0", unknowns="x y"
    ),
}


def dependent(problem):
    """Whether some row of J depends on the others where nothing is special, so everywhere."""
    J = problem.jac(np.random.default_rng(0).standard_normal(problem.m))
    lengths = np.linalg.norm(J, axis=0)
    return np.linalg.matrix_rank(J / np.where(lengths > 0.0, lengths, 1.0)) < problem.n


REGULAR = [problem for problem in STANDARD if not problem.singular]
WIDE_REGULAR = [problem for problem in WIDE if not (problem.singular or dependent(problem))]
UNPROVABLE = [p for p in (*STANDARD, *WIDE) if p.singular or dependent(p)]


def each(problems):
    return pytest.mark.parametrize("problem", problems, ids=lambda problem: problem.name)


def formulas_of(problem):
    """Traced from NumPy, or written by hand where F branches."""
    if problem.name not in FORMULAS:
        return nlsolve.trace(problem.F, problem.m, check=problem.w0)
    with pytest.raises(FormulaError, match="branch"):
        nlsolve.trace(problem.F, problem.m)
    return FORMULAS[problem.name]


@pytest.mark.parametrize("name", FORMULAS)
def test_formulas_by_hand_are_those_of_the_problem(name):
    (problem,) = (one for one in STANDARD if one.name == name)
    points = np.random.default_rng(0).uniform(-3.0, 3.0, (20, problem.m))
    points[:, 0] = abs(points[:, 0])
    for w in points:
        np.testing.assert_allclose(formulas_of(problem)(w), problem.F(w), rtol=1e-12, atol=1e-12)


@each(REGULAR + WIDE_REGULAR)
def test_solutions_of_the_zoo_are_proved(problem):
    solution = nlsolve.solve(problem.F, 0.0, problem.w0, jac=problem.jac)
    assert solution.success
    certificate = assert_proved(formulas_of(problem), solution.w)
    if problem.name in FORMULAS:  # the ball lies where the formulas hold
        assert certificate.distance[1] < solution.w[0]
    assert (certificate.unique_within is None) == (problem.m > problem.n)


@each(UNPROVABLE)
def test_singular_solutions_of_the_zoo_are_not_proved(problem):
    system = formulas_of(problem)
    solution = nlsolve.solve(problem.F, 0.0, problem.w0, jac=problem.jac)
    for w in (solution.w, problem.solution):
        if w is not None and np.isfinite(system(w)).all():
            assert not proof(system, w).holds


@pytest.mark.parametrize("seed", range(5))
def test_poses_of_the_robot_from_its_numpy_code(seed):
    found = [(target, demo.solve_pose(target)) for target in demo.random_targets(seed, 3)]
    solved = [(target, pose.result.w) for target, pose in found if pose.result.success]
    assert len(solved) >= 2
    for target, w in solved:
        assert_proved(nlsolve.trace(demo.residual, 7, args=(target,)), w)


def test_parameters_of_sympy_formulas():
    """x^2 + y^2 = a, x y = b: (x + y)^2 = a + 2 b and (x - y)^2 = a - 2 b."""
    x, y, a, b = sympy.symbols("x y a b")
    family = nlsolve.from_sympy(
        [sympy.Eq(x**2 + y**2, a), sympy.Eq(x * y, b)], [x, y], parameters=[a, b]
    )
    for values in ({"a": 5, "b": 2}, {"a": 4.1, "b": sympy.Rational(1, 3)}):
        system = family.at(**values)
        solution = nlsolve.solve(system, 0.0, [3.0, 1.0])
        certificate = assert_proved(system, solution.w)
        known = [
            sympy.sqrt(values["a"] + 2 * values["b"]),
            sympy.sqrt(values["a"] - 2 * values["b"]),
        ]
        root = np.array([known[0] + known[1], known[0] - known[1]], dtype=float) / 2.0
        assert np.linalg.norm(solution.w - root) <= certificate.distance[1] + 1e-15


def test_of_two_solutions_each_is_proved_and_the_other_left_out():
    gap = 1e-3
    system = nlsolve.parse("(x - a)*(x - b) = 0", parameters={"a": 1.0, "b": 1.0 + gap})
    for own, other in ((1.0, 1.0 + gap), (1.0 + gap, 1.0)):
        certificate = assert_proved(system, [own + 1e-9], within=1.1e-9)
        assert 0.0 < certificate.unique_within <= abs(own + 1e-9 - other)


@pytest.mark.parametrize("method", [None, "gauss-newton", "gd"])
def test_linear_systems_have_no_curvature(method):
    system = nlsolve.parse("x + 2*y - z = 1; x - y = 0.3")
    certificate = nlsolve.certify(system, 0.0, [1.0, 2.0, 3.0], method=method, evidence="proved")
    assert certificate.holds, certificate.reason
    nearest = np.linalg.pinv([[1.0, 2.0, -1.0], [1.0, -1.0, 0.0]]) @ [1.0, -1.3]
    assert np.linalg.norm(nearest) <= certificate.distance[1]
    if method is not None:
        assert certificate.beta == 0.0


@pytest.mark.parametrize("method", [None, "gauss-newton", "gd"])
@pytest.mark.parametrize("text", ["1e-200*x = 1e200", "1e-160*x = 1e160", "1e308*(x + y) = 1"])
def test_bounds_that_overflow_are_refused(text, method):
    system = nlsolve.parse(text)
    found = nlsolve.certify(system, 0.0, np.zeros(system.tape.m), method=method, evidence="proved")
    assert not found.holds
    assert found.reason
