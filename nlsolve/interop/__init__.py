"""Which functions of other frameworks can be brought, and how do solutions go back there?

Frameworks are imported when a function of this room is called, not before.
"""

import importlib
from typing import TYPE_CHECKING, Any

_HOME = {
    "from_casadi": "nlsolve.interop.systems",
    "from_jax": "nlsolve.interop.systems",
    "from_torch": "nlsolve.interop.systems",
    "jax_solve": "nlsolve.interop.solves",
    "torch_solve": "nlsolve.interop.solves",
}

__all__ = [*_HOME]

if TYPE_CHECKING:
    from nlsolve.interop.solves import jax_solve as jax_solve
    from nlsolve.interop.solves import torch_solve as torch_solve
    from nlsolve.interop.systems import from_casadi as from_casadi
    from nlsolve.interop.systems import from_jax as from_jax
    from nlsolve.interop.systems import from_torch as from_torch


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'nlsolve.interop' has no attribute {name!r}")
    value = getattr(importlib.import_module(_HOME[name]), name)
    globals()[name] = value
    return value
