"""Are proved certificates found to be proved, by code that shares nothing with their maker?"""

import ast
import pathlib
import time

import numpy as np
import pytest
import sympy

import nlsolve
from nlsolve.certificates.record import read, record
from nlsolve.certificates.verify import verify
from tests.certificates.saved import BY_NAME, QUESTIONS, SYSTEMS, certificate, saved, system

ROOT = pathlib.Path(nlsolve.__file__).parent / "certificates"


@pytest.mark.parametrize("question", QUESTIONS)
@pytest.mark.parametrize("name", SYSTEMS)
def test_what_is_proved_is_found_proved(tmp_path, name, question):
    found = certificate(name, **QUESTIONS[question])
    found.save(tmp_path / "c.json")
    verdict = verify(tmp_path / "c.json", system=system(name))
    assert verdict.proved, verdict.reason
    assert (verdict.exit_code, verdict.reason, bool(verdict)) == (0, "", True)
    assert verdict.claim == found.claim
    assert str(verdict) == f"proved: {found.claim}"


@pytest.mark.parametrize("label", BY_NAME)
def test_every_theorem(label):
    record_ = saved(label)
    assert record_["theorem"] == BY_NAME[label][1].get("theorem", record_["theorem"])
    verdict = verify(record_)
    assert verdict.proved, verdict.reason


@pytest.mark.parametrize("name", SYSTEMS)
def test_at_a_solution_to_rounding(tmp_path, name):
    found = certificate(name, distance=0.0, method=None)
    assert found.distance[1] < 1e-13
    found.save(tmp_path / "c.json")
    assert verify(tmp_path / "c.json").proved


@pytest.mark.parametrize("question", [{"method": None}, {"claim": "conditioning", "radius": 2.0}])
def test_linear_equations(tmp_path, question):
    S = nlsolve.parse("x + 2*y - z = 1; x - y = 0.3")
    nlsolve.certify(S, 0.0, [1.0, 2.0, 3.0], evidence="proved", **question).save(
        tmp_path / "c.json"
    )
    verdict = verify(tmp_path / "c.json", system=S)
    assert verdict.proved, verdict.reason


@pytest.mark.parametrize("text", ["x + e/e = 1", "x + (1/3 + 2*sqrt(2) - 1/3) = sqrt(8)"])
def test_a_residual_that_may_be_zero(text):
    """Its lower bound is 0, which is true although its enclosure in arb reaches below."""
    question = {"claim": "conditioning", "radius": 0.3}
    found = nlsolve.certify(nlsolve.parse(text), 0.0, [0.0], evidence="proved", **question)
    verdict = verify(record(found, found.system))
    assert verdict.proved, verdict.reason


def test_a_file_can_be_read(tmp_path):
    found = certificate("sphere", method="gauss-newton")
    found.save(tmp_path / "c.json")
    back = read(tmp_path / "c.json")
    assert back["point"] == found.w.tolist()
    assert back["y"] == [0.0, 0.0]
    assert tuple(back["distance"]) == found.distance
    assert (back["h"], back["radius"], back["rate"]) == (found.h, found.radius, found.rate)
    assert back["unique_within"] is None
    assert back["unknowns"] == ["x", "y", "z"]
    assert [one["value"] for one in back["constants"]] == [
        b.value.hi if b.side == "upper" else b.value.lo for b in found.ingredients
    ]
    assert all(one["evidence"] == "proved" for one in back["constants"])
    np.testing.assert_allclose(np.linalg.svd(np.array(back["A"]) @ jacobian(found.w))[1], 1.0)


def jacobian(w):
    x, y, z = w
    return np.array([[2 * x, 2 * y, 2 * z], [y, x, -1.0]])


def test_read_refuses_other_files(tmp_path):
    (tmp_path / "c.json").write_text('{"format": "another"}')
    with pytest.raises(ValueError, match="format"):
        read(tmp_path / "c.json")


def test_only_formulas_are_saved(tmp_path):
    opaque = nlsolve.certify(lambda x: [x @ x - 1.0], 0.0, [1.0, 0.1], lipschitz=2.0)
    assert opaque.holds
    with pytest.raises(ValueError, match=r"nlsolve\.parse, nlsolve\.from_sympy and nlsolve\.trace"):
        opaque.save(tmp_path / "c.json")
    nothing = nlsolve.certify(nlsolve.parse("x**2 + y = 1"), 0.0, [1e9, 1e9])
    with pytest.raises(ValueError, match=r"nothing to save: needs h"):
        nothing.save(tmp_path / "c.json")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("keywords", [{"lipschitz": 2.0}, {"evidence": "estimated"}])
def test_what_is_not_proved_is_not(tmp_path, keywords):
    found = nlsolve.certify(system("circle"), 0.0, [1.4142, 1.4142], **keywords)
    assert found.holds
    found.save(tmp_path / "c.json")
    verdict = verify(tmp_path / "c.json")
    assert (verdict.proved, verdict.exit_code, verdict.claim) == (False, 1, "")
    assert found.evidence.word in verdict.reason


def test_parameters_and_right_hand_side(tmp_path):
    S = nlsolve.parse("x**2 + a*y = 1; x - b*y = 0", parameters={"a": 0.1, "b": 3})
    y = np.array([0.25, 0.125])
    w = nlsolve.solve(S, y, [1.0, 0.3]).w
    nlsolve.certify(S, y, w, method=None).save(tmp_path / "c.json")
    assert verify(tmp_path / "c.json").proved
    assert verify(tmp_path / "c.json", system=S, y=y).proved
    assert "right-hand side" in verify(tmp_path / "c.json", system=S).reason
    assert "parameters" in verify(tmp_path / "c.json", system=S.at(a=0.2), y=y).reason


def test_the_file_must_be_about_the_system():
    c = saved("gauss-newton, wide")
    same = nlsolve.parse("_s := x*x + y*y\n_s + z*z = 1; y*x - z = 0", unknowns="x y z")
    assert verify(c, system=system("sphere")).proved
    for text, unknowns in [
        ("x**2 + y**2 + z**2 = 1.0000001; x*y = z", "x y z"),
        ("x*y = z; x**2 + y**2 + z**2 = 1", "x y z"),
        ("x**2 + y**2 + z**2 = 1; x*y = z", "y x z"),
        ("x**2 + y**2 + z**2 = 1", "x y z"),
    ]:
        verdict = verify(c, system=nlsolve.parse(text, unknowns=unknowns))
        assert verdict.exit_code == 1
        assert "the file is about" in verdict.reason
    assert verify(c, system=same).proved
    with pytest.raises(TypeError, match="not known as formulas"):
        verify(c, system=lambda x: x)


def test_systems_from_everywhere(tmp_path):
    a, b, c = sympy.symbols("a b c")
    expressions = [a * sympy.exp(b) + sympy.Rational(1, 3) * c**2 - 1, a * b * b - sympy.sqrt(c)]
    w0 = [0.5, 0.6, 0.1]

    def F(w):
        return np.array([np.sum(w * w) - 1.3, w[0] * w[1] - np.tanh(w[2] / 3)])

    for S in (nlsolve.from_sympy(expressions, [a, b, c]), nlsolve.trace(F, 3)):
        w = nlsolve.solve(S, 0.0, w0).raise_if_failed().w
        nlsolve.certify(S, 0.0, w, evidence="proved").save(tmp_path / "c.json")
        verdict = verify(tmp_path / "c.json", system=S)
        assert verdict.proved, verdict.reason


def test_results_save_their_certificates(tmp_path):
    result = nlsolve.solve(system("sphere"), 0.0, [0.8, 0.5, 0.4])
    result.certificate.save(tmp_path / "c.json")
    assert verify(tmp_path / "c.json", system=system("sphere")).proved


def test_no_code_is_shared_with_the_maker():
    own = "nlsolve.certificates.checking"
    reader = ("parse", "tape", "language", "errors")  # errors: what the reader raises
    allowed = {f"nlsolve.systems.{name}" for name in reader}
    maker = {"certificates", "intervals", "kernel", "linalg", "systems"}
    for path in [ROOT / "verify.py", *(ROOT / "checking").glob("*.py")]:
        for node in ast.walk(ast.parse(path.read_text())):
            names = [node.module] if isinstance(node, ast.ImportFrom) else []
            names += [a.name for a in node.names] if isinstance(node, ast.Import) else []
            for name in names:
                assert name in allowed or name.startswith(own) or name.split(".")[0] != "nlsolve"
                assert name.split(".")[0] not in {"scipy", "sympy", "mpmath", *maker}


def katsura(n):
    """The magnetism problem of Katsura: n + 1 equations, as published."""
    u = [f"u{abs(k)}" if abs(k) <= n else "0" for k in range(-2 * n, 2 * n + 1)]
    at = {k: u[k + 2 * n] for k in range(-2 * n, 2 * n + 1)}
    rows = [
        " + ".join(
            f"{at[k]}*{at[j - k]}" for k in range(-n, n + 1) if "0" not in (at[k], at[j - k])
        )
        + f" = {at[j]}"
        for j in range(n)
    ]
    return "; ".join([*rows, " + ".join(at[k] for k in range(-n, n + 1)) + " = 1"])


def checked_in_time(S, w, seconds, **question):
    found = nlsolve.certify(S, 0.0, w, evidence="proved", **question)
    assert found.holds, found.reason
    what = record(found, S)
    begun = time.process_time()
    verdict = verify(what)
    took = time.process_time() - begun
    assert verdict.proved, verdict.reason
    assert took < seconds


def test_katsura_10_in_time():
    S = nlsolve.parse(katsura(10))
    rng = np.random.default_rng(0)
    roots = (nlsolve.solve(S, 0.0, rng.uniform(0.0, 1.0, 11)) for _ in range(20))
    w = next(root.w for root in roots if root.success)
    checked_in_time(S, w, 2.0, method=None)


def test_thirty_equations_in_time():
    rng = np.random.default_rng(1)
    B, C = rng.integers(-99, 100, (2, 30, 60))
    rows = [
        "tanh(" + " + ".join(f"{b}/300*w{j}" for j, b in enumerate(B[i])) + ") + "
        + " + ".join(f"{c}/200*w{j}*w{(j + i) % 60}" for j, c in enumerate(C[i])) + " = 0.1"
        for i in range(30)
    ]  # fmt: skip
    S = nlsolve.parse("\n".join(rows), unknowns=[f"w{j}" for j in range(60)])
    w = nlsolve.solve(S, 0.0, rng.normal(size=60)).raise_if_failed().w
    checked_in_time(S, w, 10.0, method="gauss-newton")
