"""What is a method, and what may its step call?

A method is one file: an Options class (its public face, a NamedTuple of plain values), a State
(where it is, also a NamedTuple), and `make_start` and `make_step`, which bind the texts of its
first state and of its step to a lane. A step never evaluates F, solves a linear system or draws a
number by itself; it calls what the lane hands it:

    residual(problem, w)                  r = F(w) - y
    linearize(problem, w, r)              J: an array, or a Linearization
    vjp(J, u), jvp(J, v)                  J^T u, J v
    least_norm(problem, J, r, damping)    d = -J^T (K + damping I)^-1 r and an upper bound of sigma
    inexact(problem, J, r, tolerance)     the same undamped, to |r + J d| <= tolerance |r| where it
                                          takes iterations: only products with J are known
    at_floor(problem, J, w, r)            whether every |r_i| is at its rounding floor, see iterate
    norm(v), distance(v, u), copy(v, u)   |v|, |v - u|, v <- u
    largest_row(J)                        the largest squared norm of a row of J
    rows(problem, w, batch)               r and J of some equations only
    jit(function)                         the function, made callable in this lane

The same text therefore runs compiled (arrays, addresses) and interpreted (Linearizations, scipy).
Every State begins with w, r, J, sigma_min, pl_ratio; the loop reads no other field. The last two
belong to the point the step started from, NaN where they were no by-product.
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple


class Lane(NamedTuple):
    """What the text of a step or of the loop is bound to."""

    jit: Callable[[Callable[..., Any]], Callable[..., Any]]
    residual: Callable[..., Any]
    linearize: Callable[..., Any]
    vjp: Callable[..., Any]
    jvp: Callable[..., Any]
    least_norm: Callable[..., Any]
    inexact: Callable[..., Any]
    at_floor: Callable[..., Any]
    rows: Callable[..., Any]
    norm: Callable[..., float]
    distance: Callable[..., float]
    copy: Callable[..., None]
    largest_row: Callable[..., float]


class Method(NamedTuple):
    """A registry entry.

    Parameters
    ----------
    name : str
        As in ``solve(..., method=name)``.
    options : type
        NamedTuple class with a default for every field.
    state : type
        NamedTuple class of the method's State: w, r, J, sigma_min, pl_ratio, then further numbers,
        then further vectors.
    make_start : callable
        ``make_start(lane)`` gives ``start(options, w, r, J)``, which gives the first State.
    make_step : callable
        ``make_step(lane)`` gives ``step(problem, options, state, draw)``.
    choices : mapping
        Field name to the words it may take; the step sees the word's index.
    positive : tuple of str
        Fields that must be positive finite numbers.
    draws : {'', 'independent', 'reshuffled'}
        The random equation numbers a step needs; Options then has `batch`. Independent batches are
        drawn with replacement; a reshuffled epoch cuts a random order of all equations into them.
    vectors : tuple of str
        The last fields of State, where they are vectors of m numbers.
    max_iter : int
        Iterations where the user sets no limit.
    """

    name: str
    options: Any
    state: Any
    make_start: Callable[[Lane], Callable[..., Any]]
    make_step: Callable[[Lane], Callable[..., Any]]
    choices: Mapping[str, tuple[str, ...]] = {}
    positive: tuple[str, ...] = ()
    draws: str = ""
    vectors: tuple[str, ...] = ()
    max_iter: int = 200
