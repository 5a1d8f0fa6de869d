"""In which units do the unknowns move? F(w) = y as a system of v = w / scale.

    G(v) = F(D v),   J_G(v) = J(D v) D,   D = diag(scale)

A method that is handed G takes steps that are shortest in v. Differences are taken in v, so that
`scale` also says how large unknowns are. Formulas are rewritten with D_j v_j in the place of w_j,
exactly: what is proved of them is proved of v.
"""

from typing import Any

import numpy as np

from nlsolve.systems.base import FloatArray, System
from nlsolve.systems.box import Box
from nlsolve.systems.checks import first_evaluation
from nlsolve.systems.formulas import FormulaSystem
from nlsolve.systems.jacobians import as_jacobian, column_norms, shaped, times_columns
from nlsolve.systems.linearization import Linearization
from nlsolve.systems.problem import Problem
from nlsolve.systems.tape import CONSTANT, NAMES, PARAMETER, POW, UNKNOWN, Builder, Tape, operands


class ScaledFunction:
    """F as a function of v, or of points as columns; can be sent to a worker process."""

    def __init__(self, F: Any, scale: FloatArray) -> None:
        self.F, self.scale = F, scale

    def __call__(self, v: Any, *args: Any, **kwargs: Any) -> Any:
        """Return F(D v)."""
        scale = self.scale if v.ndim == 1 else self.scale[:, None]
        return self.F(scale * v, *args, **kwargs)


class ScaledSystem(System):
    """A system of functions in v = w / scale; all else is as in `plain`."""

    plain: System

    def __init__(self, plain: System, scale: FloatArray) -> None:
        vars(self).update(vars(plain))
        self.plain, self.scale = plain, scale
        self.F = ScaledFunction(plain.F, scale)

    @property
    def compilable(self) -> bool:
        """False: what the compiled lane would call is F itself."""
        return False

    def values(self, w: FloatArray) -> tuple[Any, Any]:
        """Return (G(v), J_G(v) if F gives both)."""
        if not self.returns_both:
            return self.call(self.F, w), None
        values, J = self.plain.values(self.unscaled(w))
        return values, self._scaled(as_jacobian(J, "jac"), np.size(values))

    def jvp(self, w: FloatArray, v: FloatArray) -> FloatArray | None:
        """Return J_G times a vector."""
        return self.plain.jvp(self.scale * w, self.scale * v)

    def vjp(self, w: FloatArray, u: FloatArray) -> FloatArray | None:
        """Return J_G^T times a vector."""
        found = self.plain.vjp(self.scale * w, u)
        return found if found is None or found.shape != w.shape else self.scale * found

    def jacobian(self, w: FloatArray, n: int) -> Any:
        """Return J_G(v)."""
        return self._scaled(self.plain.jacobian(self.scale * w, n), n)

    def rows(self, w: FloatArray, batch: Any) -> tuple[FloatArray, Any]:
        """Return values and rows of J_G."""
        values, J = self.plain.rows(self.scale * w, batch)
        return values, self._scaled(J, batch.size)

    def _scaled(self, J: Any, n: int) -> Any:
        """Return J D; a J of another shape as it is, for Problem to complain of."""
        found = shaped(J, n, self.scale.size)
        return J if found is None else times_columns(found, self.scale)


class ScaledFormulas(FormulaSystem):
    """Formulas in v = w / scale."""

    def __init__(self, plain: FormulaSystem, scale: FloatArray) -> None:
        super().__init__(scaled_tape(plain.tape, scale), parameters=plain._given)
        self.plain, self.scale = plain, scale

    def __reduce__(self) -> Any:
        return ScaledFormulas, (self.plain, self.scale)


def scaled_tape(tape: Tape, scale: FloatArray) -> Tape:
    """Return the tape with scale_j v_j, exactly, in the place of every unknown."""
    write = Builder(tape.unknowns, tape.parameters)
    place: list[int] = []
    for op, left, right in zip(
        tape.op.tolist(), tape.left.tolist(), tape.right.tolist(), strict=True
    ):
        if op == CONSTANT:
            node = write.constant(tape.constants[left])
        elif op == UNKNOWN:
            node = write.apply("mul", write.constant(float(scale[left])), write.unknown(left))
        elif op == PARAMETER:
            node = write.parameter(left)
        elif op == POW:
            node = write.power(place[left], right)
        else:
            node = write.apply(NAMES[op], *(place[k] for k in operands(op, left, right)))
        place.append(node)
    return write.build([place[k] for k in tape.outputs])


def scaled(system: System, scale: FloatArray) -> System:
    """Return a system in v = w / scale."""
    if isinstance(system, FormulaSystem):
        return ScaledFormulas(system, scale)
    return ScaledSystem(system, scale)


def scaled_problem(problem: Problem, scale: Any) -> Problem:
    """Return a problem in v = w / scale, with the same counts; itself where the scale is 1."""
    return _with_system(problem, scaled(problem.system, scale)) if np.ndim(scale) else problem


def plain_problem(problem: Problem) -> Problem:
    """Return the problem in w, with the same counts; itself where it is not scaled."""
    plain = problem.system.plain
    return problem if plain is None else _with_system(problem, plain)


def _with_system(problem: Problem, system: System) -> Problem:
    own = Problem(system, problem.y, problem.m, problem.mapper, problem.bounds)
    own.counts, own.kind, own.precision = problem.counts, problem.kind, problem.precision
    own.arrays = problem.arrays
    return own


def column_scale(J: Any) -> FloatArray:
    """Return the powers of two nearest to 1 / |J_j|; 1 for columns that are zero or not finite.

    Powers of two, because units then cost no rounding.
    """
    norms = column_norms(J)
    known = np.isfinite(norms) & (norms > 0.0)
    return np.exp2(-np.rint(np.log2(np.where(known, norms, 1.0))))


def opened(
    system: System, y: Any, w0: FloatArray, mapper: Any, scale: Any, bounds: Box | None = None
) -> tuple[Problem, FloatArray, FloatArray, Linearization]:
    """Return the problem in v = w / scale, v0, r(v0) and the checked linearization there.

    scale is (m,), None for 1, or 'jac' for that of J(w0), which is then found first.
    """
    if scale is None:
        problem, r, J = first_evaluation(system, y, w0, mapper, bounds)
        return problem, w0, r, J
    before = np.zeros(3, dtype=np.int64)
    if isinstance(scale, str):
        problem, r, J = first_evaluation(system, y, w0, mapper, bounds)
        scale, before = column_scale(J.jacobian), problem.counts
    start = w0 / scale if bounds is None else bounds.scaled(scale).nearest(w0 / scale)
    problem, r, J = first_evaluation(scaled(system, scale), y, start, mapper, bounds)
    problem.counts += before
    return problem, start, r, J
