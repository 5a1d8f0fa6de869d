"""What comes back from a solve, and what do its outcomes mean?

`success` says one thing: the residual is small. A point where the loss is stationary but the
residual is not small has a Status of its own, and the message holds the numbers that show it.
"""

import enum
import math
import pickle
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.optimize import OptimizeResult
from scipy.sparse.linalg import LinearOperator

if TYPE_CHECKING:
    from nlsolve.certificates.certificate import Certificate
    from nlsolve.certificates.promise import PromiseReport
    from nlsolve.display.plots.overview import Overview
    from nlsolve.explore.sensitivity import Sensitivity

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
    EVALUATION_ERROR = "evaluation error: F or a derivative raised, or returned what it must not"

    @property
    def code(self) -> int:
        """Its number, for arrays and compiled code: 0 and 1 are roots, all others are not."""
        return list(Status).index(self)

    @classmethod
    def from_code(cls, code: int) -> "Status":
        """Return the status a number stands for."""
        return list(cls)[code]

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
    lambda_min : (k,) ndarray
        Its square: the smallest eigenvalue of the tangent kernel.
    pl_ratio : (k,) ndarray
        |grad L|^2 / (2 L), the mu with which PL* holds at that point, between the extreme
        eigenvalues of the tangent kernel; NaN where the step needed no gradient.
    """

    fields = ("residual_norm", "step", "distance", "path_length", "sigma_min", "pl_ratio")

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
    lambda_min = property(lambda self: self.table[:, 4] ** 2)
    pl_ratio = property(lambda self: self.table[:, 5])

    def until(self, row: int | None) -> "History":
        """Return the entries before a row; all of them where it is None."""
        return History([self.table[:row]])

    def __len__(self) -> int:
        return int(self.table.shape[0])

    def __repr__(self) -> str:
        first, last = self.residual_norm[0], self.residual_norm[-1]
        return f"History({len(self)} entries, |r| from {first:.3g} to {last:.3g})"


class Made(NamedTuple):
    """What a result remembers of its run, for certificates that are computed when first read.

    Problem, first point, method and its options in the user's words, what certificates are asked,
    the row of the history where the last stage began, that stage, how many rows are its own if it
    was led on to another root, the sizes of the unknowns in whose units it moved, and the |r| below
    which it took a point for a root.
    """

    problem: Any
    start: FloatArray
    method: str
    options: dict[str, Any]
    asked: Any
    begun: int
    stage: Any
    steered: int | None = None
    scale: Any = 1.0
    tol: float = math.nan


class SolveResult(OptimizeResult):
    """The outcome of `solve`: a scipy OptimizeResult with `w` beside `x`.

    Attributes
    ----------
    w, x : (m,) ndarray
        The point returned: the root, or the best point seen.
    fun : (n,) ndarray
        Residual F(w) - y there.
    jac : (n, m) ndarray, sparse array, LinearOperator or None
        Jacobian there; None where the method needed products with it only.
    cost : float
        |r|^2 / 2.
    grad : (m,) ndarray
        J^T r.
    optimality : float
        Largest entry of |grad|; with bounds each by the part of a move that they leave room for.
    active_mask : (m,) ndarray
        -1 for unknowns at their lower bound, 1 for those at their upper one, else 0.
    residual_norm : float
        |r|.
    success : bool
        Whether the residual is small; nothing else.
    status : Status
        What came of the run.
    message : str
        The status with the number that caused it.
    method : str
        The name of the method that was asked for.
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
    state : SavedRun
        Plain values, can be pickled. Give it to ``solve(..., state=...)`` to go on.
    start_certificate : Certificate
        The promise at w0, where a theorem covers the method; of existence where none does.
    certificate : Certificate
        At the point returned: an exact solution lies within ``certificate.distance[1]`` of w.
    certified_from : int or None
        First entry of the history from which the method was guaranteed to converge.

    named : dict
        w by the names of the unknowns, for a `FormulaSystem`.

    Notes
    -----
    The certificates are computed when first read, with evaluations of F that are not counted.

    Results can be pickled. A jac that is a LinearOperator is left out. So is a system that cannot
    be pickled, and certificates that had not been computed say so.
    """

    w: FloatArray
    fun: FloatArray
    jac: FloatArray | None
    cost: float
    grad: FloatArray
    optimality: float
    active_mask: npt.NDArray[np.int64]
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

    def _case(self) -> Any:
        """Return the run as certificates see it."""
        from nlsolve.certificates.case import case_of

        return case_of(self.__dict__.get("_made"))

    def _kept(self, name: str, compute: Callable[[Any], Any]) -> Any:
        known = self.__dict__.setdefault("_certificates", {})
        if name in known:
            return known[name]
        try:
            known[name] = compute(self._case())
        except AttributeError as error:  # a dict's __getattr__ would hide where it came from
            raise RuntimeError(f"the certificate could not be computed: {error}") from error
        return known[name]

    @property
    def start_certificate(self) -> "Certificate":
        """The promise at w0."""
        return self._kept("start", lambda case: case.at_start())  # type: ignore[no-any-return]

    @property
    def certificate(self) -> "Certificate":
        """A solution near the point returned."""
        return self._kept("end", lambda case: case.at(self.w))  # type: ignore[no-any-return]

    @property
    def known_certificate(self) -> "Certificate | None":
        """`certificate` where it has been computed already."""
        return self.__dict__.get("_certificates", {}).get("end")  # type: ignore[no-any-return]

    @property
    def certified_from(self) -> int | None:
        """First entry of the history from which convergence was guaranteed."""
        return self._kept(  # type: ignore[no-any-return]
            "from", lambda case: case.certified_from(self.w, self.history)
        )

    def check_promise(self) -> "PromiseReport":
        """Compare the run with `start_certificate`: contraction, distance, smallest eigenvalue.

        Returns
        -------
        PromiseReport
            ``kept`` is True, False, or None where nothing was promised.
        """
        promise = self.start_certificate
        return self._case().check(promise, self.history)  # type: ignore[no-any-return]

    def sensitivity(self, of: str = "y", index: int | str | None = None) -> "Sensitivity":
        """Return dw/dy = J^+, or dw/dp = -J^+ dF/dp, of the solution nearest to w.

        Without the bounds of the run, if it had any.

        Parameters
        ----------
        of : {'y', 'args'}, optional
            By the right-hand side, or by an argument of F or a parameter of formulas.
        index : int or str, optional
            Which: a position in `args`, a name in `kwargs`, the name or number of a parameter.
            None means the only argument, or all parameters.

        Returns
        -------
        Sensitivity
            A LinearOperator (m, k) with ``matrix``, ``jvp(dp)`` and ``vjp(v)``.

        Raises
        ------
        ValueError
            If w is no solution, or the argument does not exist.
        numpy.linalg.LinAlgError
            If J has lost rank: then w does not depend smoothly on y.
        """
        from nlsolve.explore.sensitivity import sensitivity_of

        return sensitivity_of(self, of, index)

    def __reduce__(self) -> Any:
        items = dict(self)
        if isinstance(items.get("jac"), LinearOperator):
            items["jac"] = None  # it holds the user's functions
        return type(self), (), self.__getstate__(), None, iter(items.items())

    def __getstate__(self) -> dict[str, Any]:
        kept = dict(self.__dict__)
        try:
            pickle.dumps(kept.get("_made"))
        except Exception:  # whatever a user's object raises when it is pickled
            kept["_made"] = None
        return kept

    @property
    def named(self) -> dict[str, float]:
        """The entries of w by the names of the unknowns, where F has them, as formulas have."""
        made = self.__dict__.get("_made")
        names = None if made is None else made.problem.system.unknowns
        if names is None:
            raise ValueError("named: F has no names for its unknowns; see nlsolve.parse")
        return dict(zip(names, self.w.tolist(), strict=True))

    def raise_if_failed(self) -> "SolveResult":
        """Return the result itself, or raise SolveError with its message."""
        if not self.success:
            raise SolveError(self)
        return self

    def plot(self) -> "Overview":
        """Draw convergence, spectrum, distance and landscape in one figure (needs nlsolve[plot]).

        Returns
        -------
        Overview
            ``convergence``, ``spectrum``, ``distance`` and ``landscape``, each the display of its
            panel, None where it cannot be drawn (the panel says why); and ``figure_``.

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        """
        from nlsolve.display.plots.overview import Overview

        return Overview.from_result(self)

    @property
    def _complete(self) -> bool:
        return {"w", "fun", "message", "history"} <= set(self)

    def __repr__(self) -> str:
        from nlsolve.display.text import result_text

        return result_text(self) if self._complete else super().__repr__()

    def _repr_html_(self) -> str | None:
        from nlsolve.display.html import result_html

        return result_html(self) if self._complete else None

    __str__ = __repr__
