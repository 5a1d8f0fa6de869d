"""How does a solution flow through PyTorch, values forth and gradients back?

The gradient of a function of w whose gradient by w is v: u = (J^+)^T v by y, and -(dF/dp)^T u by
arguments, with J^+ found in numpy (solution.py) and dF/dp by autograd.
"""

from typing import Any, NamedTuple

import torch

from nlsolve.interop.brought import BroughtSystem
from nlsolve.interop.solution import pseudo_inverse, solution
from nlsolve.interop.torch_function import TorchFunction, leaves_of, mapped, ravelled

CLOSED = (
    "F closes over tensors that require gradients, which would get none; pass them as further "
    "arguments, torch_solve(F, y, w0, p) with F(w, p), or detach them"
)
ONCE = (
    "torch_solve can be differentiated once; second derivatives of a solution are not defined here"
)
START = (
    "torch_solve: w0 requires a gradient, but with {m} unknowns for {n} equations where the method "
    "ends along the solutions depends on its path; use w0.detach()"
)


class Case(NamedTuple):
    """A solve without its numbers."""

    function: TorchFunction
    args: tuple[Any, ...]
    throw: bool
    options: dict[str, Any]

    def with_leaves(self, leaves: Any) -> tuple[Any, ...]:
        """Return the arguments with these leaves."""
        parts = iter(leaves)
        return mapped(lambda _: next(parts), self.args)  # type: ignore[no-any-return]

    def system(self, leaves: Any) -> BroughtSystem:
        """Return the system at the values of these leaves."""
        args = self.with_leaves(map(_detached, leaves))
        return BroughtSystem(self.function, args=args, check_jac=False)


def differentiable_solution(
    F: Any, y: Any, w0: Any, args: tuple[Any, ...], throw: bool, options: dict[str, Any]
) -> Any:
    """Return what `torch_solve` returns; see there."""
    flat = ravelled(w0)
    y = torch.as_tensor(y, device=flat.device)
    dtype = torch.promote_types(flat.dtype, y.dtype)
    dtype = dtype if dtype.is_floating_point else torch.get_default_dtype()
    function = TorchFunction(F, w0, device=flat.device)
    case = Case(function, args, throw, options)
    leaves = leaves_of(args)
    n = _size(case, flat.detach(), leaves)
    if flat.requires_grad and flat.numel() > n:
        raise ValueError(START.format(n=n, m=flat.numel()))
    if y.numel() not in (1, n):
        raise ValueError(f"y has {y.numel()} entries, but F returns {n}; expected 1 or {n}")
    target = y.to(dtype).reshape(-1).expand(n)
    return function.structured(Solution.apply(case, target, flat.to(dtype), *leaves))


def _size(case: Case, w: Any, leaves: Any) -> int:
    """Return the number of equations; refuse an F that closes over what requires gradients."""
    args = case.with_leaves(map(_detached, leaves))
    with torch.enable_grad():
        values = case.function.function(args, {})(w.to(torch.float64))
    if values.requires_grad:
        raise ValueError(CLOSED)
    return int(values.numel())


class Solution(torch.autograd.Function):  # type: ignore[misc]  # untyped where it is not installed
    """w as a function of y, w0 and the leaves of the arguments."""

    @staticmethod
    def forward(context: Any, case: Case, y: Any, w0: Any, *leaves: Any) -> Any:
        """Return w."""
        numbers = (y.detach().cpu().numpy(), w0.detach().cpu().numpy())
        w = w0.new_tensor(solution(case.system(leaves), *numbers, case.throw, case.options))
        context.case = case
        context.tensors = [isinstance(leaf, torch.Tensor) for leaf in leaves]
        context.others = [leaf for leaf in leaves if not isinstance(leaf, torch.Tensor)]
        tensors = [leaf for leaf in leaves if isinstance(leaf, torch.Tensor)]
        context.save_for_backward(w, y, *tensors)
        return w

    @staticmethod
    def backward(context: Any, v: Any) -> tuple[Any, ...]:
        """Return the gradients, for a gradient v by w."""
        w, y, *tensors = context.saved_tensors
        parts, others = iter(tensors), iter(context.others)
        leaves = [next(parts if known else others) for known in context.tensors]
        wanted = context.needs_input_grad[3:]
        with torch.no_grad():
            found = _gradients(context.case, v, w.detach(), y, leaves, wanted)
        refused = (g if g is None else Once.apply(g, v, w, y, *tensors) for g in found)
        return None, *refused


class Once(torch.autograd.Function):  # type: ignore[misc]  # as above
    """A gradient that depends on tensors, but not so that it could be differentiated."""

    @staticmethod
    def forward(context: Any, gradient: Any, *tensors: Any) -> Any:
        """Return the gradient."""
        return gradient.clone()

    @staticmethod
    def backward(context: Any, v: Any) -> Any:
        """Refuse."""
        raise RuntimeError(ONCE)


def _gradients(
    case: Case, v: Any, w: Any, y: Any, leaves: list[Any], wanted: Any
) -> tuple[Any, ...]:
    """Return the gradients by y, w0 and the leaves."""
    inverse = pseudo_inverse(case.system(leaves), y.cpu().numpy(), w.cpu().numpy(), case.throw)
    u = torch.as_tensor(inverse.T, device=w.device) @ v.to(torch.float64)
    return u.to(y.dtype), torch.zeros_like(w), *_by_leaves(case, w, leaves, wanted, -u)


def _by_leaves(case: Case, w: Any, leaves: Any, wanted: Any, u: Any) -> list[Any]:
    """Return (dF/dp)^T u for each leaf that wants it."""
    free = [
        leaf.detach().requires_grad_() if want else leaf
        for leaf, want in zip(leaves, wanted, strict=True)
    ]
    chosen = [leaf for leaf, want in zip(free, wanted, strict=True) if want]
    with torch.enable_grad():
        values = case.function.function(case.with_leaves(free), {})(w.to(torch.float64))
    if not values.requires_grad:  # F depends on none of them
        return [None] * len(leaves)
    found = torch.autograd.grad(values, chosen, u.to(values.dtype), allow_unused=True)
    parts = iter(found)
    return [next(parts) if want else None for want in wanted]


def _detached(leaf: Any) -> Any:
    return leaf.detach() if isinstance(leaf, torch.Tensor) else leaf
