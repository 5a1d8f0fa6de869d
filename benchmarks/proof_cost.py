"""What does a proof cost, and what does it cost to check its file?

Systems known as formulas, at a point as a solve returns it. Existence is what `sol.certificate`
proves, from first derivatives; the other claims need the second derivatives over a ball.

sine:     F(w) = A w + sin(B w) / 2, A and B dense: no entry of J or of a Hessian is always 0
network:  F(w) = A w + C tanh(B w), all dense: each Hessian is a sum over all units
text:     each equation says six of the unknowns, in text
katsura:  magnetism [Katsura et al., Cell Biophysics 11 (1987) 309-319], 11 equations
pose:     the Panda robot of `python -m nlsolve demo`, traced from its NumPy code
"""

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

import numpy as np

import nlsolve
from benchmarks.table import table, verdict
from benchmarks.timing import clock
from nlsolve import demo

QUESTIONS: dict[str, dict[str, Any]] = {
    "existence": {"method": None},
    "gauss-newton": {"method": "gauss-newton"},
    "existence by beta": {"method": None, "theorem": "existence"},
    "conditioning": {"claim": "conditioning", "radius": 1e-3},
}
HEAD = ["system", "n x m", "asked", "theorem", "proof [s]", "at most", "target", "check [s]"]
READY = 5.0  # seconds until a sparse system in text can be solved


class Case(NamedTuple):
    """A system, a point to prove something at, and the seconds a proof may take."""

    name: str
    system: Any
    y: Any
    w: np.ndarray
    target: float


def dense(n: int, m: int) -> Iterator[Case]:
    """Yield the dense systems."""
    rng = np.random.default_rng(6)
    A, B = rng.standard_normal((2, n, m)) / np.sqrt(m)
    C = rng.standard_normal((n, n)) / np.sqrt(n)
    families: dict[str, Callable[[Any], Any]] = {
        "sine": lambda w: A @ w + 0.5 * np.sin(B @ w),
        "network": lambda w: A @ w + C @ np.tanh(B @ w),
    }
    root = rng.standard_normal(m)
    for name, F in families.items():
        yield solved(name, nlsolve.trace(F, m), F(root), root + 1e-3, 2.0)


def solved(name: str, system: Any, y: Any, start: np.ndarray, target: float) -> Case:
    result = nlsolve.solve(system, y, start).raise_if_failed()
    return Case(name, system, y, result.w, target)


def sparse_text(n: int, m: int) -> str:
    """Return n equations, each of six of m unknowns."""
    rng = np.random.default_rng(7)
    lines = []
    for _ in range(n):
        a, b, c, d, e, f = rng.choice(m, 6, replace=False)
        p, q, s = rng.integers(1, 100, 3)
        lines.append(
            f"{p}/25*x{a}*x{b} + sin(x{c} + x{a}/3) - {q}/50*exp(x{d}/4) + x{e}**3 - "
            f"tanh({s}/10*x{f}) = {q - p}/50"
        )
    return "\n".join(lines)


def read(text: str, m: int) -> Any:
    """Return the system of a text, with F and J evaluated once."""
    system = nlsolve.parse(text, unknowns=[f"x{j}" for j in range(m)])
    system(np.ones(m))
    system.jacobian(np.ones(m))
    return system


def katsura(n: int) -> Case:
    def u(k: int) -> str:
        return f"u{abs(k)}" if abs(k) <= n else "0"

    whole = range(-n, n + 1)
    lines = [" + ".join(f"{u(k)}*{u(i - k)}" for k in whole) + f" = {u(i)}" for i in range(n)]
    system = nlsolve.parse("\n".join([*lines, " + ".join(map(u, whole)) + " = 1"]))
    rng = np.random.default_rng(0)
    runs = (nlsolve.solve(system, 0.0, rng.uniform(0.0, 1.0, n + 1)) for _ in range(100))
    return Case(f"katsura-{n}", system, 0.0, next(run.w for run in runs if run.success), 1.0)


def panda() -> Case:
    target = demo.random_targets(0, 1)[0]
    system = nlsolve.trace(demo.residual, 7, args=(target,), check=demo.READY)
    return Case("pose", system, 0.0, demo.solve_pose(target).result.w, 1.0)


def rows(case: Case, rounds: int) -> Iterator[list[Any]]:
    """Yield the lines of one system: what is proved, and in what time."""
    for asked, words in QUESTIONS.items():

        def prove(words: dict[str, Any] = words) -> Any:
            return nlsolve.certify(case.system, case.y, case.w, evidence="proved", **words)

        found = prove()
        if not found:
            raise AssertionError(f"{case.name}, {asked}: {found.reason}")
        seconds = median(clock(prove, 1) for _ in range(rounds))
        check = checked(found) if case.name != "network" or asked == "existence" else ""
        yield [
            case.name, f"{case.system.tape.n} x {case.w.size}", asked, found.theorem,
            f"{seconds:.2g}", f"{case.target:g}", verdict(seconds <= case.target), check,
        ]  # fmt: skip


def checked(certificate: Any) -> str:
    """Return the seconds the check of a certificate's file takes, and what else it says."""
    with tempfile.TemporaryDirectory() as folder:
        path, verdicts = Path(folder) / "certificate.json", []
        certificate.save(path)
        seconds = clock(lambda: verdicts.append(nlsolve.verify(path)), 1)
    return f"{seconds:.2g}" if verdicts[0].proved else verdicts[0].reason


def report(quick: bool) -> Iterator[str]:
    """Yield the tables."""
    (n, m), wide = ((5, 10), (10, 20)) if quick else ((50, 100), (200, 400))
    rounds = 1 if quick else 3
    yield "\n### Proofs of systems known as formulas\n"
    text = sparse_text(*wide)
    read(text, wide[1])  # loads the interpreter
    seconds = median(clock(lambda: read(text, wide[1]), 1) for _ in range(rounds))
    yield (
        "Seconds of a proof and of the check of its file, the latter with other arithmetic and "
        "without the maker's code. The network's files that speak of second derivatives are not "
        "checked here.\n"
    )
    yield (
        f"{wide[0]} equations of {wide[1]} unknowns in {len(text):,} characters of text: parsed, "
        f"and F and J evaluated, in {seconds:.2g} s (target {READY:g} s: "
        f"{verdict(seconds <= READY)}).\n"
    )
    start = np.random.default_rng(8).uniform(-1.0, 1.0, wide[1])
    sparse = solved("text", read(text, wide[1]), 0.0, start, 5.0)
    cases = [*dense(n, m), sparse, katsura(3 if quick else 10), panda()]
    yield table(HEAD, [line for case in cases for line in rows(case, rounds)])
