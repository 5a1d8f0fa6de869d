"""Is a thread whose arithmetic is not as proofs need it found out? And are single steps right?

The rounding mode is changed by the C library's fesetround, flushing of subnormals by a bit of the
processor's control register in the environment of fenv.h (x86-64): both as other libraries do.
"""

import ctypes
import ctypes.util
import platform
import struct
import sys
from fractions import Fraction

import numpy as np
import pytest

from nlsolve.intervals import EnclosureError, check_arithmetic, matmul, symmetric_eigenvalue_lower
from nlsolve.intervals.rounding import raised
from tests.intervals.truth import LARGEST, SPECIAL, doubles, next_up

UPWARD, DOWNWARD, TO_ZERO = 0x800, 0x400, 0xC00  # of x86-64
CONTROL = 28  # offset of MXCSR in glibc's fenv_t
FLUSH, TAKE_FOR_ZERO = 1 << 15, 1 << 6
LINUX = sys.platform == "linux" and platform.machine() == "x86_64"


@pytest.fixture
def libm():
    assert LINUX, "these tests know Linux on x86-64 only"
    library = ctypes.CDLL(ctypes.util.find_library("m"))
    before = ctypes.create_string_buffer(64)
    library.fegetenv(before)
    yield library
    library.fesetenv(before)


def refused(job):
    """The words of the EnclosureError a job raises, None where it raises none."""
    try:
        job()
    except EnclosureError as error:
        return str(error)
    return None


def jobs():
    square = np.eye(2)
    return [
        check_arithmetic,
        lambda: matmul(square, square),
        lambda: symmetric_eigenvalue_lower(square),
    ]


def test_ordinary_threads_pass():
    assert [refused(job) for job in jobs()] == [None] * 3


@pytest.mark.parametrize("mode", [UPWARD, DOWNWARD, TO_ZERO])
def test_another_rounding_mode_is_found(libm, mode):
    assert libm.fesetround(mode) == 0
    words = [refused(job) for job in jobs()]
    libm.fesetround(0)
    assert all(text is not None and "does not round to the nearest" in text for text in words)


@pytest.mark.parametrize("bits", [FLUSH, TAKE_FOR_ZERO, FLUSH | TAKE_FOR_ZERO])
def test_flushing_of_subnormals_is_found(libm, bits):
    environment = ctypes.create_string_buffer(64)
    libm.fegetenv(environment)
    (control,) = struct.unpack_from("<I", environment, CONTROL)
    before = environment.raw
    struct.pack_into("<I", environment, CONTROL, control | bits)
    libm.fesetenv(environment)
    words = [refused(job) for job in jobs()]
    libm.fesetenv(ctypes.create_string_buffer(before))
    assert all(text is not None and "subnormal numbers for zero" in text for text in words)


def test_raised_numbers_are_at_least_the_next_double():
    rng = np.random.default_rng(21)
    x = np.abs(np.concatenate([doubles(rng, 20_000), SPECIAL, 2.0 ** np.arange(-1074.0, 1024.0)]))
    x = np.concatenate([x, next_up(x), np.nextafter(x, 0.0)])
    with np.errstate(over="ignore"):
        found = raised(x)
    assert (found[x < LARGEST] >= next_up(x)[x < LARGEST]).all()
    assert (found[x == LARGEST] == np.inf).all()
    small = x[x < 1e300]
    fifth = small
    for _ in range(5):
        fifth = next_up(fifth)
    assert (raised(small) <= fifth).all()
    assert raised(0.0) == 5e-324


def test_doubles_above_are_found_by_their_bits():
    for x in (1.0, -1.0, 0.0, -5e-324, 2.0**-1022):
        above = float(next_up(np.array([x]))[0])
        assert above > x
        assert float((Fraction(x) + Fraction(above)) / 2) in (x, above)
