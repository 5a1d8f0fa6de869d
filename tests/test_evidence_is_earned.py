"""May only enclosures say PROVED, and does evidence only weaken on its way into a conclusion?"""

import pathlib
import re

import numpy as np
import pytest

import nlsolve
from nlsolve.certificates.evidence import Ball, Bound, Evidence, Ingredients

ROOT = pathlib.Path(nlsolve.__file__).parent
WRITERS = {
    "certificates/constants/enclosed.py",
    "certificates/constants/network.py",
    "certificates/constants/network_point.py",
    "certificates/exclusion/subdivision.py",
    "distributed/constants.py",  # sums of enclosures
}
READERS = {  # compare with it, or start a minimum from it
    "certificates/evidence.py",
    "certificates/wording.py",
}


def test_only_enclosures_write_proved():
    users = {
        str(path.relative_to(ROOT))
        for path in ROOT.rglob("*.py")
        if re.search(r"Evidence\.PROVED", path.read_text())
    }
    assert users - READERS == WRITERS


@pytest.mark.parametrize("weakest", list(Evidence))
def test_a_conclusion_is_worth_its_weakest_ingredient(weakest):
    region = Ball(np.zeros(2), np.inf)
    others = [level for level in Evidence if level >= weakest]
    bounds = [Bound(f"q{k}", 1.0, "upper", region, level, "test") for k, level in enumerate(others)]
    given = Ingredients(bounds, Ball(np.zeros(2), 1.0), 1, 2)
    for bound in bounds:
        given.upper(bound.quantity)
    assert given.evidence is weakest


def test_a_sampled_constant_weakens_a_proof():
    system = nlsolve.parse("x**2 + y**2 = 1")
    proved = nlsolve.certify(system, 0.0, [1.0, 0.1])
    assumed = nlsolve.certify(system, 0.0, [1.0, 0.1], lipschitz=2.0)
    estimated = nlsolve.certify(system, 0.0, [1.0, 0.1], evidence="estimated")
    levels = [c.evidence for c in (proved, assumed, estimated)]
    assert all(c.holds for c in (proved, assumed, estimated))
    assert levels == [Evidence.PROVED, Evidence.ASSUMED, Evidence.ESTIMATED]


def test_evidence_is_shown_as_a_word():
    assert str(Evidence.PROVED) == f"{Evidence.PROVED}" == "proved"
    assert Evidence.ESTIMATED < Evidence.ASSUMED < Evidence.PROVED
