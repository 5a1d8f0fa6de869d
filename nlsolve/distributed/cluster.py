"""How do questions reach blocks on Dask workers, and what happens when a worker dies?

A block is a future pinned to a worker (an actor would die with its worker, and nobody could say
so); a question is a task beside it, and answers come straight from the workers. Transport,
scheduling and serialization are Dask's.

When a worker is gone its blocks are made again on another one, from their specifications, and told
all that the others know (ledger.py); the question is then asked again. That is all there is to
recovery: a question changes nothing in a block that has answered it already. A block that Dask has
made anew by itself does not know a vector it is asked about, and says so: the same follows.
"""

import contextlib
from collections import Counter
from collections.abc import Callable, Sequence
from itertools import count
from typing import Any

from distributed import wait
from distributed.client import ClosedClientError, FutureCancelledError

from nlsolve.distributed.engine import GROUP, Question, added
from nlsolve.distributed.messages import LostError, Orders
from nlsolve.systems.errors import ClusterError

LOOK = 0.5  # seconds after which an answer that is not there has us look whether the workers are
FORGOTTEN = 6  # looks at which no worker was at work, though answers are awaited
PATIENCE = 60.0  # seconds to wait for a worker where there is none
GONE = 10.0  # and for the scheduler to be heard of again


class _Repeat(Exception):
    """Blocks have been made anew: ask again."""


class Cluster:
    """Blocks on the workers of a Dask client.

    Parameters
    ----------
    client : dask.distributed.Client
    kind : type
        ``kind(p, factory, spec, keep)`` is block p.
    factory, specs, keep
        As for `nlsolve.distributed.columns`.

    Attributes
    ----------
    places : list of str
        The worker of each block.
    rebuilt : int
        Blocks that have been made again so far.
    """

    remote = True
    _clusters = count(1)

    def __init__(self, client: Any, kind: Any, factory: Any, specs: Sequence[Any], keep: int):
        self.client, self.size, self.rebuilt = client, len(specs), 0
        self.kept: Any = None  # file of the last checkpoint, for messages
        self.replay: Callable[[int], list[Question]] = lambda p: []
        self._make = (kind, factory, list(specs), keep)
        self._name, self._questions = f"nlsolve-{next(self._clusters)}", count(1)
        addresses = sorted(self._alive())
        self.places = [addresses[p % len(addresses)] for p in range(self.size)]
        self.blocks = [self._made(p) for p in range(self.size)]

    @property
    def state(self) -> str:
        """Where the blocks are, in words."""
        alive = self.client.scheduler_info(n_workers=-1)["workers"]
        loads = Counter(self.places)
        listed = [
            f"{place.rpartition(':')[2]}: {loads[place]}" + (" gone" * (place not in alive))
            for place in sorted({*self.places, *alive})
        ]
        again = f", {self.rebuilt} made again" if self.rebuilt else ""
        return f"blocks by worker [{', '.join(listed)}]{again}"

    def ask(self, question: str, arguments: Sequence[tuple[Any, ...]]) -> list[Any]:
        """Return every block's answer to its own arguments."""
        return self._answered(lambda: self._tasks(question, arguments))

    def total(self, question: str, arguments: Sequence[tuple[Any, ...]]) -> Any:
        """Return the sum of the answers, but for the last group formed on the workers."""
        return added(self._answered(lambda: self._sums(self._tasks(question, arguments))))

    def evaluated(self, arguments: Sequence[tuple[Any, ...]]) -> tuple[list[Any], Any]:
        """Return the answers to 'values', and the sum of those to 'gram', in one round."""
        if self.size <= GROUP:
            found = self.ask("values_and_gram", arguments)
            return [answer for answer, _ in found], added([K for _, K in found])

        def tasks() -> list[Any]:
            first = self._tasks("values", arguments)
            points = [(Orders(), key, None) for _, key, _ in arguments]
            return [*first, *self._sums(self._tasks("gram", points, first))]

        found = self._answered(tasks)
        return found[: self.size], added(found[self.size :])

    def crossed(self, question: str, arguments: Sequence[tuple[Any, ...]]) -> list[list[Any]]:
        """Return the answers of blocks p to questions about the arrays of blocks q <= p.

        The arrays go from worker to worker.
        """

        def tasks() -> list[Any]:
            arrays = self._tasks("array", arguments)
            return [
                self.client.submit(
                    _crossed, self.blocks[p], question, arguments[p], arrays[q],
                    workers=[self.places[p]], pure=False, key=self.key(question),
                )
                for p in range(self.size)
                for q in range(p + 1)
            ]  # fmt: skip

        answers = iter(self._answered(tasks))
        return [[next(answers) for _ in range(p + 1)] for p in range(self.size)]

    def close(self) -> None:
        """Let the blocks go."""
        self.blocks = []

    def key(self, what: str) -> str:
        """Return a name for a task, as the dashboard shows it."""
        return f"{what}-{self._name}-{next(self._questions)}"

    def _tasks(
        self, question: str, arguments: Sequence[tuple[Any, ...]], after: Sequence[Any] = ()
    ) -> list[Any]:
        """Return the blocks' answers as futures; each waits for one of `after`."""
        return [
            self.client.submit(
                _asked, self.blocks[p], question, own, *after[p : p + 1],
                workers=[self.places[p]], pure=False, key=self.key(question),
            )
            for p, own in enumerate(arguments)
        ]  # fmt: skip

    def _sums(self, terms: list[Any]) -> list[Any]:
        """Return futures of the sums of groups, no more of them than a group has terms."""
        while len(terms) > GROUP:
            groups = [terms[k : k + GROUP] for k in range(0, len(terms), GROUP)]
            terms = [
                self.client.submit(added, group, pure=False, key=self.key("sum"))
                for group in groups
            ]
        return terms

    def _answered(self, tasks: Callable[[], list[Any]]) -> list[Any]:
        """Return the results of tasks, begun again where blocks have been lost on the way."""
        while True:
            try:
                return self._waited(tasks())
            except _Repeat:
                continue
            except (ClosedClientError, FutureCancelledError, OSError) as error:
                raise self._scheduler_gone() from error

    def _waited(self, futures: list[Any]) -> list[Any]:
        idle = 0
        while True:
            with contextlib.suppress(TimeoutError):
                wait(futures, timeout=LOOK)  # type: ignore[no-untyped-call]
                break
            if self.client.status != "running":
                raise self._scheduler_gone()
            self._look_after()
            idle = 0 if any(self.client.processing().values()) else idle + 1
            if idle == FORGOTTEN:  # tasks wait for what will not come: begin with new blocks
                self._rebuild(range(self.size))
                raise _Repeat
        try:
            return self.client.gather(futures, direct=True)  # type: ignore[no-any-return]
        except LostError as error:
            self._rebuild(range(self.size))
            raise _Repeat from error

    def _look_after(self) -> None:
        """Make the blocks of workers that are gone again elsewhere."""
        alive = self._alive()
        lost = [p for p, place in enumerate(self.places) if place not in alive]
        if lost:
            self._rebuild(lost)
            raise _Repeat

    def _rebuild(self, lost: Sequence[int]) -> None:
        """Make blocks again, where the fewest are, and tell them what the others know."""
        for p in lost:
            load = Counter(dict.fromkeys(self._alive(), 0))
            load.update(place for place in self.places if place in load)
            self.places[p] = min(load, key=lambda address: (load[address], address))
            self.blocks[p] = self._made(p)
            self.rebuilt += 1
        asked = [
            self.client.submit(
                _told, self.blocks[p], self.replay(p), workers=[self.places[p]], pure=False,
                key=self.key("rebuild"),
            )
            for p in lost
        ]  # fmt: skip
        self._waited(asked)

    def _made(self, p: int) -> Any:
        kind, factory, specs, keep = self._make
        return self.client.submit(
            kind, p, factory, specs[p], keep, workers=[self.places[p]], pure=False,
            key=self.key("block"),
        )  # fmt: skip

    def _alive(self) -> set[str]:
        """Return the addresses of the workers; wait a while for one."""
        try:
            self.client.wait_for_workers(1, timeout=PATIENCE)
            return set(self.client.scheduler_info(n_workers=-1)["workers"])
        except TimeoutError as error:
            raise ClusterError(
                f"client has no workers, and none came within {PATIENCE:.0f} s{self._where_kept()}"
            ) from error
        except (ClosedClientError, OSError) as error:
            raise self._scheduler_gone() from error

    def _scheduler_gone(self) -> ClusterError:
        return ClusterError(
            f"the Dask scheduler of the client is gone, and the blocks with it{self._where_kept()}"
        )

    def _where_kept(self) -> str:
        if self.kept is None:
            return "; nothing was kept, give checkpoint= to solve"
        return f"; the run is kept in {self.kept}: nlsolve.resume({str(self.kept)!r}, system)"


def _asked(block: Any, question: str, arguments: tuple[Any, ...], *after: Any) -> Any:
    return getattr(block, question)(*arguments)


def _crossed(block: Any, question: str, arguments: tuple[Any, ...], array: Any) -> Any:
    return getattr(block, question)(*arguments, array)


def _told(block: Any, questions: list[Question]) -> None:
    for question, arguments in questions:
        getattr(block, question)(*arguments)
