"""What do scipy's solvers do where there are more unknowns than equations, or no root nearby?

Two examples: a sphere and a plane in space, F(x) = (|x|^2 - 1, x_1 - x_2), two equations in three
unknowns; and x^2 - 2x started at x = 1, where its derivative vanishes and its value does not.
"""

from collections.abc import Iterator
from functools import partial
from statistics import median
from typing import Any

import numpy as np
from scipy import optimize

import nlsolve
from benchmarks.table import table

ROOT_METHODS = ("hybr", "lm", "broyden1", "broyden2", "anderson", "linearmixing", "diagbroyden",
                "excitingmixing", "krylov", "df-sane")  # fmt: skip


def sphere(x: np.ndarray) -> np.ndarray:
    return np.array([x @ x - 1.0, x[0] - x[1]])


def sphere_jac(x: np.ndarray) -> np.ndarray:
    return np.array([2.0 * x, [1.0, -1.0, 0.0]])


def parabola(x: np.ndarray) -> np.ndarray:
    return x**2 - 2.0 * x


def parabola_jac(x: np.ndarray) -> np.ndarray:
    return np.array([[2.0 * x[0] - 2.0]])


def answer(solve: Any, F: Any) -> str:
    """Return in one cell what a solver said and what is true."""
    try:
        sol = solve()
    except Exception as error:
        return f"raises {type(error).__name__}"
    size = np.abs(F(np.asarray(sol.x))).max()
    return f"{'success' if sol.success else 'no success'}, largest F {size:.4g}"


def sphere_evaluations(starts: int) -> list[list[Any]]:
    """Return evaluations of F over random starts, for nlsolve and scipy's wide methods."""
    rng = np.random.default_rng(0)
    points = 2.0 * rng.standard_normal((starts, 3))
    tight = dict.fromkeys(("xtol", "ftol", "gtol"), 1e-15)
    sides: dict[str, Any] = {
        "nlsolve auto": lambda w: nlsolve.solve(sphere, 0.0, w, jac=sphere_jac)
    }
    for method in ("trf", "dogbox"):
        for words, name in (({}, "defaults"), (tight, "1e-15")):
            sides[f"least_squares {method}, {name}"] = partial(
                optimize.least_squares, sphere, jac=sphere_jac, method=method, **words
            )
    return [_counts(name, side, points) for name, side in sides.items()]


def _counts(name: str, side: Any, points: np.ndarray) -> list[Any]:
    found = [side(w) for w in points]
    counts = [sol.nfev for sol in found]
    solved = sum(np.abs(sphere(sol.x)).max() < 1e-8 for sol in found)
    return [name, f"{solved} of {len(points)}", min(counts), f"{median(counts):g}", max(counts)]


def report(starts: int) -> Iterator[str]:
    """Yield both examples."""
    x0 = np.array([2.0, 0.5, 1.0])
    rows = [
        [f"root {method}", answer(lambda m=method: optimize.root(sphere, x0, method=m), sphere)]
        for method in ROOT_METHODS
    ]
    refusal = answer(lambda: optimize.least_squares(sphere, x0, method="lm"), sphere)
    rows.append(["least_squares lm", refusal])
    rows.append(["nlsolve auto", answer(lambda: nlsolve.solve(sphere, 0.0, x0), sphere)])
    yield f"### (|x|^2 - 1, x_1 - x_2) from (2, 0.5, 1)\n\n{table(['method', 'answer'], rows)}\n"
    head = ["method", "solved", "fewest F", "median F", "most F"]
    yield f"From {starts} random starts:\n\n{table(head, sphere_evaluations(starts))}\n"
    yield f"### x^2 - 2x from 1\n\n{table(['method', 'answer'], list(parabola_rows()))}"


def parabola_rows() -> Iterator[list[str]]:
    """Yield what each method says about x^2 - 2x, with differences and with the exact J."""
    x0 = np.array([1.0])
    for jac, name in ((None, "differences"), (parabola_jac, "exact J")):
        for method in ("hybr", "lm"):
            solve = lambda m=method, jac=jac: optimize.root(parabola, x0, jac=jac, method=m)  # noqa: E731
            yield [f"root {method}, {name}", answer(solve, parabola)]
        solve = lambda jac=jac: optimize.least_squares(parabola, x0, jac or "2-point")  # noqa: E731
        yield [f"least_squares trf, {name}", answer(solve, parabola)]
        solve = lambda jac=jac: nlsolve.solve(parabola, 0.0, x0, jac=jac)  # noqa: E731
        yield [f"nlsolve auto, {name}", answer(solve, parabola)]
