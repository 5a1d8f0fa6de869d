"""`python -m nlsolve.distributed demo`."""

import argparse
import sys


def main(arguments: list[str] | None = None) -> int:
    """Run what the command line asks for; return the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m nlsolve.distributed", description="Systems in blocks on Dask workers."
    )
    parser.add_argument(
        "what", choices=["demo"],
        help="demo: a network split over four processes, one of which is killed half-way",
    )  # fmt: skip
    parser.parse_args(arguments)
    try:
        from nlsolve.distributed import demo

        return demo.run()
    except ImportError as error:
        hint = 'python -m pip install "nlsolve[dask,examples]"'
        print(f"the demo needs more packages ({error}): {hint}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
