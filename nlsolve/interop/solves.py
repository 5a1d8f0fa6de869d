"""How is a solve part of a program that is differentiated?"""

from collections.abc import Callable
from typing import Any

from nlsolve.interop.brought import needed


def jax_solve(
    F: Callable[..., Any], y: Any, w0: Any, *args: Any, throw: bool = True, **options: Any
) -> Any:
    """Solve ``F(w, *args) = y`` inside a JAX program; differentiable by y and args.

    Works under jit, vmap (one solve after the other), grad, vjp and jvp. The solve runs on the
    host in double precision.

    Parameters
    ----------
    F : callable
        ``F(w, *args) -> (n,)`` or a pytree, as for `from_jax`. What is traced must come in `args`.
        F is remembered: define it once, not in every call.
    y : number, (n,) array or pytree
        Right-hand side, ravelled.
    w0 : array or pytree
        Start. It is no argument of the derivative, see Notes.
    *args
        Arrays, numbers and pytrees of them.
    throw : bool, optional
        False: a solve that fails gives NaN, and so do derivatives that do not exist.
    **options
        Keywords of `nlsolve.solve`, for instance ``method='gauss-newton'``. With ``bounds``
        the derivative is still that without them.

    Returns
    -------
    array or pytree
        A solution, in the structure of w0.

    Raises
    ------
    SolveError, numpy.linalg.LinAlgError
        If the solve fails, or J has lost rank where a derivative is asked for. Under jit JAX wraps
        them in an error of its own, with their message.
    TypeError, ValueError
        If F closes over a traced value; if a derivative by w0 is asked for and there are more
        unknowns than equations; if a second derivative is.

    Notes
    -----
    The derivative is that of the solution nearest to w, the one returned:
    dw = J^+ (dy - dF/dp dp). Functions of w that are constant along the solutions, and all
    functions where m = n, have it as their derivative in every sense. Otherwise the point where a
    method ends depends on its way from w0 also along the solutions; that part is not
    differentiated. With m = n the derivative by w0 is 0.

    Examples
    --------
    >>> import jax, jax.numpy as jnp, nlsolve
    >>> def norm(y):
    ...     w = nlsolve.interop.jax_solve(lambda w: w @ w, y, jnp.array([6.0, 8.0]))
    ...     return jnp.sqrt(w @ w)
    >>> print(f"{jax.grad(norm)(25.0):.4f}")
    0.1000
    """
    needed("jax", "JAX")
    from nlsolve.interop.jax_solution import differentiable_solution

    return differentiable_solution(F, y, w0, args, throw, options)


def torch_solve(
    F: Callable[..., Any], y: Any, w0: Any, *args: Any, throw: bool = True, **options: Any
) -> Any:
    """Solve ``F(w, *args) = y`` inside a PyTorch program; gradients by y and args.

    Parameters
    ----------
    F : callable
        ``F(w, *args) -> (n,)``, as for `from_torch`: it gets float64 tensors on the device of w0.
        Tensors that require gradients must come in `args`, not by closing over them.
    y : number or (n,) tensor
        Right-hand side.
    w0 : tensor, or dict, list or tuple of tensors
        Start; must not require a gradient if there are more unknowns than equations.
    *args
        Tensors, dicts, lists and tuples of them, and anything else F takes.
    throw : bool, optional
        False: a solve that fails gives NaN, and so do derivatives that do not exist.
    **options
        Keywords of `nlsolve.solve`. With ``bounds`` the derivative is still that without them.

    Returns
    -------
    tensor, or dict, list or tuple of tensors
        A solution, in the structure, type and place of w0.

    Raises
    ------
    SolveError, numpy.linalg.LinAlgError
        If the solve fails, or J has lost rank where a gradient is asked for.
    ValueError
        If F closes over tensors that require gradients, or w0 requires one.

    Notes
    -----
    For what the gradient is the gradient of, see `jax_solve`. It can be taken once; torch.func's
    transformations are not supported.
    """
    needed("torch", "PyTorch")
    from nlsolve.interop.torch_solution import differentiable_solution

    return differentiable_solution(F, y, w0, args, throw, options)
