"""What is known at the point itself: residual, singular values, rows, and a preconditioner?

Everything is widened for rounding, u = 2^-53: F(w) is taken to be evaluated to within
16 u (|J| |w| + |F(w)| + |y|) entry by entry, and an exact J to within 16 u of the length of each of
its rows, or four times what they are seen to scatter beside w (neighbours.py) where that is more:
terms may cancel inside F. A J from differences is compared with one of twice the step: the
truncation error of forward differences is their difference, that of central ones a third of it, and
it is taken twice.
With an exact J the numbers are ASSUMED, else ESTIMATED.

Preconditioning. Multiplying the equations by an invertible A changes neither solutions nor
Gauss-Newton's steps. With K = L L^T, A = L^{-1}, the rows of A J are orthonormal up to rounding:
sigma(A J) = 1 nearly, and |A r| is nearly |J^+ r|, the length of the Gauss-Newton step. Nearly is
not enough: with M the computed A J and e >= |I - M M^T|, sigma_n(M)^2 >= 1 - e, and what separates
M from A J is subtracted. This also proves A invertible. |A| = |A J J^+| <= |A J|/sigma0, and
|A^{-1}| = |J (A J)^+| <= sigma_max/sigma(A J).
"""

import copy
import math
from functools import cached_property
from typing import Any

import numpy as np
from scipy.linalg import lapack, qr

from nlsolve.certificates.arithmetic import SMALLEST
from nlsolve.certificates.constants.neighbours import SAFETY, Neighbours
from nlsolve.certificates.evidence import Ball, Bound, Evidence, FloatArray, Side
from nlsolve.kernel import Spectrum, spectrum, spectrum_of_kernel
from nlsolve.linalg import cholesky

ROUNDOFF = 2.0**-53
EVALUATION = 16.0 * ROUNDOFF
LEAST = 1e-100  # entries of K that neither underflow nor overflow on the way
WELL, DEAR = 1e-6, 50_000  # error of A K A^T up to which A J is not formed, and n m from which
UNRESOLVED = "beside w F does not change as J says, so that its error is unknown"
DIFFERENCES = 4.0  # times the expected relative error of a difference Jacobian


class Point:
    """A point w with the residual r and the Jacobian J there, (n,) and (n, m)."""

    def __init__(self, problem: Any, w: FloatArray, r: FloatArray, J: FloatArray) -> None:
        self.exact = problem.kind == "exact"
        if self.exact:  # the user's jac may use its array again, and then no J would ever change
            J = J.copy()
        self.problem, self.w, self.r, self.J = problem, w, r, J
        self.n, self.m = J.shape
        self.evidence = Evidence.ASSUMED if self.exact else Evidence.ESTIMATED

    @property
    def known(self) -> str:
        """How r and J are known: 'exact' or 'differenced' J, or both 'enclosed'."""
        return "exact" if self.exact else "differenced"

    @cached_property
    def row_errors(self) -> FloatArray:
        """How far each row of J may be from the true one, in norm."""
        if self.exact:
            stated = EVALUATION * self.row_lengths
            return np.maximum(stated, SAFETY * self.neighbours.row_changes())
        errors = DIFFERENCES * self.problem.jacobian_error * self.row_lengths
        if self.problem.kind in ("2-point", "3-point"):
            coarse = copy.copy(self.problem)
            coarse.stretch = 2.0
            errors = errors + 2.0 * np.linalg.norm(coarse.jacobian(self.w, self.r) - self.J, axis=1)
        return np.asarray(errors)

    @cached_property
    def stated_error(self) -> FloatArray:
        """What rounding does to each entry of r where nothing cancels inside F."""
        size = np.abs(self.J) @ np.abs(self.w)
        unit = 8.0 * float(self.problem.precision)  # 16 u in double precision
        error: FloatArray = unit * (size + np.abs(self.r) + 2.0 * np.abs(self.problem.y))
        return error

    @cached_property
    def residual_error(self) -> FloatArray:
        """What rounding may have done to each entry of r; infinite where nothing tells."""
        if not np.isfinite(self.stated_error).all():
            return self.stated_error
        with np.errstate(all="ignore"):  # neighbours may lie where F is not defined
            scatter = self.neighbours.scatter(self.stated_error / SAFETY, self.row_errors)
        wider: FloatArray = np.maximum(self.stated_error, SAFETY * scatter)
        return wider

    @cached_property
    def neighbours(self) -> Neighbours:
        """Points beside w."""
        return Neighbours(self.problem, self.w, self.r, self.J)

    @cached_property
    def row_lengths(self) -> FloatArray:
        """|J_i|."""
        lengths: FloatArray = np.linalg.norm(self.J, axis=1)
        return lengths

    @cached_property
    def sigma_error(self) -> float:
        """What rounding and evaluation may have done to a singular value."""
        return self.spectrum.error + norm(self.row_errors)

    @cached_property
    def K(self) -> FloatArray | None:
        """J J^T for n <= m; None where its entries are not of ordinary size."""
        if self.n > self.m:
            return None
        with np.errstate(over="ignore", invalid="ignore"):
            K: FloatArray = self.J @ self.J.T
        diagonal = K.diagonal()
        return K if diagonal.min() > LEAST and diagonal.max() < 1.0 / LEAST else None

    @cached_property
    def spectrum(self) -> Spectrum:
        """Singular values of J as computed, largest first, and their error."""
        found = None if self.K is None else spectrum_of_kernel(self.K, self.m)
        return found or spectrum(self.J)

    @cached_property
    def steepest(self) -> FloatArray:
        """A unit vector along which F changes about as much as along any, (m,)."""
        x = np.asarray(np.random.default_rng(0).standard_normal(self.n))
        for _ in range(32):
            image = x if self.K is None else self.K @ x
            x = image / norm(image)
        v: FloatArray = self.J.T @ x
        return v / norm(v) if norm(v) > 0.0 else np.full(self.m, 1.0 / math.sqrt(self.m))

    @cached_property
    def sigma_min(self) -> float:
        """Lower bound of the n-th singular value; 0 if m < n."""
        if self.m < self.n:
            return 0.0
        return max(float(self.spectrum.values[-1]) - self.sigma_error, 0.0)

    @cached_property
    def sigma_max(self) -> float:
        """Upper bound of |J|, of a size that theorems take."""
        largest = float(self.spectrum.values[0]) + self.sigma_error
        return max(largest, SMALLEST) if largest > 0.0 else largest

    @cached_property
    def residual_norm(self) -> float:
        """Upper bound of |r|."""
        return norm(self.r) + norm(self.residual_error)

    def bound(
        self, quantity: str, value: float, side: Side, source: str, equations: Any = None
    ) -> Bound:
        """Return a bound that holds at this point."""
        region = Ball(self.w, 0.0, equations)
        return Bound(quantity, float(value), side, region, self.evidence, source)

    @cached_property
    def bounds(self) -> list[Bound]:
        """What is known of F itself."""
        size, error = norm(self.r), norm(self.residual_error)
        how = "singular values of J, widened for rounding"
        widened = "|F(w) - y|, widened for rounding" if error < math.inf else UNRESOLVED
        return [
            self.bound("rho0", size + error, "upper", widened),
            self.bound("rho0", max(size - error, 0.0), "lower", "|F(w) - y|, less rounding"),
            self.bound("sigma0", self.sigma_min, "lower", how),
            self.bound("sigma_max", self.sigma_max, "upper", how),
            self.bound("row_max", self.row_lengths.max() * (1.0 + 1e-8), "upper", "rows of J"),
        ]

    @cached_property
    def column_bounds(self) -> list[Bound]:
        """What PL*_eps needs of a system with n >= m."""
        Q, R = np.linalg.qr(self.J)
        projected = Q.T @ self.r
        sigma = max(float(self.spectrum.values[-1]) - self.sigma_error, 0.0)
        if not sigma > 0.0:
            return [self.bound("sigma_m", 0.0, "lower", "J has no full column rank")]
        rounding = norm(self.residual_error) + 1e-12 * norm(self.r)
        v0 = norm(np.linalg.lstsq(R, projected)[0]) * (1.0 + 1e-6) + rounding / sigma
        tau0 = norm(self.r - Q @ projected) + rounding
        return [
            self.bound("sigma_m", sigma, "lower", "singular values of J, widened for rounding"),
            self.bound("v0", v0, "upper", "|J^+ r|"),
            self.bound("tau0", tau0, "upper", "part of r outside range J"),
        ]

    @cached_property
    def preconditioner(self) -> "Preconditioner | None":
        """A with A J nearly orthonormal; None where J is too near to losing rank."""
        if self.m < self.n or not np.isfinite(self.J).all():
            return None
        found = Preconditioner(self, inverse_factor(self.J, self.K))
        return found if found.sigma > 0.0 else None


class Preconditioner:
    """An invertible A, and what is known of A F at a point."""

    def __init__(self, point: Point, A: FloatArray) -> None:
        self.A, self.point = A, point
        self.sigma, self.largest = 0.0, math.inf
        if np.isfinite(A).all():
            with np.errstate(over="ignore", invalid="ignore"):
                self._measure()

    def _measure(self) -> None:
        """Bound sigma(A J), |A J| and |I - (A J) (A J)^T|.

        With K at hand from A K A^T, whose error is (m + 2 n + 6) u ||A| l|^2 for rows of J of
        length l; where that is too much, from A J.
        """
        n, m, lengths = self.point.n, self.point.m, self.point.row_lengths
        columns = np.linalg.norm(self.A, axis=0)  # |A E| <= sum of |A_i| |E_i|, rows E_i
        apart = float(columns @ self.point.row_errors)
        product = n * ROUNDOFF * float(columns @ lengths)  # error of A J as computed
        e, K = math.inf, self.point.K
        if K is not None and n * m > DEAR:
            e = (m + 2 * n + 6) * ROUNDOFF * norm(np.abs(self.A) @ lengths) ** 2
            e = e + norm(np.eye(n) - self.A @ K @ self.A.T) if e < WELL else math.inf
        if not e < 1.0:
            M, apart = self.rows, apart + product
            e = norm(np.eye(n) - M @ M.T) + 2.0 * (m + 2) * ROUNDOFF * norm(M) ** 2
        self.defect = e
        if e < 1.0 and math.isfinite(apart):
            self.sigma = max(math.sqrt(1.0 - e) - apart, 0.0)
            self.largest = math.sqrt(1.0 + e) + apart + product

    @cached_property
    def rows(self) -> FloatArray:
        """A J as computed."""
        M: FloatArray = self.A @ self.point.J
        return M

    def __getstate__(self) -> dict[str, Any]:
        """Return what marks the equations in a certificate: not the system they are made from."""
        return {"A": self.A, "sigma": self.sigma}

    @property
    def X_size(self) -> float:
        """Upper bound of |X|, X = (A J)^T."""
        return self.largest

    @property
    def size(self) -> float:
        """Upper bound of |A|."""
        return self.largest / self.point.sigma_min if self.point.sigma_min > 0.0 else math.inf

    def residual(self) -> tuple[float, float]:
        """Return |A r| as computed and what rounding may have done to it."""
        r, n = self.point.r, self.point.n
        error = self.point.residual_error + (n + 2) * ROUNDOFF * np.abs(r)
        return norm(self.A @ r), norm(np.abs(self.A) @ error)

    @cached_property
    def bounds(self) -> list[Bound]:
        """What is known of A F."""
        size, error = self.residual()
        back = self.point.sigma_max / self.sigma
        how = "A J nearly orthonormal, I - (A J)(A J)^T measured"

        def bound(quantity: str, value: float, side: Side, source: str) -> Bound:
            return self.point.bound(quantity, value, side, source, self)

        known = [bound("A", self.size, "upper", "|A J| / sigma0")] * (self.size < math.inf)
        return [
            *known,
            bound("rho0", size + error, "upper", "|A r|, widened for rounding"),
            bound("rho0", max(size - error, 0.0), "lower", "|A r|, less rounding"),
            bound("sigma0", self.sigma, "lower", how),
            bound("sigma_max", self.largest, "upper", how),
            bound("A_inverse", back, "upper", "|J| / sigma(A J)"),
        ]


def inverse_factor(J: FloatArray, K: FloatArray | None = None) -> FloatArray:
    """Return A with A J orthonormal: L^{-1} for K = L L^T, or by QR of J^T where that is unsafe."""
    lengths = np.linalg.norm(J, axis=1) if K is None else np.sqrt(K.diagonal())
    lengths[lengths == 0.0] = 1.0
    if K is None:
        unit = J / lengths[:, None]
        K = unit @ unit.T
    else:
        K = K / np.outer(lengths, lengths)
    L, safe = cholesky(K)
    if not safe:
        L = qr((J / lengths[:, None]).T, mode="r", check_finite=False)[0][: J.shape[0]].T
    return _inverse(L, lengths)


def inverse_kernel_factor(K: FloatArray) -> FloatArray:
    """Return L^{-1} for K = L L^T, NaN where that is unsafe."""
    lengths = np.sqrt(K.diagonal())
    lengths[lengths == 0.0] = 1.0
    L, safe = cholesky(K / np.outer(lengths, lengths))
    return _inverse(L, lengths) if safe else np.full_like(K, math.nan)


def _inverse(L: FloatArray, lengths: FloatArray) -> FloatArray:
    """Return the inverse of diag(lengths) L, NaN where L is singular."""
    A, singular = lapack.dtrtri(np.tril(L), lower=1)
    whole: FloatArray = A / lengths if singular == 0 else np.full_like(L, math.nan)
    return whole


def norm(v: Any) -> float:
    """Return the Euclidean (Frobenius) norm."""
    return float(np.linalg.norm(v))
