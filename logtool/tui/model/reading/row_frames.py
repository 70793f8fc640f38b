"""Row frames: take rows of an index, give frames of their lines, also of those that came since."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from logtool.tui.model.indexed.index import LineIndex
from logtool.tui.model.reading.builder import ShownLog
from logtool.tui.model.reading.lines import LineReader
from parsers.blocks import Block
from parsers.lines import NO_OFFSET

if TYPE_CHECKING:
    import polars as pl

    from logtool.clocks.table import ClockTable


def row_frames(
    index: LineIndex,
    logs: Sequence[ShownLog],
    table: ClockTable,
    first: int,
    last: int,
    columns: Collection[str],
) -> Iterator[pl.DataFrame]:
    """The lines of the rows from `first` up to `last`, by the clocks that the index knows."""
    from logtool.frame.lines import Lines
    from logtool.passes.logs import Log
    from logtool.remembered import RememberedStamps

    reader = LineReader(index, logs)
    offsets = np.array([*index.offsets, NO_OFFSET], np.int32)
    for stretch, end in index.chunks(first, last):
        rows = range(stretch.first_row, end)
        text = b"".join(reader.raw(row) + b"\n" for row in rows)
        block = Block.of(text, first_line=stretch.first_line)
        shown = logs[stretch.log]
        log = Log(stretch.log, shown.source, shown.decoder, RememberedStamps())
        lines = Lines(log, block, table)
        told = offsets[index.offset.values[rows.start : rows.stop]]
        lines.stamps = shown.decoder.stamps(block).with_offsets(told)
        yield lines.frame(columns)
