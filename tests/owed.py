"""Where must a theorem hold, and where must it not, by its inequality with the known constants?

Written from the inequalities alone, without nlsolve, so that "no claim was ever violated" cannot be
had by claiming nothing. Three answers: True where the inequality holds beyond the margin, False
where it does not hold, None between the two. The margin of a comparison is 1e-9 of the larger side,
and every published number is moved by as much; each theorem here adds up those it meets.

Rounding, as nlsolve states it, with u = 2^-53: F(w) is within 16 u (|J| |w| + |F| + |y|), entry by
entry, J within 16 u of the length of its rows, and a singular value within the error of
nlsolve.kernel. Twice that is allowed for here: nlsolve widens by it, and what it computes may be
off by it. r itself is evaluated in extended precision.
"""

from functools import cached_property

import numpy as np

from tests.zoo.known_constants import Known

u = 2.0**-53
EXTENDED_SHARE = float(np.finfo(np.longdouble).eps) * 2.0**52  # of double's roundoff
MARGIN = 1e-9
GRID = np.geomspace(1e-3, 1.0, 400)


def residual(known: Known, w: np.ndarray) -> np.ndarray:
    """F(w) - y, evaluated in extended precision."""
    return np.asarray(known.F(w.astype(np.longdouble)) - known.y).astype(float)


def evaluation_error(known: Known, w: np.ndarray, r: np.ndarray, J: np.ndarray) -> float:
    """Norm of what rounding does to F(w) - y; |F| <= |r| + |y|."""
    entries = np.abs(J) @ np.abs(w) + np.abs(r) + 2.0 * np.abs(known.y)
    return 16.0 * u * float(np.linalg.norm(entries))


def singular_error(J: np.ndarray) -> float:
    """What rounding does to a singular value of J found by an SVD of J."""
    return (10.0 * sum(J.shape) + 16.0) * u * float(np.linalg.norm(J))


class Facts:
    """A system at its start: residual, singular values and what is stated of their rounding."""

    def __init__(self, known: Known) -> None:
        self.known, self.n, self.m = known, known.n, known.m
        self.J = known.jac(known.w0)
        self.r = residual(known, known.w0)
        self.U, self.s, self.V = np.linalg.svd(self.J, full_matrices=False)
        self.rho0, self.sigma0 = float(np.linalg.norm(self.r)), float(self.s[-1])
        self.sigma_max = float(self.s[0])
        self.row_max = float(np.linalg.norm(self.J, axis=1).max())
        self.d = self.rho0 / self.sigma0
        self.newton = float(np.linalg.norm((self.U.T @ self.r) / self.s))  # |J^+ r|
        self.residual_error = evaluation_error(known, known.w0, self.r, self.J)

    def beta(self, radius: float) -> float:
        return self.known.lipschitz(self.known.w0, radius)

    @cached_property
    def constant(self) -> bool:
        """Whether beta is the same on every ball."""
        return self.beta(self.d) == self.beta(4.0 * self.d)

    @property
    def h(self) -> float:
        """On the ball of radius 2 d, the smallest that contains every ball of existence."""
        return self.beta(2.0 * self.d) * self.rho0 / self.sigma0**2

    @cached_property
    def sigma_error(self) -> float:
        """Of a singular value: by the square root of J J^T where that is safe, else by the SVD."""
        e = (self.m + 10.0 * self.n) * u * float(np.sum(self.s**2))
        of_rows = 16.0 * u * float(np.linalg.norm(self.J))
        if e < 1e-6 * self.sigma0**2:
            return e / (2.0 * np.sqrt(self.sigma0**2 - e)) + u * self.sigma_max + of_rows
        return singular_error(self.J)

    @property
    def worst(self) -> tuple[float, float, float]:
        """sigma0, sigma_max and rho0 as nlsolve may see them at worst."""
        sigma0 = max(self.sigma0 - 2.0 * self.sigma_error, 0.0)
        rho0 = self.rho0 + 2.0 * self.residual_error
        return sigma0, self.sigma_max + 2.0 * self.sigma_error, rho0

    def preconditioned(self) -> tuple[float, float] | None:
        """Return |A r| as nlsolve may see it at worst and the least sigma(A J); A = L^{-1}."""
        unit = self.J / np.linalg.norm(self.J, axis=1, keepdims=True)
        try:
            A = np.linalg.inv(np.linalg.cholesky(unit @ unit.T))
        except np.linalg.LinAlgError:
            return None
        M, size, n = A @ unit, float(np.linalg.norm(A)), self.n
        defect = np.linalg.norm(np.eye(n) - M @ M.T) + 2.0 * (self.m + 2) * u * n * 4.0
        apart = size * (n**1.5 + 16.0) * u
        if not defect < 0.1:
            return None
        lengths = np.linalg.norm(self.J, axis=1)
        rounding = 2.0 * np.linalg.norm(np.abs(A / lengths) @ self._entry_errors())
        worst_sigma = np.sqrt(1.0 - 3.0 * defect) - 2.0 * apart
        return self.newton * (1.0 + 3.0 * defect) + float(rounding), float(worst_sigma)

    def _entry_errors(self) -> np.ndarray:
        w, y = np.abs(self.known.w0), np.abs(self.known.y)
        entries = 16.0 * u * (np.abs(self.J) @ w + np.abs(self.r) + 2.0 * y)
        return entries + (self.n + 2) * u * np.abs(self.r)


def flow(facts: Facts, margins: float) -> bool | None:
    """Theorems E, GN, GD on A F = F: h < 1/2, on the ball of radius 2 d or on a smaller one."""
    sigma0, _, rho0 = facts.worst
    if sigma0 > 0.0 and facts.beta(2.00001 * rho0 / sigma0) * rho0 / sigma0**2 < 0.5 - margins:
        return True
    if facts.constant:
        return False if facts.h > 0.5 * (1.0 + 2.0 * facts.sigma_error / facts.sigma0) else None
    never = never_zero(facts, facts.rho0, facts.sigma0, 1.0, 0.0)
    return False if never else None


def never_zero(facts: Facts, rho: float, sigma: float, scale: float, slack: float) -> bool:
    """Whether rho - sigma R + scale beta(R) R^2 / 2 > slack R for all R to be thought of."""
    R = rho / sigma * np.linspace(1.0, 4.0, 101)
    betas = scale * np.array([facts.beta(float(radius)) for radius in R])
    return bool((rho - sigma * R + 0.5 * betas * R**2 > slack * R).all())


def existence(facts: Facts) -> bool | None:
    """2 h < 1 with h moved up and the comparison's margin."""
    return flow(facts, 1.1 * MARGIN)


def gradient_descent(facts: Facts) -> bool | None:
    """As existence; theta at least (1 - 2 h)/96 adds to the margin."""
    return flow(facts, 2.5 * MARGIN)


def curvature(facts: Facts) -> tuple[float, float]:
    """beta_A |A r| and |A| beta at worst, on the ball of radius 2 |A r|; infinite if unknown."""
    worst = facts.preconditioned()
    sigma0 = facts.worst[0]
    if worst is None or not sigma0 > 0.0:
        return np.inf, np.inf
    step, sigma = worst
    beta = facts.beta(2.00001 * step / sigma) / sigma0 * (2.0 - sigma) / sigma**2
    return beta * step, beta


def existence_either(facts: Facts) -> bool | None:
    """On A F or F; h of A F is at least beta |J^+ r| / sigma0."""
    if existence(facts) or curvature(facts)[0] < 0.5 - 2.0 * MARGIN:
        return True
    if existence(facts) is None:
        return None
    return False if never_zero(facts, facts.newton, 1.0, 1.0 / facts.sigma0, 1e-6) else None


def right_inverse(facts: Facts) -> bool | None:
    """(1 - q) R >= |A r| with q = beta_A R and R = 2 |A r|."""
    return True if curvature(facts)[0] < 0.25 * (1.0 - 1e-5) else None


def existence_delta(facts: Facts) -> bool | None:
    """Sixteen stairs below the integral of sigma0 - beta s over 0..2 d reach rho0."""
    sigma0, _, rho0 = facts.worst
    stair = 2.0 * rho0 / sigma0 / 16.0 if sigma0 > 0.0 else np.inf
    radii = stair * np.arange(1, 17)
    slopes = np.array([sigma0 - facts.beta(float(s) * 1.00001) * s for s in radii])
    reached = np.cumsum(slopes) * stair
    return True if bool((reached[slopes > 0.0] > rho0 * (1.0 + 1e-5)).any()) else None


def conditioning(facts: Facts, radius: float) -> bool | None:
    """Beta R < sigma0."""
    change = facts.beta(radius) * radius
    if change * (1.0 + 3.0 * MARGIN) < facts.worst[0]:
        return True
    return False if change >= facts.sigma0 + facts.sigma_error else None


def liu_zhu_belkin_kernel(facts: Facts, radius: float) -> bool | None:
    """2 L_F sqrt(n) R max|H_i| < lambda0 with L_F = sigma_max + beta R and |H_i| <= beta."""
    sigma0, top, _ = facts.worst
    beta = facts.beta(radius)
    loss = 2.0 * (top + beta * radius) * np.sqrt(facts.n) * radius * beta
    if loss * (1.0 + 5.0 * MARGIN) < sigma0**2:
        return True
    return False if loss > facts.sigma0**2 * (1.0 + 1e-6) else None


def least_share(facts: Facts, needed) -> float:
    """Return the smallest needed(R, mu, L_F, beta, rho0) / R over balls with mu > 0."""
    sigma0, top, rho0 = facts.worst
    if not sigma0 > 0.0:
        return np.inf
    reach = sigma0 / facts.beta(facts.d) if facts.constant else 4096.0 * facts.d
    shares = []
    for radius in reach * GRID:
        beta = facts.beta(float(radius))
        least = sigma0 - beta * radius
        if least > 0.0:
            shares.append(needed(radius, least**2, top + beta * radius, beta, rho0) / radius)
    return min(shares, default=np.inf)


def from_share(share: float, grids: float) -> bool | None:
    """True where the share is below 1 by what two grids may differ."""
    if share < 1.0 - grids:
        return True
    return False if share > 1.0 + grids else None


def liu_zhu_belkin_gd(facts: Facts) -> bool | None:
    """R >= 2 L_F rho0/mu for some R."""
    share = least_share(facts, lambda R, mu, slope, beta, rho0: 2.0 * slope * rho0 / mu)
    return from_share(share, 0.02 if facts.constant else 0.5)


def stochastic(facts: Facts, batch: int) -> bool | None:
    """2 n rho0 sqrt(C)/(mu b R) < 1 for some R, with G <= row_max + beta R."""
    n, b = facts.n, batch

    def path(R, mu, slope, beta, rho0):
        C = b / n * (facts.row_max + beta * R) ** 2 + b * (b - 1) / n**2 * slope**2
        return 2.0 * n * rho0 * np.sqrt(C) / (mu * b)

    return from_share(least_share(facts, path), 0.01 if facts.constant else 0.5)


def liu_zhu_belkin_sgd(facts: Facts, batch: int) -> bool | None:
    """2 n sqrt(beta_l) rho0/(mu R) < 1 for some R, beta_l = G^2 + (rho0 + G R) beta."""

    def path(R, mu, slope, beta, rho0):
        row = facts.row_max + beta * R
        return 2.0 * facts.n * np.sqrt(row**2 + (rho0 + row * R) * beta) * rho0 / mu

    return from_share(least_share(facts, path), 0.01 if facts.constant else 0.5)
