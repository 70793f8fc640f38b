"""Stacks: takes the lines of each block that may hold Python's text, gives whole events of them.

`stack_events` tells what is one stack, here it is done over block after block.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from logtool.reports.counted.stack_events import (
    rows_together,
    signs_together,
    stack_events,
    wholes_among,
)
from logtool.reports.meant.facts import Facts
from logtool.reports.meant.wordings import WORDING
from parsers.arrays import Ints, Mask
from parsers.classes import dataclass
from parsers.compiled.rows import Spoken, Wholes
from parsers.lines import NO_TIME

#: An event that goes on for so many blocks is cut.
BLOCKS = 4

#: So many lines at the end of a block tell its time.
_LAST = 1_000
_NO_ROW = np.iinfo(np.int64).max


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
        sign: uint64[n], of what it says, as in `Words`.
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
    sign: NDArray[np.uint64]
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
            ints.view(np.uint64), np.zeros(0, np.int8), ints,
        )  # fmt: skip

    @property
    def spoken(self) -> Spoken:
        """What stacks are found by."""
        return Spoken(self.stream, self.wording, self.sign, self.us, self.line, self.raw)


@dataclass(frozen=True, slots=True, eq=False)
class Folded:
    """Events of which no line is missing.

    Attributes:
        rows: of events, sorted by event, then by row.
        start: int64[m], where each event begins among them.
    """

    rows: Rows
    start: Ints

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
        return signs_together(said, self.start)


@dataclass(frozen=True, slots=True, eq=False)
class Whole:
    """Events that are whole, in the order of their first rows.

    Attributes:
        row, block, at, wording: of the first row of each, as in `Rows`.
        size: int32[e], how many rows it has.
        raises: bool[e], whether an exception may be in it.
        flagged: bool[e], whether a rule may hold on it.
        sign: uint64[e], one number for what it says but for what varies.
        folded: gives some of the events, by their numbers, rising, with all of their rows.
    """

    row: Ints
    block: Ints
    at: Ints
    wording: Ints
    size: NDArray[np.int32]
    raises: Mask
    flagged: Mask
    sign: NDArray[np.uint64]
    folded: Callable[[Ints], Folded]

    def __len__(self) -> int:
        """How many."""
        return len(self.size)

    @classmethod
    def of(
        cls,
        found: Wholes,
        heads: tuple[Ints, Ints, Ints, Ints],
        starts: NDArray[Any],
        rows: Callable[[Ints], Rows],
    ) -> Whole:
        """What was found of some rows.

        Args:
            found: the events.
            heads: what it has of their first rows.
            starts: for each row the first one of its event.
            rows: gives some of the rows.
        """

        def folded(some: Ints) -> Folded:
            if not len(some):
                return Folded(Rows.none(), some)
            chosen = np.zeros(len(starts), np.bool_)
            chosen[found.first[some]] = True
            row, start = rows_together(starts, np.flatnonzero(chosen.take(starts)))
            return Folded(rows(row), start)

        return cls(
            *heads,
            found.size.copy(),
            found.raises.copy(),
            found.flagged.copy(),
            found.sign.copy(),
            folded,
        )


class Stacks:
    """Folds block after block; holds the rows of events that may still go on."""

    def __init__(self) -> None:
        self._held = Rows.none()
        self._block = -1

    def add(self, facts: Facts, first_row: int) -> tuple[Mask, Whole]:
        """Which lines of a block are events by themselves, and events that are whole now.

        These can be `folded` until loops of the kernel are called.

        Args:
            facts: of the next block.
            first_row: the number of its first line in all logs.
        """
        self._block += 1
        held, lines = self._held, facts.lines
        found = stack_events(
            held.spoken,
            (held.block <= self._block - BLOCKS) | (not len(lines)),
            facts.told,
            _now_us(facts.utc_us),
            lines.first_line + int(lines.rows[-1]) if len(lines) else 0,
            torn=len(facts.among("piece")) > 0,
        )
        block, starts = self._block, found.starts
        at: Ints = np.append(held.at, found.at)

        def of_held(some: Ints, own: Ints, theirs: Ints) -> Ints:
            """What rows have of a column of their own; those held of before have another."""
            before = np.flatnonzero(some < len(held))
            own[before] = theirs[some[before]]
            return own

        def places(some: Ints) -> tuple[Ints, Ints, Ints]:
            row = of_held(some, at[some] + first_row, held.row)
            return row, of_held(some, np.full(len(some), block), held.block), at[some]

        def chosen(some: Ints) -> Rows:
            spoken, event = found.rows, starts[some].astype(np.int64)
            return Rows(
                *places(some),
                spoken.stream[some],
                np.where(spoken.us[some] == NO_TIME, 0, spoken.us[some]),
                spoken.line[some],
                spoken.raw[some],
                spoken.tells[some],
                spoken.sign[some],
                found.kind[some],
                of_held(event, at[event] + first_row, held.row),
            )

        first = found.wholes.first.astype(np.int64)
        heads = *places(first), found.rows.tells[first]
        whole = Whole.of(found.wholes, heads, starts, chosen)
        self._held = chosen(np.flatnonzero(found.open))
        return found.alone.copy(), whole

    def rest(self) -> Whole:
        """The events that were still open when the logs ended."""
        held, self._held = self._held, Rows.none()
        starts = np.searchsorted(held.row, held.event)
        found = wholes_among(held.spoken, held.kind, starts, np.arange(len(held)))
        first = held.take(found.first.astype(np.int64))
        heads = first.row, first.block, first.at, first.wording
        return Whole.of(found, heads, starts, held.take)

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
    last = utc_us[-_LAST:]
    if (last == NO_TIME).any():
        last = utc_us[utc_us != NO_TIME][-_LAST:]
    return int(last.min()) if len(last) else NO_TIME


def rows_alone(facts: Facts, at: Ints, first_row: int, block: int) -> Rows:
    """Some lines of a block, each an event by itself; of streams and signs nothing is told."""
    us, wording, row = facts.utc_us[at], facts.wording(at), at + first_row
    return Rows(
        row=row,
        block=np.full(len(at), block),
        at=at,
        stream=np.zeros(len(at), np.uint64),
        us=np.where(us == NO_TIME, 0, us),
        line=facts.lines.first_line + facts.lines.rows[at],
        raw=np.zeros(len(at), np.bool_),
        wording=wording,
        sign=np.zeros(len(at), np.uint64),
        kind=WORDING.number(wording, "kind").astype(np.int8),
        event=row,
    )
