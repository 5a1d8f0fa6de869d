"""What do the solutions look like around one of them?

Where J has constant rank, the solutions of F(w) = y near one of them form a manifold of m - rank
dimensions, whose tangent space is the null space of J. How to walk is in walk.py, how to sample in
sampling.py.
"""

import math
import numbers
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any

import numpy as np

from nlsolve import arguments
from nlsolve.explore.sampling import sampled
from nlsolve.explore.tangent import Root, retracted
from nlsolve.explore.walk import Walk, walked
from nlsolve.systems.base import FloatArray
from nlsolve.systems.vectors import real_vector

NORMAL = 1e-8  # of a direction: a tangent part below it is no direction


class Manifold:
    """The solutions of F(w) = y around one of them; made by `nlsolve.manifold`.

    Attributes
    ----------
    w : (m,) ndarray
        The solution.
    n, m : int
        Numbers of equations and of unknowns.
    dimension : int
        m - rank of J: 0 where w is isolated.
    tangent : (m, dimension) ndarray
        Orthonormal basis of the directions in which no equation changes, to first order.
    """

    def __init__(self, problem: Any, root: Root, tol: float) -> None:
        self._problem, self._root, self._tol = problem, root, tol
        self.w, self.n, self.m = root.w.copy(), problem.n, problem.m
        self.dimension = self.m - root.tangent.rank

    @cached_property
    def tangent(self) -> FloatArray:
        """Orthonormal basis of the tangent space, (m, dimension)."""
        return self._root.tangent.basis()

    def project(self, v: Any) -> FloatArray:
        """Return the tangent part of a direction."""
        return self._root.tangent.part(self._direction(v))

    def at(self, w: Any) -> "Manifold":
        """Return the same around the solution that minimum-norm steps find from w.

        Raises
        ------
        ValueError
            If they find none.
        """
        point = arguments.point(w, "w", self._problem.system)
        if point.size != self.m:
            raise ValueError(f"w has {point.size} entries, but there are {self.m} unknowns")
        return _around(self._problem, point, self._tol)

    def walk(self, direction: Any, length: float, *, max_step: float | None = None) -> Walk:
        """Walk along the solutions.

        Parameters
        ----------
        direction : (m,) array_like
            Where to; its tangent part is taken, and turned no more than the solutions force it to.
        length : float
            How far, as arc length.
        max_step : float, optional
            Longest step, along the tangent; an eighth of `length` by default. Steps are shorter
            where the solutions are curved.

        Returns
        -------
        Walk
            With the points ``w``, ``arc``, ``complete`` and ``message``. Each point is a root.

        Raises
        ------
        ValueError
            If the direction is normal to the solutions, or a number is not positive.

        Examples
        --------
        A quarter of a circle:

        >>> import numpy as np, nlsolve
        >>> circle = nlsolve.manifold(lambda w: [w @ w - 1.0], 0.0, [1.0, 0.0])
        >>> circle.walk([0.0, 1.0], np.pi / 2).w[-1].round(6) + 0.0
        array([0., 1.])
        """
        longest = 0.125 * _positive("length", length)
        longest = longest if max_step is None else _positive("max_step", max_step)
        t = self.project(direction)
        size = float(np.linalg.norm(t))
        if not size > NORMAL * float(np.linalg.norm(np.asarray(direction, dtype=np.float64))):
            raise ValueError(
                f"direction is normal to the solutions: its tangent part is {size:.1e}; see "
                f"tangent, of dimension {self.dimension}"
            )
        return walked(self._problem, self._root, t / size, float(length), longest, self._tol)

    def sample(self, k: int, *, rng: Any = None, scale: float | None = None) -> FloatArray:
        """Return k random solutions, in the long run evenly by arc length, area or volume.

        Parameters
        ----------
        k : int
            Number of points. They are those of a random walk: each depends on the one before, and
            some are repeated.
        rng : int or numpy.random.Generator, optional
            None is seed 0.
        scale : float, optional
            Typical size of its steps; tuned by default so that about half of them are taken.

        Returns
        -------
        (k, m) ndarray
            Roots, one a row.

        References
        ----------
        E. Zappa, M. Holmes-Cerfon, J. Goodman, "Monte Carlo on manifolds", 2018.

        Examples
        --------
        >>> import numpy as np, nlsolve
        >>> sphere = nlsolve.manifold(lambda w: [w @ w - 1.0], 0.0, [0.0, 0.0, 1.0])
        >>> points = sphere.sample(100)
        >>> np.allclose(np.linalg.norm(points, axis=1), 1.0)
        True
        """
        if not (arguments.is_number(k, numbers.Integral) and k >= 1):
            raise ValueError(f"k must be a positive integer, got {k!r}")
        if self.dimension == 0:
            raise ValueError("w is isolated (dimension 0): there is nothing to sample")
        scale = None if scale is None else _positive("scale", scale)
        generator = np.random.default_rng(0 if rng is None else rng)
        return sampled(self._problem, self._root, int(k), scale, generator, self._tol)

    def _direction(self, v: Any) -> FloatArray:
        vector = real_vector(v, "direction")
        if vector.size != self.m:
            raise ValueError(f"direction has {vector.size} entries, expected {self.m}")
        return vector

    def __repr__(self) -> str:
        return f"Manifold(dimension {self.dimension} in {self.m} unknowns, {self.n} equations)"


def manifold(
    F: Any,
    y: Any = 0.0,
    w: Any = None,
    *,
    jac: Any = None,
    jvp: Callable[..., Any] | None = None,
    vjp: Callable[..., Any] | None = None,
    args: tuple[Any, ...] | None = None,
    kwargs: Mapping[str, Any] | None = None,
    check_jac: Any = None,
    tol: float = 1e-10,
) -> Manifold:
    """Return the solutions of F(w) = y around w as a manifold: tangent space, walks, samples.

    Parameters
    ----------
    F, y
        The system, as for `solve`.
    w : float, (m,) array_like or mapping
        A solution, or a point from which minimum-norm Gauss-Newton steps lead to one.
    jac, jvp, vjp, args, kwargs, check_jac
        Derivatives and arguments of F, as for `solve`.
    tol : float, optional
        Every point returned has |F(w) - y| <= tol (1 + |y|).

    Returns
    -------
    Manifold
        Around the solution found.

    Raises
    ------
    ValueError
        If no solution is found from w.
    TypeError, ValueError, EvaluationError
        As `solve`.

    Examples
    --------
    >>> import nlsolve
    >>> nlsolve.manifold(nlsolve.parse("x**2 + y**2 + z**2 = 1; x*y = z"), 0.0, [1.0, 0.0, 0.0])
    Manifold(dimension 1 in 3 unknowns, 2 equations)
    """
    keywords = {
        "jac": jac, "jvp": jvp, "vjp": vjp, "args": args, "kwargs": kwargs, "check_jac": check_jac,
    }  # fmt: skip
    problem, _, _, point = arguments.evaluated(F, y, w, keywords)
    problem = problem.with_arrays()
    limit = _positive("tol", tol) * (1.0 + float(np.linalg.norm(problem.y)))
    return _around(problem, point, limit)


def _around(problem: Any, w: FloatArray, tol: float) -> Manifold:
    root = retracted(problem, w, tol)
    if root is None:
        raise ValueError(
            f"no solution was found from w, where |r| = {np.linalg.norm(problem.residual(w)):.3g}; "
            f"give the w of a nlsolve.solve that succeeded"
        )
    return Manifold(problem, root, tol)


def _positive(name: str, value: Any) -> float:
    if not (arguments.is_number(value, numbers.Real) and 0.0 < value < math.inf):
        raise ValueError(f"{name} must be a positive number, got {value!r}")
    return float(value)
