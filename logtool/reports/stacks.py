"""Stacks: takes the lines of each block that may hold Python's text, gives whole events of them.

It finds the same events as `logtool.events.folding`, over block after block and without frames.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from logtool.events.joining import (
    RAW_LINES,
    STACK_GAP_US,
    Mask,
    among,
    event_starts,
    together,
)
from logtool.events.kinds import Kind
from logtool.reports.facts import Facts
from logtool.reports.wordings import WORDING
from parsers.classes import dataclass
from parsers.lines import NO_TIME

Ints = NDArray[np.int64]

#: An event that goes on for so many blocks is cut.
BLOCKS = 4

#: Streams are told apart by so many bits where a few lines too many do no harm.
_SLOT_BITS = 16
_SLOT_SHIFT = np.uint64(64 - _SLOT_BITS)
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

    @classmethod
    def join(cls, parts: Sequence[Rows]) -> Rows:
        """One after the other."""
        some = [part for part in parts if len(part)]
        if len(some) == 1:
            return some[0]
        return cls(
            *(np.concatenate([getattr(part, one.name) for part in parts]) for one in fields(cls))
        )


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
    def of(cls, rows: Rows, starts: Ints, chosen: Ints) -> Folded:
        """Some of the rows whose `event` is known, in order of rows.

        Args:
            rows: the rows, 2**32 at most.
            starts: for each the index of the first row of its event.
            chosen: indices of all rows of some events, rising.
        """
        # One sort of numbers takes a fraction of a stable sort of places.
        packed = starts[chosen] << 32 | chosen
        packed.sort()
        start = packed >> 32
        new = np.ones(len(packed), np.bool_)
        np.not_equal(start[1:], start[:-1], out=new[1:])
        return cls(rows.take(packed & 0xFFFFFFFF), np.flatnonzero(new))

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

    def add(self, facts: Facts, first_row: int) -> tuple[Ints, Folded]:
        """The lines of a block that are events by themselves, and events that are whole now.

        Args:
            facts: of the next block.
            first_row: the number of its first line in all logs.
        """
        self._block += 1
        stacks = WORDING.holds(facts.wording[facts.python], "stacks")
        stacks[_may_go_on(facts)] = True
        stacked = np.flatnonzero(self._in_stacks(facts.stream, stacks))
        rows = Rows.join([self._held, _rows(facts, stacked, first_row, self._block)])
        rows, starts = _folded(rows)
        open_ = self._open(rows, starts, facts)
        whole = np.bincount(starts, minlength=len(rows))[starts] > 1
        whole[: len(self._held)] = True
        whole[len(self._held) :] |= stacks[stacked]
        whole &= ~open_
        alone = np.ones(len(facts.lines), np.bool_)
        held = np.flatnonzero(open_)
        for some in (whole, held):
            here = rows.at[some][rows.block[some] == self._block]
            alone[here] = False
        self._held = rows.take(held)
        return np.flatnonzero(alone), Folded.of(rows, starts, np.flatnonzero(whole))

    def rest(self) -> Folded:
        """The events that were still open when the logs ended."""
        held, self._held = self._held, Rows.none()
        every = np.arange(len(held))
        return Folded.of(held, np.searchsorted(held.row, held.event), every)

    @property
    def oldest(self) -> int:
        """The first block of which a row is held."""
        return int(self._held.block.min(initial=self._block + 1))

    @property
    def oldest_row(self) -> int:
        """The first row of which an event is held, or a number that no row has."""
        return int(self._held.row.min(initial=_NO_ROW))

    def _in_stacks(self, stream: NDArray[np.uint64], stacks: Mask) -> Mask:
        """Lines of streams in which there are stacks, and a few others: they come out as they are.

        Args:
            stream: of some lines.
            stacks: whether they are of a kind that makes stacks, or may be followed by one.
        """
        slot = (stream >> _SLOT_SHIFT).view(np.int64)
        marked = np.zeros(1 << _SLOT_BITS, np.bool_)
        marked[slot[stacks]] = True
        marked[self._held.stream >> _SLOT_SHIFT] = True
        return marked.take(slot)

    def _open(self, rows: Rows, starts: Ints, facts: Facts) -> Mask:
        """Which rows belong to an event that a later line could join.

        Args:
            rows: those held and those of the block, in their order.
            starts: for each the index of the first row of its event.
            facts: of the block.
        """
        newest = int(facts.utc_us.max(initial=NO_TIME))
        lately = (rows.us == 0) | (newest - rows.us < STACK_GAP_US)
        if not len(facts.lines) or not lately.any():
            return np.zeros(len(rows), np.bool_)
        # A late line that is the last of its stream is so among all from the first late one on.
        begin = int(np.argmax(lately))
        order = together(rows.stream[begin:])
        stream = rows.stream[begin:][order]
        last = np.ones(len(order), np.bool_)
        np.not_equal(stream[1:], stream[:-1], out=last[:-1])
        at = begin + order[last]
        ends = rows.take(at)
        last_line = facts.lines.block.first_line + int(facts.lines.rows[-1])
        near = ~ends.raw | ((ends.block == self._block) & (ends.line > last_line - RAW_LINES))
        young = ends.block > self._block - BLOCKS
        alive = np.zeros(len(rows), np.bool_)
        alive[starts[at[(ends.kind != Kind.PLAIN) & lately[at] & near & young]]] = True
        begun = self._held.block <= self._block - BLOCKS
        alive[starts[: len(begun)][begun]] = False
        return alive[starts]


def _may_go_on(facts: Facts) -> Ints:
    """Lines with Python's text that a stack in the next block may join: late ones, not PLAIN.

    Returns:
        Which of those lines.
    """
    us = facts.utc_us[facts.python]
    newest = int(facts.utc_us.max(initial=0))
    late = np.flatnonzero((us == NO_TIME) | (us > newest - STACK_GAP_US))
    wording, rows = facts.wording[facts.python[late]], facts.lines.rows
    near = ~facts.raw[late] | (rows[facts.python[late]] > rows[-1:] - RAW_LINES)
    talks = WORDING.number(wording, "kind") != Kind.PLAIN
    talks |= WORDING.holds(wording, "levelled")
    answer: Ints = late[talks & near]
    return answer


def _rows(facts: Facts, chosen: Ints, first_row: int, block: int) -> Rows:
    """Some of the lines that may hold Python's text, not folded yet."""
    rows = rows_alone(facts, facts.python[chosen], first_row, block)
    return replace(rows, stream=facts.stream[chosen], raw=facts.raw[chosen])


def rows_alone(facts: Facts, at: Ints, first_row: int, block: int) -> Rows:
    """Some lines of a block, each an event by itself; of their streams nothing is told."""
    us, wording, row = facts.utc_us[at], facts.wording[at], at + first_row
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


def _folded(rows: Rows) -> tuple[Rows, Ints]:
    """The rows with their `event`, and for each the index of the first row of that."""
    talks = among(rows.kind, Kind.PLAIN, Kind.FINAL)
    levelled = talks & WORDING.holds(rows.wording, "levelled")
    kind = np.where(levelled, np.int8(Kind.PYTHON_HEAD), rows.kind)
    final = kind == Kind.FINAL
    starts = event_starts(
        kind,
        final & WORDING.holds(rows.wording, "syntax"),
        final & WORDING.holds(rows.wording, "opens"),
        rows.stream,
        rows.us,
        rows.line,
        rows.raw,
    )
    return replace(rows, kind=kind, event=rows.row[starts]), starts
