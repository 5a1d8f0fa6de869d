"""What comes back from a solve, and what do its outcomes mean?

`success` says one thing: the residual is small. A point where the loss is stationary but the
residual is not small has a Status of its own, and the message holds the numbers that show it.
"""

import enum
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.optimize import OptimizeResult

FloatArray = npt.NDArray[np.float64]


class Status(enum.Enum):
    """Outcomes; the value of each is the sentence that is shown."""

    ROOT = "root: the residual is below the tolerance"
    ROOT_TO_ROUNDING = "root to rounding: every equation is at its rounding floor"
    STATIONARY = (
        "stationary but not a root: the gradient of the loss vanishes, the residual does not"
    )
    LEAST_SQUARES = "least-squares minimum, not a root"
    STALLED = "stalled: steps no longer change the residual, and this is not a root"
    MAX_ITER = "iteration limit reached"
    MAX_NFEV = "evaluation limit reached"
    MAX_TIME = "time limit reached"
    CALLBACK = "stopped by callback"
    DIVERGED = "diverged: the unknowns grew without bound"
    NON_FINITE = "non-finite values: the residual overflowed or became NaN"
    INTERRUPTED = "interrupted"

    @property
    def success(self) -> bool:
        """Whether the residual is small."""
        return self in (Status.ROOT, Status.ROOT_TO_ROUNDING)


class SolveError(RuntimeError):
    """Raised by `SolveResult.raise_if_failed`; `result` holds the result."""

    def __init__(self, result: "SolveResult") -> None:
        super().__init__(result.message)
        self.result = result

    def __reduce__(self) -> Any:
        return SolveError, (self.result,)


class History:
    """Scalars of every iteration; entry 0 is the start, a stage's new beginning has an entry too.

    Attributes
    ----------
    residual_norm : (k,) ndarray
        |r|.
    step : (k,) ndarray
        Length of the step that led there.
    distance : (k,) ndarray
        |w - w0|.
    path_length : (k,) ndarray
        Sum of the steps.
    sigma_min : (k,) ndarray
        Upper bound, from the factorisation of the tangent kernel, of the smallest singular value of
        J there, usually sharp; NaN where it was not a by-product of the step.
    """

    fields = ("residual_norm", "step", "distance", "path_length", "sigma_min")

    def __init__(self, tables: list[FloatArray]) -> None:
        self._tables = tables

    @property
    def table(self) -> FloatArray:
        """All entries, a row each; columns in the order of the attributes."""
        if len(self._tables) > 1:
            self._tables = [np.concatenate(self._tables)]
        return self._tables[0]

    residual_norm = property(lambda self: self.table[:, 0])
    step = property(lambda self: self.table[:, 1])
    distance = property(lambda self: self.table[:, 2])
    path_length = property(lambda self: self.table[:, 3])
    sigma_min = property(lambda self: self.table[:, 4])

    def __len__(self) -> int:
        return int(self.table.shape[0])

    def __repr__(self) -> str:
        first, last = self.residual_norm[0], self.residual_norm[-1]
        return f"History({len(self)} entries, |r| from {first:.3g} to {last:.3g})"


class SolveResult(OptimizeResult):
    """The outcome of `solve`: a scipy OptimizeResult with `w` beside `x`.

    Attributes
    ----------
    w, x : (m,) ndarray
        The point returned: the root, or the best point seen.
    fun : (n,) ndarray
        Residual F(w) - y there.
    jac : (n, m) ndarray or None
        Jacobian there; None where the method needed products with it only.
    cost : float
        |r|^2 / 2.
    grad : (m,) ndarray
        J^T r.
    optimality : float
        Largest entry of |grad|.
    residual_norm : float
        |r|.
    success : bool
        Whether the residual is small; nothing else.
    status : Status
    message : str
        The status with the number that caused it.
    method : str
    lane : str
        'compiled' or 'interpreted'.
    stages : list of str
        Methods that were run, in order.
    nfev, njev, nit : int
        Evaluations of F (points of differences included) and of J; iterations.
    history : History
        Scalars of every iteration.
    path : (k, m) ndarray or None
        The iterates, with ``store_path=True``.
    state : State
        Give it to ``solve(..., state=...)`` to go on.

    Notes
    -----
    Results can be pickled.
    """

    w: FloatArray
    fun: FloatArray
    jac: FloatArray | None
    cost: float
    grad: FloatArray
    optimality: float
    residual_norm: float
    success: bool
    status: Status
    message: str
    method: str
    lane: str
    stages: list[str]
    nfev: int
    njev: int
    nit: int
    history: History
    path: FloatArray | None
    state: Any

    def raise_if_failed(self) -> "SolveResult":
        """Return the result itself, or raise SolveError with its message."""
        if not self.success:
            raise SolveError(self)
        return self

    def __repr__(self) -> str:
        from nlsolve.display.text import result_text

        complete = {"w", "fun", "message", "history"} <= set(self)
        return result_text(self) if complete else super().__repr__()

    __str__ = __repr__
