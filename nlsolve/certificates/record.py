"""How is a certificate kept as a file, so that anyone can check it again?

As JSON: the equations in the language of `parse`, the point, what is claimed, by which theorem,
and every constant it rests on with the ball it is good for. Doubles are written in hexadecimal and
parameters as p/q, so that nothing is rounded. Where the constants are those of A F the rows of A
are there too, and X where the theorem is about a right inverse. `verify` says whether it is true.
"""

import json
import math
import os
from pathlib import Path
from typing import Any

import numpy as np

from nlsolve.certificates.arithmetic import lower_end, upper_end
from nlsolve.certificates.certificate import Certificate
from nlsolve.certificates.evidence import Bound
from nlsolve.certificates.theorems import REGISTRY

FORMAT = "nlsolve certificate 1"


def save(certificate: Certificate, system: Any, path: str | os.PathLike[str]) -> None:
    """Write a certificate that holds, about a system known as formulas.

    Raises
    ------
    ValueError
        If it does not hold, or the system is not known as formulas.
    """
    if not certificate.holds:
        raise ValueError(f"there is nothing to save: {certificate.reason}")
    if system is None:
        raise ValueError(
            "the certificate is about a system that is not known as formulas, which a file needs: "
            "see nlsolve.parse, nlsolve.from_sympy and nlsolve.trace; a network has no "
            "file, its certificate is checked by computing it again"
        )
    entries = record(certificate, system).items()
    lines = ",\n".join(f"{json.dumps(name)}: {_lines(value)}" for name, value in entries)
    Path(path).write_text(f"{{\n{lines}\n}}\n", encoding="utf-8")


def read(path: str | os.PathLike[str]) -> dict[str, Any]:
    """Return what is in a certificate file, with doubles for their texts. Nothing is checked.

    Raises
    ------
    OSError, ValueError
        If there is no such file, or it is no certificate.
    """
    found = json.loads(Path(path).read_text(encoding="utf-8"))
    if not isinstance(found, dict) or found.get("format") != FORMAT:
        raise ValueError(f"{os.fspath(path)} is not a file of format {FORMAT!r}")
    texts = ("claim", "equations", "unknowns", "parameters")
    return {name: entry if name in texts else _doubles(entry) for name, entry in found.items()}


def record(certificate: Certificate, system: Any) -> dict[str, Any]:
    """Return what a file of a certificate holds."""
    c = certificate
    if c.theorem == "exclusion":
        return _system(c, system) | _region(c)
    made = next((b.region.equations for b in c.ingredients if b.region.equations is not None), None)
    return _system(c, system) | {
        "radius": _hexadecimal(c.radius),
        "distance": [_hexadecimal(end) for end in c.distance],
        "unique_within": _hexadecimal(c.unique_within),
        "h": _hexadecimal(c.h),
        "mu": _hexadecimal(c.mu),
        "step": _hexadecimal(c.step),
        "rate": _hexadecimal(c.rate),
        "probability": _hexadecimal(c.probability) if c.method == "sgd" else None,
        "batch": c.batch,
        "residual_norm": _hexadecimal(c.residual_norm),
        "sigma_min": _hexadecimal(c.sigma_min),
        "sigma_max": _hexadecimal(c.sigma_max),
        "constants": [_constant(bound) for bound in c.ingredients],
        "A": _hexadecimal(getattr(made, "A", None)),
        "X": _hexadecimal(getattr(made, "X", None)) if c.theorem == "right-inverse" else None,
    }


def _system(c: Certificate, system: Any) -> dict[str, Any]:
    """Return what every file says: of which system, at which point, what is claimed."""
    from nlsolve.systems.printed import text_of

    tape = system.tape
    parameters = zip(tape.parameters, system.parameters, strict=True)
    return {
        "format": FORMAT,
        "claim": c.claim,
        "kind": "empty" if c.theorem == "exclusion" else REGISTRY[c.theorem].claim,
        "method": c.method,
        "theorem": c.theorem,
        "evidence": c.evidence.word,
        "equations": text_of(tape),
        "unknowns": list(tape.unknowns),
        "parameters": {name: str(value) for name, value in parameters},
        "y": _hexadecimal(c.y),
        "point": _hexadecimal(c.w),
    }


def _region(c: Certificate) -> dict[str, Any]:
    """Return a ball or a box, and its parts: numbers of equations and unknowns are no doubles."""
    parts = [
        [entry if isinstance(entry, (str, int)) else _hexadecimal(entry) for entry in part]
        for part in c.parts
    ]
    radius = _hexadecimal(c.radius) if c.box is None else None
    box = None if c.box is None else [_hexadecimal(ends) for ends in c.box]
    return {"radius": radius, "box": box, "parts": parts}


def _constant(bound: Bound) -> dict[str, Any]:
    """Return a bound; a region that is everywhere has no radius, and is never proved."""
    end = upper_end if bound.side == "upper" else lower_end
    return {
        "quantity": bound.quantity,
        "side": bound.side,
        "value": _hexadecimal(end(bound.value)),
        "radius": _hexadecimal(bound.region.radius),
        "evidence": bound.evidence.word,
    }


def _hexadecimal(value: Any) -> Any:
    """Return numbers as hexadecimal texts; None for what is unknown or infinite."""
    if value is None or isinstance(value, (list, np.ndarray)):
        return None if value is None else [_hexadecimal(item) for item in value]
    number = float(value)
    return number.hex() if math.isfinite(number) else None


def _doubles(entry: Any) -> Any:
    """Return hexadecimal texts as doubles, wherever they are."""
    if isinstance(entry, list):
        return [_doubles(item) for item in entry]
    if isinstance(entry, dict):
        return {name: _doubles(item) for name, item in entry.items()}
    is_number = isinstance(entry, str) and entry.lstrip("-").startswith("0x")
    return float.fromhex(entry) if is_number else entry


def _lines(value: Any) -> str:
    """Return JSON; of a list of lists or objects each on a line of its own."""
    nested = isinstance(value, list) and any(isinstance(item, (list, dict)) for item in value)
    if not nested:
        return json.dumps(value)
    return "[\n" + ",\n".join(f" {json.dumps(item)}" for item in value) + "\n]"
