"""What is a system whose equations live in blocks, F = (F_1, ..., F_P)?

The unknowns are with the driver, the equations stay where their data is. J has the blocks' rows J_p
one above the other, and so

    J v = (J_1 v, ..., J_P v),   J^T u = sum J_p^T u_p,   K_pq = J_p J_q^T:

gradient descent adds up m-vectors. For Gauss-Newton the blocks of K are formed by sending rows from
block to block, each once to each other; with very many equations (linalg/kernels.py) conjugate
gradients on K take their place, preconditioned by the inverses of K_pp (block Jacobi).
"""

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any

import numpy as np
from scipy.linalg import cho_solve

from nlsolve.distributed.block import Block
from nlsolve.distributed.column_blocks import checked_specs
from nlsolve.distributed.engine import InProcess
from nlsolve.distributed.ledger import Ledger
from nlsolve.distributed.messages import Given, Orders
from nlsolve.linalg.products import factor_of
from nlsolve.systems import as_system
from nlsolve.systems.base import FloatArray, System
from nlsolve.systems.checks import first_evaluation
from nlsolve.systems.jacobians import KernelOperator
from nlsolve.systems.problem import Problem


def rows(
    factory: Callable[[Any], Any], specs: Sequence[Any], *, client: Any = None, keep: int = 2
) -> "RowSystem":
    """Return the system F(w) = (F_1(w), ..., F_P(w)), a block of equations for every spec.

    Parameters
    ----------
    factory : callable
        ``factory(spec) -> F_p``, a System or a callable of all m unknowns. It runs where the block
        is to live, and again if that is lost; the data it reads stays there. With a client it must
        be picklable by cloudpickle.
    specs : sequence
        What tells the blocks apart: a file, a range of samples. Small, for it is sent.
    client : dask.distributed.Client, optional
        Whose workers hold the blocks; without one they live in this process.
    keep : int, optional
        Points at which a block keeps its Jacobian; with 0 it is formed whenever it is needed.

    Returns
    -------
    RowSystem
        For `solve` and all else that takes a System.

    Raises
    ------
    TypeError, ValueError
        If `specs` is empty, or an argument is not of these kinds.
    ImportError
        With a client, if dask.distributed is not installed.

    Examples
    --------
    >>> import numpy as np, nlsolve
    >>> def part(seed):
    ...     A = np.random.default_rng(seed).standard_normal((3, 50))
    ...     return nlsolve.System(lambda w: np.sin(A @ w), jac=lambda w: np.cos(A @ w)[:, None] * A)
    >>> system = nlsolve.distributed.rows(part, range(4))
    >>> nlsolve.solve(system, 0.1, np.zeros(50)).success
    True
    """
    specs, keep = checked_specs(factory, specs, keep)
    if client is None:
        return RowSystem(InProcess(lambda p: RowBlock(p, factory, specs[p], keep), len(specs)))
    from nlsolve.distributed.cluster import Cluster

    return RowSystem(Cluster(client, RowBlock, factory, specs, keep))


class RowBlock(Block):
    """A block's equations, all of them in all unknowns."""

    def __init__(self, number: int, factory: Any, spec: Any, keep: int) -> None:
        self.begin(number, keep)
        self.system = as_system(factory(spec), {})

    @cached_property
    def problem(self) -> Problem:  # type: ignore[override]
        """The block's equations, once a point is known."""
        first = next(iter(self.vectors.values()))
        return first_evaluation(self.system, 0.0, first, None)[0]

    def rows(self, orders: Orders, key: int, batch: Any) -> FloatArray:
        """Return some entries of F_p, and none of an empty batch."""
        self.obey(orders)
        return super().rows(Orders(), key, batch) if batch.size else np.zeros(0)

    def jvp(self, orders: Orders, key: int, batch: Any, v: int) -> FloatArray:
        """Return J_p v."""
        self.obey(orders)
        return np.zeros(0) if _none(batch) else super().jvp(Orders(), key, batch, v)

    def array(self, orders: Orders, key: int, batch: Any) -> FloatArray:
        """Return J_p as an array."""
        self.obey(orders)
        if _none(batch):
            return np.zeros((0, self.problem.m))
        return super().array(Orders(), key, batch)

    def back(self, orders: Orders, key: int, batch: Any, u: FloatArray) -> FloatArray:
        """Return J_p^T u_p."""
        self.obey(orders)
        if _none(batch):
            return np.zeros(self.problem.m)
        return self._linearization(key, batch).vjp(u)

    def cross(self, orders: Orders, key: int, batch: Any, other: FloatArray) -> FloatArray:
        """Return J_p J_q^T for another block's rows."""
        return self.array(orders, key, batch) @ other.T

    def inverse(self, orders: Orders, key: int, damping: float, v: FloatArray) -> FloatArray:
        """Return (K_pp + damping I)^{-1} v."""
        if self._factor is None or self._factor[:2] != (key, damping):
            K = self.gram(orders, key, None)
            self._factor = (key, damping, factor_of(K, damping))
        found: FloatArray = cho_solve(self._factor[2], v, check_finite=False)
        return found

    _factor: tuple[int, float, Any] | None = None


class RowSystem(System):
    """F(w) = (F_1(w), ..., F_P(w)), with equations that stay in their blocks.

    Attributes
    ----------
    engine : InProcess or Cluster
    ends : (P + 1,) ndarray of int or None
        Where the equations of the blocks begin and end, once F has been evaluated.
    """

    def __init__(self, engine: Any) -> None:
        self.engine, self.ledger = engine, Ledger(engine, None)
        self.ends: Any = None
        super().__init__(self.__call__, jac=True, rows=self.rows, check_jac=False)

    def __repr__(self) -> str:
        known = "" if self.ends is None else f"{self.ends[-1]:,} equations "
        return f"RowSystem({known}in {self.engine.size} blocks)"

    @property
    def state(self) -> str:
        """Where the blocks are, for progress bars; nothing to say in one process."""
        return str(self.engine.state)

    def __call__(self, w: Any) -> FloatArray:
        """Return F(w)."""
        return self.values(np.asarray(w, dtype=float))[0]

    def values(self, w: FloatArray) -> tuple[FloatArray, "RowJacobian"]:
        """Return (F(w), J), J as questions to the blocks."""
        handle = self.ledger.new(Given(w.copy()))
        parts = [part for part, _ in self.ledger.ask("values", (handle,), handle.key, ())]
        if self.ends is None:
            self.ends = np.cumsum([0, *(part.size for part in parts)])
        return np.concatenate(parts), RowJacobian(self, handle, w.size, None)

    def rows(self, w: FloatArray, batch: Any) -> tuple[FloatArray, "RowJacobian"]:
        """Return values and J of the equations in `batch`."""
        handle = self.ledger.new(Given(w.copy()))
        J = RowJacobian(self, handle, w.size, batch)
        return J.ask("rows", [(own,) for own in J.batches]), J


class RowJacobian(KernelOperator):
    """J, the blocks' rows one above the other, known by what the blocks answer.

    Parameters
    ----------
    system : RowSystem
    w : Handle
        The point.
    m : int
    batch : ndarray of int or None
        The equations; None for all.
    """

    def __init__(self, system: RowSystem, w: Any, m: int, batch: Any) -> None:
        n = int(system.ends[-1]) if batch is None else batch.size
        super().__init__(np.dtype(np.float64), (n, m))  # type: ignore[call-arg]
        self.ledger, self.w, self.ends, self.all = system.ledger, w, system.ends, batch is None
        chosen = np.arange(n) if batch is None else batch
        owner = np.searchsorted(self.ends, chosen, side="right") - 1
        self.places = [np.flatnonzero(owner == p) for p in range(self.ends.size - 1)]
        self.batches = [
            None if self.all else chosen[place] - self.ends[p]
            for p, place in enumerate(self.places)
        ]

    def ask(self, question: str, own: list[tuple[Any, ...]], *more: Any) -> FloatArray:
        """Return the blocks' answers, each at the place of its equations."""
        arguments = [(self.w.key, *rest) for rest in own]
        parts = self.ledger.each(self.ledger.engine.ask, question, (self.w, *more), arguments)
        found = np.empty((self.shape[0], *parts[0].shape[1:]))
        for place, part in zip(self.places, parts, strict=True):
            found[place] = part
        return found

    def _matvec(self, v: Any) -> FloatArray:
        handle = self.ledger.new(Given(np.array(v, dtype=float).ravel()))
        return self.ask("jvp", [(batch, handle.key) for batch in self.batches], handle)

    def _rmatvec(self, u: Any) -> FloatArray:
        u, key = np.asarray(u, dtype=float).ravel(), self.w.key
        both = zip(self.batches, self.places, strict=True)
        own = [(key, batch, u[place]) for batch, place in both]
        found: FloatArray = self.ledger.each(self.ledger.engine.total, "back", (self.w,), own)
        return found

    def gram(self) -> FloatArray:
        """Return K, from blocks J_p J_q^T."""
        own = [(self.w.key, batch) for batch in self.batches]
        parts = self.ledger.each(self.ledger.engine.crossed, "cross", (self.w,), own)
        K = np.empty((self.shape[0],) * 2)
        for p, row in enumerate(parts):
            for q, part in enumerate(row):
                K[np.ix_(self.places[p], self.places[q])] = part
                K[np.ix_(self.places[q], self.places[p])] = part.T
        return K

    def array(self) -> FloatArray:
        """Return J as an array, gathered here."""
        return self.ask("array", [(batch,) for batch in self.batches])

    def near_inverse(self, damping: float) -> Callable[[FloatArray], FloatArray] | None:
        """Return block Jacobi: what applies the inverses of the blocks K_pp + damping I."""
        if not self.all:
            return None
        return lambda v: self.ask("inverse", [(damping, v.ravel()[place]) for place in self.places])


def _none(batch: Any) -> bool:
    """Return whether no equation of a block is asked about."""
    return batch is not None and batch.size == 0
