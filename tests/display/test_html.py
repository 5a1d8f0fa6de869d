"""Do pages of results, kernels and systems parse, say what the text says, and escape names?"""

from html.parser import HTMLParser

import numpy as np

import nlsolve

VOID = {"br"}


class Page(HTMLParser):
    """What a page says, and whether its tags are balanced."""

    def __init__(self, text):
        super().__init__()
        self.open, self.words, self.tags = [], [], set()
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag, attributes):
        self.tags.add(tag)
        assert not {"src", "href"} & {name for name, _ in attributes}
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.words.append(data)


def test_a_result_says_verdict_numbers_and_known_certificates():
    sol = nlsolve.solve(lambda w: w**2 - 2.0, 0.0, [1.0, 2.0])
    page = Page(sol._repr_html_())
    assert page.words[0] == sol.message
    assert f"{sol.residual_norm:.3e}" in page.words
    assert "details" not in page.tags
    claim = sol.certificate.claim
    assert claim in "".join(Page(sol._repr_html_()).words)
    assert type(sol)()._repr_html_() is None


def test_a_kernel_says_its_rank_and_eigenvalues():
    kernel = nlsolve.tangent_kernel(lambda x: [3 * x[0], 4 * x[1]], [1.0, 1.0], jac=lambda x: J)
    page = Page(kernel._repr_html_())
    assert page.words[0].startswith("rank 2 of 2")
    assert "16, 9" in page.words


J = np.diag([3.0, 4.0])


def test_a_system_says_its_functions_or_formulas():
    def F(w):
        return w

    F.__name__ = "<b>F"
    page = Page(nlsolve.System(F, jac=lambda w: np.eye(2))._repr_html_())
    assert "<b>F" in page.words
    assert "b" in page.tags  # the verdict's own only
    assert "<b>F" not in nlsolve.System(F)._repr_html_()
    words = Page(nlsolve.parse("x*y = 1; x + y = 3")._repr_html_()).words
    assert "x*y = 1" in "".join(words)
