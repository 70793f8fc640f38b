"""Choosing: takes what the user selects, gives the rows of a block that are wanted.

Lines are taken one by one: a line that Apache did not stamp (raw text on its standard error) has
neither time nor level, and goes where one of these is asked for.
"""

from __future__ import annotations

from logtool.clocks.table import ClockTable
from logtool.commands.selection import Selection
from logtool.following.coming import Choose
from logtool.passes.logs import StampedBlock
from parsers.arrays import Ints


def chooser(selection: Selection, table: ClockTable | None = None) -> Choose | None:
    """A function from a block to its wanted rows; None if all lines are.

    Args:
        selection: what the user asks for.
        table: the clocks; none where offsets stand in the stamps.

    Raises:
        UsageError: `grep` is no regular expression.
    """
    predicate = selection.expression()
    if predicate is None:
        return None
    # polars is loaded by now; only those who select pay for it.
    from logtool.frame.columns import SCHEMA
    from logtool.frame.lines import Lines

    names = [name for name in SCHEMA if name in predicate.meta.root_names()]
    clocks = table or ClockTable.empty()

    def choose(stamped: StampedBlock) -> Ints:
        lines = Lines(stamped.log, stamped.block, clocks)
        lines.stamps = stamped.stamps
        kept = lines.frame(names).with_row_index("").filter(predicate)[""].to_numpy()
        rows: Ints = lines.rows[kept]
        return rows

    return choose
