"""Are files that say a region is empty checked, and refused once a solution lies in it?"""

import copy
from functools import cache

import numpy as np
import pytest

import nlsolve
from nlsolve.certificates.checking import exclusion
from nlsolve.certificates.checking.stated import stated
from nlsolve.certificates.checking.words import words
from nlsolve.certificates.record import read, record
from nlsolve.certificates.verify import verify
from tests.certificates.saved import scaled

LINE = "x**2 + y**2 = 1; x + y = 1.01*sqrt(2)"
NEARER = "x**2 + y**2 = 1; x + y = 0.99*sqrt(2)"
SPHERES = "x**2 + y**2 + z**2 = 1; x**2 + y**2 + z**2 = 1 + 2**-43"
DOMAINS = "sqrt(x) + log(y) = 1; 1/x + y**z = 2*abs(z) + 2; max(x, y) + tan(z/2) = 0.4"

EMPTY = {  # equations, question; equations and a right-hand side with a solution inside
    "bound": (
        "x**2 + y**2 = 1; x + y = 2",
        {"w": [1.0, 1.0], "radius": 0.05},
        ("x**2 + y**2 = 2; x + y = 2", [1.0, 0.0]),
    ),
    "ball": (LINE, {"w": [0.5, 0.25], "radius": 1.5}, (NEARER, [0.0, -0.1])),
    "box": (LINE, {"box": ([-2.0, -1.0], [2.0, 3.0])}, (NEARER, [0.0, -0.1])),
    "spheres": (
        SPHERES, {"box": (-2.0, 2.0)}, (SPHERES.replace("43", "999"), [0.0, -(2.0**-43)]),
    ),
    "square": (
        "x**2 - 2*x*y + y**2 + 1/10**14 = 0",
        {"box": (-1.0, 1.0)},
        ("x**2 - 3*x*y + y**2 + 1/10**14 = 0", [1.0]),
    ),
    "cubic": (
        "x**3 - y**2 = 2; x*y = x + y + 1",
        {"w": [0.0, 0.0], "radius": 1.5},
        ("x**3 - y**2 = 3/4; x*y = x + y - 1", [-1.25, -2.0]),
    ),
    "domains": (
        DOMAINS,
        {"box": (-1.0, 2.0)},
        (DOMAINS.replace("0.4", "1"), [0.0, 0.0, 0.6]),
    ),
}  # fmt: skip
LEAVES = [label for label in EMPTY if label != "bound"]


@cache
def certificate(label):
    text, question, _ = EMPTY[label]
    found = nlsolve.certify(nlsolve.parse(text), **{"w": None, **question}, claim="empty")
    assert found.holds, found.reason
    return found


def saved(label):
    return copy.deepcopy(record(certificate(label), certificate(label).system))


def refused(file, code=1):
    verdict = verify(file)
    assert (verdict.proved, verdict.exit_code, verdict.claim) == (False, code, "")
    assert verdict.reason


def with_words(file):
    return {**file, "claim": words(stated(file))}


@pytest.mark.parametrize("label", EMPTY)
def test_files_are_proved_again(label, tmp_path):
    found, path = certificate(label), tmp_path / "c.json"
    found.save(path)
    verdict = verify(path, system=found.system)
    assert verdict.proved, verdict.reason
    assert verdict.claim == found.claim
    assert read(path)["kind"] == "empty"
    assert not verify(path, system=found.system, y=1.0)


def test_every_reason_is_met():
    reasons = {part[0] for label in LEAVES for part in certificate(label).parts}
    assert reasons == {"cut", "outside", "value", "slope", "curvature"}


@pytest.mark.parametrize("label", EMPTY)
def test_right_hand_sides_and_equations_with_a_solution_inside(label):
    text, goal = EMPTY[label][2]
    refused({**saved(label), "y": [entry.hex() for entry in goal]})
    if label != "spheres":  # 2^-999 is a gap still
        refused({**saved(label), "equations": text.replace("; ", "\n")})


def test_balls_that_reach_a_solution():
    """x^2 + y^2 = 25, x = 3, about 0: (3, 4) is on the sphere of radius 5."""
    system = nlsolve.parse("x**2 + y**2 = 25; x = 3")
    for theorem, radius in (("emptiness", 3.0), ("exclusion", 4.9)):
        found = nlsolve.certify(
            system, 0.0, [0.0, 0.0], claim="empty", radius=radius, theorem=theorem
        )
        assert found.holds, found.reason
        for reach in (5.0, 6.0):
            file = record(found, system)
            assert verify(file).proved
            file["radius"] = reach.hex()
            for one in file.get("constants", ()):
                one["radius"] = reach.hex() if one["quantity"] == "beta" else one["radius"]
            refused(with_words(file))


def test_the_constants_of_a_bound():
    for k, constant in enumerate(saved("bound")["constants"]):
        more = 0.999 if constant["side"] == "upper" else 1.001
        changes = {"value": scaled(constant["value"], more)}, {"evidence": "assumed"}
        if constant["quantity"] == "beta":
            changes += ({"radius": scaled(constant["radius"], 0.5)},)
        for change in changes:
            file = saved("bound")
            file["constants"][k] |= change
            refused(file)
    for name in ("radius", "sigma_min"):
        file = saved("bound")
        file[name] = scaled(file[name], 1.001)
        refused(with_words(file))


@pytest.mark.parametrize("distance", [[1.001, None], [0.5, 1.0]])
def test_distances_of_a_bound(distance):
    file = saved("bound")
    nearest = scaled(file["distance"][0], distance[0])
    refused({**file, "distance": [nearest, distance[1] and distance[1].hex()]})


def test_boxes_that_reach_a_solution():
    """x^2 + y^2 = 25, x = 3: (3, 4) is no part of the box, then its corner, then inside."""
    system = nlsolve.parse("x**2 + y**2 = 25; x = 3")
    found = nlsolve.certify(system, claim="empty", box=([0.0, 0.0], [5.0, 3.9]))
    file = record(found, system)
    assert verify(file).proved
    for reach in (4.0, 4.5):
        file["box"][1][1] = reach.hex()
        refused(with_words(file))
    for moved in (3.9, 3.8):
        file["box"][1][1] = moved.hex()
        assert verify(with_words(file)).proved


@pytest.mark.parametrize("label", LEAVES)
def test_parts_left_out_twice_or_with_another_reason(label):
    file = saved(label)
    for k, part in enumerate(file["parts"]):
        left_out, twice, other = (copy.deepcopy(file) for _ in range(3))
        del left_out["parts"][k]
        twice["parts"].insert(k, part)
        refused(left_out)
        refused(twice)
        weights = [(0.0).hex()] * len(file["y"])
        other["parts"][k] = ["slope", *weights]
        refused(other)
        other["parts"][k] = ["curvature", *weights]
        refused(other)
        if label not in ("ball", "cubic"):
            other["parts"][k] = ["outside"]
            refused(other)


@pytest.mark.parametrize("label", LEAVES)
def test_cuts_outside_their_boxes(label):
    for k, part in enumerate(saved(label)["parts"]):
        if part[0] == "cut":
            for at in (-1e3, 1e3):
                file = saved(label)
                file["parts"][k][2] = at.hex()
                refused(file)


@pytest.mark.parametrize("seed", range(30))
def test_no_change_of_parts_proves_a_region_with_a_solution_empty(seed):
    """The solution is on the diagonal, in one box after another of a random list of parts."""
    random = np.random.default_rng(seed)
    label = LEAVES[seed % len(LEAVES)]
    file = saved(label)
    file["y"] = [entry.hex() for entry in EMPTY[label][2][1]]
    n, m = len(file["y"]), len(file["point"])
    for _ in range(8):
        k = random.integers(len(file["parts"]))
        file["parts"][k] = random_part(random, n, m)
        refused(file)


def random_part(random, n, m):
    kind = random.choice(["cut", "value", "slope", "curvature", "outside"])
    if kind == "cut":
        return [kind, int(random.integers(m)), float(random.uniform(-2, 2)).hex()]
    if kind == "value":
        return [kind, int(random.integers(n))]
    weights = random.choice([-1.0, 0.0, 1.0, 1e-8, 1e300], n)
    return [kind, *[float(a).hex() for a in weights]] if kind != "outside" else [kind]


@pytest.mark.parametrize(
    "part",
    [
        [], ["value"], ["value", 2], ["value", -1], ["value", True], ["value", "0"], ["cut", 0],
        ["cut", 3, "0x1.0p+0"], ["cut", 0, 1.0], ["cut", 0, "nan"], ["slope", "0x1.0p+0"],
        ["outside", 1], ["inside"], "outside", None, [["cut"]], ["curvature", None, None],
    ],
)  # fmt: skip
def test_parts_that_are_none_are_unreadable(part):
    file = saved("box")
    file["parts"][-1] = part
    refused(file, code=2)


@pytest.mark.parametrize(
    "change",
    [
        {"radius": None, "box": None}, {"radius": (9.0).hex()}, {"kind": "existence"},
        {"method": "gd"}, {"evidence": "estimated"}, {"claim": "nothing lies anywhere"},
        {"box": [[(1.0).hex()] * 2, [(0.0).hex()] * 2]},
    ],
)  # fmt: skip
def test_other_entries(change):
    refused({**saved("box"), **change})


def test_entries_of_the_wrong_shape_are_unreadable():
    file = saved("box")
    for change in ({"box": [[(0.0).hex()]] * 2}, {"box": [file["box"][0]]}, {"parts": None}):
        refused({**file, **change}, code=2)
    del file["parts"]
    refused(file, code=2)


def test_a_file_may_not_need_endless_work(monkeypatch):
    monkeypatch.setattr(exclusion, "MOST_WORK", 10)
    refused(saved("box"), code=2)
