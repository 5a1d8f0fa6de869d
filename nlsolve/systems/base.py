"""What is a system, and what can be asked of it at a point?

A `System` says once how F and its derivatives are evaluated; it knows nothing of y, of counts or of
checks (problem.py, checks.py). Systems with structure of their own subclass it and answer the same
questions: `values`, `jacobian`, `jvp`, `vjp`, `rows`.
"""

import inspect
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from nlsolve.systems.differences import KINDS
from nlsolve.systems.functions import functions_of, identical
from nlsolve.systems.jacobians import as_jacobian, as_real
from nlsolve.systems.vectors import real_vector

FloatArray = npt.NDArray[np.float64]
Function = Callable[..., Any]

CHECKS = ("warn", "raise", False)


class System:
    """A system F(w) = y with n equations and m unknowns, given as Python functions.

    Every verb of nlsolve takes a System or a bare F with the same keywords.

    Parameters
    ----------
    F : callable
        ``F(w, *args, **kwargs) -> (n,)`` with w a float64 array of shape (m,). A function jitted
        with numba.njit, with `jac` jitted or differenced, runs in the compiled lane.
    jac : callable, True, '2-point', '3-point' or 'cs', optional
        ``jac(w, *args, **kwargs) -> (n, m)``, an array, a scipy.sparse array or matrix, or a
        scipy.sparse.linalg.LinearOperator with matvec and rmatvec; True if F returns
        ``(values, jacobian)``. Without one, and without `jvp` or `vjp`, '2-point' differences.
        'cs' is the complex step: exact for analytic F, compared at each use with one real
        difference.
    jvp, vjp : callable, optional
        ``jvp(w, v, *args, **kwargs)`` gives J(w) v, ``vjp(w, u, *args, **kwargs)`` gives J(w)^T u.
        They should leave w, v and u as they are; one that does not at its first call is always
        given copies.
        With both, a J of more than 64 rows, or 4 million entries, is never formed.
    rows : callable, optional
        ``rows(w, batch, *args, **kwargs) -> (F_b, J_b)``: values and Jacobian rows of the equations
        whose numbers are in the integer array `batch` (repeats occur), so that a mini-batch costs a
        batch. Used by 'sgd'.
    jac_sparsity : (n, m) array_like or sparse, optional
        Where J may differ from 0: differences then move many unknowns at once, and J is sparse.
    args, kwargs : tuple, mapping, optional
        Further arguments of every function above.
    vectorized : bool, optional
        F also takes (m, k) and returns (n, k); differences then take one call.
    workers : int, map-like callable or Executor, optional
        Evaluates the points of a difference Jacobian in parallel, as in scipy.
    check_jac : {'warn', 'raise', False}, optional
        What to do where a given Jacobian disagrees with a directional difference of F at w0. For a
        System, and for jitted functions that come again with the same arguments, the comparison is
        made at the first w0 only.

    Raises
    ------
    TypeError, ValueError
        If an argument is not of these kinds.

    Examples
    --------
    >>> import numpy as np, nlsolve
    >>> circle = nlsolve.System(lambda w: [w @ w - 1.0], jac=lambda w: 2.0 * w[None, :])
    >>> nlsolve.solve(circle, 0.0, [3.0, 4.0]).w
    array([0.6, 0.8])
    """

    tape: Any = None  # the formulas, where they are known
    unknowns: tuple[str, ...] | None = None  # and the names of the entries of w
    plain: "System | None" = None  # the system in w, where this one is in v = w / scale
    scale: Any = 1.0
    in_blocks = False  # whether points are no arrays, but what `vector` makes of them
    constants_at: Any = None  # what knows constants for certificates without J as an array

    def __init__(
        self,
        F: Function,
        *,
        jac: Any = None,
        jvp: Function | None = None,
        vjp: Function | None = None,
        rows: Function | None = None,
        jac_sparsity: Any = None,
        args: tuple[Any, ...] = (),
        kwargs: Mapping[str, Any] | None = None,
        vectorized: bool = False,
        workers: Any = None,
        check_jac: Any = "warn",
    ) -> None:
        if not callable(F):
            raise TypeError(f"F must be a callable or a nlsolve.System, got {type(F).__name__}")
        for name, value in (("jvp", jvp), ("vjp", vjp), ("rows", rows)):
            if value is not None and not callable(value):
                raise TypeError(f"{name} must be callable, got {type(value).__name__}")
        if check_jac not in CHECKS:
            raise ValueError(f"check_jac must be one of {CHECKS}, got {check_jac!r}")
        self.F, self.given_jvp, self.given_vjp, self.given_rows = F, jvp, vjp, rows
        if kwargs is not None and not isinstance(kwargs, Mapping):
            raise TypeError(f"kwargs must be a mapping, got {type(kwargs).__name__}")
        self.args = args if isinstance(args, tuple) else (args,)
        self.kwargs = dict(kwargs or {})
        self.vectorized, self.workers, self.check_jac = vectorized, workers, check_jac
        self.given_jac, self.returns_both, self.kind = self._read_jac(jac)
        self.pattern = self._read_pattern(jac_sparsity)
        given = (("jac", self.given_jac), ("jvp", jvp), ("vjp", vjp), ("rows", rows))
        roles = [("both" if self.returns_both else "F", F), *(g for g in given if g[1] is not None)]
        self.functions = functions_of(tuple(roles))

    def _read_jac(self, jac: Any) -> tuple[Function | None, bool, str]:
        """Return (function, whether F gives both, kind of derivative)."""
        if callable(jac):
            return jac, False, "exact"
        if jac is True:
            return None, True, "exact"
        if isinstance(jac, str) and jac in KINDS[1:]:
            return None, False, jac
        if jac is None or jac is False:
            products = self.given_jvp is not None or self.given_vjp is not None
            return None, False, "exact" if products else "2-point"
        raise ValueError(
            f"jac must be a callable, True, or one of {KINDS[1:]}, got {jac!r} "
            f"of type {type(jac).__name__}"
        )

    def _read_pattern(self, given: Any) -> Any:
        """Return jac_sparsity with its groups of unknowns."""
        if given is None:
            return None
        if not self.differenced:
            raise ValueError(
                "jac_sparsity is for a J found by differences; with jac, jvp or vjp leave it out, "
                "and let jac return a scipy.sparse array"
            )
        from nlsolve.systems.colouring import Pattern

        return Pattern(given)

    def __repr__(self) -> str:
        name = getattr(self.F, "__name__", type(self.F).__name__)
        return f"System({name}, derivatives: {self.kind})"

    def _repr_html_(self) -> str:
        from nlsolve.display.html import system_html

        return system_html(self)

    def vector(self, value: Any, name: str) -> Any:
        """Return what the user gave as a point, (m,), checked."""
        if value is None:
            raise TypeError(f"{name} is missing: give the point, a number or a vector of m numbers")
        return real_vector(value, name)

    def kept(self, path: Any, vectors: dict[str, Any]) -> None:
        """Take note that vectors of a run are in a file now, by name."""

    @property
    def state(self) -> str:
        """Of what evaluates it, for progress bars."""
        return ""

    @property
    def compilable(self) -> bool:
        """Whether the compiled lane can call all of it by address."""
        plain = self.kind != "cs" and self.workers is None and not self.vectorized
        plain = plain and self.pattern is None
        return plain and self.functions.jitted

    def positional(self) -> tuple[Any, ...] | None:
        """Return args and kwargs as positional arguments; None where they cannot be.

        That is so where one function must have a keyword by name, or two take them in another
        order.
        """
        if not self.kwargs:
            return self.args
        found = [self._positions(role, function) for role, function in self.functions.roles]
        same = all(args is not None and identical(args, found[0]) for args in found)
        return found[0] if same else None

    def _positions(self, role: str, function: Any) -> tuple[Any, ...] | None:
        leading = (None, None) if role == "rows" else (None,)
        bound = inspect.signature(function).bind(*leading, *self.args, **self.kwargs)
        bound.apply_defaults()
        return None if bound.kwargs else bound.args[len(leading) :]

    @property
    def checked(self) -> bool:
        """Whether the derivatives have been compared with differences, with these arguments."""
        return self.functions.checked_with((*self.args, *self.kwargs.values()))

    def mark_checked(self) -> None:
        """Note that the derivatives are right."""
        self.functions.mark_checked((*self.args, *self.kwargs.values()))

    @property
    def source(self) -> str:
        """The keyword J comes from, for messages."""
        if self.given_jac is not None or (self.given_jvp is None and self.given_vjp is None):
            return "jac"
        return "vjp" if self.given_vjp is not None else "jvp"

    @property
    def products_only(self) -> bool:
        """Whether J is known by products with it from both sides, and by nothing else."""
        both = self.given_jvp is not None and self.given_vjp is not None
        return both and self.given_jac is None and not self.returns_both

    @property
    def differenced(self) -> bool:
        """Whether J comes from differences of F."""
        return self.kind != "exact"

    def unscaled(self, points: Any) -> Any:
        """Return a point, or points as columns, in the units of the user's functions."""
        return (self.scale * points.T).T

    def call(self, function: Function, *leading: Any) -> Any:
        """Call one of the user's functions with `args` and `kwargs`."""
        return function(*leading, *self.args, **self.kwargs)

    def values(self, w: FloatArray) -> tuple[Any, Any]:
        """Return (F(w), J(w) if F gives both, else None), as the user's function gave them."""
        result = self.call(self.F, w)
        if not self.returns_both:
            return result, None
        if not (isinstance(result, tuple) and len(result) == 2):
            raise TypeError(
                "with jac=True, F must return a tuple (values, jacobian), "
                f"got {type(result).__name__}"
            )
        return result

    def jvp(self, w: FloatArray, v: FloatArray) -> FloatArray | None:
        """Return J(w) v, or None where only the whole J gives it."""
        return None if self.given_jvp is None else self._product("jvp", self.given_jvp, w, v)

    def vjp(self, w: FloatArray, u: FloatArray) -> FloatArray | None:
        """Return J(w)^T u, or None where only the whole J gives it."""
        return None if self.given_vjp is None else self._product("vjp", self.given_vjp, w, u)

    def _product(self, name: str, function: Function, w: FloatArray, v: FloatArray) -> FloatArray:
        """Return a product; its arguments are copied unless it is known to leave them alone.

        Copies of large vectors would cost as much as sparse products themselves.
        """
        leaves = self.functions.leaves
        if leaves.get(name):
            return as_real(self.call(function, w, v), name)
        own = w.copy(), v.copy()
        result = as_real(self.call(function, *own), name)
        if name not in leaves:
            leaves[name] = np.array_equal(own[0], w) and np.array_equal(own[1], v)
        return result

    def jacobian(self, w: FloatArray, n: int) -> Any:
        """Return J(w), (n, m), from the given function or, column by column, from products."""
        if self.given_jac is not None:
            return as_jacobian(self.call(self.given_jac, w), "jac")
        if self.given_vjp is not None:
            return np.array([np.copy(self.vjp(w, unit)) for unit in np.eye(n)])  # type: ignore[arg-type]
        columns = [np.copy(self.jvp(w, unit)) for unit in np.eye(w.size)]  # type: ignore[arg-type]
        return np.ascontiguousarray(np.array(columns).T)

    def rows(self, w: FloatArray, batch: npt.NDArray[np.int64]) -> tuple[FloatArray, Any]:
        """Return values and Jacobian rows of the equations in `batch`."""
        assert self.given_rows is not None
        values, jacobian = self.call(self.given_rows, w, batch)
        return as_real(values, "rows"), as_jacobian(jacobian, "rows")
