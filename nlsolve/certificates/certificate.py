"""What is claimed of a point, by which theorem, with which numbers, and how good are they?"""

import math
import os
from dataclasses import dataclass, field, replace
from typing import Any

from nlsolve.certificates.evidence import Bound, Evidence, FloatArray


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class Certificate:
    """The outcome of `certify`: a claim that holds, or the reason why none is made.

    The letters are those of the paper. With ``preconditioned``, `h`, `beta` and the ingredients are
    those of A F, where A makes the rows of A J orthonormal at w; all else is of F itself. Bounds
    are upper or lower ones as their use asks: `ingredients` tells.

    Attributes
    ----------
    holds : bool
        Whether the claim is made.
    evidence : Evidence
        That of the weakest ingredient: ESTIMATED, ASSUMED or PROVED.
    claim : str
        In words, with its numbers.
    theorem : str
    method : str or None
        The method whose convergence is claimed.
    reason : str
        Why it does not hold and what would make it hold; empty where it does.
    assumptions : tuple of str
        What the claim rests on beside its theorem.
    w : (m,) ndarray
        Centre of the ball.
    n, m : int
    preconditioned : bool
    h : float
        beta |r| / sigma^2, the number that decides.
    mu : float
        PL* constant on the ball: 1/2 |grad L|^2 >= mu L, and lambda_min K >= mu.
    beta : float
        Lipschitz constant of J on the ball.
    sigma_min, sigma_max, condition : float
        Of J at w: lower bound, upper bound, and their ratio.
    radius : float
        Everything the claim speaks of happens within this distance of w.
    residual_norm : float
        |F(w) - y|, rounding allowed for.
    step : float or None
        Step size the claim is for.
    batch : int or None
        Equations a step, for sgd.
    rate : float or None
        Guaranteed factor on the loss per step (sgd: on its expectation; Gauss-Newton: in the first
        step, it falls from there); None where none below 1 is guaranteed for every single step.
    distance : (lower, upper)
        An exact solution is within `upper` of w, and none nearer than `lower`.
    probability : float
        With which the claim may fail; 0 but for sgd.
    loss : float or None
        Loss that is reached for certain (pl-star-eps).
    unique_within : float or None
        Radius within which the solution is the only one; None for m > n, where it never is.
    ingredients : tuple of Bound
        Every number used, with side, region, evidence and source.
    box : (lo, hi) or None
        The box that is claimed to hold no solution; None for a ball, of radius `radius`.
    parts : tuple
        How an empty region was cut and why each part is empty (theorem 'exclusion').
    system, y
        What F(w) = y is, where it is known as formulas; else None.
    """

    holds: bool
    evidence: Evidence
    claim: str
    theorem: str
    method: str | None
    reason: str
    assumptions: tuple[str, ...]
    w: FloatArray
    n: int
    m: int
    preconditioned: bool = False
    h: float = math.nan
    mu: float = math.nan
    beta: float = math.nan
    sigma_min: float = math.nan
    sigma_max: float = math.nan
    radius: float = math.inf
    residual_norm: float = math.nan
    step: float | None = None
    batch: int | None = None
    rate: float | None = None
    distance: tuple[float, float] = (0.0, math.inf)
    probability: float = 0.0
    loss: float | None = None
    unique_within: float | None = None
    ingredients: tuple[Bound, ...] = ()
    promise: Any = field(default=None)
    box: tuple[FloatArray, FloatArray] | None = None
    parts: tuple[tuple[Any, ...], ...] = ()
    system: Any = None
    y: FloatArray | None = None

    @property
    def condition(self) -> float:
        """sigma_max / sigma_min of J at w."""
        return self.sigma_max / self.sigma_min if self.sigma_min > 0.0 else math.inf

    def __bool__(self) -> bool:
        return self.holds

    def steps_to(self, tol: float) -> int:
        """Return how many steps take the residual norm to `tol`, for certain.

        For sgd: but for a probability of min(2 delta, (1 + delta)/2), delta that of leaving the
        ball.

        Raises
        ------
        ValueError
            If nothing is certified, no method moves, or `tol` is beyond what is claimed.
        """
        if not tol > 0.0:
            raise ValueError(f"tol must be a positive number, got {tol!r}")
        return int(self._moving().steps_to(tol))

    def envelope(self, count: int) -> list[float]:
        """Return the guaranteed bounds of |r| before steps 0, 1, ..., count - 1.

        For sgd: of the root of the expectation of |r|^2, while inside the ball.
        """
        return list(self._moving().envelope(count))

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write a file that `nlsolve.verify` can check again: equations, point, claim, constants.

        Raises
        ------
        ValueError
            If nothing is certified, or the system is not known as formulas.
        """
        from nlsolve.certificates.record import save

        save(self, self.system, path)

    def resting_on(self, assumption: str) -> "Certificate":
        """Return the same certificate with one more thing it rests on."""
        return replace(self, assumptions=(assumption, *self.assumptions))

    def _moving(self) -> Any:
        if not self.holds:
            raise ValueError(f"nothing is certified: {self.reason}")
        if self.promise is None:
            raise ValueError(f"theorem {self.theorem!r} is about no method's steps")
        return self.promise

    def __repr__(self) -> str:
        from nlsolve.display.text import certificate_text

        return certificate_text(self)

    def _repr_html_(self) -> str:
        from nlsolve.display.html import certificate_html

        return certificate_html(self)
