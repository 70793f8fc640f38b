"""Glance: takes a block and its stamps, gives the level and module of every line.

Only the steps up to the last of the two are run, so messages are not looked at.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from parsers.blocks import Block
from parsers.classes import dataclass
from parsers.decode import Decoder
from parsers.layouts import Layout
from parsers.lines import Spans, Stamps
from parsers.scanning import KEEP, Text
from parsers.steps.cursor import UNKNOWN_LEVEL, Cursor, Findings, run_steps

_COLUMNS = frozenset({"level", "module"})
_MIX = np.array([0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9], np.uint64)
#: Bytes of a module's name that tell it from others.
_WORDS = len(_MIX)


@dataclass(frozen=True, slots=True, eq=False)
class Glance:
    """Level and module of some lines.

    Attributes:
        level: int8[n], index into LEVELS, or -1.
        module: int16[n], index into `modules`, or -1.
        modules: names.
    """

    level: NDArray[np.int8]
    module: NDArray[np.int16]
    modules: list[str]


def glance(decoder: Decoder, block: Block, stamps: Stamps) -> Glance:
    """Level and module of every line of a block."""
    text = Text(block)
    level = np.full(len(block), UNKNOWN_LEVEL, np.int8)
    spans = Spans(np.full(len(block), -1, np.int64), np.full(len(block), -1, np.int64))
    for number, layout in enumerate(decoder.layouts):
        rows = np.flatnonzero(stamps.layout == number)
        count = _steps(layout)
        if not len(rows) or not count:
            continue
        found = Findings(len(rows), _COLUMNS)
        cursor = Cursor(text, found, np.arange(len(rows)), block.starts[rows], block.ends[rows])
        run_steps(layout.plan.steps[:count], cursor)
        # A row that a later step gives up is not the stamp's: its findings count all the same.
        level[rows] = found.level[: len(rows)]
        if (module := found.spans.get("module")) is not None:
            spans.start[rows], spans.end[rows] = module.start, module.end
    numbers, names = _distinct(text, spans)
    return Glance(level, numbers, names)


def _steps(layout: Layout) -> int:
    """How many steps tell level and module."""
    steps = layout.plan.steps
    return max((k for k, step in enumerate(steps, 1) if _COLUMNS & {*step.columns}), default=0)


def _distinct(text: Text, spans: Spans) -> tuple[NDArray[np.int16], list[str]]:
    """The distinct texts of some spans, and which of them each is."""
    numbers = np.full(len(spans.start), -1, np.int16)
    there = np.flatnonzero(spans.end > spans.start)
    if not len(there):
        return numbers, []
    start, length = spans.start[there], spans.end[there] - spans.start[there]
    key = length.astype(np.uint64)
    for k, word in enumerate(text.words(start, _WORDS)):
        key = key * _MIX[k] + (word & KEEP[np.clip(length - 8 * k, 0, 8)])
    _, first, which = np.unique(key, return_index=True, return_inverse=True)
    numbers[there] = which
    ends = spans.end[there]
    return numbers, [
        text.data[start[row] : ends[row]].tobytes().decode("utf-8", "backslashreplace")
        for row in first.tolist()
    ]
