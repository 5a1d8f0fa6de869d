"""Is a diagnosis said in words that name equations and unknowns, as text and as HTML?"""

import html.parser

import numpy as np
import pytest

import nlsolve
from nlsolve.systems.formulas import FormulaSystem
from nlsolve.systems.tape import Builder

TEXT = "x + y = 1; x*z = 2; 3*x + 3*y - x*z/2 = 2.5; 1e6*z*y = 1e6"


@pytest.fixture
def mixed():
    """The third equation is 3 times the first less half the second, but for 0.5."""
    system = nlsolve.parse(TEXT, unknowns="x y z spare")
    return nlsolve.diagnose(system, 0.0, [0.5, 1.0, 2.0, 1.0])


def said(diagnosis, kind):
    return [(one.text, one.advice) for one in diagnosis.findings if one.kind == kind]


def test_the_verdict_comes_first(mixed):
    lines = repr(mixed).splitlines()
    assert lines[0] == "defects found in 4 equations, 4 unknowns: inconsistent, unused, row scale"
    assert not mixed.sound
    assert len({line.index(":") for line in lines[1:]}) == 1


def test_equations_are_named_by_number_and_formula(mixed):
    ((text, advice),) = said(mixed, "inconsistent")
    assert text == (
        "equations 0 (x + y = 1), 1 (x*z = 2) and 2 (3*x + 3*y - x*z/2 = 2.5) contradict each "
        "other: r[2] = 3 r[0] - 0.5 r[1] - 0.5 at all 4 points"
    )
    assert advice == "leave one of them out, or add -0.5 to y[2]"


def test_following_the_advice_removes_the_contradiction(mixed):
    one = mixed.inconsistent[0]
    y = np.zeros(4)
    y[one.equation] += one.gap
    again = nlsolve.diagnose(mixed.system, y, [0.5, 1.0, 2.0, 1.0])
    assert again.inconsistent == ()
    assert said(again, "redundant")[0][1] == "leave equation 2 out"


def test_unknowns_are_named(mixed):
    assert said(mixed, "unused")[0][0] == "no equation depends on spare, at w or around it"


def test_scales_are_powers_of_ten(mixed):
    ((text, advice),) = said(mixed, "row scale")
    assert text.startswith("equation 3 (")
    assert text.endswith("is written in units of its own: 1e+06 of others")
    assert advice == "multiply equation 3 by 1e-06"


def test_a_sound_wide_system_is_free_and_sound():
    d = nlsolve.diagnose(lambda w: [w @ w - 1.0, w[0] - w[1]], 0.0, [1.0, 0.5, 0.7])
    assert d.sound
    assert repr(d).startswith("no defect found in 2 equations, 3 unknowns")
    assert said(d, "freedom")[0][0].startswith("w[0], w[1] and w[2] can move in 1 direction")
    assert len(d.suggestions) == 1


def test_prescribing_what_is_suggested_isolates_the_solution():
    F = lambda w: [w @ w - 1.0, w[0] - w[1]]  # noqa: E731
    w = np.array([1.0, 0.5, 0.7, 0.2])
    prescribed = list(nlsolve.diagnose(F, 0.0, w).parameters)
    d = nlsolve.diagnose(lambda v: [*F(v), *(v - w)[prescribed]], 0.0, w)
    assert d.sound
    assert d.degrees_of_freedom == 0


def sums(w):
    return w[0] + w[1]


KINDS = [
    ("inconsistent", lambda w: [w[0], 1.0], "equation 1 cannot hold: its residual is 1 at all"),
    ("redundant", lambda w: [w[0], 0.0], "equation 1 holds by itself"),
    (
        "redundant",
        lambda w: [sums(w), -sums(w)],
        "repeats equation 0: r[1] = -r[0] at all 4 points",
    ),
    ("functional", lambda w: [sums(w), sums(w) ** 2], "equation 1 is a function of equation 0"),
    ("singular", lambda w: [sums(w), (w[0] - 1.0) ** 2], "the gradient of equation 1 is zero"),
    ("stationary", lambda w: [(w[0] - 1.0) ** 2 + 1.0], "w is stationary but no root"),
    ("overdetermined", lambda w: [w[0], w[0] ** 3, w[1]], "equations 0 and 1 depend on no more"),
    ("row scale", lambda w: [w[1], sums(w), 1e9 * w[0] * w[1]], "equation 2 is written in units"),
    ("column scale", lambda w: [sums(w) + 1e9 * w[2], w[0] * w[1]], "w[2] has a natural size"),
    ("flat", lambda w: [max(w[0], 2.0)], "equation 0 is not seen, by differences, to change"),
    ("domain", lambda w: [w[0] if w[0] == 1.0 else np.nan], "could not be evaluated around w"),
    ("unclear", lambda w: [np.float32(w[0]), np.float32(w[1])], "the errors of differences"),
]


@pytest.mark.parametrize(("kind", "F", "words"), KINDS)
def test_each_kind_of_finding(kind, F, words):
    jac = (lambda w: [[1.0, 0.0, 0.0]]) if kind == "domain" else None
    d = nlsolve.diagnose(F, 0.0, [1.0, 1.5, 0.7], jac=jac, check_jac=False)
    (finding,) = [one for one in d.findings if one.kind == kind]
    assert words in finding.text
    assert finding.advice
    assert finding.defect
    assert kind in repr(d)


def test_many_findings_of_a_kind_are_counted_and_long_lists_cut():
    F = lambda w: np.append(np.ones(20) * (w[0] + w.sum()), 1.0)  # noqa: E731
    d = nlsolve.diagnose(F, 0.0, np.arange(1.0, 31.0))
    assert len(d.redundant) == 19
    lines = repr(d).splitlines()
    assert sum(line.strip().startswith("redundant:") for line in lines) == 6
    assert any(line.strip() == "and: 13 more redundant" for line in lines)
    assert "w[5] and 24 more can move" in repr(d)


def test_long_formulas_are_left_out():
    system = nlsolve.parse("x*exp(x + y)*sin(x - y)*cos(x*y)*sqrt(x) = 1; x = 1; 2*x = 2")
    d = nlsolve.diagnose(system, 0.0, [1.0, 2.0])
    assert "equation 2 (2*x = 2) repeats equation 1 (x = 1)" in said(d, "redundant")[0][0]


def test_names_that_no_formula_can_be_written_with():
    write = Builder(["x y"])
    twice = write.apply("mul", write.constant(2), write.unknown(0))
    system = FormulaSystem(write.build([write.unknown(0), twice]))
    text, _ = said(nlsolve.diagnose(system, 0.0, [1.0]), "redundant")[0]
    assert text.startswith("equation 1 repeats equation 0: r[1] = 2 r[0]")


class Page(html.parser.HTMLParser):
    """Collects text; complains of tags that do not match."""

    def __init__(self):
        super().__init__()
        self.open, self.words = [], []

    def handle_starttag(self, tag, attrs):
        if tag != "br":
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.words.append(data)


def test_html_says_the_same_and_escapes(mixed):
    page = Page()
    page.feed(mixed._repr_html_())
    assert page.open == []
    words = "".join(page.words)
    for finding in mixed.findings:
        assert finding.text in words
        assert finding.advice in words
    assert repr(mixed).splitlines()[0] in words
    system = nlsolve.parse("x = 1")
    system.unknowns = ("<b>x",)
    assert "<b>x" not in nlsolve.diagnose(system, 0.0, [1.0])._repr_html_()
