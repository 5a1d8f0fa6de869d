"""Is a region said to be empty where it is, and only there, and is all else told honestly?"""

import json
import math
from pathlib import Path

import numpy as np
import pytest

import nlsolve
from nlsolve.certificates.evidence import Ball, Bound, Evidence, Ingredients, Refusal
from nlsolve.certificates.record import record
from nlsolve.certificates.theorems import REGISTRY
from nlsolve.certificates.verify import verify
from tests.certificates.given import CENTRE, OTHER
from tests.zoo.known_constants import known_systems

FILE = Path(__file__).parents[1] / "zoo" / "polynomial_systems.json"
POLYNOMIAL = json.loads(FILE.read_text(encoding="utf-8"))


def ask(text, w=None, y=0.0, **question):
    system = nlsolve.parse(text) if isinstance(text, str) else text
    return nlsolve.certify(system, y, w, claim="empty", **question)


def assert_proved(certificate):
    assert certificate.holds, certificate.reason
    assert certificate.evidence is Evidence.PROVED
    assert certificate.claim.startswith("no exact solution lies")


def assert_undecided(certificate):
    assert not certificate.holds
    assert certificate.reason.startswith("undecided")
    assert certificate.claim == ""


# --- the mean-value bound ---------------------------------------------------------------------


def concluded(radius, rho0, top, beta, equations=None, side="lower"):
    ball, point = Ball(CENTRE, radius, equations), Ball(CENTRE, 0.0, equations)
    bounds = [
        Bound("rho0", rho0, side, point, Evidence.ASSUMED, "given"),
        Bound("sigma_max", top, "upper", point, Evidence.ASSUMED, "given"),
        Bound("beta", beta, "upper", ball, Evidence.ASSUMED, "given"),
    ]
    return REGISTRY["emptiness"].conclude(Ingredients(bounds, ball, 4, 3))


@pytest.mark.parametrize("equations", [None, OTHER])
@pytest.mark.parametrize(("rho0", "top", "beta"), [(1.0, 1.0, 0.0), (3.0, 0.0, 1.5), (2.0, 1.0, 2)])
def test_the_bound_holds_below_the_root_of_its_quadratic(equations, rho0, top, beta):
    """r(w0 + d) = rho0 - top |d| - beta |d|^2/2 along a line has a root at R_lo itself."""
    least = 2.0 * rho0 / (top + math.sqrt(top * top + 2.0 * beta * rho0))
    assert concluded(least * (1.0 - 1e-6), rho0, top, beta, equations).holds
    for radius in (least * (1.0 - 1e-15), least, least * (1.0 + 1e-15), 2.0 * least):
        found = concluded(radius, rho0, top, beta, equations)
        assert not found.holds
        assert "sigma_max + beta R/2" in found.reason


def test_an_upper_bound_of_the_residual_is_refused():
    with pytest.raises(Refusal, match="lower bound of rho0"):
        concluded(0.1, 1.0, 1.0, 1.0, side="upper")


@pytest.mark.parametrize("kind", ["given", "estimated"])
def test_systems_with_known_constants(kind):
    """Balls that reach the known solution are never empty by the constants given."""
    held = 0
    for known in known_systems(8, 5):
        w = known.w0
        given = {"lipschitz": known.lipschitz}
        words = given if kind == "given" else {"evidence": "estimated"}
        lower = nlsolve.certify(known.F, known.y, w, jac=known.jac, method=None, **words).distance[
            0
        ]
        for share in (0.9, 0.999, 1.001):
            if lower > 0.0:
                found = nlsolve.certify(
                    known.F, known.y, w, jac=known.jac, claim="empty", radius=share * lower, **words
                )
                held += found.holds
                assert found.evidence is not Evidence.PROVED
    assert held > 4


# --- proved -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "question"),
    [
        ("x**2 + y**2 = 1; x + y = 1.01*sqrt(2)", {"box": (-9.0, 9.0)}),
        ("x**2 + y**2 = 1; x**2 + y**2 = (1 + 1e-13)**2", {"box": (-2.0, 2.0)}),
        ("x**2 + y**2 + z**2 = 1; x**2 + y**2 + z**2 = (1 + 1e-13)**2", {"box": (-2.0, 2.0)}),
        ("x**2 - 2*x*y + y**2 + 1e-14 = 0", {"box": (-1.0, 1.0)}),
        ("exp(x) = 0", {"box": (-700.0, 700.0)}),
        ("log(x) = 5", {"box": (-1.0, 2.0)}),
        ("sqrt(x) = -1", {"box": (-5.0, 5.0)}),
        ("1/x = 0.1", {"box": (-1.0, 9.0)}),
        ("x**y = -1; x = y", {"box": (0.0, 3.0)}),
        ("x**0.3 = -1", {"box": (-3.0, 3.0)}),
        ("asin(x) = 2; x = y", {"box": (-3.0, 3.0)}),
        ("log(x) + log(-x) = y", {"box": (-1.0, 1.0)}),
        ("abs(x) + abs(y) = 1; max(x, y) = 1.1", {"box": (-2.0, 2.0)}),
        ("x + y = 1; x + y = 1 + 2**-40", {"box": (-100.0, 100.0)}),
        ("x = 1; y = 2; x + y = 4", {"box": (-100.0, 100.0)}),
        ("x**2 + y**2 + z**2 = 1; x*y*z = 1", {"box": (-100.0, 100.0)}),
        ("x + y + z + u = 5", {"w": np.zeros(4), "radius": 2.49}),
        ("x**2 + y**2 = 4; x = 3", {"w": [0.0, 0.0], "radius": 50.0}),
    ],
)
def test_systems_without_solution(text, question):
    assert_proved(ask(text, **question))


def test_the_ball_of_a_box_may_hold_a_solution():
    """x + y = 2 meets the ball of radius 1.5 about 0, and no box of half that size."""
    assert_proved(ask("x + y = 2.01", box=(-1.0, 1.0)))
    assert not ask("x + y = 2.01", [0.0, 0.0], radius=1.5)


@pytest.mark.parametrize("name", POLYNOMIAL)
def test_polynomial_systems_away_from_their_roots(name):
    known = POLYNOMIAL[name]
    system = nlsolve.parse("; ".join(known["equations"]), unknowns=known["unknowns"])
    centre = np.random.default_rng(0).uniform(-2.0, 2.0, len(known["unknowns"]))
    found = ask(system, box=(centre - 0.1, centre + 0.1))
    assert_proved(found)
    assert len(found.parts) < 50  # measured: at most 5


# --- not empty, or undecided ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "question", "solution"),
    [
        ("x**2 = 2; y = x", {"box": (0.0, 2.0)}, [math.sqrt(2.0)] * 2),
        ("x**2 = 2; y = x", {"w": [1.0, 1.0], "radius": 0.6}, [math.sqrt(2.0)] * 2),
        ("x + y + z = 1", {"box": (-1.0, 2.0)}, None),
    ],
)
def test_a_solution_inside_is_found_and_proved(text, question, solution):
    found = ask(text, **question)
    assert not found.holds
    assert found.reason.startswith("not empty: an exact solution is proved to lie in the region")
    assert found.distance[0] == 0.0
    if solution is not None:
        assert np.linalg.norm(solution - found.w) <= found.distance[1]


@pytest.mark.parametrize(
    ("text", "question"),
    [
        ("x**2 + y**2 = 25; x = 3", {"box": ([0.0, 0.0], [3.0, 4.0])}),  # at a corner
        ("x**2 + y**2 = 25; x = 3", {"w": [0.0, 0.0], "radius": 5.0}),  # on the sphere
        ("x**2 = 0", {"box": (-1.0, 1.0)}),  # singular
        ("x**2 = 1; x**3 = 1; 2*x = 2", {"box": (0.0, 3.0)}),  # more equations than unknowns
        ("(x - 1)**2 + (y - 1)**2 = 0", {"box": (1.0, 1.0)}),
    ],
)
def test_solutions_that_cannot_be_proved_to_lie_inside(text, question):
    assert_undecided(ask(text, **question, max_boxes=200))


def test_what_is_left_is_told():
    found = ask("exp(x) = 0", box=(-5000.0, 0.0), max_boxes=3)
    assert_undecided(found)
    assert "after 3 were examined" in found.reason
    assert "max_boxes above 3" in found.reason
    assert_undecided(ask("exp(x) = 0", box=(-5000.0, 0.0), max_time=1e-9))


# --- evidence, words, errors ------------------------------------------------------------------


def circle(w):
    return np.array([w @ w - 2.0])


def test_constants_that_are_given_are_assumed():
    words = {"jac": lambda w: 2.0 * w[None, :], "lipschitz": 2.0}
    found = ask_of_circle([0.1, 0.0], radius=1.3, **words)
    assert found.holds, found.reason
    assert found.evidence is Evidence.ASSUMED
    assert found.theorem == "emptiness"
    for radius in (math.sqrt(2.0) - 0.1, 1.5):
        assert not ask_of_circle([0.1, 0.0], radius=radius, **words)
    boxed = ask_of_circle([0.1, 0.0], box=([-0.8, -0.8], [0.8, 0.8]), **words)
    assert boxed.holds, boxed.reason
    assert boxed.radius >= math.hypot(0.9, 0.8)


def ask_of_circle(w, **words):
    return nlsolve.certify(circle, 0.0, w, claim="empty", **words)


def test_a_function_is_proved_once_it_is_traced():
    found = ask_of_circle(None, box=([-1.0, -0.9], [0.9, 0.99]), evidence="proved")
    assert_proved(found)
    assert found.box is not None
    given = ask_of_circle([0.0, 0.0], radius=1.0, evidence="proved", lipschitz=2.0)
    assert not given.holds


def test_theorems_by_name():
    line = "x + y = 2"
    assert ask(line, [0.0, 0.0], radius=1.41, theorem="emptiness").theorem == "emptiness"
    assert ask(line, [0.0, 0.0], radius=1.41, theorem="exclusion").theorem == "exclusion"
    assert nlsolve.certify(nlsolve.parse(line), 0.0, [0.0, 0.0], theorem="emptiness", radius=1.0)
    assert ask(line, box=(-0.9, 0.9), theorem="emptiness").box is None
    assert not ask(line, box=(-0.99, 0.999), theorem="emptiness").reason.startswith("undecided")


def test_how_it_looks():
    found = ask("x**2 + y**2 = 1; x + y = 2", box=([-1.0, 0.0], [2.0, 0.5]))
    sides = "-1.0 <= x <= 2.0, 0.0 <= y <= 0.5"
    assert str(found).startswith(f"proved: no exact solution lies in the box {sides}\n")
    assert "excluded" in str(found)
    assert "nan" not in str(found)
    assert sides.replace("<", "&lt;") in found._repr_html_()
    many = ask(" + ".join(f"x{j}" for j in range(12)) + " = 2", box=(0.0, 0.125))
    assert many.claim.endswith("0.0 <= x2 <= 0.125, ... (8 more), 0.0 <= x11 <= 0.125")
    assert verify(record(many, many.system))
    assert found.distance == (pytest.approx(0.25), math.inf)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ({}, "either radius=, of a ball about w, or box="),
        ({"radius": 1.0, "box": (0.0, 1.0)}, "either radius="),
        ({"radius": -1.0}, "radius must be a positive number, got -1.0"),
        ({"radius": 1e400}, "radius must be a positive number"),
        ({"box": (0.0, math.inf)}, "box must have finite lo <= hi"),
        ({"box": (1.0, 0.0)}, "box must have finite lo <= hi"),
        ({"box": 3.0}, "box must be a pair"),
        ({"box": ([0.0, 0.0, 0.0], 1.0)}, "box must be a pair"),
        ({"box": (2.0, 3.0)}, "w must lie in the box"),
        ({"w": [0.0], "radius": 1.0}, "w and box need 2 entries"),
        ({"radius": 1.0, "bounds": (0.0, 1.0)}, "not about bounds="),
        ({"radius": 1.0, "max_boxes": 0}, "max_boxes must be a positive integer, got 0"),
        ({"radius": 1.0, "max_time": 0.0}, "max_time must be a positive number"),
        ({"radius": 1.0, "theorem": "existence"}, "not what theorem='existence' is about"),
    ],
)
def test_bad_words(words, message):
    with pytest.raises(ValueError, match=message):
        ask("x + y = 2", **{"w": [0.0, 0.0], **words})


def test_words_of_other_claims():
    system = nlsolve.parse("x + y = 2")
    with pytest.raises(ValueError, match="box= is that of claim='empty'"):
        nlsolve.certify(system, 0.0, [1.0, 1.0], box=(0.0, 2.0))
    with pytest.raises(TypeError, match="w is missing: give the centre"):
        nlsolve.certify(system, claim="empty", radius=1.0)
    with pytest.raises(ValueError, match="not what theorem='exclusion' is about"):
        nlsolve.certify(system, 0.0, [1.0, 1.0], claim="existence", theorem="exclusion", radius=1.0)


def test_a_box_by_the_names_of_the_unknowns():
    system = nlsolve.parse("x**2 + y**2 = 4; x = y")
    box = {"y": (0.0, 1.0), "x": (-2.0, 2.0)}
    found = nlsolve.certify(system, claim="empty", box=box)
    assert found
    np.testing.assert_array_equal(found.box, [[-2.0, 0.0], [2.0, 1.0]])
    with pytest.raises(ValueError, match="box: no value for 'y'"):
        nlsolve.certify(system, claim="empty", box={"x": (0.0, 1.0)})
