"""How is a function of JAX evaluated and differentiated in double precision?

Everything is traced and compiled inside `jax.enable_x64`, which holds for this thread and this
call only: the user's own setting stays as it is. Where F computes in fewer digits all the same (a
cast to float32 on the way from w to F), values are handed out in that type, so that tolerances and
difference steps follow the digits there are. Whether it does is read off the transposed derivative
of F, in which nothing appears that does not depend on w.
"""

import re
from functools import cached_property
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.flatten_util import ravel_pytree

from nlsolve.interop.brought import BLOCK, Brought
from nlsolve.systems.base import FloatArray

TRACED = (
    "F is traced by JAX and needs the value of something that is a placeholder while it is: use "
    "jax.numpy instead of numpy, jnp.where or jax.lax.cond instead of if, close over whole numbers "
    "that set shapes, and pass values traced elsewhere in args"
)
NARROW = {"bf16": jnp.bfloat16, "f16": np.float16, "f32": np.float32}


class JaxFunction(Brought):
    """F(w, *args, **kwargs) of JAX.

    Parameters
    ----------
    F : callable
        Of an array or a pytree, returning an array or a pytree.
    w0 : pytree or None
        The structure of w; None: a vector of any length.
    rows : callable or None
        ``rows(w, batch, *args, **kwargs)``: the values of some equations.
    mode : {None, 'forward', 'reverse'}
    """

    framework = "JAX"

    def __init__(self, F: Any, w0: Any = None, rows: Any = None, mode: str | None = None) -> None:
        super().__init__(F, None if w0 is None else doubles(w0).size, mode)
        self.rows_of, self.precision = rows, None
        self.tree = None if w0 is None else jax.tree.map(np.asarray, w0)

    def __reduce__(self) -> Any:
        return JaxFunction, (self.F, self.tree, self.rows_of, self.mode)

    def evaluate(self, w: FloatArray, args: Any, kwargs: Any) -> Any:
        """Return F(w)."""
        if self.precision is None:
            self.precision = self._called(self._narrowest, w, args, kwargs)
        return np.asarray(self._called(self._values, w, args, kwargs)).astype(self.precision)

    def push(self, w: FloatArray, v: FloatArray, args: Any, kwargs: Any) -> Any:
        """Return J v."""
        return np.asarray(self._called(self._push, w, v, args, kwargs))

    def pull(self, w: FloatArray, u: FloatArray, args: Any, kwargs: Any) -> Any:
        """Return J^T u."""
        return np.asarray(self._called(self._pull, w, u, args, kwargs))

    def form(self, w: FloatArray, forward: bool, args: Any, kwargs: Any) -> Any:
        """Return J."""
        return np.asarray(self._called(self._columns if forward else self._rows, w, args, kwargs))

    def rows(self, w: FloatArray, batch: Any, /, *args: Any, **kwargs: Any) -> Any:
        """Return values and rows of J of the equations in `batch`."""
        values, J = self._called(self._some_rows, w, batch, args, kwargs)
        return np.asarray(values), np.asarray(J)

    def flat(self, w: Any) -> FloatArray:
        """Return a pytree of unknowns as a vector."""
        return doubles(w)

    def structured(self, w: FloatArray) -> Any:
        """Return a vector as a pytree of numpy arrays."""
        with jax.enable_x64(True):
            return jax.tree.map(np.asarray, self._unravel(w))

    def _called(self, function: Any, *arguments: Any) -> Any:
        with jax.enable_x64(True):
            try:
                return jax.block_until_ready(function(*arguments))
            except (jax.errors.JAXTypeError, jax.errors.UnexpectedTracerError) as error:
                raise TypeError(f"{TRACED} ({error})") from error

    @cached_property
    def _unravel(self) -> Any:
        if self.tree is None:
            return lambda w: w
        with jax.enable_x64(True):
            return ravel_pytree(jax.tree.map(lambda leaf: np.asarray(leaf, float), self.tree))[1]

    def _flat(self, function: Any, args: Any, kwargs: Any, *leading: Any) -> Any:
        """Return F, or `rows`, as a function of a vector that returns one."""
        return lambda w: ravel_pytree(function(self._unravel(w), *leading, *args, **kwargs))[0]

    def _narrowest(self, w: Any, args: Any, kwargs: Any) -> Any:
        """Return the type with the fewest digits that F goes through on the way from w."""
        f = self._flat(self.F, args, kwargs)
        if self.mode == "forward":
            linear, seed = jax.linearize(f, w)[1], w
        else:
            seed, linear = jax.vjp(f, w)
        found = set(re.findall(r"\b(bf16|f16|f32)\[", str(jax.make_jaxpr(linear)(seed))))
        return next((NARROW[name] for name in NARROW if name in found), np.float64)

    @cached_property
    def _values(self) -> Any:
        return jax.jit(lambda w, args, kwargs: self._flat(self.F, args, kwargs)(w))

    @cached_property
    def _push(self) -> Any:
        return jax.jit(
            lambda w, v, args, kwargs: jax.jvp(self._flat(self.F, args, kwargs), (w,), (v,))[1]
        )

    @cached_property
    def _pull(self) -> Any:
        def pull(w: Any, u: Any, args: Any, kwargs: Any) -> Any:
            values, back = jax.vjp(self._flat(self.F, args, kwargs), w)
            return back(u.astype(values.dtype))[0]

        return jax.jit(pull)

    @cached_property
    def _columns(self) -> Any:
        def columns(w: Any, args: Any, kwargs: Any) -> Any:
            f = self._flat(self.F, args, kwargs)
            return _mapped(lambda v: jax.jvp(f, (w,), (v,))[1], jnp.eye(w.size, dtype=w.dtype)).T

        return jax.jit(columns)

    @cached_property
    def _rows(self) -> Any:
        return jax.jit(lambda w, args, kwargs: _by_rows(self._flat(self.F, args, kwargs), w)[1])

    @cached_property
    def _some_rows(self) -> Any:
        return jax.jit(
            lambda w, batch, args, kwargs: _by_rows(
                self._flat(self.rows_of, args, kwargs, batch), w
            )
        )


def _by_rows(f: Any, w: Any) -> tuple[Any, Any]:
    """Return values and, row by row, the Jacobian."""
    values, back = jax.vjp(f, w)
    return values, _mapped(lambda u: back(u)[0], jnp.eye(values.size, dtype=values.dtype))


def _mapped(function: Any, rows: Any) -> Any:
    """Return a function of every row, all at once where they are few."""
    if len(rows) <= BLOCK:
        return jax.vmap(function)(rows)
    return jax.lax.map(function, rows, batch_size=BLOCK)


def doubles(w: Any) -> FloatArray:
    """Return a pytree of unknowns as a vector of doubles.

    Raises
    ------
    TypeError
        If a leaf is not made of real numbers.
    """
    leaves = [np.asarray(leaf) for leaf in jax.tree.leaves(w)]
    for leaf in leaves:
        if not (np.issubdtype(leaf.dtype, np.integer) or jnp.issubdtype(leaf.dtype, jnp.floating)):
            raise TypeError(f"w0 must be made of arrays of real numbers, got dtype {leaf.dtype}")
    return np.concatenate([leaf.astype(np.float64).ravel() for leaf in leaves] or [np.empty(0)])
