"""Is what is proved of random formulas true? One draw, and many of them.

A draw is random formulas, a point w of any magnitude, a right side (that of a point near or far),
and what is asked of `certify`. Where it proves a solution, Gauss-Newton with 60 digits (1,000
where formulas cancel) must find one whose distance to w lies between the two claimed; within the
radius of uniqueness it must be the only one that starts all over that ball lead to.
"""

from collections import Counter

import mpmath
import numpy as np

import nlsolve
from nlsolve.certificates.evidence import Evidence
from nlsolve.systems.errors import EvaluationError
from nlsolve.systems.formulas import FormulaSystem
from tests.certificates.high_precision import solution_near, vector
from tests.systems.any_formulas import random_box, random_formulas
from tests.systems.jets import OutOfReach, Undefined

DIGITS, MORE_DIGITS = 60, 1_000
ASKED = [
    {"method": None},
    {"method": None, "theorem": "right-inverse"},
    {"method": None, "theorem": "existence"},
    {"method": None, "theorem": "existence-delta"},
    {"method": None, "theorem": "existence", "precondition": False},
    {"method": "gauss-newton"},
    {"method": "gauss-newton", "precondition": False},
    {"method": "gd"},
]


class Draw:
    """Formulas, a point, a right side, and a certificate; None where F has no value."""

    def __init__(self, seed):
        self.rng = rng = np.random.default_rng((seed, 1))
        n = 1 + int(rng.random() < 0.25)
        m = n + int(rng.integers(0, 2))
        operations = int(rng.integers(1, 7))
        self.system = FormulaSystem(random_formulas(rng, n, m, operations, regular=0.8))
        self.w, away = random_box(rng, m)
        if rng.random() < 0.85:
            away = self.w + self.w * 10.0 ** rng.uniform(-17.0, -1.0, m)
        self.y = self.system.values(away)[0]
        self.words = ASKED[int(rng.integers(len(ASKED)))]
        self.certificate = self._certified() if np.isfinite(self.y).all() else None

    def _certified(self):
        try:
            with np.errstate(over="ignore"):  # F(w) - y of numbers as large as doubles are
                return nlsolve.certify(self.system, self.y, self.w, evidence="proved", **self.words)
        except EvaluationError:
            return None

    @property
    def holds(self):
        return self.certificate is not None and self.certificate.holds

    def wrong(self):
        """Return what is wrong with what is proved, empty where nothing is."""
        if self.certificate.evidence is not Evidence.PROVED:
            return "not proved"
        for digits in (DIGITS, MORE_DIGITS):
            with mpmath.workdps(digits):
                found = self._wrong()
            if not found:
                break
        return found

    def _wrong(self):
        solution = solution_or_none(self.system, self.y, self.w)
        if solution is None:
            return "no solution found"
        away, (lower, upper) = mpmath.norm(solution - vector(self.w)), self.certificate.distance
        if not lower <= away <= upper:
            return f"a solution at {mpmath.nstr(away, 20)}, claimed {lower!r} to {upper!r}"
        return self._second(solution) if self.certificate.unique_within else ""

    def _second(self, first):
        reach = self.certificate.unique_within
        for share in self.rng.uniform(-1.0, 1.0, (2, self.w.size)):
            found = solution_or_none(self.system, self.y, self.w + reach * share)
            if found is None or mpmath.norm(found - vector(self.w)) >= reach:
                continue
            apart = mpmath.norm(found - first)
            if apart > mpmath.mpf(10) ** -20 * reach:
                return f"two solutions, {mpmath.nstr(apart, 5)} apart, within {reach!r}"
        return ""


def solution_or_none(system, y, w):
    """A solution in mpmath's working precision; None where the iteration finds none."""
    try:
        return solution_near(system, y, w)
    except (Undefined, ZeroDivisionError):
        return None


def examine(seeds):
    """Return how many were drawn and how many hold, by theorem, and what is wrong with them."""
    counts, wrong = Counter(), []
    for seed in seeds:
        draw = Draw(seed)
        counts["draws"] += 1
        if draw.holds:
            counts["proved"] += 1
            counts[draw.certificate.theorem] += 1
            try:
                found = draw.wrong()
            except OutOfReach:
                counts["proved, not compared"] += 1
                continue
            wrong += [(seed, found)] if found else []
    return counts, wrong
