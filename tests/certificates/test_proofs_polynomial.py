"""Are roots of the literature's polynomial systems proved where they are regular, and only there?

What has no certificate is shown to deserve none: in rational arithmetic by sympy, or by 60 digits.
"""

import mpmath
import numpy as np
import pytest
import sympy
from sympy.polys.matrices import DomainMatrix

import nlsolve
from tests.certificates.high_precision import (
    DIGITS,
    solution_near,
    values_and_jacobian,
    vector,
)
from tests.certificates.proving import assert_proved, proof
from tests.zoo.polynomial import POLYNOMIAL

REGULAR = [known for known in POLYNOMIAL if known.regular]
ROOTLESS = [known for known in POLYNOMIAL if known.rootless]
SINGULAR = [known for known in POLYNOMIAL if known.singular]


def named(systems):
    return pytest.mark.parametrize("known", systems, ids=lambda known: known.name)


@mpmath.workdps(DIGITS)
def regular_root_near(system, w):
    """Whether six steps with 60 digits end 1e-6 from w at a root where J has full rank."""
    try:
        root = solution_near(system, [0.0] * len(w), w, steps=6)
    except ZeroDivisionError:  # J J^T is singular
        return False
    if root is None or mpmath.norm(root - vector(w)) > 1e-6:
        return False
    sigma = mpmath.svd_r(values_and_jacobian(system, root)[1], compute_uv=False)
    return min(sigma) > mpmath.mpf(10) ** -25 * max(sigma)


def solved(known, start):
    """From a start of the file's, or another one."""
    system = known.system()
    words = {"tol_distance": known.tol_distance, "certify": {"evidence": "proved"}}
    return system, nlsolve.solve(system, 0.0, start, **words if known.tol_distance else {})


def test_the_file_holds_them_all():
    assert len(POLYNOMIAL) == 79
    assert len(REGULAR) == 74


@named(REGULAR)
def test_a_root_is_proved(known):
    system, solution = solved(known, known.start())
    assert solution.success
    assert_proved(system, solution.w)


@named(POLYNOMIAL)
def test_from_other_starts_exactly_the_regular_roots_are_proved(known):
    for seed in (1, 2):
        system, solution = solved(known, known.start(seed))
        if not solution.success:
            continue
        assert known.rootless is None
        if regular_root_near(system, solution.w):
            assert_proved(system, solution.w)
        else:
            assert not proof(system, solution.w).holds


def exact(known):
    """The unknowns and the equations in rational numbers."""
    symbols = {name: sympy.Symbol(name) for name in known.unknowns}
    equations = [sympy.sympify(one, locals=symbols, rational=True) for one in known.equations]
    return symbols, sympy.Matrix(equations)


def nonnegative(written):
    """Whether a polynomial is written with squares, positive numbers, sums and products only."""
    if written.is_Add or written.is_Mul:
        return all(nonnegative(part) for part in written.args)
    if written.is_Pow:
        return bool(written.exp.is_Integer and written.exp % 2 == 0)
    return bool(written.is_Rational and written >= 0)


def quadratic_form(polynomial, unknowns):
    """The matrix of a quadratic polynomial in (w, 1)."""
    one = sympy.Symbol("one")
    form = polynomial.as_poly(*unknowns).homogenize(one).as_expr()
    return sympy.hessian(form, [*unknowns, one]) / 2


@named(ROOTLESS)
def test_without_a_real_root_there_is_a_positive_combination_of_the_equations(known):
    symbols, F = exact(known)
    factors = [sympy.sympify(p, locals=symbols, rational=True) for p in known.rootless["factors"]]
    combination = sympy.expand(F.dot(factors))
    if known.rootless["positive"] == "quadratic form":
        assert quadratic_form(combination, symbols.values()).is_positive_definite
        return
    positive = sympy.sympify(known.rootless["positive"], locals=symbols)
    assert sympy.expand(positive - combination) == 0
    assert nonnegative(positive)
    assert any(part.is_Rational and part > 0 for part in positive.args)


@named(SINGULAR)
def test_no_proof_where_the_rank_is_lost(known):
    symbols, F = exact(known)
    J, system = F.jacobian([*symbols.values()]), known.system()
    for family in known.singular:
        at = dict(zip(symbols.values(), map(sympy.sympify, family), strict=True))
        free = set().union(*(value.free_symbols for value in at.values()))
        assert F.subs(at, simultaneous=True).expand().is_zero_matrix
        there = J.subs(at, simultaneous=True).expand()
        assert DomainMatrix.from_Matrix(there).to_field().rank() < len(symbols)
        for t in (0.0, 0.3, -1.7):
            w = [float(value.subs(dict.fromkeys(free, t))) for value in at.values()]
            for apart in (0.0, 1e-9):
                assert not proof(system, np.array(w) + apart).holds


def test_tangents_whose_decimals_round_multiple_roots():
    """Lines t, m with |t| = 1, t.m = 0 and |m + c x t| = 1/2: tangent to four spheres about c."""
    w = sympy.symbols("x:6", real=True)
    t, m = sympy.Matrix(w[:3]), sympy.Matrix(w[3:])
    root, half = sympy.sqrt, sympy.Rational(1, 2)
    corners = [(0, 0, 0), (1, 0, 0), (half, root(3) / 2, 0), (half, root(3) / 6, root(6) / 3)]
    moments = [m + sympy.Matrix(corner).cross(t) for corner in corners]
    F = sympy.Matrix([t.dot(t) - 1, t.dot(m), *(p.dot(p) - half**2 for p in moments)])
    line = [root(2) / 2, -root(6) / 6, root(3) / 3, -half / 2, root(3) / 12, root(6) / 6]
    at = dict(zip(w, line, strict=True))
    assert F.subs(at).applyfunc(sympy.simplify).is_zero_matrix
    assert sympy.simplify(F.jacobian(w).subs(at).det()) == 0
    (known,) = (one for one in POLYNOMIAL if one.rounded)
    point = np.random.default_rng(0).standard_normal(6)
    rounded, whole = known.system(), nlsolve.from_sympy(F, w)
    np.testing.assert_allclose(rounded(point), whole(point), atol=1e-13)
    for system in (rounded, whole):
        assert not proof(system, np.array(line, dtype=float)).holds
