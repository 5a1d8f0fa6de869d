"""How do results, certificates, kernels, systems and searches look in a notebook? The verdict
first, then tables; the rest is folded.

Text has the colour of the page, so that it can be read in light and dark themes; the colour of the
bar beside a verdict only repeats what its words say. Nothing is loaded from anywhere.
"""

from collections.abc import Iterable
from html import escape
from typing import Any

from nlsolve.display.text import (
    certificate_numbers,
    kernel_numbers,
    kernel_verdict,
    multistart_rows,
    multistart_verdict,
    result_numbers,
    verdict,
)

GOOD, BAD, NEITHER = "#009E73", "#D55E00", "#808080"  # Okabe and Ito's, seen on white and on black
LEFT = "text-align:left;vertical-align:top"
FORMULAS = 20_000  # characters of formulas that are shown


def headline(words: str, colour: str) -> str:
    """Return a verdict as HTML."""
    style = f"border-left:0.4em solid {colour};padding-left:0.6em;margin:0.3em 0"
    return f'<p style="{style}"><b>{escape(words)}</b></p>'


def numbers_table(numbers: Iterable[tuple[str, str]]) -> str:
    """Return named numbers as a table."""
    rows = "".join(
        f'<tr><th style="{LEFT}">{escape(name)}</th><td style="{LEFT}">{escape(text)}</td></tr>'
        for name, text in numbers
    )
    return f"<table>{rows}</table>"


def _table(head: Iterable[str], rows: Iterable[Iterable[Any]]) -> str:
    names = "".join(f'<th style="{LEFT}">{escape(name)}</th>' for name in head)
    cells = (
        "".join(f'<td style="{LEFT}">{escape(str(cell))}</td>' for cell in row) for row in rows
    )
    body = "".join(f"<tr>{row}</tr>" for row in cells)
    return f"<table><tr>{names}</tr>{body}</table>"


def _folded(summary: str, inside: str, shown: bool = False) -> str:
    opened = " open" if shown else ""
    return f"<details{opened}><summary>{escape(summary)}</summary>{inside}</details>"


def result_html(result: Any) -> str:
    """Return a result as HTML; certificates that were computed stand below it."""
    head = headline(result.get("message", "no message"), GOOD if result.success else BAD)
    known = result.__dict__.get("_certificates", {})
    parts = [
        _folded(f"{name}: {verdict(known[key])}", certificate_html(known[key]))
        for key, name in (("start", "start_certificate"), ("end", "certificate"))
        if key in known
    ]
    missing = "" if "end" in known else "<p>no certificate was computed yet: read .certificate</p>"
    return f"<div>{head}{numbers_table(result_numbers(result))}{''.join(parts)}{missing}</div>"


def certificate_html(certificate: Any) -> str:
    """Return a certificate as HTML."""
    head = headline(verdict(certificate), GOOD if certificate.holds else BAD)
    return (
        f"<div>{head}{numbers_table(certificate_numbers(certificate))}"
        f"{_ingredients(certificate)}{_assumed(certificate)}</div>"
    )


def _ingredients(certificate: Any) -> str:
    head = ("quantity", "side", "value", "evidence", "region", "source")
    cells = [
        (b.quantity, b.side, f"{float(b.value):.6g}", b.evidence.word, str(b.region), b.source)
        for b in certificate.ingredients
    ]
    return _folded(f"Ingredients ({len(cells)})", _table(head, cells), shown=len(cells) > 0)


def _assumed(certificate: Any) -> str:
    items = "".join(f"<li>{escape(text)}</li>" for text in certificate.assumptions)
    return _folded(f"Assumptions ({len(certificate.assumptions)})", f"<ul>{items}</ul>")


def kernel_html(kernel: Any) -> str:
    """Return a tangent kernel as HTML, its eigenvalues folded."""
    head = headline(kernel_verdict(kernel), GOOD if kernel.rank == kernel.n else BAD)
    shown = ", ".join(f"{value:.6g}" for value in kernel.eigenvalues[:100])
    more = f" and {kernel.n - 100} more" if kernel.n > 100 else ""
    spectrum = _folded(f"Eigenvalues of K ({kernel.n})", f"<p>{shown}{more}</p>")
    return f"<div>{head}{numbers_table(kernel_numbers(kernel))}{spectrum}</div>"


def system_html(system: Any, formulas: str = "") -> str:
    """Return a system as HTML, its formulas folded where it is known as such."""
    names = ", ".join(f"{role}={_name(one)}" for role, one in system.functions.roles[1:] if one)
    numbers = [("F", _name(system.F)), ("derivatives", system.kind), ("from", names or "F alone")]
    if system.unknowns is not None:
        n, m = system.tape.n, system.tape.m
        numbers = [("equations", str(n)), ("unknowns", f"{m}: {_listed(system.unknowns)}")]
        numbers.append(("derivatives", "exact, from the formulas"))
    text = formulas[:FORMULAS] + " ..." * (len(formulas) > FORMULAS)
    folded = _folded("Formulas", f"<pre>{escape(text)}</pre>") if formulas else ""
    return f"<div>{headline(repr(system), NEITHER)}{numbers_table(numbers)}{folded}</div>"


def _name(function: Any) -> str:
    return str(getattr(function, "__name__", type(function).__name__))


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(names[:12]) + ", ..." * (len(names) > 12)


def multistart_html(found: Any) -> str:
    """Return a multistart as HTML."""
    solutions = _table(("solution", "starts", "|r|", "w"), multistart_rows(found))
    outcomes = _table(("outcome", "starts"), found.statuses.items())
    head = headline(multistart_verdict(found), GOOD if found.solutions else BAD)
    return f"<div>{head}{solutions}{_folded('Outcomes of all starts', outcomes)}</div>"
