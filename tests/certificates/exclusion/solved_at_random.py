"""Which systems have a solution that is known exactly? f(x) = f(x*), x* of doubles, f any formula.

The right side is the formula of the left one with the numbers of x* in it, so that x* is a solution
without any rounding. Regions are drawn so that x* lies inside, on a face, or at a corner.
"""

import re
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np

import nlsolve

FUNCTIONS = (
    "sin({})", "cos({})", "exp({})", "tanh({})", "atan({})", "abs({})", "sqrt(4 + {})", "({})**3",
    "log(5 + {})", "1/({} + 4)", "asinh({})", "erf({})", "max({}, 0)", "({})**2", "cosh({})",
    "({} + 4)**1.5", "atan2({}, 3)", "asin({}/4)", "acos({}/4)", "tan({}/4)", "sinh({})",
    "sign({})*2", "min({}, 1)", "(4 + {})**-2",
)  # fmt: skip


class Solved(NamedTuple):
    """A system and a solution of it."""

    system: Any
    solution: Any


def solved(seed):
    """Return a random system of one to four equations in one to four unknowns."""
    random = np.random.default_rng(seed)
    n, m = random.integers(1, 5, 2)
    solution = random.uniform(-2.0, 2.0, m)
    if seed % 2:
        solution = np.round(8.0 * solution) / 8.0
    names = [f"x{j}" for j in range(m)]
    sides = [(polynomial if random.random() < 0.5 else other)(random, names) for _ in range(n)]
    text = "; ".join(f"{side} = {with_numbers(side, solution)}" for side in sides)
    return Solved(nlsolve.parse(text, unknowns=names), solution)


def with_numbers(side, solution):
    return re.sub(r"x(\d)", lambda k: f"({Fraction(solution[int(k.group(1))])})", side)


def polynomial(random, names):
    terms = []
    for _ in range(random.integers(2, 6)):
        chosen = random.choice(names, random.integers(1, min(len(names), 3) + 1), replace=False)
        powers = [f"{name}**{random.integers(1, 4)}" for name in chosen]
        terms.append("*".join([f"({random.choice([-3, -2, -1, 1, 2, 3])})", *powers]))
    return " + ".join(terms)


def other(random, names):
    def atom():
        inner = random.choice(names)
        if random.random() < 0.4:
            inner = f"({inner}*{random.choice(names)}/4)"
        return random.choice(FUNCTIONS).replace("{}", inner)

    terms = [atom() + (f"*{atom()}" if random.random() < 0.3 else "") for _ in range(3)]
    return " + ".join(f"{random.integers(1, 4)}*{term}" for term in terms)


def box_about(solution, seed):
    """Return a box that holds a point: inside, on faces, or at a corner; some sides are points."""
    random = np.random.default_rng(seed)
    below, above = 2.0 * random.random((2, solution.size)) * random.choice([0.1, 1.0])
    kind = random.integers(3)
    if kind == 1:
        below = np.where(random.random(solution.size) < 0.5, 0.0, below)
    if kind == 2:
        corner = random.random(solution.size) < 0.5
        below, above = np.where(corner, 0.0, below), np.where(corner, above, 0.0)
    return solution - below, solution + above


def ball_about(solution, seed):
    """Return centre and radius of a ball with the point on its sphere, exactly, or inside."""
    random = np.random.default_rng(seed)
    radius = random.integers(1, 17) / 8.0
    centre, j = solution.copy(), random.integers(solution.size)
    centre[j] += radius * random.choice([-1.0, 1.0])
    if abs(Fraction(centre[j]) - Fraction(solution[j])) != Fraction(
        radius
    ):  # rounded: it may lie outside
        centre[j] = solution[j] + 0.5 * radius
    return centre, radius
