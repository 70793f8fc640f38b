"""Lines: takes a block of a log, gives what was read of its lines, each thing when it is asked for.

Nothing here loads polars before a frame is asked for: child processes have no use for it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

import numpy as np
from numpy.typing import NDArray

from logtool.clocks.table import ClockTable, Confidence
from logtool.passes.logs import Log, blocks_of
from logtool.writing.stamps import in_calendar
from parsers.blocks import Block
from parsers.compiled.kinds import Signing
from parsers.lines import NO_LAYOUT, NO_OFFSET, NO_TIME, Part, Spans, Stamps
from parsers.scanning import KEEP, Text
from parsers.steps.item_steps import level_numbers
from parsers.steps.message_step import TAIL
from parsers.units import SECOND

if TYPE_CHECKING:
    import polars as pl

Places = NDArray[np.int64]
Number = TypeVar("Number", bound=np.generic)


_NO_LINES = np.zeros(0, np.int64)


class Lines:
    """Some lines of a block, and what was read of them: once, and only if it is asked for.

    The continuation of a line too long for one block is no line; such a line is as long as its
    first block.

    Attributes:
        first_line: the number of the first line of their block in the file.
        offset: the place of its first byte there.
        again: reads their block, if that is not held, or no more of it than some of its lines.
    """

    again: Callable[[Places | None], Block] | None = None
    #: Whether they are some of the lines of their block, by their `rows`.
    _chosen = False

    def __init__(self, log: Log, block: Block, table: ClockTable) -> None:
        """All lines of `block`; `table` may be empty while no column needs clocks."""
        self.log, self.block, self.table = log, block, table
        self.first_line, self.offset = block.first_line, block.offset
        self._all, self._size = not block.torn_head, len(block) - block.torn_head

    @cached_property
    def rows(self) -> Places:
        """Which lines of their block they are, rising: int64[n]."""
        return np.arange(self._size) if self._all else np.arange(1, self._size + 1)

    def __len__(self) -> int:
        return len(self.rows)

    def at(self, kept: Places) -> Lines:
        """Some of these lines, by their index among them."""
        some = self._of_block()
        if self._is_held:
            some.block = self.block
        else:
            some.again = self.again
        some.rows, some._all, some._chosen = self.rows[kept], False, True
        return some

    def _of_block(self) -> Lines:
        """All lines, but for the block, and with the stamps if these were read."""
        some = Lines.__new__(Lines)
        some.log, some.table, some._all, some._size = self.log, self.table, self._all, self._size
        some.first_line, some.offset = self.first_line, self.offset
        if "stamps" in self.__dict__:
            some.stamps = self.stamps
        return some

    def forget_block(self) -> None:
        """Hold neither the block nor its stamps: they are read `again`, if somebody asks."""
        for name in ("block", "stamps"):
            vars(self).pop(name, None)

    def bare(self) -> Lines:
        """The same lines, with nothing held that can be read again, but for the stamps."""
        some = self._of_block()
        some.block = self.block
        if self._chosen:
            some.rows, some._chosen = self.rows, True
        return some

    def later(self) -> Lines:
        """The same lines, for when the memory is used anew that another process told of them in."""
        if self.again is not None and self._chosen:
            self.rows = self.rows.copy()
        return self

    @property
    def _is_held(self) -> bool:
        """Whether their block need not be read again."""
        return "block" in vars(self)

    @cached_property
    def block(self) -> Block:
        """The block that they are of; of other lines of it nothing may be there."""
        assert self.again is not None
        return self.again(self.rows if self._chosen else None)

    def frame(self, columns: Collection[str]) -> pl.DataFrame:
        """The columns, in the order of `SCHEMA`."""
        from logtool.frame.framing import frame_of  # only where polars is needed

        return frame_of(self, columns)

    @cached_property
    def stamps(self) -> Stamps:
        """The stamps of the whole block."""
        recall = self.log.remembered.recall
        if self._is_held or self.again is None:
            return recall(self.block) or self.log.decoder.stamps(self.block)
        # What is remembered needs no byte of it.
        if stamps := recall(self.again(_NO_LINES)):
            return stamps
        return self.log.decoder.stamps(self.again(None))

    def _mine(self, column: NDArray[Number]) -> NDArray[Number]:
        """What these lines have of a column of the whole block; not to be written to."""
        return column if self._all else column[self.rows]

    @property
    def numbers(self) -> Places:
        """Their numbers in the file."""
        return self.first_line + self.rows

    @property
    def pids(self) -> Places:
        """The pid of each line, or NO_PID; not to be written to."""
        return self._mine(self.stamps.pid)

    @property
    def local_us(self) -> Places:
        """What each line's clock said, microseconds, or NO_TIME; not to be written to."""
        return self._mine(self.stamps.local_us)

    @property
    def layouts(self) -> NDArray[np.int16]:
        """The number of each line's layout in its decoder, or NO_LAYOUT; not to be written to."""
        return self._mine(self.stamps.layout)

    @cached_property
    def clocks(self) -> Places:
        """Each line's index into the table's clocks, or -1."""
        clocks = self.table.clock_rows(self.log.number, self.numbers, self.pids)
        clocks[~self.timed] = -1
        return clocks

    @cached_property
    def timed(self) -> NDArray[np.bool_]:
        """Which lines have a time."""
        timed: NDArray[np.bool_] = self.local_us != NO_TIME
        return timed

    @cached_property
    def written(self) -> NDArray[np.bool_]:
        """Which lines write their offset."""
        written: NDArray[np.bool_] = self._mine(self.stamps.offset_s) != NO_OFFSET
        return written

    @cached_property
    def offsets(self) -> Places:
        """Seconds east of UTC of each line's clock, or NO_OFFSET."""
        offsets = self.table.offsets_of(self.clocks, self._mine(self.stamps.offset_s))
        return offsets if self.timed.all() else np.where(self.timed, offsets, NO_OFFSET)

    @cached_property
    def utc_us(self) -> Places:
        """The instant of each line in microseconds, or NO_TIME; also beyond the calendar."""
        utc_us = self.local_us - self.offsets * SECOND
        known = (self.offsets != NO_OFFSET) & in_calendar(utc_us)
        return utc_us if known.all() else np.where(known, utc_us, NO_TIME)

    @cached_property
    def confidences(self) -> tuple[NDArray[np.uint8], NDArray[np.bool_]]:
        """How sure each line's offset is, as numbers of `Confidence`, and where there is one."""
        number = self.table.confidences.take(self.clocks)
        written = self.timed & self.written
        number[written] = Confidence.WRITTEN
        return number, written | (self.clocks >= 0)

    def spans(self, names: Collection[str], signing: Signing | None = None) -> Mapping[str, Spans]:
        """Where fields stand in the block; -1 where a line does not have one.

        Besides columns it knows `TAIL`. What `signing` asks for may be told of some columns.
        """
        if not names:
            return {}
        decoder = self.log.decoder
        fields = dict(decoder.fields(self.block, self.stamps, self.rows, names, signing))
        if self.layouts.min(initial=0) > NO_LAYOUT:
            return fields
        unread = np.flatnonzero(self.layouts == NO_LAYOUT)
        for name in ("message", TAIL):
            if name in fields:
                fields[name] = self._with_unread(name, fields[name], unread, signing)
        return fields

    def _with_unread(
        self, name: str, spans: Spans, unread: Places, signing: Signing | None
    ) -> Spans:
        """The same, but that lines that no layout reads have all their text."""
        rows, every = self.rows[unread], np.arange(len(self))
        own = Spans(self.block.starts[rows], _text_ends(self.block, rows))
        parts = Part(every, every, spans), Part(unread, np.arange(len(unread)), own)
        together = Spans.together(len(self), parts)
        if spans.signs is not None and signing is not None:
            together.signs = spans.signs
            told = signing.told(signing.columns[name], self.block.data, own.start, own.end)
            for column, of_unread in zip(spans.signs, told, strict=True):
                column[unread] = of_unread
        return together


def _text_ends(block: Block, rows: Places) -> Places:
    """Where the texts of some lines end, before a carriage return."""
    ends = block.ends[rows]
    last = block.data[np.maximum(ends - 1, block.starts[rows])]
    answer: Places = ends - ((last == ord("\r")) & (ends > block.starts[rows]))
    return answer


def level_codes(block: Block, spans: Spans) -> NDArray[np.int8]:
    """The number of the level at each place, the most severe 0; -1 where there is none."""
    there = spans.start >= 0
    (word,) = Text(block).words(np.maximum(spans.start, 0))
    length = np.where(there, spans.end - spans.start, 0)
    number = level_numbers(word & KEEP[np.minimum(length, len(KEEP) - 1)])
    return np.where(there, number, -1).astype(np.int8)


def few_at_once(
    logs: Sequence[Log], table: ClockTable, columns: Collection[str], most: int
) -> Iterator[pl.DataFrame]:
    """The lines of some logs in true order, a frame for so many of them at most."""
    for log, block in blocks_of(logs):
        lines = Lines(log, block, table)
        lines.stamps  # noqa: B018 - read once for all parts of the block
        for first in range(0, len(lines), most):
            yield lines.at(np.arange(first, min(first + most, len(lines)))).frame(columns)
