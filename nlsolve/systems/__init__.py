"""How is F written? `as_system` is the only place that looks at the type of F."""

from typing import Any

from nlsolve.systems.base import System
from nlsolve.systems.functions import callable_system

__all__ = ["System", "as_system"]


def as_system(F: Any, **keywords: Any) -> System:
    """Return a System for F: itself, or one made of a callable and the keywords of System.

    Raises
    ------
    TypeError
        If F is neither, or a System came with keywords that belong to it.
    """
    if isinstance(F, System):
        given = sorted(name for name, value in keywords.items() if value not in (None, ()))
        if given:
            raise TypeError(
                f"F is a System already; give {', '.join(given)} to System(...) instead"
            )
        return F
    if not callable(F):
        raise TypeError(f"F must be a callable or a nlsolve.System, got {type(F).__name__}")
    return callable_system(F, {k: v for k, v in keywords.items() if v is not None})
