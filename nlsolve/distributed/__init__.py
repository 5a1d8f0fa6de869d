"""Systems in blocks: larger than the memory of a process, or of a machine."""

from nlsolve.distributed.columns import ColumnSystem, columns
from nlsolve.distributed.networks import WideNetwork, hidden_units
from nlsolve.distributed.rows import RowSystem, rows
from nlsolve.distributed.shards import Shards

__all__ = ["ColumnSystem", "RowSystem", "Shards", "WideNetwork", "columns", "hidden_units", "rows"]
