"""How does a diagnosis look, in a terminal and in a notebook? The verdict first, then every finding
with what to do about it, then the numbers."""

from collections import Counter
from html import escape
from typing import Any

from nlsolve.display.html import BAD, GOOD, NEITHER, headline, numbers_table
from nlsolve.display.text import aligned

MANY = 6  # findings of a kind that are shown


def diagnosis_verdict(diagnosis: Any) -> str:
    """Return the first line of a diagnosis."""
    kinds = Counter(one.kind for one in diagnosis.findings if one.defect)
    n, m = diagnosis.n, diagnosis.m
    sizes = f"{n} equation{'s' * (n != 1)}, {m} unknown{'s' * (m != 1)}"
    if not kinds:
        return f"no defect found in {sizes}"
    listed = ", ".join(f"{count} {kind}" if count > 1 else kind for kind, count in kinds.items())
    return f"defects found in {sizes}: {listed}"


def diagnosis_numbers(diagnosis: Any) -> list[tuple[str, str]]:
    """Return the numbers of a diagnosis."""
    d = diagnosis
    around = f"; {d.generic_rank} at best of {d.points} points" if d.points > 1 else ""
    plural = "s" * (d.degrees_of_freedom != 1)
    ways = f" in {d.degrees_of_freedom} direction{plural}" if d.movable else ""
    root = "w is a root" if d.root else "w is no root"
    return [
        ("rank of J", f"{d.rank} at w{around}; its pattern allows {d.structural_rank}"),
        ("unknowns", f"{len(d.determined)} determined, {len(d.movable)} movable{ways}"),
        ("condition of J", f"{d.condition:.3g}, rows and columns scaled"),
        ("|r|", f"{d.residual_norm:.3g}: {root}"),
    ]


def _shown(diagnosis: Any) -> tuple[list[Any], list[str]]:
    """Return the findings to show, and a line for each kind of which there are too many."""
    kinds = Counter(one.kind for one in diagnosis.findings)
    seen: Counter[str] = Counter()
    shown = []
    for one in diagnosis.findings:
        seen[one.kind] += 1
        if seen[one.kind] <= MANY:
            shown.append(one)
    more = [f"{count - MANY} more {kind}" for kind, count in kinds.items() if count > MANY]
    return shown, more


def diagnosis_text(diagnosis: Any) -> str:
    """Return a diagnosis as aligned lines, the verdict first."""
    shown, more = _shown(diagnosis)
    lines = [("", diagnosis_verdict(diagnosis))]
    for one in shown:
        lines += [(one.kind, one.text), ("->", one.advice)]
    lines += [("and", text) for text in more]
    return aligned([*lines, *diagnosis_numbers(diagnosis)])


def diagnosis_html(diagnosis: Any) -> str:
    """Return a diagnosis as HTML."""
    shown, more = _shown(diagnosis)
    head = headline(diagnosis_verdict(diagnosis), GOOD if diagnosis.sound else BAD)
    items = "".join(_item(one) for one in shown)
    items += "".join(f"<li>{escape(text)}</li>" for text in more)
    found = f"<ul>{items}</ul>" if items else ""
    return f"<div>{head}{found}{numbers_table(diagnosis_numbers(diagnosis))}</div>"


def _item(finding: Any) -> str:
    colour = BAD if finding.defect else NEITHER
    kind = f'<b style="border-bottom:0.15em solid {colour}">{escape(finding.kind)}</b>'
    text = f"{escape(finding.text)}<br>&rarr; {escape(finding.advice)}"
    return f'<li style="margin-bottom:0.4em">{kind}: {text}</li>'
