"""How is F written? `as_system` is the only place that looks at the type of F."""

from typing import Any

from nlsolve.systems.base import System
from nlsolve.systems.formulas import FormulaSystem

__all__ = ["FormulaSystem", "System", "as_system"]


def as_system(F: Any, keywords: dict[str, Any]) -> System:
    """Return a System for F: itself, or one made of a callable and the keywords of System.

    Raises
    ------
    TypeError
        If F is neither, or a System came with keywords that belong to it.
    """
    given = {name: value for name, value in keywords.items() if value is not None}
    if not isinstance(F, System):
        return System(F, **given)
    if isinstance(F, FormulaSystem) and given.keys() <= {"args", "kwargs"}:
        args = given.get("args", ())
        values = args if isinstance(args, tuple) else (args,)
        return F.at(*values, **given.get("kwargs", {})) if given else F
    if given:
        names = ", ".join(sorted(given))
        raise TypeError(f"F is a System already; give {names} to System(...) instead")
    return F
