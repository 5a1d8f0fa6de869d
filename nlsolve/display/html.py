"""How does a certificate look in a notebook? The verdict first, the numbers in a table, the rest
folded."""

from html import escape
from typing import Any

from nlsolve.display.text import certificate_numbers, verdict


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
    names = "".join(f"<th>{name}</th>" for name in head)
    rows = "".join(
        "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in cells
    )
    table = f"<table><tr>{names}</tr>{rows}</table>"
    return f"<details><summary>Ingredients ({len(cells)})</summary>{table}</details>"


def _assumed(certificate: Any) -> str:
    items = "".join(f"<li>{escape(text)}</li>" for text in certificate.assumptions)
    return f"<details><summary>Assumptions</summary><ul>{items}</ul></details>"
