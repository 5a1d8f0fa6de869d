"""How do questions reach blocks that live in this process?

One after another. With ``keep=0`` a block forms its Jacobian when it is asked and lets it go, so
that no more than one block's Jacobian is in memory at a time: a J larger than memory is streamed
through it, at the price of forming each twice a step.
"""

from collections.abc import Callable, Sequence
from typing import Any

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

    def __init__(self, made: Callable[[int], Any], size: int) -> None:
        self.blocks, self.size = [made(p) for p in range(size)], size
        self.replay: Callable[[int], list[Question]] = lambda p: []

    def ask(self, question: str, arguments: Sequence[tuple[Any, ...]]) -> list[Any]:
        """Return every block's answer to its own arguments."""
        pairs = zip(self.blocks, arguments, strict=True)
        return [getattr(block, question)(*own) for block, own in pairs]

    def total(self, question: str, arguments: Sequence[tuple[Any, ...]]) -> Any:
        """Return the sum of the answers, added two by two as on a cluster."""
        answers: list[Any] = []
        for block, own in zip(self.blocks, arguments, strict=True):
            push(answers, getattr(block, question)(*own))
        return merged(answers)

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


def push(sums: list[Any], answer: Any) -> None:
    """Add an answer to a list of (number of answers, sum), so that equal numbers come together."""
    sums.append((1, answer))
    while len(sums) > 1 and sums[-2][0] == sums[-1][0]:
        _merge(sums)


def merged(sums: list[Any]) -> Any:
    """Return the sum of what was pushed."""
    while len(sums) > 1:
        _merge(sums)
    return sums[0][1]


def _merge(sums: list[Any]) -> None:
    count, last = sums.pop()
    sums[-1] = (sums[-1][0] + count, sums[-1][1] + last)
