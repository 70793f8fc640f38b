"""Access facts: the stamps of an access log as columns, and what they say of the server's clock."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from logtool.clocks.zones import Rules
from parsers.lines import NO_OFFSET, NO_TIME

_WEEK_US = 7 * 86_400 * 1_000_000

Ints = NDArray[np.int64]


@dataclass(slots=True, eq=False)
class AccessRows:
    """Rows of an access log, in file order.

    Attributes:
        epoch_us: int64[n], microseconds UTC, as the line says them.
        offset_s: int32[n], seconds east of UTC as written, or NO_OFFSET.
        line: int64[n], number of the line from 1, or -1 where the lines before were not read.
        place: int64[n], where the line begins in the (decompressed) file.
        host: bytes[n], the client's host, empty where unknown.
        port: int32[n], the client's port, or -1.
        status: int16[n], or -1.
        log_id: bytes[n], the request's log ID where the LogFormat is told and has it.
        duration_us: int64[n], or -1.
    """

    epoch_us: Ints
    offset_s: NDArray[np.int32]
    line: Ints
    place: Ints
    host: NDArray[np.bytes_]
    port: NDArray[np.int32]
    status: NDArray[np.int16]
    log_id: NDArray[np.bytes_]
    duration_us: Ints

    def __len__(self) -> int:
        return len(self.epoch_us)

    def taken(self, index: Ints) -> AccessRows:
        """The rows at these indexes."""
        return AccessRows(*(getattr(self, column.name)[index] for column in fields(self)))

    @classmethod
    def joined(cls, parts: Iterable[AccessRows]) -> AccessRows:
        """The rows of several parts, one after the other."""
        parts = list(parts)
        return cls(
            *(
                np.concatenate([getattr(part, column.name) for part in parts])
                for column in fields(cls)
            )
        )


@dataclass(frozen=True, slots=True)
class OffsetSpan:
    """A time in which every request was stamped under one offset.

    Attributes:
        first_us, last_us: its first and last request, microseconds UTC.
        offset_s: seconds east of UTC.
        rows: how many of the rows tell so.
    """

    first_us: int
    last_us: int
    offset_s: int
    rows: int


@dataclass(slots=True, eq=False)
class AccessFacts:
    """What an access log says of the server's clock.

    Attributes:
        path: the file.
        rows: its (sampled) rows.
        lines: how many lines were read.
        unreadable: how many of them have no time.
        whole: every line was read.
        stamped_at_end: times are those of the responses' ends, not of the requests' arrivals.
    """

    path: str
    rows: AccessRows
    lines: int
    unreadable: int
    whole: bool
    stamped_at_end: bool = False

    def offset_spans(self) -> list[OffsetSpan]:
        """The offsets over time, ascending; a new one begins wherever the offset differs."""
        told = np.flatnonzero((self.rows.offset_s != NO_OFFSET) & (self.rows.epoch_us != NO_TIME))
        if not len(told):
            return []
        order = told[np.argsort(self.rows.epoch_us[told], kind="stable")]
        epoch_us, offset_s = self.rows.epoch_us[order], self.rows.offset_s[order]
        starts = np.append(0, np.flatnonzero(np.diff(offset_s)) + 1)
        stops = np.append(starts[1:], len(order))
        return [
            OffsetSpan(int(epoch_us[a]), int(epoch_us[b - 1]), int(offset_s[a]), int(b - a))
            for a, b in zip(starts, stops, strict=True)
        ]

    @property
    def mixed(self) -> bool:
        """Whether several clocks write it, as the children of embedded mode may.

        DST and a restart under another TZ change the offset for weeks; an offset that comes and
        goes within one is somebody else's clock.
        """
        inner = self.offset_spans()[1:-1]
        return any(span.last_us - span.first_us < _WEEK_US for span in inner)

    def rules(self) -> Rules | None:
        """The server clock's offset over time, or None if the log writes none or mixes clocks.

        A change lies somewhere between two requests; it is put at the quarter of an hour between
        them if there is one, since zones change on those, else before the later request.
        """
        spans = self.offset_spans()
        if not spans or self.mixed:
            return None
        changes = [_change_between(a.last_us, b.first_us) for a, b in pairwise(spans)]
        offsets = [span.offset_s for span in spans]
        return Rules(self.path, np.array(changes, np.int64), np.array(offsets, np.int64))


def _change_between(before_us: int, after_us: int) -> int:
    quarter = 900 * 1_000_000
    hour = 4 * quarter
    for unit in (hour, quarter):
        change = after_us // unit * unit
        if change > before_us:
            return change
    return after_us
