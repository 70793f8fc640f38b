"""Rival layouts: takes samples of logs and their layouts, says which other one may be theirs too.

Formats that differ in little read the same lines. Which of them printed a log may be told only by
the lines of another one.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from parsers.blocks import Block
from parsers.decode import Decoder
from parsers.detection.readings import SAY_NOTHING
from parsers.distinct import distinct
from parsers.layouts import Layout
from parsers.lines import NO_LAYOUT


def reads_as_well(rival: Layout, layouts: Sequence[Layout], sample: Block) -> bool:
    """Whether a layout, tried before those of a log, takes their lines and loses nothing.

    Of each of them it takes all lines or none, of one of them all; and no line has fewer columns.
    """
    number, columns = _read(layouts, sample)
    rival_number, rival_columns = _read((rival, *layouts), sample)
    takes = rival_number == 0
    shares = [takes[number == one].mean() for one in distinct(number[number != NO_LAYOUT])]
    return bool((rival_columns >= columns).all()) and 1 in shares and {*shares} <= {0, 1}


def is_told_by(sample: Block, layouts: Sequence[Layout], others: Sequence[Layout]) -> bool:
    """Whether a log shows that its first layout is none of some others, of its rank or a lower one.

    Most of its lines have it, and some of these are read by none of them.
    """
    number, _ = _read(layouts, sample)
    rivals, _ = _read([one for one in others if one.rank <= layouts[0].rank], sample)
    mine = number == 0
    return bool(2 * mine.sum() > len(sample) and (rivals[mine] == NO_LAYOUT).any())


def _read(layouts: Sequence[Layout], sample: Block) -> tuple[NDArray[np.int16], NDArray[np.int64]]:
    """The number of each line's layout, and how many columns this fills."""
    decoder = Decoder(layouts)
    stamps = decoder.stamps(sample)
    names = {name for layout in layouts for name in layout.columns} - SAY_NOTHING
    fields = decoder.fields(sample, stamps, np.arange(len(sample)), names)
    filled = np.where(stamps.layout == NO_LAYOUT, -1, 0)
    for spans in fields.values():
        filled += spans.start >= 0
    return stamps.layout, filled
