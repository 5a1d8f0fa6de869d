"""The compiled sums and products of systems/outward.py as plain Python, to be changed by tests."""

from pathlib import Path
from types import SimpleNamespace

from nlsolve.systems import outward


def plain(margin=True):
    """The functions of the same text, not compiled; without margin nothing is moved outward."""
    text = Path(outward.__file__).read_text()
    text = text.replace("from nlsolve.systems.operations import", "inner = kernel = lambda f: f  #")
    for sign in "" if margin else "+-":
        moved = f"x {sign} (_TWO_UNITS * abs(x) + _SUBNORMAL)"
        assert text.count(moved) == 1
        text = text.replace(moved, "x")
    module = {}
    exec(text, module)
    return SimpleNamespace(**module)
