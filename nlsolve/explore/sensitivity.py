"""How does a solution move when y or a parameter moves?

F(w, p) = y has m - n free directions, so w is no function of y and p until it is said which
solution is meant: here the one nearest to the present w. Where J has full row rank, it is a smooth
function nearby, and since the shortest movement is normal to the solutions (implicit function
theorem on the range of J^T),

    dw/dy = J^+                   (m, n)
    dw/dp = -J^+ dF/dp            (m, k)

which for m = n is the usual inverse. Neither is formed unless asked for: `jvp` gives dw for a
change, `vjp` the gradient of a function of w by y or p (the adjoint method). dF/dp comes from
parameters.py.

Where J has lost rank, the equations hold for some changes of y only and nothing smooth need exist;
that is an error with the numbers that show it.

Source: A. L. Dontchev, R. T. Rockafellar, "Implicit Functions and Solution Mappings", 2014,
section 1F (selections of underdetermined systems).
"""

from typing import Any

import numpy as np
from scipy.sparse.linalg import LinearOperator

from nlsolve.certificates.case import uncounted
from nlsolve.explore.parameters import derivative_by
from nlsolve.explore.tangent import Tangent
from nlsolve.systems.jacobians import FloatArray, as_array

LOST = (
    "sensitivity: the system could not be pickled with the result; solve where it is at hand, or "
    "define F at the top level of a module"
)


class Sensitivity(LinearOperator):
    """dw/dy or dw/dp at a solution, a scipy LinearOperator of shape (m, k).

    ``S @ dp`` and ``S.T @ v`` work as with any operator; ``S.matrix`` is the array.

    Attributes
    ----------
    of : str
        What it is a derivative by, in words.
    matrix : (m, k) ndarray
        The derivative as an array, computed when read. An argument that is an array of more than
        one dimension counts in C order, as ``ravel`` does.

    Examples
    --------
    The point of the circle |w|^2 = y nearest to the present one moves along the radius:

    >>> import nlsolve
    >>> sol = nlsolve.solve(lambda w: [w @ w], 25.0, [3.0, 4.0], jac=lambda w: 2.0 * w[None, :])
    >>> sol.sensitivity().matrix
    array([[0.06],
           [0.08]])
    """

    def __init__(self, tangent: Tangent, change: Any, of: str) -> None:
        """`change` is dF/dp with the sign reversed, an operator; None stands for the identity."""
        k = tangent.n if change is None else change.shape[1]
        super().__init__(np.float64, (tangent.m, k))  # type: ignore[call-arg]  # what the stubs say
        self.of, self._tangent, self._change = of, tangent, change

    def _matmat(self, X: Any) -> Any:
        return self._tangent.shortest(X if self._change is None else self._change @ X)

    def _matvec(self, x: Any) -> Any:
        return self._matmat(np.reshape(x, -1))

    def _rmatvec(self, x: Any) -> Any:
        forces = self._tangent.multipliers(np.reshape(x, -1))
        return forces if self._change is None else self._change.T @ forces

    def jvp(self, change: Any) -> FloatArray:
        """Return dw, (m,), for a change of y or of the parameter, (k,)."""
        return np.asarray(self.matvec(np.asarray(change, dtype=np.float64)))

    def vjp(self, v: Any) -> FloatArray:
        """Return the gradient by y or p, (k,), of a function of w whose gradient is v, (m,)."""
        return np.asarray(self.rmatvec(np.asarray(v, dtype=np.float64)))

    @property
    def matrix(self) -> FloatArray:
        """The derivative as an array, (m, k)."""
        return np.asarray(self._matmat(np.eye(self.shape[1])))

    def __array__(self, dtype: Any = None, copy: Any = None) -> Any:
        return np.asarray(self.matrix, dtype=dtype)

    def __repr__(self) -> str:
        m, k = self.shape
        return f"Sensitivity(of w, {m} unknowns, to {self.of}, {k} number{'s' * (k != 1)})"


def sensitivity_of(result: Any, of: str, index: int | str | None) -> Sensitivity:
    """Return what `SolveResult.sensitivity` returns; see there."""
    if of not in ("y", "args"):
        raise ValueError(f"of must be 'y' or 'args', got {of!r}")
    if of == "y" and index is not None:
        raise TypeError(f"index belongs to of='args', got index={index!r} with of='y'")
    if not result.success:
        raise ValueError(f"sensitivity: w is no solution ({result.message})")
    made = result.__dict__.get("_made")
    if made is None:
        raise ValueError(LOST)
    problem = uncounted(made.problem)
    J = problem.jacobian(result.w, result.fun) if result.jac is None else as_array(result.jac)
    tangent = regular(Tangent(J, problem.rank_tolerance), problem)
    if of == "y":
        return Sensitivity(tangent, None, "y")
    words, change = derivative_by(problem, result.w, index)
    return Sensitivity(tangent, -change, words)


def regular(tangent: Tangent, problem: Any) -> Tangent:
    """Return a tangent of full row rank.

    Raises
    ------
    numpy.linalg.LinAlgError
        If it has not.
    """
    if tangent.rank == tangent.n:
        return tangent
    text = f"J has rank {tangent.rank} for {tangent.n} equations"
    if tangent.rank < len(tangent.parts):
        text += (
            f": of equation {tangent.dependent} only {tangent.parts[tangent.rank]:.1e} of its "
            f"gradient's length lies outside the span of the others', and "
            f"{problem.rank_tolerance:.1e} is what errors of J can make of nothing"
        )
    raise np.linalg.LinAlgError(
        f"the solution does not depend smoothly on y or on arguments: {text}"
    )
