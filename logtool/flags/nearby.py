"""Nearby: takes lines that rules may hold on, adds the lines that may belong to the same events.

An event's lines share a process and are near each other in the file, so all others need not be
looked at.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterable, Iterator
from dataclasses import field
from functools import cached_property
from itertools import islice

import numpy as np
import polars as pl
from numpy.typing import NDArray

from logtool.events.folding import CONTEXT
from logtool.events.joining import near_some
from logtool.frame.hashing import ODD, SPREAD, hashes
from logtool.frame.lines import Lines
from parsers.arrays import Mask
from parsers.classes import dataclass
from parsers.lines import NO_TIME
from parsers.scanning import Places, Text

#: Streams are told apart by so many bits where a few lines too many do no harm.
_SLOT_BITS = 16
_SLOT_SHIFT = np.uint64(64 - _SLOT_BITS)


@dataclass(eq=False)
class Stretch:
    """The lines of one block, and which of them matter.

    Attributes:
        lines: all of them.
        first_row: the number of the first, counted through all logs.
        hits: int64[m], which of them are asked for, rising.
        folded: bool[m], which hits may be part of a longer event.
        chosen: bool[n], the lines that are needed to fold around hits of this and other stretches.
    """

    lines: Lines
    first_row: int
    hits: Places
    folded: Mask
    chosen: Mask = field(init=False)
    _stream: NDArray[np.uint64] = field(init=False)
    _numbered: Mask = field(init=False)

    def __post_init__(self) -> None:
        self._stream = np.zeros(len(self.lines), np.uint64)
        self._numbered = np.zeros(len(self.lines), np.bool_)
        self.chosen = np.zeros(len(self.lines), np.bool_)
        self.chosen[self.hits] = True
        self.choose_near(self)

    @cached_property
    def pids(self) -> NDArray[np.int64]:
        """int64[n], the pids."""
        return self.lines.stamps.pid[self.lines.rows]

    @property
    def stop_row(self) -> int:
        """The number of the row after its last."""
        return self.first_row + len(self.lines)

    def choose_near(self, other: Stretch) -> None:
        """Choose what may share an event with the hits of a stretch: this one or another."""
        hits = other.hits[other.folded]
        if other.lines.log is not self.lines.log or not len(hits):
            return
        pids = other.pids[hits]
        near = np.zeros(len(self.lines), np.bool_)
        for pid in np.unique(pids):
            mine = np.flatnonzero(self.pids == pid)
            theirs = hits[pids == pid] + other.first_row
            row = mine + self.first_row
            after = theirs[np.minimum(np.searchsorted(theirs, row), len(theirs) - 1)]
            before = theirs[np.maximum(np.searchsorted(theirs, row) - 1, 0)]
            distance = np.minimum(np.abs(after - row), np.abs(row - before))
            near[mine[distance <= CONTEXT]] = True
        rows = np.flatnonzero(near)
        if not len(rows):
            return
        rows = rows[_with_one_of(self._streams(rows), other._streams(hits))]
        if other is self:
            asked = np.zeros(len(self.lines), np.bool_)
            asked[hits] = True
            utc_us = self.lines.utc_us[rows]
            us = np.where(utc_us == NO_TIME, 0, utc_us)
            rows = rows[near_some(self._streams(rows), us, asked[rows])]
        self.chosen[rows] = True

    def _streams(self, rows: Places) -> NDArray[np.uint64]:
        """One number for the pid, tid and client of each of these lines."""
        new = rows[~self._numbered[rows]]
        if len(new):
            self._stream[new] = _streams(self.lines.at(new))
            self._numbered[new] = True
        return self._stream[rows]

    def frame(self, columns: Collection[str]) -> pl.DataFrame:
        """The chosen lines, with `row` and `asked`."""
        return self.lines.at(self.kept).frame(columns).hstack(self.numbers)

    @property
    def kept(self) -> Places:
        """The chosen lines, rising."""
        return np.flatnonzero(self.chosen)

    @property
    def numbers(self) -> pl.DataFrame:
        """Their `row`, and whether they are `asked` for."""
        kept, asked = self.kept, np.zeros(len(self.lines), np.bool_)
        asked[self.hits] = True
        return pl.DataFrame({"row": kept + self.first_row, "asked": asked[kept]})


def _streams(lines: Lines) -> NDArray[np.uint64]:
    """One number for the pid, tid and client of each line."""
    spans = lines.spans(("tid", "client"))
    start = spans["tid"].start
    tid, _ = Text(lines.block).number(np.maximum(start, 0))
    tid = np.where(start < 0, -1, tid)
    client = hashes(lines.block.data, spans["client"].start, spans["client"].end)
    mixed = (lines.stamps.pid[lines.rows].astype(np.uint64) + np.uint64(1)) * ODD
    mixed ^= (tid.astype(np.uint64) + np.uint64(1)) * SPREAD
    mixed = ((mixed ^ (mixed >> np.uint64(31))) * ODD) ^ client
    return mixed ^ (mixed >> np.uint64(29))


def _with_one_of(streams: NDArray[np.uint64], some: NDArray[np.uint64]) -> Mask:
    """Which are one of some streams; a few others may be among them."""
    slots = np.zeros(1 << _SLOT_BITS, np.bool_)
    slots[some >> _SLOT_SHIFT] = True
    answer: Mask = slots[streams >> _SLOT_SHIFT]
    return answer


def chosen_near(stretches: Iterable[Stretch]) -> Iterator[Stretch]:
    """The stretches in their order, each once all is chosen; those without a choice are dropped."""
    waiting: deque[Stretch] = deque()
    for stretch in stretches:
        waiting.append(stretch)
        for other in islice(waiting, len(waiting) - 1):
            stretch.choose_near(other)
            other.choose_near(stretch)
        while waiting and waiting[0].stop_row + CONTEXT <= stretch.stop_row:
            yield from _if_chosen(waiting.popleft())
    for left in waiting:
        yield from _if_chosen(left)


def _if_chosen(stretch: Stretch) -> Iterator[Stretch]:
    if stretch.chosen.any():
        yield stretch
