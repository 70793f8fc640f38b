"""Lines: takes a block of a log, gives the asked-for columns of its lines as one frame."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import cached_property
from typing import TypeVar

import numpy as np
import polars as pl
from numpy.typing import NDArray

from logtool.clocks.table import ClockTable, Confidence
from logtool.frame.columns import CONFIDENCE, LEVEL, SCHEMA
from logtool.frame.python_text import levels_of, may_be_python
from logtool.frame.texts import strings
from logtool.passes import Log
from logtool.stamps import in_calendar
from parsers.blocks import Block
from parsers.item_steps import level_numbers
from parsers.lines import NO_LAYOUT, NO_OFFSET, NO_PID, NO_TIME, Spans, Stamps
from parsers.message_step import TAIL
from parsers.scanning import KEEP, Text

Places = NDArray[np.int64]
Number = TypeVar("Number", bound=np.generic)

_SECOND = 1_000_000


class Lines:
    """Some lines of a block, and what was read of them: once, and only if it is asked for.

    The continuation of a line too long for one block is no line; such a line is as long as its
    first block.

    Attributes:
        again: reads their block again, if the memory that it lies in will be used for another one.
    """

    again: Callable[[], Block] | None = None

    def __init__(self, log: Log, block: Block, table: ClockTable) -> None:
        """All lines of `block`; `table` may be empty while no column needs clocks."""
        self.log, self.block, self.table = log, block, table
        self.rows: Places = np.arange(int(block.torn_head), len(block))
        self._all = not block.torn_head

    def __len__(self) -> int:
        return len(self.rows)

    def at(self, kept: Places) -> Lines:
        """Some of these lines, by their index among them."""
        some = Lines.__new__(Lines)
        some.log, some.block, some.table = self.log, self.block, self.table
        some.rows, some._all = self.rows[kept], False
        if "stamps" in self.__dict__:
            some.stamps = self.stamps
        return some

    def bare(self, *, stamps: bool = True) -> Lines:
        """The same lines, with nothing held that can be read again, but for the stamps."""
        some = self.at(np.arange(len(self.rows)))
        if not stamps:
            some.__dict__.pop("stamps", None)
        return some

    def later(self) -> Lines:
        """The same lines, for when their block is not there any more: it is read again if asked."""
        if self.again is None:
            return self
        some = Lines.__new__(Lines)
        some.log, some.table, some.again = self.log, self.table, self.again
        some.rows, some._all = self.rows.copy(), self._all
        return some

    @cached_property
    def block(self) -> Block:
        """The block that they are of."""
        assert self.again is not None
        return self.again()

    def frame(self, columns: Collection[str]) -> pl.DataFrame:
        """The columns, in the order of `SCHEMA`."""
        names = [name for name in SCHEMA if name in columns]
        fields = self.spans([name for name in names if name not in _MAKERS])
        made = [
            (self._field(name, fields[name]) if name in fields else _MAKERS[name](self)).alias(name)
            for name in names
        ]
        return pl.DataFrame(made)

    @cached_property
    def stamps(self) -> Stamps:
        """The stamps of the whole block."""
        return self.log.remembered.recall(self.block) or self.log.decoder.stamps(self.block)

    def _mine(self, column: NDArray[Number]) -> NDArray[Number]:
        """What these lines have of a column of the whole block; not to be written to."""
        return column if self._all else column[self.rows]

    @property
    def numbers(self) -> Places:
        """Their numbers in the file."""
        return self.block.first_line + self.rows

    @cached_property
    def clocks(self) -> Places:
        """Each line's index into the table's clocks, or -1."""
        pids = self._mine(self.stamps.pid)
        clocks = self.table.clock_rows(self.log.number, self.numbers, pids)
        clocks[~self.timed] = -1
        return clocks

    @cached_property
    def timed(self) -> NDArray[np.bool_]:
        """Which lines have a time."""
        timed: NDArray[np.bool_] = self._mine(self.stamps.local_us) != NO_TIME
        return timed

    @cached_property
    def offsets(self) -> Places:
        """Seconds east of UTC of each line's clock, or NO_OFFSET."""
        offsets = self.table.offsets_of(self.clocks, self._mine(self.stamps.offset_s))
        return offsets if self.timed.all() else np.where(self.timed, offsets, NO_OFFSET)

    @cached_property
    def utc_us(self) -> Places:
        """The instant of each line in microseconds, or NO_TIME; also beyond the calendar."""
        utc_us = self._mine(self.stamps.local_us) - self.offsets * _SECOND
        known = (self.offsets != NO_OFFSET) & in_calendar(utc_us)
        return utc_us if known.all() else np.where(known, utc_us, NO_TIME)

    @cached_property
    def confidences(self) -> tuple[NDArray[np.uint8], NDArray[np.bool_]]:
        """How sure each line's offset is, as numbers of `Confidence`, and where there is one."""
        number = self.table.confidences.take(self.clocks)
        written = self.timed & (self._mine(self.stamps.offset_s) != NO_OFFSET)
        number[written] = Confidence.WRITTEN
        return number, written | (self.clocks >= 0)

    def spans(self, names: Collection[str]) -> Mapping[str, Spans]:
        """Where fields stand in the block; -1 where a line does not have one.

        Besides columns it knows `TAIL`.
        """
        if not names:
            return {}
        fields = dict(self.log.decoder.fields(self.block, self.stamps, self.rows, names))
        unread = np.flatnonzero(self._mine(self.stamps.layout) == NO_LAYOUT)
        for name in ("message", TAIL):
            if name in fields and len(unread):
                fields[name].start[unread] = self.block.starts[self.rows[unread]]
                fields[name].end[unread] = _text_ends(self.block, self.rows[unread])
        return fields

    def _field(self, name: str, spans: Spans) -> pl.Series:
        if name == "level":
            return _levels(self.block, spans)
        if name == "tid":
            value, _ = Text(self.block).number(np.maximum(spans.start, 0))
            return nullable(value, (spans.start >= 0) & (value >= 0))
        return strings(self.block.data, spans.start, spans.end)

    def _file(self) -> pl.Series:
        return pl.Series([self.log.source.name]).new_from_index(0, len(self))

    def _line(self) -> pl.Series:
        return pl.Series(self.numbers)

    def _utc(self) -> pl.Series:
        known = self.utc_us != NO_TIME
        return nullable(np.where(known, self.utc_us, 0), known).cast(SCHEMA["utc"])

    def _local_time(self) -> pl.Series:
        local_us = self.stamps.local_us[self.rows]
        known = in_calendar(local_us)
        return nullable(np.where(known, local_us, 0), known).cast(SCHEMA["local_time"])

    def _offset(self) -> pl.Series:
        return nullable(self.offsets.astype(np.int32), self.offsets != NO_OFFSET)

    def _confidence(self) -> pl.Series:
        number, known = self.confidences
        return nullable(number, known).cat.to(CONFIDENCE)

    def _clock(self) -> pl.Series:
        return nullable(self.clocks.astype(np.int32), self.clocks >= 0)

    def _python_level(self) -> pl.Series:
        told = self.frame(("module", "message")).with_row_index("place")
        told = told.filter(may_be_python(pl.col("module")) & pl.col("message").is_not_null())
        place = np.full(len(self), told.height)
        place[told["place"].to_numpy()] = np.arange(told.height)
        levels = levels_of(told["message"])
        return levels.extend(levels.clear(1)).gather(place)

    def _pid(self) -> pl.Series:
        pid = self.stamps.pid[self.rows]
        return nullable(pid, pid != NO_PID)

    def _role(self) -> pl.Series:
        return self._of_kind(0)

    def _group(self) -> pl.Series:
        return self._of_kind(1)

    def _of_kind(self, part: int) -> pl.Series:
        """A part of what kind of process each line's clock is of."""
        kinds, number = self.table.kinds
        return _texts([kind[part] for kind in kinds], number.take(self.clocks))

    def _layout(self) -> pl.Series:
        names = [*(layout.name for layout in self.log.decoder.layouts), None]
        return _texts(names, self.stamps.layout[self.rows].astype(np.int64) % len(names))

    def _raw(self) -> pl.Series:
        return strings(self.block.data, self.block.starts[self.rows], self.block.ends[self.rows])


_MAKERS: Mapping[str, Callable[[Lines], pl.Series]] = {
    "file": Lines._file,
    "line": Lines._line,
    "utc": Lines._utc,
    "local_time": Lines._local_time,
    "offset": Lines._offset,
    "confidence": Lines._confidence,
    "clock": Lines._clock,
    "pid": Lines._pid,
    "python_level": Lines._python_level,
    "role": Lines._role,
    "group": Lines._group,
    "layout": Lines._layout,
    "raw": Lines._raw,
}


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


def _levels(block: Block, spans: Spans) -> pl.Series:
    number = level_codes(block, spans)
    known = number >= 0
    return nullable(np.where(known, number, 0).astype(np.uint8), known).cat.to(LEVEL)


def nullable(values: NDArray[np.generic], known: NDArray[np.bool_]) -> pl.Series:
    """The values where they are known, null elsewhere."""
    series = pl.Series(values)
    if known.all():
        return series
    return series.zip_with(pl.Series(known), pl.Series([None], dtype=series.dtype))


def _texts(some: Sequence[str | None], places: Places) -> pl.Series:
    """The text at each place."""
    return pl.Series(some, dtype=pl.String).gather(places)
