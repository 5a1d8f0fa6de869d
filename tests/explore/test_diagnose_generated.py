"""Are the defects named that were put into generated systems, and nothing else?

More than 250 systems with exact and with differenced Jacobians, equations and unknowns in units of
1e-8 to 1e8. There are always at least as many unknowns as equations: counting tells nothing.
"""

import numpy as np
import pytest

import nlsolve
from tests.explore.generated import generated

JACOBIANS = ("exact", "2-point", "3-point")
CASES = {
    "sound": {"relations": 0},
    "nearly parallel": {"relations": 0, "angle": 1e-4},
    "redundant": {"relations": 1},
    "repeated once": {"relations": 1, "terms": (1, 1)},
    "of three or four": {"relations": 1, "terms": (3, 4)},
    "two redundant": {"relations": 2, "terms": (1, 3)},
    "inconsistent": {"relations": 1, "shift": 0.5},
    "two inconsistent": {"relations": 2, "terms": (1, 3), "shift": -1e-3},
    "unused": {"relations": 1, "unused": 2},
}


def diagnosed(case, jac):
    return nlsolve.diagnose(case.F, case.y, case.w, jac=case.jac if jac == "exact" else jac)


def assert_only(d, *, functional=(), singular=()):
    assert {one.equations for one in d.functional} == set(functional)
    assert {one.equations for one in d.singular} == set(singular)
    assert d.clear
    assert d.overdetermined.equations == ()
    assert not d.stationary


@pytest.mark.parametrize("spread", [0, 8])
@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("jac", JACOBIANS)
@pytest.mark.parametrize("seed", range(4))
def test_relations_and_unknowns(seed, jac, name, spread):
    case = generated(seed, spread=spread, **CASES[name])
    d = diagnosed(case, jac)
    assert d.n <= d.m
    found = {one.equations: one for one in (*d.redundant, *d.inconsistent)}
    assert found.keys() == case.relations.keys()
    shifted = CASES[name].get("shift", 0.0) != 0.0
    assert len(d.inconsistent) == (len(found) if shifted else 0)
    for equations, (c, gap) in case.relations.items():
        one = found[equations]
        expected = -c[list(one.others)] / c[one.equation]
        np.testing.assert_allclose(one.coefficients, expected, rtol=1e-7)
        assert one.gap == pytest.approx(gap / c[one.equation], rel=1e-6)
    assert_only(d)
    assert d.free == case.unused
    assert d.determined == case.determined
    assert d.rank == d.generic_rank == d.n - len(found)
    assert len(d.parameters) == d.degrees_of_freedom == d.m - d.rank


def with_one_more(case, seed, spread, *, singular):
    """Return F, J and three equations: the last a function of two others, or so at w only.

    A product of the two; or their sum and the square of what vanishes at w.
    """
    rng = np.random.default_rng(seed)
    i, j = rng.choice(case.y.size, 2, replace=False)
    unit = 10.0 ** rng.uniform(-spread, spread)
    a = rng.standard_normal(case.w.size) / np.abs(case.w)
    p, q = 1.0 / np.abs(case.F(case.w)[[i, j]])

    def F(w):
        r, away = case.F(w), a @ (w - case.w)
        last = p * r[i] + 2.0 * q * r[j] + away**2 if singular else p * r[i] * q * r[j]
        return np.append(r, unit * last)

    def jac(w):
        r, J, away = case.F(w), case.jac(w), a @ (w - case.w)
        if singular:
            last = p * J[i] + 2.0 * q * J[j] + 2.0 * away * a
        else:
            last = p * q * (r[j] * J[i] + r[i] * J[j])
        return np.vstack([J, unit * last])

    return F, jac, tuple(sorted((int(i), int(j), case.y.size)))


@pytest.mark.parametrize("spread", [0, 8])
@pytest.mark.parametrize("singular", [False, True])
@pytest.mark.parametrize("jac", JACOBIANS)
@pytest.mark.parametrize("seed", range(4))
def test_functions_of_others_and_singular_points(seed, jac, singular, spread):
    case = generated(seed, relations=0, spread=spread)
    F, exact, equations = with_one_more(case, seed, spread, singular=singular)
    d = nlsolve.diagnose(F, np.append(case.y, 0.0), case.w, jac=exact if jac == "exact" else jac)
    assert d.redundant == d.inconsistent == ()
    expected = {"singular": [equations]} if singular else {"functional": [equations]}
    assert_only(d, **expected)
    assert d.rank == d.n - 1
    assert d.generic_rank == d.n - (0 if singular else 1)


@pytest.mark.parametrize("start", [np.zeros, np.ones])
@pytest.mark.parametrize("spread", [4, 8])
@pytest.mark.parametrize("name", ["sound", "redundant", "inconsistent", "unused"])
def test_starts_that_know_nothing_of_units(name, spread, start):
    """With exact derivatives; by differences nothing wrong is said, but not all is found."""
    for seed in range(4):
        case = generated(seed, spread=spread, **CASES[name])
        case = case._replace(w=start(case.w.size))
        for kind, jac in (("exact", case.jac), ("2-point", "2-point")):
            d = nlsolve.diagnose(case.F, case.y, case.w, jac=jac, check_jac=False)
            found = {one.equations for one in (*d.redundant, *d.inconsistent)}
            assert found <= case.relations.keys()
            assert d.functional == ()
            assert d.free == case.unused
            assert kind != "exact" or found == case.relations.keys()
