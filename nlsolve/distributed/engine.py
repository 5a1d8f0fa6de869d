"""How do questions reach blocks that live in this process?

One after another. With ``keep=0`` a block forms its Jacobian when it is asked and lets it go, so
that no more than one block's Jacobian is in memory at a time: a J larger than memory is streamed
through it, at the price of forming each twice a step.
"""

import functools
import operator
from collections.abc import Callable, Sequence
from typing import Any

GROUP = 8  # sums are formed of so many terms at a time, from left to right

Question = tuple[str, tuple[Any, ...]]


class InProcess:
    """Blocks in this process; they are never lost.

    Parameters
    ----------
    made : callable
        ``made(p)`` returns block p.
    size : int
        Number of blocks.
    """

    remote, state, rebuilt = False, "", 0

    def __init__(self, made: Callable[[int], Any], size: int) -> None:
        self.blocks, self.size = [made(p) for p in range(size)], size
        self.replay: Callable[[int], list[Question]] = lambda p: []

    def ask(self, question: str, arguments: Sequence[tuple[Any, ...]]) -> list[Any]:
        """Return every block's answer to its own arguments."""
        pairs = zip(self.blocks, arguments, strict=True)
        return [getattr(block, question)(*own) for block, own in pairs]

    def total(self, question: str, arguments: Sequence[tuple[Any, ...]]) -> Any:
        """Return the sum of the answers, added in groups as on a cluster."""
        sums: list[tuple[int, Any]] = []
        for block, own in zip(self.blocks, arguments, strict=True):
            _add(sums, 0, getattr(block, question)(*own))
        return _all(sums)

    def crossed(self, question: str, arguments: Sequence[tuple[Any, ...]]) -> list[list[Any]]:
        """Return the answers of blocks p to questions about the arrays of blocks q <= p."""
        found: list[list[Any]] = [[] for _ in self.blocks]
        for q, other in enumerate(self.blocks):
            array = other.array(*arguments[q])
            for p in range(q, self.size):
                found[p].append(getattr(self.blocks[p], question)(*arguments[p], array))
        return found

    def close(self) -> None:
        """Let the blocks go."""
        self.blocks = []


def added(terms: list[Any]) -> Any:
    """Return the sum of a group, from left to right."""
    return functools.reduce(operator.add, terms)


def _add(sums: list[tuple[int, Any]], level: int, term: Any) -> None:
    """Add a term to the running sum of a level; each full group is a term of the next one."""
    if level == len(sums):
        sums.append((0, None))
    count, known = sums[level]
    count, known = count + 1, term if known is None else known + term
    sums[level] = (count, known)
    if count == GROUP:
        sums[level] = (0, None)
        _add(sums, level + 1, known)


def _all(sums: list[tuple[int, Any]]) -> Any:
    """Return the sum of all groups, full or not."""
    return added([known for _, known in sums if known is not None])
