"""Detect: takes some blocks of a log, gives the layouts its lines have, most lines first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from parsers.blocks import Block
from parsers.classes import dataclass
from parsers.cursor import Cursor, Findings
from parsers.decode import Decoder
from parsers.id_brackets import formats_with_ids, may_have_ids
from parsers.layouts import (
    BARE_TIME,
    BRACKETED_TIME,
    BUILT_IN,
    WRAPPED,
    Layout,
    known_layout,
)
from parsers.lines import NO_LAYOUT, Stamps
from parsers.proposed_formats import proposed_formats
from parsers.scanning import ReadAgain, Text
from parsers.wrapped_layouts import behind
from parsers.wrappers import HeadStep

#: Lines looked at in each block: enough to know, few enough to be quick. A block of less than
#: twice as many is looked at as a whole.
SAMPLE = 1024
_MISSES = 5
_LONGEST_MISS = 200
#: What a line counts that a layout reads; each of its filled columns counts one more.
_LINE = 100
#: Share of the lines that must begin with a bare time to take it for a layout.
_MUCH = 0.3

Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class DetectedLayout:
    """A layout and how much of a log it explains.

    Attributes:
        layout: the layout.
        lines: lines of the sample that it reads and no better layout does.
        share: of all sampled lines, 0 … 1.
        misses: the first lines that it does not read and no better layout does.
    """

    layout: Layout
    lines: int
    share: float
    misses: tuple[bytes, ...]


class _Reading:
    """What one layout makes of a sample: each line by itself, whatever else is in the sample.

    Attributes:
        layout: the layout.
        read: bool[n], the lines that it reads.
    """

    def __init__(self, layout: Layout, sample: Block, candidate: Decoder, stamps: Stamps) -> None:
        self.layout = layout
        self.read: Mask = stamps.layout >= 0
        self._sample = sample
        self._decoder = candidate
        self._stamps = stamps
        self._columns = set(layout.columns) - {"message"}

    @classmethod
    def all_of(
        cls, candidate: Layout, sample: Block, text: Text | None = None
    ) -> Iterator[_Reading]:
        """Of the layouts that a candidate settles to; others read the same `text` of the sample."""
        decoder = Decoder([candidate])
        stamps = decoder.stamps(sample, text)
        rows = np.flatnonzero(stamps.layout >= 0)
        for layout, chosen in candidate.settled(stamps, rows) if len(rows) else ():
            numbers = np.full(len(sample), NO_LAYOUT, np.int16)
            numbers[chosen] = 0
            yield cls(layout, sample, decoder, replace(stamps, layout=numbers))

    @cached_property
    def _filled(self) -> NDArray[np.int64]:
        """How many columns each line fills; a message swallows anything and counts nothing."""
        filled = np.zeros(len(self._sample), np.int64)
        rows = np.flatnonzero(self.read)
        fields = self._decoder.fields(self._sample, self._stamps, rows, self._columns)
        for spans in fields.values():
            filled[rows] += spans.start >= 0
        return filled

    def score(self, left: Mask) -> int:
        """How well it explains the lines that are left."""
        rows = self.read & left
        return _LINE * int(rows.sum()) + int(self._filled[rows].sum()) if rows.any() else 0

    def bound(self, left: Mask) -> int:
        """No score is higher; known without cutting any field."""
        return (_LINE + len(self._columns)) * int((self.read & left).sum())


def detect(
    blocks: Iterable[Block], candidates: Sequence[Layout] = BUILT_IN
) -> list[DetectedLayout]:
    """The layouts of some lines, best first; together they read all lines that any candidate reads.

    The best is the one that reads most lines with most of its columns filled; the next one the
    best of the lines still unread, and so on. Candidates of a lower rank come before all of a
    higher one, and the first ones in a tie. A bare time before anything is taken for a layout only
    where much of the log has it, for others than Apache write such lines too.
    """
    sample = sample_of(blocks)
    every = (*_told_by(sample, candidates), *_behind_heads(sample, candidates))
    left = np.ones(len(sample), np.bool_)
    found = list(_by_rank(every, sample, left))
    if candidates is BUILT_IN and left.any() and left.mean() >= _MUCH:
        for bare in _Reading.all_of(BARE_TIME, sample):
            if (bare.read & left).mean() >= _MUCH:
                found.append(_taken(bare, sample, left))
    return found


def _told_by(sample: Block, candidates: Sequence[Layout]) -> tuple[Layout, ...]:
    """The candidates, and the layouts that no list names but lines tell."""
    before, behind_them = layouts_with_ids(sample)
    return (*before, *candidates, *behind_them, *_layouts_of_json(sample))


def _layouts_of_json(sample: Block) -> list[Layout]:
    """Layouts of lines that begin like JSON."""
    if not (sample.data[sample.starts] == ord("{")).any():
        return []
    from parsers.json_formats import json_formats  # 20 ms, and few logs need it

    return [known_layout(one) for one in json_formats(sample)]


def layouts_with_ids(sample: Block) -> tuple[list[Layout], list[Layout]]:
    """Layouts that no list names, where lines seem to have log IDs: made of the lines' heads.

    Returns:
        Those that come before the ones of a list, and those that tell no more than others which
        are as good.
    """
    if not may_have_ids(sample):
        return [], []
    stamps = Decoder([BRACKETED_TIME, BARE_TIME]).stamps(sample)
    found = list(formats_with_ids(sample, stamps))
    bare = (one for one in found if one.bare_ids)
    named = (one for one in found if not one.bare_ids)
    return [known_layout(one) for one in (*bare, *proposed_formats())], [*map(known_layout, named)]


def _behind_heads(sample: Block, candidates: Sequence[Layout]) -> Iterator[Layout]:
    """The layouts of what stands behind the heads of other programs, read behind those."""
    plain = [layout for layout in candidates if layout not in WRAPPED]
    for step in (HeadStep(sure=True), HeadStep(sure=False)):
        rows = np.arange(int(sample.torn_head), len(sample))
        cursor = Cursor(
            Text(sample), Findings(len(sample), ()), rows, sample.starts[rows], sample.ends[rows]
        )
        fine = step.run(cursor)
        ends = sample.ends[rows][fine]
        lines = zip(cursor.at[fine].tolist(), ends.tolist(), strict=True)
        text = b"".join(sample.data[a:b].tobytes() + b"\n" for a, b in lines)
        yield from (behind(one, step) for one in _layouts_of(Block.of(text), plain))


def _layouts_of(sample: Block, candidates: Sequence[Layout]) -> Iterator[Layout]:
    """The layouts of lines without a head, by rank."""
    left = np.ones(len(sample), np.bool_)
    for found in _by_rank(_told_by(sample, candidates), sample, left):
        yield found.layout


def _by_rank(candidates: Sequence[Layout], sample: Block, left: Mask) -> Iterator[DetectedLayout]:
    """The layouts of the lines that are left, those of a lower rank first."""
    for rank in sorted({layout.rank for layout in candidates}):
        if left.any():
            yield from _greedily([one for one in candidates if one.rank == rank], sample, left)


def _greedily(candidates: Sequence[Layout], sample: Block, left: Mask) -> Iterator[DetectedLayout]:
    """The layouts of the lines that are left, most lines first; takes those lines away."""
    text = ReadAgain(sample)
    readings = [one for layout in candidates for one in _Reading.all_of(layout, sample, text)]
    while (best := _best(readings, left)) is not None:
        readings.remove(best)
        yield _taken(best, sample, left)


def _taken(reading: _Reading, sample: Block, left: Mask) -> DetectedLayout:
    """What a layout reads of the lines that are left; takes those lines away."""
    lines = int((reading.read & left).sum())
    left &= ~reading.read
    rows = np.flatnonzero(left)[:_MISSES].tolist()
    misses = tuple(sample.line(row)[:_LONGEST_MISS] for row in rows)
    return DetectedLayout(reading.layout, lines, lines / len(sample), misses)


def _best(readings: Sequence[_Reading], left: Mask) -> _Reading | None:
    """The reading of the highest score, the first of equals; None if no line can be read."""
    bounds = [reading.bound(left) for reading in readings]
    best, highest = -1, 0
    for k in sorted(range(len(readings)), key=lambda k: -bounds[k]):
        if bounds[k] < max(highest, 1):
            break
        score = readings[k].score(left)
        if score > highest or (score == highest and k < best):
            best, highest = k, score
    return readings[best] if highest else None


def likely_layouts(
    blocks: Iterable[Block], candidates: Sequence[Layout] = BUILT_IN
) -> tuple[Layout, ...]:
    """All candidates, those that some lines have first: what a decoder of the whole log needs.

    A log may change its layout after the lines looked at.
    """
    best = [found.layout for found in detect(blocks, candidates)]
    return (*best, *(layout for layout in candidates if layout not in best))


def sample_of(blocks: Iterable[Block]) -> Block:
    """The lines that `detect` looks at: whole ones of each block, spread over it, as one block."""
    lines: list[bytes] = []
    for block in blocks:
        count = len(block)
        step = max(1, count // SAMPLE)
        lines += [block.line(row) for row in range(int(block.torn_head), count, step)]
    return Block.of(b"".join(line + b"\n" for line in lines))
