"""Is a solution proved where there is one? What `solve` returns, and what 60 digits say of it."""

import json
from pathlib import Path

import numpy as np
import pytest

import nlsolve
from nlsolve import demo
from nlsolve.certificates.evidence import Evidence
from nlsolve.systems.errors import FormulaError
from tests.certificates.high_precision import assert_true
from tests.zoo.standard import STANDARD

FILE = Path(__file__).parents[1] / "zoo" / "polynomial_systems.json"
POLYNOMIAL = json.loads(FILE.read_text(encoding="utf-8"))

REGULAR = [problem for problem in STANDARD if not problem.singular]
SINGULAR = [problem for problem in STANDARD if problem.singular]
BRANCHING = ("helical valley", "sample problem 18")  # no formulas


def proved_at(system, w, y=0.0, **words):
    words = {"method": None, "evidence": "proved"} | words
    return nlsolve.certify(system, y, w, **words)


def solved_and_proved(system, w0):
    """The certificate of the solution from a start."""
    solution = nlsolve.solve(system, 0.0, w0)
    assert solution.success
    return proved_at(system, solution.w)


def assert_proved(certificate, within=1e-9):
    assert certificate.holds, certificate.reason
    assert certificate.evidence is Evidence.PROVED
    assert certificate.distance[1] < within


def start(system, seed=0):
    return np.random.default_rng(seed).standard_normal(len(system.unknowns))


@pytest.mark.parametrize("name", POLYNOMIAL)
def test_solution_of_polynomial_system(name):
    known = POLYNOMIAL[name]
    system = nlsolve.parse("; ".join(known["equations"]), unknowns=known["unknowns"])
    certificate = solved_and_proved(system, start(system))
    assert_proved(certificate)
    assert_true(certificate, system, [0.0] * certificate.n)


def katsura(n):
    """Katsura, Fukuda, Inawashiro, Fujiki, Gennert, Cell Biophysics 11 (1987) 309-319."""

    def u(k):
        return f"u{abs(k)}" if abs(k) <= n else "0"

    sums = [" + ".join(f"{u(k)}*{u(i - k)}" for k in range(-n, n + 1)) for i in range(n)]
    total = " + ".join(u(k) for k in range(-n, n + 1))
    return "; ".join([f"{one} = u{i}" for i, one in enumerate(sums)] + [f"{total} = 1"])


def noon(n):
    """V. Noonburg, SIAM J. Appl. Math. 49 (1989) 1779-1792."""
    others = [" + ".join(f"x{j}**2" for j in range(n) if j != i) for i in range(n)]
    return "; ".join(f"x{i}*({others[i]}) - 1.1*x{i} + 1 = 0" for i in range(n))


def cyclic(n):
    """G. Bjork, R. Froberg, J. Symbolic Comput. 12 (1991) 329-336."""

    def product(first, count):
        return "*".join(f"z{(first + k) % n}" for k in range(count))

    sums = [" + ".join(product(i, count) for i in range(n)) for count in range(1, n)]
    return "; ".join([*(f"{one} = 0" for one in sums), f"{product(0, n)} = 1"])


def economics(n):
    """A. Morgan, Solving polynomial systems using continuation (1987)."""
    sums = [
        " + ".join([f"x{k}"] + [f"x{i}*x{i + k}" for i in range(1, n - k)]) for k in range(1, n)
    ]
    equations = [f"({one})*x{n} = {k}" for k, one in enumerate(sums, 1)]
    return "; ".join([*equations, " + ".join(f"x{i}" for i in range(1, n)) + " = -1"])


FAMILIES = {f"katsura-{n}": katsura(n) for n in (3, 5, 7, 10)} | {
    "noon-5": noon(5), "cyclic-5": cyclic(5), "economics-8": economics(8),
}  # fmt: skip


@pytest.mark.parametrize("name", FAMILIES)
def test_families_from_their_formulas(name):
    system = nlsolve.parse(FAMILIES[name])
    for seed in (2, 3):
        certificate = solved_and_proved(system, start(system, seed))
        assert_proved(certificate)
        assert_true(certificate, system, [0.0] * certificate.n)


def test_poses_of_the_robot_from_its_numpy_code():
    for target in demo.random_targets(0, 4):
        system = nlsolve.trace(demo.residual, 7, args=(target,))
        certificate = proved_at(system, demo.solve_pose(target).result.w)
        assert_proved(certificate)
        assert_true(certificate, system, [0.0] * 6)
        assert certificate.unique_within is None  # seven joints, six equations


@pytest.mark.parametrize("problem", REGULAR, ids=lambda problem: problem.name)
def test_regular_standard_problems(problem):
    if problem.name in BRANCHING:
        with pytest.raises(FormulaError, match="branch"):
            nlsolve.trace(problem.F, problem.m)
        return
    system = nlsolve.trace(problem.F, problem.m, check=problem.w0)
    certificate = solved_and_proved(system, problem.w0)
    assert_proved(certificate)
    assert_true(certificate, system, [0.0] * problem.n)


@pytest.mark.parametrize("problem", SINGULAR, ids=lambda problem: problem.name)
def test_singular_standard_problems_are_not_proved(problem):
    if problem.name in BRANCHING:
        return
    system = nlsolve.trace(problem.F, problem.m, check=problem.w0)
    solution = nlsolve.solve(system, 0.0, problem.w0)
    for w in (solution.w, problem.solution, np.array(problem.solution) + 1e-9):
        assert not proved_at(system, w).holds


def test_of_two_solutions_each_is_proved_and_the_other_left_out():
    gap = 1e-3
    system = nlsolve.parse("(x - a)*(x - b) = 0", parameters={"a": 1.0, "b": 1.0 + gap})
    for own, other in ((1.0, 1.0 + gap), (1.0 + gap, 1.0)):
        certificate = proved_at(system, [own + 1e-9])
        assert_proved(certificate, 1.1e-9)
        assert 0.0 < certificate.unique_within <= abs(own + 1e-9 - other)


@pytest.mark.parametrize("method", [None, "gauss-newton", "gd"])
def test_linear_systems_have_no_curvature(method):
    system = nlsolve.parse("x + 2*y - z = 1; x - y = 0.3")
    certificate = nlsolve.certify(system, 0.0, [1.0, 2.0, 3.0], method=method, evidence="proved")
    assert certificate.holds, certificate.reason
    nearest = np.linalg.pinv([[1.0, 2.0, -1.0], [1.0, -1.0, 0.0]]) @ [1.0, -1.3]
    assert np.linalg.norm(nearest) <= certificate.distance[1]
    if method is not None:
        assert certificate.beta == 0.0
