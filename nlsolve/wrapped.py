"""How do the user's jitted functions become C functions that one compiled loop can call?

As cfunctions.py says. A wrapper is compiled in every process for each function of the user, so it
is written as instructions: it copies w, reads F's arguments from the block, calls F, and stores
what F returns. The same in Python, with its `try`, takes numba five times as long to compile.
"""

from typing import Any

import numpy as np
from llvmlite import ir
from numba import carray, cfunc, typeof, types
from numba.core.cgutils import alloca_once_value, raw_memcpy
from numba.core.typing import fold_arguments
from numba.extending import intrinsic
from numba.np.arrayobj import populate_array
from numba.np.numpy_support import from_dtype

from nlsolve.cfunctions import HEADER, width

_SIGNATURE = types.int64(
    types.CPointer(types.float64),
    types.CPointer(types.float64),
    types.CPointer(types.float64),
    types.CPointer(types.int64),
    types.int64,
    types.CPointer(types.int64),
)

_VECTOR = types.Array(types.float64, 1, "C")
_BATCH = types.Array(types.int64, 1, "C")
_SCALARS = {"float": types.float64, "bool": types.boolean, "int": types.int64}
_RAISED, _WRONG_SIZE = 1, 2

Kinds = tuple[tuple[Any, ...], ...]


def wrap(function: Any, role: str, kinds: Kinds) -> Any:
    """Return the C function of a jitted function: role 'F', 'jac', 'both' or 'rows'."""
    evaluate = _evaluation(function, role, kinds)

    def call(w, values, jacobian, batch, size, block):  # type: ignore[no-untyped-def]
        return evaluate(w, values, jacobian, batch, size, block)

    return cfunc(_SIGNATURE)(call)


def _evaluation(function: Any, role: str, kinds: Kinds) -> Any:
    """Return the instructions of one wrapper."""
    batched = (_BATCH,) if role == "rows" else ()
    made = (_VECTOR, *batched, *map(_numba_type, kinds))

    @intrinsic
    def evaluate(typing_context, w, values, jacobian, batch, size, block):  # type: ignore[no-untyped-def]
        called = typeof(function).get_call_type(typing_context, made, {})
        if not _is_stored(called.return_type, role):
            return None

        def codegen(context, builder, signature, given):  # type: ignore[no-untyped-def]
            w, values, jacobian, batch, size, block = given
            m, n = _words(builder, block, 0, HEADER)
            count = size if role == "rows" else n
            point = _copied(context, builder, w, m)
            some = [_array(context, builder, _BATCH, batch, [size])] if role == "rows" else []
            arguments = [point, *some, *_arguments(context, builder, kinds, block)]
            status, found = _called(context, builder, function, called, made, arguments)
            stores = {"F": [(values, count)], "jac": [(jacobian, builder.mul(count, m))]}
            places = stores.get(role, stores["F"] + stores["jac"])
            result = alloca_once_value(builder, size.type(_RAISED))
            with builder.if_then(status.is_ok):
                stored = _stored(context, builder, called.return_type, found, places)
                builder.store(stored, result)
                context.nrt.decref(builder, called.return_type, found)
            context.nrt.decref(builder, _VECTOR, point)
            return builder.load(result)

        return types.int64(w, values, jacobian, batch, size, block), codegen

    return evaluate


# ---- what F receives ----


def _numba_type(kind: tuple[Any, ...]) -> Any:
    """Return the type with which F is compiled for a kind of argument."""
    if kind[0] == "array":
        return types.Array(from_dtype(np.dtype(kind[1])), kind[2], "C")
    return _SCALARS[kind[0]]


def _words(builder: Any, block: Any, first: int, count: int) -> list[Any]:
    """Return some words of the block."""
    word = ir.IntType(64)
    return [builder.load(builder.gep(block, [word(first + k)])) for k in range(count)]


def _arguments(context: Any, builder: Any, kinds: Kinds, block: Any) -> list[Any]:
    """Return the arguments that stand in the block."""
    values, position = [], HEADER
    for kind in kinds:
        words = _words(builder, block, position, width(kind))
        values.append(_argument(context, builder, kind, words))
        position += width(kind)
    return values


def _argument(context: Any, builder: Any, kind: tuple[Any, ...], words: list[Any]) -> Any:
    if kind[0] == "array":
        place = builder.inttoptr(words[0], ir.IntType(8).as_pointer())
        return _array(context, builder, _numba_type(kind), place, words[1:])
    if kind[0] == "float":
        return builder.bitcast(words[0], ir.DoubleType())
    return words[0] if kind[0] == "int" else builder.icmp_signed("!=", words[0], words[0].type(0))


def _array(
    context: Any, builder: Any, kind: Any, place: Any, shape: list[Any], owner: Any = None
) -> Any:
    """Return a C-contiguous array at a place; nobody counts its references without an owner."""
    array = context.make_array(kind)(context, builder)
    itemsize = context.get_abi_sizeof(context.get_data_type(kind.dtype))
    strides = [shape[0].type(itemsize)]
    for size in shape[:0:-1]:
        strides.insert(0, builder.mul(strides[0], size))
    data = builder.bitcast(place, array.data.type)
    populate_array(array, data, shape, strides, strides[-1], owner)
    return array._getvalue()


def _copied(context: Any, builder: Any, place: Any, size: Any) -> Any:
    """Return a vector of its own with the numbers at a place: F may change or return it."""
    owner = context.nrt.meminfo_alloc_aligned(builder, builder.mul(size, size.type(8)), 32)
    data = builder.bitcast(context.nrt.meminfo_data(builder, owner), place.type)
    raw_memcpy(builder, data, place, size, 8)
    return _array(context, builder, _VECTOR, data, [size], owner)


# ---- calling F ----


def _called(
    context: Any, builder: Any, function: Any, called: Any, made: Any, values: list[Any]
) -> Any:
    """Return (status, value) of F; what it leaves to defaults or takes as *args is filled in."""

    def cast(k: int, parameter: Any, given: Any) -> Any:
        return context.cast(builder, given[0], given[1], called.args[k])

    def default(k: int, parameter: Any, value: Any) -> Any:
        return context.get_constant_generic(builder, called.args[k], value)

    def rest(k: int, parameter: Any, given: Any) -> Any:
        return context.make_tuple(builder, called.args[k], [value for value, _ in given])

    given = list(zip(values, made, strict=True))
    folded = fold_arguments(called.pysig, given, {}, cast, default, rest)
    compiled = function.overloads[called.args]
    context.active_code_library.add_linking_library(compiled.library)
    return context.call_internal_no_propagate(builder, compiled.fndesc, called, folded)


# ---- what F returns ----


def _is_stored(kind: Any, role: str) -> bool:
    """Return whether a wrapper can store what F returns."""
    both = isinstance(kind, types.BaseTuple) and role in ("both", "rows")
    kinds = tuple(kind) if both else (kind,)
    numbers = (types.Float, types.Integer, types.Boolean)
    return len(kinds) == (2 if role in ("both", "rows") else 1) and all(
        isinstance(k, types.Array) and isinstance(k.dtype, numbers) for k in kinds
    )


def _stored(context: Any, builder: Any, kind: Any, value: Any, places: list[Any]) -> Any:
    """Store an array, or the two of a tuple, at places of given sizes; return the status."""
    if len(places) == 1:
        return _store(context, builder, kind, value, *places[0])
    first, second = (
        _store(context, builder, kind.types[k], builder.extract_value(value, k), *places[k])
        for k in range(2)
    )
    return builder.or_(first, second)


def _store(context: Any, builder: Any, kind: Any, value: Any, place: Any, size: Any) -> Any:
    if kind.layout != "C" or kind.dtype != types.float64:
        signature = types.int64(kind, types.CPointer(types.float64), types.int64)
        return context.compile_internal(builder, _store_in_order, signature, [value, place, size])
    array = context.make_array(kind)(context, builder, value)
    fits = builder.icmp_signed("==", array.nitems, size)
    with builder.if_then(fits):
        raw_memcpy(builder, place, array.data, size, 8)
    return builder.select(fits, size.type(0), size.type(_WRONG_SIZE))


def _store_in_order(array: Any, out: Any, size: int) -> int:
    if array.size != size:
        return _WRONG_SIZE
    values = carray(out, size)
    for k, value in enumerate(array.flat):
        values[k] = value
    return 0
