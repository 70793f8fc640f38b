"""Lines: the columns read from a block, one row per line. Pure data; `decode` fills them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import fields
from functools import partial
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from parsers.classes import dataclass
from parsers.compiled.kernel import column_for

#: In `Stamps.local_us`: the line has no time.
NO_TIME = int(np.iinfo(np.int64).min)
#: In `Stamps.offset_s`: the line writes no offset.
NO_OFFSET = int(np.iinfo(np.int32).min)
#: In `Stamps.pid`: the line has no pid.
NO_PID = -1
#: In `Stamps.layout`: no layout reads the line.
NO_LAYOUT = -1


@dataclass(slots=True, eq=False)
class Stamps:
    """Who wrote each line of a block, and what that process's clock said: all that clocks need.

    Attributes:
        layout: int16[n], index into the decoder's layouts, or NO_LAYOUT.
        time_start, time_end: int64[n], the stamp's place in `Block.data` without brackets (for a
            time in several contiguous pieces: the whole run), -1 where there is none.
        local_us: int64[n], microseconds from 1970-01-01T00:00 of the naive local time, or NO_TIME.
            For a stamp that is an epoch (`%{%s}t`) the offset is written and 0.
        digits: int8[n], digits of the fraction as written: 0, 3 or 6.
        offset_s: int32[n], seconds east of UTC as written in the line, or NO_OFFSET.
        pid: int64[n], the pid, or NO_PID.
    """

    layout: NDArray[np.int16]
    time_start: NDArray[np.int64]
    time_end: NDArray[np.int64]
    local_us: NDArray[np.int64]
    digits: NDArray[np.int8]
    offset_s: NDArray[np.int32]
    pid: NDArray[np.int64]

    def at(self, rows: NDArray[np.int64] | slice) -> Stamps:
        """Those of some lines."""
        return Stamps(*(getattr(self, one.name)[rows] for one in fields(Stamps)))

    def behind(self, starts: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """How far behind the places where their lines begin they begin and end."""
        return self.time_start - starts, self.time_end - starts

    def with_offsets(self, offset_s: NDArray[np.integer]) -> Stamps:
        """The same, as if lines wrote these offsets."""
        return Stamps(
            self.layout, self.time_start, self.time_end, self.local_us, self.digits,
            offset_s.astype(np.int32), self.pid,
        )  # fmt: skip


class StampsAlike(Stamps):
    """Stamps of lines of one layout that differ in nothing but time and pid.

    What all have in common takes no memory, and is handed over as one number: columns without steps
    that nobody can write to. Where times stand is reckoned when somebody asks.
    """

    __slots__ = ("_around", "_starts")

    def __init__(
        self,
        starts: NDArray[np.int64],
        around: tuple[int, int],
        alike: tuple[int, int, int],
        local_us: NDArray[np.int64],
        pid: NDArray[np.int64],
    ) -> None:
        """Take columns, and what they have in common.

        Args:
            starts: int64[n], where the lines begin, n > 0.
            around: how far behind these places their times begin and end.
            alike: their layout, digits and offset_s.
            local_us: as `Stamps` has it.
            pid: the same.
        """
        self._starts, self._around = starts, around
        layout, digits, offset_s = alike
        self.layout = repeated(layout, len(starts), np.int16)
        self.digits = repeated(digits, len(starts), np.int8)
        self.offset_s = repeated(offset_s, len(starts), np.int32)
        self.local_us, self.pid = local_us, pid

    def __getattr__(self, name: str) -> NDArray[np.int64]:
        """Where all times begin, or end: of these names nothing is there until it is asked for."""
        if name not in ("time_start", "time_end"):
            raise AttributeError(name)
        places: NDArray[np.int64] = column_for(self._starts, len(self._starts), np.int64)
        np.add(self._starts, self._around[name == "time_end"], out=places)
        setattr(self, name, places)
        return places

    def __reduce__(self) -> tuple[type[StampsAlike], tuple[object, ...]]:
        """How it is handed over."""
        alike = tuple(int(one[0]) for one in (self.layout, self.digits, self.offset_s))
        return StampsAlike, (self._starts, self._around, alike, self.local_us, self.pid)

    def at(self, rows: NDArray[np.int64] | slice) -> Stamps:
        """Those of some lines."""
        starts = self._starts[rows]
        begin, end = self._around
        return Stamps(
            self.layout[rows], starts + begin, starts + end, self.local_us[rows],
            self.digits[rows], self.offset_s[rows], self.pid[rows],
        )  # fmt: skip

    def behind(self, starts: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """How far behind the places where their lines begin they begin and end."""
        begin, end = (repeated(one, len(starts), np.int64) for one in self._around)
        return begin, end


class StampsOfNone(Stamps):
    """Stamps of lines that no layout reads: columns of one value, nobody can write to them."""

    __slots__ = ()

    def __init__(self, size: int) -> None:
        """Take how many lines there are."""
        self.layout = repeated(NO_LAYOUT, size, np.int16)
        self.time_start = self.time_end = repeated(-1, size, np.int64)
        self.local_us = repeated(NO_TIME, size, np.int64)
        self.digits = repeated(0, size, np.int8)
        self.offset_s = repeated(NO_OFFSET, size, np.int32)
        self.pid = repeated(NO_PID, size, np.int64)

    def __reduce__(self) -> tuple[type[StampsOfNone], tuple[int]]:
        """How it is handed over."""
        return StampsOfNone, (len(self.layout),)

    def behind(self, starts: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """They stand nowhere, wherever lines begin."""
        return self.time_start, self.time_end


def repeated(value: int, size: int, dtype: type[np.signedinteger]) -> NDArray[Any]:
    """A column of one value, which takes no more memory than that, and cannot be written to."""
    return np.ndarray((size,), dtype, dtype(value).tobytes(), 0, (0,))


@dataclass(slots=True, eq=False)
class Alike:
    """Lines that stand for all.

    Attributes:
        rows: int64[k], which lines, each of which is like itself.
        place: int32[n] or int64[n], for each line which of them it is like.
        texts: int64[k], a number for what each has in common with lines that are like it, the same
            in other blocks; or None.
        pids: int64[k], the pid of all lines that are like it, NO_PID where that is not known; or
            None.
    """

    rows: NDArray[np.int64]
    place: NDArray[np.signedinteger]
    texts: NDArray[np.int64] | None = None
    pids: NDArray[np.int64] | None = None


class Spans:
    """Where one field stands on each asked-for line: half-open places in `Block.data`.

    Where the lines lie in memory that is lent (`parsers.compiled.kernel`), so may the places.

    Attributes:
        alike: lines that stand for all as to this field: each line has the same text as the one
            that it is like, or none as well; or None. Only where that was found out in passing.
        signs: what is told of its texts (`parsers.compiled.kinds.Sign`), or None, likewise.
    """

    __slots__ = ("_ends", "_find", "alike", "signs")

    def __init__(
        self, start: NDArray[np.int64], end: NDArray[np.int64], alike: Alike | None = None
    ) -> None:
        """Take int64[n] each: -1 where a line does not have the field."""
        self._ends: tuple[NDArray[np.int64], NDArray[np.int64]] | None = (start, end)
        self._find: _Find | None = None
        self.alike = alike
        self.signs: tuple[NDArray[Any], ...] | None = None

    @classmethod
    def later(cls, find: _Find) -> Spans:
        """What a function finds on some lines, when somebody asks."""
        spans = cls.__new__(cls)
        spans._ends, spans._find, spans.alike, spans.signs = None, find, None, None
        return spans

    @classmethod
    def together(cls, size: int, parts: Sequence[Part]) -> Spans:
        """What parts tell of some of so many lines each, when somebody asks; the last counts."""
        return cls.later(partial(_of_parts, size, parts))

    def _found(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        if self._ends is None:
            assert self._find is not None
            self._ends = self._find(slice(None))
        return self._ends

    @property
    def start(self) -> NDArray[np.int64]:
        """int64[n], -1 where the line does not have the field."""
        return self._found()[0]

    @property
    def end(self) -> NDArray[np.int64]:
        """int64[n]."""
        return self._found()[1]

    def at(self, rows: NDArray[np.int64]) -> Spans:
        """Where it stands on some of the lines; the others are not looked at."""
        if self._ends is None and self._find is not None:
            return Spans(*self._find(rows))
        return Spans(self.start[rows], self.end[rows])


class Part(NamedTuple):
    """Where a field stands on some lines.

    Attributes:
        rows: int64[k], which lines, rising.
        at: int64[k], their places in `spans`.
        spans: where it stands on these and perhaps others.
    """

    rows: NDArray[np.int64]
    at: NDArray[np.int64]
    spans: Spans


def _of_parts(
    size: int, parts: Sequence[Part], wanted: NDArray[np.int64] | slice
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    count = size if isinstance(wanted, slice) else len(wanted)
    start, end = np.full(count, -1, np.int64), np.full(count, -1, np.int64)
    for rows, at, spans in parts:
        if isinstance(wanted, slice):
            start[rows], end[rows] = spans.start[at], spans.end[at]
        elif len(rows):
            place = np.minimum(np.searchsorted(rows, wanted), len(rows) - 1)
            mine = np.flatnonzero(rows[place] == wanted)
            some = spans.at(at[place[mine]])
            start[mine], end[mine] = some.start, some.end
    return start, end


#: Gives int64[m] twice, where a field stands on some lines, or on all: no other slice is asked for.
_Find = Callable[[NDArray[np.int64] | slice], tuple[NDArray[np.int64], NDArray[np.int64]]]
