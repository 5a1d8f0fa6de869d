"""How is a function of PyTorch evaluated and differentiated in double precision?

w comes to F as a float64 tensor on the device asked for, and floating tensors among the arguments
are made float64 there too: PyTorch refuses to multiply matrices of two types. Where F returns
fewer digits, tolerances follow them. Derivatives are those of torch.func. F is not compiled:
torch.compile is the user's to call.
"""

from typing import Any

import numpy as np
import torch

from nlsolve.interop.brought import BLOCK, Brought
from nlsolve.systems.base import FloatArray

MIXED = (
    "w is a float64 tensor on {}, and tensors F closes over must be of that type and there too: "
    "use .double(), or give them in args, where that is done for you ({})"
)


class TorchFunction(Brought):
    """F(w, *args, **kwargs) of PyTorch.

    Parameters
    ----------
    F : callable
        Of a tensor, or nested dicts, lists and tuples of tensors, returning the like.
    w0 : tensor, dict, list, tuple or None
        The structure of w; None: a vector of any length.
    rows : callable or None
        ``rows(w, batch, *args, **kwargs)``: the values of some equations.
    mode : {None, 'forward', 'reverse'}
    device : str or torch.device
    """

    framework = "PyTorch"

    def __init__(
        self, F: Any, w0: Any = None, rows: Any = None, mode: str | None = None, device: Any = "cpu"
    ) -> None:
        super().__init__(F, None if w0 is None else ravelled(w0).numel(), mode)
        self.rows_of, self.device = rows, torch.device(device)
        self.tree = None if w0 is None else mapped(lambda leaf: leaf.detach().cpu(), w0)

    def __reduce__(self) -> Any:
        return TorchFunction, (self.F, self.tree, self.rows_of, self.mode, str(self.device))

    def evaluate(self, w: FloatArray, args: Any, kwargs: Any) -> Any:
        """Return F(w)."""
        try:
            with torch.no_grad():
                return _array(self.function(args, kwargs)(self.tensor(w)))
        except RuntimeError as error:
            if "dtype" in str(error) or "device" in str(error):
                raise TypeError(MIXED.format(self.device, error)) from error
            raise

    def push(self, w: FloatArray, v: FloatArray, args: Any, kwargs: Any) -> Any:
        """Return J v."""
        f = self.function(args, kwargs)
        return _array(torch.func.jvp(f, (self.tensor(w),), (self.tensor(v),))[1])

    def pull(self, w: FloatArray, u: FloatArray, args: Any, kwargs: Any) -> Any:
        """Return J^T u."""
        values, back = torch.func.vjp(self.function(args, kwargs), self.tensor(w))
        return _array(back(self.tensor(u).to(values.dtype))[0])

    def form(self, w: FloatArray, forward: bool, args: Any, kwargs: Any) -> Any:
        """Return J."""
        f, point = self.function(args, kwargs), self.tensor(w)
        if not forward:
            return _array(torch.func.jacrev(f, chunk_size=BLOCK)(point))
        column = torch.vmap(lambda v: torch.func.jvp(f, (point,), (v,))[1], chunk_size=BLOCK)
        return _array(column(torch.eye(w.size, dtype=point.dtype, device=self.device)).T)

    def rows(self, w: FloatArray, batch: Any, /, *args: Any, **kwargs: Any) -> Any:
        """Return values and rows of J of the equations in `batch`."""
        numbers = torch.as_tensor(np.array(batch), device=self.device)
        f = self.function(args, kwargs, self.rows_of, numbers)
        J = torch.func.jacrev(f, chunk_size=BLOCK)(self.tensor(w))
        return _array(f(self.tensor(w))), _array(J)

    def flat(self, w: Any) -> FloatArray:
        """Return nested tensors as a vector."""
        return np.asarray(_array(ravelled(w)), dtype=np.float64)

    def structured(self, w: Any) -> Any:
        """Return a vector as nested float64 tensors."""
        w = torch.as_tensor(w, device=self.device)
        if self.tree is None:
            return w
        sizes = [leaf.numel() for leaf in leaves_of(self.tree)]
        parts = iter(torch.split(w, sizes))
        return mapped(lambda leaf: next(parts).reshape(leaf.shape), self.tree)

    def tensor(self, w: FloatArray) -> Any:
        """Return a vector as a float64 tensor on the device."""
        return torch.as_tensor(np.array(w, dtype=np.float64), device=self.device)

    def function(self, args: Any, kwargs: Any, function: Any = None, *leading: Any) -> Any:
        """Return F, or `rows`, as a function of a vector tensor that returns one."""
        args, kwargs = mapped(self._double, args), mapped(self._double, kwargs)
        function = self.F if function is None else function

        def flat(w: Any) -> Any:
            return ravelled(function(self.structured(w), *leading, *args, **kwargs))

        return flat

    def _double(self, value: Any) -> Any:
        """Return floating tensors and arrays as float64 tensors on the device, others as is."""
        if isinstance(value, np.ndarray) and value.dtype.kind in "fiub":
            value = torch.as_tensor(value)
        if not isinstance(value, torch.Tensor):
            return value
        return value.to(self.device, torch.float64 if value.is_floating_point() else None)


def mapped(function: Any, tree: Any) -> Any:
    """Return nested dicts, lists and tuples with a function of every leaf in its place."""
    if isinstance(tree, dict):
        return {name: mapped(function, part) for name, part in tree.items()}
    if type(tree) in (list, tuple):
        return type(tree)(mapped(function, part) for part in tree)
    return function(tree)


def leaves_of(tree: Any) -> list[Any]:
    """Return the leaves of nested dicts, lists and tuples in order."""
    found: list[Any] = []
    mapped(found.append, tree)
    return found


def ravelled(tree: Any) -> Any:
    """Return nested tensors as one vector.

    Raises
    ------
    TypeError
        If a leaf is no tensor, and no number either.
    """
    leaves = leaves_of(tree)
    for leaf in leaves:
        if not isinstance(leaf, (torch.Tensor, float, int)):
            raise TypeError(
                f"F and w0 must be made of tensors (in dicts, lists, tuples), got "
                f"{type(leaf).__name__}"
            )
    if len(leaves) == 1:
        return torch.as_tensor(leaves[0]).reshape(-1)
    return torch.cat([torch.as_tensor(leaf).reshape(-1) for leaf in leaves])


def _array(tensor: Any) -> Any:
    return tensor.detach().cpu().numpy()
