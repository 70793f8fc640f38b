"""Nearby: takes lines that rules may hold on, adds the lines that may belong to the same events.

An event's lines share a process and are near each other in the file, so all others need not be
looked at.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import polars as pl
from numpy.typing import NDArray

from logtool.events.folding import CONTEXT
from logtool.frame.lines import Lines
from parsers.scanning import Mask, Places


@dataclass(eq=False)
class Stretch:
    """The lines of one block, and which of them matter.

    Attributes:
        lines: all of them.
        first_row: the number of the first, counted through all logs.
        hits: int64[m], which of them are asked for, rising.
        folded: bool[m], which hits may be part of a longer event.
        chosen: bool[n], the lines that are needed to fold around hits of this and other stretches.
    """

    lines: Lines
    first_row: int
    hits: Places
    folded: Mask
    chosen: Mask = field(init=False)

    def __post_init__(self) -> None:
        self.chosen = np.zeros(len(self.lines), np.bool_)
        self.chosen[self.hits] = True

    @cached_property
    def pids(self) -> NDArray[np.int64]:
        """int64[n], the pids."""
        return self.lines.stamps.pid[self.lines.rows]

    @property
    def stop_row(self) -> int:
        """The number of the row after its last."""
        return self.first_row + len(self.lines)

    def choose_near(self, other: Stretch) -> None:
        """Choose what may share an event with the hits of a stretch: this one or another."""
        hits = other.hits[other.folded]
        if other.lines.log is not self.lines.log or not len(hits):
            return
        pids = other.pids[hits]
        for pid in np.unique(pids):
            mine = np.flatnonzero(self.pids == pid)
            theirs = hits[pids == pid] + other.first_row
            row = mine + self.first_row
            after = theirs[np.minimum(np.searchsorted(theirs, row), len(theirs) - 1)]
            before = theirs[np.maximum(np.searchsorted(theirs, row) - 1, 0)]
            distance = np.minimum(np.abs(after - row), np.abs(row - before))
            self.chosen[mine[distance <= CONTEXT]] = True

    def frame(self, columns: Iterable[str]) -> pl.DataFrame:
        """The chosen lines, with `row` and `asked`."""
        kept = np.flatnonzero(self.chosen)
        asked = np.zeros(len(self.lines), np.bool_)
        asked[self.hits] = True
        return (
            self.lines.at(kept)
            .frame(tuple(columns))
            .with_columns(pl.Series("row", kept + self.first_row), pl.Series("asked", asked[kept]))
        )


def chosen_near(stretches: Iterable[Stretch]) -> Iterator[Stretch]:
    """The stretches in their order, each once all is chosen; those without a choice are dropped."""
    waiting: deque[Stretch] = deque()
    for stretch in stretches:
        waiting.append(stretch)
        for other in waiting:
            stretch.choose_near(other)
            if other is not stretch:
                other.choose_near(stretch)
        while waiting and waiting[0].stop_row + CONTEXT <= stretch.stop_row:
            yield from _if_chosen(waiting.popleft())
    for left in waiting:
        yield from _if_chosen(left)


def _if_chosen(stretch: Stretch) -> Iterator[Stretch]:
    if stretch.chosen.any():
        yield stretch
