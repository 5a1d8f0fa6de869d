"""How are F(w) - y and its derivatives evaluated, counted and guarded in the interpreted lane?

`Problem` is a System together with y. It hands out residuals and Linearizations, counts evaluations
(every point of a difference included), and turns whatever goes wrong inside the user's functions
into an `EvaluationError` that names the function and the evaluation, with the user's error as its
cause.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np

from nlsolve.systems import differences
from nlsolve.systems.base import FloatArray, System, as_real, is_finite
from nlsolve.systems.errors import EvaluationError, warn

NFEV, NJEV, RAISED = range(3)
LINEAR = 2.0**-26  # relative move of w over which F must be linear at a rounding floor


class Problem:
    """F(w) = y with n equations and m unknowns, and the counts of its evaluations."""

    def __init__(self, system: System, y: FloatArray, m: int, mapper: Any = None) -> None:
        self.system, self.m, self.mapper, self.kind = system, m, mapper, system.kind
        self.y, self.n = y, y.size
        self.counts = np.zeros(3, dtype=np.int64)
        self.precision, self.stretch = differences.DOUBLE, 1.0
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
            raise EvaluationError(
                f"{name} raised {type(error).__name__}: {error} (evaluation "
                f"{self.counts[NFEV]}, w = {np.array2string(arguments[0], threshold=8)})"
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

    def linearize(self, w: FloatArray, r: FloatArray) -> "Linearization":
        """Return the linearization at w, where the residual is r; nothing is evaluated yet."""
        return Linearization(self, w, r)

    def rows(self, w: FloatArray, batch: Any) -> tuple[FloatArray, "Linearization"]:
        """Return residual and linearization of some equations; without `rows=`, of all of them."""
        if self.system.given_rows is None:
            r = self.residual(w)
            whole = self.linearize(w, r).jacobian
            return r[batch], Linearization(self, w, r[batch], whole[batch])
        values, jacobian = self.guarded("rows", self.system.rows, w.copy(), batch)
        expected = ((batch.size,), (batch.size, self.m))
        if (values.shape, jacobian.shape) != expected:
            raise EvaluationError(
                f"rows returned shapes {values.shape} and {jacobian.shape}, expected "
                f"{expected[0]} and {expected[1]} for {batch.size} equations"
            )
        r = values - self.y[batch]
        return r, Linearization(self, w, r, jacobian)

    def jacobian(self, w: FloatArray, r: FloatArray) -> FloatArray:
        """Return J(w), (n, m), however the system says it is found."""
        self.counts[NJEV] += 1
        if self.kind == "cs":
            return self._complex_step(w, r)
        if self.kind != "exact":
            return self._differences(w, r)
        if self.system.returns_both:
            if self._kept is None or not np.array_equal(self._kept[0], w):
                self.residual(w)
            assert self._kept is not None
            # a copy, because F may use its array again at the next trial point
            kept = np.array(self._kept[1])
            J = self.guarded("F", lambda _: as_real(kept, "jac"), w)
        else:
            J = self.guarded(self.system.source, self.system.jacobian, w.copy(), self.n)
        return self.shaped(J)

    def product(self, name: str, w: FloatArray, v: FloatArray, size: int) -> FloatArray | None:
        """Return the given jvp or vjp, checked for its length; None where there is none."""
        result: FloatArray | None = self.guarded(name, getattr(self.system, name), w, v)
        if result is not None and result.shape != (size,):
            raise EvaluationError(f"{name} returned shape {result.shape}, expected ({size},)")
        return None if result is None else result.copy()  # F may use its array again

    def shaped(self, J: FloatArray) -> FloatArray:
        """Return J as (n, m); a single row or column may come flat."""
        flat = 1 in (self.n, self.m) and J.size == self.n * self.m
        if J.shape != (self.n, self.m) and not flat:
            raise EvaluationError(
                f"{self.system.source} returned shape {J.shape}, "
                f"expected (n, m) = ({self.n}, {self.m})"
            )
        return J.reshape(self.n, self.m)

    def _differences(self, w: FloatArray, r: FloatArray) -> FloatArray:
        if not self.system.vectorized and self.mapper is None:
            two = self.kind == "2-point"
            make = differences.make_two_point if two else differences.make_three_point
            return make(Problem.residual, differences.divide)(self, w, r)  # type: ignore[no-any-return]
        points, steps = differences.difference_points(w, self.kind, self.step)
        values = self._many(points)
        return differences.combine(values - self.y[:, None], r, steps, self.kind)  # type: ignore[no-any-return]

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

    def _complex_step(self, w: FloatArray, r: FloatArray) -> FloatArray:
        """Return J by complex steps, or by central differences from where they are found wrong."""
        points, steps = differences.difference_points(w, "cs", differences.relative_step("cs"))
        J: FloatArray = differences.combine(self._many(points), r, steps, "cs")
        if self.system.check_jac is False or self.agrees(w, r, lambda v: J @ v):
            return J
        message = (
            "the complex step disagrees with a real difference of F: F is not analytic there "
            "(abs, max, conjugate or a comparison); use jac='3-point'"
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
        v = direction(w.size) * np.where(w == 0.0, 1.0, np.abs(w))
        image, gaps = jvp(v), []
        with np.errstate(over="ignore", invalid="ignore"):
            for h in (2.0**-26, 2.0**-20, 2.0**-32):
                moved = self._moved(w, h * v)
                if moved is None or self._close(h, r, moved, image):
                    return True
                gaps.append(float(np.linalg.norm((moved - r) / h - image)))
        return gaps[0] <= gaps[1] / 16  # curvature: the gap follows h; that of a wrong J does not

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


@lru_cache(maxsize=64)
def direction(m: int) -> FloatArray:
    """Return the direction along which derivatives are compared with differences."""
    return np.random.default_rng(0).standard_normal(m)


def alternating(m: int) -> FloatArray:
    """Return 1, -1, 1, ..."""
    signs = np.ones(m)
    signs[1::2] = -1.0
    return signs


def _real_values(w: FloatArray, values: Any) -> FloatArray:
    return as_real(values, "F")


class _Evaluate:
    """F(w) as an object that can be sent to a worker process."""

    def __init__(self, system: System) -> None:
        self.F, self.args, self.kwargs = system.F, system.args, system.kwargs

    def __call__(self, w: Any) -> Any:
        return np.atleast_1d(np.asarray(self.F(w, *self.args, **self.kwargs)))


class Linearization:
    """J at one point, asked for in the cheapest form that answers.

    Parameters
    ----------
    problem : Problem
    w : (m,) ndarray
    r : (n,) ndarray
        Residual at w.
    jacobian : (n, m) ndarray, optional
        J where it is known already.
    """

    def __init__(
        self, problem: Problem, w: FloatArray, r: FloatArray, jacobian: FloatArray | None = None
    ) -> None:
        self.problem, self.w, self.r, self._jacobian = problem, w, r, jacobian

    @property
    def jacobian(self) -> FloatArray:
        """J, (n, m)."""
        if self._jacobian is None:
            self._jacobian = self.problem.jacobian(self.w, self.r)
        return self._jacobian

    @property
    def formed(self) -> bool:
        """Whether J has been formed."""
        return self._jacobian is not None

    def jvp(self, v: FloatArray) -> FloatArray:
        """Return J v."""
        if not self.formed:
            product = self.problem.product("jvp", self.w, v, self.problem.n)
            if product is not None:
                return product
        return self.jacobian @ v

    def vjp(self, u: FloatArray) -> FloatArray:
        """Return J^T u."""
        if not self.formed:
            product = self.problem.product("vjp", self.w, u, self.problem.m)
            if product is not None:
                return product
        return self.jacobian.T @ u

    def squared_row_norms(self) -> FloatArray:
        """Return the diagonal of K."""
        return np.einsum("ij,ij->i", self.jacobian, self.jacobian)  # type: ignore[no-any-return]

    def at_floor(self) -> bool:
        """Return whether every |r_i| is within the floor, a multiple of u (|J| |w| + |y|)_i.

        That bound means something only where F is linear at the scale of rounding: sin(w) at
        w = 1e16 is within it everywhere. So F must also follow J, to a tenth, when w moves by
        1.5e-8 of its size. Never so where products have been enough so far: J is not formed for
        this question.
        """
        products = not self.formed and self.problem.system.source != "jac"
        if products and self.problem.counts[NJEV] == 0:
            return False
        size = np.abs(self.jacobian) @ np.abs(self.w)
        floor = self.problem.floor * (size + np.abs(self.problem.y))
        if not (np.abs(self.r) <= floor).all() or not np.isfinite(floor).all():
            return False
        d = LINEAR * self.w
        return self._follows(d, size, floor) and self._follows(d * alternating(d.size), size, floor)

    def _follows(self, d: FloatArray, size: FloatArray, floor: FloatArray) -> bool:
        """Return whether r(w + d) is r + J d to a tenth of what |J| |d| allows."""
        gap = np.abs(self.problem.residual(self.w + d) - self.r - self.jacobian @ d)
        return bool((gap <= 0.1 * LINEAR * size + floor).all())
