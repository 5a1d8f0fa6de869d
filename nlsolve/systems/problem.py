"""How are F(w) - y and its derivatives evaluated, counted and guarded in the interpreted lane?

`Problem` is a System together with y. It hands out residuals and Linearizations (linearization.py),
counts evaluations
(every point of a difference included), and turns whatever goes wrong inside the user's functions
into an `EvaluationError` that names the function and the evaluation, with the user's error as its
cause.
"""

import copy
import sys
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np
from scipy.sparse.linalg import LinearOperator

from nlsolve.systems import differences
from nlsolve.systems.base import FloatArray, System
from nlsolve.systems.box import Box
from nlsolve.systems.errors import EvaluationError, warn
from nlsolve.systems.jacobians import (
    LARGEST,
    KernelOperator,
    as_array,
    as_jacobian,
    as_real,
    is_operator,
    rows_of,
    shaped,
    too_large,
)
from nlsolve.systems.linearization import NFEV, NJEV, Linearization
from nlsolve.systems.vectors import is_finite

FEW, FORMED = 64, 4_000_000  # rows, and entries, up to which products are made a matrix


class Problem:
    """F(w) = y with n equations and m unknowns, and the counts of its evaluations."""

    def __init__(
        self,
        system: System,
        y: FloatArray,
        m: int,
        mapper: Any = None,
        bounds: Box | None = None,
    ) -> None:
        self.system, self.m, self.mapper, self.kind = system, m, mapper, system.kind
        self.y, self.n = y, y.size
        self.counts = np.zeros(3, dtype=np.int64)
        self.precision, self.stretch, self.arrays = differences.DOUBLE, 1.0, False
        self.bounds = bounds  # of the user's w; and of the w here:
        self.box = None if bounds is None else bounds.scaled(system.scale)
        self._kept: tuple[FloatArray, FloatArray] | None = None

    @property
    def floor(self) -> float:
        """Times |J| |w| + |y|: no residual can be expected below it."""
        return 4.0 * self.precision

    @property
    def step(self) -> float:
        """Relative step of differences; `stretch` lengthens it to see what it does to J."""
        return self.stretch * differences.relative_step(self.kind, self.precision)

    @property
    def rank_tolerance(self) -> float:
        """Relative length below which a part of a row is error rather than direction."""
        return 32.0 * self.jacobian_error

    @property
    def jacobian_error(self) -> float:
        """Error of J to be expected, relative to its rows."""
        return differences.jacobian_error(self.kind, self.precision)

    def guarded(self, name: str, function: Callable[..., Any], *arguments: Any) -> Any:
        """Call, and chain whatever it raises."""
        try:
            return function(*arguments)
        except EvaluationError:
            raise
        except Exception as error:
            w = self.system.unscaled(arguments[0])
            raise EvaluationError(
                f"{name} raised {type(error).__name__}: {error} (evaluation "
                f"{self.counts[NFEV]}, w = {np.array2string(w, threshold=8)})"
            ) from error

    def residual(self, w: FloatArray) -> FloatArray:
        """Return r = F(w) - y; NaN, without a call of F, where w is not finite."""
        if not is_finite(w):
            return np.full(self.n, np.nan)
        self.counts[NFEV] += 1
        array = self.values(w)
        if array.shape != self.y.shape and (array.size != 1 or self.n != 1):
            raise EvaluationError(
                f"F returned an array of shape {array.shape} at evaluation {self.counts[NFEV]}, "
                f"expected ({self.n},) as at the first"
            )
        return array.reshape(self.n) - self.y

    def values(self, w: FloatArray) -> FloatArray:
        """Return F(w) as real numbers, and keep a Jacobian that comes with them."""
        values, jacobian = self.guarded("F", self.system.values, w.copy())
        if jacobian is not None:
            self._kept = (w.copy(), jacobian)
        if type(values) is np.ndarray and values.dtype.kind == "f" and values.dtype.itemsize < 8:
            self.precision = float(np.finfo(values.dtype).eps)
        return self.guarded("F", _real_values, w, values)  # type: ignore[no-any-return]

    def with_arrays(self) -> "Problem":
        """Return a problem like this one whose Jacobians are numpy arrays.

        Raises
        ------
        EvaluationError
            If they would have too many entries.
        """
        if self.n * self.m > LARGEST:
            raise EvaluationError(too_large(self.n, self.m))
        own = copy.copy(self)
        own.arrays = True
        return own

    def linearize(self, w: FloatArray, r: FloatArray) -> Linearization:
        """Return the linearization at w, where the residual is r; nothing is evaluated yet."""
        return Linearization(self, w, r)

    def rows(self, w: FloatArray, batch: Any) -> tuple[FloatArray, Linearization]:
        """Return residual and linearization of some equations; without `rows=`, of all of them."""
        if self.system.given_rows is None:
            r = self.residual(w)
            whole = self.linearize(w, r).jacobian
            return r[batch], Linearization(self, w, r[batch], rows_of(whole, batch))
        values, jacobian = self.guarded("rows", self.system.rows, w.copy(), batch)
        expected = ((batch.size,), (batch.size, self.m))
        if (values.shape, jacobian.shape) != expected:
            raise EvaluationError(
                f"rows returned shapes {values.shape} and {jacobian.shape}, expected "
                f"{expected[0]} and {expected[1]} for {batch.size} equations"
            )
        r = values - self.y[batch]
        return r, Linearization(self, w, r, jacobian)

    def jacobian(self, w: FloatArray, r: FloatArray) -> Any:
        """Return J(w), (n, m), however the system says it is found."""
        self.counts[NJEV] += 1
        J = self._jacobian(w, r)
        return as_array(J) if self.arrays else J

    def _jacobian(self, w: FloatArray, r: FloatArray) -> Any:
        if self.kind == "cs":
            return self._complex_step(w, r)
        if self.kind != "exact":
            return self._differences(w, r)
        if self.system.returns_both:
            if self._kept is None or not np.array_equal(self._kept[0], w):
                self.residual(w)
            assert self._kept is not None
            # a copy, because F may use its array again at the next trial point
            kept = copy.copy(self._kept[1])
            return self.shaped(self.guarded("F", lambda _: as_jacobian(kept, "jac"), w), w)
        if self.system.products_only and (self.n > FEW or self.n * self.m > FORMED):
            return self._operator(
                lambda v: self.product("jvp", w, v, self.n),
                lambda u: self.product("vjp", w, u, self.m),
            )
        J = self.guarded(self.system.source, self.system.jacobian, w.copy(), self.n)
        return self.shaped(J, w)

    def product(self, name: str, w: FloatArray, v: FloatArray, size: int) -> FloatArray | None:
        """Return the given jvp or vjp, checked for its length; None where there is none."""
        result: FloatArray | None = self.guarded(name, getattr(self.system, name), w, v)
        if result is None:
            return None
        if result.shape != (size,):
            raise EvaluationError(f"{name} returned shape {result.shape}, expected ({size},)")
        # the function may use its array again, if it has kept it
        held = result.base is not None or sys.getrefcount(result) > HELD_HERE
        return result.copy() if held else result

    def shaped(self, J: Any, w: FloatArray) -> Any:
        """Return J as (n, m); products with an operator are guarded as the user's functions are."""
        found = shaped(J, self.n, self.m)
        if found is None:
            raise EvaluationError(
                f"{self.system.source} returned shape {J.shape}, "
                f"expected (n, m) = ({self.n}, {self.m})"
            )
        if not is_operator(found) or isinstance(found, KernelOperator):
            return found
        return self._operator(
            lambda v: as_real(self.guarded("jac", lambda _: J.matvec(v), w), "jac(w) @ v"),
            lambda u: as_real(self.guarded("jac", lambda _: J.rmatvec(u), w), "rmatvec of jac(w)"),
        )

    def _operator(self, forth: Callable[[Any], Any], back: Callable[[Any], Any]) -> Any:
        shape = (self.n, self.m)
        return LinearOperator(
            shape, lambda v: forth(v.ravel()), lambda u: back(u.ravel()), dtype=np.float64
        )

    def _differences(self, w: FloatArray, r: FloatArray) -> Any:
        if self.box is not None:
            return self._bounded(w, r)
        if self.system.pattern is not None:
            return self._grouped(w, r)
        if not self.system.vectorized and self.mapper is None:
            two = self.kind == "2-point"
            make = differences.make_two_point if two else differences.make_three_point
            return make(Problem.residual, differences.divide)(self, w, r)
        points, steps = differences.difference_points(w, self.kind, self.step)
        values = self._many(points)
        return differences.combine(values - self.y[:, None], r, steps, self.kind)

    def _grouped(self, w: FloatArray, r: FloatArray) -> Any:
        """Return a sparse J, all unknowns of a group moved at once."""
        pattern = self._pattern()
        points, steps = differences.grouped_points(w, self.kind, self.step, pattern)
        values = self._many(points) - self.y[:, None]
        return pattern.array(differences.grouped(values, r, steps, self.kind, pattern))

    def _bounded(self, w: FloatArray, r: FloatArray) -> Any:
        """Return J by differences that do not leave the box."""
        pattern = self._pattern()
        found = differences.bounded(
            lambda points: self._many(points) - self.y[:, None],
            w, r, self.kind, self.step, self.box, pattern,
        )  # fmt: skip
        return found if pattern is None else pattern.array(found)

    def _pattern(self) -> Any:
        pattern = self.system.pattern
        if pattern is not None and pattern.shape != (self.n, self.m):
            raise EvaluationError(
                f"jac_sparsity has shape {pattern.shape}, expected (n, m) = ({self.n}, {self.m})"
            )
        return pattern

    def _many(self, points: Any) -> Any:
        """Return F at the columns of `points` as columns."""
        self.counts[NFEV] += points.shape[1]
        values = self.guarded("F", self._all_values, points)
        if values.dtype.kind == "c" and points.dtype.kind != "c":
            raise EvaluationError("F returned complex values; split them into real and imaginary")
        if values.shape != (self.n, points.shape[1]):
            raise EvaluationError(
                f"F returned shape {values.shape} for {points.shape[1]} points, "
                f"expected {(self.n, points.shape[1])}"
            )
        return values

    def _all_values(self, points: Any) -> Any:
        if self.system.vectorized:
            return np.asarray(self.system.values(points)[0])
        columns = [np.ascontiguousarray(column) for column in points.T]
        return np.array(list((self.mapper or map)(_Evaluate(self.system), columns))).T

    def _complex_step(self, w: FloatArray, r: FloatArray) -> Any:
        """Return J by complex steps, or by central differences from where they are found wrong."""
        if self.system.pattern is not None:
            J = self._grouped(w, r)
        else:
            points, steps = differences.difference_points(w, "cs", self.step)
            J = differences.combine(self._many(points), r, steps, "cs")
        if self.system.check_jac is False or self.agrees(w, r, lambda v: J @ v):
            return J
        missing = " or jac_sparsity misses entries of J" if self.system.pattern is not None else ""
        message = (
            "the complex step disagrees with a real difference of F: F is not analytic there "
            f"(abs, max, conjugate or a comparison){missing}; use jac='3-point'"
        )
        if self.system.check_jac == "raise":
            raise EvaluationError(message)
        warn(message + ", as is done from here on")
        self.kind = "3-point"
        return self._differences(w, r)

    def agrees(self, w: FloatArray, r: FloatArray, jvp: Callable[[Any], Any]) -> bool:
        """Compare J v with a forward difference of F along a fixed direction v, relative to |w_j|.

        Curvature spoils long steps and rounding short ones, so a J that disagrees gets two more
        chances; a wrong one agrees with none of them. Where F is not defined at the moved point,
        nothing is concluded.
        """
        v = self.inward(w, direction(w.size) * np.where(w == 0.0, 1.0, np.abs(w)), 2.0**-20)
        image, gaps = jvp(v), []
        with np.errstate(over="ignore", invalid="ignore"):
            for h in (2.0**-26, 2.0**-20, 2.0**-32):
                moved = self._moved(w, h * v)
                if moved is None or self._close(h, r, moved, image):
                    return True
                gaps.append(float(np.linalg.norm((moved - r) / h - image)))
        return gaps[0] <= gaps[1] / 16  # curvature: the gap follows h; that of a wrong J does not

    def inward(self, w: FloatArray, d: FloatArray, h: float = 1.0) -> FloatArray:
        """Return d, entries turned round where w + h d would leave the bounds; h a power of 2."""
        return d if self.box is None else self.box.inward(w, h * d) / h

    def within(self, w: FloatArray) -> FloatArray:
        """Return the nearest point within the bounds."""
        return w if self.box is None else self.box.nearest(w)

    def _moved(self, w: FloatArray, step: FloatArray) -> FloatArray | None:
        """Return the residual at a moved point, None where F is not defined there."""
        try:
            return self.residual(w + step)
        except EvaluationError:
            return None

    def _close(self, h: float, r: FloatArray, moved: FloatArray, image: FloatArray) -> bool:
        """Return whether (moved - r) / h is J v up to 0.1% and what rounding may do."""
        rise = (moved - r) / h
        gap = rise - image
        if np.dot(gap, gap) <= 1e-10 * np.dot(image, image) / self.m:
            return True  # the usual case, told at once
        size = float(np.abs(image).max())
        noise = 64 * self.precision * float((np.abs(r) + np.abs(self.y)).max()) / h + 1e-5 * size
        wrong = np.abs(gap) > 1e-3 * np.maximum(np.abs(image), np.abs(rise)) + noise
        return not bool((wrong & np.isfinite(moved)).any())


def _held_here() -> int:
    """Return the references to an array that nothing but a local variable holds."""
    result = np.empty(1)
    return sys.getrefcount(result)


HELD_HERE = _held_here()


@lru_cache(maxsize=64)
def direction(m: int) -> FloatArray:
    """Return the direction along which derivatives are compared with differences."""
    return np.random.default_rng(0).standard_normal(m)


def _real_values(w: FloatArray, values: Any) -> FloatArray:
    return as_real(values, "F")


class _Evaluate:
    """F(w) as an object that can be sent to a worker process."""

    def __init__(self, system: System) -> None:
        self.F, self.args, self.kwargs = system.F, system.args, system.kwargs

    def __call__(self, w: Any) -> Any:
        return np.atleast_1d(np.asarray(self.F(w, *self.args, **self.kwargs)))
