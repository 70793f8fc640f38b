"""Further stamps: takes lines whose stamps are in UTC, gives them with their other times so too.

Some formats print the time twice, in two forms. The clocks go by one of them.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from logtool.writing.splice import Texts, replace_spans
from logtool.writing.styles import TimeStyle, stamp_writers
from parsers.arrays import Bytes, Ints
from parsers.blocks import Block
from parsers.decode import Decoder
from parsers.layouts import Layout
from parsers.lines import NO_OFFSET, NO_TIME, Stamps
from parsers.units import SECOND


def with_further_stamps(
    text: Bytes, layouts: Sequence[Layout], stamps: Stamps, offsets: Ints, style: TimeStyle
) -> Bytes:
    """Write every further time of some lines in UTC.

    Args:
        text: uint8, the lines of a block, the stamps that are told written already.
        layouts: those of the block's decoder.
        stamps: what the block's lines said before.
        offsets: int64[n], seconds east of UTC of each line's clock, or NO_OFFSET.
        style: how times are written.
    """
    for number, layout in enumerate(layouts):
        for further in layout.further:
            known = (stamps.local_us != NO_TIME) & (offsets != NO_OFFSET)
            rows = np.flatnonzero(known & (stamps.layout == number))
            if len(rows):
                text = _written(text, further, rows, offsets[rows], style)
    return text


def _written(text: Bytes, layout: Layout, rows: Ints, offsets: Ints, style: TimeStyle) -> Bytes:
    """The text with the time that a layout tells in UTC on some rows."""
    block = Block.of(text.tobytes()).at(rows)
    decoder = Decoder([layout])
    stamps = decoder.stamps(block)
    east = np.where(stamps.offset_s == NO_OFFSET, offsets, stamps.offset_s)
    wanted = stamps.local_us != NO_TIME
    if style == TimeStyle.KEEP:
        wanted &= east != 0
    utc_us = stamps.local_us - east * SECOND
    texts, done = [], np.zeros_like(wanted)
    for writer, chosen in stamp_writers(style, decoder, block, stamps, wanted):
        first, last = writer.first_second * SECOND, (writer.last_second + 1) * SECOND
        chosen = chosen[(utc_us[chosen] >= first) & (utc_us[chosen] < last)]
        done[chosen] = True
        texts.append(Texts(chosen, writer.write(utc_us[chosen])))
    nth = np.cumsum(done) - 1
    texts = [Texts(nth[part.rows], part.text) for part in texts]
    starts, ends = stamps.time_start[done], stamps.time_end[done]
    return replace_spans(block.data, block.size, starts, ends, texts)
