"""Columns: takes a log and layouts, gives what each line's columns say."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from parsers.blocks import Block
from parsers.decode import Decoder
from parsers.detection.detect import detect
from parsers.layouts import Layout
from parsers.lines import NO_LAYOUT


def columns(log: str, layouts: Sequence[Layout]) -> list[dict[str, str] | None]:
    """The filled columns of each line, or None for a line that no layout reads."""
    block = Block.of(log.encode())
    decoder = Decoder(layouts)
    stamps = decoder.stamps(block)
    names = {name for layout in layouts for name in layout.columns}
    fields = decoder.fields(block, stamps, np.arange(len(block)), names)
    return [
        {
            name: block.data[spans.start[row] : spans.end[row]].tobytes().decode()
            for name, spans in fields.items()
            if spans.start[row] >= 0
        }
        if stamps.layout[row] != NO_LAYOUT
        else None
        for row in range(len(block))
    ]


def found_columns(log: str) -> list[dict[str, str] | None]:
    """What each line of a log says, read by what is found in it."""
    return columns(log, [one.layout for one in detect([Block.of(log.encode())])])
