"""What is known of a system's defects: the record that `nlsolve.diagnose` returns."""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from nlsolve.explore.scaling import FloatArray
from nlsolve.explore.structure import Structure
from nlsolve.systems import System

if TYPE_CHECKING:
    from nlsolve.explore.wording import Finding

FAR = 4  # decades from the median scale


class Relation(NamedTuple):
    """Equation `equation` depends on `others`.

    Attributes
    ----------
    equation : int
        Number of an equation, from 0.
    others : tuple of int
        Those it depends on; none if its residual does not change at all.
    coefficients : tuple of float
        r[equation] = sum of coefficients * r[others] + gap, r = F(w) - y, wherever F was
        evaluated. Empty where no constant ones could be found.
    gap : float
        0 if the equations agree to rounding; NaN without coefficients.
    """

    equation: int
    others: tuple[int, ...]
    coefficients: tuple[float, ...] = ()
    gap: float = math.nan

    @property
    def equations(self) -> tuple[int, ...]:
        """All equations that take part, in order."""
        return tuple(sorted((self.equation, *self.others)))


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class Diagnosis:
    """What is the matter with a system at w, and around it.

    Everything is told to rounding, or to the accuracy of differences where J comes from them; and
    from F at w and a few points around it, so that nothing here is a proof. Equations and unknowns
    are numbered from 0.

    Attributes
    ----------
    n, m : int
        Numbers of equations and of unknowns.
    points : int
        At how many points, w included, F and J were evaluated. Where it is 1, because F is not
        defined around w, nothing is called redundant or inconsistent.
    rank, generic_rank, structural_rank : int
        Rank of J at w; the highest rank at any of the points; and the highest that any numbers in
        the pattern of J could give.
    redundant, inconsistent : tuple of Relation
        Equations that are combinations of others with constant coefficients, and agree with them
        or contradict them. Any one of `relation.equations` may be called the one too many.
    functional : tuple of Relation
        Equations that depend on others at all points, but with no constant coefficients that could
        be found, as F_1 = F_0^2 does. Whether they agree is seen at a solution of the others only.
    flat : tuple of int
        Equations that change far from w, but not seen around it.
    singular : tuple of Relation
        Equations that depend on others at w but not around it, with the coefficients there.
    overdetermined : Structure
        Among equations that are no combinations of others: those that share too few unknowns, and
        these unknowns (`overdetermined.equations`, `overdetermined.unknowns`).
    free : tuple of int
        Unknowns that no equation depends on.
    movable : tuple of int
        Unknowns that can move, alone or with others, while all equations stay as they are, to
        first order; the free ones among them. The rest are `determined`.
    parameters : tuple of int
        `degrees_of_freedom` unknowns that can be prescribed; the equations then give the others.
    row_scale, column_scale : (n,), (m,) ndarray
        Powers of two, their medians 1: row_scale[i] J[i, j] column_scale[j] are of like size.
        `badly_scaled_rows` and `badly_scaled_columns` are those where they are beyond 1e4 or 1e-4.
    condition : float
        Condition number of J at w in these units, over the singular values that are not zero.
    clear : bool
        Whether the ranks are more than a matter of rounding: J is known well enough, these singular
        values are far from the zeros, and a relation was found for every equation too many.
    residual_norm : float
    root : bool
        Whether w is a root as `solve` has it, at its default tolerance.
    stationary : bool
        J^T r vanishes although w is no root.
    exact : bool
        Whether J is exact.
    system : System
        What F is; its names and formulas, where it has them, appear in words.
    """

    n: int
    m: int
    points: int
    rank: int
    generic_rank: int
    structural_rank: int
    redundant: tuple[Relation, ...]
    inconsistent: tuple[Relation, ...]
    functional: tuple[Relation, ...]
    flat: tuple[int, ...]
    singular: tuple[Relation, ...]
    overdetermined: Structure
    free: tuple[int, ...]
    movable: tuple[int, ...]
    parameters: tuple[int, ...]
    row_scale: FloatArray
    column_scale: FloatArray
    condition: float
    clear: bool
    residual_norm: float
    root: bool
    stationary: bool
    exact: bool
    system: System

    @property
    def degrees_of_freedom(self) -> int:
        """In how many directions w can move around w while no equation changes."""
        return self.m - self.generic_rank

    @property
    def determined(self) -> tuple[int, ...]:
        """Unknowns that the equations fix, to first order."""
        movable = set(self.movable)
        return tuple(j for j in range(self.m) if j not in movable)

    @property
    def badly_scaled_rows(self) -> tuple[int, ...]:
        """Equations in units far from those of the others."""
        return _far(self.row_scale)

    @property
    def badly_scaled_columns(self) -> tuple[int, ...]:
        """Unknowns in units far from those of the others."""
        return _far(self.column_scale)

    @property
    def sound(self) -> bool:
        """Whether nothing is the matter; that unknowns can move is no defect."""
        return not any(finding.defect for finding in self.findings)

    @property
    def findings(self) -> "tuple[Finding, ...]":
        """What was found, each with its kind, a sentence, and what to do."""
        from nlsolve.explore.wording import findings

        return findings(self)

    @property
    def suggestions(self) -> tuple[str, ...]:
        """What to do, in words."""
        return tuple(finding.advice for finding in self.findings if finding.advice)

    def __repr__(self) -> str:
        from nlsolve.display.diagnosis import diagnosis_text

        return diagnosis_text(self)

    def _repr_html_(self) -> str:
        from nlsolve.display.diagnosis import diagnosis_html

        return diagnosis_html(self)


def _far(scale: FloatArray) -> tuple[int, ...]:
    return tuple(np.flatnonzero(np.abs(np.log10(scale)) > FAR).tolist())
