"""How does a run go on from its file? `resume` reads it and calls `solve`."""

import os
from typing import Any

import numpy as np

from nlsolve import stored
from nlsolve.api import solve
from nlsolve.result import SolveResult
from nlsolve.systems.checks import target

KEPT = ("w0", "method", "x_scale", "bounds", "rng", "store_path", "state")


def resume(path: str | os.PathLike[str], F: Any, y: Any = None, **keywords: Any) -> SolveResult:
    """Go on with a run that ``solve(..., checkpoint=path)`` kept, as if it had not been stopped.

    Parameters
    ----------
    path : str or path-like
        The file. It is written again as the run goes on.
    F : callable or System
        The function of that run; its derivatives and arguments are keywords, as for `solve`.
    y : float or (n,) array_like, optional
        The right-hand side of that run, which is in the file and may be left out.
    **keywords
        Keywords of `solve`. Those of F must be given again, and so must ``callback``,
        ``secondary``, ``certify``, ``progress``, ... Limits, and ``tol``, ``every`` and
        ``checkpoint``, are those of the file unless they are given. Limits are those of the whole
        run: ``max_iter=1000`` after 600 iterations leaves 400.

    Returns
    -------
    SolveResult
        That of the whole run: point, history, status and counts are those of a run that was never
        stopped, to the last bit where F returns the same bits.

    Raises
    ------
    OSError
        If the file cannot be opened.
    TypeError
        For keywords that cannot change on the way: method and its options, bounds, ...
    ValueError
        If the file is no checkpoint, or F or y is not that of the run.
    EvaluationError
        As `solve`.

    Examples
    --------
    >>> import pathlib, tempfile, nlsolve
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "run.npz"
    >>> circle = nlsolve.parse("x**2 + y**2 = 1")
    >>> part = nlsolve.solve(circle, 0.0, [3.0, 4.0], max_iter=2, checkpoint=path)
    >>> nlsolve.resume(path, circle, max_iter=50).w
    array([0.6, 0.8])
    """
    kept, own, settings = stored.read(path)
    fields = {name for name in settings["options"] if name in keywords}
    for name in (*KEPT, *sorted(fields)):
        if name in keywords:
            raise TypeError(f"resume() takes no {name}: it is that of the run in {path}")
    if y is not None and not np.array_equal(target(y, own.size), own):
        raise ValueError(f"y is not that of the run in {path}; leave it out")
    words = {name: value for name, value in settings.items() if name != "options"}
    given = {"checkpoint": path, **words, **settings["options"], **keywords}
    return solve(F, own, method=kept.method, state=kept, **given)
