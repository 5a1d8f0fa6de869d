"""Where is a solution, to 60 digits? Gauss-Newton with jets in mpmath, from w."""

import mpmath

from tests.systems.jets import jets

DIGITS = 60


def vector(values):
    return mpmath.matrix([mpmath.mpf(float(value)) for value in values])


def values_and_jacobian(system, w):
    """F and J at w, matrices of mpmath."""
    found = jets(system.tape, list(w), system.parameters)
    slopes = [jet.slopes or [0] * len(w) for jet in found]
    return mpmath.matrix([jet.value for jet in found]), mpmath.matrix(slopes)


def gauss_newton_step(system, y, w):
    """|r(w)| and w - J^+ r."""
    F, J = values_and_jacobian(system, w)
    r = F - y
    return mpmath.norm(r), w - J.T * mpmath.lu_solve(J * J.T, r)


def solution_near(system, y, w, steps=40):
    """A solution, to half of the working digits of its distance to w; None where none is found."""
    y, start = vector(y), vector(w)
    w, small = start, mpmath.mpf(10) ** (-mpmath.mp.dps // 2)
    for _ in range(steps):
        size, after = gauss_newton_step(system, y, w)
        if size == 0 or mpmath.norm(after - w) <= small * mpmath.norm(w - start):
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
