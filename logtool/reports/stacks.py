"""Stacks: takes the lines of each block that may hold Python's text, gives whole events of them.

It finds the same events as `logtool.events.folding`, over block after block and without frames.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from logtool.events.joining import RAW_LINES, STACK_GAP_US, Mask, among, event_starts, together
from logtool.events.kinds import Kind
from logtool.reports.facts import Facts
from logtool.reports.wordings import WORDING
from parsers.lines import NO_PID, NO_TIME

Ints = NDArray[np.int64]

#: A row of a stream in which there are stacks: its number in the log, its block and its place
#: there, its stream, what folding wants to know of it, and what is counted of it.
ROW = np.dtype([
    ("row", "i8"), ("block", "i8"), ("at", "i8"), ("stream", "u8"), ("us", "i8"), ("line", "i8"),
    ("raw", "?"), ("kind", "i1"), ("levelled", "?"), ("syntax", "?"), ("opens", "?"),
    ("event", "i8"),
])  # fmt: skip
Rows = NDArray[np.void]

#: An event that goes on for so many blocks is cut.
BLOCKS = 4

#: Streams are told apart by so many bits where a few lines too many do no harm.
_SLOT_BITS = 16
_SLOT_SHIFT = np.uint64(64 - _SLOT_BITS)


@dataclass(frozen=True, slots=True, eq=False)
class Folded:
    """Events of which no line is missing.

    Attributes:
        rows: ROW[n], sorted by event, then by row.
        start: int64[m], where each event begins among them.
    """

    rows: Rows
    start: Ints

    @classmethod
    def of(cls, rows: Rows) -> Folded:
        """Rows whose `event` is known, in order of rows."""
        rows = rows[np.argsort(rows["event"], kind="stable")]
        new = np.ones(len(rows), np.bool_)
        np.not_equal(rows["event"][1:], rows["event"][:-1], out=new[1:])
        return cls(rows, np.flatnonzero(new))

    @property
    def size(self) -> Ints:
        """How many rows each event has."""
        return np.diff(np.append(self.start, len(self.rows)))


class Stacks:
    """Folds block after block; holds the rows of events that may still go on."""

    def __init__(self) -> None:
        self._held = np.zeros(0, ROW)
        self._block = -1

    def add(self, facts: Facts, first_row: int) -> tuple[Ints, Folded]:
        """The lines of a block that are events by themselves, and events that are whole now.

        Args:
            facts: of the next block.
            first_row: the number of its first line in all logs.
        """
        self._block += 1
        wording = facts.wording[facts.python]
        stacked = self._in_stacks(facts.stream, WORDING.holds(wording, "stacks"))
        alone = np.ones(len(facts.lines), np.bool_)
        alone[facts.python] = ~stacked
        chosen = np.flatnonzero(stacked)
        at = facts.python[chosen]
        rows = np.zeros(len(chosen), ROW)
        rows["row"], rows["block"], rows["at"] = at + first_row, self._block, at
        rows["stream"] = facts.stream[chosen]
        rows["us"] = np.where(facts.utc_us[at] == NO_TIME, 0, facts.utc_us[at])
        lines = facts.lines
        rows["line"] = lines.numbers[lines.rows[at]]
        rows["raw"] = lines.stamps.pid[lines.rows[at]] == NO_PID
        wording = wording[chosen]
        rows["kind"] = WORDING.number(wording, "kind")
        for name in ("levelled", "syntax", "opens"):
            rows[name] = WORDING.holds(wording, name)
        folded = _folded(np.concatenate([self._held, rows]))
        open_ = self._open(folded, facts)
        self._held = folded[open_]
        return np.flatnonzero(alone), Folded.of(folded[~open_])

    def rest(self) -> Folded:
        """The events that were still open when the logs ended."""
        held, self._held = self._held, self._held[:0]
        return Folded.of(held)

    @property
    def oldest(self) -> int:
        """The first block of which a row is held."""
        return int(self._held["block"].min(initial=self._block + 1))

    def _in_stacks(self, stream: NDArray[np.uint64], stacks: Mask) -> Mask:
        """Lines of streams in which there are stacks, and a few others: they come out as they are.

        Args:
            stream: of some lines.
            stacks: whether they are of a kind that makes stacks.
        """
        slot = stream >> _SLOT_SHIFT
        marked = np.zeros(1 << _SLOT_BITS, np.bool_)
        marked[slot[stacks]] = True
        marked[self._held["stream"] >> _SLOT_SHIFT] = True
        inside: Mask = marked.take(slot.view(np.int64))
        return inside

    def _open(self, folded: Rows, facts: Facts) -> Mask:
        """Which rows belong to an event that a later line could join."""
        if not len(folded) or not len(facts.lines):
            return np.zeros(len(folded), np.bool_)
        order = together(folded["stream"])
        stream = folded["stream"][order]
        last = np.ones(len(order), np.bool_)
        np.not_equal(stream[1:], stream[:-1], out=last[:-1])
        ends = folded[order[last]]
        newest = int(facts.utc_us.max())
        lately = (ends["us"] == 0) | (newest - ends["us"] < STACK_GAP_US)
        last_line = int(facts.lines.numbers[facts.lines.rows[-1]])
        near = ~ends["raw"] | (
            (ends["block"] == self._block) & (ends["line"] > last_line - RAW_LINES)
        )
        young = ends["block"] > self._block - BLOCKS
        alive = ends["event"][(ends["kind"] != Kind.PLAIN) & lately & near & young]
        begun = folded["block"] > self._block - BLOCKS
        open_: Mask = np.isin(folded["event"], alive)
        late = np.unique(folded["event"][open_ & ~begun])
        return open_ & ~np.isin(folded["event"], late) if len(late) else open_


def _folded(rows: Rows) -> Rows:
    """The rows with their `event`."""
    talks = among(rows["kind"], Kind.PLAIN, Kind.FINAL)
    kind = np.where(talks & rows["levelled"], Kind.PYTHON_HEAD, rows["kind"]).astype(np.int8)
    final = kind == Kind.FINAL
    starts = event_starts(
        kind,
        final & rows["syntax"],
        final & rows["opens"],
        rows["stream"],
        rows["us"],
        rows["line"],
        rows["raw"],
    )
    folded = rows.copy()
    folded["kind"] = kind
    folded["event"] = rows["row"][starts]
    return folded
