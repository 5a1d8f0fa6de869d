"""Is every file refused that says more than is true? One change at a time, to the unsafe side."""

import copy
import math
import re

import numpy as np
import pytest

from nlsolve.certificates.checking.stated import stated
from nlsolve.certificates.checking.words import words
from nlsolve.certificates.verify import verify
from tests.certificates.saved import BY_NAME, saved, scaled

PART = 1e-3
SMALLER, LARGER = 1.0 - PART, 1.0 + PART
UNSAFE = {  # which way a number says more
    "radius": SMALLER, "h": SMALLER, "rate": SMALLER, "probability": SMALLER,
    "residual_norm": SMALLER, "sigma_max": SMALLER,
    "mu": LARGER, "step": LARGER, "unique_within": LARGER, "sigma_min": LARGER,
}  # fmt: skip


def refused(record, also_words=True):
    """The change is refused, whether the words go with it or not."""
    if also_words:
        whole = copy.deepcopy(record)
        whole["claim"] = words(stated(whole))
        refused(whole, also_words=False)
    verdict = verify(record)
    assert not verdict.proved
    assert verdict.exit_code == 1
    assert verdict.claim == ""
    assert verdict.reason


def unsafe(label, name, factor):
    """Return by how much to change a number so that it cannot be true any more."""
    if name == "radius" and "conditioning" in saved(label)["kind"]:
        return LARGER
    if name in ("radius", "distance") and ("paper" in label or "short" in label or "sgd" in label):
        return 0.5  # the radius is the next larger one of a list, or that of longer steps
    return 10.0 if name == "step" and "short" in label else factor


@pytest.mark.parametrize("label", BY_NAME)
def test_numbers_of_the_claim(label):
    changed = 0
    for name, factor in UNSAFE.items():
        record = saved(label)
        if record[name] is not None:
            record[name] = scaled(record[name], unsafe(label, name, factor))
            refused(record)
            changed += 1
    assert changed >= 4


@pytest.mark.parametrize("label", BY_NAME)
def test_distances(label):
    nearer, farther = saved(label), saved(label)
    farther["distance"][0] = scaled(farther["distance"][0], LARGER)
    refused(farther)
    if nearer["kind"] == "conditioning":
        nearer["distance"][1] = (1.0).hex()
    else:
        nearer["distance"][1] = scaled(nearer["distance"][1], unsafe(label, "distance", SMALLER))
    refused(nearer)


def true_norm_of_A(record):
    A = [[float.fromhex(entry) for entry in row] for row in record["A"]]
    return np.linalg.norm(A, 2)


@pytest.mark.parametrize("label", BY_NAME)
def test_constants(label):
    for k, constant in enumerate(saved(label)["constants"]):
        record = saved(label)
        factor = SMALLER if constant["side"] == "upper" else LARGER
        record["constants"][k]["value"] = scaled(constant["value"], factor)
        value = float.fromhex(record["constants"][k]["value"])
        if constant["quantity"] == "A" and value > true_norm_of_A(record) * (1 + 1e-12):
            continue  # magnitudes gave more than the norm: what is listed now is still true
        refused(record)


@pytest.mark.parametrize("label", BY_NAME)
def test_constants_left_out_or_weaker(label):
    for k, constant in enumerate(saved(label)["constants"]):
        record = saved(label)
        record["constants"][k]["evidence"] = "assumed"
        refused(record)
        if constant["radius"] != (0.0).hex():
            record = saved(label)
            record["constants"][k]["radius"] = (float.fromhex(record["radius"]) / 2.0).hex()
            if "delta" not in label:  # beta serves the lower distance only there
                refused(record)
    record = saved(label)
    record["constants"] = []
    refused(record)


@pytest.mark.parametrize("label", BY_NAME)
def test_points_and_right_hand_sides(label):
    record = saved(label)
    for k in range(len(record["point"])):
        moved = saved(label)
        moved["point"][k] = (float.fromhex(moved["point"][k]) + PART).hex()
        refused(moved)
    if record["kind"] == "conditioning":
        return  # says nothing of y but how long the residual is
    for k in range(len(record["y"])):
        for sign in (1.0, -1.0):
            moved = saved(label)
            moved["y"][k] = (float.fromhex(moved["y"][k]) + sign * PART).hex()
            if verify(moved).proved:
                # the residual became shorter, so that all is still true
                assert residual(moved) < residual(record)
            else:
                refused(moved)


def residual(record):
    """|A (F(w) - y)|, computed by Python itself."""
    names = dict(zip(record["unknowns"], map(float.fromhex, record["point"]), strict=True))
    names |= {name: getattr(math, name) for name in ("exp", "sin", "cos", "tanh", "erf", "atan")}
    names |= {"asinh": math.asinh, "pi": math.pi, "e": math.e}
    sides = [line.split("=") for line in record["equations"].splitlines()]
    r = [eval(left, names) - eval(right, names) for left, right in sides]
    r = np.array(r) - [float.fromhex(entry) for entry in record["y"]]
    if record["A"] is not None:
        r = np.array([[float.fromhex(entry) for entry in row] for row in record["A"]]) @ r
    return float(np.linalg.norm(r))


@pytest.mark.parametrize("label", BY_NAME)
def test_coefficients(label):
    text = saved(label)["equations"]
    numbers = list(re.finditer(r"(?<![\w.])\d+(\.\d+)?(?![\w.])", text))
    assert numbers
    for match in numbers:
        record = saved(label)
        more = f"({match.group()} + 1/100)"
        record["equations"] = text[: match.start()] + more + text[match.end() :]
        verdict = verify(record)
        assert not verdict.proved or shorter(record, label)


def shorter(record, label):
    """The new equations are met better at the point, and bend less."""
    return "**(" not in record["equations"] and residual(record) <= residual(saved(label))


@pytest.mark.parametrize("name", ["A", "X"])
@pytest.mark.parametrize("label", ["right-inverse", "gauss-newton", "existence-delta"])
def test_multipliers(label, name):
    record = saved(label)
    if record[name] is None:
        return
    for i, row in enumerate(record[name]):
        for j, entry in enumerate(row):
            changed = saved(label)
            changed[name][i][j] = scaled(entry, 1.1 if float.fromhex(entry) else 1.0)
            if changed[name][i][j] != entry:
                refused(changed)
    record[name] = None
    refused(record)


@pytest.mark.parametrize("label", BY_NAME)
def test_words_and_names(label):
    for name, other in [
        ("claim", "an exact solution lies at w"),
        ("evidence", "assumed"),
        ("theorem", "pl-star-eps"),
        ("theorem", "existence" if saved(label)["kind"] == "conditioning" else "conditioning"),
        ("kind", "emptiness"),
        ("method", "levenberg-marquardt"),
    ]:
        record = saved(label)
        record[name] = other
        refused(record, also_words=False)


@pytest.mark.parametrize("label", BY_NAME)
def test_nothing_is_claimed_that_the_theorem_does_not_say(label):
    for name in ("unique_within", "mu", "h", "step", "rate", "probability"):
        record = saved(label)
        if record[name] is None and name != "mu":
            record[name] = (0.5).hex()
            refused(record)
    record = saved(label)
    if record["batch"] is None:
        record["batch"] = 1
        refused(record)


@pytest.mark.parametrize("label", ["sgd", "paper sgd"])
def test_smaller_batches(label):
    record = saved(label)
    record["batch"] -= 1
    refused(record)


def test_a_solution_at_the_edge_is_not_overlooked():
    """x^2 = 2 x, from 0: the roots are 0 and 2, and (sigma/beta) (1 + 1) = 2 exactly."""
    record = edge()
    verdict = verify(record)
    assert verdict.proved, verdict.reason
    record["unique_within"] = (2.0).hex()
    record["claim"] = words(stated(record))
    refused(record)


def edge():
    def constant(quantity, side, value, radius):
        numbers = {"value": value.hex(), "radius": radius.hex()}
        return {"quantity": quantity, "side": side, **numbers, "evidence": "proved"}

    record = saved("existence of F")
    record |= {
        "equations": "x**2 = 2*x", "unknowns": ["x"], "y": [(0.0).hex()], "point": [(0.0).hex()],
        "radius": (0.0).hex(), "distance": [(0.0).hex(), (0.0).hex()], "h": (0.0).hex(),
        "mu": (4.0).hex(), "residual_norm": (0.0).hex(), "unique_within": (1.9375).hex(),
        "sigma_min": (1.9375).hex(), "sigma_max": (2.0).hex(),
        "constants": [
            constant("rho0", "upper", 0.0, 0.0),
            constant("sigma0", "lower", 2.0 - 2.0**-40, 0.0),
            constant("beta", "upper", 2.0, 4.0),
        ],
    }  # fmt: skip
    record["mu"] = float((2.0 - 2.0**-40) ** 2 * (1 - 1e-12)).hex()
    record["claim"] = words(stated(record))
    return record
