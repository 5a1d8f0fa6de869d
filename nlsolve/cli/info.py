"""`python -m nlsolve info`: versions, arithmetic, threads and the cache, for a bug report.

Nothing is loaded for it but numpy and scipy, which are asked with which BLAS they were built.
"""

import argparse
import os
import platform
from collections.abc import Iterator
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from nlsolve import cache
from nlsolve.cli.answer import YES, Answer
from nlsolve.cli.printing import megabytes, table
from nlsolve.processors import cores

REQUIRED = ("nlsolve", "numpy", "scipy", "numba", "sympy", "python-flint", "tqdm")
OPTIONAL = ("matplotlib", "pypower", "jax", "torch", "casadi", "dask")
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")
EXAMPLES = """examples:
  nlsolve info
  nlsolve info --json"""


def add(add_verb: Any) -> None:
    """Add the verb to the parser."""
    parser = add_verb("info", "versions, threads and the cache, for a bug report", EXAMPLES)
    parser.set_defaults(run=run)


def run(_given: argparse.Namespace) -> Answer:
    """Return what a bug report should say of an installation."""
    stored = cache.kept()
    document = {
        "python": platform.python_version(),
        "platform": f"{platform.system()} {platform.machine()}",
        "packages": {name: installed(name) for name in REQUIRED},
        "optional": {name: installed(name) for name in OPTIONAL},
        "blas": {name: blas(name) for name in ("numpy", "scipy")},
        "processors": cores(),
        "threads": {name: os.environ.get(name) for name in THREADS},
        "cache": {"folder": str(stored.folder), "files": stored.files, "bytes": stored.size},
    }
    return Answer(YES, document, table(_rows(document)))


def installed(package: str) -> str | None:
    """Return the version of an installed package, None where it is not."""
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def blas(package: str) -> str:
    """Return with which BLAS a package was built."""
    try:
        found = import_module(package).show_config(mode="dicts")["Build Dependencies"]["blas"]
        return f"{found['name']} {found['version']}"
    except (AttributeError, KeyError, TypeError):  # another build says it otherwise, or not at all
        return "unknown"


def _rows(document: dict[str, Any]) -> Iterator[tuple[str, str]]:
    yield "python", f"{document['python']} on {document['platform']}"
    for name, found in (document["packages"] | document["optional"]).items():
        yield name, found or "not installed"
    for name, found in document["blas"].items():
        yield f"BLAS of {name}", found
    yield "processors", str(document["processors"])
    chosen = [f"{name}={value}" for name, value in document["threads"].items() if value]
    yield "threads", ", ".join(chosen) or "as the libraries choose"
    stored = document["cache"]
    yield "cache folder", stored["folder"]
    yield "cache", f"{stored['files']} files, {megabytes(stored['bytes'])}"
