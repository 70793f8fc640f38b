"""Reading: takes blocks of logs and their clocks, gives what their lines say."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from logtool.clocks.table import ClockTable
from logtool.flags.engine import Engine
from logtool.frame.lines import Lines
from logtool.passes import Log
from logtool.reports.facts import Facts, Vocabulary
from logtool.reports.period import Period
from logtool.reports.wish import Wish
from parsers.blocks import Block


class Reader:
    """Reads blocks for a report.

    Attributes:
        vocabulary: what the numbers in facts stand for.
    """

    def __init__(self, wish: Wish, table: ClockTable, period: Period, engine: Engine) -> None:
        """Take what is wished for, the clocks, and the rules that may flag messages."""
        self.vocabulary = Vocabulary(engine, table)
        self._period = period
        self._table = table
        self._conditions = _conditions(wish)
        self._tested = {
            name for condition in self._conditions for name in condition.meta.root_names()
        }

    def facts(self, log: Log, block: Block) -> Facts:
        """What the lines of a block say, as far as they are in the report."""
        return self.vocabulary.facts(self._chosen(Lines(log, block, self._table)), self._period)

    def _chosen(self, lines: Lines) -> Lines:
        if not self._conditions:
            return lines
        kept = lines.frame(self._tested).with_row_index("").filter(self._conditions)[""].to_numpy()
        return lines.at(kept.astype(np.int64))


def _conditions(wish: Wish) -> Sequence[pl.Expr]:
    """What holds on the lines of the report."""
    # A line without a time comes when the one before it does.
    utc = pl.col("utc").forward_fill().backward_fill()
    chosen = wish.chosen()
    conditions = [] if chosen is None else [chosen]
    if wish.since:
        conditions.append(utc >= wish.since)
    if wish.until:
        conditions.append(utc < wish.until)
    return conditions
