"""What does the package keep on disk, where, and how is it removed?

Compiled loops, in NLSOLVE_CACHE_DIR or the user's cache folder:

    <16 hexadecimal digits>/run_METHOD.py                       written by drivers.py
    <16 hexadecimal digits>/tmp...                              the same, where writing broke off
    <16 hexadecimal digits>/__pycache__/run_METHOD....nbi nbc   written by numba beside it

Nothing else is ever removed, whatever the folder is: a file must have one of these names, and the
folder an entry that begins with `MARK`. Links are not followed.
"""

import contextlib
import os
import pathlib
import re
from collections.abc import Iterator
from typing import NamedTuple

MARK = '"""Written by nlsolve.drivers; safe to delete."""'
_FINGERPRINT = re.compile(r"[0-9a-f]{16}")
_COMPILED = re.compile(r"run_\w+[.\-].*\.(nbi|nbc|pyc)(\.tmp\.\w+|\.\d+)?")


class Kept(NamedTuple):
    """Files of the cache folder.

    Attributes
    ----------
    folder : pathlib.Path
    files : int
    size : int
        Bytes.
    """

    folder: pathlib.Path
    files: int
    size: int


def cache_folder() -> pathlib.Path:
    """Return where compiled loops are kept: NLSOLVE_CACHE_DIR, or the user's cache folder."""
    chosen = os.environ.get("NLSOLVE_CACHE_DIR")
    if chosen:
        return pathlib.Path(chosen)
    base_folder = os.environ.get("LOCALAPPDATA" if os.name == "nt" else "XDG_CACHE_HOME")
    return (
        pathlib.Path(base_folder) if base_folder else pathlib.Path.home() / ".cache"
    ) / "nlsolve"


def kept() -> Kept:
    """Return how many files the package keeps, and how large they are.

    Examples
    --------
    >>> from nlsolve.cache import kept
    >>> kept().files >= 0
    True
    """
    sizes = [path.lstat().st_size for path in _written(cache_folder())]
    return Kept(cache_folder(), len(sizes), sum(sizes))


def clear() -> Kept:
    """Remove the files the package wrote, and folders that are empty then; return what was removed.

    Raises
    ------
    OSError
        If one of them cannot be removed.
    """
    files = list(_written(cache_folder()))
    size = sum(path.lstat().st_size for path in files)
    for path in files:
        path.unlink()
    folders = {folder for path in files for folder in (path.parent, path.parent.parent)}
    for folder in sorted(folders - {cache_folder()}, reverse=True):
        with contextlib.suppress(OSError):  # something else is in it
            folder.rmdir()
    return Kept(cache_folder(), len(files), size)


def _written(folder: pathlib.Path) -> Iterator[pathlib.Path]:
    """Yield every file in a cache folder that the package, or numba for it, wrote."""
    for entry in _listed(folder):
        if not _FINGERPRINT.fullmatch(entry.name) or entry.is_symlink():
            continue
        entries = [path for path in _listed(entry) if _is_entry(path)]
        compiled = entry / "__pycache__"
        if entries and not compiled.is_symlink():
            yield from (path for path in _listed(compiled) if _COMPILED.fullmatch(path.name))
        yield from entries  # last: what a removal that broke off leaves is known by them


def _listed(folder: pathlib.Path) -> list[pathlib.Path]:
    """Return what is in a folder, in order; nothing where there is none."""
    return sorted(folder.iterdir()) if folder.is_dir() else []


def _is_entry(path: pathlib.Path) -> bool:
    """Return whether a file begins as those that drivers.py writes."""
    if not (path.name.startswith(("run_", "tmp")) and path.is_file() and not path.is_symlink()):
        return False
    with path.open("rb") as file:
        return file.read(len(MARK)) == MARK.encode()
