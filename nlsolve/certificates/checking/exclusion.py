"""Does a file's list of parts prove that a region holds no solution?

The list is a tree in preorder. A cut divides a box along one unknown; what is not cut has a reason
why F(w') = y has no solution in it, which is seen to be true here, box by box:

- outside: the box lies outside the ball;
- value i: equation i does not take its value, wherever in the box it is defined (defined.py);
- slope a: with f = a^T (F - y), c the middle of the box X, f(c) + f'(X) (X - c) is without 0;
- curvature a: so is f(c) + f'(c) (X - c) + 1/2 (X - c)^T f''(X) (X - c). With the box scaled to
  |u_j| <= 1 the last term is 1/2 u^T B u >= 1/2 sum_j d_j u_j^2, where d_j is B_jj less the other
  |B_jk|, or all d_j = d with B - d I positive definite; g u + d u^2/2 is least at -g/d, or at an
  end.
"""

from collections.abc import Callable, Sequence
from typing import Any

import flint
import numpy as np

from nlsolve.certificates.checking.claims import need
from nlsolve.certificates.checking.defined import values_at
from nlsolve.certificates.checking.extents import Nowhere
from nlsolve.certificates.checking.formulas import Over, Structure, TooLarge
from nlsolve.certificates.checking.matrices import identity, max_of, positive_definite, sizes, wide
from nlsolve.certificates.checking.ranges import TWO, ZERO, Number, Range, point
from nlsolve.certificates.checking.stated import StatedExclusion
from nlsolve.systems.tape import Tape

MOST_WORK = 20_000_000  # operations on ranges; some minutes
UNIT = 2.0**-53

Box = list[Range]


class Checker:
    """The parts of a region, one after another."""

    def __init__(self, file: StatedExclusion, tape: Tape) -> None:
        self.file, self.structure, self.work = file, Structure(tape), 0
        self.y = [flint.arb(number) for number in file.y]
        self.parameters = list(file.parameters.values())
        self.w = [flint.arb(number) for number in file.point]

    def run(self) -> None:
        """Raise NotProved unless every part is accounted for."""
        open_boxes = [self._region()]
        for number, (name, entries) in enumerate(self.file.parts):
            need(open_boxes, "there are more parts than boxes")
            box = open_boxes.pop()
            if name == "cut":
                below, above = _cut(box, *entries)
                open_boxes += [above, below]
            else:
                self._count(len(self.structure.nodes))
                true = REASONS[name](self, box, entries)
                need(true, f"part {number} is not seen to be empty by {name!r}")
        need(not open_boxes, "some parts are not accounted for")

    def _count(self, work: int) -> None:
        self.work += work
        if self.work > MOST_WORK:
            raise TooLarge("the parts need too many operations")

    def _region(self) -> Box:
        if self.file.box is None:
            need(self.file.radius is not None, "states neither a ball nor a box")
            R = flint.arb(self.file.radius)
            return [Range(x - R, x + R) for x in self.w]
        need(self.file.radius is None, "states both a ball and a box")
        sides = list(zip(*self.file.box, strict=True))
        need(all(a <= b for a, b in sides), "a side of the box ends before it begins")
        ends = [(flint.arb(a), flint.arb(b)) for a, b in sides]
        return [point(lo) if lo == hi else Range(lo, hi) for lo, hi in ends]

    def outside(self, box: Box, _: Any) -> bool:
        """Return whether a box lies outside the ball."""
        if self.file.radius is None:
            return False
        away = [_distance(side, x) for side, x in zip(box, self.w, strict=True)]
        R = flint.arb(self.file.radius)
        return bool(sum((x * x for x in away), ZERO) > R * R)

    def value(self, box: Box, i: int) -> bool:
        """Return whether equation i does not take its value in a box."""
        try:
            return values_at(self.structure, i, box, self.parameters).without(self.y[i])
        except Nowhere:
            return True

    def slope(self, box: Box, weights: Sequence[float]) -> bool:
        """Return whether a combination has no zero, by its mean-value form."""
        over, c = self._over(box), _middle(box)
        total = self._residual(self._over(c), weights)
        for j, slope in _combined(over.jacobian, weights).items():
            total = total + slope * (box[j] - c[j])
        return _without_zero(total)

    def curvature(self, box: Box, weights: Sequence[float]) -> bool:
        """Return whether a combination has no zero, by its second-order form."""
        over, c = self._over(box), _middle(box)
        here = self._over(c)
        f = self._residual(here, weights)
        if f.hi < ZERO:
            weights, f = [-a for a in weights], -f
        reach = [(side - x).size for side, x in zip(box, c, strict=True)]
        slopes = _combined(here.jacobian, weights)
        g = [slopes[j].size * e if j in slopes else ZERO for j, e in enumerate(reach)]
        hessian = _combined(over.hessians, weights)
        self._count(over.work)
        form = {(j, k): x * point(reach[j] * reach[k]) for (j, k), x in hessian.items()}
        if not all(entry.finite for entry in form.values()):
            return False
        self._count(len(box) ** 3 // 8)
        return any(f.lo + _least(g, rule(form, len(g))) > ZERO for rule in (_by_rows, _by_root))

    def _over(self, box: Box) -> Over:
        over = Over(self.structure, box, self.parameters)
        need(all(value.finite for value in over.values), "a value has no bound on a part")
        over.jacobian  # noqa: B018  (counted with its work)
        self._count(over.work)
        return over

    def _residual(self, here: Over, weights: Sequence[float]) -> Range:
        terms = zip(weights, here.values, self.y, strict=True)
        total = point(ZERO)
        for a, value, goal in terms:
            total = total + point(flint.arb(a)) * (value - point(goal))
        return total


REASONS: dict[str, Callable[[Checker, Box, Any], bool]] = {
    "outside": Checker.outside,
    "value": Checker.value,
    "slope": Checker.slope,
    "curvature": Checker.curvature,
}


def check_exclusion(file: StatedExclusion, tape: Tape) -> None:
    """Raise NotProved unless the parts of a file prove its region empty."""
    need((file.kind, file.method) == ("empty", None), "the theorem is about another kind of claim")
    Checker(file, tape).run()


def _cut(box: Box, j: int, at: float) -> tuple[Box, Box]:
    """Return both parts of a box; what is cut at belongs to both."""
    side, end = box[j], flint.arb(at)
    need(side.lo <= end and end <= side.hi, "a cut lies outside its box")
    below, above = list(box), list(box)
    below[j], above[j] = Range(side.lo, end), Range(end, side.hi)
    return below, above


def _distance(side: Range, x: Number) -> Number:
    if side.lo > x:
        return side.lo - x
    return x - side.hi if side.hi < x else ZERO


def _middle(box: Box) -> Box:
    """Return an exact point of a box, as a box."""
    found = []
    for side in box:
        c = flint.arb(((side.lo + side.hi) / 2).mid())
        if side.thin or not (c >= side.lo and c <= side.hi):
            c = side.lo
        found.append(point(c))
    return found


def _combined(rows: Sequence[dict[Any, Range]], weights: Sequence[float]) -> dict[Any, Range]:
    """Return a weighted sum of rows; what is left out is 0 everywhere."""
    total: dict[Any, Range] = {}
    for a, row in zip(weights, rows, strict=True):
        for key, entry in row.items() if a else ():
            term = point(flint.arb(a)) * entry
            total[key] = total[key] + term if key in total else term
    return total


def _without_zero(x: Range) -> bool:
    return bool(x.finite and (x.lo > ZERO or x.hi < ZERO))


def _least(g: Sequence[Number], d: Sequence[Number]) -> Number:
    """Return a lower bound of sum_j min of g_j u + d_j u^2/2 over |u| <= 1; the d_j are exact."""
    total = ZERO
    for slope, bend in zip(g, d, strict=True):
        if bend > ZERO and not slope > bend:
            total = total - slope * slope / (TWO * bend)
        else:
            total = total + bend / 2 - slope
    return total


def _by_rows(form: dict[tuple[int, int], Range], m: int) -> list[Number]:
    d = [ZERO] * m
    for (j, k), entry in form.items():
        if j == k:
            d[j] = d[j] + entry.lo
        else:
            d[j], d[k] = d[j] - entry.size, d[k] - entry.size
    return [flint.arb(x.lower()) for x in d]


def _by_root(form: dict[tuple[int, int], Range], m: int) -> list[Number]:
    """Return a number d for all j, from floating-point eigenvalues and tried by Cholesky."""
    both = {(k, j): entry for (j, k), entry in form.items()} | form
    B = wide((m, m), [(j, k, entry) for (j, k), entry in both.items()])
    spread = max_of(sum(row, ZERO) for row in sizes(B.spread).tolist())
    near = np.linalg.eigvalsh(np.array([[float(x) for x in row] for row in B.middle.tolist()]))
    largest = float(np.abs(near).max())
    for units in (16.0, 4096.0, 2.0**30):
        d = flint.arb(float(near[0]) - units * UNIT * largest)
        if positive_definite(B.middle - d * identity(m)):
            break
    else:  # no eigenvalue is larger than the largest sum of a row
        d = -max_of(sum(row, ZERO) for row in sizes(B.middle).tolist())
    return [flint.arb((d - spread).lower())] * m
