"""How is a system solved from inside the user's own compiled code?

`jit_solver` gives a function for numba's nopython mode. Its loop and its steps are those of
solve(), compiled once per installation and called by address (driver.py); only F, J and a
few lines around the call are compiled in every process. Exceptions do not cross an address, so what
happened is a number, `Status.code`.
"""

from typing import Any

import numpy as np
from numba import njit
from numba.core.errors import TypingError
from numba.extending import overload
from numba.types import Array

from nlsolve import arguments, cfunctions, compiled, dense, methods
from nlsolve.cfunctions import call_rows
from nlsolve.many.settings import HEADER, Settings, settings, status_codes
from nlsolve.many.whole import ALONE, CODE, FINDINGS, ITERATIONS, POINT
from nlsolve.systems import System, as_system
from nlsolve.systems.problem import Problem


def jit_solver(
    F: Any,
    J: Any = None,
    *,
    method: Any = "gauss-newton",
    tol: float = 1e-10,
    max_iter: int | None = None,
    max_nfev: int | None = None,
    **options: Any,
) -> Any:
    """Return a jitted function that solves F(w) = y, to be called from compiled code.

    Parameters
    ----------
    F : callable
        Jitted by numba.njit, ``F(w, *args) -> (n,)``.
    J : callable, True, '2-point' or '3-point', optional
        Its Jacobian, jitted, ``J(w, *args) -> (n, m)``; True where F returns ``(values,
        jacobian)``; differences otherwise, '2-point' by default.
    method : {'gauss-newton', 'levenberg-marquardt', 'dogleg', 'gd'} or options object, optional
        One method: there are no stages here, and no second attempt.
    tol, max_iter, max_nfev
        As for `solve`.
    **options
        Fields of the method's options, for instance ``damping='backtracking'``.

    Returns
    -------
    solver : numba dispatcher
        ``solver(y, w0, *args) -> (w, status, iterations)``: y (n,), w0 (m,), w (m,) new; `status`
        is an int, 0 (root) or 1 (root to rounding) and else no root: ``nlsolve.Status.from_code``
        names it. `args` go to F and J: numbers, and C-contiguous arrays of them. Where F or J
        raises, the status is that of an evaluation error. It can be called from several threads.

    Raises
    ------
    TypeError, ValueError
        For bad arguments. Wrong types in a call are an error of numba's compilation.

    Notes
    -----
    Code that calls it is compiled anew in every process (its cache=True has no effect, and numba
    warns): it holds addresses. F's derivative is not compared with differences; solve() does that.

    Examples
    --------
    >>> import numpy as np, numba, nlsolve
    >>> @numba.njit
    ... def F(x):
    ...     return np.array([x[0] * x[0] + x[1] * x[1] + x[2] * x[2], x[0] - x[1]])
    >>> @numba.njit
    ... def J(x):
    ...     return np.array([[2 * x[0], 2 * x[1], 2 * x[2]], [1.0, -1.0, 0.0]])
    >>> solver = nlsolve.jit_solver(F, J)
    >>> @numba.njit
    ... def mean_root(count):
    ...     total, w = np.zeros(3), np.array([1.0, 1.0, 1.0])
    ...     for k in range(count):
    ...         w, status, iterations = solver(np.array([1.0 + k, 0.0]), w)
    ...         total += w
    ...     return total / count
    >>> mean_root(1).round(4)
    array([0.5774, 0.5774, 0.5774])
    """
    arguments.check_words(tol, max_iter, max_nfev, None, None, 0, None, None)
    stage = one_stage(method, arguments.own_words(options, _PARAMETERS))
    system = as_system(F, {"jac": J})
    if not system.compilable or system.given_rows is not None:
        raise TypeError(
            "jit_solver needs F, and J unless it is True, '2-point' or '3-point', jitted by "
            "numba.njit; decorate them, or use nlsolve.solve, which takes Python functions too"
        )
    given = settings(Problem(system, np.zeros(1), 1), stage, ALONE, tol, max_iter, max_nfev)
    return _solver_of(system, given)


_PARAMETERS = ("F", "J", "method", "tol", "max_iter", "max_nfev")
_ALIVE: list[Any] = []  # what compiled code refers to by address


def one_stage(method: Any, words: dict[str, Any]) -> Any:
    """Return the stage of a method that compiled code can run from its first state to its end."""
    if method == "auto":
        raise ValueError(
            "method='auto' goes from one method to the next, which compiled code cannot; name one, "
            "for instance 'gauss-newton' or 'levenberg-marquardt'"
        )
    chosen = methods.chosen(method, words, None)
    if chosen.stages[0].method.draws or chosen.awaits:
        raise ValueError(
            f"method={chosen.name!r} draws random numbers or finds its step at w0; inside compiled "
            f"code take 'gauss-newton', 'levenberg-marquardt', 'dogleg' or 'gd' with its own step"
        )
    return chosen.stages[0]


def _solver_of(system: System, given: Settings) -> Any:
    """Return the jitted function; what it does depends on the types of `args`."""

    def solved(y, w0, args):  # type: ignore[no-untyped-def]
        raise NotImplementedError

    @overload(solved, jit_options={"error_model": "numpy"})
    def _(y, w0, args):  # type: ignore[no-untyped-def]
        _check_vector("y", y)
        _check_vector("w0", w0)
        kinds = tuple(map(cfunctions.type_kind, args))
        if None in kinds:
            k = kinds.index(None)
            raise TypingError(
                f"args[{k}] of jit_solver's function must be a number or a C-contiguous array of "
                f"1 to 3 dimensions (np.ascontiguousarray makes one), got {args[k]}"
            )
        return _body(system, given, kinds)

    @njit(error_model="numpy")
    def solver(y, w0, *args):  # type: ignore[no-untyped-def]
        return solved(y, w0, args)  # type: ignore[no-untyped-call]

    return solver


def _check_vector(name: str, kind: Any) -> None:
    if not (isinstance(kind, Array) and kind.ndim == 1):
        raise TypingError(f"{name} of jit_solver's function must be a vector, got {kind}")


def _body(system: System, given: Settings, kinds: tuple[Any, ...]) -> Any:
    """Return what is compiled for arguments of these kinds."""
    F, J, _, alive = compiled.addresses(system.functions.roles, kinds)
    if F == 0:
        raise TypingError(
            f"F or J cannot be compiled for args of kinds {kinds}; call F(w0, *args) and "
            "J(w0, *args) once from Python to see why"
        )
    _ALIVE.append(alive)
    places = F, J, dense.least_norm_address(), given.run.address
    F_at, J_at, least_norm_at, run_at = map(cfunctions.fixed, places)
    write, width = cfunctions.packer(kinds)
    settled, numbers = np.array(given.words), np.array(given.numbers)
    wide, tall = status_codes(1, 2), status_codes(2, 1)

    def body(y, w0, args):  # type: ignore[no-untyped-def]
        Y, points, block = np.empty((1, y.size)), np.empty((3, w0.size)), np.empty(width, np.int64)
        found, lengths = np.empty(FINDINGS, np.int64), np.empty(2)
        words = np.empty(HEADER + settled.size, np.int64)
        words[0], words[1], words[2], words[3] = F_at(), J_at(), least_norm_at(), 1
        words[4], words[5], words[6] = y.size, w0.size, width
        for k in range(settled.size):
            words[HEADER + k] = settled[k]
        for i in range(y.size):
            Y[0, i] = y[i]
        for k in range(w0.size):
            points[POINT, k] = w0[k]
        block[0], block[1] = w0.size, y.size
        write(block, args)
        call_rows(run_at(), words, numbers, Y, block, points, found, lengths)
        codes = tall if y.size > w0.size else wide
        return points[POINT], codes[found[CODE]], found[ITERATIONS]

    return body
