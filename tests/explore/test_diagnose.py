"""What is said of systems whose defects are known in closed form, and of the zoo's?"""

import numpy as np
import pytest

import nlsolve
from nlsolve.systems.errors import EvaluationError
from tests.zoo import MGH, STANDARD, WIDE


def equations(relations):
    return [one.equations for one in relations]


@pytest.mark.parametrize(
    "problem", [p for p in (*STANDARD, *WIDE) if p.solution], ids=lambda p: p.name
)
@pytest.mark.parametrize("exact", [True, False])
def test_singular_roots_of_the_zoo_and_no_others(problem, exact):
    jac = problem.jac if exact else None
    d = nlsolve.diagnose(problem.F, 0.0, np.array(problem.solution), jac=jac)
    assert (d.rank < d.generic_rank) == problem.singular
    assert bool(d.singular) == problem.singular
    assert d.root


DEPENDENT = {
    "redundant rows": ((2, 4), 0),
    "nonlinearly dependent rows": ((2, 3), 1),
    "low-rank product": ((8, 9), 1),
    "redundant pointing": ((2, 3), 1),
}


@pytest.mark.parametrize("problem", [*STANDARD, *WIDE], ids=lambda p: p.name)
def test_dependent_equations_of_the_zoo_and_no_others(problem):
    """J of a rank 2 product has rank 8 of 9; a direction has two degrees of freedom."""
    d = nlsolve.diagnose(problem.F, 0.0, np.array(problem.w0), jac=problem.jac)
    (rank, n), functional = DEPENDENT.get(problem.name, ((problem.n, problem.n), 0))
    assert (d.generic_rank, d.n) == (rank, n)
    assert len(d.functional) == functional
    assert len(d.redundant) + len(d.functional) == n - rank
    assert d.inconsistent == ()


@pytest.mark.parametrize("problem", [p for p in MGH if p.n > p.m], ids=lambda p: p.name)
def test_fits_are_overdetermined_and_nothing_is_made_up(problem):
    d = nlsolve.diagnose(problem.F, 0.0, np.array(problem.w0), jac=problem.jac)
    assert d.inconsistent == ()
    assert d.overdetermined.unknowns == tuple(range(problem.m))
    assert d.generic_rank == problem.m


def test_a_constant_repeated_row_in_other_units():
    """r1 = 1e16 r0 - 1, beside an equation of its own."""
    F = lambda w: [1e-8 * (w[0] + w[1]), 1e8 * (w[0] + w[1]), w[1] ** 2 - w[2]]  # noqa: E731
    d = nlsolve.diagnose(F, [0.0, 1.0, 1.0], [1.0, 2.0, 3.0])
    (one,) = d.inconsistent
    assert (one.equation, one.others) == (1, (0,))
    assert one.coefficients == pytest.approx((1e16,), rel=1e-12)
    assert one.gap == pytest.approx(-1.0, rel=1e-6)


@pytest.mark.parametrize("jac", [None, lambda w: np.zeros((2, 2))])
def test_constant_equations(jac):
    """0 = 1 and 0 = 0."""
    d = nlsolve.diagnose(lambda w: [1.0, 0.0], 0.0, [1.0, 2.0], jac=jac)
    assert d.inconsistent == ((0, (), (), 1.0),)
    assert d.redundant == ((1, (), (), 0.0),)
    assert (d.rank, d.generic_rank, d.structural_rank) == (0, 0, 0)
    assert d.free == d.movable == d.parameters == (0, 1)
    assert not d.functional
    assert not d.singular
    assert not d.root


@pytest.mark.parametrize("w", [2.0, 0.0, -1e-3])
def test_one_equation_in_one_unknown(w):
    d = nlsolve.diagnose(lambda w: 3.0 * w - 1.0, 0.0, w)
    assert (d.n, d.m, d.rank, d.degrees_of_freedom) == (1, 1, 1, 0)
    assert d.determined == (0,)
    assert d.sound


def test_more_equations_than_unknowns():
    """w = 1, w^2 = 2, w^2 - w = 0: the third is the second less the first, and contradicts."""
    d = nlsolve.diagnose(lambda w: [w[0] - 1, w[0] ** 2 - 2, w[0] ** 2 - w[0]], 0.0, [1.5])
    assert equations(d.inconsistent) == [(0, 1, 2)]
    assert d.inconsistent[0].gap == pytest.approx(1.0)
    assert d.overdetermined.equations == (0, 1)
    assert d.overdetermined.unknowns == (0,)


def test_a_part_with_too_few_unknowns_within_a_wide_system():
    """Three equations in x and y, among four in six unknowns."""
    system = nlsolve.parse("x*y = 1; x + y*z*t = 3; x + y = 2; x**2 - y = 0", unknowns="x y z t u")
    d = nlsolve.diagnose(system, 0.0, [1.0, 2.0, 3.0, 4.0, 5.0])
    assert d.overdetermined == (3, (0, 2, 3), (0, 1))
    assert equations(d.functional) == [(0, 2, 3)]
    assert d.structural_rank == d.generic_rank == 3
    assert d.determined == (0, 1)
    assert d.free == (4,)


def test_formulas_tell_the_pattern_where_numbers_do_not():
    """max(x, 0) does not change with x around -1."""
    system = nlsolve.parse("max(x, 0) = 1; y = 1")
    d = nlsolve.diagnose(system, 0.0, [-1.0, 1.0])
    assert d.structural_rank == 2
    assert d.generic_rank == 1
    assert d.free == (0,)


def test_functional_dependence_in_steps():
    """exp and the square of the first, and one that is independent."""
    F = lambda w: [w @ w - 1, (w @ w) ** 2 - 1, w[0] - w[1], np.exp(w @ w) - 3]  # noqa: E731
    d = nlsolve.diagnose(F, 0.0, [0.5, 1.0, 0.7, 0.2])
    assert equations(d.functional) == [(0, 1), (0, 3)]
    assert d.redundant == d.inconsistent == d.singular == ()


@pytest.mark.parametrize(("unit", "exact"), [(1e-8, True), (1e8, True), (1.0, True), (1.0, False)])
def test_stationary_point_that_is_no_root(unit, exact):
    F = lambda w: [w[0] ** 2 + 1.0, w[1] / unit - 1.0]  # noqa: E731
    jac = (lambda w: [[2.0 * w[0], 0.0], [0.0, 1.0 / unit]]) if exact else None
    d = nlsolve.diagnose(F, 0.0, [0.0, unit], jac=jac)
    assert d.stationary
    assert not d.root
    assert equations(d.singular) == [(0,)]
    assert not nlsolve.diagnose(F, 0.0, [1.0, unit], jac=jac).stationary


@pytest.mark.parametrize("unit", [1e-8, 1e8])
def test_what_is_lost_in_rounding_is_not_taken_for_a_constant(unit):
    """w[0]^2 - 1 at 0: nothing tells how far to move w[0], and moves of 1e-8 change nothing."""
    d = nlsolve.diagnose(lambda w: [w[0] ** 2 - 1.0, w[1] / unit - 1.0], 0.0, [0.0, unit])
    assert d.inconsistent == d.redundant == d.functional == ()
    assert d.free == ()
    assert d.flat == (0,)


def test_a_start_far_from_the_solution_is_not_stationary():
    """1e-8 x = 1 at x = 1: a move of x by its size does next to nothing, a step all."""
    assert not nlsolve.diagnose(lambda w: [1e-8 * w[0] - 1.0], 0.0, [1.0]).stationary


def test_a_minimum_of_least_squares_is_stationary():
    t = np.linspace(0.0, 1.0, 9)
    A = np.stack([np.ones(9), t], axis=1)
    w = np.linalg.lstsq(A, np.exp(t), rcond=None)[0]
    d = nlsolve.diagnose(lambda w: A @ w, np.exp(t), w, jac=lambda w: A)
    assert d.stationary
    assert not d.root
    assert len(d.inconsistent) == 7


def test_scales_are_those_put_in():
    R, C = np.array([1.0, 1e6, 1.0]), np.array([1.0, 1.0, 1e-7, 1.0])
    A = np.array([[1.0, 2.0, 0.5, 0.0], [0.7, 0.0, 1.0, 1.0], [0.0, 1.0, 1.0, -2.0]])
    d = nlsolve.diagnose(lambda w: R * (A @ (w / C)), 0.0, C)
    assert d.badly_scaled_rows == (1,)
    assert d.badly_scaled_columns == (2,)
    assert 1e-7 < d.row_scale[1] < 1e-5
    assert 1e-8 < d.column_scale[2] < 1e-6
    assert d.condition < 10.0


def test_an_entry_that_vanishes_at_w_by_accident_is_no_bad_scale():
    """A planar arm stretched out: cos(pi/2) = 6e-17 stands where a length would."""
    F = lambda w: np.array([np.cos(w[0]) + w[1], np.sin(w[0]) + w[2]])  # noqa: E731
    jac = lambda w: np.array([[-np.sin(w[0]), 1.0, 0.0], [np.cos(w[0]), 0.0, 1.0]])  # noqa: E731
    d = nlsolve.diagnose(F, 0.0, [np.pi / 2, 0.0, 0.0], jac=jac)
    assert d.badly_scaled_rows == d.badly_scaled_columns == ()
    assert d.sound


def test_f_that_cancels_within_does_not_contradict_itself():
    """1e7 in between costs F half its digits, seen as a gap that differs from point to point."""

    def F(w):
        return [(w[0] * w[1] + 1e7) - 1e7, 2.0 * w[0] * w[1], w[0] - w[2]]

    def jac(w):
        return [[w[1], w[0], 0.0], [2.0 * w[1], 2.0 * w[0], 0.0], [1.0, 0.0, -1.0]]

    d = nlsolve.diagnose(F, 0.0, [1.1, 0.7, 0.3], jac=jac, check_jac=False)
    assert equations(d.redundant) == [(0, 1)]


@pytest.mark.parametrize("exact", [True, False])
def test_nothing_is_a_function_of_others_where_an_unknown_is_lost_in_rounding(exact):
    """1e-20 w[1] makes the second equation independent of the first; differences cannot tell."""
    F = lambda w: [w[0], np.sin(w[0]) + 1e-20 * w[1], w[2]]  # noqa: E731
    jac = lambda w: [[1.0, 0.0, 0.0], [np.cos(w[0]), 1e-20, 0.0], [0.0, 0.0, 1.0]]  # noqa: E731
    d = nlsolve.diagnose(F, 0.0, [1.0, 1e5, 1.0], jac=jac if exact else None)
    assert d.functional == ()
    assert d.clear == exact
    assert d.free == ()


def test_what_holds_near_w_only_is_no_constant():
    """max(x, 3) is 3 around w = 1, and x far away."""
    jac = lambda w: [[float(w[0] > 3.0), 0.0], [1.0, 1.0]]  # noqa: E731
    d = nlsolve.diagnose(lambda w: [max(w[0], 3.0), w[0] + w[1]], 0.0, [1.0, 1.0], jac=jac)
    assert d.inconsistent == d.redundant == ()
    assert d.flat == (0,)


def test_a_wrong_jacobian_makes_nothing_redundant():
    """J says twice the first, F says otherwise."""
    F = lambda w: [w[0] + w[1], 2.0 * w[0] + 2.0 * w[1] + 0.1 * np.sin(w[0])]  # noqa: E731
    wrong = lambda w: [[1.0, 1.0], [2.0, 2.0]]  # noqa: E731
    d = nlsolve.diagnose(F, 0.0, [1.0, 2.0], jac=wrong, check_jac=False)
    assert d.redundant == d.inconsistent == ()


def test_f_defined_at_w_alone():
    F = lambda w: [w[0] + w[1], 2.0 * w[0] + 2.0 * w[1]] if w[0] == 1 else [np.nan] * 2  # noqa: E731
    d = nlsolve.diagnose(
        F, 0.0, [1.0, 2.0], jac=lambda w: [[1.0, 1.0], [2.0, 2.0]], check_jac=False
    )
    assert d.points == 1
    assert d.redundant == d.functional == ()
    assert equations(d.singular) == [(0, 1)]


@pytest.mark.parametrize("jac", ["cs", "3-point", True])
def test_every_way_to_derivatives(jac):
    def F(w):
        values = np.array([w[0] * w[1], w[2] - 1.0, 2.0 * w[0] * w[1] + w[2]])
        rows = [[w[1], w[0], 0.0], [0.0, 0.0, 1.0], [2.0 * w[1], 2.0 * w[0], 1.0]]
        return (values, np.array(rows)) if jac is True else values

    d = nlsolve.diagnose(F, [0.0, 0.0, 1.0], [1.1, 0.7, 0.3], jac=jac)
    assert equations(d.redundant) == [(0, 1, 2)]
    assert d.redundant[0].coefficients == pytest.approx((2.0, 1.0))


def test_products_with_the_jacobian_and_arguments():
    A = np.array([[1.0, 2.0, 0.0], [2.0, 4.0, 0.0]])
    d = nlsolve.diagnose(
        lambda w, A: A @ w, [1.0, 2.5], [1.0, 1.0, 1.0], args=(A,),
        jvp=lambda w, v, A: A @ v, vjp=lambda w, u, A: A.T @ u,
    )  # fmt: skip
    assert d.inconsistent[0].gap == pytest.approx(-0.5)
    assert d.free == (2,)


def test_values_in_single_precision():
    """Differences of single precision tell too little, and that is said."""
    A = np.array([[1.0, 2.0, 0.5], [0.3, -1.0, 1.0], [1.3, 1.0, 1.5]], dtype=np.float32)
    d = nlsolve.diagnose(lambda w: A @ w.astype(np.float32), 0.0, [1.0, 2.0, 3.0])
    assert not d.clear
    assert d.redundant == d.inconsistent == d.functional == ()


@pytest.mark.parametrize("value", [np.nan, np.inf])
@pytest.mark.parametrize("given", [True, False])
def test_a_derivative_that_is_not_finite_is_named(value, given):
    def F(w):
        return [w[0] + w[1], w[1] if w[1] == 1.0 else value]

    jac = (lambda w: [[1.0, 1.0], [0.0, value]]) if given else None
    with pytest.raises(EvaluationError, match=r"J\(w\)|jac\(w0\)"):
        nlsolve.diagnose(F, 0.0, [1.0, 1.0], jac=jac, check_jac=False)


def test_w_is_asked_for():
    with pytest.raises(TypeError, match="w is missing"):
        nlsolve.diagnose(lambda w: w)


def test_a_diagnosis_is_the_same_each_time():
    F = lambda w: [w[0] * w[1], w[0] * w[1] * 2.0 + 1.0, np.sin(w[2])]  # noqa: E731
    first, again = (nlsolve.diagnose(F, 0.0, [1.0, 2.0, 0.0]) for _ in range(2))
    assert repr(first) == repr(again)
