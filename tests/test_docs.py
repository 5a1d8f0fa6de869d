"""Do the code blocks of docs/ run, print what the pages say, and hold what they promise?

The blocks of a page share their names and run once, in the order of the page, in a folder of their
own: `python` as it is, of `sh` the commands of nlsolve. A `text` block right after one of them is
what it prints, with ... for what depends on the machine.
"""

import contextlib
import doctest
import io
import pathlib
import re
import shlex
from functools import cache
from typing import Any, NamedTuple

import numpy as np
import pytest

import nlsolve
from nlsolve.certificates.evidence import Ball, Bound, Evidence, Ingredients, Refusal
from nlsolve.certificates.theorems import REGISTRY
from nlsolve.cli import main
from nlsolve.loop import Budget, Run
from nlsolve.methods import lowered
from nlsolve.methods.auto import Stage
from nlsolve.systems import System
from nlsolve.systems.checks import first_evaluation

DOCS = pathlib.Path(__file__).parent.parent / "docs"
BLOCKS = re.compile(r"^```(\S*)[^\n]*\n(.*?)^```$", re.DOTALL | re.MULTILINE)
RUNNABLE = ("python", "sh")
PAGES = {
    path.relative_to(DOCS).with_suffix("").as_posix(): path.read_text(encoding="utf-8")
    for path in sorted(DOCS.rglob("*.md"))
}
RUN = [name for name in PAGES if re.search(r"^```(python|sh)$", PAGES[name], re.MULTILINE)]
SHOWS = doctest.OutputChecker().check_output


class Block(NamedTuple):
    """A block of a page: its kind, its text, and what the page says it prints (None: nothing)."""

    kind: str
    text: str
    printed: str | None


def blocks_of(page):
    """The blocks that run."""
    found = list(BLOCKS.finditer(page))
    for block, after in zip(found, [*found[1:], None], strict=True):
        if block[1] in RUNNABLE:
            shown = (
                after is not None
                and after[1] == "text"
                and not page[block.end() : after.start()].strip()
            )
            yield Block(block[1], block[2], after[2] if shown else None)


def run_shell(text):
    """Run the commands of nlsolve among the lines of a shell block."""
    for line in text.splitlines():
        if line.startswith("python -m nlsolve "):
            main(shlex.split(line)[3:])


@pytest.fixture(scope="module")
def read(tmp_path_factory):
    """Return the function that runs a page, once: its names and all it printed."""

    @cache
    def run(page):
        names: dict[str, Any] = {"__name__": page}
        everything = []
        with contextlib.chdir(tmp_path_factory.mktemp("page")):
            for block in blocks_of(PAGES[page]):
                with contextlib.redirect_stdout(io.StringIO()) as out:
                    if block.kind == "python":
                        exec(compile(block.text, page, "exec"), names)
                    else:
                        run_shell(block.text)
                everything.append((block.printed, out.getvalue()))
        return names, everything

    return run


@pytest.mark.parametrize("page", RUN)
def test_every_block_runs_and_prints_what_the_page_says(page, read):
    for shown, printed in read(page)[1]:
        if shown is not None:
            flags = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
            assert SHOWS(shown, printed, flags), printed


def test_every_page_is_read():
    assert {"tutorial", "how-to/diagnose", "reference/certificates"} <= set(RUN)


@pytest.mark.parametrize("page", PAGES)
def test_links_of_a_page_lead_somewhere(page):
    folder = (DOCS / page).parent
    for target in re.findall(r"\]\(([^)#:]+)[)#]", PAGES[page]):
        assert target.startswith(GALLERY) or (folder / target).exists(), target


GALLERY = ("gallery/", "../gallery/")  # made when the pages are


def test_the_skeleton_is_gradient_descent(read):
    method = read("development/add_a_method")[0]["METHOD"]
    A = np.array([[1.0, 2.0, 0.0], [0.0, 1.0, -1.0]])
    y = np.array([3.0, 1.0])
    problem, r, J = first_evaluation(System(lambda w: A @ w, jac=lambda w: A), y, np.zeros(3), None)
    run = Run(problem, (np.zeros(3), r, J), Budget(1e-10), store_path=True)
    options = lowered(method, method.options(step=0.2))
    run.through([Stage(method, options, 500, "w0")])
    np.testing.assert_allclose(run.path[1], 0.2 * A.T @ y, rtol=1e-14)
    np.testing.assert_allclose(run.w, np.linalg.pinv(A) @ y, atol=1e-9)


def test_the_skeleton_of_a_theorem_holds_where_the_slope_is_too_small(read):
    names = read("development/add_a_theorem")[0]
    conclude, ball, known = names["THEOREM"].conclude, names["ball"], names["known"]
    too_near = Bound("rho0", 1.0, "lower", names["at_w"], Evidence.PROVED, "enclosed")
    assert conclude(Ingredients(known, ball, 2, 3)).holds
    assert not conclude(Ingredients([too_near, *known[1:]], ball, 2, 3)).holds
    with pytest.raises(Refusal):
        conclude(Ingredients(known, Ball(ball.centre, 0.6), 2, 3))


def test_the_certificate_of_the_page_holds_and_its_promise_is_kept(read):
    names, printed = read("reference/certificates")
    sol = names["sol"]
    assert sol.start_certificate.holds
    assert sol.check_promise().kept
    assert sol.certificate.distance[1] < 1e-12
    assert printed[0][1].startswith("full Gauss-Newton steps converge from w")
    assert printed[1][1].count("no exact solution lies") == 2


def test_every_theorem_is_on_the_page():
    page = PAGES["reference/certificates"]
    assert [name for name in REGISTRY if f"| `{name}` |" not in page] == []


def test_the_numbers_of_a_diagnosis_are_where_the_page_says(read):
    diagnosis = read("how-to/diagnose")[0]["diagnosis"]
    for row in re.findall(r"^\| (`.*?) \|", PAGES["how-to/diagnose"], re.MULTILINE):
        assert all(hasattr(diagnosis, name) for name in re.findall(r"`(\w+)`", row))


def test_formulas_of_the_page_are_the_same_and_proved(read):
    names, printed = read("how-to/formulas")
    w = np.array([0.3, -1.2, 0.7])
    for system in (names["again"], names["traced"]):
        np.testing.assert_allclose(system(w), names["system"](w), rtol=0, atol=1e-15)
    assert names["sol"].certificate.evidence.word == "proved"
    assert "proved" in printed[0][1]


def test_every_kind_of_jacobian_of_the_page_reaches_a_root(read):
    names, printed = read("how-to/jacobians")
    u, p = np.split(names["given"].w, [2002])
    np.testing.assert_allclose(u[:-2] - 2.0 * u[1:-1] + u[2:] + p * u[1:-1] ** 2, 0.0, atol=1e-10)
    assert names["found"].success
    assert names["by_products"].success
    np.testing.assert_allclose(names["found"].w, names["given"].w, atol=1e-6)
    assert nlsolve.System(names["F"], jac_sparsity=names["pattern"]).pattern.count == 4
    assert printed[1][1].startswith("True csr_array")


@pytest.fixture
def solutions(read):
    """The names after the blocks of solutions.md have run."""
    return read("how-to/solutions")[0]


def test_the_four_solutions_of_the_page_are_found_and_proved_to_differ(solutions):
    four = solutions["four"]
    expected = [[-2.0, -1.0], [-1.0, -2.0], [1.0, 2.0], [2.0, 1.0]]
    np.testing.assert_allclose(sorted(four.w.tolist()), expected, atol=1e-9)
    assert four.certified.word == "proved"


def test_the_light_of_the_page_moves_as_trigonometry_says(solutions):
    light = solutions["light_ray"]
    slope = (light.w[1] - 1.0) / 2.0  # tan(angle) = (hit - h) / a, hit = (y + h) / 2
    turn = 1.0 / (1.0 + slope**2)
    assert light.w[1] == pytest.approx(2.0)
    by_a = light.sensitivity("args", 0).matrix[:, 0]
    np.testing.assert_allclose(by_a, [-slope / 2.0 * turn, 0.0], atol=1e-6)
    by_h = light.sensitivity("args", "h").matrix[:, 0]
    np.testing.assert_allclose(by_h, [-turn / 4.0, 0.5], atol=1e-6)


def test_the_solutions_chosen_on_the_page_are_better_than_any(solutions):
    w0 = np.array(solutions["w0"])
    distance = {name: np.linalg.norm(solutions[name].w - w0) for name in ("some", "nearest")}
    assert distance["nearest"] < distance["some"]
    assert "locally nearest to w0" in solutions["nearest"].message
    assert "at a local minimum of secondary" in solutions["lowest"].message


def test_the_walk_and_the_samples_of_the_page_stay_on_the_sphere(solutions):
    walk, points = solutions["walk"], solutions["points"]
    np.testing.assert_allclose(walk.w[-1], [1.0, 0.0, 0.0], atol=1e-6)
    for w in (walk.w, points):
        np.testing.assert_allclose(np.linalg.norm(w, axis=1), 1.0, atol=1e-10)


def test_functions_of_other_frameworks_on_the_page_are_solved_and_differentiated(read):
    """At (1, 2, 2) the rows of J are orthogonal: dw/dp0 = (2, 4, 4) / 36, dw2/dp1 = 0."""
    names, printed = read("how-to/interop")
    gradient = names["jax"].grad(names["height"])(np.array([9.0, 2.0], dtype=np.float32))
    np.testing.assert_allclose(gradient, [1 / 9, 0.0], atol=1e-6)
    shown = "".join(out for _, out in printed).splitlines()
    assert shown[0] == "True (1, 30)"
    first, second, third = map(float, shown[1].strip("[]").split())
    np.testing.assert_allclose(
        [first - second, first**2 + second**2 + third**2], [0, 25], atol=1e-6
    )


def test_the_many_systems_of_the_page_are_solved_and_its_statuses_are_those_there_are(read):
    assert read("how-to/many")[0]["many"].success.all()
    for code, name in re.findall(r"(?<=\| )(\d+) \| ([A-Z_]+)", PAGES["how-to/many"]):
        assert nlsolve.Status.from_code(int(code)).name == name
