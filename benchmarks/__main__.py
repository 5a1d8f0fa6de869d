"""How is a benchmark run? ``python -m benchmarks NAME... [--quick]``, or `all` of them.

BLAS gets one thread, unless the environment says otherwise: its threads wait for each other by
spinning, and on a machine with other work they measure that work.
"""

import argparse
import importlib
import os
import sys
import time
from collections.abc import Sequence

from benchmarks import BENCHMARKS, machine


def parser() -> argparse.ArgumentParser:
    listing = "\n".join(f"  {name:<12}{line}" for name, line in BENCHMARKS.items())
    words = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description=f"Measure nlsolve; prints Markdown.\n\n{listing}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    words.add_argument("names", nargs="*", metavar="NAME", help="benchmarks to run, or 'all'")
    words.add_argument("--quick", action="store_true", help="fewer problems and repetitions")
    return words


def main(arguments: Sequence[str] | None = None) -> int:
    words = parser()
    given = words.parse_args(arguments)
    unknown = [name for name in given.names if name not in (*BENCHMARKS, "all")]
    if unknown:
        words.error(f"unknown benchmark {unknown[0]!r}; choose from {', '.join(BENCHMARKS)}, all")
    if not given.names:
        words.print_help()
        return 0
    print(f"# nlsolve's benchmarks\n\n{machine.description()}", flush=True)
    for name in list(BENCHMARKS) if "all" in given.names else given.names:
        run(name, given.quick)
    return 0


def run(name: str, quick: bool) -> None:
    """Print a benchmark's lines as they come."""
    start = time.perf_counter()
    print(f"\n## {name}\n", flush=True)
    for line in importlib.import_module(f"benchmarks.{name}").report(quick):
        print(line, flush=True)
    kind = " (--quick: not the published figures)" if quick else ""
    print(f"\nMeasured in {time.perf_counter() - start:.0f} s{kind}.", flush=True)


if __name__ == "__main__":
    for variable in machine.THREADS:
        os.environ.setdefault(variable, "1")
    sys.exit(main())
