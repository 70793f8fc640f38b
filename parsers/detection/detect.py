"""Detect: takes some blocks of a log, gives the layouts its lines have, most lines first."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from parsers.arrays import Mask
from parsers.blocks import Block
from parsers.bracket_looks import may_have_ids
from parsers.built_in import (
    BARE_TIME,
    BRACKETED_TIME,
    BUILT_IN,
    TIME_BEHIND_BRACKET,
    WRAPPED,
)
from parsers.classes import dataclass
from parsers.decode import Decoder
from parsers.detection.readings import Reading, Readings
from parsers.detection.wrapped_layouts import behind
from parsers.layouts import Layout, known_layout
from parsers.scanning import Text
from parsers.steps.cursor import Cursor, Findings
from parsers.steps.wrappers import HeadStep

#: Lines looked at in each block: enough to know, few enough to be quick. A block of less than
#: twice as many is looked at as a whole.
SAMPLE = 1024
_MISSES = 5
_LONGEST_MISS = 200
#: Share of the lines that must begin with a bare time to take it for a layout.
_MUCH = 0.3


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


@dataclass(slots=True, eq=False)
class _Search:
    """Which layouts the lines of one sample have.

    Attributes:
        sample: the lines.
        candidates: layouts that they may have.
        left: bool[n], the lines that none of those found reads.
        found: those found, best first.
    """

    sample: Block
    candidates: Sequence[Layout]
    left: Mask
    found: list[DetectedLayout]

    @classmethod
    def of(cls, sample: Block, candidates: Sequence[Layout]) -> _Search:
        """Begin."""
        return cls(sample, candidates, np.ones(len(sample), np.bool_), [])

    def take(self, reading: Reading) -> None:
        """Take what a layout reads of the lines that are left."""
        lines = int((reading.read & self.left).sum())
        self.left &= ~reading.read
        rows = np.flatnonzero(self.left)[:_MISSES].tolist()
        misses = tuple(self.sample.line(row)[:_LONGEST_MISS] for row in rows)
        share = lines / len(self.sample)
        self.found.append(DetectedLayout(reading.layout, lines, share, misses))


def detect(
    blocks: Iterable[Block], candidates: Sequence[Layout] = BUILT_IN
) -> list[DetectedLayout]:
    """The layouts of some lines, best first; together they read all lines that any candidate reads.

    The best is the one that reads most lines with most of its columns filled; the next one the
    best of the lines still unread, and so on. Candidates of a lower rank come before all of a
    higher one, and the first ones in a tie. A bare time before anything is taken for a layout only
    where much of the log has it, for others than Apache write such lines too.
    """
    return detect_each([sample_of(blocks)], candidates)[0]


def detect_each(
    samples: Sequence[Block], candidates: Sequence[Layout] = BUILT_IN
) -> list[list[DetectedLayout]]:
    """What `detect` gives of each of some logs, of which `sample_of` gives the lines.

    To look at many at once takes little longer than at one.
    """
    searches = [
        _Search.of(sample, (*_told_by(sample, candidates), *behind_them))
        for sample, behind_them in zip(samples, _behind_heads(samples, candidates), strict=True)
    ]
    _by_rank(searches)
    for search in searches if candidates is BUILT_IN else ():
        if search.left.any() and search.left.mean() >= _MUCH:
            for bare in Readings([search.sample]).of(BARE_TIME, 0):
                if (bare.read & search.left).mean() >= _MUCH:
                    search.take(bare)
    return [search.found for search in searches]


def _told_by(sample: Block, candidates: Sequence[Layout]) -> tuple[Layout, ...]:
    """The candidates, and the layouts that no list names but lines tell."""
    before, behind_them = layouts_with_ids(sample)
    return (*before, *candidates, *behind_them, *_layouts_of_json(sample))


def _layouts_of_json(sample: Block) -> list[Layout]:
    """Layouts of lines that begin like JSON."""
    if not (sample.data[sample.starts] == ord("{")).any():
        return []
    from parsers.detection.json_formats import json_formats  # 20 ms, and few logs need it

    return [known_layout(one) for one in json_formats(sample)]


def layouts_with_ids(sample: Block) -> tuple[list[Layout], list[Layout]]:
    """Layouts that no list names, where lines seem to have log IDs: made of the lines' heads.

    Returns:
        Those that come before the ones of a list, and those that tell no more than others which
        are as good.
    """
    if not may_have_ids(sample):
        return [], []
    from parsers.detection.proposed_formats import proposed_formats
    from parsers.id_brackets import formats_with_ids  # 3 ms with the line above

    stamps = Decoder([BRACKETED_TIME, TIME_BEHIND_BRACKET, BARE_TIME]).stamps(sample)
    found = list(formats_with_ids(sample, stamps))
    bare = (one for one in found if one.bare_ids)
    named = (one for one in found if not one.bare_ids)
    return [known_layout(one) for one in (*bare, *proposed_formats())], [*map(known_layout, named)]


def _behind_heads(samples: Sequence[Block], candidates: Sequence[Layout]) -> list[list[Layout]]:
    """Of each sample the layouts of what stands behind other programs' heads, read behind those."""
    plain = [layout for layout in candidates if layout not in WRAPPED]
    found: list[list[Layout]] = [[] for _ in samples]
    for step in (HeadStep(sure=True), HeadStep(sure=False)):
        wrapped = [
            (nth, text) for nth, sample in enumerate(samples) if (text := _behind(step, sample))
        ]
        searches = []
        for _, text in wrapped:
            inner = Block.of(text)
            searches.append(_Search.of(inner, _told_by(inner, plain)))
        _by_rank(searches)
        for (nth, _), search in zip(wrapped, searches, strict=True):
            found[nth] += (behind(one.layout, step) for one in search.found)
    return found


def _behind(step: HeadStep, sample: Block) -> bytes:
    """What stands behind the heads of lines, one line for each that has one."""
    rows = np.arange(int(sample.torn_head), len(sample))
    cursor = Cursor(
        Text(sample), Findings(len(sample), ()), rows, sample.starts[rows], sample.ends[rows]
    )
    fine = step.run(cursor)
    lines = zip(cursor.at[fine].tolist(), sample.ends[rows][fine].tolist(), strict=True)
    return b"".join(sample.data[a:b].tobytes() + b"\n" for a, b in lines)


def _by_rank(searches: Sequence[_Search]) -> None:
    """Find the layouts of the lines that are left, those of a lower rank first."""
    for rank in sorted({layout.rank for search in searches for layout in search.candidates}):
        _greedily(rank, [search for search in searches if search.left.any()])


def _greedily(rank: int, searches: Sequence[_Search]) -> None:
    """Find the layouts of a rank of the lines that are left, most lines first."""
    if not searches:
        return
    every = Readings([search.sample for search in searches])
    for nth, search in enumerate(searches):
        mine = (layout for layout in search.candidates if layout.rank == rank)
        readings = [one for layout in mine for one in every.of(layout, nth)]
        while (best := _best(readings, search.left)) is not None:
            readings.remove(best)
            search.take(best)


def _best(readings: Sequence[Reading], left: Mask) -> Reading | None:
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


def likely_layouts(blocks: Iterable[Block]) -> tuple[Layout, ...]:
    """All that is built in, those that some lines have first: what a decoder of the log needs.

    A log may change its layout after the lines looked at.
    """
    best = [found.layout for found in detect(blocks)]
    return (*best, *(layout for layout in BUILT_IN if layout not in best))


def sample_of(blocks: Iterable[Block]) -> Block:
    """The lines that `detect` looks at: whole ones of each block, spread over it, as one block."""
    lines: list[bytes] = []
    for block in blocks:
        count = len(block)
        step = max(1, count // SAMPLE)
        lines += [block.line(row) for row in range(int(block.torn_head), count, step)]
    return Block.of(b"".join(line + b"\n" for line in lines))
