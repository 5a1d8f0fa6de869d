"""Where is a solution, to 60 digits? Gauss-Newton on a tape in mpmath, from w.

Derivatives come from the rules of systems/rules.py, which their own tests compare with mpmath's
numerical ones; a wrong one could only make the iteration fail, since what counts is |F - y|.
"""

import mpmath

from nlsolve.systems.evaluation import Evaluation
from tests.systems.formulas_at_random import MPMATH

DIGITS = 60


def vector(values):
    return mpmath.matrix([mpmath.mpf(float(value)) for value in values])


def values_and_jacobian(system, w):
    """F and J at w, matrices of mpmath."""
    tape = system.tape
    parameters = [MPMATH.number(value) for value in system.parameters]
    evaluation = Evaluation(tape, list(w), parameters, MPMATH)
    F, J = mpmath.zeros(tape.n, 1), mpmath.zeros(tape.n, tape.m)
    for i in range(tape.n):
        F[i] = evaluation.value(i)
        for j, entry in evaluation.gradient(i).items():
            J[i, j] = entry
    return F, J


def gauss_newton_step(system, y, w):
    """|r(w)|, what rounding may do to it, and w - J^+ r."""
    F, J = values_and_jacobian(system, w)
    r = F - y
    scale = 1 + mpmath.norm(y) + mpmath.mnorm(J, "f") * mpmath.norm(w)
    floor = mpmath.mpf(10) ** (10 - DIGITS) * scale
    return mpmath.norm(r), floor, w - J.T * mpmath.lu_solve(J * J.T, r)


def solution_near(system, y, w, steps=40):
    """A solution to 50 digits; None where the iteration finds none."""
    y, w = vector(y), vector(w)
    for _ in range(steps):
        size, floor, after = gauss_newton_step(system, y, w)
        if size < floor:
            return w
        w = after
    return None


def assert_true(certificate, system, y):
    """The solution near the certificate's point is as far from it as claimed."""
    with mpmath.workdps(DIGITS):
        solution = solution_near(system, y, certificate.w)
        assert solution is not None, "proved, but not found"
        away = mpmath.norm(solution - vector(certificate.w))
        lower, upper = certificate.distance
        assert lower <= away <= upper
