"""Does a number keep its side, its region and its evidence, and is it refused where it is none?"""

import itertools
import math
import pickle

import numpy as np
import pytest

from nlsolve.certificates.evidence import Ball, Bound, Evidence, Ingredients, Refusal
from tests.certificates.given import CENTRE, bound

HERE = Ball(CENTRE, 1.0)
FIRST, SECOND = object(), object()  # two preconditioners


def given(*bounds, ball=HERE):
    return Ingredients(bounds, ball, 2, 3)


def upper(value, region, evidence=Evidence.ASSUMED, quantity="beta"):
    return Bound(quantity, value, "upper", region, evidence, "test")


def test_order_and_words_of_evidence():
    assert Evidence.ESTIMATED < Evidence.ASSUMED < Evidence.PROVED
    assert [e.word for e in Evidence] == ["estimated", "assumed", "proved"]


@pytest.mark.parametrize("side", ["Upper", "", None, "above"])
def test_a_bound_has_a_side(side):
    with pytest.raises(ValueError, match="side must be 'lower' or 'upper'"):
        Bound("beta", 1.0, side, HERE, Evidence.ASSUMED, "test")


def test_text_of_a_bound_says_everything():
    text = str(Bound("sigma0", 0.25, "lower", Ball(CENTRE, 0.0), Evidence.ASSUMED, "from a table"))
    assert text == "sigma0 >= 0.25 [assumed; at w; from a table]"
    text = str(upper(3.0, Ball(CENTRE, 2.0, FIRST), Evidence.ESTIMATED))
    assert text == "beta <= 3 [estimated; |w' - w| <= 2, preconditioned; test]"
    assert "everywhere" in str(upper(3.0, Ball(CENTRE, math.inf)))


def test_bounds_and_balls_cannot_be_changed():
    one = upper(1.0, HERE)
    with pytest.raises(AttributeError):
        one.value = 0.5
    with pytest.raises(AttributeError):
        one.region.radius = 9.0


@pytest.mark.parametrize(
    ("outer", "inner", "answer"),
    [
        (1.0, 1.0, True),
        (1.0, 0.0, True),
        (math.inf, 1e300, True),
        (math.inf, math.inf, True),
        (1.0, 1.0 + 2.0**-52, False),
        (0.0, 1e-300, False),
        (1e300, math.inf, False),
        (math.nan, 1.0, False),
        (1.0, math.nan, False),
    ],
)
def test_balls_about_the_same_centre(outer, inner, answer):
    assert Ball(CENTRE, outer).contains(Ball(CENTRE.copy(), inner)) is answer


def test_shifted_balls():
    """Contained where apart + radius <= the outer radius by the margin, else not."""
    shifted = CENTRE + np.array([0.3, 0.0, 0.4])  # half a unit away
    assert Ball(CENTRE, 1.0).contains(Ball(shifted, 0.49))
    assert not Ball(CENTRE, 1.0).contains(Ball(shifted, 0.51))
    assert not Ball(CENTRE, 1.0).contains(Ball(shifted, 0.5)), "not certain in floats"
    assert Ball(CENTRE, math.inf).contains(Ball(shifted, 5.0))
    assert not Ball(CENTRE, 1.0).contains(Ball(CENTRE + 10.0, 0.0))


def test_random_shifted_balls_against_points_of_them():
    """Where a ball is said to contain another, it contains the other's farthest point."""
    rng = np.random.default_rng(3)
    inside = 0
    for _ in range(500):
        shift = rng.standard_normal(3) * rng.choice([1e-8, 0.1, 1.0])
        outer, inner = rng.uniform(0.0, 2.0, 2)
        farthest = np.linalg.norm(shift) + inner
        contained = Ball(CENTRE, outer).contains(Ball(CENTRE + shift, inner))
        assert not (contained and farthest > outer)
        assert contained or farthest > outer * (1.0 - 1e-8)
        inside += contained
    assert 50 < inside < 450


def test_balls_of_other_spaces_or_other_equations_are_apart():
    assert not Ball(CENTRE, math.inf).contains(Ball(CENTRE[:2], 1.0))
    assert not Ball(CENTRE, math.inf).contains(Ball(CENTRE, 1.0, FIRST))
    assert not Ball(CENTRE, math.inf, FIRST).contains(Ball(CENTRE, 1.0))
    assert not Ball(CENTRE, 2.0, FIRST).contains(Ball(CENTRE, 1.0, SECOND))
    assert Ball(CENTRE, 2.0, FIRST).contains(Ball(CENTRE, 1.0, FIRST))


def test_a_number_is_handed_out_with_its_side():
    known = given(bound("beta", 0.5, HERE), bound("sigma0", 2.0, HERE))
    assert (known.upper("beta"), known.lower("sigma0")) == (0.5, 2.0)


@pytest.mark.parametrize(("ask", "other"), [("lower", "upper"), ("upper", "lower")])
def test_the_wrong_side_is_refused(ask, other):
    known = given(bound("beta", 0.5, HERE, side=other))
    with pytest.raises(Refusal, match=rf"{ask} bound of beta; the one given is an? {other} bound"):
        getattr(known, ask)("beta")


@pytest.mark.parametrize("ask", ["upper", "lower"])
def test_what_is_missing_is_refused(ask):
    with pytest.raises(Refusal, match=f"needs an? {ask} bound of rho0"):
        getattr(given(bound("beta", 1.0, HERE)), ask)("rho0")


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, np.float64("nan"), 1e-200, 1e200])
def test_what_is_no_number_is_refused(value):
    with pytest.raises(Refusal, match=r"beta is .*test"):
        given(bound("beta", value, HERE)).upper("beta")


@pytest.mark.parametrize(
    "region",
    [
        Ball(CENTRE, math.inf),
        Ball(CENTRE, 1.0),
        Ball(CENTRE, 2.0),
        Ball(CENTRE + np.array([0.3, 0.0, 0.4]), 1.6),
    ],
    ids=str,
)
def test_regions_that_serve(region):
    assert given(upper(0.5, region)).upper("beta") == 0.5


@pytest.mark.parametrize(
    "region",
    [
        Ball(CENTRE, 0.99),
        Ball(CENTRE, np.nextafter(1.0, 0.0)),
        Ball(CENTRE + np.array([0.3, 0.0, 0.4]), 1.4),
        Ball(CENTRE + 1e-3, 0.0),
        Ball(CENTRE + 10.0, 1.0),
        Ball(CENTRE[:2], 5.0),
        Ball(CENTRE, math.nan),
    ],
    ids=str,
)
def test_regions_that_do_not_serve(region):
    with pytest.raises(Refusal, match=r"beta is known for .*, not for .* as the theorem needs"):
        given(upper(0.5, region)).upper("beta")


def test_a_number_of_one_point_serves_that_point_only():
    at_centre = bound("rho0", 0.5, HERE)
    assert given(at_centre).upper("rho0") == 0.5
    elsewhere = bound("rho0", 0.5, HERE, region=Ball(CENTRE + 1e-12, 0.0))
    with pytest.raises(Refusal, match="rho0 is known for at w"):
        given(elsewhere).upper("rho0")


@pytest.mark.parametrize("radius", [0.0, 1.0, math.inf])
@pytest.mark.parametrize(
    ("of", "wanted"), [(FIRST, None), (None, FIRST), (FIRST, SECOND)], ids=["A", "F", "other A"]
)
def test_numbers_of_other_equations_are_refused(of, wanted, radius):
    known = given(upper(0.5, Ball(CENTRE, radius, of)), ball=Ball(CENTRE, 1.0, wanted))
    with pytest.raises(Refusal, match="beta is known for"):
        known.upper("beta")


def test_of_two_bounds_the_last_one_counts():
    assert given(bound("beta", 1.0, HERE), bound("beta", 3.0, HERE)).upper("beta") == 3.0


def test_nothing_used_proves_nothing_less():
    assert given(bound("beta", 1.0, HERE, evidence=Evidence.ESTIMATED)).evidence is Evidence.PROVED


QUANTITIES = ("sigma0", "rho0", "beta", "L_F", "G", "q")


@pytest.mark.parametrize("seed", range(50))
def test_evidence_is_the_minimum_of_what_was_used_and_only_weakens(seed):
    rng = np.random.default_rng(seed)
    levels = {name: Evidence(int(rng.integers(1, 4))) for name in QUANTITIES}
    known = given(*(bound(name, 1.0, HERE, evidence=level) for name, level in levels.items()))
    used, before = set(), known.evidence
    for name in rng.choice(QUANTITIES, size=8):
        known.lower(name) if name == "sigma0" else known.upper(name)
        used.add(name)
        assert known.evidence is min(levels[name] for name in used)
        assert known.evidence <= before
        before = known.evidence
    assert {b.quantity for b in known.used.values()} == used


def test_what_was_refused_does_not_count_as_used():
    known = given(bound("beta", math.nan, HERE, evidence=Evidence.ESTIMATED))
    with pytest.raises(Refusal):
        known.upper("beta")
    assert known.evidence is Evidence.PROVED
    assert not known.used


def changes(*radii, evidence=Evidence.ASSUMED):
    return [upper(r, Ball(CENTRE, r), evidence, "Delta") for r in radii]


def test_a_table_is_in_order_and_cut_at_the_ball():
    assert given(*changes(0.5, 3.0, 0.25)).table("Delta") == [(0.25, 0.25), (0.5, 0.5), (1.0, 3.0)]


def test_the_evidence_of_a_table_is_that_of_its_weakest_entry():
    for levels in itertools.product(Evidence, repeat=3):
        table = [changes(r, evidence=e)[0] for r, e in zip((0.2, 0.5, 1.0), levels, strict=True)]
        known = given(*table)
        known.table("Delta")
        assert known.evidence is min(levels)


@pytest.mark.parametrize(
    ("one", "reason"),
    [
        (upper(1.0, Ball(CENTRE + 0.1, 1.0), quantity="Delta"), "another point"),
        (upper(1.0, Ball(CENTRE, 0.5, FIRST), quantity="Delta"), "known for"),
        (upper(math.nan, Ball(CENTRE, 0.5), quantity="Delta"), "Delta is nan"),
        (bound("Delta", 1.0, HERE, side="lower"), "no upper bound of Delta"),
    ],
)
def test_a_table_refuses_what_a_number_would_be_refused_for(one, reason):
    with pytest.raises(Refusal, match=reason):
        given(one).table("Delta")


def test_a_bound_survives_pickling():
    again = pickle.loads(pickle.dumps(upper(0.5, HERE, Evidence.PROVED)))
    assert (again.value, again.evidence, str(again)) == (0.5, Evidence.PROVED, str(upper(
        0.5, HERE, Evidence.PROVED)))  # fmt: skip
    assert again.region.contains(HERE)
