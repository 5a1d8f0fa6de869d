"""Which vectors do the blocks hold, how was each made, and how are they made again?

The driver holds no vector of unknowns: a `Handle` is the name of one. What is written w - eta g
becomes a recipe, which is sent along with the next question that needs it; so a step costs as many
rounds as it has questions, however many operations it is written in.

The recipe of a vector stays here as long as the recipe of another that is in use goes back to it.
A block that is lost is made anew from its specification and follows them all again, in order, to
where the others stand: nothing but its own work is repeated, and the path is the same. Where a
vector has been kept in a file, its recipe is that file, and nothing before it is repeated.
"""

import os
import weakref
from collections.abc import Iterable
from itertools import count
from typing import Any

import numpy as np

from nlsolve.distributed.block import combined
from nlsolve.distributed.messages import Combination, Given, Kept, Measure, Orders
from nlsolve.systems.errors import ClusterError


class Entry:
    """A vector that has been made: its number, its recipe and the entries that it goes back to."""

    def __init__(self, key: int, recipe: Any, parents: tuple["Entry", ...]) -> None:
        self.key, self.recipe, self.parents = key, recipe, parents


class Handle:
    """A vector that is in use; `parents` are the handles of its recipe until it is made."""

    def __init__(self, key: int, recipe: Any, parents: tuple["Handle", ...]) -> None:
        self.key, self.recipe, self.parents = key, recipe, parents
        self.entry: Entry | None = None
        self.known: dict[tuple[str, int], float] = {}


class Ledger:
    """The driver's side: handles, recipes, and questions to the blocks of an engine.

    Parameters
    ----------
    engine : InProcess or Cluster
        Carries questions to the blocks.
    ends : sequence of int, or None
        Where the parts of a vector begin and end; None where every block has it whole.
    """

    def __init__(self, engine: Any, ends: Any) -> None:
        self.engine, self.ends = engine, ends
        self._numbers = count(1)
        self._made: weakref.WeakSet[Handle] = weakref.WeakSet()
        self._compared: weakref.WeakSet[Handle] = weakref.WeakSet()
        self._unused: list[int] = []
        self._in_file: dict[str, weakref.WeakSet[Handle]] = {}
        engine.replay = self.replay

    def new(self, recipe: Any, *parents: Handle) -> Handle:
        """Return the handle of a vector that is yet to be made."""
        return Handle(next(self._numbers), recipe, parents)

    def ask(self, question: str, handles: Iterable[Handle], *arguments: Any) -> list[Any]:
        """Ask every block, after it has made what the handles stand for."""
        found: list[Any] = self.each(
            self.engine.ask, question, handles, [arguments] * self.engine.size
        )
        return found

    def total(self, question: str, handles: Iterable[Handle], *arguments: Any) -> Any:
        """Return the sum of the blocks' answers."""
        return self.each(self.engine.total, question, handles, [arguments] * self.engine.size)

    def each(
        self, ask: Any, question: str, handles: Iterable[Handle], own: list[tuple[Any, ...]]
    ) -> Any:
        """Ask every block with arguments of its own, by one of the engine's ways to ask."""
        pending = _pending(handles)
        unused, self._unused = self._unused, []
        make = [self._orders(p, pending, unused) for p in range(self.engine.size)]
        try:
            found = ask(question, [(orders, *a) for orders, a in zip(make, own, strict=True)])
        except BaseException:
            self._unused += unused
            raise
        for handle in pending:
            self._enter(handle)
        return found

    def _orders(self, p: int, pending: list[Handle], unused: list[int]) -> Orders:
        make = tuple((handle.key, self._own(handle.recipe, p)) for handle in pending)
        return Orders(make, tuple(unused))

    def _own(self, recipe: Any, p: int) -> Any:
        """Return what a recipe says to one block."""
        if isinstance(recipe, Kept):
            recipe = Given(_read(recipe))
        if not isinstance(recipe, Given) or self.ends is None:
            return recipe
        return Given(recipe.values[self.ends[p] : self.ends[p + 1]])

    def _enter(self, handle: Handle) -> None:
        parents = tuple(parent.entry for parent in handle.parents if parent.entry is not None)
        handle.entry, handle.parents = Entry(handle.key, handle.recipe, parents), ()
        self._made.add(handle)
        weakref.finalize(handle, self._unused.append, handle.key).atexit = False

    def measure(self, kind: str, a: Handle, b: Handle | None = None) -> float:
        """Return a number about one or two vectors, asked for where it is not known."""
        key = (kind, 0 if b is None else b.key)
        if key not in a.known:
            handles = (a,) if b is None else (a, b)
            if b is not None and kind == "distance":
                self._compared.add(b)
            parts = self.ask("measured", handles, (Measure(kind, a.key, key[1]),))
            a.known[key] = combined(kind, [part[0] for part in parts])
        return a.known[key]

    def evaluate(self, w: Handle, kernel: bool = False) -> tuple[Any, Any]:
        """Return sum_p F_p at a vector, and K in the same round where that is wanted, else None.

        Also found are measures of the vector that are likely to be asked for: its size, and its
        distance from points it was made of and from points others were measured from before.
        """
        others = set(w.parents) | set(self._compared)
        others = {other for other in others if other.entry is not None and other is not w}
        wanted = (Measure("norm", w.key), *(Measure("distance", w.key, o.key) for o in others))
        ask = (lambda _, own: self.engine.evaluated(own)) if kernel else self.engine.ask
        found = self.each(ask, "values", (w,), [(w.key, wanted)] * self.engine.size)
        answers, K = found if kernel else (found, None)
        for k, measure in enumerate(wanted):
            parts = [numbers[k] for _, numbers in answers]
            w.known[measure.kind, measure.b] = combined(measure.kind, parts)
        return sum(values for values, _ in answers), K

    def replay(self, p: int) -> list[tuple[str, tuple[Any, ...]]]:
        """Return what a new block must be told to know what the others know."""
        wanted = {handle.key for handle in self._made}
        entries = _reached(handle.entry for handle in self._made)
        last: dict[int, int] = {}
        for entry in entries:
            last |= {parent.key: entry.key for parent in entry.parents}
        orders = []
        for entry in entries:
            over = [key for key, use in last.items() if use == entry.key and key not in wanted]
            orders.append(Orders(((entry.key, self._own(entry.recipe, p)),), tuple(over)))
        return [("obey", (order,)) for order in orders]

    def fix(self, path: Any, named: dict[str, Handle]) -> None:
        """Have vectors that are in a file made from it, and from nothing before.

        Those of the file that was there before and are still in use are fetched.
        """
        for handle in set(self._in_file.pop(str(path), ())) - set(named.values()):
            parts = self.ask("part", (handle,), handle.key)
            self._from_now_on(handle, Given(np.concatenate(parts)))
        self._in_file[str(path)] = weakref.WeakSet(named.values())
        for name, handle in named.items():
            self._from_now_on(handle, Kept(path, name, _stamp(path)))

    def _from_now_on(self, handle: Handle, recipe: Any) -> None:
        if handle.entry is not None:
            handle.entry.recipe, handle.entry.parents = recipe, ()


def _stamp(path: Any) -> tuple[int, int]:
    """Return what tells a file from those that take its place."""
    about = os.stat(path)
    return about.st_ino, about.st_mtime_ns


def _read(kept: Kept) -> Any:
    """Return a vector from the file it was kept in.

    Raises
    ------
    ClusterError
        If the file is not there any more.
    """
    try:
        same = _stamp(kept.path) == kept.stamp
        with np.load(kept.path, allow_pickle=False) as file:
            found = file[kept.name]
    except OSError as error:
        raise ClusterError(f"a block was lost, and {kept.path} with its part of w: {error}") from (
            error
        )
    if not same:
        raise ClusterError(
            f"a block was lost, and its part of w too: {kept.path} has been replaced by another "
            "run's file; give each run a file of its own"
        )
    return found


def _pending(handles: Iterable[Handle]) -> list[Handle]:
    """Return what must be made for some handles, in order; each goes back to older ones only."""
    found: dict[int, Handle] = {}
    stack = list(handles)
    while stack:
        handle = stack.pop()
        if handle.entry is None and handle.key not in found:
            found[handle.key] = handle
            stack.extend(handle.parents)
    return [found[key] for key in sorted(found)]


def _reached(entries: Iterable[Entry | None]) -> list[Entry]:
    """Return all entries that some go back to, oldest first."""
    found: dict[int, Entry] = {}
    stack = [entry for entry in entries if entry is not None]
    while stack:
        entry = stack.pop()
        if entry.key not in found:
            found[entry.key] = entry
            stack.extend(entry.parents)
    return [found[key] for key in sorted(found)]


def combination(ledger: Ledger, terms: list[tuple[float, Handle]]) -> Handle:
    """Return the handle of a sum of multiples.

    Sums that are not made yet stand in it as they are: it is evaluated in the order in which it is
    written, whenever that is.
    """
    written: list[tuple[float, Any]] = []
    parents: dict[Handle, None] = {}
    for coefficient, handle in terms:
        inner = handle.entry is None and isinstance(handle.recipe, Combination)
        written.append((coefficient, handle.recipe if inner else handle.key))
        parents |= dict.fromkeys(handle.parents if inner else (handle,))
    return ledger.new(Combination(tuple(written)), *parents)
