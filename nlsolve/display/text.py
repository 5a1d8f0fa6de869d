"""How does a result, or a run in progress, look in a terminal?"""

from typing import Any

import numpy as np


def vector(values: Any) -> str:
    """Return a vector on one line, its middle left out where it is long."""
    known = values if hasattr(values, "__array_function__") else np.asarray(values)
    return np.array2string(known, precision=6, threshold=8, edgeitems=3, max_line_width=10_000)


def result_text(result: Any) -> str:
    """Return a result as aligned lines, the verdict first."""
    lines = [("", result.get("message", "no message")), *result_numbers(result)]
    certificate = result.known_certificate
    if certificate is not None:
        lines.append(("certificate", verdict(certificate)))
    return "\n".join(f"{name:>16}: {text}" if name else text for name, text in lines)


def result_numbers(result: Any) -> list[tuple[str, str]]:
    """Return the numbers of a result, in words."""
    lines = [
        ("w", vector(result.w)),
        ("fun", vector(result.fun)),
        ("|r|", f"{result.residual_norm:.3e}"),
        ("optimality", f"{result.optimality:.3e}"),
        ("method", f"{' -> '.join(result.stages)} ({result.method}, {result.lane} lane)"),
        ("nit, nfev, njev", f"{result.nit}, {result.nfev}, {result.njev}"),
    ]
    if len(result.history):
        moved, path = result.history.distance[-1], result.history.path_length[-1]
        lines.append(("moved", f"{moved:.4g} from w0 along a path of {path:.4g}"))
    return lines


def iteration_header() -> str:
    """Return the head of the table of verbose=2."""
    return f"{'iteration':>9} {'|r|':>12} {'step':>12} {'|w - w0|':>12} {'nfev':>7}  method"


def iteration_line(nit: int, row: Any, nfev: int, method: str) -> str:
    """Return one row of the table of verbose=2."""
    return f"{nit:>9} {row[0]:>12.4e} {row[1]:>12.4e} {row[2]:>12.4e} {nfev:>7}  {method}"


def aligned(lines: list[tuple[str, str]]) -> str:
    """Return named lines, the names flush right; a line without a name stands alone."""
    width = max((len(name) for name, _ in lines), default=0)
    return "\n".join(f"{name:>{width}}: {text}" if name else text for name, text in lines)


VERDICTS = {
    "estimated": "holds by estimated constants (no proof)",
    "assumed": "certified under the assumptions listed",
    "proved": "proved",
}


def verdict(certificate: Any) -> str:
    """Return the first line of a certificate."""
    if not certificate.holds:
        return f"not certified, because {certificate.reason}"
    return f"{VERDICTS[certificate.evidence.word]}: {certificate.claim}"


def certificate_numbers(certificate: Any) -> list[tuple[str, str]]:
    """Return the numbers of a certificate that are known, in words."""
    c = certificate
    of = " (preconditioned)" if c.preconditioned else ""
    low, high = c.distance
    lines = [
        ("theorem", f"{c.theorem}{of}"),
        ("h", f"{c.h:.4g} = beta |r| / sigma^2" if c.h == c.h else ""),
        ("beta", f"{c.beta:.4g}" if c.beta == c.beta else ""),
        ("mu", f"{c.mu:.4g}" if c.mu == c.mu else ""),
        ("radius", f"{c.radius:.4g}" if c.holds else ""),
        ("distance", f"{low:.4g} to {high:.4g}" if high < float("inf") else f"at least {low:.4g}"),
        ("step", "" if c.step is None else f"{c.step:.4g}"),
        ("rate", "" if c.rate is None else f"{c.rate:.6g} on the loss, a step"),
        ("may fail with", f"{c.probability:.3g}" if c.probability else ""),
        ("loss", "" if c.loss is None else f"{c.loss:.6g}"),
        ("|r|", f"{c.residual_norm:.4g}" if c.residual_norm == c.residual_norm else ""),
        (
            "sigma of J",
            f"{c.sigma_min:.4g} to {c.sigma_max:.4g}" if c.sigma_max == c.sigma_max else "",
        ),
        ("parts", parts_text(c.parts)),
    ]
    return [(name, text) for name, text in lines if text]


def parts_text(parts: Any) -> str:
    """Return into how many parts a region was cut, and why they are empty."""
    reasons = [part[0] for part in parts if part[0] != "cut"]
    counts = {name: reasons.count(name) for name in dict.fromkeys(reasons)}
    listed = ", ".join(f"{count} by {name}" for name, count in counts.items())
    return f"{len(reasons)}, excluded {listed}" if parts else ""


def certificate_text(certificate: Any) -> str:
    """Return a certificate as aligned lines, the verdict first."""
    lines = [("", verdict(certificate)), *certificate_numbers(certificate)]
    ingredients = [str(bound) for bound in certificate.ingredients]
    assumed = [text for text in certificate.assumptions if text not in ingredients]
    assumed = assumed if certificate.holds else []
    for name, texts in (("from", ingredients), ("assuming", assumed)):
        lines += [(name if k == 0 else "and", text) for k, text in enumerate(texts)]
    return aligned(lines)


def promise_text(report: Any) -> str:
    """Return a promise report as aligned lines, the verdict first."""
    words = {True: "kept", False: "NOT KEPT", None: "not comparable"}
    if report.kept is None:
        return f"nothing was promised: {report.certificate.reason}"
    head = "the promise was kept" if report.kept else "the promise was NOT kept"
    rows = [
        f"  {line.what}: promised {line.promised:.4g}, was {line.measured:.4g} ({words[line.kept]})"
        for line in report.lines
    ]
    return "\n".join([head, *rows])


def kernel_verdict(kernel: Any) -> str:
    """Return the first line of a tangent kernel."""
    dependent = kernel.n - kernel.rank
    verdict = "independent" if dependent == 0 else f"dependent ({dependent} too many)"
    return f"rank {kernel.rank} of {kernel.n}: the equations are {verdict} to first order"


def kernel_text(kernel: Any) -> str:
    """Return a tangent kernel as aligned lines, the verdict first."""
    return aligned([("", kernel_verdict(kernel)), *kernel_numbers(kernel)])


def kernel_numbers(kernel: Any) -> list[tuple[str, str]]:
    """Return the numbers of a tangent kernel, in words."""
    return [
        ("shape of J", f"{kernel.n} x {kernel.m}"),
        ("sigma_max of J", f"{kernel.sigma_max:.6g}"),
        ("sigma_min of J", f"{kernel.sigma_min:.6g} (rounding error at most {kernel.error:.1e})"),
        ("lambda_max of K", f"{kernel.lambda_max:.6g}"),
        ("lambda_min of K", f"{kernel.lambda_min:.6g}"),
        ("condition of J", f"{kernel.condition:.4g}"),
    ]


SHOWN = 10  # solutions, before the rest is left out


def multistart_verdict(found: Any) -> str:
    """Return the first line of a multistart: what was found, and is it certain that they differ?"""
    count, k = len(found.solutions), len(found.starts)
    text = f"{count} distinct solution{'s' * (count != 1)} from {k} start{'s' * (k != 1)}"
    if found.certified is None:
        return text
    return f"{text}, every two of them certified to differ ({found.certified})"


def multistart_rows(found: Any) -> list[tuple[int, int, str, str]]:
    """Return a row for each of the first solutions: number, starts that led there, |r|, w."""
    shown = zip(found.solutions[:SHOWN], found.counts, strict=False)
    return [
        (j, int(count), f"{one.residual_norm:.1e}", vector(one.w))
        for j, (one, count) in enumerate(shown)
    ]


def multistart_text(found: Any) -> str:
    """Return a multistart as lines: the verdict, its solutions, what became of the starts."""
    lines = [multistart_verdict(found)]
    if found.solutions:
        lines.append(f"{'':>8} {'starts':>7} {'|r|':>8}  w")
    for j, count, norm, w in multistart_rows(found):
        lines.append(f"{j:>8} {count:>7} {norm:>8}  {w}")
    if len(found.solutions) > SHOWN:
        lines.append(f"{'...':>8} and {len(found.solutions) - SHOWN} more")
    lines += [f"{count:>16} starts: {status}" for status, count in found.statuses.items()]
    errors = [one for one in found.outcomes if isinstance(one, Exception)]
    lines += [f"{'the first':>16}: {error}" for error in errors[:1]]
    return "\n".join([*lines, f"{found.nfev:>16} evaluations of F, {found.njev} of J"])
