"""Detect: takes some blocks of a log, gives the layouts its lines have, most lines first."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from parsers.blocks import Block
from parsers.decode import Decoder
from parsers.layouts import BUILT_IN, Layout

#: Lines looked at in each block: enough to know, few enough to be quick.
_SAMPLE = 1024
_MISSES = 5
_LONGEST_MISS = 200


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


def detect(
    blocks: Iterable[Block], candidates: Sequence[Layout] = BUILT_IN
) -> list[DetectedLayout]:
    """The layouts of some lines, best first; together they read all lines that any candidate reads.

    The best is the one that reads most lines with most of its columns filled; the next one the
    best of the lines still unread, and so on. Candidates come first in a tie.
    """
    sample = _sample(blocks)
    total = len(sample)
    found: list[DetectedLayout] = []
    left = [*candidates]
    while left and len(sample):
        scores = [_score(layout, sample) for layout in left]
        best = max(range(len(left)), key=lambda k: (scores[k], -k))
        if scores[best] <= 0:
            break
        layout = left[best]
        # One that reads none of these lines reads none of the rest.
        left = [one for one, score in zip(left, scores, strict=True) if score and one is not layout]
        unread = Decoder([layout]).stamps(sample).layout < 0
        lines = len(sample) - int(unread.sum())
        sample = _rows(sample, np.flatnonzero(unread))
        misses = tuple(sample.line(row)[:_LONGEST_MISS] for row in range(min(_MISSES, len(sample))))
        found.append(DetectedLayout(layout, lines, lines / total, misses))
    return found


def likely_layouts(
    blocks: Iterable[Block], candidates: Sequence[Layout] = BUILT_IN
) -> tuple[Layout, ...]:
    """All candidates, those that some lines have first: what a decoder of the whole log needs.

    A log may change its layout after the lines looked at.
    """
    best = [found.layout for found in detect(blocks, candidates)]
    return (*best, *(layout for layout in candidates if layout not in best))


def _score(layout: Layout, sample: Block) -> int:
    """How many lines a layout reads; a filled column counts a little, a swallowed one nothing."""
    decoder = Decoder([layout])
    stamps = decoder.stamps(sample)
    rows = np.flatnonzero(stamps.layout >= 0)
    if not len(rows):
        return 0
    fields = decoder.fields(sample, stamps, rows, set(layout.columns) - {"message"})
    filled = sum(int((spans.start >= 0).sum()) for spans in fields.values())
    return 100 * len(rows) + filled


def _rows(block: Block, rows: np.ndarray[tuple[int], np.dtype[np.int64]]) -> Block:
    """Some lines of a block, as a block over the same bytes."""
    return Block(
        block.data, block.size, block.starts[rows], block.ends[rows], block.first_line, block.offset
    )


def _sample(blocks: Iterable[Block]) -> Block:
    """Whole lines from each block, spread over it, as one block."""
    lines: list[bytes] = []
    for block in blocks:
        count = len(block)
        step = max(1, count // _SAMPLE)
        lines += [block.line(row) for row in range(int(block.torn_head), count, step)]
    return Block.of(b"".join(line + b"\n" for line in lines))
