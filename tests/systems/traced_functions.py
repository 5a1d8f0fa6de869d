"""Which functions are traced in tests? What users write with NumPy, named by what it uses.

`FOLLOWED` maps a name to (F, m); `REFUSED` to (F, m, what the message says).
"""

import functools
import math

import numpy as np
from numba import njit, vectorize
from numpy.linalg import norm

A = np.arange(12.0).reshape(3, 4) / 7


@njit
def part(x):
    return math.sin(x) + x * x


@njit
def jitted_loop(w, a=0.3):
    n = len(w)
    out = np.empty(n)
    for i in range(n):
        out[i] = part(w[i]) - a * w[(i + 1) % n]
        if i > 0:
            out[i] += np.exp(-w[i - 1])
    return out


def closure(factor):
    shift = np.ones(2)

    def F(w):
        r = np.zeros(2)
        r[0] = w[0] * factor
        r[1:] = w[1] - shift[1]
        r -= w**2
        r += 1
        return r

    return F


class Model:
    """An object that is called, with a method that is."""

    factor = 2.5

    def __call__(self, w):
        return np.array([self.factor * w[0] - self.total(w)])

    def total(self, w):
        return np.sum(w**2)


def elementary(w):
    parts = [np.sin(w), np.cos(w), np.exp(w), np.square(w), np.tanh(w), np.arctan(w), np.sinh(w)]
    parts += [
        np.arcsinh(w),
        np.cosh(w),
        np.log1p(w**2),
        np.expm1(w),
        np.sqrt(1 + w * w),
        np.exp2(w),
    ]
    parts += [np.hypot(w, 1), np.arctan2(w, 2.0), np.power(2.0, w), np.deg2rad(w), np.rad2deg(w)]
    parts += [np.reciprocal(w), np.logaddexp(w, 0), np.negative(w), np.true_divide(1, w), +w]
    return np.concatenate(parts)


def on_positive(w):
    powers = w**0.5 + w**1.5 + w**-0.5 + w ** (1 / 3) + w**w + np.float_power(w, 1.7)
    return powers + np.log(w) + np.log2(w) + np.log10(w)


def nonsmooth(w):
    bounded = np.clip(w, -0.5, 0.5) + np.maximum(w, 0) - np.fmin(w, 0.2)
    return bounded + abs(w) + np.fabs(w) + np.sign(w)


def by_math(w):
    a, b = w
    first = math.sin(a) + math.sqrt(1 + b**2) + math.erf(a) + math.hypot(a, b, 2) + math.erfc(b)
    second = math.atan2(a, b) + math.pow(b, 2) + math.exp(a) + math.log(2 + b * b, 3)
    return [first + second + math.radians(a) * math.cosh(b), max(a, b, 0) + min(w) + abs(a)]


def means(w):
    return [w.mean(), np.mean(w), w.sum(), w.prod(), w.std(), np.var(w), sum(w), w.max(), np.min(w)]


def norms(w):
    square = w.reshape(2, 2)
    vectors = [norm(w), np.linalg.norm(w, 1), np.linalg.norm(w, np.inf), norm(w, 3)]
    return np.concatenate([vectors, [norm(square)], np.linalg.norm(square, axis=1)])


def matrices(w):
    M = w.reshape(2, 2)
    power = np.linalg.matrix_power(M, 3)
    return [
        np.trace(M @ M.T),
        M.T[0, 1],
        power[0, 0],
        (M @ M)[1, 0],
        np.linalg.multi_dot([M] * 3)[0, 1],
    ]


def moved(w):
    both = np.stack([w, w * 2]) @ np.vstack([w, w]).T
    rows = both.ravel() + np.hstack([w[:2], [1.0, w[0]]])
    shuffled = np.roll(w, 1) + np.flip(w) + w[::-1] + np.tile(w[:2], 2) + np.repeat(w[:2], 2)
    return rows + shuffled + np.pad(w, 1)[1:-1] + np.append(w[:3], w[3]) + np.transpose(w)


def summed(w):
    return np.cumsum(w) + np.diff(w, append=1.0) + np.add.reduce(w)


def written_into(w):
    out = np.zeros((2, 2))
    out[0] = w
    out[1, :] = np.eye(2)[0] * w[0]
    like = np.empty_like(w)
    like[:] = 2 * w
    full = np.full(2, 3.0)
    full[0] += w[1]
    listed = np.array([1.0, 2.0], dtype=float)
    listed[1] *= w[0]
    return out.sum(axis=0) + like + full + listed + np.zeros_like(w)


def scattered(w):
    out = np.zeros(2)
    np.add.at(out, [0, 0, 1], w)
    return out


def guarded(w):
    if not np.isfinite(w).all() or np.isnan(w).any():
        raise ValueError("w must be finite")
    return np.asarray(w, dtype=float).astype(np.float64).copy() - 1


def scalars(w):
    return np.float64(2.5) * w[0] + w[1] * np.float64(3) - np.int64(2) / w[0] + np.bool_(True) * w


def constants(w):
    inverse = np.linalg.inv(np.eye(2) * 4) @ np.ones(2)
    return inverse * w + np.sort(np.array([2.0, 1.0])) + np.interp(0.5, [0, 1], [0, 1])


FOLLOWED = {
    "matrix times vector": (lambda w: A @ w - 1, 4),
    "vector times matrix": (lambda w: w.dot(A.T) + np.dot(A, w) + A.dot(w), 4),
    "inner products": (lambda w: [w @ w - 1, np.inner(w, w), np.vdot(w, w), w.dot(w)], 3),
    "einsum": (lambda w: np.einsum("ij,j,j->i", A, w, w), 4),
    "tensordot": (lambda w: np.tensordot(A, w, 1), 4),
    "outer": (lambda w: np.outer(w, w)[0] - np.kron(w[:2], w[2:]), 4),
    "cross": (lambda w: np.cross(w, [1.0, 2.0, 3.0]) + np.cross(w, w[::-1]), 3),
    "convolve": (lambda w: np.convolve(w, [1.0, 2.0]), 3),
    "polyval": (lambda w: np.polyval(w, 2.0) + np.polyval([1.0, 2.0], w), 2),
    "norms": (norms, 4),
    "matrices": (matrices, 4),
    "elementary": (elementary, 3),
    "on positive numbers": (on_positive, 3),
    "within one": (lambda w: np.arcsin(w) + np.arccos(w) + np.arctanh(w) + np.tan(w), 3),
    "beyond one": (lambda w: np.arccosh(w), 3),
    "nonsmooth": (nonsmooth, 4),
    "math": (by_math, 2),
    "means": (means, 4),
    "moved": (moved, 4),
    "summed": (summed, 4),
    "where": (lambda w: np.where(np.arange(4) > 1, w, -(w**3)), 4),
    "fancy": (lambda w: w[[0, 2, 2]] * w[np.array([1, 1, 0])] + w[w.shape[0] - 1] + len(w), 3),
    "split": (lambda w: np.prod(np.split(w, 2), axis=0), 4),
    "triangle": (lambda w: np.triu(np.outer(w, w)).ravel() + np.diag(w).ravel(), 2),
    "mesh": (lambda w: sum(one.ravel() for one in np.meshgrid(w, w)), 2),
    "written into": (written_into, 2),
    "scattered": (scattered, 3),
    "guarded": (guarded, 2),
    "scalars": (scalars, 2),
    "constants": (constants, 2),
    "list": (lambda w: [x**2 - 1 for x in w], 3),
    "tuple": (lambda w: (w[0], 2 * w[1]), 2),
    "one number": (lambda w: w[0] ** 2 - 2, 1),
    "constant equation": (lambda w: [w[0], 1.5], 1),
    "jitted": (jitted_loop, 5),
    "partial": (functools.partial(jitted_loop, a=2.0), 3),
    "closure": (closure(3.0), 2),
    "object": (Model(), 2),
    "method": (Model().total, 2),
}


@vectorize
def sin(x):
    """Not the sine: a ufunc of that name."""
    return x + 1.0 if x > 0.0 else x


def branch(w):
    if w[0] > 0:
        return w
    return -w


def caught(w):
    try:
        return w if w[0] > 0 else -w
    except ValueError:
        return w


def inner_numpy(w):
    import numpy

    out = numpy.zeros(2)
    out[0] = w[0]
    return out


class Counter:
    """A function with a state."""

    def __init__(self):
        self.calls = 0

    def __call__(self, w):
        self.calls += 1
        return w * self.calls


REFUSED = {
    "branch": (branch, r"data-dependent branch: a comparison.*\n.*in branch: if w\[0\] > 0:"),
    "truth": (lambda w: [w[0] and w[1]], r"data-dependent branch: the truth"),
    "equality": (lambda w: w if w[0] == 0 else -w, r"data-dependent branch: a comparison"),
    "mask": (lambda w: np.where(w > 0, w, 0), r"np\.greater of entries of w: a data-dependent"),
    "sort": (lambda w: np.sort(w), r"np\.sort: a data-dependent branch"),
    "argmax": (lambda w: w[np.argmax(w)], r"np\.argmax: a data-dependent branch"),
    "key": (lambda w: [max(w, key=abs)], r"data-dependent branch"),
    "float": (lambda w: [float(w[0])], r"float\(\) of an entry of w"),
    "int": (lambda w: [int(w[0])], r"int\(\) of an entry of w"),
    "index": (lambda w: [[1.0, 2.0][w[0]]], r"an index made of entries of w"),
    "solve": (
        lambda w: np.linalg.solve(np.outer(w, w), w),
        r"numpy\.linalg\.solve of entries of w",
    ),
    "inv": (lambda w: np.linalg.inv(np.outer(w, w))[0], r"numpy\.linalg\.inv of entries of w"),
    "fft": (lambda w: np.fft.fft(w).real, r"numpy\.fft\.fft of entries of w"),
    "floor": (lambda w: np.floor(w), r"np\.floor of entries of w is not a formula"),
    "math floor": (lambda w: [math.floor(w[0])], r"math\.floor of entries of w is not a formula"),
    "modulo": (lambda w: [w[0] % 1], r"% of an entry of w is not a formula"),
    "round": (lambda w: np.round(w), r"np\.rint of entries of w is not a formula"),
    "cbrt": (lambda w: np.cbrt(w), r"np\.cbrt of entries of w is not a formula"),
    "interp": (lambda w: np.interp(w, [0, 1], [0, 1]), r"np\.interp of entries of w"),
    "elsewhere": (lambda w: A[:2, 0].copy().__isub__(w), r"an array of floats made elsewhere"),
    "complex": (lambda w: w * 1j, r"complex numbers: split"),
    "nan": (lambda w: w * np.nan, r"the number nan in a formula"),
    "never filled": (lambda w: np.empty(2) * w, r"the number nan in a formula \(an array never"),
    "zero": (lambda w: w / 0.0, r"division by zero"),
    "exponent": (lambda w: w**2000, r"an exponent is larger than 1000"),
    "matrix": (lambda w: w[:, None], r"got shape \(2, 1\); use ravel\(\)"),
    "nothing": (lambda w: None, r"None of type NoneType where a number is expected"),
    "text": (lambda w: ["w", w[0]], r"'w' of type str where a number is expected"),
    "mistake": (lambda w: w + undefined, r"NameError: name 'undefined' is not defined"),  # noqa: F821
    "no function": (3, r"F must be a callable, got int"),
    "chance": (lambda w: w * np.random.default_rng().random(2), r"does not repeat what was traced"),
    "state": (Counter(), r"equation 0 is .*, its formula .* at w = .*chance, time or state"),
    "caught": (caught, "F caught what stops its trace: a data-dependent branch"),
    "inner numpy": (inner_numpy, r"an entry written into an array of floats\n.*out\[0\] = w\[0\]"),
    "ufunc of a user": (
        lambda w: sin(w),
        r"data-dependent branch|of entries of w is not a formula",
    ),
    "single precision": (lambda w: w.astype(np.float32) * 1.1, r"does not repeat what was traced"),
    "undefined": (lambda w: np.log(w - 100), r"finite at none of the points.*give check=w"),
}
