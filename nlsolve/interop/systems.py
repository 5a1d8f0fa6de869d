"""How does a function of JAX, PyTorch or CasADi become a System?"""

from collections.abc import Callable, Mapping
from typing import Any

from nlsolve.interop.brought import BroughtSystem, needed


def from_jax(
    F: Callable[..., Any],
    w0: Any = None,
    *,
    args: tuple[Any, ...] = (),
    kwargs: Mapping[str, Any] | None = None,
    rows: Callable[..., Any] | None = None,
    mode: str | None = None,
    check_jac: Any = "warn",
) -> BroughtSystem:
    """Return a System for a function of JAX, compiled and differentiated by it in doubles.

    Parameters
    ----------
    F : callable
        ``F(w, *args, **kwargs) -> (n,)``, traceable by JAX. A pytree it returns is ravelled.
    w0 : pytree, optional
        Unknowns in the structure F takes, for instance the parameters of a network:
        ``system.w0`` is this start as a vector, ``system.unravel(sol.w)`` the solution as F takes
        it. Without one, F takes a vector.
    args, kwargs : tuple, mapping, optional
        Further arguments of F: arrays, numbers and pytrees of them.
    rows : callable, optional
        ``rows(w, batch, *args, **kwargs)`` gives the values of the equations whose numbers are in
        `batch`, for 'sgd' and for preconditioning products; it is differentiated by JAX.
    mode : {None, 'forward', 'reverse'}, optional
        The only direction in which F can be differentiated: 'reverse' where it uses
        ``jax.custom_vjp``, 'forward' where it has loops of unknown length. J is then always formed.
    check_jac : {'warn', 'raise', False}, optional
        As for `System`.

    Returns
    -------
    System
        J is formed up to 4 million entries; larger ones are known by products only.

    Raises
    ------
    ImportError
        If JAX is not installed.
    TypeError, ValueError
        If an argument is not of these kinds.

    Notes
    -----
    F is evaluated in double precision whatever ``jax_enable_x64`` says, and that setting is left
    alone. Arrays made by jax.numpy before are rounded to float32 already; make data with numpy. If
    F itself casts to float32, tolerances follow: see docs/how-to/interop.md.

    Examples
    --------
    >>> import jax.numpy as jnp, nlsolve
    >>> circle = nlsolve.from_jax(lambda w, radius: w @ w - radius**2, args=(5.0,))
    >>> nlsolve.solve(circle, 0.0, [6.0, 8.0]).w
    array([3., 4.])
    """
    needed("jax", "JAX")
    from nlsolve.interop.jax_function import JaxFunction, doubles

    brought = JaxFunction(F, w0, _callable(rows), mode)
    start = None if w0 is None else doubles(w0)
    return _system(brought, rows, args, kwargs, check_jac, start)


def from_torch(
    F: Callable[..., Any],
    w0: Any = None,
    *,
    args: tuple[Any, ...] = (),
    kwargs: Mapping[str, Any] | None = None,
    rows: Callable[..., Any] | None = None,
    mode: str | None = None,
    device: Any = "cpu",
    check_jac: Any = "warn",
) -> BroughtSystem:
    """Return a System for a function of PyTorch, differentiated by it in doubles.

    Parameters
    ----------
    F : callable
        ``F(w, *args, **kwargs) -> (n,)`` of a float64 tensor w on `device`.
    w0 : tensor, dict, list or tuple of tensors, optional
        Unknowns in the structure F takes, for instance ``dict(module.named_parameters())``:
        ``system.w0`` is this start as a vector, ``system.unravel(sol.w)`` the solution as F takes
        it. Without one, F takes a vector.
    args, kwargs : tuple, mapping, optional
        Further arguments of F. Floating tensors and numpy arrays among them become float64 tensors
        on `device`.
    rows, mode
        As for `from_jax`; 'reverse' is for operations that have no forward derivative.
    device : str or torch.device, optional
        Where F is evaluated; it must know float64.
    check_jac : {'warn', 'raise', False}, optional
        As for `System`.

    Returns
    -------
    System
        J is formed up to 4 million entries; larger ones are known by products only.

    Raises
    ------
    ImportError
        If PyTorch is not installed.
    TypeError, ValueError
        If an argument is not of these kinds.
    """
    needed("torch", "PyTorch")
    from nlsolve.interop.torch_function import TorchFunction

    brought = TorchFunction(F, w0, _callable(rows), mode, device)
    start = None if w0 is None else brought.flat(w0)
    return _system(brought, rows, args, kwargs, check_jac, start)


def from_casadi(
    F: Any,
    w: Any = None,
    parameters: Any = (),
    *,
    args: tuple[Any, ...] = (),
    kwargs: Mapping[str, Any] | None = None,
    check_jac: Any = "warn",
) -> BroughtSystem:
    """Return a System for a function of CasADi, with its sparse Jacobian.

    Parameters
    ----------
    F : casadi.Function, SX or MX
        A function of a column w and perhaps parameters with one column as output, or an expression.
    w : SX or MX, optional
        The symbols that are the unknowns, for an expression.
    parameters : SX, MX or sequence of them, optional
        The symbols whose values come in `args`, for an expression.
    args, kwargs : tuple, mapping, optional
        Values of the further inputs, in order or by name.
    check_jac : {'warn', 'raise', False}, optional
        As for `System`.

    Returns
    -------
    System
        Its J is a sparse array where most entries are always 0.

    Raises
    ------
    ImportError
        If CasADi is not installed.
    TypeError, ValueError
        If an argument is not of these kinds.

    Examples
    --------
    >>> import casadi, nlsolve
    >>> w, radius = casadi.SX.sym("w", 2), casadi.SX.sym("radius")
    >>> circle = nlsolve.from_casadi(casadi.sumsqr(w) - radius**2, w, radius, args=(5.0,))
    >>> nlsolve.solve(circle, 0.0, [6.0, 8.0]).w
    array([3., 4.])
    """
    needed("casadi", "CasADi")
    from nlsolve.interop.casadi_function import EXPRESSIONS, CasadiFunction, function_of

    if isinstance(F, EXPRESSIONS):
        F = function_of(F, w, parameters)
    elif w is not None:
        raise TypeError("w belongs to an expression; a casadi.Function knows its inputs")
    return _system(CasadiFunction(F), None, args, kwargs, check_jac, None)


def _callable(rows: Any) -> Any:
    if rows is not None and not callable(rows):
        raise TypeError(f"rows must be callable, got {type(rows).__name__}")
    return rows


def _system(
    brought: Any, rows: Any, args: Any, kwargs: Any, check_jac: Any, w0: Any
) -> BroughtSystem:
    own = None if rows is None else brought.rows
    return BroughtSystem(brought, rows=own, args=args, kwargs=kwargs, check_jac=check_jac, w0=w0)
