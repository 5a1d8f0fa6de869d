"""How does compiled code call C functions by their addresses, and what do they receive?

A kernel specialised on the user's dispatchers would compile anew in every process. An address is a
plain integer: each function of the user is wrapped (wrapped.py) as a C function of

    (w, values, jacobian, batch, size, block) -> status

which writes what its role asks for and returns 0, 1 (the function raised; exceptions do not cross
an address) or 2 (an array of the wrong size).

Arguments of F (`args=`) travel at run time, so that new values compile nothing: `block` holds m, n,
then scalars, addresses and shapes, and the wrapper, compiled for their types, reads them back.
"""

import struct
from typing import Any

import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.extending import intrinsic
from numba.np.numpy_support import as_dtype

HEADER = 2  # block[0] = m, block[1] = n
_DOUBLE, _WORD = struct.Struct("<d"), struct.Struct("<q")


def _data(context: Any, builder: Any, kind: Any, value: Any) -> Any:
    """Return an array's data pointer as a 64-bit word."""
    array = context.make_array(kind)(context, builder, value)
    return builder.ptrtoint(array.data, ir.IntType(64))


def _call(context: Any, builder: Any, address: Any, words: list[Any]) -> Any:
    """Call a C function of 64-bit words, which returns one."""
    word = ir.IntType(64)
    function_type = ir.FunctionType(word, [word] * len(words)).as_pointer()
    return builder.call(builder.inttoptr(address, function_type), words)


@intrinsic
def call_system(typing_context, address, w, values, jacobian, batch, size, block):  # type: ignore[no-untyped-def]
    """Call a wrapped function of the user with the arrays' data pointers; return its status."""
    kinds = (w, values, jacobian, batch, types.int64, block)

    def codegen(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        words = [
            value if kind is types.int64 else _data(context, builder, kind, value)
            for kind, value in zip(kinds, arguments[1:], strict=True)
        ]
        return _call(context, builder, arguments[0], words)

    return types.int64(types.int64, *kinds), codegen


@intrinsic
def call_least_norm(typing_context, address, J, r, d, numbers):  # type: ignore[no-untyped-def]
    """Call dense.least_norm_address() with n, m and the arrays' data pointers."""
    kinds = (J, r, d, numbers)

    def codegen(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        arrays = zip(kinds, arguments[1:], strict=True)
        words = [_data(context, builder, kind, value) for kind, value in arrays]
        shape = context.make_array(J)(context, builder, arguments[1]).shape
        words += [builder.extract_value(shape, 0), builder.extract_value(shape, 1)]
        return _call(context, builder, arguments[0], words)

    return types.int64(types.int64, *kinds), codegen


@intrinsic
def call_rows(typing_context, address, words, numbers, Y, blocks, W, found, lengths):  # type: ignore[no-untyped-def]
    """Call rows_driver() of many/driver.py with the arrays' data pointers."""
    kinds = (words, numbers, Y, blocks, W, found, lengths)

    def codegen(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        arrays = zip(kinds, arguments[1:], strict=True)
        places = [_data(context, builder, kind, value) for kind, value in arrays]
        return _call(context, builder, arguments[0], places)

    return types.int64(types.int64, *kinds), codegen


@intrinsic
def address_of(typing_context, array):  # type: ignore[no-untyped-def]
    """Return the address of an array's first entry."""

    def codegen(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        return _data(context, builder, array, arguments[0])

    return types.int64(array), codegen


@intrinsic
def as_word(typing_context, value):  # type: ignore[no-untyped-def]
    """Return the integer that has the bits of a float."""

    def codegen(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        return builder.bitcast(arguments[0], ir.IntType(64))

    return types.int64(types.float64), codegen


def fixed(address: int) -> Any:
    """Return a function for compiled code that gives an address of this process.

    numba is told that it is one: whatever calls it is not kept in a cache, where the address would
    outlive what it points to.
    """

    @intrinsic
    def given(typing_context):  # type: ignore[no-untyped-def]
        def codegen(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
            place = context.add_dynamic_addr(builder, address, info=str(address))
            return builder.ptrtoint(place, ir.IntType(64))

        return types.int64(), codegen

    return given


# ---- arguments of F ----


def argument_kind(value: Any) -> tuple[Any, ...] | None:
    """Return how a value of `args` is packed, or None where it cannot travel."""
    if isinstance(value, np.ndarray):
        travels = 1 <= value.ndim <= 3 and value.dtype.kind in "fiub"
        return ("array", value.dtype.char, value.ndim) if travels else None
    if isinstance(value, float):
        return ("float",)
    if isinstance(value, (bool, np.bool_)):
        return ("bool",)
    if isinstance(value, (int, np.integer)) and -(2**63) <= value < 2**63:
        return ("int",)
    return None


def pack(args: tuple[Any, ...], m: int, n: int) -> tuple[Any, list[Any]]:
    """Return the block, and the arrays that must outlive it."""
    words, alive = [m, n], []
    for value in args:
        if isinstance(value, np.ndarray):
            array = value
            if not (value.flags.c_contiguous and value.flags.aligned and value.dtype.isnative):
                array = np.array(value, dtype=value.dtype.char, order="C")
            alive.append(array)
            words += [array.__array_interface__["data"][0], *array.shape]
        elif isinstance(value, float):
            words.append(_WORD.unpack(_DOUBLE.pack(value))[0])
        else:
            words.append(int(value))
    return np.array(words, dtype=np.int64), alive


def type_kind(numba_type: Any) -> tuple[Any, ...] | None:
    """Return `argument_kind` of the values of a type of numba's; arrays must be C-contiguous."""
    kind = types.unliteral(numba_type)
    if isinstance(kind, types.Array) and kind.layout == "C" and 1 <= kind.ndim <= 3:
        dtype = as_dtype(kind.dtype)
        return ("array", dtype.char, kind.ndim) if dtype.kind in "fiub" else None
    kinds = {types.Float: "float", types.Boolean: "bool", types.Integer: "int"}
    return next(((word,) for family, word in kinds.items() if isinstance(kind, family)), None)


def packer(kinds: tuple[tuple[Any, ...], ...]) -> tuple[Any, int]:
    """Return a compiled function that writes a tuple of arguments to the block, and its length."""
    position, lines = HEADER, ["def write(block, args):", "    pass"]
    for k, kind in enumerate(kinds):
        if kind[0] == "array":
            lines.append(f"    block[{position}] = address_of(args[{k}])")
            for j in range(kind[2]):
                lines.append(f"    block[{position + 1 + j}] = args[{k}].shape[{j}]")
        else:
            value = f"as_word(float(args[{k}]))" if kind[0] == "float" else f"args[{k}]"
            lines.append(f"    block[{position}] = {value}")
        position += width(kind)
    names = {"address_of": address_of, "as_word": as_word}
    exec("\n".join(lines), names)
    return njit(error_model="numpy")(names["write"]), position


def width(kind: tuple[Any, ...]) -> int:
    """Return the words of the block that an argument takes."""
    return 1 + kind[2] if kind[0] == "array" else 1
