"""What is a system whose unknowns live in blocks, F(w) = sum over p of F_p(w_p)?

F may also be a function of that sum (combined_columns.py).

J = [J_1 ... J_P], and so

    F = sum F_p,   K = sum J_p J_p^T,   J v = sum J_p v_p,   (J^T u)_p = J_p^T u:

n-vectors and n x n matrices are added up, and each block moves its own unknowns. `ColumnSystem` is
a System like any other; its points are `Shards`, and its Jacobian answers with `Shards`.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from nlsolve.certificates.evidence import Refusal
from nlsolve.distributed.block import Block
from nlsolve.distributed.engine import InProcess
from nlsolve.distributed.ledger import Ledger
from nlsolve.distributed.messages import Given, Product, Start
from nlsolve.distributed.shards import Shards
from nlsolve.intervals import EnclosureError
from nlsolve.systems.base import FloatArray, System
from nlsolve.systems.errors import EvaluationError
from nlsolve.systems.jacobians import KernelOperator
from nlsolve.systems.vectors import real_vector

Factory = Callable[[Any], tuple[Any, Any]]


def columns(
    factory: Factory,
    specs: Sequence[Any],
    *,
    combine: Any = None,
    client: Any = None,
    keep: int = 2,
) -> "ColumnSystem":
    """Return the system F(w) = sum over p of F_p(w_p), a block of unknowns for every spec.

    With `combine` it is F(w) = G(sum over p of F_p(w_p)).

    Parameters
    ----------
    factory : callable
        ``factory(spec) -> (F_p, w_p)``, F_p a System or a callable of n equations in the block's
        own unknowns, w_p their start. It runs where the block is to live, and again if that is
        lost. With a client it must be picklable by cloudpickle.
    specs : sequence
        What tells the blocks apart: a file, a seed, a range. Small, for it is sent.
    combine : System or callable, optional
        G, from the k numbers of the sum to n equations; it is evaluated here. A System with `jac`
        says its derivatives, otherwise they come from differences. So F need not be a sum: what
        the equations see of a block is put in entries of its own, or in shared ones.
    client : dask.distributed.Client, optional
        Whose workers hold the blocks; without one they live in this process.
    keep : int, optional
        Points at which a block keeps its Jacobian. With 0 it is formed whenever it is needed and
        not kept: then no more than one block's is in the memory of a process.

    Returns
    -------
    ColumnSystem
        For `solve` and all else that takes a System. ``w0=None`` starts from the blocks' own
        starts; an array is sent to them.

    Raises
    ------
    TypeError, ValueError
        If `specs` is empty, or blocks differ in the number of equations.
    ImportError
        With a client, if dask.distributed is not installed.

    Examples
    --------
    >>> import numpy as np, nlsolve
    >>> def part(seed):
    ...     A = np.random.default_rng(seed).standard_normal((3, 50))
    ...     return nlsolve.System(lambda w: np.sin(A @ w), jac=lambda w: np.cos(A @ w)[:, None] * A
    ...                           ), np.zeros(50)
    >>> system = nlsolve.distributed.columns(part, range(4))
    >>> sol = nlsolve.solve(system, [0.1, 0.2, 0.3])
    >>> sol.success, sol.w
    (True, Shards(200 unknowns in 4 blocks))
    """
    specs, keep = checked_specs(factory, specs, keep)
    engine = _engine(factory, specs, client, keep)
    if combine is None:
        return ColumnSystem(engine)
    from nlsolve.distributed.combined_columns import CombinedSystem

    return CombinedSystem(engine, combine)


def _engine(factory: Factory, specs: list[Any], client: Any, keep: int) -> Any:
    """Return what holds the blocks."""
    if client is None:
        return InProcess(lambda p: Block(p, factory, specs[p], keep), len(specs))
    from nlsolve.distributed.cluster import Cluster

    return Cluster(client, Block, factory, specs, keep)


def checked_specs(factory: Any, specs: Any, keep: Any) -> tuple[list[Any], int]:
    """Return specs as a list, and `keep`, checked."""
    specs = list(specs)
    if not callable(factory):
        raise TypeError(f"factory must be callable, got {type(factory).__name__}")
    if not specs:
        raise ValueError("specs is empty: expected one spec for every block")
    if isinstance(keep, bool) or not isinstance(keep, (int, np.integer)) or keep < 0:
        raise ValueError(f"keep must be an integer >= 0, got {keep!r}")
    return specs, int(keep)


class ColumnSystem(System):
    """F(w) = sum over p of F_p(w_p), with unknowns that stay in their blocks.

    Attributes
    ----------
    n, m : int
        Equations and unknowns.
    engine : InProcess or Cluster
    """

    in_blocks = True

    def __init__(self, engine: Any) -> None:
        self.engine = engine
        found = engine.ask("about", [()] * engine.size)
        equations = [n for n, _ in found]
        if len(set(equations)) != 1:
            raise ValueError(
                f"F_p must have the same number of equations in every block, got {equations}"
            )
        self.n = equations[0]
        self.ledger = Ledger(engine, np.cumsum([0, *(m for _, m in found)]))
        self.m = int(self.ledger.ends[-1])
        self.last = self.wanted = 0  # numbers of the last point, and of the last whose K was used
        super().__init__(self.__call__, jac=True, rows=self.rows, check_jac=False)

    def __repr__(self) -> str:
        sizes = f"{self.n} equations, {self.m:,} unknowns in {self.engine.size} blocks"
        return f"{type(self).__name__}({sizes})"

    @property
    def state(self) -> str:
        """Where the blocks are, for progress bars; nothing to say in one process."""
        return str(self.engine.state)

    def __call__(self, w: Any) -> FloatArray:
        """Return F(w)."""
        return self.ledger.evaluate(self.vector(w, "w").handle)[0]  # type: ignore[no-any-return]

    def vector(self, value: Any, name: str) -> Shards:
        """Return a point as Shards: the blocks' starts for None, an array sent to them."""
        if isinstance(value, Shards) and value.ledger is self.ledger:
            return value
        if value is None:
            return Shards(self.ledger, self.ledger.new(Start()))
        whole = real_vector(value, name)
        if whole.size != self.m:
            raise ValueError(f"{name} has {whole.size} entries, but the blocks have {self.m}")
        return Shards(self.ledger, self.ledger.new(Given(whole)))

    def kept(self, path: Any, vectors: dict[str, Any]) -> None:
        """Take note that vectors are in a file: a block that is lost begins again from there."""
        self.engine.kept = path
        named = {name: v.handle for name, v in vectors.items() if isinstance(v, Shards)}
        self.ledger.fix(path, named)

    def values(self, w: Any) -> tuple[FloatArray, "ColumnJacobian"]:
        """Return (F(w), J), J as questions to the blocks.

        Where K was wanted at the last point it will be at this one: it comes in the same round,
        which on a cluster costs more than the products.
        """
        values, K = self._evaluated(w)
        return values, ColumnJacobian(self, w, None, self.n, K)

    def _evaluated(self, w: Shards) -> tuple[FloatArray, FloatArray | None]:
        """Return the sum of the blocks' values, and of their kernels if these come along."""
        eager = self.engine.remote and 0 < self.last == self.wanted
        found: tuple[FloatArray, FloatArray | None] = self.ledger.evaluate(w.handle, eager)
        self.last = w.handle.key
        return found

    def rows(self, w: Any, batch: Any) -> tuple[FloatArray, "ColumnJacobian"]:
        """Return values and J of the equations in `batch`."""
        values = self.ledger.total("rows", (w.handle,), w.handle.key, batch)
        return values, ColumnJacobian(self, w, batch, batch.size)

    def constants_at(self, problem: Any, at: tuple[Any, FloatArray, Any], asked: Any) -> Any:
        """Return (point, source) for certificates: proved where every block can prove.

        Raises
        ------
        Refusal, EnclosureError
            Where nothing is known, or evidence='proved' is asked for and is not to be had.
        """
        from nlsolve.distributed import constants

        w, r, J = at
        parts, smallest = self._known(w, asked)
        point = constants.summed(problem, w, r, J, parts)
        if asked.constants_given:
            given = asked.lipschitz, asked.hessian_bound, asked.radius
            return point, constants.SuppliedOnBlocks(point, *given)
        return point, constants.BlockBounds(point, smallest)

    def _known(self, w: Shards, asked: Any) -> tuple[list[Any], float]:
        """Return what the blocks know at a point, and the smallest radius any of them can judge."""
        prove = asked.evidence != "estimated" and not asked.constants_given
        try:
            found = self.ledger.ask("known", (w.handle,), w.handle.key, prove)
        except (Refusal, EnclosureError, EvaluationError):
            if not prove or asked.evidence == "proved":
                raise
            found = self.ledger.ask("known", (w.handle,), w.handle.key, False)
        return [part for part, _ in found], max(radius for _, radius in found)


class ColumnJacobian(KernelOperator):
    """J = [J_1 ... J_P] at a point, known by what the blocks answer.

    Parameters
    ----------
    system : ColumnSystem
    w : Shards
    batch : ndarray of int or None
        The equations; None for all.
    n : int
        How many they are.
    K : (n, n) ndarray, optional
        The tangent kernel, where it is known.
    """

    def __init__(
        self, system: ColumnSystem, w: Shards, batch: Any, n: int, K: FloatArray | None = None
    ) -> None:
        super().__init__(np.dtype(np.float64), (n, system.m))  # type: ignore[call-arg]
        self.system, self.ledger, self.w = system, system.ledger, w
        self.batch, self.K = batch, K

    @property
    def T(self) -> "Transposed":  # type: ignore[override]
        """J^T."""
        return Transposed(self)

    def __matmul__(self, v: Any) -> FloatArray:  # type: ignore[override]
        return self.matvec(v)

    def _matvec(self, v: Any) -> FloatArray:
        return self.matvec(v)

    def matvec(self, v: Any) -> FloatArray:  # type: ignore[override]
        """Return J v."""
        if not isinstance(v, Shards):
            v = Shards(self.ledger, self.ledger.new(Given(np.asarray(v, dtype=float).ravel())))
        key = v.handle.key
        found: FloatArray = self._total("jvp", key, more=(v.handle,))
        return found

    def rmatvec(self, u: FloatArray) -> Shards:  # type: ignore[override]
        """Return J^T u, with the blocks."""
        product = Product(self.w.handle.key, np.array(u, dtype=float), self.batch)
        return Shards(self.ledger, self.ledger.new(product, self.w.handle))

    def gram(self) -> FloatArray:
        """Return K = sum over p of J_p J_p^T."""
        self.system.wanted = self.w.handle.key
        if self.K is None:
            self.K = self._total("gram")
        return self.K.copy()

    def array(self) -> FloatArray:
        """Return J as an array, gathered here."""
        w = self.w.handle
        return np.hstack(self.ledger.ask("array", (w,), w.key, self.batch))

    def _total(self, question: str, *rest: Any, more: Any = ()) -> Any:
        w = self.w.handle
        return self.ledger.total(question, (w, *more), w.key, self.batch, *rest)


class Transposed:
    """J^T, for ``J.T @ u``."""

    def __init__(self, J: ColumnJacobian) -> None:
        self.J = J

    def __matmul__(self, u: FloatArray) -> Shards:
        return self.J.rmatvec(u)
