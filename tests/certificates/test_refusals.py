"""What does each theorem ask for, and does it refuse what is not that?"""

import pytest

from nlsolve.certificates.evidence import Ball, Evidence, Ingredients, Refusal
from nlsolve.certificates.theorems import REGISTRY
from tests.certificates.formulas import conclude, needed
from tests.certificates.given import (
    AT_POINT,
    CENTRE,
    GENTLE,
    MAY_USE,
    NEEDS,
    OTHER,
    Setting,
    bound,
    ingredients,
    setting,
)

pytestmark = pytest.mark.usefixtures("fifty_digits")


def test_every_theorem_of_the_registry_is_tested():
    assert {*NEEDS, "emptiness"} == set(REGISTRY)  # that one in test_emptiness.py


@pytest.mark.parametrize("name", NEEDS)
def test_holds_with_gentle_constants(name):
    found = conclude(name, needed(name))
    assert found.holds, found.reason
    assert not found.reason
    assert found.mu is None or found.mu > 0.0
    assert (found.promise is None) == (REGISTRY[name].method is None)


@pytest.mark.parametrize("name", NEEDS)
def test_only_what_the_formulas_contain_is_used(name):
    given = ingredients(GENTLE, setting(name))
    REGISTRY[name].conclude(given)
    used = {b.quantity for b in given.used.values()}
    assert used <= {*NEEDS[name], *MAY_USE.get(name, ())}


def spoilt(quantity, how, ball):
    """The bound of a quantity with one thing wrong, or None for no bound at all."""
    at_point, value = quantity in AT_POINT, GENTLE[quantity]
    one = bound(quantity, value, ball)
    regions = {
        "smaller ball": Ball(ball.centre, 0.5 * ball.radius, ball.equations),
        "shifted ball": Ball(ball.centre + 0.1, ball.radius, ball.equations),
        "other point": Ball(ball.centre + 1e-9, 0.0, ball.equations),
        "other equations": Ball(ball.centre, one.region.radius, OTHER),
    }
    if how == "missing":
        return None
    if how == "wrong side":
        side = "upper" if one.side == "lower" else "lower"
        return bound(quantity, value, ball, side=side)
    if how in regions:
        if how in ("smaller ball", "shifted ball") and at_point:
            return bound(quantity, value, ball, region=regions["other point"])
        return bound(quantity, value, ball, region=regions[how])
    return bound(quantity, float(how), ball)


WRONG = (
    "missing", "wrong side", "nan", "inf", "-inf", "smaller ball", "shifted ball", "other point",
    "other equations",
)  # fmt: skip


ALL_NEEDS = [(name, quantity) for name, needs in NEEDS.items() for quantity in needs]


ALL_USES = ALL_NEEDS + [(name, quantity) for name in MAY_USE for quantity in MAY_USE[name]]


@pytest.mark.parametrize("how", WRONG)
@pytest.mark.parametrize(("name", "quantity"), ALL_USES)
def test_a_bad_ingredient_is_refused(name, quantity, how):
    if how in ("missing", "wrong side") and quantity in MAY_USE.get(name, ()):
        how = "nan"  # it may be left out
    if how == "smaller ball" and quantity == "Delta" and name == "existence-delta":
        how = "shifted ball"  # inner balls are what its table is made of
    place = setting(name)
    values = {**needed(name), quantity: GENTLE[quantity]}
    bounds = [bound(q, value, place.ball) for q, value in values.items() if q != quantity]
    bad = spoilt(quantity, how, place.ball)
    given = Ingredients(bounds + [bad] * (bad is not None), place.ball, place.n, place.m)
    with pytest.raises(Refusal, match=quantity):
        REGISTRY[name].conclude(given)


@pytest.mark.parametrize("known_to", [0.25, 0.5, 0.999])
@pytest.mark.parametrize("name", ["conditioning-delta", "existence-delta"])
def test_nothing_is_said_beyond_the_ball_on_which_delta_is_known(name, known_to):
    place = setting(name)
    table = bound("Delta", 0.1, place.ball, region=Ball(CENTRE, known_to))
    rest = [bound(q, GENTLE[q], place.ball) for q in NEEDS[name] if q != "Delta"]
    try:
        found = REGISTRY[name].conclude(Ingredients([*rest, table], place.ball, 2, 3))
    except Refusal:
        return
    assert not found.holds or found.radius <= known_to


@pytest.mark.parametrize(("name", "quantity"), ALL_NEEDS)
def test_the_evidence_is_that_of_the_weakest_ingredient(name, quantity):
    place = setting(name)
    for level in Evidence:
        values = needed(name)
        bounds = [
            bound(q, value, place.ball, evidence=level if q == quantity else Evidence.PROVED)
            for q, value in values.items()
        ]
        given = Ingredients(bounds, place.ball, place.n, place.m)
        assert REGISTRY[name].conclude(given).holds
        assert given.evidence is level


@pytest.mark.parametrize("name", [n for n in NEEDS if n != "pl-star-eps"])
def test_fewer_unknowns_than_equations_are_refused(name):
    with pytest.raises(Refusal, match=r"more equations \(4\) than unknowns|4 equations, 3 unknown"):
        conclude(name, needed(name), Setting(Ball(CENTRE, 1.0), 4, 3))


def test_fewer_equations_than_unknowns_are_refused_by_pl_star_eps():
    with pytest.raises(Refusal, match="n >= m"):
        conclude("pl-star-eps", needed("pl-star-eps"), Setting(Ball(CENTRE, 1.0), 2, 3))


@pytest.mark.parametrize("sigma", [0.0, -1.0, -1e-100])
@pytest.mark.parametrize("name", [n for n in NEEDS if n != "right-inverse"])
def test_a_singular_kernel_is_refused_with_its_name(name, sigma):
    quantity = "sigma_m" if name == "pl-star-eps" else "sigma0"
    values = {**needed(name), quantity: sigma}
    if name == "pl-star-eps":
        found = conclude(name, values)
        assert not found.holds
        assert "rank" in found.reason
        return
    with pytest.raises(Refusal, match="singular"):
        conclude(name, values)


def test_the_words_a_theorem_must_know():
    words = {name: theorem.words for name, theorem in REGISTRY.items() if theorem.words}
    assert words == {
        "gd": ("step",), "liu-zhu-belkin-gd": ("step",), "sgd": ("step", "batch"),
        "liu-zhu-belkin-sgd": ("step", "batch"), "pl-star-eps": ("step", "loss"),
    }  # fmt: skip
