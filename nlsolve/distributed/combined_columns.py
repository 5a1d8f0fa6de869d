"""What is a system in which blocks of unknowns are seen through a sum, F(w) = G(sum of z_p(w_p))?

With z = sum over p of z_p(w_p), k numbers, and the chain rule,

    J = G'(z) [z_1' ... z_P'],   K = G' (sum z_p' z_p'^T) G'^T,   (J^T u)_p = z_p'^T (G'^T u):

from the blocks come k-vectors and k x k matrices, and G is evaluated where `solve` runs. Each block
has the columns z_p' of its own unknowns, whatever G is. An F that is no sum is of this form too: z
holds, each in its own entries, what the equations need to know of each block.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from nlsolve.certificates.evidence import Refusal
from nlsolve.distributed.column_blocks import ColumnJacobian, ColumnSystem
from nlsolve.distributed.shards import Shards
from nlsolve.systems import as_system
from nlsolve.systems.base import FloatArray, System
from nlsolve.systems.checks import first_evaluation
from nlsolve.systems.errors import EvaluationError
from nlsolve.systems.linearization import Linearization


class CombinedSystem(ColumnSystem):
    """F(w) = G(z), z the sum over p of z_p(w_p), with unknowns that stay in their blocks.

    Attributes
    ----------
    n, m : int
        Equations and unknowns.
    outer : Problem
        G(z) = 0.
    """

    def __init__(self, engine: Any, combine: Any) -> None:
        if not (callable(combine) or isinstance(combine, System)):
            raise TypeError(f"combine must be a callable or a System, got {type(combine).__name__}")
        super().__init__(engine)
        z = super().__call__(None)
        self.outer, r, _ = _named(lambda: first_evaluation(as_system(combine, {}), 0.0, z, None))
        self.n = r.size

    def __call__(self, w: Any) -> FloatArray:
        """Return F(w)."""
        z = super().__call__(w)
        return _named(lambda: self.outer.residual(z))  # type: ignore[no-any-return]

    def values(self, w: Any) -> tuple[FloatArray, "CombinedJacobian"]:
        """Return (F(w), J), J as questions to the blocks."""
        z, K = self._evaluated(w)
        values = _named(lambda: self.outer.residual(z))
        return values, CombinedJacobian(self, w, self.outer.linearize(z, values), values.size, K)

    def rows(self, w: Any, batch: Any) -> tuple[FloatArray, "CombinedJacobian"]:
        """Return values and J of the equations in `batch`."""
        z, _ = self._evaluated(w)
        values, outer = _named(lambda: self.outer.rows(z, batch))
        return values, CombinedJacobian(self, w, outer, batch.size)

    def constants_at(self, problem: Any, at: tuple[Any, FloatArray, Any], asked: Any) -> Any:
        """Return (point, source) for certificates: estimated, or with the constants given.

        Raises
        ------
        Refusal
            Where evidence='proved' is asked for, or K says too little.
        """
        from nlsolve.distributed import combined_constants, constants

        if asked.evidence == "proved":
            raise Refusal("of a function of the blocks' sum the constants are sampled, not proved")
        w, r, J = at
        found = self.ledger.ask("known", (w.handle,), w.handle.key, False)
        inner = combined_constants.Inner([part for part, _ in found])
        part = combined_constants.through(inner, J.outer)
        point = constants.summed(problem, w, r, J, [part])
        if asked.constants_given:
            given = asked.lipschitz, asked.hessian_bound, asked.radius
            return point, constants.SuppliedOnBlocks(point, *given)
        smallest = max(radius for _, radius in found)
        return point, combined_constants.ChainBounds(point, smallest, J.outer)


class CombinedJacobian(ColumnJacobian):
    """J = G' [z_1' ... z_P'] at a point.

    Parameters
    ----------
    system : CombinedSystem
    w : Shards
    outer : Linearization
        Of G, or of some of its equations, at z.
    n : int
        How many equations.
    K : (k, k) ndarray, optional
        The tangent kernel of z, where it is known.
    """

    def __init__(
        self,
        system: CombinedSystem,
        w: Shards,
        outer: Linearization,
        n: int,
        K: FloatArray | None = None,
    ) -> None:
        super().__init__(system, w, None, n, K)
        self.outer = outer

    def matvec(self, v: Any) -> FloatArray:  # type: ignore[override]
        """Return J v."""
        z_change = super().matvec(v)
        return _named(lambda: self.outer.jvp(z_change))  # type: ignore[no-any-return]

    def rmatvec(self, u: FloatArray) -> Shards:  # type: ignore[override]
        """Return J^T u, with the blocks."""
        return super().rmatvec(_named(lambda: self.outer.vjp(np.asarray(u, dtype=float))))

    def gram(self) -> FloatArray:
        """Return K = G' K_z G'^T."""
        inner = super().gram()
        A = self._outer_jacobian()
        return np.asarray(A @ np.asarray(A @ inner).T)

    def array(self) -> FloatArray:
        """Return J as an array, gathered here."""
        return np.asarray(self._outer_jacobian() @ super().array())

    def _outer_jacobian(self) -> Any:
        return _named(lambda: self.outer.jacobian)


def _named(evaluate: Callable[[], Any]) -> Any:
    """Return what G gives, or an error that says it was G's."""
    try:
        return evaluate()
    except EvaluationError as error:
        raise EvaluationError(f"combine, at the sum of the blocks' values: {error}") from error
