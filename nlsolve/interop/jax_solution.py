"""How does a solution flow through JAX, values forth and derivatives both ways?

One rule serves all: dw = J^+ (dy - dF/dp dp), with J^+ found on the host as a constant (m, n)
matrix (solution.py) and dF/dp dp by JAX. It is linear in dy and dp, so that JAX transposes it for
reverse mode. A second derivative would be that of J^+ along a movement that no function w(y, p)
makes where m > n (the shortest movements are not integrable); it is refused.

Values that are known are solved for at once; those that are traced by a callback.
"""

from functools import lru_cache, partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax.custom_derivatives import SymbolicZero
from jax.flatten_util import ravel_pytree

from nlsolve.interop import solution
from nlsolve.interop.brought import BroughtSystem
from nlsolve.interop.jax_function import JaxFunction

CLOSED = (
    "F closes over a value that JAX traces; pass it as a further argument: "
    "jax_solve(F, y, w0, value), with F(w, value)"
)
ONCE = "jax_solve can be differentiated once; second derivatives of a solution are not defined here"
START = (
    "jax_solve: a derivative by w0 is asked for, but with {m} unknowns for {n} equations where the "
    "method ends along the solutions depends on its path; use jax.lax.stop_gradient(w0)"
)


class Case(NamedTuple):
    """A solve without its numbers."""

    function: JaxFunction
    shape: tuple[int, int]
    dtype: Any
    throw: bool
    options: dict[str, Any]

    def solve(self, y: Any, w0: Any, args: Any) -> Any:
        """Return w."""
        found = partial(solution.solution, throw=self.throw, options=self.options)
        return self._on_host(found, self.shape[1:], (y, w0, args))

    def inverse(self, y: Any, w: Any, args: Any) -> Any:
        """Return J^+ at w."""
        found = partial(solution.pseudo_inverse, throw=self.throw)
        return self._on_host(found, self.shape[::-1], (y, w, args))

    def _on_host(self, function: Any, shape: tuple[int, ...], arguments: Any) -> Any:
        """Return a function of (system, y, w) at values, or at placeholders by a callback."""

        def on_host(y: Any, w: Any, args: Any) -> Any:
            y, w, args = jax.tree.map(np.asarray, (y, w, args))
            system = BroughtSystem(self.function, args=args, check_jac=False)
            return function(system, y, w).astype(self.dtype)

        if not any(isinstance(leaf, jax.core.Tracer) for leaf in jax.tree.leaves(arguments)):
            return jnp.asarray(on_host(*arguments))
        outcome = jax.ShapeDtypeStruct(shape, self.dtype)
        return jax.pure_callback(on_host, outcome, *arguments, vmap_method="sequential")


def differentiable_solution(
    F: Any, y: Any, w0: Any, args: tuple[Any, ...], throw: bool, options: dict[str, Any]
) -> Any:
    """Return what `jax_solve` returns; see there."""
    dtype = jnp.result_type(float, *jax.tree.leaves((w0, y)))
    w0 = jax.tree.map(lambda leaf: jnp.asarray(leaf, dtype), w0)
    flat, unravel = ravel_pytree(w0)
    function, compiled = _brought(F, w0)

    def values(w: Any, args: Any) -> Any:
        return compiled(unravel(w), args)

    n = _size(values, flat, args)
    target = ravel_pytree(y)[0].astype(dtype)
    if target.size not in (1, n):
        raise ValueError(f"y has {target.size} entries, but F returns {n}; expected 1 or {n}")
    case = Case(function, (n, flat.size), dtype, throw, options)
    return unravel(_rule(case, values)(jnp.broadcast_to(target, (n,)), flat, args))


def _size(values: Any, w: Any, args: Any) -> int:
    """Return the number of equations; refuse an F that closes over what is traced."""
    closed = jax.make_jaxpr(values)(w, args)
    if any(isinstance(constant, jax.core.Tracer) for constant in closed.consts):
        raise TypeError(CLOSED)
    return int(closed.out_avals[0].size)


def _brought(F: Any, w0: Any) -> tuple[JaxFunction, Any]:
    leaves, structure = jax.tree.flatten(w0)
    try:
        return _remembered(F, structure, tuple(leaf.shape for leaf in leaves))
    except TypeError:  # F cannot be hashed
        return _remembered.__wrapped__(F, structure, tuple(leaf.shape for leaf in leaves))


@lru_cache(maxsize=32)
def _remembered(F: Any, structure: Any, shapes: tuple[Any, ...]) -> tuple[JaxFunction, Any]:
    """Return F in doubles, and in the precision of the program; the same whenever F comes again.

    Both are compiled: once F ran in doubles, JAX 0.10.2 cannot multiply NumPy arrays that F closes
    over in single precision any more, unless it compiles them.
    """
    w0 = jax.tree.unflatten(structure, [np.zeros(shape) for shape in shapes])
    return JaxFunction(F, w0), jax.jit(lambda w, args: ravel_pytree(F(w, *args))[0])


def _rule(case: Case, values: Any) -> Any:
    """Return the solution as a function of y, w0 and args with its derivative."""

    @jax.custom_jvp
    def solved(y: Any, w0: Any, args: Any) -> Any:
        return case.solve(y, w0, args)

    @jax.custom_jvp
    def inverse(y: Any, w: Any, args: Any) -> Any:
        return case.inverse(y, w, args)

    @inverse.defjvp
    def refused(primals: Any, tangents: Any) -> Any:
        raise TypeError(ONCE)

    def moved(primals: Any, tangents: Any) -> Any:
        y, w0, args = primals
        dy, _, dargs = jax.tree.map(_instantiated, tangents, is_leaf=_is_zero)
        n, m = case.shape
        if m > n and not _is_zero(tangents[1]):
            raise ValueError(START.format(n=n, m=m))
        w = solved(y, w0, args)
        _, dF = jax.jvp(partial(values, w), (args,), (dargs,))
        return w, inverse(y, w, args) @ (dy - dF.astype(case.dtype))

    solved.defjvp(moved, symbolic_zeros=True)
    return solved


def _is_zero(tangent: Any) -> bool:
    return isinstance(tangent, SymbolicZero)


def _instantiated(tangent: Any) -> Any:
    if not _is_zero(tangent):
        return tangent
    return np.zeros(tangent.aval.shape, tangent.aval.dtype)
