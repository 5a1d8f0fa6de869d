"""What can be asked of nlsolve from a shell? `python -m nlsolve VERB`; see program.py."""

from nlsolve.cli.program import main

__all__ = ["main"]
