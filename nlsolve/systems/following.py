"""How is a function run on entries when it makes its own arrays and calls jitted functions?

A copy of the function is run, with the same code, whose global names and closure lead elsewhere:
the numpy module to one whose zeros, empty, eye, array, ... make arrays that can hold entries; the
math module to functions of entries; functions to copies of them, jitted functions to copies of what
was jitted (py_func). The original, its module and NumPy are left as they are.

Functions reached in other ways (methods of an object, attributes of a module) run as they are;
there an array of floats cannot hold an entry, and says so.
"""

import functools
import math
import types
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from nlsolve.systems.arrays import as_entries, has_entries
from nlsolve.systems.elementary import ELEMENTARY
from nlsolve.systems.entries import Entry, TraceError, written

Function = Callable[..., Any]

_EMPTY = ("empty", "empty_like")
_FILLED = ("zeros", "ones", "full", "eye", "identity", "zeros_like", "ones_like", "full_like")
_MAKING = (*_EMPTY, *_FILLED, "diag", "copy", "linspace")
_CONVERTING = ("array", "asarray", "asanyarray", "ascontiguousarray", "asfortranarray")
_FOREIGN = ("numpy", "scipy", "numba")  # whose functions are not copied


def follow(function: Any) -> Function:
    """Return a function that can be run on entries."""
    followed = _Copies().of(function)
    if not callable(followed):
        raise TraceError(f"F must be a callable, got {type(function).__name__}")
    return followed if followed is not function else _of_object(function)


def _of_object(instance: Any) -> Function:
    """Return a copy of an object's __call__."""
    call = type(instance).__call__
    if isinstance(call, types.FunctionType):
        return types.MethodType(_Copies().of(call), instance)
    return instance  # type: ignore[no-any-return]


class _Module:
    """A module of which some functions are others."""

    def __init__(self, module: types.ModuleType, others: dict[str, Function]) -> None:
        self.__dict__.update(others)
        self._module = module

    def __getattr__(self, name: str) -> Any:
        return getattr(self._module, name)


class _Copies:
    """Copies of functions, each made once."""

    def __init__(self) -> None:
        self.made: dict[int, Any] = {}

    def of(self, value: Any) -> Any:
        """Return what stands for a value in the copies."""
        replaced = _REPLACED.get(id(value))
        if replaced is not None:
            return replaced
        if hasattr(value, "py_func") and callable(value):
            return self.of(value.py_func)
        if isinstance(value, functools.partial):
            arguments = map(self.of, value.args)
            named = {name: self.of(one) for name, one in value.keywords.items()}
            return functools.partial(self.of(value.func), *arguments, **named)
        if isinstance(value, types.MethodType):
            return types.MethodType(self.of(value.__func__), value.__self__)
        if isinstance(value, types.FunctionType) and _is_ours(value):
            return self.made.get(id(value)) or self._copied(value)
        return value

    def _copied(self, function: types.FunctionType) -> types.FunctionType:
        names: dict[str, Any] = {}
        cells = tuple(types.CellType() for _ in function.__closure__ or ())
        copy = types.FunctionType(
            function.__code__, names, function.__name__, function.__defaults__, cells
        )
        copy.__kwdefaults__ = function.__kwdefaults__
        self.made[id(function)] = copy
        names.update(_BUILTINS)
        names.update(function.__globals__)
        for name in set(_names(function.__code__)) & set(function.__globals__):
            names[name] = self.of(function.__globals__[name])
        for cell, original in zip(cells, function.__closure__ or (), strict=True):
            try:
                cell.cell_contents = self.of(original.cell_contents)
            except ValueError:  # a name that has no value yet
                continue
        return copy


def _is_ours(function: types.FunctionType) -> bool:
    return (function.__module__ or "").partition(".")[0] not in _FOREIGN


def _names(code: types.CodeType) -> Iterator[str]:
    """Yield the names a function and the functions within it look up."""
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from _names(constant)


def _making(name: str) -> Function:
    """Return a function of NumPy that makes arrays, whose arrays of floats can hold entries."""
    function = getattr(np, name)

    def make(*args: Any, **kwargs: Any) -> Any:
        if has_entries((args, kwargs)):
            return as_entries(function(*args, **kwargs))
        made = function(*args, **kwargs)
        if name in _EMPTY and made.dtype.kind == "f":
            made.fill(np.nan)  # which no formula takes
        return as_entries(made)

    return make


def _converting(name: str) -> Function:
    """Return a function of NumPy that makes arrays of given entries."""
    function = getattr(np, name)

    def convert(given: Any, dtype: Any = None, *args: Any, **kwargs: Any) -> Any:
        if not has_entries(given):
            return as_entries(function(given, dtype, *args, **kwargs))
        if dtype is not None and np.dtype(dtype).kind not in "fO":
            raise TraceError(f"np.{name} of entries of w with dtype {np.dtype(dtype)}")
        return as_entries(function(given, object, *args, **kwargs))

    return convert


def _of_entries(name: str, function: Function) -> Function:
    """Return a function of math, also of entries."""

    def of(*given: Any) -> Any:
        if not has_entries(given):
            return function(*given)
        if name not in ELEMENTARY:
            raise TraceError(f"math.{name} of entries of w is not a formula that can be followed")
        return ELEMENTARY[name](*given)

    return of


def _extreme(name: str, function: Function) -> Function:
    """Return max or min, also of entries."""

    def of(*given: Any, **options: Any) -> Any:
        values = list(given[0] if len(given) == 1 else given)
        if not has_entries(values) or options:
            return function(*given, **options)
        return functools.reduce(lambda a, b: _greater_or_less(name, function, a, b), values)

    return of


def _greater_or_less(name: str, function: Function, a: Any, b: Any) -> Any:
    known = not (isinstance(a, Entry) or isinstance(b, Entry))
    return function(a, b) if known else written(name, a, b)


_NUMPY = {name: _making(name) for name in _MAKING} | {one: _converting(one) for one in _CONVERTING}
_MATH = {
    name: _of_entries(name, function)
    for name, function in vars(math).items()
    if callable(function) and not name.startswith("_")
}
_BUILTINS = {"max": _extreme("max", max), "min": _extreme("min", min)}
_REPLACED: dict[int, Any] = {
    id(np): _Module(np, _NUMPY),
    id(math): _Module(math, _MATH),
    **{id(getattr(np, name)): function for name, function in _NUMPY.items()},
    **{id(getattr(math, name)): function for name, function in _MATH.items()},
    **{id(one): _BUILTINS[one.__name__] for one in (max, min)},
}
