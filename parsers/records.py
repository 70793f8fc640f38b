"""Records: takes the stamps of lines, gives lines of one record the pid that one of them tells."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from parsers.arrays import Mask
from parsers.layouts import Layout
from parsers.lines import NO_PID, NO_TIME, Stamps


def with_pids_of_records(stamps: Stamps, layouts: Sequence[Layout]) -> Stamps:
    """The stamps of a block's lines, with pids filled in where another line of the record has one.

    A record is a line that begins one and the further lines right behind it. What a block begins
    with may belong to a record before it, whose pid is not known then.
    """
    if not any(layout.is_further or layout.goes_on for layout in layouts):
        return stamps
    follows = _follows(stamps, layouts)
    rows = np.arange(len(follows))
    head = np.maximum.accumulate(np.where(follows, -1, rows))
    pid = np.full(len(rows), NO_PID, np.int64)
    told = np.flatnonzero((stamps.pid != NO_PID) & (head >= 0))
    pid[head[told]] = stamps.pid[told]
    wanting = (stamps.pid == NO_PID) & (stamps.local_us != NO_TIME) & (head >= 0)
    stamps.pid[wanting] = pid[head[wanting]]
    return stamps


def _follows(stamps: Stamps, layouts: Sequence[Layout]) -> Mask:
    """Which lines go on with a record that a line before them begins."""
    further = np.array([layout.is_further for layout in layouts] + [False])
    behind = np.array(
        [[before in layout.goes_on for layout in layouts] + [False] for before in layouts]
        + [[False] * (len(layouts) + 1)]
    )
    follows = further[stamps.layout]
    follows[1:] |= behind[stamps.layout[:-1], stamps.layout[1:]]
    return follows
