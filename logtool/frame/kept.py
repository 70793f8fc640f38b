"""Kept: takes a few lines of each of many blocks, gives them as one frame later.

To look at lines costs nearly the same for one and for a thousand. So those of which nothing must be
known at once are copied, and looked at together.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import groupby

import numpy as np
import polars as pl
from numpy.typing import NDArray

from logtool.clocks.table import ClockTable
from logtool.frame.lines import Lines
from logtool.passes.logs import Log
from parsers.classes import dataclass
from parsers.excerpts import Excerpt, excerpt, joined

Places = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Kept:
    """Some lines of a block, in memory of their own.

    Attributes:
        log: their log.
        table: its clocks.
        excerpt: their bytes and stamps.
        numbers: int64[n], their numbers in the file.
    """

    log: Log
    table: ClockTable
    excerpt: Excerpt
    numbers: Places

    @classmethod
    def of(cls, lines: Lines, at: Places) -> Kept:
        """Some of the lines of a block, by their index among them; at least one."""
        stamps = lines.stamps  # of the whole block: found once, however often some are kept
        some = lines.at(at)
        return cls(some.log, some.table, excerpt(some.block, stamps, some.rows), some.numbers)


class _Together(Lines):
    """Lines of one log that were kept, one part behind the other."""

    def __init__(self, parts: Sequence[Kept]) -> None:
        block, self.stamps = joined([part.excerpt for part in parts])
        super().__init__(parts[0].log, block, parts[0].table)
        self._numbers = np.concatenate([part.numbers for part in parts])

    @property
    def numbers(self) -> Places:
        return self._numbers


def frame_together(parts: Sequence[Kept], columns: Collection[str]) -> pl.DataFrame:
    """The columns of all lines that were kept, at least one, in the order of `SCHEMA`."""
    runs = groupby(parts, lambda part: part.log.number)
    return pl.concat(_Together(list(run)).frame(columns) for _, run in runs)
