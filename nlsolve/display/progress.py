"""What does a user see while a run goes on? Observers for `verbose=2` and `progress=True`.

Runs made of many solves show how many of them have ended.
"""

import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

from nlsolve.display.text import iteration_header, iteration_line


def verbose_observer() -> Callable[[Any], None]:
    """Return an observer that prints one line an iteration, the head first."""
    print(iteration_header())

    def observe(run: Any) -> None:
        counts = run.problem.counts
        print(iteration_line(run.nit, run.rows[-1][-1], int(counts[0]), run.names[-1]))

    return observe


def progress_observer(shown: bool) -> AbstractContextManager[list[Callable[[Any], None]]]:
    """Give a list with an observer that moves a tqdm bar on standard error, or an empty list."""
    return _bar() if shown else nullcontext([])


@contextmanager
def _bar() -> Iterator[list[Callable[[Any], None]]]:
    from tqdm import tqdm

    with tqdm(unit=" iterations", file=sys.stderr) as bar:

        def observe(run: Any) -> None:
            bar.update(run.nit - bar.n)
            words = [f"|r| = {run.residual_norm:.3e}", run.names[-1], run.problem.system.state]
            bar.set_postfix_str(", ".join(filter(None, words)))

        yield [observe]


def starts_bar(shown: bool, k: int) -> AbstractContextManager[Callable[[], Any]]:
    """Give a function that moves a bar of k starts on by one, or does nothing."""
    return _bar_of_starts(k) if shown else nullcontext(lambda: None)


@contextmanager
def _bar_of_starts(k: int) -> Iterator[Callable[[], Any]]:
    from tqdm import tqdm

    with tqdm(total=k, unit=" starts", file=sys.stderr) as bar:
        yield bar.update


def rows_bar(shown: bool, N: int) -> AbstractContextManager[Callable[[int], Any]]:
    """Give a function that moves a bar of N systems on, or does nothing."""
    return _bar_of_rows(N) if shown else nullcontext(lambda _: None)


@contextmanager
def _bar_of_rows(N: int) -> Iterator[Callable[[int], Any]]:
    from tqdm import tqdm

    with tqdm(total=N, unit=" systems", file=sys.stderr) as bar:
        yield bar.update
