"""When is a system of Python functions jitted, and what does the compiled lane need of it?

F, and the Jacobian if there is a function for it, must be numba dispatchers. `kwargs` are bound to
positions, because compiled code has no keywords.
"""

import inspect
import sys
from typing import Any

from nlsolve.systems.base import System


def is_jitted(function: Any) -> bool:
    """Return whether a function is a numba dispatcher, without importing numba for the question."""
    numba = sys.modules.get("numba")
    return numba is not None and isinstance(function, numba.core.dispatcher.Dispatcher)


class JittedSystem(System):
    """A system whose functions are all jitted, so that whole runs can be compiled calls."""

    @property
    def jitted(self) -> bool:
        """Complex steps and evaluation by workers need Python."""
        return self.kind != "cs" and self.workers is None and not self.vectorized

    def functions(self) -> dict[str, Any]:
        """Return the dispatchers by role."""
        roles = {"both" if self.returns_both else "F": self.F}
        if self.given_jac is not None:
            roles["jac"] = self.given_jac
        if self.given_rows is not None:
            roles["rows"] = self.given_rows
        return roles

    def positional(self) -> tuple[Any, ...] | None:
        """Return args and kwargs as positional arguments of F; None where they cannot be."""
        if not self.kwargs:
            return self.args
        bound = inspect.signature(self.F.py_func).bind(None, *self.args, **self.kwargs)  # type: ignore[attr-defined]
        bound.apply_defaults()
        return None if bound.kwargs else bound.args[1:]


def callable_system(F: Any, keywords: dict[str, Any]) -> System:
    """Return the system of a bare function."""
    functions = (F, *(keywords.get(name) for name in ("jvp", "vjp", "rows")))
    jac = keywords.get("jac")
    jitted = is_jitted(F) and keywords.get("jvp") is None and keywords.get("vjp") is None
    for function in (*functions, jac if callable(jac) else None):
        jitted = jitted and (function is None or is_jitted(function))
    return (JittedSystem if jitted else System)(F, **keywords)
