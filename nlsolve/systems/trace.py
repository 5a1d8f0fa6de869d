"""Which formulas does a NumPy function compute?

The function is run once on an array whose entries write every operation on a tape (entries.py,
arrays.py, following.py). What it does must not depend on the values of w: then the tape is the
function, and agreement.py compares the two.
"""

import linecache
import traceback
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from nlsolve.systems.agreement import check_agreement
from nlsolve.systems.arrays import Entries
from nlsolve.systems.entries import Entry, TraceError, node_of
from nlsolve.systems.errors import FormulaError
from nlsolve.systems.following import follow
from nlsolve.systems.language import Writer, as_names, system_of
from nlsolve.systems.tape import Tape

if TYPE_CHECKING:
    from nlsolve.systems.formulas import FormulaSystem

_PACKAGES = Path(np.__file__).parents[1]
_INSIDE = (str(Path(__file__).parent), *(str(_PACKAGES / name) for name in ("numpy", "scipy")))
_SHOWN = 100  # characters of a line of F


def trace(
    F: Callable[..., Any],
    m: int,
    *,
    args: tuple[Any, ...] = (),
    kwargs: Mapping[str, Any] | None = None,
    names: str | Iterable[str] | None = None,
    check: Any = True,
) -> "FormulaSystem":
    """Return the system of formulas that a NumPy function computes.

    Parameters
    ----------
    F : callable
        ``F(w, *args, **kwargs) -> (n,)``, written with NumPy or the math module, or jitted with
        numba.njit. It is run once with entries in place of numbers.
    m : int
        Number of unknowns.
    args, kwargs : tuple, mapping, optional
        Further arguments, which become constants: every float the rational it is.
    names : sequence of str, or str of names, optional
        Names of the unknowns; w0, w1, ... otherwise.
    check : bool or (m,) array_like, optional
        Whether the formulas are compared with F at random points; a point near which to compare,
        where F is not defined everywhere.

    Returns
    -------
    FormulaSystem
        The values of F as formulas, with exact derivatives.

    Raises
    ------
    TraceError
        A ValueError that names the operation and the line of F that cannot be followed: branches
        on values of w, float() or int() of them, solvers of linear systems, sorting, random
        numbers; or an F that does not repeat what was traced.

    Notes
    -----
    Followed are arithmetic, indexing with constants, NumPy's elementary functions, sums and
    products, dot, matmul, einsum, norm, and whatever moves entries about (reshape, concatenate,
    stack, roll, where with a constant mask, ...). Floats computed from floats alone are computed as
    F does; the formulas hold with these as they are. Entries are taken to be finite real numbers.

    Examples
    --------
    >>> import numpy as np, nlsolve
    >>> from nlsolve.systems.printed import text_of
    >>> def circle(w, radius):
    ...     return np.array([np.linalg.norm(w) - radius, np.sin(w[0]) - w[1] / 3])
    >>> system = nlsolve.trace(circle, 2, args=(2.0,), names="x y")
    >>> print(text_of(system.tape))
    sqrt(x**2 + y**2) = 2
    sin(x) = y/3
    """
    return system_of(traced(F, m, args=args, kwargs=kwargs, names=names, check=check))


def traced(
    F: Callable[..., Any],
    m: int,
    *,
    args: tuple[Any, ...] = (),
    kwargs: Mapping[str, Any] | None = None,
    names: str | Iterable[str] | None = None,
    check: Any = True,
    longest: int | None = None,
) -> Tape:
    """Return the tape of a function; see `trace`. More than `longest` operations are refused."""
    unknowns = as_names(_default(m) if names is None else names, "names")
    if len(unknowns) != m:
        raise ValueError(f"{len(unknowns)} names for m = {m} unknowns")
    given, named = args if isinstance(args, tuple) else (args,), dict(kwargs or {})
    writer = _Limited(unknowns, longest)
    tape = writer.build(_outputs(writer, F, given, named))
    if check is not False:
        near = None if check is True else np.asarray(check, dtype=np.float64).reshape(m)
        check_agreement(tape, lambda w: F(w, *given, **named), near)
    return tape


class _Limited(Writer):
    """A Writer that gives up where a tape grows too long."""

    def __init__(self, unknowns: tuple[str, ...], longest: int | None) -> None:
        super().__init__(unknowns)
        self.longest = longest

    def _node(self, op: int, left: int, right: int) -> int:
        if self.longest is not None and len(self) > self.longest:
            raise TraceError(f"more than {self.longest} operations")
        return super()._node(op, left, right)


def _default(m: int) -> list[str]:
    if not isinstance(m, int | np.integer) or m < 1:
        raise ValueError(f"m must be a positive integer, got {m!r}")
    return [f"w{j}" for j in range(m)]


def _outputs(writer: Writer, F: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> list[int]:
    """Run F on entries, and return the nodes of its result."""
    m = len(writer.unknowns)
    w = np.empty(m, dtype=object)
    w[:] = [Entry(writer, writer.unknown(j)) for j in range(m)]
    TraceError.last.error = None
    try:
        result = follow(F)(w.view(Entries), *args, **kwargs)
        if TraceError.last.error is not None:
            raise FormulaError(f"F caught what stops its trace: {TraceError.last.error}")
        return _nodes(writer, result)
    except Exception as error:
        what = str(error) if isinstance(error, FormulaError) else f"{type(error).__name__}: {error}"
        raise TraceError(f"F cannot be followed: {what}{_place(error)}") from error


def _nodes(writer: Writer, result: Any) -> list[int]:
    array = np.asarray(result, dtype=object)
    if array.ndim > 1 or array.size == 0:
        raise TraceError(
            f"F must return a vector of n >= 1 values, got shape {array.shape}; use ravel()"
        )
    return [node_of(writer, value) for value in np.atleast_1d(array).tolist()]


def _place(error: Exception) -> str:
    """Return the innermost line that is neither NumPy's nor ours."""
    frames = traceback.extract_tb(error.__traceback__)
    outside = [one for one in frames if not one.filename.startswith(_INSIDE)]
    if not outside:
        return ""
    last = outside[-1]
    line = linecache.getline(last.filename, last.lineno or 0).strip()
    shown = f": {line[:_SHOWN]}" if line else ""
    return f"\n    {last.filename}, line {last.lineno}, in {last.name}{shown}"
