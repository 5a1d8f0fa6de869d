"""`python -m nlsolve`."""

import sys

from nlsolve.cli import main

if __name__ == "__main__":
    sys.exit(main())
