"""Frame: takes logs and their clocks, gives their lines as polars frames.

In reading order: `columns` says what a row is, `texts` makes polars strings of places in a block,
`lines` builds the frame of a block, `reading` streams those of whole logs.
"""

from logtool.frame.columns import COLUMNS, SCHEMA, Column
from logtool.frame.reading import frames, scan
from logtool.frame.texts import detached

__all__ = ["COLUMNS", "SCHEMA", "Column", "detached", "frames", "scan"]
