"""Access facts: the stamps of an access log as columns, and what they say of the server's clock."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from logtool.clocks.tzdb.zones import Rules, changes_between
from parsers.arrays import Ints
from parsers.classes import dataclass
from parsers.lines import NO_OFFSET, NO_TIME


@dataclass(slots=True, eq=False)
class AccessRows:
    """Rows of an access log, in file order.

    Attributes:
        epoch_us: int64[n], microseconds UTC, as the line says them.
        offset_s: int32[n], seconds east of UTC as written, or NO_OFFSET.
        place: int64[n], where the line begins in the (decompressed) file.
        host: bytes[n], the client's host, empty where unknown.
        status: int16[n], or -1.
    """

    epoch_us: Ints
    offset_s: NDArray[np.int32]
    place: Ints
    host: NDArray[np.bytes_]
    status: NDArray[np.int16]

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
    """

    first_us: int
    last_us: int
    offset_s: int


@dataclass(slots=True, eq=False)
class AccessFacts:
    """What an access log says of the server's clock.

    Attributes:
        path: the file.
        rows: its (sampled) rows.
        lines: how many lines were read.
        named: the user named it; else it was found beside an error log.
    """

    path: str
    rows: AccessRows
    lines: int
    named: bool = False

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
            OffsetSpan(int(epoch_us[a]), int(epoch_us[b - 1]), int(offset_s[a]))
            for a, b in zip(starts, stops, strict=True)
        ]

    def rules(self) -> Rules | None:
        """The server clock's offset over time, or None if the log writes none or mixes clocks.

        Several write it where an offset changes as no zone's does: so may the children of embedded
        mode, or Apache was restarted under another TZ.
        """
        spans = self.offset_spans()
        if not spans:
            return None
        changes = []
        for before, after in pairwise(spans):
            # The change lies between two requests, which may be a night apart.
            known = changes_between(spans[0].last_us, spans[-1].first_us)
            fits = (known[:, 0] > before.last_us) & (known[:, 0] <= after.first_us)
            fits &= (known[:, 1] == before.offset_s) & (known[:, 2] == after.offset_s)
            if not fits.any():
                return None
            changes.append(int(known[fits, 0][0]))
        offsets = [span.offset_s for span in spans]
        return Rules(self.path, np.array(changes, np.int64), np.array(offsets, np.int64))
