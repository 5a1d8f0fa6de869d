"""When is a run kept in a file, and how is that file written so that it is never half a file?

A new file is written beside the old one and put in its place at the end, which operating systems do
at once or not at all: a process that is killed leaves the old file or the new one.
"""

import contextlib
import numbers
import os
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from nlsolve import stored
from nlsolve.continuation import log_of, saved_run
from nlsolve.loop import Budget, Run
from nlsolve.methods import Chosen
from nlsolve.systems.box import Box
from nlsolve.systems.errors import warn


class Checkpoint:
    """The file of a run: written every so many iterations, and when the run ends or breaks off.

    Parameters
    ----------
    path : str or path-like
        An existing file is replaced.
    every : int
        Iterations between two writings.
    limits : Budget
        As the user said them.
    box : Box or None
        Bounds of the unknowns.
    said : mapping
        What else must be said to `solve` again to go on: plain values.

    Raises
    ------
    TypeError, ValueError
        If `path` is no path or is a folder, or `every` is no positive integer.
    OSError
        If no file can be written there.
    """

    def __init__(
        self, path: Any, every: Any, limits: Budget, box: Box | None, said: dict[str, Any]
    ) -> None:
        if not isinstance(path, (str, os.PathLike)):
            raise TypeError(f"checkpoint must be the path of a file, got {type(path).__name__}")
        whole = isinstance(every, numbers.Integral) and not isinstance(every, bool)
        if not whole or every < 1:
            raise ValueError(f"every must be a positive integer, got {every!r}")
        self.path, self.every = Path(path), int(every)
        bounds = None if box is None else [box.low.tolist(), box.high.tolist()]
        self.settings = {**said, **limits._asdict(), "bounds": bounds, "every": self.every}
        self.method = ""
        self._check_writable()

    def of(self, chosen: Chosen) -> "Checkpoint":
        """Return the file as that of a run of one method."""
        self.method, self.settings["options"] = chosen.name, chosen.words
        return self

    def _check_writable(self) -> None:
        if self.path.is_dir():
            raise ValueError(f"checkpoint must be a file, but {self.path} is a folder")
        try:
            with tempfile.TemporaryFile(dir=self.path.parent):
                pass
        except OSError as error:
            raise type(error)(
                error.errno,
                f"checkpoint: no file can be written in the folder ({error.strerror}); "
                f"make the folder, or name another",
                str(self.path.parent),
            ) from error

    def look(self, run: Run) -> None:
        """Write the file where that many iterations are done."""
        if run.nit % self.every == 0:
            self.write(run, over=False)

    def write(self, run: Run, *, over: bool) -> None:
        """Write the file; `over` unless the run is under way or was broken off.

        A run goes on where that fails, and a warning says so.
        """
        if run.state is None:  # broken off before it began
            return
        run.generator  # noqa: B018  (made now, so that it is kept)
        saved = saved_run(run, self.method)._replace(log=log_of(run, over=over))
        arrays = stored.arrays_of(saved, run.problem.y, self.settings)
        try:
            write_whole(self.path, {name: np.asarray(v) for name, v in arrays.items()})
            run.problem.system.kept(self.path, arrays)
        except OSError as error:
            warn(
                f"the checkpoint {self.path} was not written after iteration {run.nit} "
                f"({error.strerror}); an older one stays as it is",
                RuntimeWarning,
            )


def write_whole(path: Path, arrays: dict[str, Any]) -> None:
    """Write a file of arrays that stands there complete or not at all."""
    with tempfile.NamedTemporaryFile(
        dir=path.parent, prefix=path.name, suffix=".part", delete=False
    ) as file:
        try:
            np.savez(file, allow_pickle=False, **arrays)
            file.flush()
            os.fsync(file.fileno())
            os.replace(file.name, path)
        except BaseException:
            with contextlib.suppress(OSError):
                os.unlink(file.name)
            raise
