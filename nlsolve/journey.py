"""Where does a run stand, and where has it been?"""

import math

import numpy as np

from nlsolve import iterate
from nlsolve.iterate import COLUMNS, DISTANCE, PATH, RESIDUAL, STEP
from nlsolve.lanes import INTERPRETED, norm
from nlsolve.systems.base import FloatArray
from nlsolve.systems.linearization import Linearization
from nlsolve.systems.problem import Problem

_stationarity = iterate.make_stationarity(INTERPRETED)


class Journey:
    """The points of a run: first, last and best, and the history between them.

    Attributes
    ----------
    w, r, J : the last point, its residual and its linearization, None where it is yet to be made
    began : where this run began; origin : w0 of the first run, if it goes on with another one
    best, memory : the best point, and what the loop keeps from chunk to chunk
    rows : list of history arrays; row 0 of the first is the start
    path : iterates, where they are wanted
    kept_row : the last row that is the method's, where the run ends elsewhere
    steered : rows of the history that are the method's, where it was led on to another root
    """

    def __init__(
        self,
        problem: Problem,
        start: tuple[FloatArray, FloatArray, Linearization],
        *,
        store_path: bool = False,
    ) -> None:
        self.problem = problem
        self.w, self.r = start[0], start[1]
        self.J: Linearization | None = start[2]
        self.began = self.origin = self.w.copy()
        self.path = [self.origin] if store_path else None
        length = norm(self.r)
        self.best, self.memory = self.w.copy(), np.array([0.0, length])
        self.rows = [np.array([[length, 0.0, 0.0, 0.0, math.nan, math.nan]])]
        self.kept_row: FloatArray | None = None
        self.steered: int | None = None

    @property
    def point(self) -> FloatArray:
        """The last point as the user sees it; a new array."""
        w: FloatArray = self.problem.system.scale * self.w
        return w

    @property
    def residual_norm(self) -> float:
        """|r| at the last point."""
        return float(self.rows[-1][-1, RESIDUAL])

    @property
    def farthest(self) -> float:
        """Largest |w - w0| seen."""
        return float(max(np.max(table[:, DISTANCE]) for table in self.rows))

    def linearization(self) -> Linearization:
        """Return J at the last point."""
        if self.J is None:
            self.J = self.problem.linearize(self.w, self.r)
        return self.J

    def stationarity(self) -> float:
        """Return how much of the residual a relative move of w can remove, to first order."""
        gradient = self.linearization().vjp(self.r)
        if self.problem.box is not None:  # descent that leaves the box does not count
            gradient = self.problem.box.projected(self.w, gradient)
        return _stationarity(gradient, self.w, self.r)

    def move(self, w: FloatArray) -> None:
        """Continue from another point; the jump is a row of the history."""
        jump = norm(w - self.w)
        self.r = self.problem.residual(w)
        self.w, self.J = w, self.problem.linearize(w, self.r)
        row = np.full((1, COLUMNS), math.nan)
        row[0, [RESIDUAL, STEP, DISTANCE]] = norm(self.r), jump, norm(w - self.origin)
        row[0, PATH] = self.rows[-1][-1, PATH] + jump
        self.rows.append(row)
        if self.path is not None:
            self.path.append(w)
