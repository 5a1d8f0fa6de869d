"""Systems with defects that are known because they were put in, in units of any size.

With k independent functions B_i of v = w / C, the equations are F(w) = R * (M B(w / C)), where the
rows of M are those of the identity, and combinations of them for the dependent equations. Rows R
and columns C are powers of ten, drawn within the given exponents.
"""

from typing import NamedTuple

import numpy as np


class Generated(NamedTuple):
    """A system, a point, and what is known of it.

    `relations` maps the equations of each relation to (c, gap): c r = gap everywhere, c with as
    many entries as there are equations.
    """

    F: object
    jac: object
    y: np.ndarray
    w: np.ndarray
    relations: dict
    unused: tuple
    determined: tuple


def generated(
    seed, *, relations=1, shift=0.0, unused=0, spread=8, terms=(1, 4), angle=None, extra=3
):
    """Return a system of 4 to 8 independent functions and `relations` dependent equations.

    The first two functions have two unknowns of their own. With `angle`, one more equation is at
    about this angle to another, and independent.
    """
    rng = np.random.default_rng(seed)
    k = int(rng.integers(4, 9))
    m = k + extra
    A = np.where(rng.random((k, m)) < 0.7, rng.uniform(0.5, 2.0, (k, m)), 0.0)
    A += 3.0 * np.eye(k, m)
    A[:2, 2:] = 0.0
    A[-1] = np.maximum(A[-1], 0.5)
    D = np.where(A != 0.0, rng.uniform(-0.5, 0.5, (k, m)), 0.0)
    if angle is not None:
        direction = rng.standard_normal((1, m))
        direction /= np.linalg.norm(direction)
        A = np.vstack([A, 2.0 * A[-1:] + 2.0 * angle * np.linalg.norm(A[-1]) * direction])
        D = np.vstack([D, 2.0 * D[-1:]])
    A, D = np.hstack([A, np.zeros((len(A), unused))]), np.hstack([D, np.zeros((len(D), unused))])
    return _in_units(rng, A, D, _combinations(rng, len(A), relations, terms), (shift, spread, m))


def _combinations(rng, k, relations, terms):
    """Return rows of combinations; no function is in two of them."""
    free, rows = list(rng.permutation(k)), np.zeros((relations, k))
    for row in rows:
        count = min(int(rng.integers(terms[0], terms[1] + 1)), len(free) - (relations - 1))
        taken, free = free[:count], free[count:]
        row[taken] = rng.uniform(0.5, 2.0, count) * rng.choice([-1.0, 1.0], count)
    return rows


def _in_units(rng, A, D, combinations, about):
    shift, spread, used = about
    k, m = A.shape
    M = np.vstack([np.eye(k), combinations])
    order = rng.permutation(len(M))
    place = np.argsort(order)
    R = 10.0 ** rng.uniform(-spread, spread, len(M))
    C = 10.0 ** rng.uniform(-spread, spread, m)
    M = R[:, None] * M[order]
    F = lambda w: M @ (A @ (w / C) + D @ np.sin(w / C))  # noqa: E731
    jac = lambda w: M @ (A + D * np.cos(w / C)) / C  # noqa: E731
    root = C * rng.uniform(0.5, 2.0, m)
    y, known = F(root), {}
    for row, combination in enumerate(combinations):
        c = np.zeros(len(M))
        p = place[k + row]
        c[p] = 1.0 / R[p]
        c[place[:k]] = -combination / R[place[:k]]
        y[p] += shift * R[p]
        known[tuple(np.flatnonzero(c).tolist())] = (c, -shift)
    w = root * rng.uniform(0.7, 1.3, m)
    return Generated(F, jac, y, w, known, tuple(range(used, m)), (0, 1))
