"""Meant levels: takes rows, gives the level that each line was meant to have.

mod_wsgi logs all that Python writes as `error`; what was meant stands inside the text, where
logging wrote it. polars is loaded where there is such a line.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from logtool.machine.heap import spare_memory_of_polars
from logtool.tui.model.chosen.matching import LogPiece, log_pieces
from logtool.tui.model.indexed.index import LineIndex
from logtool.tui.model.reading.builder import ShownLog
from logtool.tui.model.reading.lines import AS_LEVEL, AS_MODULE
from parsers.blocks import Block
from parsers.decode import Decoder
from parsers.error_log_format.items import LEVELS
from parsers.python_levels import IN_HTTPD
from parsers.python_levels import LEVELS as PYTHON

Levels = NDArray[np.int8]

_ERROR = LEVELS.index(AS_LEVEL)
#: The level that each of Python's means, and that of a text without one.
_MEANT = np.array([*(LEVELS.index(IN_HTTPD[name]) for name in PYTHON), _ERROR], np.int8)


def meant_levels(
    index: LineIndex,
    logs: Sequence[ShownLog],
    first: int,
    last: int,
    stopped: Callable[[], bool] = lambda: False,
) -> Levels:
    """The level of the rows from `first` up to `last`, Python's where one is written.

    Returns:
        int8[last - first], index into LEVELS, or -1; of no use once `stopped` says so.
    """
    level = index.level.values[first:last].copy()
    modules = [-1, *(n for n, name in enumerate(index.modules) if name == AS_MODULE)]
    may_be = (level == _ERROR) & np.isin(index.module.values[first:last], modules)
    if not may_be.any():
        return level
    for piece in log_pieces(index, logs, first, last):
        if stopped():
            break
        own = slice(piece.row - first, piece.stop - first)
        rows = np.flatnonzero(may_be[own])
        if len(rows):
            level[own][rows] = _read(piece, rows, logs[piece.log].decoder)
    return level


def _read(piece: LogPiece, rows: NDArray[np.int64], decoder: Decoder) -> Levels:
    """The levels of some of a piece's rows, which are those of Python or `error`."""
    spare_memory_of_polars()
    from logtool.frame.python_text import levels_of
    from logtool.frame.texts import strings

    levels = np.full(len(rows), _ERROR, np.int8)
    block = Block.of(piece.data)
    there = np.flatnonzero(piece.place[rows] < block.size)  # a log may have been cut short
    lines = np.searchsorted(block.starts, piece.place[rows[there]])
    message = decoder.fields(block, decoder.stamps(block), lines, ("message",))["message"]
    told = levels_of(strings(block.data, message.start, message.end).alias("message"))
    number = told.to_physical().fill_null(len(_MEANT) - 1).to_numpy()
    levels[there] = _MEANT[number]
    return levels
