"""What does an array do whose entries write formulas?

`Entries` is a NumPy array of objects, Entry or float. Whatever NumPy does by moving entries about
works as it is; arithmetic and products are NumPy's own loops over objects; other ufuncs go entry by
entry through ELEMENTARY. Where no Entry is involved the floats are computed as floats. Functions
that need values (LAPACK, sorting) are a TraceError that names them.
"""

import sys
from typing import Any

import numpy as np

from nlsolve.systems.elementary import ELEMENTARY
from nlsolve.systems.entries import Entry, TraceError

_ARITHMETIC = {"add", "subtract", "multiply", "divide", "true_divide", "negative", "positive"}
_OWN_LOOPS = _ARITHMETIC | {"matmul", "vecdot", "matvec", "vecmat"}
_COMPARISONS = {"greater", "greater_equal", "less", "less_equal", "equal", "not_equal"}
_LOGIC = {"logical_and", "logical_or", "logical_not", "logical_xor"}
_QUESTIONS = {"isfinite", "isnan", "isinf"}
_LINALG = {"norm", "vector_norm", "matrix_norm", "matrix_power", "multi_dot", "outer", "cross"}
_LINALG |= {"matmul", "trace", "diagonal", "vecdot", "tensordot", "matrix_transpose"}
_IN_PLACE = {"copyto", "put", "place", "putmask", "fill_diagonal", "put_along_axis"}
_FLOATS = "fc"  # kinds of dtypes that entries stand for


class Entries(np.ndarray[Any, Any]):
    """An array of entries and floats."""

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **options: Any) -> Any:
        return followed(ufunc, method, inputs, **options)

    def __array_function__(self, func: Any, types: Any, args: Any, kwargs: Any) -> Any:
        """Run one of NumPy's functions that are not ufuncs."""
        name, module = func.__name__, func.__module__
        writes = name in _IN_PLACE or kwargs.get("out") is not None
        if not writes and not has_entries((args, kwargs)):
            return as_entries(func(*as_floats(args), **as_floats(kwargs)))
        if module == "numpy.fft" or (module == "numpy.linalg" and name not in _LINALG):
            raise TraceError(f"{module}.{name} of entries of w cannot be followed")
        order = args[1] if len(args) > 1 else kwargs.get("ord")
        if name == "norm" and isinstance(order, int | float) and order not in (1, 2):
            return _norm(*args, **kwargs)
        if name.endswith("_like"):
            kwargs = {key: value for key, value in kwargs.items() if key != "dtype"}
        try:
            return as_entries(super().__array_function__(func, types, args, kwargs))
        except TraceError as error:
            raise TraceError(f"np.{name}: {error}") from None
        except TypeError as error:
            raise TraceError(f"np.{name} of entries of w cannot be followed: {error}") from error

    def astype(self, dtype: Any, *args: Any, **kwargs: Any) -> Any:
        """Return a copy where a float type is asked for."""
        if np.dtype(dtype).kind in "fO":
            return self.copy()
        return np.asarray(self).astype(dtype, *args, **kwargs)


def followed(ufunc: Any, method: str, inputs: Any, out: Any = None, **options: Any) -> Any:
    """Return a ufunc of arrays or numbers some of which are Entries or Entry."""
    options.pop("dtype", None)
    given = [_objects(one) for one in inputs]
    if method == "at":
        return ufunc.at(*given)
    if not has_entries(given):
        result = getattr(ufunc, method)(*(as_floats(one) for one in inputs), **options)
    else:
        result = getattr(_loop(ufunc), method)(*given, **options)
    if out is None:
        return as_entries(result)
    for kept, value in zip(out, result if isinstance(result, tuple) else (result,), strict=True):
        if kept.dtype.kind in _FLOATS and has_entries((value,)):
            raise TraceError("entries of w written into an array of floats made elsewhere")
        kept[...] = value
    return out[0] if len(out) == 1 else out


def _norm(x: Any, ord: float, axis: Any = None, keepdims: bool = False) -> Any:
    """Return the norm of vectors, of an order for which NumPy compares or needs floats."""
    if isinstance(axis, tuple) or (axis is None and np.ndim(x) != 1):
        raise TraceError(f"numpy.linalg.norm of order {ord} of a matrix of entries of w")
    size = np.abs(x)
    if ord == np.inf:
        return size.max(axis=axis, keepdims=keepdims)
    return np.power(np.sum(np.power(size, ord), axis=axis, keepdims=keepdims), 1 / ord)


def _loop(ufunc: Any) -> Any:
    """Return a ufunc over objects."""
    name = ufunc.__name__
    if name in _OWN_LOOPS:
        return ufunc
    if name in _COMPARISONS | _LOGIC:
        raise TraceError(f"np.{name} of entries of w: a data-dependent branch")
    if name not in ELEMENTARY or not _is_known(ufunc):
        raise TraceError(f"np.{name} of entries of w is not a formula that can be followed")
    follow = ELEMENTARY[name]

    def of_numbers(*given: Any) -> Any:
        if any(type(one) is Entry for one in given):
            return follow(*given)
        return ufunc(*given)

    loop = np.frompyfunc(of_numbers, ufunc.nin, 1)
    return (lambda x: np.asarray(loop(x), dtype=bool)) if name in _QUESTIONS else loop


def _is_known(ufunc: Any) -> bool:
    """Return whether a ufunc is what its name says: NumPy's or SciPy's, not a user's own.

    That by which np.clip works has no public name.
    """
    name = ufunc.__name__
    homes = (sys.modules.get(home) for home in ("numpy", "scipy.special"))
    clip = name == "clip" and type(ufunc) is np.ufunc
    return clip or any(getattr(home, name, None) is ufunc for home in homes)


def _objects(value: Any) -> Any:
    """Return what a loop takes: plain arrays of objects, floats."""
    if isinstance(value, Entry):
        array = np.empty((), dtype=object)
        array[()] = value
        return array
    return value.view(np.ndarray) if isinstance(value, Entries) else value


def as_entries(result: Any) -> Any:
    """Return arrays of floats or objects as Entries, so that entries can be written into them."""
    if isinstance(result, tuple):
        return tuple(map(as_entries, result))
    if not isinstance(result, np.ndarray) or result.dtype.kind not in "fO":
        return result
    if result.ndim == 0:
        return result[()]
    return result.astype(object, copy=False).view(Entries)


def as_floats(value: Any) -> Any:
    """Return arrays without an Entry as arrays of floats, also inside sequences."""
    if isinstance(value, Entries):
        return np.asarray(value).astype(np.float64)
    if isinstance(value, dict):
        return {key: as_floats(one) for key, one in value.items()}
    if isinstance(value, list | tuple) and has_arrays(value):
        return type(value)(map(as_floats, value))
    return value


def has_arrays(value: Any) -> bool:
    """Return whether there are Entries in nested sequences."""
    if isinstance(value, list | tuple):
        return any(map(has_arrays, value))
    return isinstance(value, Entries)


def has_entries(value: Any) -> bool:
    """Return whether an Entry is anywhere in arrays, sequences and mappings."""
    if isinstance(value, np.ndarray):
        return value.dtype.kind == "O" and has_entries(value.ravel().tolist())
    if isinstance(value, dict):
        return has_entries(list(value.values()))
    if isinstance(value, list | tuple):
        return any(type(one) is Entry or _contains(one) for one in value)
    return isinstance(value, Entry)


def _contains(value: Any) -> bool:
    return isinstance(value, np.ndarray | list | tuple | dict) and has_entries(value)
