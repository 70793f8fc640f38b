"""Sums: takes when and by whom lines were written, and for which clients, gives how many of each.

The loop of `texts.wat` goes through them once; numpy does it one by one.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from logtool.reports.period import Period, hours_of_week
from logtool.reports.tallies.tally import Groups, grouped, groups_of
from parsers.arrays import Ints, Mask
from parsers.classes import dataclass
from parsers.compiled import kernel as kernels
from parsers.compiled.rows import Summed
from parsers.lines import NO_TIME

#: Bits of the number of a part, in keys.
_PART_BITS = 11


@dataclass(frozen=True, slots=True, eq=False)
class Sums:
    """How many lines there are.

    Attributes:
        writer, part: int64[k], who wrote the lines of each group of `of_writers`, and in which part
            of the period: in the first one where they have no time.
        of_writers: those, in any order, lines of bad writers as errors; keys are numbers of groups.
        clients: those of each client, the same as errors.
        hours: int64[168], by the hour of the week from Monday in UTC.
    """

    writer: Ints
    part: Ints
    of_writers: Groups
    clients: Groups
    hours: Ints

    @classmethod
    def of(
        cls, utc_us: Ints, writer: NDArray[np.int32], bad: Mask, client: Ints, period: Period
    ) -> Sums:
        """Those of some lines.

        Args:
            utc_us: int64[n], NO_TIME for none.
            writer: int32[n].
            bad: bool[w], whose lines count as errors.
            client: int64[n], 0 for none.
            period: what the parts are of.
        """
        start_us, step_us, last = period.numbers
        rows = Summed(utc_us, writer, bad, client, start_us, step_us, last)
        kernel = kernels.loaded()
        found = None if kernel is None else kernel.summed(rows)
        if found is None:
            of_writers, clients, hours = _plainly(rows, period)
        else:
            of_writers, clients, hours = Groups(*found[0].T), groups_of(found[1]), found[2]
        key = of_writers.key
        return cls(key >> _PART_BITS, key & (1 << _PART_BITS) - 1, of_writers, clients, hours)


def _plainly(rows: Summed, period: Period) -> tuple[Groups, Groups, Ints]:
    """The same without the loop, or of more groups than that can hold."""
    us, writer = rows.us, rows.writer
    bad = rows.bad.take(writer)
    key = writer.astype(np.int64) << _PART_BITS | period.part(us)
    clients = grouped(rows.client, us, bad)
    timed = us[us != NO_TIME]
    return (
        grouped(key, us, bad),
        clients.at(np.flatnonzero(clients.key)),
        hours_of_week(timed),
    )
