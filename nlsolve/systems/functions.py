"""What is known of a user's functions, whatever their arguments?"""

import sys
import weakref
from collections.abc import Callable
from functools import lru_cache
from typing import Any


def is_jitted(function: Any) -> bool:
    """Return whether a function is a numba dispatcher, without importing numba for the question."""
    numba = sys.modules.get("numba")
    return numba is not None and isinstance(function, numba.core.dispatcher.Dispatcher)


class Functions:
    """The functions of a system by role, and what is known of them whatever their arguments.

    Attributes
    ----------
    roles : tuple of (str, callable)
        'F' or 'both', 'jac', 'jvp', 'vjp', 'rows'; those that were given.
    jitted : bool
        Whether all are numba dispatchers and none is a product with J.
    leaves : dict of str to bool
        Of a product that has been called, whether it left its arguments as they were.
    """

    def __init__(self, roles: tuple[tuple[str, Any], ...]) -> None:
        self.roles = roles
        products = {"jvp", "vjp"} & {role for role, _ in roles}
        self.jitted = not products and all(is_jitted(function) for _, function in roles)
        self.leaves: dict[str, bool] = {}
        self._checked: list[Callable[[], Any]] | None = None

    def __reduce__(self) -> Any:
        return functions_of, (self.roles,)

    def checked_with(self, arguments: tuple[Any, ...]) -> bool:
        """Return whether the derivatives were right with these very arguments."""
        return self._checked is not None and identical(
            arguments, [reference() for reference in self._checked]
        )

    def mark_checked(self, arguments: tuple[Any, ...]) -> None:
        """Note that they were; arrays are not kept alive for it."""
        self._checked = [_reference(one) for one in arguments]


_remembered = lru_cache(maxsize=256)(Functions)


def identical(some: tuple[Any, ...], others: Any) -> bool:
    """Return whether two sequences hold the same objects."""
    return len(some) == len(others) and all(a is b for a, b in zip(some, others, strict=True))


def functions_of(roles: tuple[tuple[str, Any], ...]) -> Functions:
    """Return what is known of these functions, the same object whenever jitted ones come again.

    Others are not remembered: that would keep alive whatever they close over.
    """
    jitted = all(is_jitted(function) for _, function in roles)
    return _remembered(roles) if jitted else Functions(roles)


def _reference(value: Any) -> Callable[[], Any]:
    """Return what gives the object again: None once it is gone, if it can be watched."""
    try:
        return weakref.ref(value)
    except TypeError:
        return lambda: value
