"""Detect: takes some blocks of a log, gives the layouts its lines have, most lines first."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from parsers.blocks import Block
from parsers.decode import Decoder
from parsers.layouts import BUILT_IN, Layout

#: Lines looked at in each block: enough to know, few enough to be quick. A block of less than
#: twice as many is looked at as a whole.
SAMPLE = 1024
_MISSES = 5
_LONGEST_MISS = 200
#: What a line counts that a layout reads; each of its filled columns counts one more.
_LINE = 100

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

    def __init__(self, layout: Layout, sample: Block) -> None:
        self.layout = layout
        self._sample = sample
        self._decoder = Decoder([layout])
        self._stamps = self._decoder.stamps(sample)
        self.read = self._stamps.layout >= 0
        self._columns = set(layout.columns) - {"message"}

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
    best of the lines still unread, and so on. Candidates come first in a tie.
    """
    sample = _sample(blocks)
    left = np.ones(len(sample), np.bool_)
    readings = [_Reading(layout, sample) for layout in candidates] if len(sample) else []
    found: list[DetectedLayout] = []
    while (best := _best(readings, left)) is not None:
        readings.remove(best)
        lines = int((best.read & left).sum())
        left &= ~best.read
        rows = np.flatnonzero(left)[:_MISSES].tolist()
        misses = tuple(sample.line(row)[:_LONGEST_MISS] for row in rows)
        found.append(DetectedLayout(best.layout, lines, lines / len(sample), misses))
    return found


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


def _sample(blocks: Iterable[Block]) -> Block:
    """Whole lines from each block, spread over it, as one block."""
    lines: list[bytes] = []
    for block in blocks:
        count = len(block)
        step = max(1, count // SAMPLE)
        lines += [block.line(row) for row in range(int(block.torn_head), count, step)]
    return Block.of(b"".join(line + b"\n" for line in lines))
