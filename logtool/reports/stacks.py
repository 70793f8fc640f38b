"""Stacks: takes the lines of each block that may hold Python's text, gives whole events of them.

`stack_events` tells what is one stack, here it is done over block after block.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from logtool.reports.block_facts import Facts
from logtool.reports.stack_events import stack_events
from logtool.reports.wordings import WORDING
from parsers.classes import dataclass
from parsers.lines import NO_TIME
from parsers.rows import Spoken

Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]

#: An event that goes on for so many blocks is cut.
BLOCKS = 4

#: So many lines at the end of a block tell its time.
_LAST = 1_000
_NO_ROW = np.iinfo(np.int64).max
_ODD, _SPREAD = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xD6E8FEB86659FD93)


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """Lines of streams in which there are stacks.

    Attributes:
        row: int64[n], its number in all logs.
        block: int64[n], the number of its block.
        at: int64[n], its place there.
        stream: uint64[n], as in `Facts`.
        us: int64[n], its instant, microseconds UTC; 0 where it is not known.
        line: int64[n], its number in its file.
        raw: bool[n], whether it has no pid.
        wording: int64[n], packed by `wordings.WORDING`.
        kind: int8[n], of `Kind`.
        event: int64[n], the `row` that its event begins with.
    """

    row: Ints
    block: Ints
    at: Ints
    stream: NDArray[np.uint64]
    us: Ints
    line: Ints
    raw: Mask
    wording: Ints
    kind: NDArray[np.int8]
    event: Ints

    def __len__(self) -> int:
        """How many."""
        return len(self.row)

    def take(self, chosen: Ints | Mask) -> Rows:
        """Some of them."""
        return Rows(*(getattr(self, one.name)[chosen] for one in fields(self)))

    @classmethod
    def none(cls) -> Rows:
        """No line."""
        ints, raw = np.zeros(0, np.int64), np.zeros(0, np.bool_)
        return cls(
            ints, ints, ints, ints.view(np.uint64), ints, ints, raw, ints,
            np.zeros(0, np.int8), ints,
        )  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class Folded:
    """Events of which no line is missing.

    Attributes:
        rows: of events, sorted by event, then by row.
        start: int64[m], where each event begins among them.
    """

    rows: Rows
    start: Ints

    @classmethod
    def of(cls, starts: Ints, some: Ints, rows: Callable[[Ints], Rows]) -> Folded:
        """Rows of which all of each event are there.

        Args:
            starts: for each row, 2**32 at most, the first one of its event.
            some: which rows, rising.
            rows: gives some of the rows.
        """
        # One sort of numbers takes a fraction of a stable sort of places.
        packed = starts[some] << 32 | some
        packed.sort()
        start = packed >> 32
        new = np.ones(len(packed), np.bool_)
        np.not_equal(start[1:], start[:-1], out=new[1:])
        return cls(rows(packed & 0xFFFFFFFF), np.flatnonzero(new))

    @property
    def size(self) -> Ints:
        """How many rows each event has."""
        return np.diff(self.start, append=len(self.rows))

    def some(self, chosen: Ints) -> Folded:
        """Some of the events, in the order asked for."""
        size = self.size[chosen]
        start = np.cumsum(size) - size
        places = np.arange(int(size.sum())) + np.repeat(self.start[chosen] - start, size)
        return Folded(self.rows.take(places), start)

    def signs(self, said: NDArray[Any]) -> NDArray[np.uint64]:
        """One number for each event: equal where their rows say the same in the same order.

        Args:
            said: uint64[n], one number for what each row says.
        """
        place = np.arange(len(said)) - np.repeat(self.start, self.size)
        mixed = (said + place.astype(np.uint64) * _ODD) * _SPREAD
        mixed = (mixed ^ (mixed >> np.uint64(29))) * _ODD
        signs: NDArray[np.uint64] = np.add.reduceat(mixed ^ (mixed >> np.uint64(32)), self.start)
        return signs


class Stacks:
    """Folds block after block; holds the rows of events that may still go on."""

    def __init__(self) -> None:
        self._held = Rows.none()
        self._block = -1

    def add(self, facts: Facts, first_row: int) -> tuple[Mask, Folded]:
        """Which lines of a block are events by themselves, and events that are whole now.

        Args:
            facts: of the next block.
            first_row: the number of its first line in all logs.
        """
        self._block += 1
        held, lines = self._held, facts.lines
        found = stack_events(
            Spoken(held.stream, held.wording, held.us, held.line, held.raw),
            (held.block <= self._block - BLOCKS) | (not len(lines)),
            facts.told,
            _now_us(facts.utc_us),
            lines.block.first_line + int(lines.rows[-1]) if len(lines) else 0,
        )
        places = found.at.astype(np.int64)
        at, row = np.append(held.at, places), np.append(held.row, places + first_row)
        block = np.append(held.block, np.full(len(places), self._block))
        starts = found.starts.astype(np.int64)
        alone = np.ones(len(lines), np.bool_)

        def chosen(some: Ints) -> Rows:
            spoken = found.rows
            return Rows(
                row[some],
                block[some],
                at[some],
                spoken.stream[some],
                np.where(spoken.us[some] == NO_TIME, 0, spoken.us[some]),
                spoken.line[some],
                spoken.raw[some],
                spoken.tells[some],
                found.kind[some],
                row[starts[some]],
            )

        for mask in (found.whole, found.open):
            alone[places[mask[len(held) :]]] = False
        whole = Folded.of(starts, np.flatnonzero(found.whole), chosen)
        self._held = chosen(np.flatnonzero(found.open))
        return alone, whole

    def rest(self) -> Folded:
        """The events that were still open when the logs ended."""
        held, self._held = self._held, Rows.none()
        starts = np.searchsorted(held.row, held.event)
        return Folded.of(starts, np.arange(len(held)), held.take)

    @property
    def oldest(self) -> int:
        """The first block of which a row is held."""
        return int(self._held.block.min(initial=self._block + 1))

    @property
    def oldest_row(self) -> int:
        """The first row of which an event is held, or a number that no row has."""
        return int(self._held.row.min(initial=_NO_ROW))


def _now_us(utc_us: Ints) -> int:
    """The instant of the end of a block, NO_TIME for none: what is to come is later, near it.

    The newest of all lines, or of some, may be far from it: clocks can be wrong, lines forged.
    """
    known = utc_us[utc_us != NO_TIME]
    return int(known[-_LAST:].min()) if len(known) else NO_TIME


def rows_alone(facts: Facts, at: Ints, first_row: int, block: int) -> Rows:
    """Some lines of a block, each an event by itself; of their streams nothing is told."""
    us, wording, row = facts.utc_us[at], facts.wording(at), at + first_row
    return Rows(
        row=row,
        block=np.full(len(at), block),
        at=at,
        stream=np.zeros(len(at), np.uint64),
        us=np.where(us == NO_TIME, 0, us),
        line=facts.lines.block.first_line + facts.lines.rows[at],
        raw=np.zeros(len(at), np.bool_),
        wording=wording,
        kind=WORDING.number(wording, "kind").astype(np.int8),
        event=row,
    )
