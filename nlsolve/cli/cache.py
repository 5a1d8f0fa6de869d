"""`python -m nlsolve cache`: what is kept on disk, and how it is removed."""

import argparse
from typing import Any

from nlsolve import cache
from nlsolve.cli.answer import YES, Answer
from nlsolve.cli.printing import megabytes

EXAMPLES = """examples:
  nlsolve cache info
  nlsolve cache clear

Only files that nlsolve wrote are removed, from NLSOLVE_CACHE_DIR or else the
user's cache folder. They are compiled again, some 15 seconds, when needed."""


def add(add_verb: Any) -> None:
    """Add the verb to the parser."""
    parser = add_verb("cache", "compiled loops on disk: info, clear", EXAMPLES)
    parser.add_argument("what", choices=("info", "clear"), help="say how much, or remove it")
    parser.set_defaults(run=run)


def run(given: argparse.Namespace) -> Answer:
    """Count the files of the cache, and remove them if that was asked for."""
    found = cache.clear() if given.what == "clear" else cache.kept()
    done = "removed from" if given.what == "clear" else "in"
    plural = "s" * (found.files != 1)
    document = {
        "folder": str(found.folder), "files": found.files, "bytes": found.size,
        "removed": given.what == "clear",
    }  # fmt: skip
    text = f"{found.files} file{plural}, {megabytes(found.size)}, {done} {found.folder}"
    return Answer(YES, document, text)
