"""Is anything proved that is false? Systems without solution, random formulas, edges of theorems.

Every enclosure must contain what mpmath finds with 60 digits, every proved ball the solution that
60 digits find, and no ball that is said to be empty may contain it.
"""

import mpmath
import numpy as np
import pytest

import nlsolve
from nlsolve.certificates.constants.enclosure import Enclosure
from nlsolve.certificates.constants.nodes import Formulas
from nlsolve.certificates.evidence import Evidence
from nlsolve.intervals import EnclosureError
from nlsolve.systems.formulas import FormulaSystem
from tests.certificates.high_precision import (
    DIGITS,
    assert_true,
    gauss_newton_step,
    solution_near,
    values_and_jacobian,
    vector,
)
from tests.systems.formulas_at_random import random_point, random_tape

EXISTENCE = [
    {"method": None},
    {"method": None, "precondition": False},
    {"method": None, "theorem": "existence"},
    {"method": None, "theorem": "existence-delta"},
    {"method": "gauss-newton"},
    {"method": "gd"},
]

# text, points: the least of every left side is above 0, or there is no such point at all
WITHOUT_SOLUTION = [
    ("x**2 + 1e-20", [[0.0], [1e-10], [1e-12], [1.0]]),
    ("x**2 - 2*x*y + y**2 + 1e-14", [[1.0, 1.0], [1.0, 1.0 + 1e-7], [1e8, 1e8]]),
    ("x**2 + y**2 + z**2 = 1; x**2 + y**2 + z**2 = 1 + 1e-13", [[1.0, 0.0, 0.0], [0.6, 0.8, 1e-8]]),
    ("x**2 + y**2 = 1; x**2 + y**2 = 1.0000000000000000001", [[1.0, 0.0], [0.6, 0.8]]),
    ("x + y = 1; x + y = 1.0000000000000001", [[0.5, 0.5]]),
    ("x + y + z = 1; 2*x + 2*y + 2*z = 2.0000000000000001", [[0.5, 0.5, 0.0]]),
    ("exp(x)", [[-40.0], [-700.0], [-745.0]]),
    ("exp(x) + exp(y)", [[-30.0, -40.0], [-600.0, 0.0]]),
    ("1/x", [[1e12], [1e150], [1e300]]),
    ("x**(-3)", [[1e9], [-1e90]]),
    ("sqrt(x) + 1e-10", [[1e-9], [1e-20]]),
    ("sqrt(x**2) + 1e-12", [[1e-12], [1e-6]]),
    ("x**1.5 + 1e-20", [[1e-10]]),
    ("x**(1/3) + 1e-9", [[1e-10], [1e-27]]),
    ("log(x)**2 + 1e-12", [[1.0], [1.000001]]),
    ("abs(x) + 1e-10", [[0.0], [1e-5], [-1e-10]]),
    ("max(x, -x) + 1e-9", [[0.0], [1e-9], [1e-5]]),
    ("max(x, 0) + 1e-9", [[0.0], [1e-9], [-1e-5]]),
    ("min(abs(x), 1) + 1e-12", [[1e-11], [1.0], [-1.0]]),
    ("x*sign(x) + 1e-9", [[1e-9], [1e-12]]),
    ("sqrt(x)*sqrt(x) + x**2", [[1e-9], [1e-30]]),
    ("x**3/x**2", [[1e-9], [1e-100]]),
    ("asin(x) = 1.5707963267948967", [[1.0 - 1e-16], [0.999999]]),
    ("acos(x) = -1e-9", [[1.0 - 1e-16], [1.0 - 1e-12]]),
    ("sin(x) = 1.0000000000000001", [[1.5707963], [1.57]]),
    ("tanh(x) = 1", [[5.0], [18.0], [400.0]]),
    ("erf(x) = 1", [[4.0], [6.0], [30.0]]),
    ("atan(x) = pi/2", [[1e8], [1e16], [1e300]]),
    ("atan2(y, x) = pi + 1e-9; x = -1", [[-1.0, 1e-9], [-1.0, -1e-12], [-1.0, -1e-5]]),
    ("atan2(y, x) = -pi; x = -1", [[-1.0, -1e-12], [-1.0, 1e-12]]),
    ("cosh(x) = 0.99999999999999999", [[0.0], [1e-8]]),
    ("(x - 1)**2*(x - 2)**2 + 1e-30", [[1.0], [1.5], [2.0]]),
    ("(x*y - 1)**2 + x**2", [[1e-3, 1e3], [1e-8, 1e8], [1e-12, 1e12]]),
    ("sin(x)/x = 1", [[1e-3], [1e-8]]),
    ("(1/x)**0 + x = 1", [[1e-9], [1e-100]]),
    ("log(x)**0 + x = 1", [[1e-9], [1e-300]]),
    ("x**2 + 1e-310", [[1e-155], [1e-160]]),
]


@pytest.mark.parametrize(("text", "points"), WITHOUT_SOLUTION, ids=lambda value: str(value)[:24])
def test_nothing_is_proved_where_there_is_no_solution(text, points):
    system = nlsolve.parse(text)
    for w in points:
        for words in EXISTENCE:
            assert not nlsolve.certify(system, 0.0, w, evidence="proved", **words).holds


def random_system(seed):
    """A system, a point of its box, and a right side with a solution near the point."""
    rng = np.random.default_rng(seed)
    n = int(rng.integers(1, 4))
    m = n + int(rng.integers(0, 3))
    operations = int(rng.integers(2, 8))
    system = FormulaSystem(random_tape(seed, n, m, operations=operations))
    w = 0.8 * random_point(seed + 7, m)
    away = 10.0 ** rng.uniform(-14.0, -0.3) * rng.standard_normal(m)
    return system, w, system.values(w + away)[0], rng


def corner_or_inside(lo, hi, rng):
    part = np.where(rng.random(lo.size) < 0.5, rng.integers(0, 2, lo.size), rng.random(lo.size))
    return np.clip(lo + part * (hi - lo), lo, hi)


def enclosed_outside(system, lo, hi, rng, count=2):
    """How many of F, J and slopes of J at points of the box their enclosures miss."""
    over = Enclosure(Formulas(system), lo, hi)
    points = [corner_or_inside(lo, hi, rng) for _ in range(count)]
    found = [values_and_jacobian(system, vector(u)) for u in points]
    missed = 0
    for F, J in found:
        for i in range(F.rows):
            missed += not over.values.lo[i] <= F[i] <= over.values.hi[i]
            for j in range(J.cols):
                missed += not over.jacobian.lo[i, j] <= J[i, j] <= over.jacobian.hi[i, j]
    (_, one), (_, other) = found
    change = (one - other) * (one - other).T
    largest = mpmath.sqrt(max(mpmath.eigsy(change, eigvals_only=True)))
    apart = mpmath.norm(vector(points[0]) - vector(points[1]))
    return missed + (not largest <= over.lipschitz() * apart * (1 + mpmath.mpf(10) ** -40))


def boxes_missing(seeds, radii=(0.0, 1e-12, 1e-4, 0.1)):
    """How many enclosures over boxes about random points miss something, and how many exist."""
    missed = made = 0
    for seed in seeds:
        system, w, _, rng = random_system(seed)
        for radius in radii:
            try:
                missed += enclosed_outside(system, w - radius, w + radius, rng) > 0
                made += 1
            except EnclosureError:  # at a kink of abs, sign, max or min
                continue
    return missed, made


def test_enclosures_of_random_formulas_contain_the_truth():
    with mpmath.workdps(DIGITS):
        missed, made = boxes_missing(range(60))
    assert made > 0.8 * 240
    assert missed == 0


def proofs(seeds, words):
    """The certificates that hold at random points, with systems and right sides."""
    for seed in seeds:
        system, w, y, _ = random_system(seed)
        for word in words:
            certificate = nlsolve.certify(system, y, w, evidence="proved", **word)
            if certificate.holds:
                assert certificate.evidence is Evidence.PROVED
                yield certificate, system, y


def test_solutions_of_random_systems_are_where_they_are_proved_to_be():
    held = 0
    for certificate, system, y in proofs(range(100, 140), EXISTENCE):
        assert_true(certificate, system, y)
        held += 1
    assert held > 40 * 3


def test_residuals_of_gauss_newton_stay_below_the_proved_ones():
    steps, held = 4, 0
    for certificate, system, y in proofs(range(200, 240), [{"method": "gauss-newton"}]):
        bounds, held = certificate.envelope(steps), held + 1
        with mpmath.workdps(DIGITS):
            w, right = vector(certificate.w), vector(y)
            for k in range(steps):
                size, w = gauss_newton_step(system, right, w)
                assert size <= max(bounds[k], mpmath.mpf(10) ** -45)
    assert held > 20


def test_no_second_solution_where_the_first_is_the_only_one():
    square = [one for one in proofs(range(300, 340), EXISTENCE[:3]) if one[0].unique_within]
    assert len(square) > 10
    rng = np.random.default_rng(5)
    for certificate, system, y in square:
        reach = certificate.unique_within
        near = certificate.w + reach * rng.uniform(-1.0, 1.0, certificate.m)
        with mpmath.workdps(DIGITS):
            first, second = (solution_near(system, y, at) for at in (certificate.w, near))
            if second is None or mpmath.norm(second - first) < mpmath.mpf(10) ** -30:
                continue
            assert mpmath.norm(second - vector(certificate.w)) >= reach


@pytest.mark.parametrize("gap", [1e-2, 1e-6, 1e-10, 1e-14])
def test_a_second_solution_is_never_within_the_radius_of_uniqueness(gap):
    text, two = (
        "x*(x - gap) = 0; y = x",
        nlsolve.parse("x*(x - g) = 0; y = x", parameters={"g": gap}),
    )
    for part in (0.0, 1e-3, 0.1, 0.3, 0.49, 0.499999, 0.5, 0.7, 0.9999, 1.0):
        w = np.array([part * gap] * 2)
        for words in EXISTENCE:
            certificate = nlsolve.certify(two, 0.0, w, evidence="proved", **words)
            distances = sorted(float(np.linalg.norm(w - s)) for s in (0.0, gap))
            if certificate.holds:
                assert certificate.distance[0] <= distances[0] <= certificate.distance[1] + 1e-30
            assert (certificate.unique_within or 0.0) <= distances[1], text


def catching(w):
    try:
        near = float(w[0]) < 5.0
    except Exception:  # as a trace raises
        near = True
    return w - 7.0 if near else 0.0 * w + 1.0


@pytest.mark.parametrize(
    "F",
    [
        catching,
        lambda w: w - 1.0 if isinstance(w[0], float) else w + 5.0,
        lambda w: np.asarray(w, dtype=np.float32) - 1.0,
        lambda w: w - 1.0 if w[0] > 0.0 else w + 5.0,
        lambda w: np.round(w, 3) - 1.0004,
    ],
)
def test_what_is_no_formula_is_not_proved(F):
    for w in (1.0, 4.9):
        found = nlsolve.certify(F, 0.0, [w], method=None, evidence="proved")
        assert not found.holds
