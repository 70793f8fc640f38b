"""Saving: takes a view, writes its lines with their times in UTC, as `errlog normalize` does."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import numpy as np

from logtool.errors import WriteError
from logtool.replacing import replaced_file
from logtool.tui.model.chosen.view import LogView
from logtool.tui.model.indexed.index import Rows
from parsers.blocks import Block
from parsers.units import SECOND

#: Lines written at once.
_AT_ONCE = 10_000
#: More of a line is not written.
_LONGEST = 64 << 20


def save_lines(view: LogView, rows: Rows, path: str, *, as_they_stand: bool = False) -> int:
    """Write some rows to a new file; gives how many.

    Args:
        view: what is shown.
        rows: in the order in which they are written.
        path: of the new file.
        as_they_stand: byte for byte; else their times in UTC.

    Raises:
        WriteError: the file is there already or cannot be written, or the clocks are not known yet.
    """
    if view.clocks.table is None and not as_they_stand:
        raise WriteError(f"{view.without_clocks}; :write writes lines as they stand")
    write = _whole if as_they_stand else _in_utc
    target = Path(path).expanduser()
    if os.path.lexists(target):
        raise WriteError(f"{path}: {os.strerror(errno.EEXIST)}")
    try:
        with replaced_file(target) as fd, open(fd, "wb", closefd=False) as out:
            for first in range(0, len(rows), _AT_ONCE):
                lines = write(view, rows[first : first + _AT_ONCE].tolist())
                out.write(b"".join(line + b"\n" for line in lines))
    except OSError as fault:
        raise WriteError(f"{path}: {fault.strerror}") from fault
    return len(rows)


def _whole(view: LogView, rows: list[int]) -> list[bytes]:
    """The lines as they stand; of one that is gone no empty line is made.

    Raises:
        WriteError: one is gone.
    """
    for row in rows:
        log = view.reader.logs[view.index.stretch_of(row).log]
        if why := log.bytes.why_gone(view.index.place.at(row)):
            raise WriteError(f"a line is gone: {why}")
    return [view.reader.raw(row, _LONGEST) for row in rows]


def _in_utc(view: LogView, rows: list[int]) -> list[bytes]:
    from logtool.writing.styles import TimeStyle, stamp_writers

    raws = _whole(view, rows)
    logs = np.array([view.index.stretch_of(row).log for row in rows])
    for log in np.unique(logs).tolist():
        places = np.flatnonzero(logs == log)
        block = Block.of(b"".join(raws[place] + b"\n" for place in places))
        decoder = view.reader.logs[log].decoder
        stamps = decoder.stamps(block)
        offsets = [view.offset_of(rows[place]) for place in places]
        known = np.array([offset is not None for offset in offsets]) & (stamps.time_start >= 0)
        utc_us = stamps.local_us - np.array([offset or 0 for offset in offsets]) * SECOND
        begin = stamps.time_start - block.starts
        end = stamps.time_end - block.starts
        for writer, some in stamp_writers(TimeStyle.CUZ, decoder, block, stamps, known):
            texts = writer.write(utc_us[some])
            for at, text in zip(some.tolist(), texts, strict=True):
                raw = raws[places[at]]
                raws[places[at]] = raw[: begin[at]] + text.tobytes() + raw[end[at] :]
    return raws
