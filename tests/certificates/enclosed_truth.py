"""Does an enclosure hold what mpmath finds with 60 digits? One draw, and many of them.

A draw is random formulas, a box, and points of it. At each point every F_i, J_ij and second
derivative that jets find must lie in its enclosure over the box, and no second derivative along
unit vectors, |D^2F[u, v]|, may exceed beta. What 60 digits find outside is looked at again with
1,000: formulas that cancel lose all of 60, and an enclosure can be better than that.
"""

from collections import Counter

import mpmath
import numpy as np

from nlsolve.certificates.constants.enclosure import Enclosure
from nlsolve.certificates.constants.nodes import Formulas
from nlsolve.intervals import EnclosureError
from nlsolve.systems.formulas import FormulaSystem
from tests.systems.any_formulas import random_box, random_formulas, random_points
from tests.systems.jets import OutOfReach, Undefined, jets

DIGITS, MORE_DIGITS = 60, 1_000
POINTS = 2  # of each box


class Draw:
    """Formulas over a box, and what is enclosed of them: None where nothing is."""

    def __init__(self, seed):
        self.rng = np.random.default_rng(seed)
        n, m = 1 + int(self.rng.random() < 0.25), 1 + int(self.rng.random() < 0.6)
        operations = int(self.rng.integers(1, 12))
        self.system = FormulaSystem(random_formulas(self.rng, n, m, operations))
        self.lo, self.hi = random_box(self.rng, m)
        self.A = self.rng.standard_normal((n, n))
        over = _made(lambda: Enclosure(Formulas(self.system), self.lo, self.hi))
        if over is None:
            self.values = None
            return
        self.values = _made(lambda: over.values)
        self.jacobian = _made(lambda: over.jacobian)
        self.bends = _made(lambda: over.hessians)
        self.betas = [(A, _made(lambda A=A: over.lipschitz(A))) for A in (None, self.A)]

    def missed(self, count=POINTS):
        """Return how many points were looked at, and what lies outside: (w, what)."""
        if self.values is None:
            return 0, []
        looked, wrong = 0, []
        for w in random_points(self.rng, self.lo, self.hi, count):
            found = self._outside(w, DIGITS)
            if found:
                found = self._outside(w, MORE_DIGITS)
            looked += found is not None
            wrong += [(w.tolist(), what) for what in found or ()]
        return looked, wrong

    def _outside(self, w, digits):
        """Return what lies outside at one point; None where mpmath cannot tell."""
        with mpmath.workdps(digits):
            try:
                found = jets(self.system.tape, [mpmath.mpf(x) for x in w.tolist()])
            except OutOfReach:
                return None
            except Undefined as error:
                return [f"F, which is not defined: {error}"]
            return [what for inside, what in self._compared(found, w.size) if not inside]

    def _compared(self, found, m):
        """Yield (whether it is inside, what it is) for all that is enclosed."""
        for i, jet in enumerate(found):
            yield _inside(self.values, i, jet.value), f"F[{i}]"
            for j, slope in enumerate(jet.slopes or [0] * m):
                if self.jacobian is not None:
                    yield _inside(self.jacobian, (i, j), slope), f"J[{i}, {j}]"
        if self.bends is not None:
            yield from self._bends(found, m)

    def _bends(self, found, m):
        entries, pairs = self.bends
        place = {pair: k for k, pair in enumerate(map(tuple, pairs.T.tolist()))}
        upper = [(j, k) for j in range(m) for k in range(j, m)]
        bends = [jet.bends or [mpmath.mpf(0)] * len(upper) for jet in found]
        for i, k in np.ndindex(len(found), len(upper)):
            at = place.get(upper[k][::-1])
            ends = (0.0, 0.0) if at is None else (entries.lo[i, at], entries.hi[i, at])
            yield ends[0] <= bends[i][k] <= ends[1], f"H[{i}, {upper[k]}]"
        for A, beta in self.betas:
            if beta is not None:
                yield _steepest(bends, A) <= beta, f"beta of {'F' if A is None else 'A F'}"


def _made(enclose):
    try:
        return enclose()
    except EnclosureError:
        return None


def _inside(enclosure, at, value):
    return enclosure.lo[at] <= value <= enclosure.hi[at]


def _steepest(bends, A):
    """Return the largest |D^2F[u, v]| over some unit vectors u, v."""
    columns = [list(column) for column in zip(*bends, strict=True)]
    if A is not None:
        columns = [[mpmath.fdot(row.tolist(), column) for row in A] for column in columns]
    if len(columns) == 3:  # two unknowns: u = v = (1, +-1)/sqrt 2 too
        whole = list(zip(*columns, strict=True))
        columns += [[(a + 2 * s * b + c) / 2 for a, b, c in whole] for s in (1, -1)]
    return max(mpmath.norm(column) for column in columns)


def examine(seeds):
    """Return (draws, enclosures, points compared, what was missed) in a Counter and a list."""
    counts, wrong = Counter(), []
    for seed in seeds:
        draw = Draw(seed)
        points, missed = draw.missed()
        counts += Counter(draws=1, enclosures=points > 0, points=points)
        wrong += [(seed, *one) for one in missed]
    return counts, wrong
