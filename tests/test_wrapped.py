"""Does a C function around a user's jitted function evaluate it, whatever it takes and returns?"""

import ctypes

import numba
import numpy as np
import pytest
from numba.core.errors import NumbaError
from numba.core.runtime import _nrt_python, rtsys

from nlsolve import cfunctions, wrapped

W = np.array([2.0, 3.0, 5.0])
CALL = ctypes.CFUNCTYPE(ctypes.c_int64, *[ctypes.c_void_p] * 4, ctypes.c_int64, ctypes.c_void_p)


def evaluated(function, role="F", args=(), n=2, batch=()):
    """Return (status, values, jacobian) of a wrapped function at W."""
    kinds = tuple(map(cfunctions.argument_kind, args))
    wrapper = wrapped.wrap(function, role, kinds)
    block, _alive = cfunctions.pack(args, W.size, n)
    values, jacobian = np.full(n, np.nan), np.full((n, W.size), np.nan)
    chosen = np.array(batch, dtype=np.int64)
    arrays = (W.copy(), values, jacobian, chosen)
    places = [array.ctypes.data for array in arrays]
    status = CALL(wrapper.address)(*places, chosen.size, block.ctypes.data)
    return status, values, jacobian


@numba.njit
def with_defaults(w, a=10.0, b=100):
    return np.array([a * w[0], b * w[1]])


@numba.njit
def with_any_number(w, *args):
    return np.array([args[0] * w[0], args[1][1] * w[1]])


@numba.njit(["float64[:](float64[:])"])
def with_a_signature(w):
    return w[::2]


@numba.njit
def whole_numbers(w):
    return np.array([7, len(w)])


@numba.njit
def itself(w):
    w[0] = 9.0
    return w


@pytest.mark.parametrize(
    ("function", "args", "expected"),
    [
        (with_defaults, (), [20.0, 300.0]),
        (with_defaults, (4.0,), [8.0, 300.0]),
        (with_any_number, (4.0, np.array([0, 7])), [8.0, 21.0]),
        (with_any_number, (True, np.array([0.0, 7.0])), [2.0, 21.0]),
        (with_a_signature, (), [2.0, 5.0]),
        (whole_numbers, (), [7.0, 3.0]),
    ],
)
def test_values_are_those_of_the_function(function, args, expected):
    status, values, _ = evaluated(function, args=args)
    assert status == 0
    np.testing.assert_array_equal(values, expected)


def test_a_function_may_change_and_return_its_argument():
    status, values, _ = evaluated(itself, n=3)
    assert status == 0
    np.testing.assert_array_equal(values, [9.0, 3.0, 5.0])


@numba.njit
def columns_first(w):
    return np.array([[1.0, 2.0], [3.0, 4.0], [5.0, w[2]]]).T


def test_a_jacobian_in_columns_is_stored_in_rows():
    status, _, jacobian = evaluated(columns_first, "jac")
    assert status == 0
    np.testing.assert_array_equal(jacobian, [[1.0, 3.0, 5.0], [2.0, 4.0, 5.0]])


@numba.njit
def some_rows(w, batch):
    return w[batch], np.eye(3)[batch]


def test_rows_are_those_of_the_batch():
    status, values, jacobian = evaluated(some_rows, "rows", batch=[2, 0])
    assert status == 0
    np.testing.assert_array_equal(values, [5.0, 2.0])
    np.testing.assert_array_equal(jacobian, [[0.0, 0.0, 1.0], [1.0, 0.0, 0.0]])


@numba.njit
def raises(w):
    if w[0] > 1.0:
        raise ValueError("too far")
    return w[:2].copy()


@pytest.mark.parametrize(("function", "n", "expected"), [(raises, 2, 1), (itself, 2, 2)])
def test_a_status_says_what_went_wrong(function, n, expected):
    status, values, _ = evaluated(function, n=n)
    assert status == expected
    assert np.isnan(values).all()


@numba.njit
def a_number(w):
    return w[0]


@numba.njit
def complex_numbers(w):
    return 1j * w


@pytest.mark.parametrize("function", [a_number, complex_numbers, some_rows])
def test_what_cannot_be_stored_is_refused(function):
    with pytest.raises(NumbaError):
        evaluated(function)


@pytest.fixture
def counted_allocations():
    _nrt_python.memsys_enable_stats()
    yield
    _nrt_python.memsys_disable_stats()


@pytest.mark.parametrize("function", [itself, raises, whole_numbers])
@pytest.mark.usefixtures("counted_allocations")
def test_every_array_is_released(function):
    evaluated(function)
    before = rtsys.get_allocation_stats()
    evaluated(function)
    after = rtsys.get_allocation_stats()
    assert after.alloc > before.alloc
    assert after.alloc - before.alloc == after.free - before.free
