"""How is the loop compiled once per installation, whatever the system?

`driver` writes a few lines of Python that bind the loop to a method's step, named after a hash of
every source they are made of, into a cache folder, and numba keeps the compiled code beside them.
(numba's cache watches the one file in which the cached function stands, so the name must carry the
rest.)

The final state is written to arrays that the caller made: numba runs Python code to make an array
or a NamedTuple for Python, in which a Ctrl-C that arrived meanwhile is raised, and expects no
exception there (it crashes).
"""

import contextlib
import hashlib
import importlib.util
import os
import pathlib
import sys
import tempfile
from functools import cache
from types import ModuleType
from typing import Any

import numba

from nlsolve import cfunctions, compiled, dense, iterate, wrapped
from nlsolve.cache import MARK, cache_folder
from nlsolve.methods import base, epochs, linear_model
from nlsolve.systems import differences, linearization, problem

_TEMPLATE = """{mark}
from numba import njit
from nlsolve import dense
from nlsolve.compiled import LANE
from nlsolve.iterate import make_iterate
from {module} import make_step

iterate = LANE.jit(make_iterate(LANE, LANE.jit(make_step(LANE))))


@njit(cache={cached}, error_model="numpy")
def run(
    problem, options, state, limits, memory, best, history, draws, w, r, J, scalars, vectors
):
    state, code, k = iterate(problem, options, state, limits, memory, best, history, draws)
    dense.copy(w, state.w)
    dense.copy(r, state.r)
    dense.copy_matrix(J, state.J)
    {rest}
    return code, k
"""


class Kernel:
    """A compiled loop, called past numba's dispatch on types as soon as that has happened once.

    The types of its arguments never change, and finding that out anew takes as long as solving a
    small system.
    """

    def __init__(self, run: Any) -> None:
        self.run, self.call = run, self._first_call

    def _first_call(self, *arguments: Any) -> Any:
        result = self.run(*arguments)
        (signature,) = self.run.overloads.values()
        self.call = signature.entry_point
        return result


@cache
def driver(module: str, scalars: tuple[str, ...], vectors: tuple[str, ...]) -> Kernel:
    """Return the compiled loop for the method whose `make_step` stands in `module`.

    `scalars` and `vectors` are the fields of its State after w, r and J, in order. The loop writes
    them to its last five arguments and returns (code, iterations).
    """
    rest = [f"scalars[{i}] = state.{name}" for i, name in enumerate(scalars)]
    rest += [f"dense.copy(vectors[{i}], state.{name})" for i, name in enumerate(vectors)]
    return Kernel(run_of("run", _TEMPLATE.replace("{rest}", "; ".join(rest)), module))


def run_of(kind: str, text: str, module: str, parts: tuple[str, ...] = ()) -> Any:
    """Return the function `run` of a text about a method's module, cached where that can be.

    `parts` are modules it is made of, besides those of every loop.
    """
    path = _entry_file(kind, text, module, parts)
    loaded = _load(path) if path is not None else None
    if loaded is None:
        loaded = ModuleType(f"nlsolve_{kind}_{module.rpartition('.')[2]}")
        exec(text.format(mark=MARK, module=module, cached=False), loaded.__dict__)
    return loaded.run


_PARTS = (
    compiled, cfunctions, wrapped, dense, iterate, base, epochs, linear_model, differences,
    linearization, problem,
)  # fmt: skip
_SOURCES = (__name__, *(part.__name__ for part in _PARTS))


def _fingerprint(modules: tuple[str, ...]) -> str:
    """Hash every source the compiled loop is made of."""
    digest = hashlib.sha256(f"{numba.__version__} {sys.version}".encode())
    for name in (*_SOURCES, *modules):
        spec = importlib.util.find_spec(name)
        if spec is not None and spec.origin is not None:
            digest.update(pathlib.Path(spec.origin).read_bytes())
    return digest.hexdigest()[:16]


def _entry_file(
    kind: str, text: str, module: str, parts: tuple[str, ...] = ()
) -> pathlib.Path | None:
    """Write the entry for a method once; None where no folder can be written."""
    with contextlib.suppress(OSError, RuntimeError):
        folder = cache_folder() / _fingerprint((module, *parts))
        path = folder / f"{kind}_{module.rpartition('.')[2]}.py"
        if not path.exists():
            folder.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile("w", dir=folder, delete=False) as file:
                file.write(text.format(mark=MARK, module=module, cached=True))
            os.replace(file.name, path)
        return path if os.access(folder, os.W_OK) else None
    return None


def _load(path: pathlib.Path) -> ModuleType | None:
    spec = importlib.util.spec_from_file_location(f"nlsolve_{path.parent.name}_{path.stem}", path)
    if spec is None or spec.loader is None:
        return None
    loaded = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = loaded
    spec.loader.exec_module(loaded)
    return loaded
