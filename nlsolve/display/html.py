"""How do certificates and searches look in a notebook? The verdict first, then tables; the rest is
folded."""

from collections.abc import Iterable
from html import escape
from typing import Any

from nlsolve.display.text import (
    certificate_numbers,
    multistart_rows,
    multistart_verdict,
    verdict,
)


def certificate_html(certificate: Any) -> str:
    """Return a certificate as HTML."""
    colour = "#0b6e4f" if certificate.holds else "#9b2226"
    head = f'<p style="color:{colour}"><b>{escape(verdict(certificate))}</b></p>'
    rows = "".join(
        f'<tr><th style="text-align:left">{escape(name)}</th>'
        f'<td style="text-align:left">{escape(text)}</td></tr>'
        for name, text in certificate_numbers(certificate)
    )
    return (
        f"<div>{head}<table>{rows}</table>{_ingredients(certificate)}{_assumed(certificate)}</div>"
    )


def _ingredients(certificate: Any) -> str:
    head = ("quantity", "side", "value", "evidence", "region", "source")
    cells = [
        (b.quantity, b.side, f"{float(b.value):.6g}", b.evidence.word, str(b.region), b.source)
        for b in certificate.ingredients
    ]
    return f"<details><summary>Ingredients ({len(cells)})</summary>{_table(head, cells)}</details>"


def _table(head: Iterable[str], rows: Iterable[Iterable[Any]]) -> str:
    names = "".join(f"<th>{name}</th>" for name in head)
    cells = ("".join(f"<td>{escape(str(cell))}</td>" for cell in row) for row in rows)
    body = "".join(f"<tr>{row}</tr>" for row in cells)
    return f"<table><tr>{names}</tr>{body}</table>"


def _assumed(certificate: Any) -> str:
    items = "".join(f"<li>{escape(text)}</li>" for text in certificate.assumptions)
    return f"<details><summary>Assumptions</summary><ul>{items}</ul></details>"


def multistart_html(found: Any) -> str:
    """Return a multistart as HTML."""
    solutions = _table(("solution", "starts", "|r|", "w"), multistart_rows(found))
    outcomes = _table(("outcome", "starts"), found.statuses.items())
    head = f"<p><b>{escape(multistart_verdict(found))}</b></p>"
    return f"<div>{head}{solutions}{outcomes}</div>"
