"""What is known of F = sum over p of F_p(w_p) at a point and on balls, from what its blocks know?

With J = [J_1 ... J_P], each F_p on unknowns of its own:

    r = sum F_p - y,            K = sum K_p,                |J|^2 <= sum |J_p|^2,
    row i of J has the squares of the rows' lengths added, and so has a bound of all rows,
    D^2F[u, v] = sum D^2F_p[u_p, v_p], so that beta = max beta_p and H = max H_p

(by Cauchy-Schwarz, sum |u_p| |v_p| <= |u| |v|). The ball of radius R about w has the balls of
radius R about the w_p for projections. The evidence is that of the weakest block. Where all blocks
can be enclosed (formulas, smooth networks) the sums are of intervals, and all of it is proved.

J itself is nowhere: sigma0 comes from K, by Rump's bound, or, estimated, by eigenvalues where
squaring has not cost too much. Source: C. Liu, L. Zhu, M. Belkin, arXiv 2003.00307, section 4.
"""

import math
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from nlsolve.certificates.arithmetic import outward_up, upper_end
from nlsolve.certificates.constants.network_point import NetworkPoint
from nlsolve.certificates.constants.point import (
    EVALUATION,
    Point,
    Preconditioner,
    inverse_kernel_factor,
    norm,
)
from nlsolve.certificates.constants.supplied import Supplied
from nlsolve.certificates.evidence import Ball, Bound, Evidence, FloatArray, Refusal
from nlsolve.intervals import Interval, matmul
from nlsolve.kernel import Spectrum, spectrum_of_kernel

INNER = 8  # radii at which the change of J is asked for
LARGEST_OF, ROOT_OF_SQUARES = ("beta", "H"), ("L_F", "G")


class Part(NamedTuple):
    """What a block knows of itself at a point.

    Attributes
    ----------
    evidence : Evidence
    values, kernel : Interval or ndarray
        F_p and K_p: intervals where they are enclosed.
    lengths, row_errors, errors : (n,) ndarray or None
        |rows of J_p|, how wrong they may be, and F_p; where nothing is enclosed.
    """

    evidence: Evidence
    values: Any
    kernel: Any
    lengths: Any = None
    row_errors: Any = None
    errors: Any = None


def part_of(point: Point) -> Part:
    """Return what a block's own point says."""
    if isinstance(point, NetworkPoint):
        return Part(point.evidence, point.residual, point.enclosed_kernel)
    if point.evidence is Evidence.PROVED:
        J = point.jacobian  # type: ignore[attr-defined]
        return Part(point.evidence, point.residual, matmul(J, J.T))  # type: ignore[attr-defined]
    K = point.J @ point.J.T
    own = point.row_lengths, point.row_errors, point.residual_error
    return Part(point.evidence, point.r, K, *own)


class ProvedSum(NetworkPoint):
    """A point whose residual and tangent kernel are sums of enclosures."""

    def __init__(self, problem: Any, w: Any, r: FloatArray, J: Any, parts: list[Part]) -> None:
        self.problem, self.w, self.r, self.J = problem, w, r, J
        self.n, self.m = problem.n, problem.m
        self.exact, self.evidence = True, Evidence.PROVED
        self.residual = _sum([part.values for part in parts]) - Interval(problem.y)
        self.enclosed_kernel = _sum([part.kernel for part in parts])


class EvaluatedSum(Point):
    """A point whose residual and tangent kernel are sums of what blocks have evaluated."""

    def __init__(self, problem: Any, w: Any, r: FloatArray, J: Any, parts: list[Part]) -> None:
        self.problem, self.w, self.r, self.J = problem, w, r, J
        self.n, self.m = problem.n, problem.m
        self.evidence = min(part.evidence for part in parts)
        self.exact = self.evidence is not Evidence.ESTIMATED
        self.parts = parts
        if spectrum_of_kernel(self.K, self.m) is None:
            raise Refusal("K is too ill-conditioned to tell the singular values of J from")

    @cached_property
    def K(self) -> FloatArray:
        """Sum of the K_p."""
        K: FloatArray = _sum([part.kernel for part in self.parts])
        return K

    @cached_property
    def spectrum(self) -> Spectrum:
        """Singular values of J, from K."""
        found = spectrum_of_kernel(self.K, self.m)
        assert found is not None
        return found

    @cached_property
    def row_lengths(self) -> FloatArray:
        """|J_i|."""
        return _root([part.lengths for part in self.parts])

    @cached_property
    def row_errors(self) -> FloatArray:
        """How far each row of J may be from the true one."""
        return _root([part.row_errors for part in self.parts])

    @cached_property
    def residual_error(self) -> FloatArray:
        """What rounding may have done to each entry of r, in the blocks and in their sum."""
        sizes = _sum([np.abs(part.values) for part in self.parts]) + np.abs(self.problem.y)
        error: FloatArray = _sum([part.errors for part in self.parts])
        return error + EVALUATION * len(self.parts) * sizes  # type: ignore[no-any-return]

    @cached_property
    def preconditioner(self) -> "SumPreconditioner | None":
        """A with A J nearly orthonormal; None where K does not tell."""
        found = SumPreconditioner(self, inverse_kernel_factor(self.K))
        return found if found.sigma > 0.0 else None


def summed(problem: Any, w: Any, r: FloatArray, J: Any, parts: list[Part]) -> Point:
    """Return the point made of what the blocks know: proved where all of them prove."""
    proved = all(part.evidence is Evidence.PROVED for part in parts)
    return (ProvedSum if proved else EvaluatedSum)(problem, w, r, J, parts)


class SumPreconditioner(Preconditioner):
    """An invertible A, and what K says of A F."""

    def _measure(self) -> None:
        """Bound sigma(A J), |A J| and |I - A K A^T|, as point.py does where K is at hand."""
        point, unit = self.point, 2.0**-53
        scale = norm(np.abs(self.A) @ point.row_lengths)
        e = (point.m + 2 * point.n + 6) * unit * scale**2
        assert point.K is not None
        e += norm(np.eye(point.n) - self.A @ point.K @ self.A.T)
        apart = float(np.linalg.norm(self.A, axis=0) @ point.row_errors)
        self.defect = e
        if e < 1.0 and math.isfinite(apart):
            self.sigma = max(math.sqrt(1.0 - e) - apart, 0.0)
            self.largest = math.sqrt(1.0 + e) + apart


class BlockBounds:
    """Bounds on balls about a point, from those of the blocks."""

    given, varies, lazy = False, True, False

    def __init__(self, point: Any, smallest_radius: float) -> None:
        self.point, self.smallest_radius = point, smallest_radius
        self._known: dict[float, list[list[Bound]]] = {}

    def bounds(self, ball: Ball) -> list[Bound]:
        """Return beta, and of F itself H, L_F and G, on a ball."""
        blocks = self._of_blocks(ball.radius)
        found = [_combined(name, blocks, ball) for name in (*LARGEST_OF, *ROOT_OF_SQUARES)]
        if ball.equations is None:
            return [bound for bound in found if bound is not None]
        beta = found[0]
        assert beta is not None
        size = ball.equations.size
        value = beta.value * (Interval(size) if isinstance(beta.value, Interval) else size)
        how = f"|A| times beta: {beta.source}"
        return [Bound("beta", _up(value), "upper", ball, beta.evidence, how)]

    def changes(self, ball: Ball) -> list[Bound]:
        """Return Delta(s) <= beta(s) s at eight radii."""
        found = []
        for k in range(1, INNER + 1):
            inner = Ball(ball.centre, ball.radius * k / INNER, ball.equations)
            beta = self.bounds(inner)[0]
            change = _up(beta.value * inner.radius)
            how = f"beta s: {beta.source}"
            found.append(Bound("Delta", change, "upper", inner, beta.evidence, how))
        return found

    def contraction(self, ball: Ball) -> Bound:
        """Refuse: X would have as many entries as J."""
        raise Refusal("of blocks no right inverse is formed: ask for theorem='existence'")

    def _of_blocks(self, radius: float) -> list[list[Bound]]:
        """Return what each block knows on a ball of a radius about its part of w."""
        if radius not in self._known:
            w = self.point.w
            self._known[radius] = w.ledger.ask("on_ball", (w.handle,), w.handle.key, radius)
        return self._known[radius]


class SuppliedOnBlocks(Supplied):
    """What the user gave, which is not compared with samples of J: it is in no one place."""

    def _check(self, beta: float, radius: float) -> None:
        """Compare with nothing."""


def _combined(quantity: str, blocks: list[list[Bound]], ball: Ball) -> Bound | None:
    """Return a bound of the whole from those of the blocks; None where one has none."""
    own = [next((b for b in known if b.quantity == quantity), None) for known in blocks]
    known = [bound for bound in own if bound is not None]
    if len(known) < len(own):
        return None
    evidence = min(bound.evidence for bound in known)
    values = [upper_end(bound.value) for bound in known]
    if quantity in LARGEST_OF:
        value, how = max(values), "largest of the blocks'"
    else:
        squares = sum((Interval(v) ** 2 for v in values), start=Interval(0.0))
        value = float(np.nextafter(math.sqrt(upper_end(squares)), np.inf))
        how = "root of the sum of the blocks' squares"
    number = Interval(value) if evidence is Evidence.PROVED else value
    return Bound(quantity, number, "upper", ball, evidence, f"{how}: {known[0].source}")


def _up(value: Any) -> Any:
    """Return a product as a safe upper bound, in the arithmetic of its factors."""
    return Interval(upper_end(value)) if isinstance(value, Interval) else outward_up(value)


def _sum(terms: list[Any]) -> Any:
    found = terms[0]
    for term in terms[1:]:
        found = found + term
    return found


def _root(terms: list[FloatArray]) -> FloatArray:
    squares: FloatArray = _sum([term**2 for term in terms])
    return np.sqrt(squares) * (1.0 + 1e-15 * len(terms))
