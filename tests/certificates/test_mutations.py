"""Would the tests notice if a proof lost one thing it needs?

Each mutation takes one away from what makes certificates. A check that other tests rely on (the
truth in mpmath or in rationals, `nlsolve.verify`, a system that has no solution) then finds
something false, and finds nothing without the mutation.
"""

import math
from fractions import Fraction

import numpy as np
import pytest

import nlsolve
from nlsolve.certificates import arithmetic
from nlsolve.certificates.constants import enclosed, enclosure
from nlsolve.certificates.evidence import Bound
from nlsolve.certificates.record import record
from nlsolve.certificates.theorems import existence
from nlsolve.intervals import interval, matrices
from nlsolve.systems import outward
from tests.certificates import enclosed_truth, proved_truth
from tests.systems.plain_outward import plain

ROUNDINGS = ("down", "up", "down_unless_zero", "up_unless_zero")
THEOREMS = [
    {"method": None},
    {"method": None, "theorem": "existence"},
    {"method": None, "theorem": "existence", "precondition": False},
    {"method": None, "theorem": "existence-delta"},
    {"method": "gauss-newton"},
    {"method": "gd"},
]


def proved(system, w, y=0.0, asked=THEOREMS):
    """The certificates that hold at a point."""
    every = (nlsolve.certify(system, y, w, evidence="proved", **words) for words in asked)
    return [found for found in every if found.holds]


def refused(certificates):
    """How many of these certificates their files do not prove."""
    return sum(not nlsolve.verify(record(found, found.system)) for found in certificates)


# --- no outward rounding --------------------------------------------------------------------------


def reciprocals_missed():
    """How often the distance from fl(1/k) to 1/k is not what is proved of k x = 1."""
    missed = 0
    for k in range(3, 40, 2):
        truth = abs(Fraction(1, k) - Fraction(1.0 / k))
        for found in proved(nlsolve.parse(f"{k}*x = 1"), [1.0 / k], asked=THEOREMS[:3]):
            lower, upper = map(Fraction, found.distance)
            missed += not lower <= truth <= upper
    return missed


def boxes_missed():
    """How much lies outside of the enclosures of random formulas; nothing overflows in these."""
    return len(enclosed_truth.examine(range(26, 100))[1])


@pytest.mark.parametrize("check", [reciprocals_missed, boxes_missed])
def test_no_outward_rounding(check, monkeypatch):
    assert check() == 0
    for name in ROUNDINGS:
        monkeypatch.setattr(interval, name, lambda x: x)
    compiled = plain(margin=False)
    for name in ("values", "gradients", "second_derivatives"):
        monkeypatch.setattr(outward, name, getattr(compiled, name))
    assert check() > 3


# --- no proof that the preconditioner is invertible -----------------------------------------------

REPEATED = [  # the second equation says the first again, and a little else: no solution
    "x = 0; x = 1e-9",
    "x + y + z = 1; 2*x + 2*y + 2*z = 2.0000000000000001",
    "x**2 + y**2 + z**2 = 1; x**2 + y**2 + z**2 = 1.0000000000001",
]


def of_repeated():
    systems = [nlsolve.parse(text, unknowns="x y z") for text in REPEATED]
    return [found for one in systems for found in proved(one, [0.0, 0.6, 0.8])]


def hiding(J):
    """A singular A: the square root of the pseudo-inverse of K, which forgets what is repeated."""
    values, vectors = np.linalg.eigh(J @ J.T)
    kept = values > 1e-12 * values[-1]
    return (vectors[:, kept] / np.sqrt(values[kept])) @ vectors[:, kept].T


def believe(made):
    """Take the rows of A J for orthonormal, as they should be."""
    made.sigma, made.largest, made.defect = 1.0 - 1e-9, 1.0 + 1e-9, 1e-9


def test_no_proof_that_the_preconditioner_is_invertible(monkeypatch):
    assert of_repeated() == []
    monkeypatch.setattr(enclosed, "inverse_factor", hiding)
    assert of_repeated() == []  # the proof finds A singular
    monkeypatch.setattr(enclosed.EnclosedPreconditioner, "_measure", believe)
    found = of_repeated()
    assert len(found) >= len(REPEATED)
    assert refused(found) == len(found)


# --- the eigensolver's lambda_min -----------------------------------------------------------------


def of_multiples(count=40):
    """Certificates of a.w = 1, k a.w = k + 1 for rows a of integers: they have no solution."""
    rng, found = np.random.default_rng(0), []
    for _ in range(count):
        a, k = rng.integers(1, 1000, 5).astype(float), float(rng.integers(2, 99))
        system = nlsolve.trace(lambda w, a=a, k=k: np.array([a @ w - 1.0, k * (a @ w) - k - 1]), 5)
        found += proved(system, np.full(5, 1e-3), asked=[THEOREMS[2]])
    return found


def test_lambda_min_of_the_eigensolver(monkeypatch):
    assert of_multiples() == []
    monkeypatch.setattr(
        enclosed, "symmetric_eigenvalue_lower", lambda K, _: float(np.linalg.eigvalsh(K)[0])
    )
    found = of_multiples()
    assert len(found) > 3
    assert refused(found) == len(found)


# --- beta of a smaller ball -----------------------------------------------------------------------


def of_cubic():
    """Certificates at w > 0 of a cubic that has its only root at x < 0, and claim one for x > 0."""
    system = nlsolve.parse("x**3 + x**2/1000 - 3*x + 4")
    found = [one for w in (1.2, 1.5, 2.0, 3.0, 6.0) for one in proved(system, [w])]
    return [one for one in found if one.distance[1] < one.w[0]]


def test_beta_of_a_smaller_ball(monkeypatch):
    assert of_cubic() == []
    over = enclosed.Enclosed.over
    monkeypatch.setattr(enclosed.Enclosed, "over", lambda self, radius: over(self, 0.0 * radius))
    found = of_cubic()
    assert found
    assert refused(found) == len(found)


# --- theorem arithmetic in plain doubles ----------------------------------------------------------


def of_circles(count=12):
    rng = np.random.default_rng(1)
    system = nlsolve.parse("x**2 + y**2 = 1")
    return [one for _ in range(count) for one in proved(system, rng.uniform(0.5, 1.0, 2))]


def in_doubles(bound):
    """The same method, whose bounds hold floats and no intervals."""

    def plain(*args, **kwargs):
        found = bound(*args, **kwargs)
        value = arithmetic.upper_end(found.value)
        return Bound(found.quantity, value, found.side, found.region, found.evidence, found.source)

    return plain


def test_theorem_arithmetic_in_doubles(monkeypatch):
    exact = of_circles()
    assert len(exact) > 30
    assert refused(exact) == 0
    for made, name in ((enclosed.EnclosedPoint, "bound"), (enclosed.Enclosed, "_bound")):
        monkeypatch.setattr(made, name, in_doubles(getattr(made, name)))
    monkeypatch.setattr(arithmetic, "MARGIN", 0.0)
    assert refused(of_circles()) > 0.2 * len(exact)


def test_the_radius_in_doubles_is_below_the_truth_as_often_as_above(monkeypatch):
    def below():
        """How often R* of d and h is below its exact value, (1 - sqrt(1 - 2 h)) d/h, squared."""
        rng, count = np.random.default_rng(2), 0
        for d, h in rng.uniform(0.0, 0.49, (200, 2)).tolist():
            R = Fraction(existence.flow_radius(d, h))
            rest = 1 - Fraction(h) / Fraction(d) * R  # sqrt(1 - 2 h) if R is exact, more if below
            count += rest * rest > 1 - 2 * Fraction(h)
        return count

    assert below() == 0
    monkeypatch.setattr(arithmetic, "MARGIN", 0.0)
    assert 60 < below() < 140


# --- norms ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("where", "name", "wrong"),
    [
        (enclosure, "perron_upper", lambda T: float(np.abs(T).max()) / 2.0),
        (enclosure, "perron_upper", lambda T: float(np.abs(T).mean())),
        (matrices, "_collatz", lambda multiply, x: float(multiply(x).min())),
    ],
)
def test_norms_that_are_none(where, name, wrong, monkeypatch):
    assert boxes_missed() == 0
    monkeypatch.setattr(where, name, wrong)
    assert boxes_missed() > 0


# --- the wrong point ------------------------------------------------------------------------------


def test_a_residual_in_floats(monkeypatch):
    assert proved_truth.examine(range(60))[1] == []
    monkeypatch.setattr(
        enclosed.EnclosedPoint, "residual_norm", property(lambda self: float(math.hypot(*self.r)))
    )
    assert proved_truth.examine(range(60))[1]
