"""Readings: takes samples of some logs, gives what layouts make of the lines of each.

A layout reads each line by itself, whatever else is there. So it reads the lines of all samples at
once: what that takes depends little on how many there are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cached_property, partial

import numpy as np

from parsers.arrays import Ints, Mask
from parsers.blocks import Block
from parsers.decode import Decoder
from parsers.layouts import Layout
from parsers.lines import NO_LAYOUT, Stamps
from parsers.scanning import ReadAgain

#: The message swallows anything, and the marker says nothing that the client does not.
SAY_NOTHING = frozenset({"message", "client_marker"})
#: What a line counts that a layout reads; each of its filled columns counts one more.
_LINE = 100


class Reading:
    """What one layout makes of a sample.

    Attributes:
        layout: the layout.
        read: bool[n], the lines that it reads.
    """

    def __init__(
        self, layout: Layout, read: Mask, columns: frozenset[str], filled: Callable[[], Ints]
    ) -> None:
        """Take what is known.

        Args:
            layout: as it has it.
            read: the same.
            columns: those that count.
            filled: gives how many of these each line fills that it reads: int64[n].
        """
        self.layout = layout
        self.read = read
        self._columns = len(columns)
        self._fill = filled

    @cached_property
    def _filled(self) -> Ints:
        return self._fill()

    def score(self, left: Mask) -> int:
        """How well it explains the lines that are left."""
        rows = self.read & left
        return _LINE * int(rows.sum()) + int(self._filled[rows].sum()) if rows.any() else 0

    def bound(self, left: Mask) -> int:
        """No score is higher; known without cutting any field."""
        return (_LINE + self._columns) * int((self.read & left).sum())


class Readings:
    """What layouts make of the lines of some samples."""

    def __init__(self, samples: Sequence[Block]) -> None:
        """Take the samples, which end in a newline if they have a line."""
        self._block = samples[0] if len(samples) == 1 else _as_one(samples)
        self._text = ReadAgain(self._block)
        self._ends = np.cumsum([len(sample) for sample in samples]).tolist()
        self._read: dict[Layout, tuple[Decoder, Stamps] | None] = {}
        self._filled: dict[tuple[Layout, frozenset[str]], Ints] = {}

    @cached_property
    def _first(self) -> frozenset[int]:
        return frozenset(self._block.data[self._block.starts].tolist())

    @cached_property
    def _bytes(self) -> bytes:
        return self._block.data[: self._block.size].tobytes()

    def of(self, candidate: Layout, nth: int) -> Iterator[Reading]:
        """Of the layouts to which a candidate settles in one of the samples, given by its place."""
        if candidate not in self._read:
            self._read[candidate] = self._stamps(candidate)
        if (known := self._read[candidate]) is None:
            return
        lines = slice(self._ends[nth - 1] if nth else 0, self._ends[nth])
        stamps = known[1].at(lines)
        rows = np.flatnonzero(stamps.layout != NO_LAYOUT)
        for layout, chosen in candidate.settled(stamps, rows) if len(rows) else ():
            read = np.zeros(len(stamps.layout), np.bool_)
            read[chosen] = True
            columns = frozenset(layout.columns) - SAY_NOTHING
            yield Reading(layout, read, columns, partial(self._fill, candidate, columns, lines))

    def _stamps(self, candidate: Layout) -> tuple[Decoder, Stamps] | None:
        """What reads the lines by a candidate, and what it gives of all; None if it reads none."""
        if not candidate.may_read(self._first, self._bytes):
            return None  # so it is not even compiled
        decoder = Decoder([candidate])
        stamps = decoder.stamps(self._block, self._text)
        return None if (stamps.layout == NO_LAYOUT).all() else (decoder, stamps)

    def _fill(self, candidate: Layout, columns: frozenset[str], lines: slice) -> Ints:
        """How many of some columns are filled in each of some lines that a candidate reads."""
        key = candidate, columns
        if key not in self._filled:
            known = self._read[candidate]
            assert known is not None
            decoder, stamps = known
            filled = self._filled[key] = np.zeros(len(self._block), np.int64)
            rows = np.flatnonzero(stamps.layout != NO_LAYOUT)
            for spans in decoder.fields(self._block, stamps, rows, columns).values():
                filled[rows] += spans.start >= 0
        return self._filled[key][lines]


def _as_one(samples: Sequence[Block]) -> Block:
    return Block.of(b"".join(sample.data[: sample.size].tobytes() for sample in samples))
