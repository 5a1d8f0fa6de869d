"""Systems in blocks: larger than the memory of a process, or of a machine."""

from nlsolve.distributed.column_blocks import ColumnSystem, columns
from nlsolve.distributed.networks import WideNetwork, hidden_units
from nlsolve.distributed.row_blocks import RowSystem, rows
from nlsolve.distributed.shards import Shards

__all__ = ["ColumnSystem", "RowSystem", "Shards", "WideNetwork", "columns", "hidden_units", "rows"]
