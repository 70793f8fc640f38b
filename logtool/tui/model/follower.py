"""Follower: reads what is appended to logs while they are shown, also across rotation.

A line that has just come was written now: its stamp and the present tell its offset.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from logtool.clocks.table import ClockTable
from logtool.errors import ReadError
from logtool.following.siblings import HEAD, Siblings
from logtool.sources.raw import Spool
from logtool.sources.source import Source
from logtool.tui.model.builder import Builder, ShownLog
from logtool.tui.model.glance import glance
from logtool.tui.model.places import LogBytes
from parsers.blocks import Block
from parsers.lines import NO_OFFSET, NO_TIME, Stamps

_PAUSE = 0.2
_MOST = 16 << 20
_SECOND = 1_000_000
#: Offsets are multiples of this; a line is at most _LATE old when it is read.
_STEP, _LATE = 900 * _SECOND, 120 * _SECOND
#: Clocks of two machines, or of writer and reader, differ by less.
_SLACK = 5 * _SECOND


class _Tail:
    """Where one log goes on."""

    def __init__(self, number: int, log: ShownLog, place: int, line: int) -> None:
        self.number, self.log = number, log
        self.place, self.line = place, line
        self._head = log.bytes.read(0, min(place, HEAD))
        try:
            self.inode = os.stat(log.name).st_ino  # noqa: PTH116 - a path as it was named
        except OSError:
            self.inode = log.bytes.inode

    def rotated(self) -> bool:
        """Another file has its name now, or it was cut short."""
        try:
            status = os.stat(self.log.name)  # noqa: PTH116 - a path as it was named
        except OSError:
            return False  # between two renames; look again
        return status.st_ino != self.inode or status.st_size < self.place or not self._goes_on()

    def _goes_on(self) -> bool:
        """The file begins as it began when it was read."""
        if len(self._head) < min(self.place, HEAD):
            self._head = self.log.bytes.read(0, min(self.place, HEAD))
        return self.log.bytes.read(0, len(self._head)) == self._head

    def find_copy(self) -> bool:
        """Read on in the copy that was made before the log was cut short; tells if there is one."""
        fd = Siblings(self.log.name).copy_of(self._head, self.place) if self._head else None
        if fd is not None:
            self.log.bytes.move_to(fd)
        return fd is not None

    def cut_short(self) -> bool:
        """The same file has its name still, so it was emptied and is written anew."""
        return os.stat(self.log.name).st_ino == self.inode  # noqa: PTH116 - as it was named

    def read(self) -> Block | None:
        """Whole lines that are new."""
        raw = self.log.bytes.read(self.place, _MOST)
        end = raw.rfind(b"\n") + 1
        # Looked at after reading, so that nothing is taken from what was written anew meanwhile.
        if not end or not self._goes_on():
            return None
        block = Block.of(raw[:end], first_line=self.line, offset=self.place)
        self.place += end
        self.line += len(block)
        return block


class _PipeTail:
    """Where a pipe goes on that is still open."""

    def __init__(self, number: int, log: ShownLog, pipe: Spool, place: int, line: int) -> None:
        self.number, self.log = number, log
        self._pipe, self._place, self._line = pipe, place, line
        self._held = b""

    def read(self) -> Block | None:
        """Whole lines that are new; at its end also the last one."""
        data = self._held + self._pipe.more()
        end = data.rfind(b"\n") + 1 if self._pipe.is_open else len(data)
        self._held = data[end:]
        if not end:
            return None
        block = Block.of(data[:end], first_line=self._line, offset=self._place)
        self.log.bytes.keep(block)
        self._place += end
        self._line += len(block)
        return block


def is_open_pipe(log: ShownLog) -> bool:
    """Whether it is a pipe that trickles; nobody but us can empty it."""
    return log.source.pipe is not None and log.source.pipe.is_open


def can_grow(log: ShownLog) -> bool:
    """Whether more lines may come: a plain file can be appended to, a pipe may not have ended."""
    return not log.bytes.is_kept or log.source.size is None or is_open_pipe(log)


class Follower:
    """Appends new lines to the index of a builder that is done."""

    def __init__(self, builder: Builder, changed: Callable[[], None] = lambda: None) -> None:
        """Follow the plain files of a builder from where its index ends."""
        self._builder = builder
        self._changed = changed
        self._stop = threading.Event()
        self._tails = self._find_tails()
        self._thread = threading.Thread(target=self._run, name="follow", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End."""
        self._stop.set()
        self._thread.join(5)

    def _find_tails(self) -> list[_Tail | _PipeTail]:
        index = self._builder.index
        tails: list[_Tail | _PipeTail] = []
        ends = {stretch.log: (stretch, end) for stretch, end in index.stretches()}
        newest = {log.source.sequence: number for number, log in enumerate(self._builder.logs)}
        for number in newest.values():
            log = self._builder.logs[number]
            if not can_grow(log):
                continue
            place, line = 0, 1
            if number in ends:
                stretch, end = ends[number]
                last = index.place.at(end - 1)
                text, newline, _ = log.bytes.read(last, _MOST).partition(b"\n")
                place = last + len(text) + len(newline)
                line = stretch.first_line + end - stretch.first_row
            if log.bytes.is_kept and log.source.pipe:
                tails.append(_PipeTail(number, log, log.source.pipe, place, line))
            else:
                tails.append(_Tail(number, log, place, line))
        return tails

    def _run(self) -> None:
        while not self._stop.wait(_PAUSE):
            for at, tail in enumerate(self._tails):
                try:
                    grown = self._read(tail)
                    if isinstance(tail, _Tail) and tail.rotated() and not self._read(tail):
                        self._tails[at] = self._reopened(tail)
                except (ReadError, OSError):
                    continue  # gone for a moment; look again
                if grown:
                    self._changed()

    def _reopened(self, tail: _Tail) -> _Tail:
        """Go on in the new file of the same name, as another log."""
        if tail.cut_short():
            if tail.find_copy():
                while self._read(tail):  # what came between our last look and the copy
                    pass
            else:
                now = datetime.now(UTC)
                tail.log.bytes.lose(f"the log was emptied at {now:%H:%M:%S}Z")
        source = Source(tail.log.source.path, sequence=tail.log.source.sequence)
        log = ShownLog(tail.log.name, source, LogBytes(source), tail.log.decoder)
        self._builder.logs.append(log)
        self._builder.index.names.append(log.name)
        return _Tail(len(self._builder.logs) - 1, log, 0, 1)

    def _read(self, tail: _Tail | _PipeTail) -> bool:
        block = tail.read()
        if block is None:
            return False
        decoder, index = tail.log.decoder, self._builder.index
        stamps = decoder.stamps(block)
        last_us = max(int(index.time_us.values[-1]), 0) if len(index) else 0
        table = self._builder.table or ClockTable.empty()
        offsets = live_offsets(table, tail.number, block, stamps, last_us, time.time_ns() // 1000)
        told = replace(stamps, offset_s=offsets)
        before = len(index)
        index.append(tail.number, block, told, glance(decoder, block, stamps))
        index.fill(before)
        return True


def live_offsets(
    table: ClockTable, log: int, block: Block, stamps: Stamps, last_us: int, now_us: int
) -> NDArray[np.int32]:
    """Offsets of lines that were written between `last_us` and `now_us`.

    What the line writes counts first, then the clock that its process had, if that fits, then what
    the present says; NO_OFFSET where nothing fits.
    """
    local = stamps.local_us
    known = table.offsets(log, block.first_line + np.arange(len(block)), stamps)
    utc = local - known * _SECOND
    fits = (known != NO_OFFSET) & (utc >= last_us - _SLACK) & (utc <= now_us + _SLACK)
    fits |= stamps.offset_s != NO_OFFSET
    seen = np.round((local - now_us) / _STEP).astype(np.int64) * _STEP
    near = np.abs(local - seen - now_us) <= _LATE
    offsets = np.where(fits, known, np.where(near, seen // _SECOND, known))
    return np.where(local == NO_TIME, NO_OFFSET, offsets).astype(np.int32)
