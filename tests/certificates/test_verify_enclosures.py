"""Do the verifier's ranges hold all values, gradients and second derivatives over a box?

The truth is mpmath's: values with 60 digits, derivatives by differences of them.
"""

import flint
import mpmath
import numpy as np
import pytest

from nlsolve.certificates.checking.formulas import Over, Structure
from nlsolve.certificates.checking.matrices import (
    matrix,
    norm_at_most,
    positive_definite,
    smallest_at_least,
    spectral_at_most,
    wide,
)
from nlsolve.certificates.checking.ranges import Range, Undefined, cosine, power, sine, tangent
from nlsolve.systems.evaluation import run
from nlsolve.systems.parse import read
from tests.systems.formulas_at_random import MPMATH, random_tape

DIGITS = 60


@pytest.fixture(autouse=True)
def bits():
    with flint.ctx.workprec(128):
        yield


def over(tape, centre, radius):
    R = flint.arb(radius)
    box = [Range(flint.arb(x) - R, flint.arb(x) + R) for x in centre]
    return Over(Structure(tape), box, [])


def contains(found, value, slack="1e-25"):
    """Ends are read with more digits than they have."""
    lo, hi = (mpmath.mpf(end.mid().str(50, radius=False)) for end in (found.lo, found.hi))
    slack = mpmath.mpf(slack) * (1 + abs(value))
    return lo - slack <= value <= hi + slack


def partial(tape, i, w, orders):
    def value(*w):
        return run(tape, w, [], MPMATH)[i]

    return mpmath.diff(value, tuple(map(mpmath.mpf, w)), orders)


@pytest.mark.parametrize("radius", [1e-3, 0.1, 0.5])
@pytest.mark.parametrize("seed", range(25))
def test_random_formulas(seed, radius):
    tape = random_tape(seed, equations=1, unknowns=2, operations=5, smooth=True)
    generator = np.random.default_rng(seed)
    centre = generator.uniform(-1.5, 1.5, 2)
    found = over(tape, centre, radius)
    with mpmath.workdps(DIGITS):
        for corner in (generator.uniform(-1.0, 1.0, 2), np.array([1.0, -1.0]), np.ones(2)):
            w = centre + radius * corner * (1 - 1e-12)
            assert contains(found.values[0], run(tape, list(map(mpmath.mpf, w)), [], MPMATH)[0])
            for j in range(2):
                orders = tuple(int(k == j) for k in range(2))
                assert inside(found.jacobian[0].get(j), partial(tape, 0, w, orders))
            for j, k in ((0, 0), (0, 1), (1, 1)):
                orders = tuple(int(j == i) + int(k == i) for i in range(2))
                assert inside(found.hessians[0].get((j, k)), partial(tape, 0, w, orders))


def inside(found, value):
    return abs(value) < 1e-20 if found is None else contains(found, value)


EVERY = [
    "sqrt(x)", "exp(x)", "log(x)", "sin(x)", "cos(x)", "tan(x/2)", "asin(x/4)", "acos(x/4)",
    "atan(x)", "sinh(x)", "cosh(x)", "tanh(x)", "asinh(x)", "erf(x)", "abs(x)", "x**y", "x**-3",
    "x**5", "x/y", "atan2(x - 3, y)", "atan2(y, x - 3)", "max(x, y + 9)", "min(x, y + 9)",
    "sign(x)*y", "(x - 1)**4", "(x - 1)**3", "x*y", "-x*y",
]  # fmt: skip


@pytest.mark.parametrize("text", EVERY)
@pytest.mark.parametrize("centre", [(1.0, 1.5), (2.0, 0.7), (1.45, 2.6)])
def test_every_operation_is_held_and_tight(text, centre):
    tape = read(f"{text} = 0", unknowns="x y")
    radius = 0.4
    found = over(tape, centre, radius * (1 + 1e-12))
    grid = [-1.0, -0.7, -0.3, 0.0, 0.2, 0.6, 1.0]
    with mpmath.workdps(40):
        points = [np.array(centre) + radius * np.array([a, b]) for a in grid for b in grid]
        values = [run(tape, list(map(mpmath.mpf, w)), [], MPMATH)[0] for w in points]
        assert all(contains(found.values[0], value) for value in values)
        width = found.values[0].hi - found.values[0].lo
        assert float(width) <= 1.3 * float(max(values) - min(values)) + 1e-30
        for j, k in ((0, None), (1, None), (0, 0), (0, 1), (1, 1)):
            orders = tuple(int(j == i) + int(k == i) for i in range(2))
            entry = found.jacobian[0].get(j) if k is None else found.hessians[0].get((j, k))
            assert all(inside(entry, partial(tape, 0, w, orders)) for w in points[::5])


@pytest.mark.parametrize(
    "text",
    [
        "sqrt(x - 1)", "log(x - 1)", "1/(x - 1)", "abs(x - 1)", "sign(x - 1)", "max(x, 1)",
        "min(x, y)", "asin(x)", "acos(x)", "(x - 1)**-2", "(x - 1)**y", "atan2(x - 1, -y)",
        "tan(x*pi/2)", "sqrt((x - 1)**2)",
    ],
)  # fmt: skip
def test_what_is_not_smooth_has_no_enclosure(text):
    tape = read(f"{text} = 0", unknowns="x y")
    with pytest.raises(Undefined):
        over(tape, (1.0, 1.0), 0.1)


@pytest.mark.parametrize("seed", range(5))
def test_waves(seed):
    generator = np.random.default_rng(seed)
    for lo in generator.uniform(-20.0, 20.0, 40):
        hi = lo + generator.uniform(0.0, 7.5)
        a = Range(flint.arb(lo), flint.arb(hi))
        x = np.linspace(lo, hi, 2_001)
        for function, truth in ((sine, np.sin), (cosine, np.cos)):
            found = function(a)
            assert float(found.lo) <= truth(x).min() + 1e-15
            assert float(found.hi) >= truth(x).max() - 1e-15
            assert float(found.lo) >= truth(x).min() - 1e-4 or hi - lo > 5.99
            assert float(found.hi) <= truth(x).max() + 1e-4 or hi - lo > 5.99
        pole = np.floor(lo / np.pi - 0.5) != np.floor(hi / np.pi - 0.5)
        if pole:
            with pytest.raises(Undefined):
                tangent(a)


def test_powers_about_zero():
    a = Range(flint.arb(-1), flint.arb(2))
    assert (float(power(a, 2).lo), float(power(a, 2).hi)) == (0.0, 4.0)
    assert (float(power(a, 3).lo), float(power(a, 3).hi)) == (-1.0, 8.0)
    with pytest.raises(Undefined):
        power(a, -2)


@pytest.mark.parametrize("seed", range(20))
def test_norms_and_definiteness(seed):
    generator = np.random.default_rng(seed)
    n, m = 3 + seed % 3, 4 + seed % 4
    M = generator.normal(size=(n, m)) @ np.diag(10.0 ** generator.uniform(-3, 1, m))
    s = np.linalg.svd(M)[1]
    exact = matrix(M.tolist())
    assert norm_at_most(exact, flint.arb(s[0] * (1 + 1e-9)))
    assert not norm_at_most(exact, flint.arb(s[0] * (1 - 1e-9)))
    if n <= m:
        assert smallest_at_least(exact, flint.arb(s[n - 1] * (1 - 1e-6)))
        assert not smallest_at_least(exact, flint.arb(s[n - 1] * (1 + 1e-6)))
    K = M @ M.T
    shift = np.linalg.eigvalsh(K)[0] * np.eye(n)
    assert positive_definite(matrix((K - 0.999 * shift + 1e-12 * np.eye(n)).tolist()))
    assert not positive_definite(matrix((K - 1.5 * shift - 1e-9 * np.eye(n)).tolist()))
    entries = wide((n, m), [(i, j, Range(exact[i, j], exact[i, j])) for i in range(n)
                            for j in range(m)]).magnitudes  # fmt: skip
    largest = np.linalg.norm(abs(M), 2)
    assert spectral_at_most(entries, (n, m), flint.arb(largest * (1 + 1e-9)))
    assert not spectral_at_most(entries, (n, m), flint.arb(largest * (1 - 1e-9)))
