"""Was a promise kept, and since when could one have been made? Both from the history of a run.

certified_from. At iterate k nothing is left but scalars: |r_k|, the step |w_{k+1} - w_k| and the
path still to go, t_k. All constants are taken at the point returned, w, on a ball that reaches back
far enough. For a full Gauss-Newton step, with A that of w: by Weyl sigma(A J(w_k)) >= s_k :=
sigma(A J(w)) - beta_A t_k. With A_k, the preconditioner w_k itself would have, sigma = 1 and
|A_k r_k| = |J_k^+ r_k| is the step's length d_k, and beta_{A_k} <= beta_A |A_k A^{-1}| = beta_A /
sigma(A J(w_k)). So theorem GN holds at w_k if h_k = beta_A d_k / s_k < 1/2, for beta_A on a ball
about w that contains B(w_k, R*_k), so of radius t_k + 2 d_k. No iterate needs to be kept, and all
is on the right side.

For gradient descent: theorem GD at w_k with sigma - beta t_k, sigma_max + beta t_k and |r_k|.
"""

import math
from typing import Any, NamedTuple

import numpy as np

from nlsolve.certificates.arithmetic import certainly_less, outward_up
from nlsolve.certificates.certificate import Certificate
from nlsolve.certificates.constants.point import Point
from nlsolve.certificates.constants.supplied import Source
from nlsolve.certificates.evidence import Ball, Bound, FloatArray, Ingredients, Refusal
from nlsolve.certificates.theorems import gradient_descent

ROUNDING = 1e-9  # relative: theorems speak of exact arithmetic


class Line(NamedTuple):
    """One promise: how much, what came, and whether it was kept (None: cannot be told)."""

    what: str
    promised: float
    measured: float
    kept: bool | None


class PromiseReport(NamedTuple):
    """What `check_promise` found: one line each for contraction, distance and smallest eigenvalue.

    Attributes
    ----------
    kept : bool or None
        Whether all was kept; None where nothing was promised.
    lines : tuple of Line
        what, promised, measured, kept.
    certificate : Certificate
        The promise.
    """

    kept: bool | None
    lines: tuple[Line, ...]
    certificate: Certificate

    def __repr__(self) -> str:
        from nlsolve.display.text import promise_text

        return promise_text(self)


def check(
    certificate: Certificate, history: Any, rounding: float, per_row: int = 1
) -> PromiseReport:
    """Compare a run with the promise made at its start.

    Parameters
    ----------
    certificate : Certificate
        At the point where the history begins.
    history : History
        Of the run.
    rounding : float
        Size of residual norm below which rounding rules.
    per_row : int
        Steps between two entries of the history (sgd: those of an epoch).
    """
    if not certificate.holds:
        return PromiseReport(None, (), certificate)
    lines = (
        _contraction(certificate, history.residual_norm, rounding, per_row),
        _distance(certificate, history),
        _eigenvalue(certificate, history),
    )
    kept = all(line.kept is not False for line in lines)
    return PromiseReport(kept, lines, certificate)


def _contraction(
    certificate: Certificate, norms: FloatArray, rounding: float, per_row: int
) -> Line:
    """Compare |r_k| with the envelope; the line shows where it came nearest to it."""
    if certificate.promise is None:
        return Line("residual norm (no method is promised for)", math.nan, float(norms[-1]), None)
    allowed = envelope(certificate, norms.size, per_row) * (1.0 + ROUNDING) + rounding
    if certificate.method == "sgd":
        return Line("last residual norm (promised: root of E|r|^2)", allowed[-1], norms[-1], None)
    k = int(np.argmax(norms / allowed))
    what = f"residual norm, after {k} of {norms.size - 1} steps"
    return Line(what, float(allowed[k]), float(norms[k]), bool((norms <= allowed).all()))


def envelope(certificate: Certificate, rows: int, per_row: int) -> FloatArray:
    """Return the bounds of |r| at so many entries of a history, `per_row` steps apart."""
    return np.array(certificate.envelope((rows - 1) * per_row + 1)[::per_row])


def _distance(certificate: Certificate, history: Any) -> Line:
    whole = history.distance[0] == 0.0  # else a continued run: its path is longer than the way
    path = history.path_length - history.path_length[0]
    measured = float((history.distance if whole else path).max())
    allowed = certificate.radius * (1.0 + ROUNDING) + 1e-15 * float(
        np.linalg.norm(certificate.w, np.inf)
    )
    kept: bool | None = measured <= allowed
    if certificate.method is None or (certificate.method == "sgd" and not kept):
        kept = None  # nothing is said of the path; or it may, with the probability stated
    return Line("distance from the start", certificate.radius, measured, kept)


def _eigenvalue(certificate: Certificate, history: Any) -> Line:
    """Compare mu with the PL ratios, or with the kernel's smallest eigenvalues, on the way."""
    ratios = history.pl_ratio[history.residual_norm > 0.0]
    known, what = ratios[np.isfinite(ratios)], "PL ratio |grad L|^2 / (2 L), smallest"
    if known.size == 0:
        known = history.lambda_min
        known, what = known[np.isfinite(known)], "lambda_min of the tangent kernel, smallest"
    if known.size == 0:
        return Line(f"{what} (not in the history)", certificate.mu, math.nan, None)
    least = float(known.min())
    kept = None if certificate.method is None else least >= certificate.mu * (1.0 - ROUNDING)
    return Line(what, certificate.mu, least, kept)


def certified_from(
    point: Point, source: Source, history: Any, first: int, method: str, step: float | None
) -> int | None:
    """Return the first row of the history from which convergence was guaranteed.

    Rows before `first` belong to other iterations. The last row counts if the point itself is
    certified; None if not even that.
    """
    holds = _newton_at if method == "gauss-newton" else _descent_at
    known: dict[float, list[Bound]] = {}
    path, found = history.path_length, None
    for k in range(len(history) - 1, first - 1, -1):
        ahead = float(path[-1] - path[k])
        d = float(history.step[k + 1]) if k + 1 < len(history) else 0.0
        try:
            if not holds(
                point, source, known, Row(ahead, d, float(history.residual_norm[k]), step)
            ):
                break
        except Refusal:
            break
        found = k
    return found


class Row(NamedTuple):
    """An iterate as its scalars: path still to go, length of its step, |r|, constant step size."""

    ahead: float
    d: float
    residual_norm: float
    step: float | None


def _bounds(
    point: Point, source: Source, known: dict[float, list[Bound]], radius: float, equations: Any
) -> tuple[Ball, list[Bound]]:
    """Return a ball of at least `radius`, of few sizes in all, and what is known on it."""
    least = max(source.smallest_radius, 1e-8 * (1.0 + float(np.linalg.norm(point.w, np.inf))))
    size = least * 4.0 ** max(0, math.ceil(math.log(max(radius / least, 1e-9), 4.0)))
    ball = Ball(point.w, size, equations)
    if size not in known:
        known[size] = source.bounds(ball)
    return ball, known[size]


def _newton_at(point: Point, source: Source, known: dict[float, list[Bound]], row: Row) -> bool:
    made = point.preconditioner
    if made is None:
        return False
    d = row.d if row.d > 0.0 else sum(made.residual()) / made.sigma
    ball, bounds = _bounds(point, source, known, row.ahead + 2.0 * d, made)
    given = Ingredients([*made.bounds, *bounds], ball, point.n, point.m)
    beta, sigma = given.upper("beta"), given.lower("sigma0")
    shrunk = sigma - outward_up(beta * row.ahead)
    # a computed step is the exact one up to what rounding does to it
    rounded = d * (1.0 + 1e-6)
    return certainly_less(0.0, shrunk) and certainly_less(2.0 * beta * rounded, shrunk)


def _descent_at(point: Point, source: Source, known: dict[float, list[Bound]], row: Row) -> bool:
    rho0 = row.residual_norm + float(np.linalg.norm(point.residual_error))
    if not point.sigma_min > 0.0:
        return False
    radius = row.ahead + 8.0 * rho0 / point.sigma_min
    ball, bounds = _bounds(point, source, known, radius, None)
    beta = Ingredients(bounds, ball, point.n, point.m).upper("beta")
    moved = [b for b in bounds if b.quantity == "beta"]
    change = outward_up(beta * row.ahead)
    moved += [
        point.bound("rho0", rho0, "upper", "history"),
        point.bound("sigma0", max(point.sigma_min - change, 0.0), "lower", "Weyl"),
        point.bound("sigma_max", point.sigma_max + change, "upper", "Weyl"),
    ]
    given = Ingredients(moved, Ball(point.w, ball.radius - row.ahead), point.n, point.m)
    return gradient_descent.conclude(given, step=row.step).holds
